"""For support: one correction for all records of a cause, and corrections as a sheet."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from entities.admin import guard
from entities.admin.answers import CorrectionForm, SheetForm
from entities.engine.errors import Refused
from entities.operations import jobs, record, tryout
from tracking import imports
from tracking.actions.base import ActionRefused
from tracking.actions.bulk import CorrectGroup, ReadSheet, TryGroup
from tracking.admin import causes
from tracking.admin.base import may_see_people
from tracking.admin.confirm import REFUSED
from tracking.masking import masked
from tracking.models import Issue, IssueGroup, Job, Wave
from tracking.triage import groups

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def urls(page: ModelAdmin) -> list[Any]:
    def view(shown: Any) -> Any:
        return page.admin_site.admin_view(guard.reachable(shown))

    return [
        path("group/<int:pk>/correct/", view(bound(page, correct)), name="entities_group_correct"),
        path("group/<int:pk>/sheet.<slug:kind>", view(bound(page, export)), name="entities_export"),
        path("import/<int:pk>/", view(bound(page, read_sheet)), name="entities_import"),
    ]


def bound(page: ModelAdmin, view: Any) -> Any:
    def answer(request: HttpRequest, **found: Any) -> HttpResponse:
        response: HttpResponse = view(page, request, **found)
        return response

    return answer


def correct(page: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Typed, then tried by a worker, then confirmed, then applied by a worker."""
    if not request.user.has_perm(TryGroup.permission):
        raise PermissionDenied
    cause = groups.cause_of(get_object_or_404(IssueGroup, pk=pk))
    step = request.POST.get("step", "") if request.method == "POST" else ""
    if step in ("ask", "apply"):
        return _apply(page, request, cause, step)
    form = _form(request, cause)
    refusal = ""
    if request.method == "POST" and form is not None and form.is_valid():
        action = TryGroup(
            cause, form.cleaned_data["values"], actor=request.user, reason=form.cleaned_data["reason"]
        )
        try:
            action.perform(timezone.now())
            return redirect(causes.job_page(action))
        except ActionRefused as refused:
            refusal = str(refused)
    context = {**_context(page, request, cause), "form": form, "refusal": refusal}
    return TemplateResponse(
        request, "entities/record/group.html", context, status=REFUSED if refusal else 200
    )


def _context(page: ModelAdmin, request: HttpRequest, cause: groups.Cause) -> dict[str, Any]:
    return {
        **page.admin_site.each_context(request), "opts": IssueGroup._meta, "cause": causes.shown(cause),
        "title": _("Correct all records with %(code)s") % {"code": cause.code}, "back": causes.address(cause.pk),
    }  # fmt: skip


def _form(request: HttpRequest, cause: groups.Cause) -> CorrectionForm | None:
    issue = cause.issues().first()
    if issue is None:
        return None
    try:
        columns = record.columns(issue, None, tryout.migration_of(issue), personal=may_see_people(request))
    except Refused:
        return None
    data = request.POST if request.method == "POST" else None
    return CorrectionForm(data, table=issue.legacy_table, columns=columns, for_group=True)


def _apply(page: ModelAdmin, request: HttpRequest, cause: groups.Cause, step: str) -> HttpResponse:
    """The values are those that were tried: they are taken from the try, so that nothing else can slip in."""
    tried = _tried(request, cause)
    reason = str(request.POST.get("reason") or tried.params.get("reason") or "")
    action = CorrectGroup(cause, dict(tried.params.get("values") or {}), actor=request.user, reason=reason)
    if not action.is_permitted():
        raise PermissionDenied
    refusal = ""
    if step == "apply":
        try:
            action.perform(timezone.now())
            return redirect(causes.job_page(action))
        except ActionRefused as refused:
            refusal = str(refused)
    issue = cause.issues().first()
    values = masked(action.values, issue.legacy_table if issue else "", personal=may_see_people(request))
    context = {
        **_context(page, request, cause), "effect": action.effect(), "values": values, "reason": reason, "job": tried,
        "refusal": refusal, "tried": tried.result.get("outcomes") or {},
    }  # fmt: skip
    return TemplateResponse(
        request, "entities/record/group_apply.html", context, status=REFUSED if refusal else 200
    )


def _tried(request: HttpRequest, cause: groups.Cause) -> Job:
    number = str(request.POST.get("job", ""))
    tried = Job.objects.filter(
        pk=int(number) if number.isdigit() and len(number) < 18 else 0, wave=cause.wave
    ).first()
    if tried is None or tried.kind != Job.Kind.TRY or tried.params.get("group") != cause.pk:
        raise Http404
    return tried


def export(page: ModelAdmin, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The records of a cause as a sheet, at most 10,000; hidden values stay hidden."""
    if not request.user.has_perm("tracking.view_issue"):
        raise PermissionDenied
    if kind not in CONTENT_TYPES:
        raise Http404
    cause = groups.cause_of(get_object_or_404(IssueGroup, pk=pk))
    issues = list(cause.issues().defer("payload")[: imports.MOST_LINES])
    current = _Masked(jobs.current_values(issues), may_see_people(request))
    sheet = imports.sheet(issues, _columns, current)
    answer = HttpResponse(imports.written(sheet, kind), content_type=CONTENT_TYPES[kind])
    answer["Content-Disposition"] = (
        f'attachment; filename="{cause.code.lower()}-{cause.entity_type.replace(":", "-")}.{kind}"'
    )
    return answer


def _columns(issue: Issue) -> list[str]:
    """The guilty columns of the legacy row; where none is known, one line whose field is to be filled in."""
    mappings = [
        one for one in tryout.migration_of(issue).mappings if one.source._meta.db_table == issue.legacy_table
    ]
    live = {one.column for one in record.model_of(issue.legacy_table)._meta.concrete_fields}
    return sorted(record.guilty_columns(issue, mappings) & live) or [""]


class _Masked:
    """Current values as this person may see them."""

    def __init__(self, current: Any, personal: bool) -> None:
        self.current, self.personal = current, personal

    def __call__(self, issue: Issue, column: str) -> Any:
        value = self.current(issue, column) if column else ""
        return masked({column: value}, issue.legacy_table, personal=self.personal)[column]


def read_sheet(page: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """A file is taken and read by a worker; every line is shown before anything changes."""
    if not request.user.has_perm(ReadSheet.permission):
        raise PermissionDenied
    wave = get_object_or_404(Wave, pk=pk)
    form = SheetForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["sheet"]
        try:
            action = ReadSheet(
                wave, imports.read(given.name, given.read()), file_name=given.name, actor=request.user
            )
            action.perform(timezone.now())
            return redirect(causes.job_page(action))
        except (imports.BadSheet, ActionRefused) as refusal:
            form.add_error("sheet", str(refusal))
    context = {
        **page.admin_site.each_context(request), "opts": IssueGroup._meta, "form": form, "wave": wave,
        "title": _("Import corrections"), "columns": imports.COLUMNS, "most": imports.MOST_LINES,
        "back": f"{reverse('admin:tracking_issuegroup_changelist')}?wave={wave.pk}",
    }  # fmt: skip
    return TemplateResponse(request, "entities/record/import.html", context)

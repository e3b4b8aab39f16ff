"""Requests over many issues: how far they are, and what came of them. Values are masked by role."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from tracking.actions.bulk import ImportSheet
from tracking.admin import causes, confirm, run_content
from tracking.admin.base import BigTableAdmin, badge, may_see_people
from tracking.admin.forms import NoteForm
from tracking.masking import masked
from tracking.models import Issue, Job, Requeue, Run
from tracking.states import IssueState
from tracking.words import said

LINES = 50
COLOURS = {"waiting": "warning", "running": "running", "done": "completed", "failed": "failed"}
OUTCOMES = (
    ("fixed", gettext_lazy("fixed"), "success"), ("same", gettext_lazy("same problem"), "warning"),
    ("new", gettext_lazy("another problem"), "danger"), ("gone", gettext_lazy("not in legacy any more"), ""),
)  # fmt: skip


@admin.register(Job)
class JobAdmin(BigTableAdmin):
    list_display = ("shown_what", "shown_state", "shown_progress", "asked_by", "asked_at", "finished_at")
    list_filter = ("kind", "state", "wave")
    list_select_related = ("asked_by",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("params", "result")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/live/", view(self.live), name="tracking_job_live"),
            path("<int:pk>/apply/", view(self.apply), name="tracking_job_apply"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        job = self._job(request, int(object_id) if object_id.isdigit() else 0)
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": str(job.get_kind_display()),
                   **content(job, request)}  # fmt: skip
        return TemplateResponse(request, "tracking/issue/job.html", context)

    def live(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The progress, renewed; a state that changed reloads the whole page."""
        job = self._job(request, pk)
        answer = TemplateResponse(request, "tracking/issue/job_live.html", content(job, request))
        if request.GET.get("seen", job.state) != job.state:
            answer["HX-Refresh"] = "true"
        return answer

    def apply(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The confirmation of applying a sheet that was read."""
        job = self._job(request, pk)
        page = confirm.Confirmation(
            _("Apply the corrections of the sheet"), ImportSheet,
            lambda values: ImportSheet(job, actor=request.user, reason=values.get("reason") or ""),
            reverse("admin:tracking_job_change", args=[pk]), form=NoteForm, button=_("Apply"), done=causes.job_page,
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def _job(self, request: HttpRequest, pk: int) -> Job:
        if not self.has_view_permission(request):
            raise PermissionDenied
        job = Job.objects.select_related("wave", "asked_by").filter(pk=pk).first()
        if job is None:
            raise Http404
        return job

    @display(description=gettext_lazy("request"))
    def shown_what(self, job: Job) -> str:
        return f"{job.pk} {job.get_kind_display()}"

    @display(description=gettext_lazy("state"))
    def shown_state(self, job: Job) -> SafeString:
        return badge(COLOURS[job.state], job.get_state_display(), words=said(job.state))

    @display(description=gettext_lazy("progress"))
    def shown_progress(self, job: Job) -> str:
        return f"{job.done:,} / {job.total:,}"


def content(job: Job, request: HttpRequest) -> dict[str, Any]:
    """Everything that the page of a request shows."""
    personal, result = may_see_people(request), job.result or {}
    table = _table(job)
    return {
        "job": job, "badge": badge(COLOURS[job.state], job.get_state_display(), words=said(job.state)), "pace": _pace(job),
        "percent": min(100, job.done * 100 // job.total) if job.total else 0,
        "values": masked(job.params.get("values") or {}, table, personal=personal), "reason": job.params.get("reason", ""),
        "cause": job.params if "code" in job.params else None, "group": job.params.get("group"), "result": result,
        "outcomes": _outcomes(result), "shown": [_masked_try(one, personal) for one in result.get("shown", [])],
        "lines": _lines(result, request, personal), "came": _came(result), "may": causes.may(request),
        "requeued": [run_content.retold(one) for one in _requeues(result)],
        "runs": Run.objects.filter(pk__in=result.get("runs", [])).order_by("phase__number", "position"),
    }  # fmt: skip


def _requeues(result: dict[str, Any]) -> Any:
    """What the request put back into the queue: one entry for each run."""
    return (
        Requeue.objects.filter(pk__in=result.get("requeues", []))
        .select_related("asked_by", "run")
        .defer("faults")
        .order_by("pk")
    )


def _table(job: Job) -> str:
    entity = job.params.get("entity_type")
    if not entity:
        return ""
    issue = (
        Issue.objects.filter(wave=job.wave_id, entity_type=entity)
        .values_list("legacy_table", flat=True)
        .first()
    )
    return issue or ""


def _pace(job: Job) -> dict[str, Any]:
    """Records in a second and the seconds that are left, while a worker is at it."""
    if job.state != Job.State.RUNNING or job.started_at is None or not job.done:
        return {}
    seconds = max(0.1, (timezone.now() - job.started_at).total_seconds())
    per_second = job.done / seconds
    return {"per_second": round(per_second, 1), "left": round(max(0, job.total - job.done) / per_second)}


def _outcomes(result: dict[str, Any]) -> list[dict[str, Any]]:
    counted = result.get("outcomes") or {}
    total = sum(counted.values()) or 1
    return [
        {"name": name, "words": words, "n": counted[name], "colour": colour, "percent": round(counted[name] * 100 / total)}
        for name, words, colour in OUTCOMES if counted.get(name)
    ]  # fmt: skip


def _masked_try(one: dict[str, Any], personal: bool) -> dict[str, Any]:
    """Changes were masked when they were kept; the address of the record is added."""
    words = {name: said for name, said, _colour in OUTCOMES}
    colours = {name: colour for name, _said, colour in OUTCOMES}
    return {
        **one,
        "words": words.get(one["outcome"], one["outcome"]),
        "colour": colours.get(one["outcome"], ""),
    }


def _lines(result: dict[str, Any], request: HttpRequest, personal: bool) -> dict[str, Any]:
    """One page of the lines of a sheet: those with a fault first."""
    lines = sorted(result.get("lines", []), key=lambda one: not one["faults"])
    begin = int(request.GET["from"]) if request.GET.get("from", "").isdigit() else 0
    some = [_masked_line(one, personal) for one in lines[begin : begin + LINES]]
    return {
        "some": some,
        "next": begin + LINES if begin + LINES < len(lines) else None,
        "begin": begin,
        "n": len(lines),
    }


def _masked_line(line: dict[str, Any], personal: bool) -> dict[str, Any]:
    if line["faults"]:
        return line
    field, table = line["field"], line["table"]
    both = {
        name: masked({field: line[name]}, table, personal=personal)[field] for name in ("before", "after")
    }
    return {**line, **both}


def _came(result: dict[str, Any]) -> dict[str, int]:
    """What became of the issues since they were sent again: gone, still open, or still waiting for a worker."""
    ids = result.get("issues")
    if not ids:
        return {}
    states: Counter[str] = Counter()
    for start in range(0, len(ids), 5_000):
        found = Issue.objects.filter(pk__in=ids[start : start + 5_000]).values_list("state", flat=True)
        states.update(found)
    return {"fixed": len(ids) - states[IssueState.OPEN], "open": states[IssueState.OPEN]}

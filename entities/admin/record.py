"""For support: one record that needs a person, with everything known about it, and the answers a person can give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from entities.admin import group, guard, record_content
from entities.admin.answers import AssignForm, CorrectionForm, NoteForm, SkipForm
from entities.engine.errors import Refused
from entities.operations import record, tryout
from tracking.actions.assign import AssignIssue
from tracking.actions.base import Action, ActionRefused
from tracking.actions.correct import ApplyCorrection, CorrectIssue, RequeueIssue
from tracking.actions.note import NoteIssue
from tracking.actions.skip import SkipRecord
from tracking.admin import confirm
from tracking.admin.base import BigTableAdmin, badge, may_see_people, table
from tracking.admin.forms import NoteForm as OptionalNote
from tracking.masking import masked
from tracking.models import Correction, Issue


class SkipAndSend(SkipRecord):
    """Leaves the record out and, when asked, sends it again at once."""

    name = ""  # the audit log knows the two steps by their own names

    def __init__(self, issue: Issue, *, now: bool, **who: Any) -> None:
        super().__init__(issue, **who)
        self.now_too = now

    def perform(self, now: Any) -> Any:
        with transaction.atomic(using="default"):
            event = SkipRecord(self.issue, actor=self.actor, via=self.via, reason=self.reason).perform(now)
            if self.now_too and self.actor is not None and self.actor.has_perm(ApplyCorrection.permission):
                again = ApplyCorrection(self.issue, actor=self.actor, via=self.via, reason=self.reason)
                event = again.perform(now)
        return event


@admin.register(Correction)
class CorrectionAdmin(BigTableAdmin):
    """The list of answers; the pages of records and of groups hang here, because they need the engine."""

    list_display = ("shown_record", "shown_what", "reason", "shown_state", "made_by", "made_at", "applied_at")
    list_filter = ("wave", "active", "skip")
    list_select_related = ("made_by",)
    fields = (
        "shown_record",
        "wave",
        "shown_values",
        "skip",
        "reason",
        "shown_state",
        "made_by",
        "made_at",
        "applied_at",
    )
    readonly_fields = fields

    def get_urls(self) -> list[Any]:
        def view(page: Any) -> Any:
            return self.admin_site.admin_view(guard.reachable(page))

        return [
            path("record/<int:pk>/", view(self.record), name="entities_record"),
            path("record/<int:pk>/correct/", view(self.correct), name="entities_record_correct"),
            path("record/<int:pk>/parent/<str:column>/", view(self.parent), name="entities_record_parent"),
            path("record/<int:pk>/note/", view(self.note), name="entities_record_note"),
            path("record/<int:pk>/do/<slug:what>/", view(self.act), name="entities_record_do"),
            *group.urls(self),
            *super().get_urls(),
        ]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Masks the values before anything can show them."""
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            found.values = masked(found.values, found.legacy_table, personal=may_see_people(request))
        return found

    def record(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page of one record."""
        issue = _issue(request, pk)
        context = {
            **self.admin_site.each_context(request), "opts": Issue._meta, "title": tryout.record_of(issue),
            **record_content.everything(issue, request), "note_form": NoteForm(),
        }  # fmt: skip
        return TemplateResponse(request, "entities/record/page.html", context)

    def correct(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Other values: typed, then tried, then kept or applied. Only the last step changes anything."""
        issue = _issue(request, pk)
        if not request.user.has_perm(CorrectIssue.permission):
            raise PermissionDenied
        form = self._form(request, issue)
        context = {"form": form, "issue": issue, "verdict": None, "refusal": ""}
        if request.method == "POST" and form.is_valid():
            step = request.POST.get("step")
            try:
                if step in ("keep", "apply"):
                    return self._corrected(request, issue, form, at_once=step == "apply")
                context["verdict"] = tryout.try_one(
                    issue,
                    form.cleaned_data["values"],
                    reason=form.cleaned_data["reason"],
                    personal=may_see_people(request),
                )
            except (ActionRefused, Refused) as refusal:
                context["refusal"] = str(refusal)
        return self._show_correct(request, context)

    def _show_correct(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        issue, verdict = context["issue"], context["verdict"]
        more = {
            **self.admin_site.each_context(request), "opts": Issue._meta, **context,
            "title": _("Correct %(record)s") % {"record": tryout.record_of(issue)},
            "back": reverse("admin:entities_record", args=[issue.pk]),
            "problem": record_content.problem(issue), "words": record_content.OUTCOMES.get(verdict.outcome) if verdict else None,
            "may_apply": request.user.has_perm(ApplyCorrection.permission),
        }  # fmt: skip
        status = confirm.REFUSED if context["refusal"] else 200
        return TemplateResponse(request, "entities/record/correct.html", more, status=status)

    def _form(self, request: HttpRequest, issue: Issue) -> CorrectionForm:
        personal = may_see_people(request)
        row = record.row_of(issue.legacy_table, issue.legacy_id)
        columns = record.columns(issue, row, tryout.migration_of(issue), personal=personal)
        in_force = record_content.in_force(issue)
        values = dict(in_force.values) if in_force is not None else {}
        given = {
            f"c_{name}": value for name, value in request.GET.items() if name in {one.name for one in columns}
        }
        data = request.POST if request.method == "POST" else None
        return CorrectionForm(data, table=issue.legacy_table, columns=columns, set_in=values, initial=given)

    def _corrected(
        self, request: HttpRequest, issue: Issue, form: CorrectionForm, *, at_once: bool
    ) -> HttpResponse:
        now, reason = timezone.now(), form.cleaned_data["reason"]
        if at_once and not request.user.has_perm(ApplyCorrection.permission):
            raise PermissionDenied
        action = CorrectIssue(
            issue, form.cleaned_data["values"], check=record.check, actor=request.user, reason=reason
        )
        said = action.effect()
        event = action.perform(now)
        if at_once:
            apply = ApplyCorrection(
                issue, waiting=record_content.waiting_issues(issue), actor=request.user, reason=reason
            )
            said = f"{said} {apply.effect()}"
            event = apply.perform(now)
        confirm.tell_done(request, said, event)
        return redirect("admin:entities_record", issue.pk)

    def parent(self, request: HttpRequest, pk: int, column: str) -> HttpResponse:
        """Look for the parent that a column should name; choosing one only fills the form of the correction."""
        issue = _issue(request, pk)
        if not request.user.has_perm(CorrectIssue.permission):
            raise PermissionDenied
        parent = record.parents_of(issue.legacy_table).get(column)
        if parent is None:
            raise Http404
        term, personal = request.GET.get("q", "")[:100], may_see_people(request)
        context = {
            **self.admin_site.each_context(request), "opts": Issue._meta, "issue": issue, "column": column, "table": parent,
            "title": _("Choose %(column)s of %(record)s") % {"column": column, "record": tryout.record_of(issue)},
            "q": term, "found": record.find_parents(parent, term, personal=personal), "personal": personal,
            "back": reverse("admin:entities_record", args=[issue.pk]),
        }  # fmt: skip
        return TemplateResponse(request, "entities/record/parent.html", context)

    def note(self, request: HttpRequest, pk: int) -> HttpResponse:
        issue = _issue(request, pk)
        page = confirm.Confirmation(
            _("Note on %(record)s") % {"record": tryout.record_of(issue)}, NoteIssue,
            lambda values: NoteIssue(issue, str(values.get("text") or "…"), actor=request.user),
            reverse("admin:entities_record", args=[pk]), form=NoteForm, button=_("Keep the note"), of=Issue,
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def act(self, request: HttpRequest, pk: int, what: str) -> HttpResponse:
        """The confirmation of leaving a record out, sending it again, or giving it to somebody."""
        issue = _issue(request, pk)
        pages = {"skip": _skip, "requeue": _requeue, "apply": _apply, "assign": _assign}
        if what not in pages:
            raise Http404
        return confirm.answer(self, request, pages[what](request, issue))

    @display(description=gettext_lazy("record"))
    def shown_record(self, one: Correction) -> str:
        return f"{one.legacy_table}:{one.legacy_id}"

    @display(description=gettext_lazy("answer"))
    def shown_what(self, one: Correction) -> str:
        return str(_("left out")) if one.skip else ", ".join(one.values)

    @display(description=gettext_lazy("state"))
    def shown_state(self, one: Correction) -> SafeString:
        return badge(
            "running" if one.active else "", words=str(_("in force") if one.active else _("replaced"))
        )

    @display(description=gettext_lazy("values"))
    def shown_values(self, one: Correction) -> SafeString:
        return table(one.values)


def _issue(request: HttpRequest, pk: int) -> Issue:
    if not request.user.has_perm("tracking.view_issue"):
        raise PermissionDenied
    issue = Issue.objects.select_related("wave", "run", "assignee").filter(pk=pk).first()
    if issue is None:
        raise Http404
    return issue


def _page(issue: Issue, title: Any, action: type[Action], make: Any, **how: Any) -> confirm.Confirmation:
    back = reverse("admin:entities_record", args=[issue.pk])
    return confirm.Confirmation(
        title % {"record": tryout.record_of(issue)}, action, make, back, of=Issue, **how
    )


def _skip(request: HttpRequest, issue: Issue) -> confirm.Confirmation:
    def make(values: Mapping[str, Any]) -> Action:
        return SkipAndSend(
            issue, now=bool(values.get("now")), actor=request.user, reason=values.get("reason") or ""
        )

    return _page(
        issue, _("Leave %(record)s out"), SkipRecord, make, form=SkipForm, button=_("Leave out"), danger=True
    )


def _requeue(request: HttpRequest, issue: Issue) -> confirm.Confirmation:
    waiting = record_content.waiting_issues(issue)

    def make(values: Mapping[str, Any]) -> Action:
        return RequeueIssue(issue, waiting=waiting, actor=request.user, reason=values.get("reason") or "")

    return _page(issue, _("Re-queue %(record)s"), RequeueIssue, make, form=OptionalNote, button=_("Re-queue"))


def _apply(request: HttpRequest, issue: Issue) -> confirm.Confirmation:
    waiting = record_content.waiting_issues(issue)

    def make(values: Mapping[str, Any]) -> Action:
        return ApplyCorrection(issue, waiting=waiting, actor=request.user, reason=values.get("reason") or "")

    return _page(
        issue,
        _("Apply the correction of %(record)s"),
        ApplyCorrection,
        make,
        form=OptionalNote,
        button=_("Apply"),
    )


def _assign(request: HttpRequest, issue: Issue) -> confirm.Confirmation:
    def make(values: Mapping[str, Any]) -> Action:
        return AssignIssue(issue, values.get("person"), actor=request.user)

    return _page(issue, _("Who looks after %(record)s"), AssignIssue, make, form=AssignForm, initial={"person": request.user},
                 button=_("Assign"))  # fmt: skip

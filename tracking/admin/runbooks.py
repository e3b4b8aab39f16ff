"""For whoever goes back: runbooks, their steps with clocks and evidence, and the pages that ask before each of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from tracking.actions.base import Action, ActionRefused
from tracking.actions.runbook import (
    AbandonRunbook,
    ApproveRunbook,
    BeginStep,
    FinishStep,
    ProveStep,
    SkipStep,
    StartRunbook,
)
from tracking.admin import confirm
from tracking.admin.base import ReadOnlyAdmin, badge, may_see_people
from tracking.admin.forms import NoteForm, ReasonForm
from tracking.admin.runbook_content import COLOURS, content
from tracking.models import AuditEvent, Runbook, RunbookEvidence, RunbookStep, Wave
from tracking.runbooks import walk
from tracking.runbooks.definitions import RUNBOOKS, plan_of
from tracking.words import said

STEP_PAGES: dict[str, tuple[Any, type[Action], type[forms.Form], Any, bool]] = {
    "begin": (gettext_lazy("Begin step %(n)s: %(title)s"), BeginStep, NoteForm, gettext_lazy("Begin"), False),
    "finish": (gettext_lazy("Step %(n)s is done: %(title)s"), FinishStep, ReasonForm, gettext_lazy("It is done"), False),
    "skip": (gettext_lazy("Leave step %(n)s out: %(title)s"), SkipStep, ReasonForm, gettext_lazy("Leave out"), True),
}  # fmt: skip
BOOK_PAGES: dict[str, tuple[Any, type[Action], type[forms.Form], Any, bool]] = {
    "approve": (gettext_lazy("Agree to %(runbook)s"), ApproveRunbook, NoteForm, gettext_lazy("Agree"), True),
    "abandon": (gettext_lazy("End %(runbook)s here"), AbandonRunbook, ReasonForm, gettext_lazy("End it"), True),
}  # fmt: skip


class StartRunbookForm(ReasonForm):
    wave = forms.ModelChoiceField(
        label=gettext_lazy("Wave"), queryset=Wave.objects.order_by("-pk"), widget=UnfoldAdminSelectWidget
    )
    field_order = ("wave", "reason")


class EvidenceForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("What it shows"), max_length=1000, required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )  # fmt: skip
    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=gettext_lazy("At most 5 MB."),
    )


@admin.register(Runbook)
class RunbookAdmin(ReadOnlyAdmin):
    list_display = (
        "shown_runbook",
        "shown_state",
        "shown_progress",
        "asked_by",
        "asked_at",
        "approved_by",
        "finished_at",
    )
    list_filter = ("kind", "state", "wave")
    list_select_related = ("wave", "asked_by", "approved_by")
    list_before_template = "tracking/runbook/list_top.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("steps")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("start/<slug:kind>/", view(self.start), name="tracking_runbook_start"),
            path("<int:pk>/do/<slug:what>/", view(self.act), name="tracking_runbook_do"),
            path("<int:pk>/step/<slug:key>/evidence/", view(self.evidence), name="tracking_runbook_evidence"),
            path("<int:pk>/step/<slug:key>/<slug:what>/", view(self.step), name="tracking_runbook_step"),
            path("<int:pk>/live/", view(self.live), name="tracking_runbook_live"),
            path("<int:pk>/print/", view(self.printed), name="tracking_runbook_print"),
            path("<int:pk>/file/<str:name>/", view(self.file), name="tracking_runbook_file"),
            path("evidence/<int:pk>/", view(self.evidence_file), name="tracking_runbook_evidence_file"),
            *super().get_urls(),
        ]

    # Asking before anything happens

    def start(self, request: HttpRequest, kind: str) -> HttpResponse:
        if kind not in RUNBOOKS:
            raise Http404

        def make(values: Mapping[str, Any]) -> Action:
            return StartRunbook(
                values.get("wave") or Wave(), kind, actor=request.user, reason=values.get("reason") or ""
            )

        waves = list(Wave.objects.values_list("pk", flat=True)[:2])
        page = confirm.Confirmation(
            Runbook.Kind(kind).label, StartRunbook, make, reverse("admin:tracking_runbook_changelist"), form=StartRunbookForm,
            initial={"wave": waves[0]} if len(waves) == 1 else {}, button=_("Start the runbook"), danger=True, previews=True,
            about=_("Legacy was never written and is never restored: going back means routing people back, and entering again "
                    "what happened in V5."),
            done=lambda action: reverse("admin:tracking_runbook_change", args=[action.subject.pk]),
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def act(self, request: HttpRequest, pk: int, what: str) -> HttpResponse:
        runbook = self._runbook(request, pk)
        if what not in BOOK_PAGES:
            raise Http404
        title, action, form, button, danger = BOOK_PAGES[what]
        page = confirm.Confirmation(
            title % {"runbook": runbook}, action,
            lambda values: action(runbook, actor=request.user, reason=values.get("reason") or ""),
            self._page_of(runbook), form=form, button=button, danger=danger,
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def step(self, request: HttpRequest, pk: int, key: str, what: str) -> HttpResponse:
        step = self._step(request, pk, key)
        if what not in STEP_PAGES:
            raise Http404
        title, action, form, button, danger = STEP_PAGES[what]
        facts = {"n": step.position, "title": plan_of(step.runbook.kind, step.key).title}
        page = confirm.Confirmation(
            title % facts, action, lambda values: action(step, actor=request.user, reason=values.get("reason") or ""),
            self._page_of(step.runbook), form=form, button=button, danger=danger,
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def evidence(self, request: HttpRequest, pk: int, key: str) -> HttpResponse:
        """Adding a sentence or a file to a step."""
        step = self._step(request, pk, key)
        if not request.user.has_perm(ProveStep.permission):
            raise PermissionDenied
        form, refusal = EvidenceForm(request.POST or None, request.FILES or None), ""
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data["file"]
            too_large = given is not None and given.size > walk.MOST_BYTES
            content = b"x" * (walk.MOST_BYTES + 1) if too_large else given.read() if given else None
            action = ProveStep(
                step, actor=request.user, reason=form.cleaned_data["reason"], file=Path(given.name).name if given else "",
                content=content,
            )  # fmt: skip
            try:
                action.perform(timezone.now())
            except ActionRefused as refused:
                refusal = str(refused)
            else:
                messages.success(request, _("Done: %(effect)s") % {"effect": action.effect()})
                return redirect(self._page_of(step.runbook))
        facts = {"n": step.position, "title": plan_of(step.runbook.kind, step.key).title}
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, "refusal": refusal,
                   "title": _("Evidence of step %(n)s: %(title)s") % facts, "back": self._page_of(step.runbook)}  # fmt: skip
        return TemplateResponse(
            request, "tracking/runbook/evidence.html", context, status=409 if refusal else 200
        )

    # Looking

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        runbook = self._runbook(request, int(object_id) if object_id.isdigit() else 0)
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": str(runbook),
                   **content(runbook, request)}  # fmt: skip
        return TemplateResponse(request, "tracking/runbook/page.html", context)

    def live(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The steps, renewed while a worker is at one; another state reloads the whole page."""
        runbook = self._runbook(request, pk)
        shown = content(runbook, request)
        answer = TemplateResponse(request, "tracking/runbook/clock.html", shown)
        if request.GET.get("seen", shown["mark"]) != shown["mark"]:
            answer["HX-Refresh"] = "true"
        return answer

    def printed(self, request: HttpRequest, pk: int) -> HttpResponse:
        runbook = self._runbook(request, pk)
        return TemplateResponse(
            request, "tracking/runbook/print.html", {"title": str(runbook), **content(runbook, request)}
        )

    def file(self, request: HttpRequest, pk: int, name: str) -> FileResponse:
        """A list that a step made; the full one only for those who may see personal data."""
        runbook = self._runbook(request, pk)
        files = [
            step.result.get("files", {}) for step in runbook.steps.all() if isinstance(step.result, dict)
        ]
        known = next((found[name] for found in files if name in found), None)
        if known is None:
            raise Http404
        if known.get("personal") and not may_see_people(request):
            raise PermissionDenied
        place = Path(settings.BACKUP_FOLDER) / name
        if not place.is_file():
            raise Http404
        AuditEvent.objects.create(
            at=timezone.now(), actor_id=request.user.pk, action="export changes", subject_type="runbook", subject_id=str(pk),
            after={"file": name},
        )  # fmt: skip
        return FileResponse(place.open("rb"), as_attachment=True, filename=name)

    def evidence_file(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = RunbookEvidence.objects.filter(pk=pk, content__isnull=False).first()
        if found is None or hashlib.sha256(bytes(found.content or b"")).hexdigest() != found.checksum:
            raise Http404
        answer = HttpResponse(bytes(found.content or b""), content_type="application/octet-stream")
        name = (
            "".join(letter if letter.isalnum() or letter in "._- " else "_" for letter in found.name)
            or "evidence"
        )
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["X-Content-Type-Options"] = "nosniff"
        return answer

    def _runbook(self, request: HttpRequest, pk: int) -> Runbook:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = Runbook.objects.select_related("wave", "asked_by", "approved_by").filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def _step(self, request: HttpRequest, pk: int, key: str) -> RunbookStep:
        runbook = self._runbook(request, pk)
        found = runbook.steps.select_related("runbook__wave").filter(key=key).first()
        if found is None:
            raise Http404
        return found

    def _page_of(self, runbook: Runbook) -> str:
        return reverse("admin:tracking_runbook_change", args=[runbook.pk])

    @display(description=gettext_lazy("runbook"))
    def shown_runbook(self, one: Runbook) -> str:
        return f"{one.pk} {one}"

    @display(description=gettext_lazy("state"))
    def shown_state(self, one: Runbook) -> SafeString:
        return badge(COLOURS[one.state], one.get_state_display(), said(one.state))

    @display(description=gettext_lazy("steps"))
    def shown_progress(self, one: Runbook) -> str:
        states = [step.state for step in one.steps.all()]
        return f"{sum(state in walk.OVER for state in states)} / {len(states)}"

"""For the project manager and whoever signs: one page per phase, and the pages that ask before anything changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

from tracking import evidence, gates
from tracking.actions.approval import ApprovePhase, RejectPhase, RequestApproval, WithdrawRequest, pending
from tracking.actions.base import Action
from tracking.actions.phase import FOUNDATION, ReopenPhase, StartPhase
from tracking.actions.waiver import RequestWaiver
from tracking.admin import confirm, phase_content
from tracking.admin.base import ReadOnlyAdmin, badge, link
from tracking.admin.forms import ApproveForm, NoteForm, ReasonForm, StartForm, WaiverForm
from tracking.models import Phase
from tracking.states import PhaseState

Pages = dict[str, tuple[Any, type[Action], type | None, Any, bool]]
PAGES: Pages = {
    "start": (gettext_lazy("Start %(phase)s"), StartPhase, StartForm, gettext_lazy("Start"), False),
    "dry-run": (gettext_lazy("Dry run of %(phase)s"), StartPhase, StartForm, gettext_lazy("Start the dry run"), False),
    "request": (gettext_lazy("Ask for the approval of %(phase)s"), RequestApproval, NoteForm,
                gettext_lazy("Ask for approval"), False),
    "approve": (gettext_lazy("Sign %(phase)s"), ApprovePhase, ApproveForm, gettext_lazy("Sign"), False),
    "reject": (gettext_lazy("Send %(phase)s back"), RejectPhase, ReasonForm, gettext_lazy("Send back"), True),
    "withdraw": (gettext_lazy("Take the request for %(phase)s back"), WithdrawRequest, NoteForm,
                 gettext_lazy("Take back"), True),
    "reopen": (gettext_lazy("Reopen %(phase)s"), ReopenPhase, ReasonForm, gettext_lazy("Reopen"), True),
}  # fmt: skip


@admin.register(Phase)
class PhaseAdmin(ReadOnlyAdmin):
    list_display = ("shown_phase", "wave", "shown_state", "started_at", "finished_at", "shown_runs")
    list_filter = ("state", "number", "wave")
    list_select_related = ("wave",)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/live/", view(self.live), name="tracking_phase_live"),
            path("<int:pk>/waive/<slug:gate>/", view(self.waive), name="tracking_phase_waive"),
            path("<int:pk>/do/<slug:what>/", view(self.act), name="tracking_phase_do"),
            *super().get_urls(),
        ]

    def act(self, request: HttpRequest, pk: int, what: str) -> HttpResponse:
        """The confirmation of one action on a phase."""
        if what not in PAGES:
            raise Http404
        phase = self._phase(request, pk)
        title, action, form, button, danger = PAGES[what]
        moves = issubclass(action, StartPhase) and phase.number != FOUNDATION
        form = NoteForm if issubclass(action, StartPhase) and not moves else form
        waiting = pending(phase)
        page = confirm.Confirmation(
            title % {"phase": phase}, action, _maker(request, phase, what, action), self._page_of(phase), form=form,
            initial={"seen": waiting.evidence_hash if waiting else ""}, button=button, danger=danger, previews=moves,
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def waive(self, request: HttpRequest, pk: int, gate: str) -> HttpResponse:
        phase = self._phase(request, pk)
        found = gates.find(gate)
        if found is None:
            raise Http404

        def make(values: Mapping[str, Any]) -> Action:
            return RequestWaiver(phase, gate, actor=request.user, **values)

        page = confirm.Confirmation(
            _("Let a red gate of %(phase)s through") % {"phase": phase}, RequestWaiver, make, self._page_of(phase),
            form=WaiverForm, button=_("Ask for the waiver"), previews=True,
            about=_("%(title)s. A waiver covers exactly what is red now and ends when that changes.") % {"title": found.title},
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def live(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The part of the page that is renewed every two seconds; another state reloads the whole page."""
        phase = self._phase(request, pk)
        answer = TemplateResponse(
            request, "tracking/phase/live.html", {"phase": phase, **phase_content.runs(phase)}
        )
        if request.GET.get("seen", phase_content.mark(phase)) != phase_content.mark(phase):
            answer["HX-Refresh"] = "true"
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The phase's page. Signatures whose evidence changed are void before anything is shown."""
        phase = self.get_object(request, object_id)
        if phase is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, phase):
            raise PermissionDenied
        now = timezone.now()
        evidence.revalidate(phase, now)
        phase.refresh_from_db()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(phase),
            "phase": phase,
            "badge": badge(phase.state, PhaseState(phase.state).label),
            "sentence": PhaseState(phase.state).label,
            "mark": phase_content.mark(phase),
            **phase_content.everything(phase, request.user, now),
        }
        return TemplateResponse(request, "tracking/phase/page.html", context)

    def _phase(self, request: HttpRequest, pk: int) -> Phase:
        phase = Phase.objects.select_related("wave").filter(pk=pk).first()
        if phase is None:
            raise Http404
        if not self.has_view_permission(request, phase):
            raise PermissionDenied
        return phase

    def _page_of(self, phase: Phase) -> str:
        return reverse("admin:tracking_phase_change", args=[phase.pk])

    @display(description=gettext_lazy("phase"))
    def shown_phase(self, phase: Phase) -> str:
        return f"{phase.number} {phase.get_number_display()}"

    @display(description=gettext_lazy("state"))
    def shown_state(self, phase: Phase) -> SafeString:
        return badge(phase.state, PhaseState(phase.state).label)

    @display(description=gettext_lazy("runs"))
    def shown_runs(self, phase: Phase) -> SafeString:
        return link(_("open runs"), "tracking.run", phase__id__exact=phase.pk)


def _maker(
    request: HttpRequest, phase: Phase, what: str, action: type[Action]
) -> Callable[[Mapping[str, Any]], Action]:
    """Builds the action from what the form holds; start and dry run differ by one word."""

    def make(values: Mapping[str, Any]) -> Action:
        given: dict[str, Any] = {"actor": request.user, "reason": values.get("reason") or ""}
        if issubclass(action, StartPhase):
            given |= {"dry_run": what == "dry-run", "workers": values.get("workers") or 1}
        elif issubclass(action, ApprovePhase):
            given["seen"] = values.get("seen") or ""
        return action(phase, **given)

    return make

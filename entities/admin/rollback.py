"""The way back in the panel: look, decide, ask, approve, watch, prove."""

from __future__ import annotations

from collections.abc import Mapping
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

from entities.admin import rollback_content, rollback_forms
from entities.rollback import keep, reversible
from entities.rollback.actions import AskRollback, StartRollback, WithdrawRollback
from tracking import rollbacks, sweeps
from tracking.actions.base import Action
from tracking.actions.rollback import (
    ApproveRollback,
    DecideRollback,
    PauseRollback,
    RequestRollback,
    ResumeRollback,
    SendBackRollback,
)
from tracking.admin import confirm, live
from tracking.admin.base import BigTableAdmin, ReadOnlyAdmin, badge, may_see_people
from tracking.admin.forms import NoteForm, ReasonForm
from tracking.models import Rollback, RollbackFinding, Wave

PAGES: dict[str, tuple[Any, Any, Any, bool]] = {  # title, action, button, danger
    "request": (
        gettext_lazy("Ask for the approval of the rollback"),
        RequestRollback,
        gettext_lazy("Ask"),
        False,
    ),
    "approve": (
        gettext_lazy("Approve the rollback"),
        ApproveRollback,
        gettext_lazy("Approve and start"),
        True,
    ),
    "send-back": (gettext_lazy("Send the rollback back"), SendBackRollback, gettext_lazy("Send back"), False),
    "start": (gettext_lazy("Start the rollback"), StartRollback, gettext_lazy("Start"), True),
    "withdraw": (gettext_lazy("Take the rollback back"), WithdrawRollback, gettext_lazy("Take back"), False),
    "pause": (gettext_lazy("Pause the rollback"), PauseRollback, gettext_lazy("Pause"), False),
    "resume": (gettext_lazy("Go on with the rollback"), ResumeRollback, gettext_lazy("Go on"), False),
}


@admin.register(Rollback)
class RollbackAdmin(ReadOnlyAdmin):
    list_display = (
        "shown_what",
        "shown_state",
        "shown_rows",
        "asked_by",
        "approved_by",
        "asked_at",
        "finished_at",
    )
    list_filter = ("state", "kind", "rehearsal", "wave")
    list_select_related = ("asked_by", "approved_by", "wave")
    list_before_template = "entities/rollback/list_top.html"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        fragment = live.guarded("tracking.view_rollback")(self.live)
        return [
            path("ask/", view(self.ask), name="tracking_rollback_ask"),
            path("<int:pk>/do/<slug:what>/", view(self.act), name="tracking_rollback_do"),
            path(
                "<int:pk>/decide/<str:group>/<slug:what>/", view(self.decide), name="tracking_rollback_decide"
            ),
            path("<int:pk>/export/<str:group>/", view(self.export), name="tracking_rollback_export"),
            path("<int:pk>/live/", fragment, name="tracking_rollback_live"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        wave = Wave.objects.first()
        context = {"reversible": reversible.of(wave) if wave else [], "latest_wave": wave}
        return super().changelist_view(request, {**(extra_context or {}), **context})

    def ask(self, request: HttpRequest) -> HttpResponse:
        """The confirmation of a look: what is to go back is typed or came with the address."""

        def make(values: Mapping[str, Any]) -> Action:
            wave, ask, said = rollback_forms.asked(values)
            return AskRollback(wave, ask, said, actor=request.user, reason=values.get("reason") or "")

        names, latest = ("kind", "which", "wave"), Wave.objects.values_list("pk", flat=True).first()
        page = confirm.Confirmation(
            _("Look at a rollback"), AskRollback, make, reverse("admin:tracking_rollback_changelist"),
            form=rollback_forms.AskForm, button=_("Look"), previews=True,
            initial={"wave": latest} | {name: request.GET[name] for name in names if name in request.GET},
            about=_("A look lists what would go, and what people did in V5 since. Nothing goes: that needs a second person."),
            done=lambda action: reverse("admin:tracking_rollback_change", args=[action.made.pk]),  # type: ignore[attr-defined]
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def act(self, request: HttpRequest, pk: int, what: str) -> HttpResponse:
        """The confirmation of one action; an approval starts the work right away."""
        if what not in PAGES:
            raise Http404
        rollback = found(pk)
        title, action, button, danger = PAGES[what]

        def make(values: Mapping[str, Any]) -> Action:
            made: Action = action(rollback, actor=request.user, reason=values.get("reason") or "")
            return made

        page = confirm.Confirmation(
            title, action, make, page_of(pk), form=ReasonForm if what == "send-back" else NoteForm, button=button, danger=danger
        )  # fmt: skip
        answer = confirm.answer(self, request, page)
        if what == "approve" and request.method == "POST" and answer.status_code == 302:
            return self._start(request, rollback, answer)
        return answer

    def _start(self, request: HttpRequest, rollback: Rollback, answer: HttpResponse) -> HttpResponse:
        from django.contrib import messages

        from tracking.actions import ActionRefused

        try:
            StartRollback(rollback, actor=request.user).perform(timezone.now())
        except ActionRefused as refusal:
            messages.error(request, str(refusal))
        return answer

    def decide(self, request: HttpRequest, pk: int, group: str, what: str) -> HttpResponse:
        rollback = found(pk)
        page = confirm.Confirmation(
            _("Decide about %(group)s") % {"group": rollbacks.said_group(group)}, DecideRollback,
            lambda values: DecideRollback(
                rollback, {group: what}, actor=request.user, reason=values.get("reason") or ""
            ),
            page_of(pk), form=NoteForm, button=_("Decide"), danger=what != "keep",
        )  # fmt: skip
        answer = confirm.answer(self, request, page)
        if answer.status_code == 302:
            rollback.refresh_from_db()
            keep.settle(rollback)
        return answer

    def export(self, request: HttpRequest, pk: int, group: str) -> HttpResponse:
        """The rows of a group as a sheet; that it was taken is kept with the rollback."""
        if request.method != "POST" or not request.user.has_perm("tracking.ask_rollback"):
            raise PermissionDenied
        return rollback_content.sheet(found(pk), group, request.user, personal=may_see_people(request))

    def live(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The progress, renewed; a state that changed reloads the page."""
        rollback = found(pk)
        answer = live.answer(request, self._fragment(request, rollback))
        if request.GET.get("state", rollback.state) != rollback.state:
            answer = HttpResponse(status=204)
            answer["HX-Refresh"] = "true"
        return answer

    def _fragment(self, request: HttpRequest, rollback: Rollback) -> SafeString:
        return live.fragment(request, "entities/rollback/live.html", rollback_content.progress(rollback))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request) or request.method != "GET":
            raise PermissionDenied
        rollback = found(int(object_id) if object_id.isdigit() and len(object_id) < 18 else 0)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": str(rollback), "rollback": rollback,
            "original": rollback, "live": self._fragment(request, rollback),
            "ended": rollback.state in rollback_content.ENDED or _waits(rollback),
            **rollback_content.page(rollback, request.user),
        }  # fmt: skip
        return TemplateResponse(request, "entities/rollback/page.html", context)

    @display(description=gettext_lazy("rollback"))
    def shown_what(self, rollback: Rollback) -> str:
        return str(rollback)

    @display(description=gettext_lazy("state"))
    def shown_state(self, rollback: Rollback) -> SafeString:
        return badge(rollback.state, rollback.get_state_display())

    @display(description=gettext_lazy("rows"))
    def shown_rows(self, rollback: Rollback) -> str:
        taken = rollback.result.get("taken out")
        return f"{sum(taken.values()):,}" if taken else "–"


def _waits(rollback: Rollback) -> bool:
    """Whether the page has nothing to renew until a person does something."""
    return rollback.state in (Rollback.State.LOOKED, Rollback.State.ASKED, Rollback.State.APPROVED)


def found(pk: int) -> Rollback:
    """The rollback as it is; work that stands still is told of it."""
    rollback = Rollback.objects.select_related(
        "wave", "phase", "run", "look", "work", "checkpoint", "before", "asked_by", "approved_by"
    ).filter(pk=pk).first()  # fmt: skip
    if rollback is None:
        raise Http404
    if (
        rollback.state == Rollback.State.ROLLING
        and rollback.work
        and rollback.work.state == sweeps.Sweep.State.FAILED
    ):
        from tracking import rollbacks

        rollbacks.failed(rollback.work, rollback.work.reason)
        rollback.refresh_from_db()
    return rollback


def page_of(pk: int) -> str:
    return reverse("admin:tracking_rollback_change", args=[pk])


@admin.register(RollbackFinding)
class RollbackFindingAdmin(BigTableAdmin):
    """The rows that people touched, or that stay because of it."""

    list_display = ("shown_row", "shown_kind", "shown_parent", "shown_record", "school_id", "shown_stays")
    list_filter = ("kind", "stays")
    list_select_related = ("rollback",)
    fields = ("rollback", "kind", "table", "v5_id", "parent_table", "parent_id", "entity_type", "legacy_id", "school_id",
              "columns", "stays")  # fmt: skip
    readonly_fields = fields

    @display(description=gettext_lazy("V5 row"))
    def shown_row(self, one: RollbackFinding) -> str:
        return f"{one.table} {one.v5_id}"

    @display(description=gettext_lazy("kind"))
    def shown_kind(self, one: RollbackFinding) -> str:
        return str(one.get_kind_display())

    @display(description=gettext_lazy("hangs on"))
    def shown_parent(self, one: RollbackFinding) -> str:
        return f"{one.parent_table} {one.parent_id}" if one.parent_table else "–"

    @display(description=gettext_lazy("record"))
    def shown_record(self, one: RollbackFinding) -> str:
        return f"{one.entity_type} {one.legacy_id}" if one.entity_type else "–"

    @display(description=gettext_lazy("stays"), boolean=True)
    def shown_stays(self, one: RollbackFinding) -> bool:
        """A row of others is in no rollback's way out; one of people goes only by decision."""
        kept = (
            one.kind == RollbackFinding.Kind.CHILD
            and keep.decision(one.rollback, one.kind, one.table) == keep.KEEP
        )
        return one.stays or one.kind == RollbackFinding.Kind.USED or kept

"""Signatures, waivers and backups: who vouched for what, and what it rested on."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from tracking import gates
from tracking.actions.base import Action
from tracking.actions.waiver import ApproveWaiver, WithdrawWaiver
from tracking.admin import confirm
from tracking.admin.base import ReadOnlyAdmin, badge, table, to_record
from tracking.admin.forms import NoteForm, ReasonForm
from tracking.admin.phase_content import SIGNATURES, waiver_state
from tracking.models import Signature, Waiver
from tracking.sentences import sentence, told


@admin.register(Signature)
class SignatureAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "shown_phase",
        "shown_state",
        "requested_by",
        "requested_at",
        "answered_by",
        "answered_at",
    )
    list_filter = ("state", "phase__wave")
    list_select_related = ("phase__wave", "requested_by", "answered_by")
    fields = ("shown_phase", "shown_state", "requested_by", "requested_at", "answered_by", "answered_at", "reason", "void_at",
              "told_void_reason", "evidence_hash", "shown_evidence")  # fmt: skip
    readonly_fields = fields

    @display(description=gettext_lazy("phase"))
    def shown_phase(self, one: Signature) -> SafeString:
        return to_record(one.phase)

    @display(description=gettext_lazy("state"))
    def shown_state(self, one: Signature) -> SafeString:
        return badge(SIGNATURES[one.state], words=str(one.get_state_display()))

    @display(description=gettext_lazy("evidence"))
    def shown_evidence(self, one: Signature) -> SafeString:
        return table({told(sentence(name)): facts for name, facts in one.evidence.items()})


@admin.register(Waiver)
class WaiverAdmin(ReadOnlyAdmin):
    list_display = (
        "shown_gate",
        "shown_phase",
        "shown_state",
        "owner",
        "amount",
        "requested_by",
        "approved_by",
        "expires_at",
    )
    list_filter = ("phase__wave", "gate")
    list_select_related = ("phase__wave", "requested_by", "approved_by")
    fields = ("shown_gate", "shown_phase", "shown_state", "reason", "owner", "amount", "requested_by", "requested_at",
              "approved_by", "approved_at", "expires_at", "withdrawn_at", "told_end_reason", "fingerprint")  # fmt: skip
    readonly_fields = fields

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.act)
        return [path("<int:pk>/do/<slug:what>/", view, name="tracking_waiver_do"), *super().get_urls()]

    def act(self, request: HttpRequest, pk: int, what: str) -> HttpResponse:
        """The confirmation of agreeing to a waiver, or of taking it back."""
        waiver = (
            Waiver.objects.select_related("phase__wave", "requested_by", "approved_by").filter(pk=pk).first()
        )
        kinds: dict[str, tuple[type[Action], type, str, bool]] = {
            "approve": (ApproveWaiver, NoteForm, _("Agree"), False),
            "withdraw": (WithdrawWaiver, ReasonForm, _("Take back"), True),
        }
        if waiver is None or what not in kinds:
            raise Http404
        action, form, button, danger = kinds[what]
        page = confirm.Confirmation(
            _("Waiver of %(phase)s") % {"phase": waiver.phase}, action,
            lambda values: action(waiver, actor=request.user, reason=values.get("reason") or ""),
            reverse("admin:tracking_phase_change", args=[waiver.phase_id]), form=form, button=button, danger=danger,
            about=_("Asked by %(who)s, settled by %(owner)s: %(reason)s")
            % {"who": waiver.requested_by, "owner": waiver.owner, "reason": waiver.reason},
        )  # fmt: skip
        return confirm.answer(self, request, page)

    @display(description=gettext_lazy("gate"))
    def shown_gate(self, one: Waiver) -> str:
        gate = gates.find(one.gate)
        return str(gate.title) if gate else one.gate

    @display(description=gettext_lazy("phase"))
    def shown_phase(self, one: Waiver) -> SafeString:
        return to_record(one.phase)

    @display(description=gettext_lazy("state"))
    def shown_state(self, one: Waiver) -> SafeString:
        word, says = waiver_state(one, timezone.now())
        return badge(word, words=says)

"""Signatures on phases, and waivers of gates. Who started or requested cannot approve (four eyes)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracking.models.wave import Phase
from tracking.sentences import Told


class Signature(models.Model):
    """A request for approval of a phase, and its answer, bound to a hash of the evidence.

    `evidence` is what was shown to the person; `void_at` tells when the evidence changed, `void_reason` what.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", _("Waiting for a second person")
        APPROVED = "approved", _("Signed")
        REJECTED = "rejected", _("Sent back")
        VOID = "void", _("No longer valid: the evidence changed")
        WITHDRAWN = "withdrawn", _("Taken back")

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="signatures")
    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED)
    evidence = models.JSONField(default=dict)
    evidence_hash = models.CharField(max_length=64)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    answered_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=1000, blank=True)
    void_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=1000, blank=True)
    void_reason_facts = models.JSONField(null=True, editable=False)
    told_void_reason = Told("void_reason", typed=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")

    def __str__(self) -> str:
        return f"{self.phase}: {self.get_state_display()}"


class Waiver(models.Model):
    """A red gate that is let through: with a reason, an owner, a second person, an end and the money at stake.

    Bound to the `fingerprint` of what is violated: it ends when that changes (`withdrawn_at`, `end_reason`).
    """

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="waivers")
    gate = models.CharField(max_length=64)
    reason = models.CharField(max_length=1000)
    owner = models.CharField(max_length=100, help_text=_("who settles it, and by when"))
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    fingerprint = models.CharField(max_length=64)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    approved_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=500, blank=True)
    end_reason_facts = models.JSONField(null=True, editable=False)
    told_end_reason = Told("end_reason", typed=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        permissions = [
            ("request_waiver", _("Ask to let a red gate through")),
            ("approve_waiver", _("Let a red gate through")),
        ]

    def __str__(self) -> str:
        return f"{self.gate}: {self.reason[:60]}"

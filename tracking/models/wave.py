"""A migration wave and its six phases."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracking.sentences import Told
from tracking.states import PhaseState, WaveKind

PHASES = {
    1: _("Foundation"),
    2: _("Reference data"),
    3: _("Users"),
    4: _("Courses and bookings"),
    5: _("Validation"),
    6: _("Go-live"),
}


class Wave(models.Model):
    """The scope that is migrated, approved and cut over together.

    `schools` lists legacy school ids; an empty list means all schools. `cutover_at` is the moment that
    the rules call "cut-over"; by default the start of the wave's first run.
    """

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=12, choices=WaveKind, default=WaveKind.REHEARSAL)
    schools = models.JSONField(
        default=list, blank=True, help_text=_("legacy school ids; empty = all schools")
    )
    cutover_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("wave")
        verbose_name_plural = _("waves")
        permissions = [("create_wave", _("Create a wave")), ("record_backup", _("Record a backup"))]

    def __str__(self) -> str:
        return self.name


class Phase(models.Model):
    """One of the strategy's six phases of one wave.

    Starting is a task: `asked_token` marks the start that waits for a worker since `asked_at` and is empty once
    it was taken; `refusal` is why the latest start was refused, empty when it went through.
    """

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="phases")
    number = models.PositiveSmallIntegerField(choices=list(PHASES.items()))
    state = models.CharField(max_length=12, choices=PhaseState, default=PhaseState.NOT_STARTED)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_token = models.CharField(max_length=36, blank=True)
    refusal = models.CharField(max_length=1000, blank=True)
    refusal_facts = models.JSONField(null=True, editable=False)
    told_refusal = Told("refusal")

    class Meta:
        ordering = ["wave", "number"]
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        permissions = [
            ("start_phase", _("Start a phase")),
            ("request_approval", _("Ask for the approval of a phase")),
            ("approve_phase", _("Sign a phase")),
            ("reject_phase", _("Send a phase back")),
            ("reopen_phase", _("Take the signature off a phase")),
        ]
        constraints = [models.UniqueConstraint(fields=["wave", "number"], name="one_phase_per_number")]

    def __str__(self) -> str:
        return f"{self.wave}: {self.number} {PHASES[self.number]}"

"""A migration wave and its six phases."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

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

    def __str__(self) -> str:
        return self.name


class Phase(models.Model):
    """One of the strategy's six phases of one wave."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="phases")
    number = models.PositiveSmallIntegerField(choices=list(PHASES.items()))
    state = models.CharField(max_length=12, choices=PhaseState, default=PhaseState.NOT_STARTED)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["wave", "number"]
        constraints = [models.UniqueConstraint(fields=["wave", "number"], name="one_phase_per_number")]

    def __str__(self) -> str:
        return f"{self.wave}: {self.number} {PHASES[self.number]}"

"""Long work along keys that moves no record: proving, rolling back, restoring."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracking.models.wave import Phase, Wave


class Sweep(models.Model):
    """One such work: what was asked in `params`, what came out in `result`.

    Its parts are claimed by workers under a lease and go on from their cursor after a crash.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waits for a worker")
        RUNNING = "running", _("Workers are at it")
        PAUSING = "pausing", _("Asked to pause; the current steps are being finished")
        PAUSED = "paused", _("Paused by a person")
        CANCELLED = "cancelled", _("Ended for good by a person")
        DONE = "done", _("Every part is over")
        FAILED = "failed", _("A part failed after all its attempts: look at it, then go on")

    kind = models.CharField(max_length=24)
    wave = models.ForeignKey(Wave, models.CASCADE, null=True, related_name="sweeps")
    phase = models.ForeignKey(Phase, models.CASCADE, null=True, related_name="sweeps")
    params = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING, db_index=True)
    reason = models.CharField(max_length=500, blank=True)
    workers = models.PositiveSmallIntegerField(default=1)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("long work")
        verbose_name_plural = _("long works")
        indexes = [models.Index(fields=["kind", "wave"], name="sweep_kind_wave")]
        permissions = [("steer_sweep", _("Pause, resume and end long work"))]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"


class Part(models.Model):
    """One key space that one worker goes through at a time, from `cursor` on.

    `total` and `done` count what is to be looked at and what was; `figures` adds up over the steps. Parts of a
    later `stage` wait until all of the earlier ones are over.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for a worker")
        RUNNING = "running", _("A worker is at it")
        OVER = "over", _("Looked at to its end")
        FAILED = "failed", _("Failed after all its attempts")

    sweep = models.ForeignKey(Sweep, models.CASCADE, related_name="parts")
    stage = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=100)
    school_id = models.BigIntegerField(null=True)
    cursor = models.JSONField(null=True)
    total = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    figures = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempt = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=100, blank=True)
    leased_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0)
    error = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["sweep", "stage", "position"]
        verbose_name = _("part of a long work")
        verbose_name_plural = _("parts of a long work")
        indexes = [
            models.Index(fields=["sweep", "state", "stage", "position"], name="part_sweep_state"),
            models.Index(fields=["state", "leased_until"], name="part_lease"),
        ]

    def __str__(self) -> str:
        return f"{self.name}{f' ({self.school_id})' if self.school_id is not None else ''}"

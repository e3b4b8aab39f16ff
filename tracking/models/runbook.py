"""A way back that people walk together: which runbook, its steps as they went, and what proves them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracking.models.undertaking import Undertaking
from tracking.models.wave import Wave


class Runbook(models.Model):
    """One walk through the steps of `tracking.runbooks`, for one wave; one at a time per wave.

    A planned rollback begins when a second person agreed (`approved_by`); an immediate one at once.
    """

    class Kind(models.TextChoices):
        IMMEDIATE = "immediate", _("Immediate rollback (within 1 hour)")
        PLANNED = "planned", _("Planned rollback (1 to 24 hours)")

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for a second person to agree")
        RUNNING = "running", _("Being walked")
        DONE = "done", _("Every step is over")
        ABANDONED = "abandoned", _("Ended before its last step")

    wave = models.ForeignKey(Wave, models.PROTECT, related_name="runbooks")
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, db_index=True)
    reason = models.CharField(max_length=1000)
    via = models.CharField(max_length=20, default="panel")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("runbook")
        verbose_name_plural = _("runbooks")
        permissions = [
            ("walk_runbook", _("Start a runbook and walk its steps")),
            ("approve_runbook", _("Agree to a planned rollback")),
        ]

    def __str__(self) -> str:
        return f"{self.wave}: {self.get_kind_display()}"


class RunbookStep(Undertaking):
    """One step as it went: who began and who ended it, what a worker found (`result`), what a person notes.

    What a worker does waits, runs, and is done or failed; what a person does is begun, and done or skipped.
    """

    class State(models.TextChoices):
        TODO = "todo", _("Not begun")
        BEGUN = "begun", _("Somebody is at it")
        WAITING = "waiting", _("Waits for a worker")
        RUNNING = "running", _("A worker is at it")
        DONE = "done", _("Done")
        SKIPPED = "skipped", _("Left out, with a reason")
        FAILED = "failed", _("It did not come to its end")

    runbook = models.ForeignKey(Runbook, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State, default=State.TODO)
    begun_at = models.DateTimeField(null=True)
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=1000, blank=True)
    result = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["runbook", "position"]
        verbose_name = _("step of a runbook")
        verbose_name_plural = _("steps of a runbook")
        constraints = [models.UniqueConstraint(fields=["runbook", "key"], name="one_step_per_key")]

    def __str__(self) -> str:
        return f"{self.position}. {self.key}"


class RunbookEvidence(models.Model):
    """What proves a step: a text, and a file of at most 5 MB with its SHA-256."""

    step = models.ForeignKey(RunbookStep, models.CASCADE, related_name="evidence")
    text = models.CharField(max_length=1000, blank=True)
    name = models.CharField(max_length=200, blank=True)
    content = models.BinaryField(null=True)
    size = models.PositiveIntegerField(default=0)
    checksum = models.CharField(max_length=64, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name = _("evidence of a step")
        verbose_name_plural = _("evidence of steps")

    def __str__(self) -> str:
        return self.name or self.text[:60]

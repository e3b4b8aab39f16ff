"""Work that one worker does as a whole and that may not be left half done: a backup, a restore test, a step."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tracking.sentences import Told


class Undertaking(models.Model):
    """`attempt` is the claim's fence: whoever was given up for dead can record nothing any more.

    `done` of `total` is its progress; `seen_at` the last sign of life of the worker that is at it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for a worker")
        RUNNING = "running", _("A worker is at it")
        DONE = "done", _("Done")
        FAILED = "failed", _("It did not come to its end")

    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempt = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=1000, blank=True)
    error_facts = models.JSONField(null=True, editable=False)
    told_error = Told("error")

    class Meta:
        abstract = True

"""Work that a person asked for and that is too long for a request."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracking.models.wave import Wave
from tracking.sentences import Told


class Job(models.Model):
    """One request over many issues: its question in `params`, its progress, and its answer in `result`.

    A job is taken once, by its state: a message that comes twice does nothing. `params` and `result` may hold
    values that people typed or that legacy holds; they are shown masked by role.
    """

    class Kind(models.TextChoices):
        TRY = "try", _("Try a correction on a group")
        APPLY = "apply", _("Correct a group")
        SKIP = "skip", _("Leave a group out")
        REQUEUE = "requeue", _("Re-queue a group")
        READ = "read", _("Read a sheet of corrections")
        IMPORT = "import", _("Apply a sheet of corrections")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for a worker")
        RUNNING = "running", _("A worker is at it")
        DONE = "done", _("Done")
        FAILED = "failed", _("It did not come to its end")

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    params = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=1000, blank=True)
    error_facts = models.JSONField(null=True, editable=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True, help_text=_("last sign of life"))
    finished_at = models.DateTimeField(null=True)
    told_error = Told("error")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("request over many issues")
        verbose_name_plural = _("requests over many issues")
        indexes = [models.Index(fields=["state", "seen_at"], name="job_state_seen")]

    def __str__(self) -> str:
        return f"{self.Kind(self.kind).label} {self.pk}"

"""One key range of one run, and how its records ended."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tracking.models.run import Run
from tracking.states import BatchStatus


class Batch(models.Model):
    """The unit of claim, retry and re-queue: keys of `segment` in (`key_after`, `key_to`].

    `fence` grows with each claim; what a worker with an older fence did is not recorded.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="batches")
    segment = models.CharField(max_length=64, blank=True)
    key_after = models.BigIntegerField()
    key_to = models.BigIntegerField()
    keys = models.JSONField(null=True, blank=True, help_text=_("only these keys, for a re-queued selection"))
    size = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=8, choices=BatchStatus, default=BatchStatus.PENDING)
    attempt = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=100, blank=True)
    leased_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    rows_read = models.PositiveIntegerField(default=0)
    rows_written = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["run", "id"]
        verbose_name_plural = _("batches")
        indexes = [
            models.Index(fields=["run", "status"], name="batch_run_status"),
            models.Index(fields=["status", "leased_until"], name="batch_lease"),
            models.Index(fields=["run", "finished_at"], name="batch_run_finished"),
        ]
        permissions = [("release_lease", _("Take a batch away from its worker"))]

    def __str__(self) -> str:
        return gettext("batch %(batch)s of run %(run)s") % {"batch": self.pk, "run": self.run_id}


class Tally(models.Model):
    """How many legacy rows of one batch ended in one disposition for one reason."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="tallies")
    run = models.ForeignKey(Run, models.CASCADE, related_name="tallies")
    entity_type = models.CharField(max_length=64)
    legacy_table = models.CharField(max_length=64)
    disposition = models.CharField(max_length=12)
    reason = models.CharField(max_length=40, blank=True)
    rows = models.PositiveIntegerField(help_text=_("distinct legacy rows"))
    entries = models.PositiveIntegerField(help_text=_("map entries"))

    class Meta:
        indexes = [models.Index(fields=["run", "entity_type"], name="tally_run_entity")]
        verbose_name_plural = _("tallies")

    def __str__(self) -> str:
        return f"{self.entity_type} {self.disposition} {self.reason}: {self.rows}"

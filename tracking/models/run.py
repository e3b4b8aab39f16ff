"""One execution of one aggregate in one phase of one wave (the strategy's `migration_tracking`)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tracking.models.wave import Phase
from tracking.sentences import Told
from tracking.states import RunStatus


class Run(models.Model):
    """Plan and progress of one migration.

    `segment` and `cursor` are the place up to which key ranges were claimed; `exhausted` says that no key
    is left to claim. `total_records` counts root rows at the start; `processed_records` those of finished
    batches. `batch_size` is in root rows and adapts; `size_reason` says why it has its value.
    """

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="runs")
    entity_type = models.CharField(max_length=64, help_text=_("name of the migration in the registry"))
    position = models.PositiveSmallIntegerField(default=0, help_text=_("place in the dependency order"))
    status = models.CharField(max_length=12, choices=RunStatus, default=RunStatus.PENDING, db_index=True)
    status_reason = models.CharField(max_length=500, blank=True)
    status_reason_facts = models.JSONField(null=True, editable=False)
    dry_run = models.BooleanField(default=False)
    total_records = models.BigIntegerField(default=0)
    processed_records = models.BigIntegerField(default=0)
    written_rows = models.BigIntegerField(default=0)
    error_count = models.BigIntegerField(default=0)
    warning_count = models.BigIntegerField(default=0)
    segment = models.CharField(max_length=64, blank=True)
    cursor = models.BigIntegerField(default=0)
    exhausted = models.BooleanField(default=False)
    batch_size = models.PositiveIntegerField(default=500)
    size_reason = models.CharField(max_length=200, blank=True)
    size_reason_facts = models.JSONField(null=True, editable=False)
    workers = models.PositiveSmallIntegerField(default=1)
    claims = models.PositiveBigIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    metadata = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    told_status_reason = Told("status_reason", typed=True)
    told_size_reason = Told("size_reason")

    class Meta:
        db_table = "migration_tracking"
        ordering = ["-id"]
        verbose_name = _("run")
        permissions = [
            ("pause_run", _("Pause a run")),
            ("resume_run", _("Resume a run")),
            ("cancel_run", _("End a run for good")),
            ("tune_run", _("Change batch size and workers of a run")),
            ("requeue_batches", _("Put batches and records back into the queue")),
        ]

    @property
    def is_back_in_part(self) -> bool:
        """Whether only a part of what it wrote was taken out again: one school, or what came after a moment."""
        return self.status == RunStatus.ROLLED_BACK and bool(self.metadata.get("in_part"))

    @property
    def is_in_v5(self) -> bool:
        """Whether it wrote something that may still be there."""
        return self.status not in (RunStatus.PENDING, RunStatus.ROLLED_BACK) or self.is_back_in_part

    def __str__(self) -> str:
        suffix = f" ({gettext('dry run')})" if self.dry_run else ""
        return f"#{self.pk} {self.entity_type}{suffix}"

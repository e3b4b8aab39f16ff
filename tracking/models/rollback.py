"""A rollback: what is to go, what was found that people did since, who decided what, and what was proven."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracking.models.checkpoint import Checkpoint
from tracking.models.run import Run
from tracking.models.sweep import Sweep
from tracking.models.wave import Phase, Wave


class Rollback(models.Model):
    """One way back. `scope` says what of the map goes (see `entities.rollback.scope`), `said` the same for people.

    `decisions` holds per group of findings `keep`, `export` or `anyway`; `figures` what the look found, per table;
    `result` what was taken out and what the proof says. `look` and `work` are the long works behind it.
    """

    class Kind(models.TextChoices):
        RECORD = "record", _("One record")
        BATCH = "batch", _("One batch")
        RUN = "run", _("One run")
        MIGRATION = "migration", _("One migration, all its runs")
        SCHOOL = "school", _("One school")
        PHASE = "phase", _("One phase")
        WAVE = "wave", _("The whole wave")
        CHECKPOINT = "checkpoint", _("Back to a checkpoint")

    class State(models.TextChoices):
        LOOKING = "looking", _("Being looked at: nothing goes yet")
        LOOKED = "looked", _("Looked at: decide what stays")
        ASKED = "asked", _("Waits for a second person")
        APPROVED = "approved", _("Approved: it can start")
        ROLLING = "rolling", _("Rolling back")
        DONE = "done", _("Rolled back and proven")
        UNPROVEN = "unproven", _("Rolled back; the proof found a difference")
        FAILED = "failed", _("It stands still: look at the error, then go on")
        WITHDRAWN = "withdrawn", _("Taken back before anything went")

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="rollbacks")
    kind = models.CharField(max_length=10, choices=Kind)
    phase = models.ForeignKey(Phase, models.CASCADE, null=True, related_name="rollbacks")
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="rollbacks")
    school_id = models.BigIntegerField(null=True)
    scope = models.JSONField(default=dict)
    said = models.CharField(max_length=300)
    reason = models.CharField(max_length=1000)
    state = models.CharField(max_length=10, choices=State, default=State.LOOKING, db_index=True)
    problem = models.CharField(max_length=1000, blank=True)
    decisions = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    rehearsal = models.BooleanField(default=False)
    checkpoint = models.ForeignKey(Checkpoint, models.SET_NULL, null=True, related_name="led_back")
    before = models.ForeignKey(Checkpoint, models.SET_NULL, null=True, related_name="+")
    look = models.ForeignKey(Sweep, models.SET_NULL, null=True, related_name="+")
    work = models.ForeignKey(Sweep, models.SET_NULL, null=True, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("rollback")
        verbose_name_plural = _("rollbacks")
        permissions = [
            ("ask_rollback", _("Look at a rollback and ask for it")),
            ("approve_rollback", _("Approve a rollback")),
            ("restore_archive", _("Bring rows back from the rollback archive")),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.said}"


class RollbackFinding(models.Model):
    """One V5 row that is not as the migration left it, or that stays because of one.

    `parent_table` and `parent_id` tell for a row of people on which migrated row it hangs; `stays` that the row
    is not taken out.
    """

    class Kind(models.TextChoices):
        EDITED = "edited", _("Edited in V5 since it was migrated")
        CHILD = "child", _("Written by people on a migrated row")
        USED = "used", _("Other records need it")
        GONE = "gone", _("Deleted in V5 since it was migrated")
        PART = "part", _("Part of a record that stays")
        ANCESTOR = "ancestor", _("A record that stays points at it")
        LATE = "late", _("Changed after the look")

    rollback = models.ForeignKey(Rollback, models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=8, choices=Kind)
    table = models.CharField(max_length=64)
    v5_id = models.BigIntegerField()
    parent_table = models.CharField(max_length=64, blank=True)
    parent_id = models.BigIntegerField(default=0)
    entity_type = models.CharField(max_length=64, blank=True)
    legacy_id = models.BigIntegerField(null=True)
    school_id = models.BigIntegerField(null=True)
    columns = models.JSONField(default=list)
    stays = models.BooleanField(default=False)

    class Meta:
        ordering = ["kind", "table", "v5_id"]
        verbose_name = _("finding of a rollback")
        verbose_name_plural = _("findings of a rollback")
        constraints = [
            models.UniqueConstraint(
                fields=["rollback", "kind", "table", "v5_id", "parent_table", "parent_id"],
                name="one_finding_per_row",
            )
        ]
        indexes = [models.Index(fields=["rollback", "table", "stays", "v5_id"], name="finding_stays")]

    def __str__(self) -> str:
        return f"{self.kind} {self.table}:{self.v5_id}"

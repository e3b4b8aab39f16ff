"""What V5 held at a moment: rows and content hash of each table and school, to which a rollback must lead back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracking.models.run import Run
from tracking.models.sweep import Sweep
from tracking.models.wave import Phase, Wave


class Checkpoint(models.Model):
    """A look at V5 at `at`, when nothing was being moved.

    `position` is how far the record had come (last run, last batch, entries in the map), `choices` and `code` by
    which rules. A look before a run covers the tables that the run may write; the others cover all.
    """

    class Kind(models.TextChoices):
        NAMED = "named", _("Asked for by a person")
        PHASE = "phase", _("Before a phase")
        RUN = "run", _("Before a run")
        ROLLBACK = "rollback", _("Before a rollback")

    class State(models.TextChoices):
        TAKING = "taking", _("Being taken")
        TAKEN = "taken", _("Taken")
        FAILED = "failed", _("It could not be taken")

    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.NAMED)
    state = models.CharField(max_length=8, choices=State, default=State.TAKING)
    wave = models.ForeignKey(Wave, models.CASCADE, null=True, related_name="checkpoints")
    phase = models.ForeignKey(Phase, models.CASCADE, null=True, related_name="checkpoints")
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="checkpoints")
    sweep = models.ForeignKey(Sweep, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    position = models.JSONField(default=dict)
    choices = models.CharField(max_length=64, blank=True)
    code = models.CharField(max_length=64, blank=True)
    rows = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=32, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        indexes = [models.Index(fields=["wave", "kind"], name="checkpoint_wave_kind")]
        constraints = [models.UniqueConstraint(fields=["run"], name="one_checkpoint_per_run")]
        permissions = [("take_checkpoint", _("Take a checkpoint"))]

    def __str__(self) -> str:
        return self.name


class CheckpointTable(models.Model):
    """Rows and hash of one table and V5 school; school 0 stands for rows of no school."""

    checkpoint = models.ForeignKey(Checkpoint, models.CASCADE, related_name="tables")
    table = models.CharField(max_length=64)
    school_id = models.BigIntegerField(default=0)
    rows = models.BigIntegerField()
    hash = models.CharField(max_length=32)

    class Meta:
        ordering = ["table", "school_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["checkpoint", "table", "school_id"], name="one_figure_per_table_and_school"
            )
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.school_id}: {self.rows}"


class CheckpointRows(models.Model):
    """Ids and hashes of a slice of a table, 16 bytes a row: they name the rows that differ later."""

    checkpoint = models.ForeignKey(Checkpoint, models.CASCADE, related_name="slices")
    table = models.CharField(max_length=64)
    after = models.BigIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ["table", "after"]
        constraints = [
            models.UniqueConstraint(fields=["checkpoint", "table", "after"], name="one_slice_per_place")
        ]

    def __str__(self) -> str:
        return f"{self.table} from {self.after}"

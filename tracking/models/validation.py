"""The strategy's `migration_validation_results`: one verdict of one check."""

from __future__ import annotations

from django.db import models

from tracking.models.run import Run
from tracking.models.sweep import Sweep
from tracking.models.wave import Phase, Wave
from tracking.sentences import Told


class ValidationResult(models.Model):
    """Verdict of a check: `validation_type` is its id (R-nn), `details` the figures and keyed differences.

    `severity` is B (blocks), W (a named person acknowledges) or I (a figure); `moment` says when it was asked for
    (P before the load, E end of a phase, F final, D delta, K after a rollback). `fingerprint` tells one list of
    violating keys from another; `current` is False once the same check was run again for the school.
    The figures stand beside the details, so that a list of many verdicts need not read those.
    """

    class Result(models.TextChoices):
        PASS = "pass", "pass"
        WARNING = "warning", "warning"
        FAIL = "fail", "fail"
        WAIVED = "waived", "waived"
        NOTHING = "nothing", "nothing to check"

    wave = models.ForeignKey(Wave, models.CASCADE, null=True, related_name="validations")
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="validations")
    phase = models.ForeignKey(Phase, models.SET_NULL, null=True, related_name="validations")
    sweep = models.ForeignKey(Sweep, models.SET_NULL, null=True, related_name="validations")
    severity = models.CharField(max_length=1, blank=True)
    moment = models.CharField(max_length=1, blank=True)
    current = models.BooleanField(default=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    validation_type = models.CharField(max_length=64)
    entity_type = models.CharField(max_length=64, blank=True)
    entity_id = models.BigIntegerField(null=True)
    school_id = models.BigIntegerField(null=True)
    result = models.CharField(max_length=8, choices=Result)
    message = models.TextField()
    message_facts = models.JSONField(null=True, editable=False)
    details = models.JSONField(default=dict)
    legacy_rows = models.BigIntegerField(null=True)
    v5_rows = models.BigIntegerField(null=True)
    explained = models.BigIntegerField(null=True)
    introduced = models.BigIntegerField(null=True)
    inherited = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    told_message = Told("message")

    class Meta:
        db_table = "migration_validation_results"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["wave", "validation_type"], name="validation_wave_type"),
            models.Index(fields=["wave", "current", "phase"], name="validation_current"),
        ]

    def __str__(self) -> str:
        return f"{self.validation_type}: {self.result}"

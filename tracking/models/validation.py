"""The strategy's `migration_validation_results`: one verdict of one check."""

from __future__ import annotations

from django.db import models

from tracking.models.run import Run
from tracking.models.wave import Wave
from tracking.sentences import Told


class ValidationResult(models.Model):
    """Verdict of a check: `validation_type` is its id (R-nn), `details` the figures and keyed differences."""

    class Result(models.TextChoices):
        PASS = "pass", "pass"
        WARNING = "warning", "warning"
        FAIL = "fail", "fail"
        WAIVED = "waived", "waived"
        NOTHING = "nothing", "nothing to check"

    wave = models.ForeignKey(Wave, models.CASCADE, null=True, related_name="validations")
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="validations")
    validation_type = models.CharField(max_length=64)
    entity_type = models.CharField(max_length=64, blank=True)
    entity_id = models.BigIntegerField(null=True)
    school_id = models.BigIntegerField(null=True)
    result = models.CharField(max_length=8, choices=Result)
    message = models.TextField()
    message_facts = models.JSONField(null=True, editable=False)
    details = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    told_message = Told("message")

    class Meta:
        db_table = "migration_validation_results"
        ordering = ["-id"]
        indexes = [models.Index(fields=["wave", "validation_type"], name="validation_wave_type")]

    def __str__(self) -> str:
        return f"{self.validation_type}: {self.result}"

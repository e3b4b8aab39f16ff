"""Checks that need the live applications or a person's judgement: what was seen, by whom, with the evidence."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracking.models.wave import Wave


class ManualRecord(models.Model):
    """One statement of a person about one manual check: kept for good, the latest one of a wave and school counts.

    `content` is a file of at most 5 MB with its SHA-256.
    """

    class Outcome(models.TextChoices):
        PASSED = "passed", _("Passed: what the steps ask for was seen")
        FAILED = "failed", _("Failed: something else was seen")
        NOT_NEEDED = "not needed", _("Does not apply to this wave")

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="manual_records")
    check_id = models.CharField(max_length=40)
    outcome = models.CharField(max_length=10, choices=Outcome)
    note = models.CharField(max_length=1000)
    name = models.CharField(max_length=200, blank=True)
    content = models.BinaryField(null=True)
    size = models.PositiveIntegerField(default=0)
    checksum = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("manual check")
        verbose_name_plural = _("manual checks")
        indexes = [models.Index(fields=["wave", "check_id"], name="manual_wave_check")]
        permissions = [("record_manual_check", _("Say what a check by hand showed"))]

    def __str__(self) -> str:
        return f"{self.check_id}: {self.get_outcome_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("what a person saw is written once and never changed")
        super().save(*args, **kwargs)


class Probe(models.Model):
    """One request to the staging application: GET without any credentials; passed when it answers below 500."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="probes")
    check_id = models.CharField(max_length=40)
    path = models.CharField(max_length=300)
    status = models.PositiveSmallIntegerField(null=True)
    seconds = models.FloatField(null=True)
    error = models.CharField(max_length=300, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("probe of the staging application")
        verbose_name_plural = _("probes of the staging application")

    def __str__(self) -> str:
        return f"GET {self.path}"

    @property
    def is_well(self) -> bool:
        return self.status is not None and self.status < 500

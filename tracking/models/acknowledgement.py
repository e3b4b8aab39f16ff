"""A named person has seen a group of findings that do not block."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracking.models.wave import Wave


class Acknowledgement(models.Model):
    """Bound to the fingerprint of the violating keys: another list of keys is not acknowledged (R 1.4)."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="acknowledgements")
    check_id = models.CharField(max_length=40)
    school_id = models.BigIntegerField(null=True)
    fingerprint = models.CharField(max_length=64)
    note = models.CharField(max_length=1000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("acknowledgement")
        indexes = [models.Index(fields=["wave", "check_id", "fingerprint"], name="acknowledged_check")]

    def __str__(self) -> str:
        return f"{self.check_id} {self.school_id or ''}".strip()

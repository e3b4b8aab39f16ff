"""A stored pre-flight report."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext

from tracking.models.wave import Wave


class PreflightReport(models.Model):
    """Everything the pre-flight looked at: `report` lists its checks with verdict and findings."""

    wave = models.ForeignKey(Wave, models.SET_NULL, null=True, related_name="preflights")
    passed = models.BooleanField()
    report = models.JSONField(default=list)
    code_version = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name = "pre-flight"

    def __str__(self) -> str:
        return gettext("pre-flight of %(at)s") % {"at": f"{self.created_at:%Y-%m-%d %H:%M}"}

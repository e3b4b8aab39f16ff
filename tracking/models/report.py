"""The report of a phase as it was at a moment: stored once, with a checksum over its canonical JSON."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracking.models.wave import Phase


class PhaseReport(models.Model):
    """Figures, verdicts, waivers and versions of a phase. Written once, never changed (reconciliation section 13)."""

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="reports")
    content = models.JSONField()
    checksum = models.CharField(max_length=64)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("report of a phase")
        verbose_name_plural = _("reports of phases")
        permissions = [("store_report", _("Store the report of a phase"))]

    def __str__(self) -> str:
        return f"{self.phase} {self.checksum[:12]}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("a report is written once and never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("a report is never deleted")

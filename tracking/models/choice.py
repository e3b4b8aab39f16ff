"""A decided operator choice Q-nn; a choice without a row has its default."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracking.models.wave import Wave


class ChoiceValue(models.Model):
    """The value of one choice in one wave, for all schools (`school_id` 0) or for one legacy school."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="choices")
    key = models.CharField(max_length=4)
    school_id = models.BigIntegerField(default=0)
    value = models.JSONField()
    reason = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wave", "key", "school_id"], name="one_value_per_choice")
        ]
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        permissions = [("decide_choice", _("Decide a choice"))]

    def __str__(self) -> str:
        return f"{self.key} = {self.value}"

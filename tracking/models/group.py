"""Issues by cause, counted as they come and go: a page of causes never counts a million issues."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tracking.models.issue import Issue
from tracking.models.wave import Wave


class IssueGroup(models.Model):
    """All issues of one wave with the same code, kind of record, field and currency.

    `open` counts issues that need a person, `amount` is the money at stake in them. `regressions` counts issues
    that came back after they were resolved. Written by `tracking.triage.groups` alone.
    """

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="issue_groups")
    code = models.CharField(max_length=40)
    entity_type = models.CharField(max_length=64)
    field = models.CharField(max_length=64, blank=True)
    level = models.CharField(max_length=7, default=Issue.ERROR)
    currency = models.CharField(max_length=3, blank=True)
    open = models.IntegerField(default=0)
    seen = models.IntegerField(default=0, help_text=_("issues ever, also those that are resolved"))
    amount = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    regressions = models.IntegerField(default=0)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["wave", "code", "entity_type", "field", "level", "currency"],
                name="one_group_per_cause",
            )
        ]
        verbose_name = _("cause")
        verbose_name_plural = _("causes")

    def __str__(self) -> str:
        return f"{self.code} {self.entity_type} {self.field}".strip()

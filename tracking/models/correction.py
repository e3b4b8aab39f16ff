"""A person's answer to what is wrong with one legacy record. The legacy database itself is never written."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracking.models.issue import Issue
from tracking.models.wave import Wave


class Correction(models.Model):
    """What the engine reads instead of what legacy holds, for one row of one table in one wave.

    `values`: other values by legacy column (a chosen parent is the legacy id in its key column).
    `skip`: the row is left out on purpose; the reason says why. One active correction per row; a new answer
    supersedes the old one, which stays as history.
    """

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="corrections")
    issue = models.ForeignKey(Issue, models.SET_NULL, null=True, blank=True, related_name="corrections")
    legacy_table = models.CharField(max_length=64)
    legacy_id = models.BigIntegerField()
    values = models.JSONField(default=dict, help_text=_("legacy column: value to use instead"))
    skip = models.BooleanField(default=False)
    reason = models.CharField(max_length=500)
    active = models.BooleanField(default=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["wave", "legacy_table", "legacy_id"], name="correction_record")]
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        permissions = [
            ("correct_issue", _("Answer an issue with other values")),
            ("apply_correction", _("Apply corrections to V5")),
            ("skip_record", _("Leave a record out")),
        ]

    def __str__(self) -> str:
        what = _("left out") if self.skip else ", ".join(self.values)
        return f"{self.legacy_table}:{self.legacy_id}: {what}"


class IssueNote(models.Model):
    """What somebody said about an issue, and assignments."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="notes")
    text = models.TextField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["written_at"]
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        permissions = [("assign_issue", _("Assign an issue")), ("note_issue", _("Write a note on an issue"))]

    def __str__(self) -> str:
        return self.text[:60]

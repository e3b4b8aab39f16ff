"""What is wrong with one legacy record."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracking.models.run import Run
from tracking.models.wave import Wave
from tracking.sentences import Told
from tracking.states import IssueState


class Issue(models.Model):
    """One code about one field of one legacy record; seen again, the same issue is updated.

    `payload` is the legacy row without secrets; it may hold personal data and is masked by role.
    `amount` is the money at stake in `currency`.
    """

    ERROR, WARNING = "error", "warning"

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="issues")
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="issues")
    batch_id = models.BigIntegerField(null=True)
    entity_type = models.CharField(max_length=64)
    legacy_table = models.CharField(max_length=64)
    legacy_id = models.BigIntegerField()
    part = models.CharField(max_length=64, blank=True)
    root_entity = models.CharField(max_length=64, blank=True)
    root_id = models.BigIntegerField(null=True, help_text=_("key of the aggregate, for re-queueing"))
    school_id = models.BigIntegerField(null=True)
    stage = models.CharField(max_length=12)
    level = models.CharField(max_length=7, default=ERROR)
    code = models.CharField(max_length=40)
    field = models.CharField(max_length=64, blank=True)
    message = models.CharField(max_length=500)
    message_facts = models.JSONField(null=True, editable=False)
    payload = models.JSONField(null=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    state = models.CharField(max_length=8, choices=IssueState, default=IssueState.OPEN)
    occurrences = models.PositiveIntegerField(default=1)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    regressions = models.PositiveIntegerField(
        default=0, help_text=_("how often it came back after it was resolved")
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    told_message = Told("message")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["wave", "entity_type", "legacy_id", "part", "code", "field"],
                name="one_issue_per_fault",
            )
        ]
        indexes = [
            models.Index(fields=["state", "code"], name="issue_state_code"),
            models.Index(fields=["code"], name="issue_code"),
            models.Index(fields=["run", "state", "level", "code"], name="issue_run_cause"),
            models.Index(fields=["entity_type", "legacy_id"], name="issue_record"),
            models.Index(fields=["level", "state"], name="issue_level_state"),
            models.Index(fields=["wave", "root_entity", "root_id"], name="issue_wave_root"),
            models.Index(fields=["wave", "state", "level", "code"], name="issue_wave_cause"),
            models.Index(fields=["wave", "code", "entity_type", "field", "state"], name="issue_group"),
        ]
        permissions = [("view_personal_data", _("See personal data in payloads"))]

    def __str__(self) -> str:
        return f"{self.code} {self.entity_type}:{self.legacy_id}"

"""A difference that a check saw, by its keys."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tracking.models.sweep import Sweep
from tracking.models.wave import Wave


class Finding(models.Model):
    """One key that a check objects to. No cap: every one is stored, with both values where there are two.

    `inherited`: the legacy counterpart has the same fault. `expected` and `found` may be personal data and are
    shown masked by role; secrets are never stored here.
    """

    class Kind(models.TextChoices):
        MISSING = "missing", _("There in legacy, not in V5")
        EXTRA = "extra", _("There in V5, not expected from legacy")
        DIFFERS = "differs", _("The two sides differ")
        VIOLATION = "violation", _("A rule does not hold")

    sweep = models.ForeignKey(Sweep, models.CASCADE, related_name="findings")
    wave = models.ForeignKey(Wave, models.CASCADE, null=True, related_name="findings")
    check_id = models.CharField(max_length=40)
    kind = models.CharField(max_length=9, choices=Kind)
    inherited = models.BooleanField(default=False)
    school_id = models.BigIntegerField(null=True, help_text=_("legacy school"))
    entity_type = models.CharField(max_length=64, blank=True)
    legacy_table = models.CharField(max_length=64, blank=True)
    legacy_id = models.BigIntegerField(null=True)
    part = models.CharField(max_length=64, blank=True)
    v5_table = models.CharField(max_length=64, blank=True)
    v5_id = models.BigIntegerField(null=True)
    field = models.CharField(max_length=64, blank=True)
    expected = models.CharField(max_length=500, null=True)  # noqa: DJ001 - NULL is a value of its own
    found = models.CharField(max_length=500, null=True)  # noqa: DJ001 - NULL is a value of its own
    message = models.CharField(max_length=500, blank=True)
    repaired_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name = _("finding")
        indexes = [
            # The lists' filters are answered from these alone, without the rows.
            models.Index(
                fields=["sweep", "check_id", "school_id", "inherited", "kind"], name="finding_sweep_place"
            ),
            models.Index(fields=["sweep", "kind"], name="finding_sweep_kind"),
            models.Index(fields=["sweep", "inherited"], name="finding_sweep_origin"),
            models.Index(fields=["kind"], name="finding_kind"),
            models.Index(fields=["v5_table", "v5_id"], name="finding_v5"),
            models.Index(fields=["legacy_table", "legacy_id"], name="finding_legacy"),
            models.Index(fields=["check_id", "school_id", "inherited", "kind"], name="finding_place"),
            models.Index(fields=["school_id"], name="finding_school"),
            models.Index(fields=["legacy_id"], name="finding_legacy_id"),
            models.Index(fields=["v5_id"], name="finding_v5_id"),
        ]
        permissions = [
            ("run_checks", _("Run checks")),
            ("repair_record", _("Write a V5 record again from its source")),
            ("acknowledge_findings", _("Acknowledge findings that need no repair")),
        ]

    def __str__(self) -> str:
        return f"{self.check_id} {self.legacy_table}:{self.legacy_id or self.v5_id} {self.field}".strip()

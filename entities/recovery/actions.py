"""Asking a worker to check V5 after a recovery."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracking import dispatch
from tracking.actions.base import Action
from tracking.models import BackupRecord, ValidationResult

CHECK = "entities.check_recovery"


class CheckRecovery(Action):
    """Integrity, critical paths, access and performance of V5 are looked at by a worker; nothing is written to V5."""

    name, permission, subject_type = "check recovery", "tracking.test_restore", "backup"

    def __init__(self, **who: Any) -> None:
        super().__init__(None, **who)

    def effect(self) -> str:
        return _("A worker looks at integrity, critical paths, access and performance of V5. It only reads.")

    def before(self) -> dict[str, Any]:
        return {}

    def execute(self, now: datetime) -> dict[str, Any]:
        self.subject = BackupRecord(pk=0)
        dispatch.send(CHECK)
        return {}


def latest() -> list[ValidationResult]:
    """The results of the latest check, in their order."""
    newest = (
        ValidationResult.objects.filter(validation_type__startswith="RV-", current=True)
        .order_by("-pk")
        .first()
    )
    if newest is None:
        return []
    same = ValidationResult.objects.filter(
        validation_type__startswith="RV-", current=True, wave=newest.wave_id
    )
    return sorted(same, key=lambda one: one.validation_type)

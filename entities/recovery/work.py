"""What the workers are asked for on the way back, and what becomes of it when one of them dies."""

from __future__ import annotations

from datetime import datetime

from entities.recovery import backup, restore, steps, validation
from tracking import undertakings
from tracking.actions.backup import BACKUP, RESTORE_TEST
from tracking.models import BackupRecord, RestoreTest, RunbookStep
from tracking.runbooks.walk import STEP

__all__ = ["backup", "restore", "revive", "steps", "validation"]


def revive(now: datetime) -> None:
    """Offer again what waits and what a silent worker held."""
    undertakings.revive(BackupRecord, BACKUP, now)
    undertakings.revive(RestoreTest, RESTORE_TEST, now)
    undertakings.revive(RunbookStep, STEP, now)

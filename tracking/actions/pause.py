"""Pausing a run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tracking import ledger
from tracking.actions.base import Action, ActionRefused, refuse_status
from tracking.models import Batch
from tracking.states import BatchStatus, RunStatus


class PauseRun(Action):
    """Batches in work are finished, no further ones are started; what is moved stays moved."""

    name, permission = "pause run", "tracking.pause_run"

    def effect(self) -> str:
        held = Batch.objects.filter(run=self.run, status=BatchStatus.RUNNING).count()
        left = max(0, self.run.total_records - self.run.processed_records)
        return f"Finish {held} batches in work, then wait; {left:,} records stay to be done."

    def check(self) -> None:
        refuse_status(self.run, "paused", (RunStatus.RUNNING,), "only a run that moves records can be")

    def execute(self, now: datetime) -> dict[str, Any]:
        if not ledger.move(self.run, RunStatus.PAUSING, now, self.reason):
            raise ActionRefused(f"run {self.run.pk} became {self.run.status} meanwhile: look again")
        return {"status": self.run.status}

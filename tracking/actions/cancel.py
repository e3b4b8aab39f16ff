"""Ending a run for good."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracking import ledger
from tracking.actions.base import changed_meanwhile, refuse_status
from tracking.actions.run import OnRun
from tracking.states import RUN_TRANSITIONS, RunStatus

CANCELLABLE = tuple(
    status for status, after in RUN_TRANSITIONS.items() if after & {RunStatus.CANCELLING, RunStatus.CANCELLED}
)


class CancelRun(OnRun):
    """Batches in work are finished, then the run is over. What was moved stays moved and recorded."""

    name, permission = "cancel run", "tracking.cancel_run"

    def effect(self) -> str:
        left = max(0, self.run.total_records - self.run.processed_records)
        return _("End the run for good; %(written)s written rows stay, %(left)s records are not moved.") % {
            "written": f"{self.run.written_rows:,}", "left": f"{left:,}",
        }  # fmt: skip

    def check(self) -> None:
        super().check()
        refuse_status(self.run, _("cancelled"), CANCELLABLE, _("it has already ended"))

    def execute(self, now: datetime) -> dict[str, Any]:
        possible = RUN_TRANSITIONS[self.run.status]
        if RunStatus.CANCELLED in possible and RunStatus.CANCELLING not in possible:
            moved = ledger.move(self.run, RunStatus.CANCELLED, now, self.reason, completed_at=now)
        else:
            moved = ledger.move(self.run, RunStatus.CANCELLING, now, self.reason)
        if not moved:
            raise changed_meanwhile(self.run)
        return {"status": self.run.status}

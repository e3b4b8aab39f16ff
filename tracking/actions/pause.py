"""Pausing a run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracking import ledger
from tracking.actions.base import changed_meanwhile, refuse_status
from tracking.actions.run import OnRun
from tracking.models import Batch
from tracking.states import BatchStatus, RunStatus


class PauseRun(OnRun):
    """Batches in work are finished, no further ones are started; what is moved stays moved."""

    name, permission = "pause run", "tracking.pause_run"

    def effect(self) -> str:
        held = Batch.objects.filter(run=self.run, status=BatchStatus.RUNNING).count()
        left = max(0, self.run.total_records - self.run.processed_records)
        return _("Finish %(held)s batches in work, then wait; %(left)s records stay to be done.") % {
            "held": held, "left": f"{left:,}",
        }  # fmt: skip

    def check(self) -> None:
        super().check()
        refuse_status(self.run, _("paused"), (RunStatus.RUNNING,), _("only a run that moves records can be"))

    def execute(self, now: datetime) -> dict[str, Any]:
        if not ledger.move(self.run, RunStatus.PAUSING, now, self.reason):
            raise changed_meanwhile(self.run)
        return {"status": self.run.status}

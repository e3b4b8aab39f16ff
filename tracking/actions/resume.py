"""Resuming a run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracking import dispatch, ledger
from tracking.actions.base import ActionRefused, changed_meanwhile, refuse_status
from tracking.actions.run import OnRun
from tracking.models import Batch
from tracking.states import BatchStatus, RunStatus

RESUMABLE = (RunStatus.PAUSED, RunStatus.PAUSING, RunStatus.STOPPED, RunStatus.UNBALANCED)


class ResumeRun(OnRun):
    """Continues a run that was paused or that stopped itself.

    A run beyond the stop threshold (Q-45) goes on without it: the person who resumes has looked. Failed batches
    stay failed until they are re-queued; a run that holds nothing else would only stop again, so it is refused.
    """

    name, permission = "resume run", "tracking.resume_run"

    def effect(self) -> str:
        left = max(0, self.run.total_records - self.run.processed_records)
        said = _("Continue with %(left)s of %(total)s records left.") % {
            "left": f"{left:,}", "total": f"{self.run.total_records:,}",
        }  # fmt: skip
        beyond = _("The stop threshold (Q-45) no longer applies to it.")
        return f"{said} {beyond}" if self.was_stopped() else said

    def check(self) -> None:
        super().check()
        refuse_status(self.run, _("resumed"), RESUMABLE, _("only a paused or stopped run can be"))
        batches = Batch.objects.filter(run=self.run)
        failed = batches.filter(status=BatchStatus.FAILED).count()
        if failed and self.run.exhausted and not batches.filter(status=BatchStatus.PENDING).exists():
            told = _(
                "run %(run)s has %(failed)s failed batches and nothing else to do: "
                "put the cause right, then `requeue --run %(run)s --failed`"
            )
            raise ActionRefused(told % {"run": self.run.pk, "failed": failed})

    def execute(self, now: datetime) -> dict[str, Any]:
        metadata = (
            {**self.run.metadata, "ignore_threshold": True} if self.was_stopped() else self.run.metadata
        )
        if not ledger.move(self.run, RunStatus.RUNNING, now, metadata=metadata):
            raise changed_meanwhile(self.run)
        dispatch.work_on(self.run.pk, self.run.workers)
        return {"status": self.run.status, "ignore_threshold": bool(metadata.get("ignore_threshold"))}

    def was_stopped(self) -> bool:
        """Whether it stopped itself because too many records failed."""
        return self.run.status == RunStatus.STOPPED and "Q-45" in self.run.status_reason

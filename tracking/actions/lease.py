"""Taking a batch away from a worker that hangs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from tracking import dispatch
from tracking.actions.base import Action, ActionRefused
from tracking.models import Batch
from tracking.states import BatchStatus, RunStatus


class ReleaseLease(Action):
    """The batch waits again, for any worker; what its worker still does with it is not recorded (law of the fence).

    A lease ends by itself half a minute after the last sign of life; this is for a worker that lives and hangs.
    """

    name, permission = "release lease", "tracking.release_lease"

    def __init__(self, batch: Batch, **who: Any) -> None:
        super().__init__(batch.run, **who)
        self.batch = batch

    def effect(self) -> str:
        return _(
            "Take batch %(batch)s of run %(run)s (%(size)s records, attempt %(attempt)s) away from %(worker)s: another "
            "worker does it again, what %(worker)s still does with it is not recorded, and nothing is written twice."
        ) % {
            "batch": self.batch.pk, "run": self.run, "size": f"{self.batch.size:,}", "attempt": self.batch.attempt,
            "worker": self.batch.worker,
        }  # fmt: skip

    def before(self) -> dict[str, Any]:
        return {"batch": self.batch.pk, "worker": self.batch.worker, "fence": self.batch.fence}

    def check(self) -> None:
        """The very claim that the person saw must still hold: another worker's fresh claim is left alone."""
        now_is = Batch.objects.get(pk=self.batch.pk)
        if now_is.status != BatchStatus.RUNNING or now_is.fence != self.batch.fence:
            raise ActionRefused(
                _("batch %(batch)s is no longer held by %(worker)s: nothing is to be released")
                % {"batch": self.batch.pk, "worker": self.batch.worker}
            )

    def execute(self, now: datetime) -> dict[str, Any]:
        taken = Batch.objects.filter(
            pk=self.batch.pk, fence=self.batch.fence, status=BatchStatus.RUNNING
        ).update(
            status=BatchStatus.PENDING,
            fence=F("fence") + 1,
            leased_until=None,
            error="its lease was released by a person",
        )
        if not taken:
            raise ActionRefused(_("batch %(batch)s ended meanwhile: look again") % {"batch": self.batch.pk})
        if self.run.status == RunStatus.RUNNING:
            dispatch.work_on(self.run.pk)
        return {"batch": self.batch.pk, "status": BatchStatus.PENDING.value, "fence": self.batch.fence + 1}

"""Did a batch fail as a whole?"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracking.gates.base import Gate, Link, Reading
from tracking.gates.runs import MOVING, latest_runs
from tracking.models import Batch, Phase
from tracking.states import BatchStatus


class NoFailedBatches(Gate):
    """No batch of the runs that count was given up after all its attempts."""

    id, phases, waivable = "batches", MOVING, False
    title = gettext_lazy("No batch was given up")

    def read(self, phase: Phase, now: datetime) -> Reading:
        runs = [run.pk for run in latest_runs(phase, now).values()]
        failed = Batch.objects.filter(run__in=runs, status=BatchStatus.FAILED)
        by_run: dict[str, int] = {}
        for run_id in failed.values_list("run_id", flat=True):
            by_run[str(run_id)] = by_run.get(str(run_id), 0) + 1
        if not by_run:
            return Reading(_("No failed batch."))
        links = tuple(
            Link(_("%(n)s batches of run %(run)s") % {"n": number, "run": run}, "tracking.batch",
                 {"run__id__exact": run, "status__exact": "failed"})
            for run, number in by_run.items()
        )  # fmt: skip
        total = sum(by_run.values())
        return Reading(
            _("%(n)s batches failed after all their attempts.") % {"n": total}, {"failed": by_run}, links
        )

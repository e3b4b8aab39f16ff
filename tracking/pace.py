"""How fast a run is and when it will be done: from what was finished lately, and unknown when nothing was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Min, Sum
from django.utils.translation import gettext as _

from tracking.models import Batch, Run
from tracking.states import BatchStatus, RunStatus

WINDOW = timedelta(minutes=2)


@dataclass(frozen=True)
class Pace:
    """Root records per second and time left; None = cannot be said."""

    per_second: float | None
    left: timedelta | None


def of(run: Run, now: datetime) -> Pace:
    """The pace of the last two minutes while a run works, of the whole run afterwards; two queries."""
    at_work = run.status == RunStatus.RUNNING
    per_second = _per_second(run, now - WINDOW if at_work else None, now if at_work else None)
    remaining = run.total_records - run.processed_records
    if per_second is None or not at_work:
        return Pace(per_second, None)
    return Pace(per_second, timedelta(seconds=max(0, remaining) / per_second))


def _per_second(run: Run, since: datetime | None, until: datetime | None) -> float | None:
    done = Batch.objects.filter(run=run, status=BatchStatus.DONE)
    rows = done.aggregate(rows=Sum("rows_read"))["rows"]
    lately = (done.filter(finished_at__gte=since) if since else done).aggregate(
        rows=Sum("rows_read"), begin=Min("started_at"), end=Max("finished_at"), busy=Sum("seconds")
    )
    if not rows or not lately["rows"] or not run.processed_records:
        return None
    end = until or lately["end"]
    begin = max(lately["begin"], since) if since else lately["begin"]
    seconds = (end - begin).total_seconds()
    if until is None:  # a run that was paused or re-queued did not work all the time
        seconds = min(seconds, lately["busy"] or seconds)
    records = lately["rows"] * run.processed_records / rows  # batches count rows, people count records
    return records / seconds if seconds > 0.05 else None


def words(left: timedelta | None) -> str:
    """`1 h 05 min`, `3 min 20 s`, `12 s`, or that it is unknown."""
    if left is None:
        return _("unknown")
    minutes, seconds = divmod(round(left.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"

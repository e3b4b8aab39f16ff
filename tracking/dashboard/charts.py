"""Throughput and share of failures over time, from the moments at which batches were finished."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tracking.models import Batch, Run
from tracking.states import AT_WORK, BatchStatus

STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400)  # seconds
BARS = 60
REST = timedelta(minutes=15)  # a longer rest begins a new stretch of work
Finished = tuple[datetime | None, int, int]  # when, legacy rows read, records rejected


@dataclass(frozen=True)
class Bucket:
    """Legacy rows read and rejected in the `seconds` from `begin` on."""

    begin: datetime
    seconds: float
    rows: int = 0
    rejected: int = 0

    @property
    def per_second(self) -> float:
        return self.rows / self.seconds if self.seconds else 0.0

    @property
    def failed_percent(self) -> float | None:
        """None where nothing was read: no failures and no successes."""
        return 100 * self.rejected / self.rows if self.rows else None


def stretch(runs: Sequence[Run], now: datetime) -> tuple[datetime, datetime] | None:
    """Begin and end of the latest stretch of work: runs that followed each other without a long rest.

    None when nothing has started.
    """
    spans = sorted((_span(run, now) for run in runs if run.started_at), reverse=True)
    if not spans:
        return None
    end = max(until for _since, until in spans)
    begin = end
    for since, until in spans:
        if until < begin - REST:
            break
        begin = min(begin, since)
    return begin, end


def _span(run: Run, now: datetime) -> tuple[datetime, datetime]:
    """From its start to its end; a run that waits for a person ended when it was last touched."""
    assert run.started_at is not None
    return run.started_at, now if run.status in AT_WORK else (run.completed_at or run.updated_at)


def buckets(runs: Sequence[Run], begin: datetime, end: datetime) -> list[Bucket]:
    """At most sixty equal pieces of the time from begin to end; one statement."""
    step = step_for((end - begin).total_seconds())
    start = datetime.fromtimestamp(begin.timestamp() // step * step, begin.tzinfo)
    done = Batch.objects.filter(
        run__in=[run.pk for run in runs],
        status=BatchStatus.DONE,
        finished_at__gte=start,
        finished_at__lte=end,
    )
    return fill(done.values_list("finished_at", "rows_read", "rejected").iterator(), start, end, step)


def fill(finished: Iterable[Finished], start: datetime, end: datetime, step: int) -> list[Bucket]:
    """Buckets without a gap; the last one is only as long as the time that has passed in it."""
    count = int((end - start).total_seconds() // step) + 1
    rows, rejected = [0] * count, [0] * count
    for at, read, failed in finished:
        assert at is not None  # a finished batch has its moment
        place = min(count - 1, max(0, int((at - start).total_seconds() // step)))
        rows[place] += read
        rejected[place] += failed
    last = max(1.0, (end - start).total_seconds() - (count - 1) * step)
    return [
        Bucket(start + timedelta(seconds=i * step), last if i == count - 1 else step, rows[i], rejected[i])
        for i in range(count)
    ]


def step_for(seconds: float) -> int:
    """The finest step that needs no more than sixty buckets."""
    return next((step for step in STEPS if seconds / step <= BARS), STEPS[-1])


@dataclass(frozen=True)
class Chart:
    """Data as Chart.js wants it, and the same in one sentence for those who do not see it."""

    name: str
    title: str
    says: str
    data: dict[str, Any]

    @property
    def json(self) -> str:
        return json.dumps(self.data)

    @property
    def json_safe(self) -> SafeString:
        """For a script element."""
        return mark_safe(self.json.replace("<", "\\u003c"))


def charts(found: Sequence[Bucket]) -> list[Chart]:
    """Throughput as bars, share of failed records as a line."""
    labels = [_label(one) for one in found]
    return [_throughput(found, labels), _failures(found, labels)]


def _label(one: Bucket) -> str:
    local = timezone.localtime(one.begin)
    if one.seconds >= 3600:
        return f"{local:%d.%m. %H:%M}"
    return f"{local:%H:%M}" if one.seconds >= 60 else f"{local:%H:%M:%S}"


def _throughput(found: Sequence[Bucket], labels: list[str]) -> Chart:
    best = max((one.per_second for one in found), default=0.0)
    rows = sum(one.rows for one in found)
    says = _("%(rows)s legacy rows read, at best %(best)s a second") % {
        "rows": f"{rows:,}",
        "best": f"{best:,.0f}",
    }
    points = [round(one.per_second, 1) for one in found]
    return Chart(
        "throughput", _("Legacy rows per second"), says, _data(labels, points, "var(--color-primary-600)", "")
    )


def _failures(found: Sequence[Bucket], labels: list[str]) -> Chart:
    rows, failed = sum(one.rows for one in found), sum(one.rejected for one in found)
    facts = {
        "failed": f"{failed:,}",
        "rows": f"{rows:,}",
        "share": f"{100 * failed / rows:.2f}" if rows else "0",
    }
    says = _("%(failed)s of %(rows)s rows rejected (%(share)s %%)") % facts
    points = [None if one.failed_percent is None else round(one.failed_percent, 2) for one in found]
    return Chart(
        "failures", _("Rejected, per cent"), says, _data(labels, points, "var(--color-red-600)", "%")
    )


def _data(labels: list[str], points: Sequence[float | None], colour: str, suffix: str) -> dict[str, Any]:
    return {
        "labels": labels,
        "datasets": [{
            "data": list(points), "backgroundColor": colour, "borderColor": colour, "spanGaps": True, "tension": 0,
            "displayYAxis": True, "suffixYAxis": suffix, "maxTicksXLimit": 8, "maxBarThickness": 10,
        }],
    }  # fmt: skip

"""How far a wave is: overall, by phase, by migration; what became of the rows; what is wrong.

Few statements whatever the size of the wave; what cannot be said is None and shown as unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, QuerySet, Sum

from tracking import codes, pace
from tracking.dashboard import expected
from tracking.dashboard.memory import remembered
from tracking.models import Batch, Issue, IssueGroup, Phase, Run, Tally, Wave
from tracking.states import AT_WORK, BatchStatus, IssueState, RunStatus

MOST_RUNS = 500
OUTCOMES = ("migrated", "merged", "split", "skipped", "rejected", "synthesised")


@dataclass(frozen=True)
class Line:
    """One migration of the wave: its latest run, the share that is done (0 to 1), pace and time left."""

    run: Run
    share: float
    per_second: float | None = None
    left: timedelta | None = None

    @property
    def percent(self) -> int:
        """Whole per cent; 100 only when it is complete."""
        return 100 if self.share >= 1 else min(99, int(self.share * 100))

    @property
    def is_at_work(self) -> bool:
        return self.run.status in AT_WORK


@dataclass(frozen=True)
class PhaseStep:
    """One of the six phases on the track; `runs` and `complete` count migrations, 0 = none planned yet."""

    phase: Phase
    runs: int
    complete: int
    share: float

    @property
    def percent(self) -> int:
        return 100 if self.runs and self.complete == self.runs else min(99, int(self.share * 100))


@dataclass(frozen=True)
class Overall:
    """The wave as a whole. `by_records` False: migrations count alike, since what waits is not counted yet;
    `is_estimate`: what waits is taken to be as much as in an earlier wave of the same schools."""

    share: float
    done: int
    total: int
    migrations: int
    complete: int
    by_records: bool
    is_estimate: bool
    left: timedelta | None
    per_second: float | None

    @property
    def percent(self) -> int:
        return 100 if self.migrations and self.complete == self.migrations else min(99, int(self.share * 100))


@dataclass(frozen=True)
class Cause:
    """Open issues of one code."""

    code: str
    level: str
    count: int
    sentence: str


@dataclass(frozen=True)
class Outcomes:
    """Distinct legacy rows by disposition, of whole key ranges; `again` those of re-queued records."""

    rows: dict[str, int]
    again: dict[str, int]


def waves() -> list[Wave]:
    """The newest waves, for choosing one."""
    return list(Wave.objects.order_by("-id")[:20])


def current_runs(wave: Wave) -> list[Run]:
    """The latest run of each migration of each phase, in order; a dry run counts while it works or when no
    real run exists."""
    latest: dict[tuple[int, str], Run] = {}
    runs = Run.objects.filter(phase__wave=wave).select_related("phase__wave").order_by("-id")[:MOST_RUNS]
    for run in reversed(runs):
        key = (run.phase.number, run.entity_type)
        before = latest.get(key)
        if run.dry_run and before is not None and not before.dry_run and run.status not in AT_WORK:
            continue
        latest[key] = run
    return sorted(latest.values(), key=lambda run: (run.phase.number, run.position, run.pk))


def lines(runs: Sequence[Run], now: datetime) -> list[Line]:
    """Pace is measured of the runs at work; finished runs have the pace of their whole time."""
    finished = _finished_paces([run for run in runs if run.status not in AT_WORK and run.started_at])
    return [_line(run, finished, now) for run in runs]


def _line(run: Run, finished: dict[int, float], now: datetime) -> Line:
    if run.status not in AT_WORK:
        return Line(run, share_of(run), finished.get(run.pk))
    found = pace.of(run, now)
    return Line(run, share_of(run), found.per_second, found.left)


def share_of(run: Run) -> float:
    if run.status == RunStatus.COMPLETED:
        return 1.0
    return min(1.0, run.processed_records / run.total_records) if run.total_records else 0.0


def _finished_paces(runs: Sequence[Run]) -> dict[int, float]:
    """Records per second over the time in which batches were worked on; one statement, kept while nothing changes."""
    if not runs:
        return {}
    key = f"paces:{runs[0].phase.wave_id}:{max(run.updated_at for run in runs):%H%M%S%f}:{len(runs)}"
    return remembered(key, lambda: _measured(runs), least=60.0)


def _measured(runs: Sequence[Run]) -> dict[int, float]:
    done = Batch.objects.filter(run__in=[run.pk for run in runs], status=BatchStatus.DONE).values("run_id")
    spans = {
        one["run_id"]: one
        for one in done.annotate(
            busy=Sum("seconds"), begin=Min("started_at"), end=Max("finished_at")
        ).order_by()
    }
    found: dict[int, float] = {}
    for run in runs:
        span = spans.get(run.pk)
        if span is None or not run.processed_records:
            continue
        seconds = min((span["end"] - span["begin"]).total_seconds(), span["busy"] or 0.0)
        if seconds > 0.05:
            found[run.pk] = run.processed_records / seconds
    return found


def phases(wave: Wave, runs: Sequence[Line]) -> list[PhaseStep]:
    """The six phases in order."""
    steps = []
    for phase in wave.phases.order_by("number"):
        mine = [line for line in runs if line.run.phase_id == phase.pk and not line.run.dry_run]
        complete = sum(line.run.status == RunStatus.COMPLETED for line in mine)
        steps.append(PhaseStep(phase, len(mine), complete, _mean([line.share for line in mine])))
    return steps


def overall(all_lines: Sequence[Line]) -> Overall:
    """The real runs together; dry runs when there is nothing else. What waits counts as much as the last time."""
    mine = [line for line in all_lines if not line.run.dry_run] or list(all_lines)
    waiting = [line.run for line in mine if line.run.status == RunStatus.PENDING]
    likely = expected.of(waiting)
    known = len(likely) == len(waiting)
    total = sum(line.run.total_records for line in mine) + sum(one.records for one in likely.values())
    done = sum(min(line.run.processed_records, line.run.total_records) for line in mine)
    by_records = known and total > 0
    speeds = [line.per_second for line in mine if line.is_at_work and line.per_second]
    return Overall(
        share=done / total if by_records else _mean([line.share for line in mine]),
        done=done,
        total=total,
        migrations=len(mine),
        complete=sum(line.run.status == RunStatus.COMPLETED for line in mine),
        by_records=by_records,
        is_estimate=bool(likely) and known,
        left=_left(mine, likely) if known else None,
        per_second=sum(speeds) if speeds else None,
    )


def _left(mine: Sequence[Line], likely: dict[int, expected.Expected]) -> timedelta | None:
    """Time until the last migration is done, while one is at work: what it needs, then those that wait."""
    at_work = [line for line in mine if line.is_at_work]
    if len(at_work) != 1 or at_work[0].left is None:
        return None
    return at_work[0].left + sum((one.time for one in likely.values()), timedelta())


def causes(wave: Wave) -> list[Cause]:
    """Open issues by code, errors first, the largest first."""
    found = [
        Cause(one["code"], one["level"], one["count"], _sentence(one["code"]))
        for one in _counted(wave)
        if one["count"]
    ]
    return sorted(found, key=lambda cause: (cause.level != Issue.ERROR, -cause.count, cause.code))


def _counted(wave: Wave) -> list[dict[str, Any]]:
    """From the groups that are kept; one by one only for a record without groups."""
    groups = (
        IssueGroup.objects.filter(wave=wave).values("level", "code").annotate(count=Sum("open")).order_by()
    )
    if kept := list(groups):
        return [dict(one) for one in kept]
    issues = Issue.objects.filter(wave=wave, state=IssueState.OPEN).values("level", "code")
    return [dict(one) for one in issues.annotate(count=Count("pk")).order_by()]


def _sentence(code: str) -> str:
    return str(codes.ALL[code].sentence) if code in codes.ALL else ""


def outcomes(runs: Sequence[Run]) -> Outcomes:
    """Rows by disposition over the current runs. A re-queued record was counted before, so it stands apart."""
    real = [run.pk for run in runs if not run.dry_run] or [run.pk for run in runs]
    everything = _by_disposition(Tally.objects.filter(run__in=real))
    partial = Batch.objects.filter(run__in=real, keys__isnull=False).values_list("pk", flat=True)
    again = _by_disposition(Tally.objects.filter(batch__in=ids)) if (ids := list(partial)) else {}
    whole = {name: count - again.get(name, 0) for name, count in everything.items()}
    return Outcomes({name: count for name, count in whole.items() if count}, again)


def _by_disposition(tallies: QuerySet[Tally]) -> dict[str, int]:
    summed = tallies.values("disposition").annotate(rows=Sum("rows"), entries=Sum("entries")).order_by()
    found = {
        one["disposition"]: one["entries"] if one["disposition"] == "synthesised" else one["rows"]
        for one in summed
    }
    return {name: found[name] for name in OUTCOMES if name in found}


def _mean(shares: Sequence[float]) -> float:
    return sum(shares) / len(shares) if shares else 0.0

"""Progress of a wave's runs: bars in a terminal, otherwise one plain line per run and every ten seconds."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from django.utils import timezone

from entities.engine import extract
from entities.engine.pipeline import Pipeline
from tracking import pace
from tracking.models import Run
from tracking.states import ENDED, RunStatus

EVERY = 10.0
WINDOW = 30.0  # seconds over which the overall pace is measured
FINAL = (*ENDED, RunStatus.STOPPED, RunStatus.UNBALANCED, RunStatus.PAUSED)


class Plan:
    """How many records the runs have in all, counted once, and how many are done."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self.ids = [run.pk for run in runs]
        self.totals = {run.pk: run.total_records or _count(run) for run in runs}
        self._samples: deque[tuple[float, int]] = deque()

    @property
    def total(self) -> int:
        return sum(self.totals.values())

    def now(self) -> list[Run]:
        return list(Run.objects.filter(pk__in=self.ids).order_by("pk"))

    def done(self, runs: Sequence[Run]) -> int:
        return sum(min(run.processed_records, self.totals[run.pk]) for run in runs)

    def left(self, done: int) -> timedelta | None:
        """Time left at the overall pace of the last 30 seconds; None until there is one."""
        self._samples.append((time.monotonic(), done))
        while len(self._samples) > 2 and self._samples[-1][0] - self._samples[0][0] > WINDOW:
            self._samples.popleft()
        (begin, before), (end, after) = self._samples[0], self._samples[-1]
        if after <= before or end - begin < 1.0:
            return None
        return timedelta(seconds=(self.total - after) * (end - begin) / (after - before))


def _count(run: Run) -> int:
    pipeline = Pipeline(run)
    return sum(extract.total(segment, pipeline.scope) for segment in pipeline.segments.values())


class PlainProgress:
    """One line when a run starts, every ten seconds, and when it ends."""

    def __init__(self, plan: Plan, write: Callable[[str], Any]) -> None:
        self.plan, self.write = plan, write
        self._said: dict[int, str] = {}
        self._last = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._changes()

    def __call__(self, run: Run | None) -> None:
        self._changes()
        if run is not None and time.monotonic() - self._last >= EVERY:
            self._last = time.monotonic()
            run.refresh_from_db()
            self.write(self._under_way(run))

    def _changes(self) -> None:
        for run in self.plan.now():
            if self._said.get(run.pk) != run.status and run.status in FINAL:
                self.write(ended(run))
            self._said[run.pk] = run.status

    def _under_way(self, run: Run) -> str:
        done = self.plan.done(self.plan.now())
        found = pace.of(run, timezone.now())
        said = f"{run.processed_records:,} of {run.total_records:,} records"
        speed = f", {found.per_second:,.0f} a second" if found.per_second else ""
        overall = f"all runs: {done:,} of {self.plan.total:,}, left {pace.words(self.plan.left(done))}"
        return f"{run}: {said}{speed}, left {pace.words(found.left)}; {overall}"


def ended(run: Run) -> str:
    """How a run ended, in one line."""
    rate = pace.of(run, timezone.now()).per_second
    took = (run.completed_at or run.updated_at) - run.started_at if run.started_at else None
    time_needed = f" in {took.total_seconds():.1f} s" if took else ""
    speed = f" ({rate:,.0f} a second)" if rate else ""
    counted = (
        f"{run.processed_records:,} records, {run.written_rows:,} rows written, {run.error_count:,} rejected"
    )
    because = f": {run.status_reason}" if run.status_reason and run.status != RunStatus.COMPLETED else ""
    return f"{run}: {run.status}, {counted}{time_needed}{speed}{because}"


class BarProgress:
    """Two bars in a terminal: the run at work, and all runs together; ended runs scroll up as lines."""

    def __init__(self, plan: Plan, console: Any = None) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self.plan = plan
        self.progress = Progress(
            TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(),
            TextColumn("{task.fields[speed]:>14}  left {task.fields[left]}"), console=console,
        )  # fmt: skip
        self.overall = self.progress.add_task("all runs", total=plan.total or 1, speed="", left="unknown")
        self.current = self.progress.add_task("starting", total=1, speed="", left="unknown")
        self._ended: set[int] = set()

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._update_overall()
        self.progress.remove_task(self.current)
        self.progress.stop()

    def __call__(self, run: Run | None) -> None:
        self._update_overall()
        if run is None:
            return
        run.refresh_from_db()
        found = pace.of(run, timezone.now())
        self.progress.update(
            self.current, description=str(run), total=run.total_records or 1, completed=run.processed_records,
            speed=f"{found.per_second:,.0f}/s" if found.per_second else "", left=pace.words(found.left),
        )  # fmt: skip

    def _update_overall(self) -> None:
        runs = self.plan.now()
        done = self.plan.done(runs)
        self.progress.update(self.overall, completed=done, left=pace.words(self.plan.left(done)))
        for run in runs:
            if run.status in FINAL and run.pk not in self._ended:
                self._ended.add(run.pk)
                self.progress.console.print(ended(run), highlight=False, markup=False)

"""Driving a wave's runs to their end: in this process, with own worker processes, or by watching others work.

All three only nudge: the ledger says what is due, and any of them continues what another left.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from django.db import DatabaseError, connections
from django.utils import timezone

from entities.engine import coordinator, runner, sweeper
from entities.engine.errors import Refused
from entities.operations.pool import WorkerPool
from tracking import ledger, plan
from tracking.actions import ActionRefused, PauseRun
from tracking.models import Batch, Checkpoint, Part, Run, Wave
from tracking.states import AT_WORK, BatchStatus, RunStatus

SLICE = timedelta(seconds=0.5)  # one batch, or a few small ones, between two looks at the progress
IDLE = 0.2
BEAT = 0.5
REFILL_AFTER = 2.0
OUTAGE = 120.0  # seconds without an answer of a database
PATIENCE = 15.0  # seconds without any worker taking work

log = structlog.get_logger("migration")
Mark = tuple[Any, ...]
Show = Callable[[Run | None], None]


class Driver(Protocol):
    """`step` brings a run forward a little, or waits a moment for those who do; `here` when it does the work itself."""

    here: bool

    def step(self, run: Run) -> None: ...


class Inline:
    """Works in this process."""

    here = True

    def step(self, run: Run) -> None:
        if run.status != RunStatus.RUNNING or not runner.work(run.pk, SLICE):
            run.refresh_from_db()
            if not run.exhausted or Batch.objects.filter(run=run, status__in=_OPEN).exists():
                time.sleep(IDLE)


_OPEN = (BatchStatus.PENDING, BatchStatus.RUNNING)


class Watch:
    """Leaves the work to Celery workers: keeps the queue filled, and refuses to wait for nobody."""

    here = False

    def __init__(self, pool: WorkerPool | None = None) -> None:
        self.pool = pool
        self._asked: dict[int, float] = {}
        self._mark: Mark = ()
        self._moved_at = time.monotonic()

    def step(self, run: Run) -> None:
        if self.pool:
            self.pool.respawn()
        if time.monotonic() - self._asked.get(run.pk, 0.0) > REFILL_AFTER:
            self._asked[run.pk] = time.monotonic()
            coordinator.refill(run)
            sweeper.tick(timezone.now())
        self._somebody_works(run)
        time.sleep(BEAT)

    def _somebody_works(self, run: Run) -> None:
        """Refuse when nothing was claimed or finished for a while and nobody holds anything."""
        mark, held = _of_checkpoint(run) if run.status == RunStatus.PENDING else _of_batches(run)
        if mark != self._mark or held or run.status not in (RunStatus.PENDING, RunStatus.RUNNING):
            self._mark, self._moved_at = mark, time.monotonic()
        elif self.pool is None and time.monotonic() - self._moved_at > PATIENCE:
            raise Refused(
                f"no worker took work of run {run.pk} within {PATIENCE:.0f} seconds. Start one "
                "(celery -A boukii_migration worker), or repeat the command with --inline or --workers N: "
                "the planned runs are continued"
            )


def _of_batches(run: Run) -> tuple[Mark, bool]:
    """What changes when a batch is claimed or done, and whether one is held or waits for its time."""
    batches = Batch.objects.filter(run=run)
    held = batches.filter(status=BatchStatus.RUNNING).exists()
    waits = batches.filter(status=BatchStatus.PENDING, not_before__gt=timezone.now()).exists()
    return (run.pk, run.claims, batches.filter(status=BatchStatus.DONE).count()), held or waits


def _of_checkpoint(run: Run) -> tuple[Mark, bool]:
    """The same of the checkpoint before the run."""
    parts = Part.objects.filter(sweep__in=Checkpoint.objects.filter(run=run).values("sweep"))
    waits = parts.filter(state=Part.State.WAITING, not_before__gt=timezone.now()).exists()
    held = parts.filter(state=Part.State.RUNNING).exists()
    return (run.pk, *parts.order_by("pk").values_list("state", "done")), held or waits


class Interrupted:
    """Whether somebody asked this command to end, by Ctrl-C or SIGTERM."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self, number: int, frame: Any) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


@contextmanager
def interruptible() -> Iterator[Interrupted]:
    """The first signal asks to pause, the second one ends at once; outside the main thread there are no signals."""
    asked, before = Interrupted(), {}
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, asked)
    except ValueError:
        pass
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def drive(wave: Wave, driver: Driver, show: Show, only: Run | None = None) -> bool:
    """Bring the wave's runs forward until none can go on; False when somebody interrupted and the run pauses.

    `show` is called after each step with the run at work. With `only`, no other run is started. A database that
    is away is waited for, OUTAGE seconds at most.
    """
    answered = time.monotonic()
    with interruptible() as interrupted:
        while True:
            try:
                run = _look(wave, interrupted, only, here=driver.here)
                show(run)
                if run is None:
                    return not interrupted.asked
                driver.step(run)
                answered = time.monotonic()
            except DatabaseError as error:
                if not runner.is_transient(error) or time.monotonic() - answered > OUTAGE:
                    raise
                log.warning("database away, waiting", error=type(error).__name__)
                connections.close_all()
                time.sleep(BEAT)


def _look(wave: Wave, interrupted: Interrupted, only: Run | None, *, here: bool) -> Run | None:
    """Return batches of the dead, pass a request to pause on, and settle and start what is due."""
    now = timezone.now()
    ledger.reap(now)
    if interrupted.asked:
        pause(wave, now)
    return coordinator.advance(wave, now, here=here) if only is None else _advance_one(only, now)


def _advance_one(run: Run, now: datetime) -> Run | None:
    run.refresh_from_db()
    if run.status in AT_WORK:
        coordinator.settle(run, now)
        run.refresh_from_db()
    return run if run.status in AT_WORK else None


def pause(wave: Wave, now: datetime) -> None:
    """Ask the runs of the wave that move records to pause."""
    for run in plan.unfinished(wave):
        if run.status == RunStatus.RUNNING:
            try:
                PauseRun(run, via="command", reason="the command was interrupted").perform(now)
            except ActionRefused as refusal:
                log.warning("not paused", run=run.pk, reason=str(refusal))

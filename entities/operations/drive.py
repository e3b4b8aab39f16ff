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

from entities.engine import coordinator, runner
from entities.engine.errors import Refused
from entities.operations.pool import WorkerPool
from tracking import ledger, plan
from tracking.actions import ActionRefused, PauseRun
from tracking.models import Batch, Run, Wave
from tracking.states import AT_WORK, BatchStatus, RunStatus

SLICE = timedelta(seconds=0.5)  # one batch, or a few small ones, between two looks at the progress
IDLE = 0.2
BEAT = 0.5
REFILL_AFTER = 2.0
OUTAGE = 120.0  # seconds without an answer of a database
PATIENCE = 15.0  # seconds without any worker taking work

log = structlog.get_logger("migration")
Show = Callable[[Run | None], None]


class Driver(Protocol):
    """`step` brings a run forward a little, or waits a moment for those who do."""

    def step(self, run: Run) -> None: ...


class Inline:
    """Works in this process."""

    def step(self, run: Run) -> None:
        if run.status != RunStatus.RUNNING or not runner.work(run.pk, SLICE):
            run.refresh_from_db()
            if not run.exhausted or Batch.objects.filter(run=run, status__in=_OPEN).exists():
                time.sleep(IDLE)


_OPEN = (BatchStatus.PENDING, BatchStatus.RUNNING)


class Watch:
    """Leaves the work to Celery workers: keeps the queue filled, and refuses to wait for nobody."""

    def __init__(self, pool: WorkerPool | None = None) -> None:
        self.pool = pool
        self._asked: dict[int, float] = {}
        self._mark: tuple[int, ...] = ()
        self._moved_at = time.monotonic()

    def step(self, run: Run) -> None:
        if self.pool:
            self.pool.respawn()
        if time.monotonic() - self._asked.get(run.pk, 0.0) > REFILL_AFTER:
            self._asked[run.pk] = time.monotonic()
            coordinator.refill(run)
        self._somebody_works(run)
        time.sleep(BEAT)

    def _somebody_works(self, run: Run) -> None:
        """Refuse when no batch was claimed or finished for a while and nobody holds one."""
        batches = Batch.objects.filter(run=run)
        mark = (run.pk, run.claims, batches.filter(status=BatchStatus.DONE).count())
        held = batches.filter(status=BatchStatus.RUNNING).exists()
        waits = batches.filter(status=BatchStatus.PENDING, not_before__gt=timezone.now()).exists()
        if mark != self._mark or held or waits or run.status != RunStatus.RUNNING:
            self._mark, self._moved_at = mark, time.monotonic()
        elif self.pool is None and time.monotonic() - self._moved_at > PATIENCE:
            raise Refused(
                f"no worker took work of run {run.pk} within {PATIENCE:.0f} seconds. Start one "
                "(celery -A boukii_migration worker), or repeat the command with --inline or --workers N: "
                "the planned runs are continued"
            )


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
                run = _look(wave, interrupted, only)
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


def _look(wave: Wave, interrupted: Interrupted, only: Run | None) -> Run | None:
    """Return batches of the dead, pass a request to pause on, and settle and start what is due."""
    now = timezone.now()
    ledger.reap(now)
    if interrupted.asked:
        pause(wave, now)
    return coordinator.advance(wave, now) if only is None else _advance_one(only, now)


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

"""A thread that keeps the lease of the current batch while the worker is busy with it, and says that it lives."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import psutil
import structlog
from django.db import DatabaseError, connections
from django.utils import timezone

from tracking import ledger, workers
from tracking.models import Batch

BEAT = 5.0  # seconds
log = structlog.get_logger("migration")


class Life:
    """This process as the panel shows it. At most one report a beat, so that fast slices cost nothing."""

    def __init__(self) -> None:
        self.process = psutil.Process()
        self.started_at = datetime.fromtimestamp(self.process.create_time(), UTC)
        self.batches = 0
        self._reported = float("-inf")
        self._said: tuple[int | None, int | None] = (None, None)

    def report(self, name: str, run_id: int | None = None, batch_id: int | None = None) -> None:
        """Say what the process is at; skipped when it said so within the beat, except that it no longer holds
        the batch it named."""
        let_go = self._said[1] is not None and batch_id is None
        if time.monotonic() - self._reported < BEAT and not let_go:
            return
        self._reported, self._said = time.monotonic(), (run_id, batch_id)
        workers.report(
            name, timezone.now(), started_at=self.started_at, run_id=run_id, batch_id=batch_id, batches=self.batches,
            memory=self.process.memory_info().rss, cpu=self.process.cpu_percent(),
        )  # fmt: skip


_lives: dict[int, Life] = {}


def life() -> Life:
    """The life of this process; a forked child has its own."""
    pid = psutil.Process().pid
    if pid not in _lives:
        _lives.clear()
        _lives[pid] = Life()
    return _lives[pid]


class Heartbeat:
    """`with Heartbeat() as heartbeat: heartbeat.hold(batch); …; heartbeat.release()`."""

    def __init__(self) -> None:
        self._held: tuple[Callable[..., bool], int, int, int | None] | None = None
        self._worker = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=10)
        if self._worker and kind is None:
            self._report(None, None)

    def hold(self, batch: Batch) -> None:
        self._worker = batch.worker
        self._held = (ledger.renew, batch.pk, batch.fence, batch.run_id)

    def keep(self, worker: str, renew: Callable[..., bool], key: int, fence: int) -> None:
        """Hold something else than a batch: `renew(key, fence, now)` keeps its lease."""
        self._worker = worker
        self._held = (renew, key, fence, None)

    def release(self) -> None:
        self._held = None
        life().batches += 1

    def _beat(self) -> None:
        try:
            while not self._stop.wait(BEAT):
                held = self._held
                if held is not None:
                    renew, key, fence, run_id = held
                    self._renew(renew, key, fence)
                    self._report(run_id, key if run_id is not None else None)
        finally:
            connections.close_all()

    def _report(self, run_id: int | None, batch_id: int | None) -> None:
        try:
            life().report(self._worker, run_id, batch_id)
        except DatabaseError as error:  # only the panel's view of the worker is late
            log.warning("worker report failed", error=type(error).__name__)

    @staticmethod
    def _renew(renew: Callable[..., bool], key: int, fence: int) -> None:
        try:
            renew(key, fence, timezone.now())
        except DatabaseError as error:  # the next beat tries again; the lease outlasts several beats
            log.warning("heartbeat failed", error=type(error).__name__)
            connections["default"].close()


def say_idle(name: str) -> None:
    """A worker that has nothing to move says that it is there."""
    try:
        life().report(name)
    except DatabaseError as error:
        log.warning("worker report failed", error=type(error).__name__)


def say_goodbye(name: str) -> None:
    """A worker that ends in good order says that it is gone."""
    try:
        workers.leave(name)
    except DatabaseError as error:
        log.warning("worker report failed", error=type(error).__name__)

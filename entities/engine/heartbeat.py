"""A thread that keeps the lease of the current batch while the worker is busy with it."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

import structlog
from django.db import DatabaseError, connections
from django.utils import timezone

from tracking import ledger
from tracking.models import Batch

BEAT = 5.0  # seconds
log = structlog.get_logger("migration")


class Heartbeat:
    """`with Heartbeat() as heartbeat: heartbeat.hold(batch); …; heartbeat.release()`."""

    def __init__(self) -> None:
        self._batch: tuple[int, int] | None = None
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

    def hold(self, batch: Batch) -> None:
        self._batch = (batch.pk, batch.fence)

    def release(self) -> None:
        self._batch = None

    def _beat(self) -> None:
        try:
            while not self._stop.wait(BEAT):
                held = self._batch
                if held is not None:
                    self._renew(*held)
        finally:
            connections.close_all()

    @staticmethod
    def _renew(batch_id: int, fence: int) -> None:
        try:
            ledger.renew(batch_id, fence, timezone.now())
        except DatabaseError as error:  # the next beat tries again; the lease outlasts several beats
            log.warning("heartbeat failed", error=type(error).__name__)
            connections["default"].close()

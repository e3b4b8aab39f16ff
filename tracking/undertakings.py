"""The only writer of undertakings: taken once, alive or given up, ended once.

A worker that went silent loses its claim: the undertaking is offered again from its beginning, at most three times.
What the silent one still says is ignored, because its attempt is no longer the latest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self, TypeVar

import structlog
from django.db import DatabaseError, connections, models
from django.db.models import F
from django.utils import timezone

from tracking import dispatch
from tracking.models.undertaking import Undertaking
from tracking.sentences import columns, sentence

BEAT = 5.0  # seconds
SILENT = timedelta(seconds=60)
ATTEMPTS = 3
State = Undertaking.State
One = TypeVar("One", bound=Undertaking)

log = structlog.get_logger("migration")


def rows_of(one: Undertaking) -> models.Manager[Any]:
    """The table of an undertaking."""
    found: models.Manager[Any] = type(one)._default_manager
    return found


def take(model: type[One], pk: int, now: datetime) -> One | None:
    """Claim a waiting undertaking; None when somebody else has it or it is over."""
    taken = model._default_manager.filter(pk=pk, state=State.WAITING).update(
        state=State.RUNNING, attempt=F("attempt") + 1, started_at=now, seen_at=now, finished_at=None, done=0,
        **columns("error", "", 0),
    )  # fmt: skip
    return model._default_manager.get(pk=pk) if taken else None


def beat(one: Undertaking, now: datetime, **progress: Any) -> bool:
    """A sign of life; False when the claim was lost."""
    mine = rows_of(one).filter(pk=one.pk, state=State.RUNNING, attempt=one.attempt)
    return bool(mine.update(seen_at=now, **progress))


def end(one: Undertaking, state: str, now: datetime, *, error: str = "", **facts: Any) -> bool:
    """Record how it ended, once and only by whoever holds it; False when the claim was lost."""
    mine = rows_of(one).filter(pk=one.pk, state=State.RUNNING, attempt=one.attempt)
    ended = bool(
        mine.update(state=state, finished_at=now, seen_at=now, **columns("error", error, 1000), **facts)
    )
    one.refresh_from_db()
    return ended


def revive(model: type[Undertaking], task: str, now: datetime) -> None:
    """Offer again what waits and what a silent worker held; fail what went silent too often."""
    lapse(model, now)
    waiting = model._default_manager.filter(state=State.WAITING).order_by("pk")
    for pk in waiting.values_list("pk", flat=True)[:10]:
        dispatch.send(task, pk)


def lapse(model: type[Undertaking], now: datetime) -> None:
    """What a silent worker held waits again, or has failed when it went silent too often."""
    rows = model._default_manager
    silent = rows.filter(state=State.RUNNING, seen_at__lt=now - SILENT)
    given_up = sentence("its worker went silent %(n)s times; nothing of it is used", n=ATTEMPTS)
    silent.filter(attempt__gte=ATTEMPTS).update(
        state=State.FAILED, finished_at=now, **columns("error", given_up, 1000)
    )
    silent.update(state=State.WAITING)


class Alive:
    """`with Alive(one) as life: life.done = 5; …; life.check()`: a beat every five seconds while the work goes on."""

    def __init__(self, one: Undertaking, said: Callable[[int, int], None] | None = None) -> None:
        self.one, self.said = one, said
        self.done, self.total = 0, 0
        self.lost = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="undertaking", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=30)

    def step(self, done: int, total: int | None = None) -> None:
        """Progress; whoever watches is told at once, the database with the next beat."""
        self.done, self.total = done, self.total if total is None else total
        if self.said is not None:
            self.said(self.done, self.total)

    def _beat(self) -> None:
        try:
            while not self._stop.wait(BEAT):
                try:
                    alive = beat(self.one, timezone.now(), done=self.done, total=self.total)
                except DatabaseError as error:  # the next beat tries again; the patience outlasts several
                    log.warning("heartbeat failed", error=type(error).__name__)
                    connections["default"].close()
                else:
                    self.lost = not alive
        finally:
            connections.close_all()

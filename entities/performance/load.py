"""Many users at once: threads with connections of their own, for a limited time."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, connections

from entities.engine import runner
from entities.performance.histogram import Histogram

SECONDS_TO_CONNECT = 60
Request = Callable[[Any, Any, int], float | None]


@dataclass
class Window:
    """What one stretch of load showed. `part` are the durations of what both sides do, `whole` of the requests.

    `busy` is how much of one processor core the measuring itself took: close to 1, and it was the limit.
    """

    part: Histogram = field(default_factory=Histogram)
    whole: Histogram = field(default_factory=Histogram)
    errors: int = 0
    error: str = ""
    seconds: float = 0.0
    busy: float = 0.0

    @property
    def requests(self) -> int:
        return len(self.whole)


class NotConnected(Exception):
    """Not all users got a connection; the message says why."""


def run(
    alias: str, request: Request, samples: Sequence[Any], users: int, seconds: float, pause: float
) -> Window:
    """Let `users` threads send requests on `alias` for `seconds`, thinking about `pause` seconds between two.

    `request(connection, sample, user)` returns the seconds of the part that both sides do, or None when that is all of
    it. Connections are opened and used once before the clock starts. Raises NotConnected when one cannot be opened.
    """
    crowd = _Crowd(alias, request, samples, seconds, pause, threading.Barrier(users + 1))
    threads = [threading.Thread(target=crowd.live, args=(number,), daemon=True) for number in range(users)]
    for thread in threads:
        thread.start()
    try:
        crowd.barrier.wait(SECONDS_TO_CONNECT)
    except threading.BrokenBarrierError:
        _join(threads)
        raise NotConnected(crowd.window.error or f"{users} connections could not be opened in time") from None
    began, used = time.monotonic(), time.process_time()
    _join(threads)
    window = crowd.window
    window.seconds = max(0.001, time.monotonic() - began)
    window.busy = (time.process_time() - used) / window.seconds
    return window


def _join(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.join()


@dataclass
class _Crowd:
    alias: str
    request: Request
    samples: Sequence[Any]
    seconds: float
    pause: float
    barrier: threading.Barrier
    window: Window = field(default_factory=Window)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def live(self, user: int) -> None:
        """One user's life: connect, wait for the others, send requests until the time is over."""
        connection = connections[self.alias]
        try:
            connection.ensure_connection()
            self._warm_up(connection, user)
            self.barrier.wait(SECONDS_TO_CONNECT)
            self._requests(connection, user)
        except threading.BrokenBarrierError:
            pass
        except DatabaseError as error:
            self._fail(error)
            self.barrier.abort()
        finally:
            connection.close()

    def _warm_up(self, connection: Any, user: int) -> None:
        """The first request of a connection is not the database's speed; what is wrong with it shows in the next one."""
        with suppress(DatabaseError):
            self.request(connection, self.samples[user % len(self.samples)], user)

    def _requests(self, connection: Any, user: int) -> None:
        chance = random.Random(user)  # noqa: S311 - the same users do the same on both sides
        until = time.monotonic() + self.seconds
        part, whole = list[float](), list[float]()
        time.sleep(min(chance.uniform(0, self.pause), self.seconds / 2))
        while time.monotonic() < until:
            sample, began = chance.choice(self.samples), time.perf_counter()
            try:
                shared = self.request(connection, sample, user)
            except DatabaseError as error:
                self._fail(error)
            else:
                whole.append(time.perf_counter() - began)
                part.append(whole[-1] if shared is None else shared)
            time.sleep(max(0.0, min(self.pause * chance.uniform(0.5, 1.5), until - time.monotonic())))
        with self.lock:
            self.window.part.add(part)
            self.window.whole.add(whole)

    def _fail(self, error: DatabaseError) -> None:
        with self.lock:
            self.window.errors += 1
            self.window.error = self.window.error or runner.describe(error)

"""Values that many people look at every two seconds are made once, and slow ones never while somebody waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.core.cache import cache
from django.db import DatabaseError, connections
from django.utils import translation

T = TypeVar("T")
log = structlog.get_logger("migration")

# A value is kept this many times as long as it took to make: looking costs at most 5 % of one core.
TIMES = 20
SLOW = 0.05  # seconds; what takes longer is made again beside the requests
LONGEST = 300.0  # seconds after which nobody is shown an old value any more

_remaking: set[str] = set()
_lock = threading.Lock()


def remembered(key: str, make: Callable[[], T], least: float = 1.0, most: float = LONGEST) -> T:
    """What `make` returned at most `least` seconds ago, longer ago (up to `most`) when making it is expensive.

    A slow value that is due is made again in a thread of its own while the old one is still shown; only the
    first request of a process waits for it.
    """
    held = cache.get(f"dashboard:{key}")
    if held is None:
        return _made(key, make)
    value, made_at, took = held
    if time.time() - made_at <= min(most, max(least, TIMES * took)):
        return value
    if took <= SLOW or most < LONGEST:
        return _made(key, make)
    _make_beside(key, make)
    return value


def _made(key: str, make: Callable[[], T]) -> T:
    began = time.monotonic()
    value = make()
    cache.set(f"dashboard:{key}", (value, time.time(), time.monotonic() - began), LONGEST)
    return value


def _make_beside(key: str, make: Callable[[], object]) -> None:
    with _lock:
        if key in _remaking:
            return
        _remaking.add(key)
    language = translation.get_language()

    def work() -> None:
        try:
            with translation.override(language):
                _made(key, make)
        except DatabaseError as error:  # the old value is shown until it is too old
            log.warning("dashboard figure not renewed", figure=key, error=type(error).__name__)
        finally:
            connections.close_all()
            with _lock:
                _remaking.discard(key)

    threading.Thread(target=work, name=f"dashboard {key}", daemon=True).start()

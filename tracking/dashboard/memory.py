"""Values that many people look at every two seconds are made once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache

T = TypeVar("T")
# A value is kept this many times as long as it took to make: looking costs at most 5 % of one core.
TIMES = 20
LONGEST = 300.0  # seconds


def remembered(key: str, make: Callable[[], T], least: float = 1.0) -> T:
    """What `make` returned at most `least` seconds ago, longer ago when making it is expensive."""
    held = cache.get(f"dashboard:{key}")
    if held is not None:
        return held[0]
    began = time.monotonic()
    value = make()
    took = time.monotonic() - began
    cache.set(f"dashboard:{key}", (value,), min(LONGEST, max(least, TIMES * took)))
    return value

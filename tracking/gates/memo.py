"""Looks at the database that gates, evidence and page share: each is taken once per phase object and moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from tracking.models import Phase

T = TypeVar("T")


def once(look: Callable[..., T]) -> Callable[..., T]:
    """The answer of `look(phase, now, …)`; another `now` asks again."""

    @wraps(look)
    def answer(phase: Phase, now: datetime, *args: Any) -> T:
        kept: dict[Any, Any] = phase.__dict__.setdefault("_looks", {})
        if kept.get("now") != now:
            kept.clear()
            kept["now"] = now
        key = (look.__qualname__, *args)
        if key not in kept:
            kept[key] = look(phase, now, *args)
        found: T = kept[key]
        return found

    return answer

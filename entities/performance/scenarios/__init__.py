"""The strategy's scenarios, one file each: `samples()`, `legacy(…)` and `v5(…)`.

`samples()` are the same people, courses and schools on both sides, found through the map of ids. The statements are
those that the two applications need for the step, each on its own tables; checking a password is work of the
application and not of the database, and is left out.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tracking.performance import SCENARIOS


def of(name: str) -> Any:
    """The module of a scenario; they all offer the same functions."""
    if name not in SCENARIOS:
        raise LookupError(f"there is no scenario {name}")
    return import_module(f"entities.performance.scenarios.{name}")

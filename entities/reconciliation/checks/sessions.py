"""The umbrella's list of sessions and the dates of its members (4.17), joined once more for the checks."""

from __future__ import annotations

import json
from typing import Any

from entities.reconciliation.checks import clock


def paired(rows: list[tuple[Any, Any]], text: str | None) -> dict[int, int | None]:
    """Minutes by date row: sessions are paired by date and hour, then by date alone, never by position (4.17)."""
    left, found = _read_sessions(text), dict[int, int | None]()
    for exact in (True, False):
        for _, row in rows:
            if row.id in found:
                continue
            date, hour = clock.day(row.date), clock.hour(row.hour)
            hit = next((one for one in left if one[0] == date and (not exact or one[1] == hour)), None)
            if hit is not None:
                found[row.id] = hit[2]
                left.remove(hit)
    return found


def _read_sessions(text: str | None) -> list[tuple[str, str, int | None]]:
    try:
        items = json.loads(text or "[]")
    except ValueError:
        return []
    found = [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []
    return [
        (clock.day(one.get("date")), clock.hour(one.get("hour")), clock.minutes(one.get("duration")))
        for one in found
    ]

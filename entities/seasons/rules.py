"""Which seasons a school gets (4.9, Q-13): pure functions on service dates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any

from entities.engine.normalise import season_name, season_range, season_year
from entities.seasons.resolver import CATCH_ALL, Season

FIRST_DAY = "2015-01-01"  # earlier service dates are faults
YEARS_AHEAD = 3
CATCH_ALL_RANGE = ("2000-01-01", "2000-12-31")  # no service date lies in it, and V5 accepts its length
LONGEST_PART = 64


@dataclass(frozen=True)
class Planned:
    """A season to be written; `days` is the number of service dates in it."""

    name: str
    start: str
    end: str
    days: int = 0

    def holds(self, day: str) -> bool:
        return self.start <= day <= self.end


def last_day(today: str) -> str:
    """The last service date that makes a season: three years after the cut-over."""
    return f"{int(today[:4]) + YEARS_AHEAD}{today[4:10]}"


def is_plausible(day: str, today: str) -> bool:
    return FIRST_DAY <= day <= last_day(today)


def plan(days: Iterable[str], choice: Any, present: list[Season]) -> list[Planned]:
    """The seasons to write for a school, oldest first, beside those that V5 holds already.

    `days` are plausible service dates. season_year: one per year with a date that no present season holds;
    declared: those of the list; single: one over all dates.
    """
    every = sorted(set(days))
    free = [day for day in every if not any(season.holds(day) for season in present)]
    if choice.mode == "declared":
        wanted = [Planned(one.name, one.start, one.end) for one in choice.declared]
    elif choice.mode == "single":
        wanted = [Planned(CATCH_ALL, free[0], free[-1])] if free else []
    else:
        years = sorted({season_year(day, choice.boundary) for day in free})
        wanted = [Planned(season_name(year), *season_range(year, choice.boundary)) for year in years]
    taken = {season.name for season in present}
    planned = [_beside(one, free, present) for one in wanted if one.name not in taken]
    counted = [replace(one, days=sum(one.holds(day) for day in every)) for one in planned]
    return sorted(counted, key=lambda one: (one.start, one.name))


def _beside(season: Planned, free: list[str], present: list[Season]) -> Planned:
    """The season without the days at its ends that a present season holds already."""
    own = [day for day in free if season.holds(day)]
    if not own:
        return season
    start, end = season.start, season.end
    for other in present:
        if start <= other.end < own[0]:
            start = _following(other.end, 1)
        if own[-1] < other.start <= end:
            end = _following(other.start, -1)
    return replace(season, start=start, end=end)


def catch_all(planned: list[Planned], present: list[Season], needed: bool) -> list[Planned]:
    """The catch-all season when some record needs it and the school has none."""
    names = {one.name for one in planned} | {one.name for one in present}
    return [Planned(CATCH_ALL, *CATCH_ALL_RANGE)] if needed and CATCH_ALL not in names else []


def part_of(school: int, name: str) -> str:
    """The map's `part` of a season (its legacy id is 0); long names are shortened and kept apart by a digest."""
    part = f"{school}:{name}"
    if len(part) <= LONGEST_PART:
        return part
    return f"{part[: LONGEST_PART - 9]}~{blake2b(part.encode(), digest_size=4).hexdigest()}"


def state(season: Planned, today: str, activate: bool) -> dict[str, Any]:
    """Flags of a season at cut-over: over, running or still to come (4.9 step 5, Q-14)."""
    running, over = season.holds(today), season.end < today
    return {
        "is_active": int(running and activate),
        "is_current": int(running),
        "is_historical": int(over),
        "is_closed": int(over),
        "closed_at": f"{season.end} 00:00:00" if over else None,
    }


def _following(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()

"""From a legacy school and a service date to a V5 season (mapping-rules 3.2, `season()`).

seasons = resolver.load(read, {school, …})
season_id, warnings = seasons.find(school, "2023-01-07")
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from entities.engine.read import Reader
from entities.seasons.v5 import V5Season

CATCH_ALL = "Legacy Season"

NONE: tuple[str, ...] = ()
OVERLAP = ("SEASON_OVERLAP",)
FALLBACK = ("SEASON_FALLBACK",)


@dataclass(frozen=True, slots=True)
class Season:
    """A V5 season; both days belong to it."""

    id: int
    name: str
    start: str
    end: str

    @property
    def days(self) -> int:
        return (_day(self.end) - _day(self.start)).days + 1

    @property
    def catches_all(self) -> bool:
        return self.name == CATCH_ALL

    def holds(self, date: str) -> bool:
        return self.start <= date <= self.end


@dataclass(frozen=True)
class Seasons:
    """The V5 seasons of some schools, by legacy school id; trashed ones are left out."""

    by_school: dict[int, list[Season]] = field(default_factory=dict)
    _found: dict[tuple[int | None, str], tuple[int | None, tuple[str, ...]]] = field(default_factory=dict)

    def find(self, school: int | None, date: str | None) -> tuple[int | None, tuple[str, ...]]:
        """The season of a service date (`YYYY-MM-DD`, or None when no date is usable), and warnings to flag.

        SEASON_OVERLAP: several seasons hold the date, the shortest was taken (then not the catch-all, then
        the lowest id). SEASON_FALLBACK: no season holds it, the catch-all was taken; None if there is none.
        """
        key = (school, (date or "")[:10])
        if key not in self._found:
            self._found[key] = self._search(*key)
        return self._found[key]

    def of_name(self, school: int | None, name: str) -> int | None:
        """The season of that name, the lowest id if there are several."""
        return min((season.id for season in self.of(school) if season.name == name), default=None)

    def of(self, school: int | None) -> list[Season]:
        """All seasons of a school, the catch-all included, oldest first."""
        return [] if school is None else self.by_school.get(school, [])

    def season(self, season_id: int | None) -> Season | None:
        """The season of that V5 id, if it belongs to one of the schools."""
        every = (one for seasons in self.by_school.values() for one in seasons)
        return next((one for one in every if one.id == season_id), None)

    def catch_all(self, school: int | None) -> int | None:
        """The school's catch-all season, if it has one."""
        return self.of_name(school, CATCH_ALL)

    def _search(self, school: int | None, date: str) -> tuple[int | None, tuple[str, ...]]:
        holding = [season for season in self.of(school) if date and season.holds(date)]
        if not holding:
            return self.catch_all(school), FALLBACK
        best = min(holding, key=lambda season: (season.days, season.catches_all, season.id))
        return best.id, OVERLAP if len(holding) > 1 else NONE


def load(read: Reader, legacy_school_ids: Iterable[int | None]) -> Seasons:
    """The seasons of these legacy schools: two queries."""
    schools = read.known("school", {school for school in legacy_school_ids if school is not None})
    rows: dict[int, list[Any]] = {}
    for row in read.v5(V5Season, "school_id", set(schools.values())):
        if not row.deleted_at:
            rows.setdefault(row.school_id, []).append(row)
    return Seasons(
        {school: _sorted(rows[v5_id]) for school, v5_id in sorted(schools.items()) if v5_id in rows}
    )


def _sorted(rows: list[Any]) -> list[Season]:
    seasons = [Season(row.id, row.name or "", row.start_date[:10], row.end_date[:10]) for row in rows]
    return sorted(seasons, key=lambda season: (season.start, season.end, season.id))


def _day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)

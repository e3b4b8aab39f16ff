"""Which course a private line means: its own, one found by detour, or the placeholder of its school (4.21, Q-41)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from entities.courses import kind
from entities.engine import schema
from entities.engine.read import Reader

COLUMNS = ("id", "school_id", "sport_id", "course_supertype_id", "course_type_id", "group_id", "duration", "hour_min",
           "hour_max", "date_start", "date_end", "day_start_res", "day_end_res")  # fmt: skip
TEMPORAL = ("duration", "date_start", "date_end")
SELECT = ", ".join(f"CAST({name} AS CHAR)" if name in TEMPORAL else name for name in COLUMNS)


class CourseRow(NamedTuple):
    """The columns of `courses2` that a private line needs."""

    id: int
    school_id: int
    sport_id: int
    course_supertype_id: int | None
    course_type_id: int | None
    group_id: int | None
    duration: str | None
    hour_min: str | None
    hour_max: str | None
    date_start: str | None
    date_end: str | None
    day_start_res: str | None
    day_end_res: str | None


class Found(NamedTuple):
    """`v5_id` of the course that the line means, None when a placeholder of (school, `sport`) has to stand for it.

    `row`: the legacy course with that number, found by detour or not, whatever it is worth.
    """

    v5_id: int | None
    row: CourseRow | None
    recovered: bool
    sport: int | None


@dataclass
class Directory:
    """Answers for the course numbers of some private lines; everything by legacy id."""

    rows: dict[int, CourseRow] = field(default_factory=dict)
    grouped: set[int] = field(default_factory=set)
    known: dict[int, int] = field(default_factory=dict)
    sessions: dict[int, int] = field(default_factory=dict)
    superseded: dict[int, int] = field(default_factory=dict)
    offered: dict[int, int] = field(default_factory=dict)
    sports: dict[int, int] = field(default_factory=dict)
    _cache: dict[tuple[int, int | None], Found] = field(default_factory=dict)

    def find(self, number: int, school: int | None) -> Found:
        """What a line with this `course2_id` means in a booking of this school."""
        key = (number, school)
        if key not in self._cache:
            self._cache[key] = self._find(number, school)
        return self._cache[key]

    def _find(self, number: int, school: int | None) -> Found:
        row = self.rows.get(number)
        recovered = row is None
        if row is None:
            row = self.rows.get(self.sessions.get(number, 0))
        if row is not None and row.school_id == school and row.id in self.known and self.is_private(row):
            return Found(self.known[row.id], row, recovered, row.sport_id)
        return Found(None, row, False, self._sport(number, row, school))

    def is_private(self, row: CourseRow) -> bool:
        return kind.kind_of(row, row.id in self.grouped).private

    def _sport(self, number: int, row: CourseRow | None, school: int | None) -> int | None:
        """The sport of the course that is gone, else the lowest one its school offers, else the lowest of all."""
        for sport in (
            row.sport_id if row else None,
            self.superseded.get(number),
            self.offered.get(school or 0),
        ):
            if sport in self.sports:
                return sport
        return min(self.sports, default=None)


def load(read: Reader, numbers: Iterable[int], schools: Iterable[int]) -> Directory:
    """A fixed number of queries for all the numbers that lines of these schools carry."""
    numbers = set(numbers)
    rows = _rows(read, numbers)
    gone = numbers - set(rows)
    sessions = dict(read.legacy_sql("SELECT id, course2_id FROM course_dates2 WHERE id IN ({ids})", gone))
    rows |= _rows(read, set(sessions.values()) - set(rows))
    offered = dict(
        read.legacy_sql(
            "SELECT school_id, MIN(sport_id) FROM school_sports WHERE school_id IN ({ids}) GROUP BY school_id",
            schools,
        )
    )
    return Directory(
        rows, kind.with_groups(read, rows.values()), read.known("course", rows), sessions, _superseded(read, gone), offered,
        read.known("sport", [row[0] for row in read.legacy_sql("SELECT id FROM sports")]),
    )  # fmt: skip


def _rows(read: Reader, ids: Iterable[int]) -> dict[int, CourseRow]:
    found: list[Any] = read.legacy_sql(f"SELECT {SELECT} FROM courses2 WHERE id IN ({{ids}})", ids)
    return {row[0]: CourseRow(*row) for row in found}


def _superseded(read: Reader, numbers: set[int]) -> dict[int, int]:
    """Sports of first-generation courses: they are no courses of V5, but tell what was taught."""
    if "courses" not in schema.live("legacy").tables:
        return {}
    return dict(read.legacy_sql("SELECT id, sport_id FROM courses WHERE id IN ({ids})", numbers))

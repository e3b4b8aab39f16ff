"""Where the rules say a legacy line takes place: 3.2, 4.15, 4.17 to 4.19 and 4.21, written once more on plain SQL.

    lessons = Lessons(read, lines)
    for lesson in lessons.of(line): ...

A line needs `subgroup`, `course`, `school`, `user_id`, `date`, `hour`, `duration`, `monitor_id`, `live`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from entities.reconciliation.checks import clock
from entities.reconciliation.checks.levels import ClientLevels
from entities.reconciliation.checks.sessions import paired
from entities.reconciliation.reading import Reading

OPENS = "09:00:00"
STAND_IN = "stand-in"  # the course that stands for one that is gone

COURSE = (
    "c.id, c.school_id, c.sport_id, c.group_id, c.course_supertype_id AS supertype, c.course_type_id AS kind, c.hour_min,"
    " TEXT(c.duration) AS duration, TEXT(c.date_start) AS date_start, TEXT(c.deleted_at) AS deleted_at"
)
CLASSES = """
    SELECT s.id, s.monitor_id, TEXT(s.deleted_at) AS deleted_at, g.id AS group_row, g.degree_id,
        TEXT(g.deleted_at) AS group_deleted, g.course2_id AS course FROM course_groups_subgroups2 s
    JOIN course_groups2 g ON g.id = s.course_group2_id WHERE s.id IN ({ids})"""
DATES = """
    SELECT d.id, d.course2_id AS course, TEXT(d.date) AS date, TEXT(d.hour) AS hour, TEXT(d.deleted_at) AS deleted_at
    FROM course_dates2 d WHERE d.course2_id IN ({ids}) ORDER BY d.id"""
REPLACED = """
    SELECT r.id, r.subgroup_id AS subgroup, r.monitor_id, TEXT(r.date) AS date, TEXT(r.hour) AS hour
    FROM subgroups_monitor_dates r WHERE r.subgroup_id IN ({ids}) ORDER BY r.id"""


class Slot(NamedTuple):
    """One date of a course: `live` unless the date is trashed; `minutes` 0 when nobody knows the duration."""

    date: str
    hour: str
    minutes: int
    live: bool


class Lesson(NamedTuple):
    """One V5 row that a line should have: `course` and `course_class` are legacy ids, `level` a global degree."""

    course: str
    course_class: int | None
    date: str
    hour: str
    minutes: int
    level: int | None
    monitor: int | None
    live: bool


class Lessons:
    """The places of some lines, of the classes in `more` and of some `courses`: a fixed number of statements."""

    def __init__(
        self, read: Reading, lines: Sequence[Any], more: Iterable[int] = (), courses: Iterable[int] = ()
    ) -> None:
        self.read, self.lines, self.asked = read, lines, set(courses)
        wanted = {line.subgroup for line in lines if line.subgroup} | {one for one in more if one}
        self.classes = {row.id: row for row in read.within("legacy", CLASSES, wanted)}

    @cached_property
    def levels(self) -> ClientLevels:
        return ClientLevels(
            self.read, {line.user_id for line in self.lines if line.course and not line.subgroup}
        )

    # Courses

    @cached_property
    def numbers(self) -> set[int]:
        """What private lines have for a course."""
        return {line.course for line in self.lines if line.course and not line.subgroup}

    @cached_property
    def sessions(self) -> dict[int, int]:
        """Courses by number, for numbers that are those of a session (COURSE_REF_RECOVERED)."""
        rows = self.read.within("legacy", "SELECT id, course2_id AS course FROM course_dates2 WHERE id IN ({ids})",
                                self.numbers)  # fmt: skip
        return {row.id: row.course for row in rows}

    @cached_property
    def courses(self) -> dict[int, Any]:
        """The courses of classes and of private lines, and the other members of their umbrellas."""
        taught = {row.course for row in self.classes.values()} | self.asked
        ids = taught | self.numbers | set(self.sessions.values())
        own = self._courses("c.id", ids)
        groups = {row.group_id for row in own.values() if row.group_id}
        return own | self._courses("c.group_id", groups)

    def _courses(self, column: str, ids: Iterable[int]) -> dict[int, Any]:
        rows = self.read.within("legacy", f"SELECT {COURSE} FROM courses2 c WHERE {column} IN ({{ids}})", ids)
        return {row.id: row for row in rows}

    @cached_property
    def with_groups(self) -> set[int]:
        sql = "SELECT DISTINCT course2_id AS id FROM course_groups2 WHERE course2_id IN ({ids})"
        return {row.id for row in self.read.within("legacy", sql, self.courses)}

    @cached_property
    def members(self) -> dict[int, list[Any]]:
        """Collective courses of a group, by group."""
        found: dict[int, list[Any]] = defaultdict(list)
        for row in sorted(self.courses.values(), key=lambda one: one.id):
            if row.group_id and not self.is_private(row):
                found[row.group_id].append(row)
        return found

    @cached_property
    def umbrellas(self) -> dict[int, str | None]:
        """List of sessions by group, of the umbrellas that exist."""
        rows = self.read.within(
            "legacy", "SELECT id, dates_global FROM course_globals WHERE id IN ({ids})", self.members
        )
        return {row.id: row.dates_global for row in rows}

    @cached_property
    def refused(self) -> set[int]:
        """Courses that the ledger left out."""
        entries = self.read.entries("course", self.courses)
        return {
            key
            for key, some in entries.items()
            if any(one.disposition in ("rejected", "skipped") for one in some)
        }

    def is_private(self, row: Any) -> bool:
        """3.2 `course_kind`: supertype, else type, else whether there are groups."""
        if row.supertype in (1, 2):
            return bool(row.supertype == 2)
        if row.kind in (1, 2):
            return bool(row.kind == 2)
        return not (row.group_id or row.id in self.with_groups)

    def family(self, row: Any) -> list[Any]:
        """All rows that become one V5 course with this one."""
        return self.members[row.group_id] if row.group_id and not self.is_private(row) else [row]

    def name(self, course: int) -> str:
        """The V5 course of a legacy course, named after its winner (GR-08)."""
        row = self.courses[course]
        family = self.family(row)
        if len(family) > 1 or family[0].group_id and not self.is_private(row):
            if row.group_id in self.umbrellas:
                return f"course_global {row.group_id}"
            return f"course {family[0].id}"
        return f"course {course}"

    def trashed(self, course: int) -> bool:
        return all(row.deleted_at for row in self.family(self.courses[course]))

    # Dates

    @cached_property
    def dates(self) -> dict[int, list[Any]]:
        """Rows of course_dates2 by course, of the classes' courses and their fellow members."""
        taught = {row.course for row in self.classes.values()} | self.asked
        wanted = {row.id for course in taught for row in self._relatives(course)}
        found: dict[int, list[Any]] = defaultdict(list)
        for row in self.read.within("legacy", DATES, wanted):
            found[row.course].append(row)
        return found

    def _relatives(self, course: int) -> list[Any]:
        return self.family(self.courses[course]) if course in self.courses else []

    @cached_property
    def _calendars(self) -> dict[str, dict[tuple[str, str], Slot]]:
        return {}

    def calendar(self, course: int) -> dict[tuple[str, str], Slot]:
        """The dates of a V5 course by date and hour; of equal ones the living counts, then the lowest id."""
        name = self.name(course)
        if name not in self._calendars:
            family = self.family(self.courses[course])
            shared = bool(family[0].group_id) and not self.is_private(family[0])
            rows = [(member, row) for member in family for row in self.dates[member.id]]
            lengths = paired(rows, self.umbrellas.get(family[0].group_id) if shared else None)
            best: dict[tuple[str, str], tuple[tuple[bool, int], Slot]] = {}
            for member, row in rows:
                if (slot := self._slot(member, row, lengths.get(row.id), shared)) is None:
                    continue
                claim = (not slot.live, row.id)
                if slot[:2] not in best or claim < best[slot[:2]][0]:
                    best[slot[:2]] = (claim, slot)
            self._calendars[name] = {key: slot for key, (_, slot) in best.items()}
        return self._calendars[name]

    @staticmethod
    def _slot(member: Any, row: Any, length: int | None, shared: bool) -> Slot | None:
        """None for a date that the rules reject."""
        date, hour = clock.day(row.date), clock.hour(row.hour)
        found = length or clock.minutes(member.duration) or 0
        if not date or not hour or not clock.fits(hour, found):
            return None
        return Slot(date, hour, found, not (row.deleted_at or (shared and member.deleted_at)))

    def slots(self, course: int) -> list[Slot]:
        """The dates of the classes of a course; without any, the first day of the course (4.18)."""
        calendar, member = self.calendar(course), self.courses[course]
        keys = {(clock.day(row.date), clock.hour(row.hour)) for row in self.dates[course]}
        if own := sorted(calendar[key] for key in keys if key in calendar):
            return own
        first = clock.day(member.date_start)
        if there := sorted(slot for slot in calendar.values() if slot.date == first):
            return there[:1]
        start, length = clock.hour(member.hour_min) or OPENS, clock.minutes(member.duration) or 0
        return [Slot(first, start, length if clock.fits(start, length) else 0, not member.deleted_at)]

    # Classes

    @cached_property
    def replaced(self) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = defaultdict(list)
        for row in self.read.within("legacy", REPLACED, self.classes):
            found[row.subgroup].append(row)
        return found

    def monitor(self, subgroup: int, slot: Slot) -> int | None:
        """3.2 `monitor_for`: the replacement of that date (and hour), else the class's own."""
        fitting = [
            row for row in self.replaced[subgroup]
            if clock.day(row.date) == slot.date and clock.hour(row.hour) in ("", slot.hour)
        ]  # fmt: skip
        if not fitting:
            return self.classes[subgroup].monitor_id
        return max(fitting, key=lambda row: (clock.hour(row.hour) != "", row.id)).monitor_id

    def gone(self, subgroup: int, slot: Slot) -> bool:
        """Whether class, group, date or course is trashed."""
        row = self.classes[subgroup]
        return bool(row.deleted_at or row.group_deleted or not slot.live or self.trashed(row.course))

    def taught(self, subgroup: int, slot: Slot) -> Lesson:
        row = self.classes[subgroup]
        return Lesson(self.name(row.course), subgroup, slot.date, slot.hour, slot.minutes, row.degree_id,
                      self.monitor(subgroup, slot), not self.gone(subgroup, slot))  # fmt: skip

    # Lines

    def of(self, line: Any) -> list[Lesson]:
        """The rows that a line should have, in the order of their time; none where the rules have no place for it."""
        if line.subgroup:
            known = self.classes.get(line.subgroup)
            if known is None or known.course not in self.courses:
                return []
            return [
                self.taught(line.subgroup, slot) for slot in self._covered(line, self.slots(known.course))
            ]
        return self._private(line)

    @staticmethod
    def _covered(line: Any, slots: list[Slot]) -> list[Slot]:
        """4.21: the line's own date, else every live date, else the first."""
        if len(slots) == 1:
            return slots
        own = [slot for slot in slots if slot.date == clock.day(line.date)]
        exact = [slot for slot in own if slot.hour == clock.hour(line.hour)]
        return exact[:1] or own[:1] or [slot for slot in slots if slot.live] or slots[:1]

    def _private(self, line: Any) -> list[Lesson]:
        date = clock.day(line.date)
        if not date or not line.course:
            return []
        number = line.course if line.course in self.courses else self.sessions.get(line.course)
        row = self.courses.get(number or 0)
        own = (
            row is not None
            and row.school_id == line.school
            and self.is_private(row)
            and row.id not in self.refused
        )
        start = clock.hour(line.hour) or (clock.hour(row.hour_min) if own and row else "") or OPENS
        length = clock.minutes(line.duration) or (clock.minutes(row.duration) if row else None) or 0
        name, level = STAND_IN, None
        if own and row:
            name, level = f"course {row.id}", self.levels.of(line.user_id, line.school, row.sport_id)
        return [
            Lesson(
                name, None, date, start, length, level, line.monitor_id, not (own and row and row.deleted_at)
            )
        ]

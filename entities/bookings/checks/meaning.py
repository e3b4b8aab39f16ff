"""Right person, right place: what each line means in legacy against what the V5 row means (R-5M, R-15)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.bookings.checks.dates import lines
from entities.bookings.checks.ground import GONE, by
from entities.reconciliation.check import Compared, Item
from entities.reconciliation.checks.clock import between
from entities.reconciliation.checks.lessons import STAND_IN, Lesson, Lessons
from entities.reconciliation.reading import Reading

NOBODY, UNKNOWN = "nobody", "unknown"
ROWS = """
    SELECT m.legacy_id, m.school_id AS owner, u.id, u.booking_id AS booking, u.school_id AS school, u.client_id AS client,
        u.course_id AS course, u.course_subgroup_id AS subgroup, u.degree_id AS degree, u.monitor_id AS monitor, u.status,
        TEXT(u.hour_start) AS hour, TEXT(u.hour_end) AS until, u.course_date_id AS day, s.course_date_id AS class_day,
        TEXT(d.date) AS date
    FROM legacy_id_mappings m JOIN booking_users u ON u.id = m.v5_id LEFT JOIN course_dates d ON d.id = u.course_date_id
    LEFT JOIN course_subgroups s ON s.id = u.course_subgroup_id
    WHERE m.entity_type = 'booking_user' AND m.legacy_id > %s AND m.legacy_id <= %s AND {scope}"""
DEGREES = """
    SELECT v5_id, legacy_id, part FROM legacy_id_mappings
    WHERE entity_type = 'degree' AND v5_id IS NOT NULL ORDER BY legacy_id"""


class Meaning:
    """One range of lines: what legacy says, what V5 says, and the map's way back."""

    def __init__(self, read: Reading, after: int, upto: int) -> None:
        self.read = read
        self.lines = lines(read, "l.id", after, upto)
        sql = ROWS.replace("{scope}", read.scoped("m.school_id"))
        rows = sorted(read.v5(sql, [after, upto]), key=lambda row: (row.date or "", row.hour or "", row.id))
        self.rows = by(rows, "legacy_id")
        self.every = rows

    # The way back through the map

    def _back(self, table: str, name: str) -> dict[int, list[Any]]:
        return self.read.origins(table, {getattr(row, name) for row in self.every})

    @cached_property
    def bookings(self) -> dict[int, int]:
        return {key: some[0].legacy_id for key, some in self._back("bookings", "booking").items()}

    @cached_property
    def schools(self) -> dict[int, int]:
        return {key: some[0].legacy_id for key, some in self._back("schools", "school").items()}

    @cached_property
    def clients(self) -> dict[int, int]:
        """Legacy user by V5 client, 0 for a stand-in."""
        return {
            key: next(one.legacy_id for one in some if one.entity_type == "client")
            for key, some in self._back("clients", "client").items()
            if any(one.entity_type == "client" for one in some)
        }

    @cached_property
    def monitors(self) -> dict[int, int]:
        return {key: some[0].legacy_id for key, some in self._back("monitors", "monitor").items()}

    @cached_property
    def classes(self) -> dict[int, int]:
        return {key: some[0].legacy_id for key, some in self._back("course_subgroups", "subgroup").items()}

    @cached_property
    def courses(self) -> dict[int, str]:
        """The name of a V5 course: its umbrella, else its lowest legacy course."""
        return {key: _named(some) for key, some in self._back("courses", "course").items()}

    @cached_property
    def degrees(self) -> dict[int, int]:
        """Global degree by V5 degree."""
        if "degrees" not in self.read.memory:
            own = {
                row.id: row.degree_id
                for row in self.read.legacy("SELECT id, degree_id FROM degrees_school_sport")
            }
            self.read.memory["degrees"] = {
                row.v5_id: own.get(row.legacy_id) if row.legacy_id else int(row.part.rsplit(":", 1)[-1])
                for row in self.read.v5(DEGREES)
            }
        found: dict[int, int] = self.read.memory["degrees"]
        return found

    # What there is in legacy

    @cached_property
    def lessons(self) -> Lessons:
        return Lessons(self.read, self.lines, self.classes.values())

    @cached_property
    def people(self) -> set[int]:
        """Users who can be clients; for all others the school's stand-in takes the place (Q-35)."""
        return self._there("client", {line.user_id for line in self.lines}, "user_type BETWEEN 1 AND 6")

    @cached_property
    def teachers(self) -> set[int]:
        taught = {lesson.monitor for line in self.lines for lesson in self.lessons.of(line)}
        found = {row.monitor_id for row in self.lessons.classes.values()}
        found |= {row.monitor_id for rows in self.lessons.replaced.values() for row in rows}
        return self._there("monitor", taught | found, "user_type = 3")

    def _there(self, entity: str, users: Iterable[int | None], kind: str) -> set[int]:
        ids = {user for user in users if user}
        sql = f"SELECT id FROM users WHERE {kind} AND id IN ({{ids}})"
        entries = self.read.entries(entity, ids)
        lost = {key for key, some in entries.items() if any(one.disposition in GONE for one in some)}
        return {row.id for row in self.read.within("legacy", sql, ids)} - lost

    @cached_property
    def employed(self) -> set[tuple[int, int]]:
        """(monitor, school) of legacy memberships; asked for when others are not assigned (Q-32)."""
        sql = "SELECT user_id, school_id FROM user_schools WHERE user_id IN ({ids})"
        return {(row.user_id, row.school_id) for row in self.read.within("legacy", sql, self.teachers)}

    # Both sides as texts

    def expected(self, line: Any) -> dict[str, str]:
        rows, lessons = self.rows.get(line.id, []), self.standing(line)
        return {
            "booking_id": str(line.booking), "school_id": str(line.school),
            "client_id": str(line.user_id if line.user_id in self.people else NOBODY),
            "course_id": _listed(lesson.course for lesson in lessons),
            "course_subgroup_id": _listed(lesson.course_class or "–" for lesson in lessons),
            "date": _listed(lesson.date for lesson in lessons),
            "hour_start": _listed(lesson.hour for lesson in lessons),
            "hour_end": _listed(self._length(lesson, rows[place : place + 1]) for place, lesson in enumerate(lessons)),
            "degree_id": _listed(self.level(lesson, rows[place : place + 1]) for place, lesson in enumerate(lessons)),
            "monitor_id": _listed(self.teacher(line, lesson) for lesson in lessons),
        }  # fmt: skip

    def standing(self, line: Any) -> list[Lesson]:
        """The lessons of a line, those of trashed classes where they stand now (Q-33)."""
        rows = self.rows.get(line.id, [])
        return [
            self._standing(line, lesson, rows[place : place + 1])
            for place, lesson in enumerate(self.lessons.of(line))
        ]

    def found(self, key: int) -> dict[str, str]:
        rows = self.rows[key]
        first = rows[0]
        return {
            "booking_id": _only(str(self.bookings.get(row.booking, UNKNOWN)) for row in rows),
            "school_id": _only(str(self.schools.get(row.school, UNKNOWN)) for row in rows),
            "client_id": _only(str(self.clients.get(row.client, UNKNOWN) or NOBODY) for row in rows),
            "course_id": _listed(self.courses.get(row.course, UNKNOWN) for row in rows),
            "course_subgroup_id": _listed(self.class_of(row) for row in rows),
            "date": _listed(row.date for row in rows),
            "hour_start": _listed(row.hour for row in rows),
            "hour_end": _listed(_minutes(between(row.hour, row.until)) for row in rows),
            "degree_id": _listed(self.degrees.get(row.degree, UNKNOWN) if row.degree else "–" for row in rows),
            "monitor_id": _listed(self.monitors.get(row.monitor, UNKNOWN) if row.monitor else "–" for row in rows),
        } if first else {}  # fmt: skip

    def class_of(self, row: Any) -> Any:
        if not row.subgroup:
            return "–"
        found = self.classes.get(row.subgroup, UNKNOWN)
        return found if row.class_day == row.day else f"{found} of another day"

    def _standing(self, line: Any, lesson: Lesson, row: Sequence[Any]) -> Lesson:
        """Q-33: a live line of a trashed class may stand in a living one of the same course, day and level."""
        there = self.classes.get(row[0].subgroup) if row else None
        if lesson.live or not line.live or not lesson.course_class or there in (None, lesson.course_class):
            return lesson
        course = self.lessons.classes[there].course if there in self.lessons.classes else None
        if (
            self.read.choices.of("orphan_lines", school=line.school) != "relink"
            or course not in self.lessons.courses
        ):
            return lesson
        slots = [slot for slot in self.lessons.slots(course) if slot[:2] == (lesson.date, row[0].hour)]
        others = [self.lessons.taught(there, slot) for slot in slots]
        fitting = [
            one for one in others if one.live and (one.course, one.level) == (lesson.course, lesson.level)
        ]
        return fitting[0] if fitting else lesson

    def _length(self, lesson: Lesson, row: Sequence[Any]) -> str:
        """Minutes; where nobody knows how long a private lesson is, V5 may say it."""
        if not lesson.minutes and not lesson.course_class and row:
            return _minutes(between(row[0].hour, row[0].until))
        return _minutes(lesson.minutes)

    def level(self, lesson: Lesson, row: Sequence[Any]) -> Any:
        """The level; that of a lesson in a stand-in course depends on the sport that V5 chose for it."""
        if lesson.course == STAND_IN and row:
            return self.degrees.get(row[0].degree, UNKNOWN) if row[0].degree else "–"
        return lesson.level or "–"

    def teacher(self, line: Any, lesson: Lesson) -> Any:
        if lesson.monitor not in self.teachers:
            return "–"
        null = lesson.course_class and self.read.choices.of("foreign_monitor", school=line.school) == "null"
        return lesson.monitor if not null or (lesson.monitor, line.school) in self.employed else "–"


def _named(entries: Sequence[Any]) -> str:
    groups = [one.legacy_id for one in entries if one.entity_type == "course_global" and one.legacy_id]
    own = [one.legacy_id for one in entries if one.entity_type == "course"]
    if groups:
        return f"course_global {min(groups)}"
    return (f"course {min(own)}" if min(own) else STAND_IN) if own else UNKNOWN


def _minutes(length: int | None) -> str:
    return f"{length or 0} min"


def _listed(values: Iterable[Any]) -> str:
    return ", ".join(map(str, values))


def _only(values: Iterable[str]) -> str:
    return ", ".join(sorted(set(values)))


def _of(read: Reading, after: int, upto: int) -> Meaning:
    if read.memory.get("range") != (after, upto):
        read.memory |= {"range": (after, upto), "meaning": Meaning(read, after, upto)}
    found: Meaning = read.memory["meaning"]
    return found


class RightPlace(Compared):
    id, rule, entity, table = "R-5M", "R-5x, 3.2, 4.17-4.21", "booking_user", "booking_users2"
    title = _("Right person, right place")
    how = _(
        "For each line who takes part, in which course and class, on which day, from when for how long, on which level and"
        " with which monitor: worked out from legacy, and read back from V5 along its own references and the map."
    )

    def expected(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, Item]]:
        meaning = _of(read, after, upto)
        for line in meaning.lines:
            values = meaning.expected(line) if line.id in meaning.rows else {}
            yield line.id, Item(line.school, values)

    def found(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, Item]]:
        meaning = _of(read, after, upto)
        for key, rows in meaning.rows.items():
            yield key, Item(rows[0].owner, meaning.found(key), "booking_users", rows[0].id)


PARTS = """
    SELECT m.legacy_id, MAX(m.school_id) AS school, COUNT(DISTINCT u.id) AS parts, MIN(u.id) AS v5_id
    FROM legacy_id_mappings m JOIN booking_users u ON u.id = m.v5_id
    WHERE m.entity_type = 'booking_user' AND m.legacy_id > %s AND m.legacy_id <= %s AND {scope} GROUP BY m.legacy_id"""


class Parts(Compared):
    id, rule, entity, table = "R-15", "R-06, R-15, 4.21", "booking_user", "booking_users2"
    title = _("Parts of lines that cover several days")
    how = _(
        "How many days each line covers by the legacy calendar against the number of V5 rows that were made of it."
    )

    def expected(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, Item]]:
        found = lines(read, "l.id", after, upto)
        lessons = Lessons(read, found)
        for line in found:
            yield line.id, Item(line.school, {"part": len(lessons.of(line))})

    def found(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, Item]]:
        for row in read.v5(PARTS.replace("{scope}", read.scoped("m.school_id")), [after, upto]):
            yield row.legacy_id, Item(row.school, {"part": row.parts}, "booking_users", row.v5_id)


CHECKS = (RightPlace, Parts)

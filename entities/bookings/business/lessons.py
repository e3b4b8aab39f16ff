"""Participants, classes held, teaching minutes, and the class lists of the first days (R-101 to R-103, R-108)."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.bookings.business.figured import (
    NOTHING,
    Figured,
    Tally,
    left_out,
    level_label,
    levels,
    missing,
    month,
    relinked,
)
from entities.bookings.checks.dates import LINES, season_label
from entities.bookings.checks.meaning import Meaning
from entities.reconciliation.check import Compared, Item, Looked
from entities.reconciliation.checks.clock import between
from entities.reconciliation.checks.lessons import STAND_IN, Lesson, Lessons
from entities.reconciliation.checks.plainly import today
from entities.reconciliation.reading import Reading

KINDS = {1: "collective", 2: "private", 3: "activity"}
HELD = """
    SELECT s.legacy_id AS own_class, s.school_id AS school, u.id, u.monitor_id AS monitor, TEXT(d.date) AS date,
        TEXT(d.hour_start) AS hour, TEXT(d.hour_end) AS until, e.league, e.level, e.degree_order
    FROM legacy_id_mappings s JOIN course_subgroups t ON t.id = s.v5_id JOIN booking_users u
    ON u.course_subgroup_id = t.id JOIN course_dates d ON d.id = t.course_date_id LEFT JOIN degrees e ON e.id = t.degree_id
    WHERE s.entity_type = 'course_subgroup' AND s.legacy_id > %s AND s.legacy_id <= %s AND u.status = 1
    AND u.deleted_at IS NULL AND {scope}"""
TEACHERS = HELD.replace("u.monitor_id AS monitor", "t.monitor_id AS monitor")
PRIVATE = """
    SELECT m.legacy_id AS booking, m.school_id AS school, u.id, u.course_id AS course, u.monitor_id AS monitor,
        TEXT(u.date) AS date, TEXT(u.hour_start) AS hour, TEXT(u.hour_end) AS until FROM legacy_id_mappings m
    JOIN booking_users u ON u.booking_id = m.v5_id WHERE m.entity_type = 'booking' AND m.legacy_id > %s
    AND m.legacy_id <= %s AND u.course_subgroup_id IS NULL AND u.status = 1 AND u.deleted_at IS NULL AND {scope}"""
TAKING_PART = """
    SELECT m.legacy_id AS person, b.school_id AS school, u.id, TEXT(u.date) AS date, c.course_type AS kind, k.legacy_id AS own,
        p.name AS sport FROM legacy_id_mappings m JOIN booking_users u ON u.client_id = m.v5_id
    JOIN legacy_id_mappings b ON b.v5_table = 'bookings' AND b.v5_id = u.booking_id AND b.entity_type = 'booking'
    LEFT JOIN courses c ON c.id = u.course_id LEFT JOIN sports p ON p.id = c.sport_id
    LEFT JOIN legacy_id_mappings k ON k.v5_table = 'courses' AND k.v5_id = c.id AND k.disposition = 'synthesised'
    WHERE m.entity_type = 'client' AND m.legacy_id > %s AND m.legacy_id <= %s AND u.status = 1
    AND u.deleted_at IS NULL AND {scope}"""


def ranged(read: Reading, column: str, after: int, upto: int) -> list[Any]:
    """Legacy lines whose column lies in a range."""
    sql = LINES.replace("{range}", f"{column} > %s AND {column} <= %s")
    return read.legacy(sql.replace("{scope}", read.scoped("b.school_id")), [after, upto])


class Offers:
    """Kind and sport of the courses of some lessons, as V5 names them."""

    def __init__(self, read: Reading, lessons: Lessons) -> None:
        self.read, self.lessons = read, lessons
        self.known: dict[str, tuple[str, str]] = {STAND_IN: (KINDS[2], NOTHING)}

    def of(self, line: Any, lesson: Lesson) -> tuple[str, str]:
        """(kind, sport); members of one course that differ follow most of them."""
        if lesson.course not in self.known:
            number = line.course
            if lesson.course_class:
                number = self.lessons.classes[lesson.course_class].course
            elif number not in self.lessons.courses:
                number = self.lessons.sessions[number]
            row = self.lessons.courses[number]
            family = self.lessons.family(row)
            kinds = Counter(self._kind(one) for one in family)
            sports = Counter(one.sport_id for one in family if one.sport_id is not None)
            sport = sports.most_common(1)[0][0] if sports else None
            self.known[lesson.course] = (kinds.most_common(1)[0][0], self.sports.get(sport, NOTHING))
        return self.known[lesson.course]

    def _kind(self, row: Any) -> str:
        return KINDS[3 if row.kind == 3 else 2 if self.lessons.is_private(row) else 1]

    @cached_property
    def sports(self) -> dict[Any, str]:
        sql = ("SELECT m.legacy_id, s.name FROM legacy_id_mappings m JOIN sports s ON s.id = m.v5_id"
               " WHERE m.entity_type = 'sport'")  # fmt: skip
        return {row.legacy_id: row.name for row in self.read.v5(sql)}


class Participants(Figured):
    id, rule, title = "R-101", "R-101", _("Participants and persons")
    how = _(
        "Live participants (one for each day) and distinct persons, by season, kind of course and sport, in legacy and in V5."
    )
    walks = ("users",)

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        tally = Tally(read, looked)
        self._legacy(read, after, upto, tally)
        found = set()
        for row in read.v5(TAKING_PART.replace("{scope}", read.scoped("b.school_id")), [after, upto]):
            sport = NOTHING if row.own == 0 else row.sport
            parts = (season_label(read, row.school, row.date or ""), KINDS.get(row.kind, row.kind), sport)
            tally.v5(row.school, ("participants", *parts))
            found |= {(row.school, row.person, parts)} if row.person else set()
        for school, _person, parts in found:
            tally.v5(school, ("persons", *parts))

    @staticmethod
    def _legacy(read: Reading, after: int, upto: int, tally: Tally) -> None:
        lines = [line for line in ranged(read, "l.user_id", after, upto) if line.live]
        lessons, lost = Lessons(read, lines), left_out(read, "booking_user", (line.id for line in lines))
        offers, persons = Offers(read, lessons), known_people(read, {line.user_id for line in lines})
        found: dict[Any, bool] = {}
        for line in lines:
            for lesson in lessons.of(line):
                parts = (season_label(read, line.school, lesson.date), *offers.of(line, lesson))
                tally.legacy(line.school, ("participants", *parts), lost=line.id in lost)
                if line.user_id in persons:
                    key = (line.school, line.user_id, parts)
                    found[key] = found.get(key, True) and line.id in lost
        for (school, _person, parts), gone in found.items():
            tally.legacy(school, ("persons", *parts), lost=gone)


def known_people(read: Reading, users: set[int]) -> set[int]:
    """Users who can be clients; for the others stands in one of the school (Q-35)."""
    lost = left_out(read, "client", {user for user in users if user})
    sql = "SELECT id FROM users WHERE user_type BETWEEN 1 AND 6 AND id IN ({ids})"
    return {row.id for row in read.within("legacy", sql, users)} - lost


class Classes(Figured):
    id, rule, title = "R-102", "R-102", _("Course days sold and classes held")
    how = _(
        "Days of live participants in classes, and classes with at least one of them on a date, by month and level, in legacy"
        " and in V5."
    )
    walks = ("course_groups_subgroups2",)

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        tally, names = Tally(read, looked), levels(read)
        held: dict[Any, bool] = {}
        for line, lesson, lost in in_classes(read, after, upto):
            parts = (month(lesson.date), names.get(lesson.level))
            tally.legacy(line.school, ("days sold", *parts), lost=lost)
            key = (lesson.course_class, lesson.date, lesson.hour, line.school, parts)
            held[key] = held.get(key, True) and lost
        for (*_place, school, parts), lost in held.items():
            tally.legacy(school, ("classes held", *parts), lost=lost)
        there = set()
        for row in in_v5_classes(read, HELD, after, upto):
            parts = (month(row.date), level_label(row.league, row.level, row.degree_order))
            tally.v5(row.school, ("days sold", *parts))
            there.add((row.own_class, row.date, row.hour, row.school, parts))
        for *_place, school, parts in there:
            tally.v5(school, ("classes held", *parts))


def in_classes(read: Reading, after: int, upto: int) -> Iterator[tuple[Any, Lesson, bool]]:
    """(line, lesson, left out or moved elsewhere) of live lines of the classes in a range."""
    lines = [line for line in ranged(read, "l.course_groups_subgroup2_id", after, upto) if line.live]
    lessons, lost = Lessons(read, lines), missing(read, (line.id for line in lines))
    for line in lines:
        for lesson in lessons.of(line):
            yield line, lesson, line.id in lost


def in_v5_classes(read: Reading, sql: str, after: int, upto: int) -> list[Any]:
    """Live V5 lines of the classes in a range, but those that were moved there from a trashed class (Q-33)."""
    rows = read.v5(sql.replace("{scope}", read.scoped("s.school_id")), [after, upto])
    origins = read.origins("booking_users", (row.id for row in rows))
    return [row for row in rows if not any(relinked(one) for one in origins.get(row.id, ()))]


class Minutes(Figured):
    id, rule, title = "R-103", "R-103", _("Teaching minutes of each monitor")
    how = _(
        "Minutes of classes with participants and of private lessons, by monitor and month, in legacy and in V5: what wages"
        " are worked out from."
    )
    walks = ("course_groups_subgroups2", "bookings2")

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        tally = Tally(read, looked)
        if table == "bookings2":
            self._private(read, after, upto, tally)
        else:
            self._classes(read, after, upto, tally)

    def _classes(self, read: Reading, after: int, upto: int, tally: Tally) -> None:
        held: dict[Any, tuple[Any, Lesson, bool]] = {}
        for line, lesson, lost in in_classes(read, after, upto):
            key = (lesson.course_class, lesson.date, lesson.hour)
            held[key] = (line, lesson, lost and held.get(key, (None, None, True))[2])
        teachers = Teachers(read, (lesson.monitor for _line, lesson, _lost in held.values()))
        for line, lesson, lost in held.values():
            who = teachers.of(lesson.monitor, line.school, True)
            tally.legacy(line.school, (who, month(lesson.date)), lesson.minutes, lost=lost)
        rows = {
            (row.own_class, row.date, row.hour): row for row in in_v5_classes(read, TEACHERS, after, upto)
        }
        self._count(read, rows.values(), tally)

    def _private(self, read: Reading, after: int, upto: int, tally: Tally) -> None:
        """Those who take one lesson together in one booking share it."""
        lines = [
            line for line in ranged(read, "l.booking2_id", after, upto) if line.live and not line.subgroup
        ]
        lessons, lost = Lessons(read, lines), left_out(read, "booking_user", (line.id for line in lines))
        found: dict[Any, tuple[Any, Lesson, bool]] = {}
        for line in lines:
            for lesson in lessons.of(line):
                if lesson.minutes:  # else nobody knows how long it was
                    key = (line.booking, *lesson[:5], lesson.monitor)
                    found[key] = (line, lesson, line.id in lost and found.get(key, (None, None, True))[2])
        teachers = Teachers(read, (lesson.monitor for _line, lesson, _lost in found.values()))
        for line, lesson, gone in found.values():
            who = teachers.of(lesson.monitor, line.school, False)
            tally.legacy(line.school, (who, month(lesson.date)), lesson.minutes, lost=gone)
        rows = read.v5(PRIVATE.replace("{scope}", read.scoped("m.school_id")), [after, upto])
        untold = self._untold(read, lessons, lines, rows)
        same = {
            (row.booking, row.course, row.date, row.hour, row.until, row.monitor): row
            for row in rows
            if row.id not in untold
        }
        self._count(read, same.values(), tally)

    @staticmethod
    def _untold(read: Reading, lessons: Lessons, lines: Iterable[Any], rows: Iterable[Any]) -> set[int]:
        """V5 lines of legacy lines whose duration nobody knows."""
        unknown = {line.id for line in lines if any(not lesson.minutes for lesson in lessons.of(line))}
        origins = read.origins("booking_users", (row.id for row in rows)) if unknown else {}
        return {key for key, some in origins.items() if some[0].legacy_id in unknown}

    @staticmethod
    def _count(read: Reading, rows: Iterable[Any], tally: Tally) -> None:
        rows = list(rows)
        people = read.origins("monitors", {row.monitor for row in rows})
        for row in rows:
            origin = people.get(row.monitor)
            who = f"monitor {origin[0].legacy_id}" if origin else row.monitor and f"V5 monitor {row.monitor}"
            tally.v5(row.school, (who or NOTHING, month(row.date)), between(row.hour, row.until) or 0)


class Teachers:
    """Legacy users who can be monitors: nobody stands for the others, nor in classes for strangers (Q-32 `null`)."""

    def __init__(self, read: Reading, users: Iterable[int | None]) -> None:
        self.read = read
        ids = {user for user in users if user}
        rows = read.within("legacy", "SELECT id FROM users WHERE user_type = 3 AND id IN ({ids})", ids)
        self.known = {row.id for row in rows} - left_out(read, "monitor", ids)
        sql = "SELECT user_id, school_id FROM user_schools WHERE user_id IN ({ids})"
        self.employed = {(row.user_id, row.school_id) for row in read.within("legacy", sql, self.known)}

    def of(self, user: int | None, school: int, in_class: bool) -> str:
        null = in_class and self.read.choices.of("foreign_monitor", school=school) == "null"
        if user not in self.known or (null and (user, school) not in self.employed):
            return NOTHING
        return f"monitor {user}"


DAYS_AHEAD = 14
SOON = """
    SELECT MIN(l.id) AS id FROM booking_users2 l LEFT JOIN course_groups_subgroups2 s ON s.id = l.course_groups_subgroup2_id
    LEFT JOIN course_groups2 g ON g.id = s.course_group2_id WHERE l.id > %s AND l.id <= %s AND l.deleted_at IS NULL AND (
        (l.date >= %s AND l.date <= %s) OR g.course2_id IN (SELECT d.course2_id FROM course_dates2 d
        WHERE d.date >= %s AND d.date <= %s))"""
V5_SOON = """
    SELECT MIN(m.legacy_id) AS id FROM legacy_id_mappings m JOIN booking_users u ON u.id = m.v5_id
    WHERE m.entity_type = 'booking_user' AND m.legacy_id > %s AND m.legacy_id <= %s AND u.date >= %s AND u.date <= %s"""


class FirstDays(Compared):
    """Line by line: what the school will work with on its first mornings."""

    id, rule, title = "R-108", "R-108", _("Class lists of the first 14 days")
    how = _(
        "For each live participant of the 14 days from the cut-over: course, class, day, hours, level and monitor, worked out"
        " from legacy, against the class lists of V5, line by line."
    )
    entity, table = "booking_user", "booking_users2"

    def expected(self, read: Reading, after: int, upto: int) -> Iterator[tuple[tuple[int, str], Item]]:
        meaning, days = self._meaning(read, after, upto), _window(read)
        for line in meaning.lines if meaning else ():
            for place, lesson in enumerate(meaning.standing(line) if meaning and line.live else ()):
                if meaning and days[0] <= lesson.date <= days[1]:
                    rows = meaning.rows.get(line.id, [])[place : place + 1]
                    yield (line.id, lesson.date), Item(line.school, self._wanted(meaning, line, lesson, rows))

    @staticmethod
    def _wanted(meaning: Meaning, line: Any, lesson: Lesson, rows: list[Any]) -> dict[str, Any]:
        return {
            "client_id": str(line.user_id if line.user_id in meaning.people else "nobody"),
            "course_id": lesson.course,
            "course_subgroup_id": str(lesson.course_class or NOTHING),
            "hour_start": lesson.hour,
            "degree_id": meaning.level(lesson, rows),
            "monitor_id": meaning.teacher(line, lesson),
        }

    def found(self, read: Reading, after: int, upto: int) -> Iterator[tuple[tuple[int, str], Item]]:
        meaning, days = self._meaning(read, after, upto), _window(read)
        for row in meaning.every if meaning else ():
            if meaning and row.status == 1 and days[0] <= (row.date or "") <= days[1]:
                values = {
                    "client_id": str(meaning.clients.get(row.client, "unknown") or "nobody"),
                    "course_id": meaning.courses.get(row.course, "unknown"),
                    "course_subgroup_id": str(meaning.class_of(row)),
                    "hour_start": row.hour,
                    "degree_id": meaning.degrees.get(row.degree, "unknown") if row.degree else NOTHING,
                    "monitor_id": meaning.monitors.get(row.monitor, "unknown") if row.monitor else NOTHING,
                }
                yield (row.legacy_id, row.date), Item(row.owner, values, "booking_users", row.id)

    @staticmethod
    def _meaning(read: Reading, after: int, upto: int) -> Meaning | None:
        """None for a range without any line of these days: most of them."""
        if read.memory.get("days_range") != (after, upto):
            days = _window(read)
            soon = read.legacy(SOON, [after, upto, *days, *days])[0].id
            soon = soon or read.v5(V5_SOON, [after, upto, *days])[0].id
            read.memory |= {"days_range": (after, upto), "days": Meaning(read, after, upto) if soon else None}
        found: Meaning | None = read.memory["days"]
        return found


def _window(read: Reading) -> tuple[str, str]:
    """The day of the cut-over and the last of the 14 days."""
    first = datetime.date.fromisoformat(today(read))
    return first.isoformat(), (first + datetime.timedelta(days=DAYS_AHEAD - 1)).isoformat()


CHECKS = (Participants, Classes, Minutes, FirstDays)

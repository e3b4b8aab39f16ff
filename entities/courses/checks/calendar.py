"""Days, hours and days of the week of courses, worked out from legacy once more (R-14, R-62, R-69b)."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

from django.utils.translation import gettext_lazy as _

from entities.courses.checks.chain import parsed
from entities.courses.checks.parts import Several
from entities.reconciliation.check import Kind, Looked, Ranged, Scanned, Seen
from entities.reconciliation.checks import clock
from entities.reconciliation.checks.counts_seasons import COLLECTIVE
from entities.reconciliation.checks.lessons import Lessons
from entities.reconciliation.reading import Reading
from tracking.sentences import sentence

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FROM_SUNDAY = ("sunday", *WEEK[:6])
PRIVATE = f"""
    SELECT c.id, c.school_id, TEXT(c.date_start) AS first, TEXT(c.date_end) AS last, c.day_start_res AS day_from,
        c.day_end_res AS day_to, TEXT(c.duration) AS duration FROM courses2 c
    WHERE c.id > %s AND c.id <= %s AND NOT {COLLECTIVE} AND {{scope}}"""
PRIVATE_LINE = (
    "(l.course_groups_subgroup2_id IS NULL OR l.course_groups_subgroup2_id = 0) AND b.school_id = c.school_id"
)
BOOKED = f"""
    SELECT l.course2_id AS course, TEXT(l.date) AS date, TEXT(l.hour) AS hour, TEXT(l.duration) AS duration
    FROM booking_users2 l JOIN bookings2 b ON b.id = l.booking2_id JOIN courses2 c ON c.id = l.course2_id
    WHERE {PRIVATE_LINE} AND l.course2_id IN ({{ids}})"""
RECOVERED = f"""
    SELECT d.course2_id AS course, TEXT(l.date) AS date, TEXT(l.hour) AS hour, TEXT(l.duration) AS duration
    FROM booking_users2 l JOIN bookings2 b ON b.id = l.booking2_id JOIN course_dates2 d ON d.id = l.course2_id
    JOIN courses2 c ON c.id = d.course2_id WHERE {PRIVATE_LINE} AND d.course2_id IN ({{ids}})
    AND NOT EXISTS (SELECT 1 FROM courses2 o WHERE o.id = l.course2_id)"""
OWN = "SELECT course2_id AS course, TEXT(date) AS date FROM course_dates2 WHERE course2_id IN ({ids})"
DAYS = """
    SELECT d.id, d.course_id AS course, TEXT(d.date) AS date, d.active, m.reason FROM course_dates d
    LEFT JOIN legacy_id_mappings m ON m.v5_table = 'course_dates' AND m.v5_id = d.id AND m.disposition <> 'merged'
    WHERE d.course_id IN ({ids})"""


class Place(NamedTuple):
    """The V5 course of a private course."""

    id: int
    settings: Any


class Private:
    """The private courses of one range with their days on both sides."""

    def __init__(self, read: Reading, after: int, upto: int) -> None:
        self.read = read
        self.rows = read.legacy(PRIVATE.replace("{scope}", read.scoped("c.school_id")), [after, upto])
        self.ids = [row.id for row in self.rows]

    @cached_property
    def places(self) -> dict[int, Place]:
        entries = self.read.entries("course", self.ids)
        ids = {key: one.v5_id for key, some in entries.items() for one in some if one.v5_id is not None}
        sql = "SELECT id, settings FROM courses WHERE id IN ({ids})"
        settings = {row.id: row.settings for row in self.read.within("v5", sql, ids.values())}
        return {key: Place(v5_id, settings.get(v5_id)) for key, v5_id in ids.items()}

    @cached_property
    def days(self) -> dict[int, list[Any]]:
        """By V5 course."""
        found: dict[int, list[Any]] = defaultdict(list)
        for row in self.read.within("v5", DAYS, (place.id for place in self.places.values())):
            found[row.course].append(row)
        return found

    @cached_property
    def asked(self) -> dict[int, set[str]]:
        """Days that lessons or dates of its own ask for, by legacy course."""
        found: dict[int, set[str]] = defaultdict(set)
        for row in self.read.within("legacy", OWN, self.ids):
            found[row.course].add(clock.day(row.date))
        lengths = {row.id: clock.minutes(row.duration) for row in self.rows}
        for sql in (BOOKED, RECOVERED):
            for row in self.read.within("legacy", sql, self.ids):
                length = clock.minutes(row.duration) or lengths[row.course]
                if clock.fits(clock.hour(row.hour) or "00:00:00", length):
                    found[row.course].add(clock.day(row.date))
        return {key: days - {""} for key, days in found.items()}

    def week(self, row: Any) -> frozenset[str]:
        """Days of the week on which a course can be booked (3.1 `weekdays`, Q-29)."""
        override = self.read.choices.of("weekday_overrides", school=row.school_id).get(row.id)
        if override is not None:
            return frozenset(override)
        first, last = (str(one or "").strip().lower() for one in (row.day_from, row.day_to))
        if first not in WEEK or last not in WEEK:
            return frozenset(WEEK)
        start = FROM_SUNDAY.index(first)
        length = (FROM_SUNDAY.index(last) - start) % 7
        return frozenset(FROM_SUNDAY[(start + step) % 7] for step in range(length + 1))

    def window(self, row: Any) -> set[str]:
        """The days of the course's own period (Q-30)."""
        answer = self.read.choices.of("private_dates", school=row.school_id)
        start, end = (datetime.date.fromisoformat(clock.day(one)) for one in (row.first, row.last))
        length = min((end - start).days + 1, answer.limit)
        days = [start + datetime.timedelta(days=step) for step in range(length)]
        week = self.week(row)
        return {day.isoformat() for day in days if answer.days != "active" or WEEK[day.weekday()] in week}


class _Private(Ranged):
    """Walks along the private courses that have a V5 course."""

    table, size = "courses2", 200

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        private = Private(read, after, upto)
        for row in private.rows:
            place = private.places.get(row.id)
            if place is not None:
                self.course(private, row, place, looked)

    def course(self, private: Private, row: Any, place: Place, looked: Looked) -> None:
        raise NotImplementedError(f"check {self.id} looks at nothing")


class PrivateDays(_Private):
    id, rule, title = "R-14", "R-14, 4.17, Q-30, Q-31", _("Days of private courses")
    how = _(
        "Every day from the first to the last of a private course, and each day that was booked outside of them, must be one"
        " V5 date of the course; there is no other."
    )

    def course(self, private: Private, row: Any, place: Place, looked: Looked) -> None:
        wanted = private.window(row) | private.asked.get(row.id, set())
        held: dict[str, list[int]] = defaultdict(list)
        for day in private.days[place.id]:
            held[day.date].append(day.id)
        figures = looked.of(row.school_id)
        figures.examined += 1
        figures.legacy += len(wanted)
        figures.target += sum(map(len, held.values()))
        for day in sorted(wanted - held.keys()):
            looked.find(self._seen(Kind.MISSING, row, day, None))
        for day, ids in sorted(held.items()):
            if day not in wanted:
                looked.find(self._seen(Kind.EXTRA, row, day, ids[0]))

    @staticmethod
    def _seen(kind: Kind, row: Any, day: str, v5_id: int | None) -> Seen:
        expected, found = (day, None) if kind is Kind.MISSING else (None, day)
        return Seen(kind, row.school_id, "course", "courses2", row.id, day, "course_dates", v5_id, "date", expected,
                    found)  # fmt: skip


class Available(_Private):
    id, rule, title = "R-69b", "R-69b, 3.1, Q-29", _("Days of the week of private courses")
    how = _(
        "The days of the week on which legacy (or the operator's table) lets people book, against the settings of the V5"
        " course and against the V5 dates that are active."
    )

    def course(self, private: Private, row: Any, place: Place, looked: Looked) -> None:
        looked.examined(row.school_id)
        week = private.week(row)
        stored = parsed(place.settings, {}).get("weekDays")
        said = {name for name, on in stored.items() if on} if isinstance(stored, dict) else None
        if said != week:
            looked.find(self._seen(row, "", "courses", place.id, "settings", _listed(week), _listed(said)))
        window = private.window(row)
        for day in private.days[place.id]:
            if day.reason != "PRIVATE_DAY" or day.date not in window:
                continue  # made for a lesson: R-14
            open_ = int(WEEK[datetime.date.fromisoformat(day.date).weekday()] in week)
            if day.active != open_:
                looked.find(self._seen(row, day.date, "course_dates", day.id, "active", open_, day.active))

    @staticmethod
    def _seen(row: Any, part: str, table: str, v5_id: int, name: str, expected: Any, found: Any) -> Seen:
        return Seen(Kind.DIFFERS, row.school_id, "course", "courses2", row.id, part, table, v5_id, name, expected,
                    found)  # fmt: skip


def _listed(week: Iterable[str] | None) -> str | None:
    return None if week is None else ", ".join(name for name in WEEK if name in week)


HOURS = """
    SELECT t.id, TEXT(t.date) AS date, TEXT(t.hour_start) AS start, TEXT(t.hour_end) AS until, t.course_id AS course
    FROM course_dates t WHERE t.id > %s AND t.id <= %s"""
LINE_HOURS = """
    SELECT t.id, TEXT(t.date) AS date, TEXT(t.hour_start) AS start, TEXT(t.hour_end) AS until FROM booking_users t
    WHERE t.course_subgroup_id IS NULL AND t.id > %s AND t.id <= %s"""
UNTOLD = "DURATION_UNKNOWN"


class _Hours(Scanned):
    """Minutes between start and end; None where legacy does not tell them."""

    sql: ClassVar[str] = ""

    def violations(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        found = read.v5(self.sql, [after, upto])
        origins = {key: self._origin(some) for key, some in
                   read.origins(self.table, (row.id for row in found)).items()}  # fmt: skip
        lengths = self.lengths(read, found, origins)
        for row in found:
            origin, span = origins.get(row.id), clock.between(row.start, row.until) or 0
            if origin is None:
                continue
            length = lengths.get(row.id)
            if length is not None and span != length:
                yield (
                    row.id,
                    "hour_end",
                    sentence("%(minutes)s minutes were expected", minutes=length),
                    f"{row.start}–{row.until}",
                )
            elif span < 0 or (not span and length is None and UNTOLD not in (origin.additional_data or "")):
                yield (
                    row.id,
                    "hour_end",
                    sentence("it does not end after it begins"),
                    f"{row.start}–{row.until}",
                )

    def lengths(self, read: Reading, found: Sequence[Any], origins: Mapping[int, Any]) -> dict[int, int]:
        raise NotImplementedError(f"check {self.id} looks at nothing")


class _DateHours(_Hours):
    table, entity, sql = "course_dates", "course_date", HOURS

    def lengths(self, read: Reading, found: Sequence[Any], origins: Mapping[int, Any]) -> dict[int, int]:
        """Sessions of collective courses: what the umbrella or the course says."""
        mine = {key: one.legacy_id for key, one in origins.items() if one.entity_type == "course_date"}
        sql = "SELECT id, course2_id AS course FROM course_dates2 WHERE id IN ({ids})"
        of = {row.id: row.course for row in read.within("legacy", sql, mine.values())}
        lessons = Lessons(read, (), (), of.values())
        known = {}
        for row in found:
            course = of.get(mine.get(row.id, 0))
            slot = lessons.calendar(course).get((row.date, row.start)) if course else None
            if slot is not None and slot.minutes:
                known[row.id] = slot.minutes
        return known


class _LineHours(_Hours):
    table, entity, sql = "booking_users", "booking_user", LINE_HOURS

    def lengths(self, read: Reading, found: Sequence[Any], origins: Mapping[int, Any]) -> dict[int, int]:
        """Private lessons: the line's own duration, else that of its course."""
        sql = (
            "SELECT l.id, TEXT(l.duration) AS own, COALESCE(TEXT(c.duration), TEXT(o.duration)) AS usual FROM booking_users2 l"
            " LEFT JOIN courses2 c ON c.id = l.course2_id LEFT JOIN course_dates2 d ON d.id = l.course2_id"
            " LEFT JOIN courses2 o ON o.id = d.course2_id WHERE l.id IN ({ids})"
        )
        rows = read.within("legacy", sql, (one.legacy_id for one in origins.values()))
        told = {row.id: clock.minutes(row.own) or clock.minutes(row.usual) for row in rows}
        lengths = {row.id: told.get(origins[row.id].legacy_id) for row in found if row.id in origins}
        return {key: length for key, length in lengths.items() if length}


class Hours(Several):
    id, rule, title = "R-62", "R-62, 4.17, 3.1 end_time()", _("Hours and duration")
    how = _(
        "Every course date and every private lesson ends after it begins, and lasts as long as legacy says; where legacy does"
        " not say it, that is flagged."
    )
    parts = (_DateHours(), _LineHours())


CHECKS = (PrivateDays, Hours, Available)

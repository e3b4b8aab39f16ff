"""Monitors in two places at once, or teaching while they are absent (R-65)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

from django.utils.translation import gettext_lazy as _

from entities.reconciliation.check import Kind, Looked, Ranged, Seen, Severity
from entities.reconciliation.checks import clock
from entities.reconciliation.checks.lessons import Lessons
from entities.reconciliation.reading import LAST, Reading
from tracking.sentences import sentence

CLASSES = """
    SELECT s.id, s.monitor_id AS monitor, c.school_id AS school, TEXT(d.date) AS date, TEXT(d.hour_start) AS start,
        TEXT(d.hour_end) AS until FROM course_subgroups s JOIN course_groups g ON g.id = s.course_group_id
    JOIN course_dates d ON d.id = s.course_date_id JOIN courses c ON c.id = s.course_id
    WHERE s.monitor_id > %s AND s.monitor_id <= %s AND s.deleted_at IS NULL AND g.deleted_at IS NULL
    AND d.deleted_at IS NULL AND c.deleted_at IS NULL"""
LINES = """
    SELECT u.id, u.monitor_id AS monitor, u.school_id AS school, u.course_id AS course, TEXT(u.date) AS date,
        TEXT(u.hour_start) AS start, TEXT(u.hour_end) AS until FROM booking_users u
    WHERE u.monitor_id > %s AND u.monitor_id <= %s AND u.course_subgroup_id IS NULL AND u.status = 1
    AND u.deleted_at IS NULL"""
ABSENT = """
    SELECT n.monitor_id AS monitor, n.school_id AS school, TEXT(n.start_date) AS first, TEXT(n.end_date) AS last,
        n.full_day, TEXT(n.start_time) AS start, TEXT(n.end_time) AS until FROM monitor_nwd n
    WHERE n.monitor_id > %s AND n.monitor_id <= %s AND n.deleted_at IS NULL"""
LEGACY_CLASSES = """
    SELECT s.id FROM course_groups_subgroups2 s WHERE s.monitor_id IN ({ids}) OR EXISTS (
        SELECT 1 FROM subgroups_monitor_dates r WHERE r.subgroup_id = s.id AND r.monitor_id IN ({ids}))"""
LEGACY_LINES = """
    SELECT l.id, b.school_id AS school, l.user_id, l.monitor_id, l.course_groups_subgroup2_id AS subgroup,
        l.course2_id AS course, TEXT(l.date) AS date, TEXT(l.hour) AS hour, TEXT(l.duration) AS duration, 1 AS live
    FROM booking_users2 l JOIN bookings2 b ON b.id = l.booking2_id WHERE l.deleted_at IS NULL AND b.deleted_at IS NULL
    AND (l.course_groups_subgroup2_id IS NULL OR l.course_groups_subgroup2_id = 0) AND l.monitor_id IN ({ids})"""
LEGACY_ABSENT = """
    SELECT n.user_id AS monitor, n.school_id AS school, TEXT(n.start_date) AS first, TEXT(n.end_date) AS last,
        n.full_day, TEXT(n.start_time) AS start, TEXT(n.end_time) AS until FROM user_nwd n
    WHERE n.user_id IN ({ids}) AND n.deleted_at IS NULL"""
MIDNIGHT, LATE = "00:00:00", "24:00:00"


class Event(NamedTuple):
    """A class on a date, or a private lesson; `lesson` is the same for all who take one lesson together."""

    table: str
    key: int
    monitor: int
    school: int | None
    date: str
    start: str
    until: str
    lesson: Any


class Absence(NamedTuple):
    school: int | None
    first: str
    last: str
    start: str
    until: str


def clashes(events: Iterable[Event], absences: dict[int, list[Absence]]) -> Iterator[tuple[Event, Any]]:
    """Events at which the monitor is somewhere else too or absent, with the reason; each once."""
    days: dict[tuple[int, str], list[Event]] = defaultdict(list)
    for event in events:
        days[(event.monitor, event.date)].append(event)
    for (monitor, _date), some in days.items():
        for one in some:
            if any(_meet(one, other) and other.lesson != one.lesson for other in some):
                yield one, sentence("the monitor is in two places at once")
            elif any(_covers(absence, one) for absence in absences.get(monitor, ())):
                yield one, sentence("the monitor is absent")


def _meet(one: Any, other: Any) -> bool:
    return bool(one.start < other.until and other.start < one.until)


def _covers(absence: Absence, event: Event) -> bool:
    inside = absence.first <= event.date <= absence.last and _meet(absence, event)
    return inside and absence.school in (None, event.school)


def _absences(rows: Iterable[Any]) -> dict[int, list[Absence]]:
    found: dict[int, list[Absence]] = defaultdict(list)
    for row in rows:
        hours = (MIDNIGHT, LATE) if row.full_day else (clock.hour(row.start), clock.hour(row.until) or LATE)
        found[row.monitor].append(Absence(row.school, clock.day(row.first), clock.day(row.last), *hours))
    return found


def in_v5(read: Reading, after: int, upto: int) -> Iterator[tuple[Event, Any]]:
    keys = [after, upto]
    events = [
        Event("course_subgroups", row.id, row.monitor, row.school, row.date, row.start, row.until, row.id)
        for row in read.v5(CLASSES, keys)
    ]
    events += [
        Event("booking_users", row.id, row.monitor, row.school, row.date or "", row.start or "", row.until or "",
              (row.course, row.start, row.until))
        for row in read.v5(LINES, keys)
    ]  # fmt: skip
    return clashes(events, _absences(read.v5(ABSENT, keys)))


def in_legacy(read: Reading, users: set[int]) -> Iterator[tuple[Event, Any]]:
    """The same for legacy monitors: `key` is the id of the class or line."""
    lines = read.within("legacy", LEGACY_LINES, users)
    classes = {row.id for row in read.within("legacy", LEGACY_CLASSES, users)}
    lessons = Lessons(read, lines, classes)
    events = [event for event in _taught(lessons, classes) if event.monitor in users]
    for line in lines:
        events += [
            Event("booking_users2", line.id, line.monitor_id, line.school, one.date, one.hour, _end(one),
                  (one.course, one.hour, _end(one)))
            for one in lessons.of(line)
        ]  # fmt: skip
    return clashes(events, _absences(read.within("legacy", LEGACY_ABSENT, users)))


def _taught(lessons: Lessons, classes: Iterable[int]) -> Iterator[Event]:
    for key in classes:
        row = lessons.classes.get(key)
        if row is None or row.course not in lessons.courses:
            continue
        school = lessons.courses[row.course].school_id
        for slot in lessons.slots(row.course):
            one = lessons.taught(key, slot)
            if one.live and one.monitor:
                yield Event("course_groups_subgroups2", key, one.monitor, school, one.date, one.hour, _end(one),
                            (key, one.date, one.hour))  # fmt: skip


def _end(lesson: Any) -> str:
    minutes = int(lesson.hour[:2]) * 60 + int(lesson.hour[3:5]) + lesson.minutes
    return f"{minutes // 60:02}:{minutes % 60:02}{lesson.hour[5:]}"


class InTwoPlaces(Ranged):
    id, rule, title = "R-65", "R-65", _("Monitors in two places at once, or absent")
    how = _(
        "No monitor has two classes or lessons at overlapping hours of one day, nor one while absent from that school."
    )
    severity, twin, side, table, size = Severity.W, True, "v5", "monitors", 500
    entities: ClassVar[dict[str, str]] = {
        "course_subgroups": "course_subgroup",
        "booking_users": "booking_user",
    }

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        sql = "SELECT school_id, COUNT(*) AS n FROM {} WHERE monitor_id > %s AND monitor_id <= %s GROUP BY school_id"
        for row in read.v5(sql.format("monitors_schools"), [after, upto]):
            looked.examined(self._schools(read).get(row.school_id), row.n)
        found = list(in_v5(read, after, upto))
        people = read.origins("monitors", {event.monitor for event, _ in found})
        users = {key: some[0].legacy_id for key, some in people.items()}
        before = {(event.table, event.key, event.date) for event, _ in in_legacy(read, set(users.values()))}
        origins = {
            table: read.origins(table, {event.key for event, _ in found if event.table == table})
            for table in self.entities
        }
        for event, message in found:
            for origin in origins[event.table].get(event.key, ())[:1]:
                if origin.school_id is None or read.scope.has(origin.school_id):
                    inherited = (origin.legacy_table, origin.legacy_id, event.date) in before
                    looked.find(self._seen(event, origin, message, inherited))

    @staticmethod
    def _schools(read: Reading) -> dict[int, int]:
        if "schools" not in read.memory:
            sql = "SELECT legacy_id, v5_id FROM legacy_id_mappings WHERE entity_type = 'school' AND v5_id IS NOT NULL"
            read.memory["schools"] = {row.v5_id: row.legacy_id for row in read.v5(sql)}
        found: dict[int, int] = read.memory["schools"]
        return found

    @staticmethod
    def _seen(event: Event, origin: Any, message: str, inherited: bool) -> Seen:
        when = f"{event.date} {event.start[:5]}–{event.until[:5]}"
        return Seen(Kind.VIOLATION, origin.school_id, origin.entity_type, origin.legacy_table, origin.legacy_id,
                    origin.part, event.table, event.key, "monitor_id", None, when, message, inherited)  # fmt: skip

    def baseline(self, read: Reading, cursor: int | None, looked: Looked) -> int | None:
        after = -LAST if cursor is None else cursor
        upto = read.upto("legacy", "users", after, self.size * 10)
        sql = "SELECT id FROM users WHERE user_type = 3 AND id > %s AND id <= %s"
        users = {row.id for row in read.legacy(sql, [after, LAST if upto is None else upto])}
        looked.examined(None, len(users))
        for event, message in in_legacy(read, users):
            if event.school is None or read.scope.has(event.school):
                entity = self.entities[_V5[event.table]]
                looked.find(Seen(Kind.VIOLATION, event.school, entity, event.table, event.key, event.date,
                                 field="monitor_id", message=message, inherited=True))  # fmt: skip
        return upto


_V5 = {"course_groups_subgroups2": "course_subgroups", "booking_users2": "booking_users"}
CHECKS: Sequence[type[Ranged]] = (InTwoPlaces,)

"""Who teaches: membership, sport and level, the monitor of each class and date, room in classes (R-64, R-64b, R-66)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.courses.checks.parts import Scan, Several
from entities.reconciliation.check import Compared, Item, Severity
from entities.reconciliation.checks import clock
from entities.reconciliation.checks.lessons import Lessons
from entities.reconciliation.reading import Reading
from tracking.sentences import sentence

LEGACY_CLASS = """
    FROM course_groups_subgroups2 t JOIN course_groups2 g ON g.id = t.course_group2_id JOIN courses2 c
    ON c.id = g.course2_id WHERE {keys} AND t.deleted_at IS NULL AND t.monitor_id IS NOT NULL"""
LEGACY_LINE = """
    FROM booking_users2 t JOIN bookings2 b ON b.id = t.booking2_id JOIN courses2 c ON c.id = t.course2_id
    WHERE {keys} AND t.deleted_at IS NULL AND t.monitor_id IS NOT NULL AND t.course_groups_subgroup2_id IS NULL"""
EMPLOYED = "SELECT 1 FROM user_schools k WHERE k.user_id = t.monitor_id AND k.school_id = c.school_id"
# `+ 0` keeps the planner off the index on the school, which would read all monitors of the school for every row.
MEMBER = ("SELECT 1 FROM monitors_schools k WHERE k.deleted_at IS NULL AND k.monitor_id = t.monitor_id"
          " AND k.school_id + 0 = c.school_id")  # fmt: skip
STRANGER = sentence("the monitor is no member of the school")


class _ClassMember(Scan):
    table, entity, legacy_table, twin = (
        "course_subgroups",
        "course_subgroup",
        "course_groups_subgroups2",
        True,
    )
    messages = {"monitor_id": STRANGER}
    bad = f"""
        SELECT t.id, 'monitor_id' AS field, t.monitor_id AS found FROM course_subgroups t
        LEFT JOIN courses c ON c.id = t.course_id
        WHERE {{keys}} AND t.monitor_id IS NOT NULL AND NOT EXISTS ({MEMBER})"""
    bad_in_legacy = f"SELECT t.id, c.school_id {LEGACY_CLASS} AND NOT EXISTS ({EMPLOYED})"


class _LineMember(Scan):
    table, entity, legacy_table, twin = "booking_users", "booking_user", "booking_users2", True
    messages = {"monitor_id": STRANGER}
    bad = f"""
        SELECT t.id, 'monitor_id' AS field, t.monitor_id AS found FROM booking_users t
        LEFT JOIN bookings c ON c.id = t.booking_id
        WHERE {{keys}} AND t.monitor_id IS NOT NULL AND NOT EXISTS ({MEMBER})"""
    bad_in_legacy = f"SELECT t.id, b.school_id {LEGACY_LINE} AND NOT EXISTS ({EMPLOYED.replace('c.', 'b.')})"


class Members(Several):
    id, rule, twin, title = "R-64", "R-64, Q-32", True, _("Monitors are members of the school they teach at")
    how = _(
        "The monitor of each class and of each line has a membership, active or not, at the school of the course."
    )
    parts = (_ClassMember(), _LineMember())


# The sport of the course, at the school or everywhere, on a level that is high enough or among those that are allowed.
ABLE = """
    SELECT 1 FROM monitor_sports_degrees k LEFT JOIN degrees d ON d.id = k.degree_id
    WHERE k.deleted_at IS NULL AND k.monitor_id = t.monitor_id AND k.sport_id = c.sport_id
    AND (k.school_id IS NULL OR k.school_id = c.school_id)"""
ALLOWED = """
    AND (g.teacher_min_degree IS NULL OR d.degree_order >= l.degree_order OR EXISTS (
        SELECT 1 FROM monitor_sport_authorized_degrees a WHERE a.monitor_sport_id = k.id AND a.deleted_at IS NULL
        AND a.degree_id = g.degree_id))"""
LEGACY_ABLE = """
    SELECT 1 FROM user_sports k LEFT JOIN degrees d ON d.id = k.degree_id
    WHERE k.deleted_at IS NULL AND k.user_id = t.monitor_id AND k.sport_id = c.sport_id
    AND (k.school_id IS NULL OR k.school_id = c.school_id)"""
LEGACY_ALLOWED = """
    AND (g.teacher_min_degree IS NULL OR d.degree_order >= l.degree_order OR EXISTS (
        SELECT 1 FROM user_sport_authorized_degrees a JOIN degrees_school_sport s ON s.id = a.degree_id
        WHERE a.user_sport_id = k.id AND a.deleted_at IS NULL AND s.degree_id = g.degree_id))"""
UNABLE = sentence("the monitor has not the sport, or no level that is high enough")


class _ClassAble(Scan):
    table, entity, legacy_table, twin = (
        "course_subgroups",
        "course_subgroup",
        "course_groups_subgroups2",
        True,
    )
    messages = {"monitor_id": UNABLE}
    bad = f"""
        SELECT t.id, 'monitor_id' AS field, t.monitor_id AS found FROM course_subgroups t
        JOIN courses c ON c.id = t.course_id JOIN course_groups g ON g.id = t.course_group_id
        LEFT JOIN degrees l ON l.id = g.teacher_min_degree
        WHERE {{keys}} AND t.deleted_at IS NULL AND t.monitor_id IS NOT NULL AND NOT EXISTS ({ABLE} {ALLOWED})"""
    bad_in_legacy = f"""
        SELECT t.id, c.school_id FROM course_groups_subgroups2 t JOIN course_groups2 g ON g.id = t.course_group2_id
        JOIN courses2 c ON c.id = g.course2_id LEFT JOIN degrees l ON l.id = g.teacher_min_degree
        WHERE {{keys}} AND t.deleted_at IS NULL AND (
            (t.monitor_id IS NOT NULL AND NOT EXISTS ({LEGACY_ABLE} {LEGACY_ALLOWED}))
            OR EXISTS (SELECT 1 FROM subgroups_monitor_dates r WHERE r.subgroup_id = t.id AND r.monitor_id IS NOT NULL
                AND NOT EXISTS ({LEGACY_ABLE.replace("t.monitor_id", "r.monitor_id")} {LEGACY_ALLOWED})))"""


class _LineAble(Scan):
    table, entity, legacy_table, twin = "booking_users", "booking_user", "booking_users2", True
    messages = {"monitor_id": sentence("the monitor has not the sport")}
    bad = f"""
        SELECT t.id, 'monitor_id' AS field, t.monitor_id AS found FROM booking_users t
        JOIN courses c ON c.id = t.course_id
        WHERE {{keys}} AND t.status = 1 AND t.course_subgroup_id IS NULL AND t.monitor_id IS NOT NULL
        AND NOT EXISTS ({ABLE})"""
    bad_in_legacy = f"SELECT t.id, c.school_id {LEGACY_LINE} AND NOT EXISTS ({LEGACY_ABLE})"


class Able(Several):
    id, rule, twin, severity = "R-64c", "R-64, 4.13.3, 4.13.4", True, Severity.W
    title = _("Monitors have the sport and the level of what they teach")
    how = _(
        "The monitor of each live class and private lesson has the sport of the course at its school; for classes also the"
        " lowest level that the group asks for, or a permission for its level."
    )
    parts = (_ClassAble(), _LineAble())


class Taught:
    """The classes of one range of legacy ids and their dates."""

    def __init__(self, read: Reading, after: int, upto: int) -> None:
        self.read = read
        sql = (
            "SELECT s.id, c.id AS course, c.school_id FROM course_groups_subgroups2 s JOIN course_groups2 g"
            " ON g.id = s.course_group2_id JOIN courses2 c ON c.id = g.course2_id"
            f" WHERE s.id > %s AND s.id <= %s AND {read.scoped('c.school_id')}"
        )
        self.rows = read.legacy(sql, [after, upto])
        self.lessons = Lessons(read, (), (row.id for row in self.rows))

    @cached_property
    def monitors(self) -> set[int]:
        """Users who can be monitors and were not left out."""
        ids = {row.monitor_id for row in self.lessons.classes.values()}
        ids |= {row.monitor_id for some in self.lessons.replaced.values() for row in some}
        rows = self.read.within("legacy", "SELECT id FROM users WHERE user_type = 3 AND id IN ({ids})", ids)
        entries = self.read.entries("monitor", ids - {None})
        lost = {key for key, some in entries.items() if all(one.v5_id is None for one in some)}
        return {row.id for row in rows} - lost

    @cached_property
    def employed(self) -> set[tuple[int, int]]:
        sql = "SELECT user_id, school_id FROM user_schools WHERE user_id IN ({ids})"
        return {(row.user_id, row.school_id) for row in self.read.within("legacy", sql, self.monitors)}

    def monitor(self, row: Any, slot: Any) -> int | None:
        """The user who teaches a class on a date, None when V5 can have nobody for it (Q-32)."""
        found = self.lessons.monitor(row.id, slot)
        if found not in self.monitors:
            return None
        null = self.read.choices.of("foreign_monitor", school=row.school_id) == "null"
        return found if not null or (found, row.school_id) in self.employed else None


class MonitorOfTheDay(Compared):
    id, rule, title = "R-64b", "R-64b, 3.2 monitor_for()", _("Monitor of each class and date")
    how = _(
        "For every class and date: the replacement of that day, else the monitor of the class, against the monitor of the V5"
        " class on that date."
    )
    entity, table, size = "course_subgroup", "course_groups_subgroups2", 2_000

    def expected(self, read: Reading, after: int, upto: int) -> Iterator[tuple[tuple[int, str], Item]]:
        taught = Taught(read, after, upto)
        for row in taught.rows:
            for slot in taught.lessons.slots(row.course):
                values = {"monitor_id": taught.monitor(row, slot)}
                yield (row.id, f"{slot.date} {slot.hour[:5]}"), Item(row.school_id, values)

    def found(self, read: Reading, after: int, upto: int) -> Iterator[tuple[tuple[int, str], Item]]:
        sql = (
            "SELECT m.legacy_id, m.school_id, s.id, s.monitor_id, TEXT(d.date) AS date, TEXT(d.hour_start) AS hour"
            " FROM legacy_id_mappings m JOIN course_subgroups s ON s.id = m.v5_id LEFT JOIN course_dates d"
            " ON d.id = s.course_date_id WHERE m.entity_type = 'course_subgroup' AND m.legacy_id > %s"
            f" AND m.legacy_id <= %s AND {read.scoped('m.school_id')} ORDER BY s.id"
        )
        rows = read.v5(sql, [after, upto])
        monitors = read.origins("monitors", {row.monitor_id for row in rows})
        seen: Counter[tuple[int, str]] = Counter()
        for row in rows:
            origin = monitors.get(row.monitor_id)
            values = {
                "monitor_id": origin[0].legacy_id if origin else row.monitor_id and f"V5 {row.monitor_id}"
            }
            key = (row.legacy_id, f"{clock.day(row.date)} {(row.hour or '')[:5]}")
            seen[key] += 1
            if seen[key] > 1:  # a copy: nothing in legacy calls for it
                key = (row.legacy_id, f"{key[1]} {seen[key]}")
            yield key, Item(row.school_id, values, "course_subgroups", row.id)


class _Room(Scan):
    table, entity, legacy_table, twin = (
        "course_subgroups",
        "course_subgroup",
        "course_groups_subgroups2",
        True,
    )
    messages = {"max_participants": sentence("more participants than places")}
    bad = """
        SELECT t.id, 'max_participants' AS field, COUNT(*) AS found FROM course_subgroups t
        JOIN booking_users u ON u.course_subgroup_id = t.id AND u.status = 1 AND u.deleted_at IS NULL
        WHERE {keys} AND t.deleted_at IS NULL GROUP BY t.id, t.max_participants HAVING COUNT(*) > MAX(t.max_participants)"""
    bad_in_legacy = """
        SELECT t.id, c.school_id FROM course_groups_subgroups2 t JOIN course_groups2 g ON g.id = t.course_group2_id
        JOIN courses2 c ON c.id = g.course2_id JOIN booking_users2 u ON u.course_groups_subgroup2_id = t.id
        AND u.deleted_at IS NULL JOIN bookings2 b ON b.id = u.booking2_id AND b.deleted_at IS NULL
        WHERE {keys} AND t.deleted_at IS NULL GROUP BY t.id, c.school_id, t.max_participants, c.max_participants
        HAVING COUNT(*) > MAX(COALESCE(t.max_participants, c.max_participants))"""


class _Teachers(Scan):
    table, entity, legacy_table, twin = "course_groups", "course_group", "course_groups2", True
    messages = {"teachers_max": sentence("more classes than monitors allowed")}
    bad = """
        SELECT t.id, 'teachers_max' AS field, COUNT(*) AS found FROM course_groups t
        JOIN course_subgroups s ON s.course_group_id = t.id AND s.deleted_at IS NULL
        WHERE {keys} AND t.deleted_at IS NULL GROUP BY t.id, t.teachers_max HAVING COUNT(*) > MAX(t.teachers_max)"""
    bad_in_legacy = """
        SELECT t.id, c.school_id FROM course_groups2 t JOIN courses2 c ON c.id = t.course2_id
        JOIN course_groups_subgroups2 s ON s.course_group2_id = t.id AND s.deleted_at IS NULL
        WHERE {keys} AND t.deleted_at IS NULL GROUP BY t.id, c.school_id, t.teachers_max HAVING COUNT(*) > MAX(t.teachers_max)"""


class Room(Several):
    id, rule, twin, severity = "R-66", "R-66, 4.19", True, Severity.W
    title = _("Room in classes and number of classes")
    how = _(
        "No live class has more live participants than places, and no group more live classes than it may have monitors."
    )
    parts = (_Room(), _Teachers())


CHECKS = (Members, MonitorOfTheDay, Able, Room)

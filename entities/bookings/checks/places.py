"""Lines and the calendar of V5: date, class, monitor, and nobody in two places (R-56 to R-59b)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.bookings.checks.dates import LINES, lines
from entities.bookings.checks.people import Asked
from entities.reconciliation.check import Scanned, Severity
from entities.reconciliation.checks.clock import between
from entities.reconciliation.checks.lessons import Lesson, Lessons
from entities.reconciliation.reading import Reading
from tracking.sentences import sentence

ON_DATE = """
    SELECT t.id, t.status, t.course_id AS course, t.course_subgroup_id AS subgroup, TEXT(t.date) AS date,
        TEXT(t.hour_start) AS hour, TEXT(t.hour_end) AS until, d.course_id AS date_course, TEXT(d.date) AS day,
        TEXT(d.hour_start) AS opens, TEXT(d.hour_end) AS closes, TEXT(d.deleted_at) AS gone,
        TEXT(c.date_start) AS first_day, TEXT(c.date_end) AS last_day, c.school_id
    FROM booking_users t LEFT JOIN course_dates d ON d.id = t.course_date_id LEFT JOIN courses c ON c.id = t.course_id
    WHERE t.id > %s AND t.id <= %s"""


class OnItsDate(Scanned):
    id, rule, table, entity = "R-56", "R-56, M 4.17, Q-31", "booking_users", "booking_user"
    title = _("Lines agree with their course date")
    how = _(
        "The course date of each line belongs to the course of the line, and has its date; for classes also its hours. The"
        " date of a live line lies within the period of the course."
    )

    def violations(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        keeps = self._periods_kept(read)
        for row in read.v5(ON_DATE, [after, upto]):
            if row.date_course is None or row.date_course != row.course:
                yield row.id, "course_date_id", sentence("the date belongs to another course"), row.course
                continue
            if row.date != row.day:
                yield row.id, "date", sentence("its course date is %(day)s", day=row.day), row.date
            if row.subgroup and (row.hour, row.until) != (row.opens, row.closes):
                yield (
                    row.id,
                    "hour_start",
                    sentence("its course date is %(day)s", day=f"{row.opens}–{row.closes}"),
                    f"{row.hour}–{row.until}",
                )
            inside = row.first_day <= row.day <= row.last_day
            if row.status == 1 and not row.gone and not inside and row.school_id not in keeps:
                yield row.id, "date", sentence("outside of the period of the course"), row.date

    @staticmethod
    def _periods_kept(read: Reading) -> set[int]:
        """V5 schools whose courses keep their period although lessons lie outside of it (Q-31)."""
        if "kept" not in read.memory:
            rows = read.v5("SELECT legacy_id, v5_id FROM legacy_id_mappings WHERE entity_type = 'school'")
            choice = read.choices.of
            read.memory["kept"] = {
                row.v5_id for row in rows if choice("widen_course_range", school=row.legacy_id) == "keep"
            }
        found: set[int] = read.memory["kept"]
        return found


class LivingClass(Asked):
    id, rule, twin = "R-57", "R-57, Q-33", True
    table, entity, legacy_table = "booking_users", "booking_user", "booking_users2"
    title = _("Live lines stand in living classes")
    how = _(
        "No live line stands in a trashed class, group, date or course, unless it does so in legacy and no other fitted."
    )
    field, message = "course_subgroup_id", sentence("its class, group, date or course is deleted")
    bad = """
        SELECT t.id, t.course_subgroup_id AS found FROM booking_users t
        LEFT JOIN course_subgroups s ON s.id = t.course_subgroup_id LEFT JOIN course_groups g ON g.id = t.course_group_id
        LEFT JOIN course_dates d ON d.id = t.course_date_id LEFT JOIN courses c ON c.id = t.course_id
        WHERE {keys} AND t.status = 1 AND t.deleted_at IS NULL AND (s.deleted_at IS NOT NULL
            OR g.deleted_at IS NOT NULL OR d.deleted_at IS NOT NULL OR c.deleted_at IS NOT NULL)"""
    bad_in_legacy = """
        SELECT t.id, b.school_id FROM booking_users2 t JOIN bookings2 b ON b.id = t.booking2_id
        LEFT JOIN course_groups_subgroups2 s ON s.id = t.course_groups_subgroup2_id
        LEFT JOIN course_groups2 g ON g.id = s.course_group2_id
        JOIN courses2 c ON c.id = COALESCE(g.course2_id, t.course2_id)
        WHERE {keys} AND t.deleted_at IS NULL AND b.deleted_at IS NULL AND (s.deleted_at IS NOT NULL
            OR g.deleted_at IS NOT NULL OR c.deleted_at IS NOT NULL OR EXISTS (
                SELECT 1 FROM course_dates2 d WHERE d.course2_id = c.id AND d.deleted_at IS NOT NULL
                AND (t.date IS NULL OR d.date = t.date OR NOT EXISTS (
                    SELECT 1 FROM course_dates2 o WHERE o.course2_id = c.id AND o.deleted_at IS NULL))))"""


class ClassMonitor(Asked):
    id, rule, table, entity = "R-58", "R-58, M 4.21", "booking_users", "booking_user"
    title = _("The monitor of a line is that of its class")
    how = _("Each live line in a class has the monitor of the class, or none where the class has none.")
    field, message = "monitor_id", sentence("the class has another monitor")
    bad = """
        SELECT t.id, t.monitor_id AS found FROM booking_users t JOIN course_subgroups s ON s.id = t.course_subgroup_id
        WHERE {keys} AND t.status = 1 AND t.deleted_at IS NULL
            AND COALESCE(t.monitor_id, 0) <> COALESCE(s.monitor_id, 0)"""


class Taken(Scanned):
    """People in two live lines that do not go together: asked in SQL on V5, worked out from the lessons in legacy."""

    twin, severity = True, Severity.W
    table, entity, legacy_table = "booking_users", "booking_user", "booking_users2"
    clash = ""
    message = ""

    def violations(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        sql = f"""
            SELECT t.id, t.client_id FROM booking_users t WHERE t.id > %s AND t.id <= %s AND t.status = 1
            AND t.deleted_at IS NULL AND EXISTS (
                SELECT 1 FROM booking_users o WHERE o.client_id = t.client_id AND o.status = 1
                AND o.deleted_at IS NULL AND o.id <> t.id AND {self.clash})
            AND NOT EXISTS (SELECT 1 FROM legacy_id_mappings m WHERE m.v5_table = 'clients' AND m.v5_id = t.client_id
                AND m.entity_type = 'client' AND m.legacy_id = 0)"""
        for row in read.v5(sql, [after, upto]):
            yield row.id, "client_id", self.message, row.client_id

    def legacy_violations(
        self, read: Reading, ids: Iterable[int] | None, after: int, upto: int
    ) -> Mapping[int, int | None]:
        sql = LINES.replace("{scope}", "1 = 1")
        if ids is None:
            asked = lines(read, "l.id", after, upto)
        else:
            asked = read.within("legacy", sql.replace("{range}", "l.id IN ({ids})"), ids)
        users = {line.user_id for line in asked}
        every = read.within("legacy", sql.replace("{range}", "l.user_id IN ({ids})"), users)
        live = [line for line in every if line.live]
        lessons, by_user = Lessons(read, live), defaultdict[int, list[tuple[int, Lesson]]](list)
        for line in live:
            by_user[line.user_id] += [(line.id, lesson) for lesson in lessons.of(line)]
        wanted = {line.id: line.school for line in asked}
        return {key: wanted[key] for rows in by_user.values() for key in self.clashing(rows) if key in wanted}

    def clashing(self, rows: list[tuple[int, Lesson]]) -> Iterator[int]:
        """Lines of one person whose lessons clash."""
        for key, one in rows:
            if any(other is not one and self.clashes(one, other) for _key, other in rows):
                yield key

    def clashes(self, one: Lesson, other: Lesson) -> bool:
        raise NotImplementedError


def _date_of(lesson: Lesson) -> tuple[Any, ...]:
    """The course date of a lesson: private courses have one per day, classes one per hour."""
    return lesson.course, lesson.date, lesson.hour if lesson.course_class else ""


class Twice(Taken):
    id, rule = "R-59", "R-59"
    title = _("A client twice on one course date")
    how = _("No client has two live lines on the same course date, in one booking or in two.")
    clash, message = "o.course_date_id = t.course_date_id", sentence("twice on one course date")

    def clashes(self, one: Lesson, other: Lesson) -> bool:
        return _date_of(one) == _date_of(other)


class AtOnce(Taken):
    id, rule = "R-59b", "R-59b"
    title = _("A client in two places at once")
    how = _("No client has live lines on different course dates whose hours overlap on one day.")
    clash = (
        "o.date = t.date AND o.course_date_id <> t.course_date_id AND o.hour_start < t.hour_end"
        " AND t.hour_start < o.hour_end"
    )
    message = sentence("in two places at once")

    def clashes(self, one: Lesson, other: Lesson) -> bool:
        if one.date != other.date or _date_of(one) == _date_of(other):
            return False
        apart = between(one.hour, other.hour) or 0
        return -other.minutes < apart < one.minutes


CHECKS = (OnItsDate, LivingClass, ClassMonitor, Twice, AtOnce)

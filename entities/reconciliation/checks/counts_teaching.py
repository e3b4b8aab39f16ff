"""Counts of dates, groups, bookings, lines and vouchers (section 3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from entities.reconciliation.check import Check
from entities.reconciliation.checks.counted import Ask, Counted, Multiplied
from entities.reconciliation.checks.counts_seasons import COLLECTIVE, sessions
from entities.reconciliation.checks.plainly import day
from entities.reconciliation.reading import Reading

HOW_ONE = _("Every legacy row must have a V5 record of its own, or a reason why not.")
HOW_DATES = _("Every legacy group and class must stand once on each V5 date of the course day it belongs to.")
LEADER = (
    " LEFT JOIN (SELECT group_id, MIN(id) AS leader FROM courses2 WHERE group_id IS NOT NULL GROUP BY group_id) k"
    " ON k.group_id = c.group_id"
)


class CourseDates(Counted):
    """Dates of collective courses: one per course, day and hour; the days of a grouped course are one course (4.17)."""

    id, title = "R-10-course-dates", _("Dates of collective courses: one per course, day and hour")
    how = _(
        "Dates of legacy courses that are one course in V5 are put together by day and hour and held against V5."
    )
    entity, table, v5_table, legacy_table = "course_date", "courses2", "course_dates", "course_dates2"

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        sql = (
            "SELECT d.id, c.school_id, COALESCE(k.leader, c.id) AS course, TEXT(d.date) AS day, TEXT(d.hour) AS hour,"
            f" CASE WHEN {COLLECTIVE} THEN 1 ELSE 0 END AS collective FROM course_dates2 d JOIN courses2 c"
            f" ON c.id = d.course2_id{LEADER} WHERE COALESCE(k.leader, c.id) > %s AND COALESCE(k.leader, c.id) <= %s"
        )
        for row in read.legacy(sql, [after, upto]):
            if row.collective:  # dates of private courses are days of their calendar: R-14
                yield Ask((row.course, str(row.day)[:10], str(row.hour)[:5]), row.school_id, row.id)


class CourseSessions(Counted):
    """Days that only the umbrella names become dates without groups (4.17)."""

    id, title = "R-10-course-sessions", _("Days that only the list of a course names: one V5 date each")
    how = _("Days in the list of a grouped course that no course of the group has are held against V5 dates.")
    entity, table, v5_table = "course_session", "course_globals", "course_dates"

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        rows = read.legacy(
            "SELECT id, dates_global FROM course_globals WHERE id > %s AND id <= %s", [after, upto]
        )
        held, school = self._held(read, after, upto)
        written: dict[int, list[str]] = defaultdict(list)
        for legacy_id, some in read.entries(self.entity, {row.id for row in rows}).items():
            written[legacy_id] = [one.part for one in some]
        rejected = {key for key, some in read.entries("course_global", {row.id for row in rows}).items()
                    if any(one.disposition in ("rejected", "skipped") for one in some)}  # fmt: skip
        for row in rows:
            if row.id in rejected or row.id not in school:
                continue
            alone = {one[:10] for one in sessions(row.dates_global) if day(one)} - held[row.id]
            for one in sorted(alone):
                part = next((found for found in written[row.id] if found.startswith(one)), one)
                yield Ask((row.id, one), school[row.id], row.id, part)

    @staticmethod
    def _held(read: Reading, after: int, upto: int) -> tuple[dict[int, set[str]], dict[int, int]]:
        held: dict[int, set[str]] = defaultdict(set)
        school: dict[int, int] = {}
        sql = ("SELECT c.group_id, c.school_id, TEXT(d.date) AS day FROM courses2 c LEFT JOIN course_dates2 d"
               " ON d.course2_id = c.id WHERE c.group_id > %s AND c.group_id <= %s")  # fmt: skip
        for row in read.legacy(sql, [after, upto]):
            school.setdefault(row.group_id, row.school_id)
            held[row.group_id].add(str(row.day)[:10])
        return held, school


class CourseGroups(Multiplied):
    """Once per V5 date of the legacy course: one for a day of a grouped course, several for a stand-alone one (4.18)."""

    id, title, how = "R-10-course-groups", _("Groups: one per group and date of its course"), HOW_DATES
    entity, table, v5_table = "course_group", "course_groups2", "course_groups"
    sql: ClassVar[str] = (
        "SELECT t.id, c.school_id, t.course2_id FROM course_groups2 t LEFT JOIN courses2 c ON c.id = t.course2_id"
        " WHERE t.id > %s AND t.id <= %s"
    )

    def numbers(self, read: Reading, after: int, upto: int) -> Iterable[tuple[int, int | None, int]]:
        rows = read.legacy(self.sql, [after, upto])
        dates: dict[int, set[int]] = defaultdict(set)
        links = read.within(
            "legacy",
            "SELECT id, course2_id FROM course_dates2 WHERE course2_id IN ({ids})",
            {row.course2_id for row in rows},
        )
        made = read.entries("course_date", {link.id for link in links})
        for link in links:
            dates[link.course2_id] |= {one.v5_id for one in made.get(link.id, ()) if one.v5_id is not None}
        for row in rows:
            yield row.id, row.school_id, max(1, len(dates[row.course2_id]))


class CourseSubgroups(CourseGroups):
    id, title = "R-10-course-subgroups", _("Classes: one per class and date of its course")
    entity, table, v5_table = "course_subgroup", "course_groups_subgroups2", "course_subgroups"
    sql = (
        "SELECT t.id, c.school_id, g.course2_id FROM course_groups_subgroups2 t LEFT JOIN course_groups2 g"
        " ON g.id = t.course_group2_id LEFT JOIN courses2 c ON c.id = g.course2_id WHERE t.id > %s AND t.id <= %s"
    )


class Bookings(Counted):
    """One each; a booking without lines, money and reference may be left out as empty (4.20, Q-36)."""

    id, title = "R-10-bookings", _("Bookings: one V5 booking each")
    how = HOW_ONE
    entity, table, v5_table = "booking", "bookings2", "bookings"

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        sql = (
            "SELECT b.id, b.school_id, CASE WHEN b.price_total <> 0 OR COALESCE(b.payrexx_reference, '') <> '' OR EXISTS"
            " (SELECT 1 FROM booking_users2 l WHERE l.booking2_id = b.id) OR EXISTS (SELECT 1 FROM vouchers_log v"
            " WHERE v.booking_id = b.id) THEN 1 ELSE 0 END AS filled FROM bookings2 b WHERE b.id > %s AND b.id <= %s"
        )
        for row in read.legacy(sql, [after, upto]):
            yield Ask(row.id, row.school_id, row.id, may=frozenset() if row.filled else frozenset({"EMPTY"}))


class Projections(Bookings):
    """Every operational booking has its projection (Q-34), and none stands alone."""

    id, title = "R-10-v5-bookings", _("Bookings as V5 shows them: one each")
    how = _("Every legacy booking with a V5 booking must also stand in the list that V5 shows, once.")
    entity, v5_table = "v5_booking", "v5_bookings"

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        rows = read.legacy("SELECT id, school_id FROM bookings2 WHERE id > %s AND id <= %s", [after, upto])
        made = read.entries("booking", {row.id for row in rows})
        for row in rows:
            moved = any(one.v5_id is not None for one in made.get(row.id, ()))
            both = read.choices.of("booking_targets", school=row.school_id) != "operational"
            yield Ask(row.id if moved and both else None, row.school_id, row.id)


class _Simple(Counted):
    how = HOW_ONE
    sql: ClassVar[str] = ""

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        return [Ask(row.id, row.school_id, row.id) for row in read.legacy(self.sql, [after, upto])]


class Lines(_Simple):
    id, title = "R-10-booking-lines", _("Lines of bookings: each has a V5 line, or several")
    entity, table, v5_table, any_part = "booking_user", "booking_users2", "booking_users", True
    sql = (
        "SELECT l.id, b.school_id FROM booking_users2 l LEFT JOIN bookings2 b ON b.id = l.booking2_id"
        " WHERE l.id > %s AND l.id <= %s"
    )


class Vouchers(_Simple):
    id, title = "R-10-vouchers", _("Vouchers: one V5 voucher each")
    entity, table, v5_table = "voucher", "vouchers", "vouchers"
    sql = "SELECT id, school_id FROM vouchers WHERE id > %s AND id <= %s"


class VoucherLogs(_Simple):
    id, title = "R-10-voucher-logs", _("Uses of vouchers: one V5 record each")
    entity, table, v5_table = "voucher_log", "vouchers_log", "vouchers_log"
    sql = (
        "SELECT g.id, b.school_id FROM vouchers_log g LEFT JOIN bookings2 b ON b.id = g.booking_id"
        " WHERE g.id > %s AND g.id <= %s"
    )


class Notices(_Simple):
    id, title = "R-10-payment-notices", _("Payment reminders that were sent: one V5 record each")
    entity, table, v5_table = "payment_notice", "booking_payment_notice_log", "booking_payment_notice_log"
    sql = (
        "SELECT n.id, b.school_id FROM booking_payment_notice_log n LEFT JOIN bookings2 b ON b.id = n.booking2_id"
        " WHERE n.id > %s AND n.id <= %s"
    )


TEACHING: tuple[type[Check], ...] = (
    CourseDates, CourseSessions, CourseGroups, CourseSubgroups, Bookings, Projections, Lines, Vouchers, VoucherLogs,
    Notices,
)  # fmt: skip

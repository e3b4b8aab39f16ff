"""The data quality of legacy: what the rules will have to treat specially, counted before anything moves.

The strategy's "Pre-Migration Validation" and the legacy side of the reconciliation checks that are cheap to
count. None of them blocks: each kind of row has its rule and its outcome.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from entities.preflight.check import Check, Severity
from entities.preflight.checks.query import Orphans, Query

PEOPLE: tuple[Check, ...] = (
    Query(
        "P-30",
        _("Accounts without e-mail"),
        "SELECT u.id FROM {users} u WHERE u.email IS NULL OR TRIM(u.email) = ''",
        _("dependants move without a login (Q-15), others cannot log in"),
        "strategy, 4.10",
        Severity.INFO,
    ),
    Query(
        "P-31",
        _("E-mail addresses that several accounts share"),
        "SELECT MIN(u.id) AS id FROM {users} u WHERE TRIM(u.email) <> ''"
        " GROUP BY LOWER(TRIM(u.email)) HAVING COUNT(*) > 1",
        _("the accounts of one address become one login (Q-16)"),
        "R-20",
    ),
    Query(
        "P-32",
        _("People without a usable birth date"),
        "SELECT u.id FROM {users} u WHERE u.user_type IN (2, 3)"
        " AND (u.birth_date IS NULL OR u.birth_date < '1900-01-01' OR u.birth_date > {today})",
        _("they get the date of Q-06 and a flag"),
        "R-29",
    ),
    Query(
        "P-33",
        _("Accounts of an unknown type"),
        "SELECT u.id FROM {users} u WHERE u.user_type IS NULL OR u.user_type NOT BETWEEN 1 AND 6",
        _("rejected as UNKNOWN_USER_TYPE"),
        "section 2",
    ),
    Query(
        "P-34",
        _("Passwords that V5 cannot read"),
        "SELECT u.id FROM {users} u WHERE u.password IS NULL OR LENGTH(u.password) <> 60"
        " OR u.password NOT LIKE '$2y$%'",
        _("these people must set a new password"),
        "R-22",
        Severity.INFO,
    ),
    Query(
        "P-35",
        _("Family links of a person with himself"),
        "SELECT g.id FROM {user_groups} g WHERE g.user_main_id = g.user_secondary_id",
        _("skipped as SELF_LINK"),
        "4.12.4",
        Severity.INFO,
    ),
    Query(
        "P-36",
        _("Absences that end before they begin"),
        "SELECT n.id FROM {user_nwd} n WHERE n.end_date < n.start_date",
        _("rejected as RANGE_REVERSED"),
        "4.13.5",
    ),
    Query(
        "P-37",
        _("Absences of more than a year"),
        "SELECT n.id FROM {user_nwd} n WHERE {days:n.start_date,n.end_date} >= 366",
        _("rejected as RANGE_TOO_LONG unless allowed"),
        "4.13.5",
    ),
)

COURSES: tuple[Check, ...] = (
    Query(
        "P-38",
        _("Courses of an unknown sport"),
        "SELECT c.id FROM {courses2} c LEFT JOIN {sports} s ON s.id = c.sport_id WHERE s.id IS NULL",
        _("rejected as SPORT_UNKNOWN, with their groups"),
        "strategy, 4.15",
    ),
    Orphans(),
)

# `school_id + 0` keeps the planner from walking all members of a school instead of one person's memberships.
BOOKINGS: tuple[Check, ...] = (
    Query(
        "P-40",
        _("Bookings without a school"),
        "SELECT b.id FROM {bookings2} b LEFT JOIN {schools} s ON s.id = b.school_id WHERE s.id IS NULL",
        _("rejected with all their lines; their money is listed"),
        "strategy, 4.20",
    ),
    Query(
        "P-41",
        _("Bookings without lines"),
        "SELECT b.id FROM {bookings2} b LEFT JOIN {booking_users2} l ON l.booking2_id = b.id"
        " WHERE l.id IS NULL",
        _("moved when money is attached, else skipped (Q-36)"),
        "4.20",
    ),
    Query(
        "P-42",
        _("Bookings of an unknown payment method"),
        "SELECT b.id FROM {bookings2} b WHERE b.payment_method_id NOT BETWEEN 1 AND 5",
        _("moved without a method; the number is kept"),
        "section 2",
    ),
    Query(
        "P-43",
        _("Bookings in more than one currency"),
        "SELECT b.id FROM {bookings2} b JOIN {booking_users2} l ON l.booking2_id = b.id"
        " LEFT JOIN {booking_users2} o ON o.booking2_id = b.id AND o.id > l.id"
        " WHERE (TRIM(b.currency) <> '' AND TRIM(l.currency) <> ''"
        " AND UPPER(l.currency) <> UPPER(b.currency))"
        " OR (TRIM(l.currency) <> '' AND TRIM(o.currency) <> ''"
        " AND UPPER(l.currency) <> UPPER(o.currency))"
        " GROUP BY b.id",
        _("rejected as MIXED_CURRENCY"),
        "3.1",
    ),
    Query(
        "P-44",
        _("Lines that name no course"),
        "SELECT l.id FROM {booking_users2} l"
        " WHERE l.course_groups_subgroup2_id IS NULL AND l.course2_id IS NULL",
        _("rejected as LINE_WITHOUT_COURSE"),
        "4.21",
    ),
    Query(
        "P-45",
        _("Private lines without a date"),
        "SELECT l.id FROM {booking_users2} l WHERE l.course_groups_subgroup2_id IS NULL"
        " AND l.course2_id IS NOT NULL AND (l.date IS NULL OR l.date < '1900-01-01')",
        _("rejected as LINE_WITHOUT_DATE"),
        "4.21",
    ),
    Query(
        "P-46",
        _("Lines of a course of another school"),
        "SELECT l.id FROM {booking_users2} l JOIN {bookings2} b ON b.id = l.booking2_id"
        " JOIN {courses2} c ON c.id = l.course2_id WHERE c.school_id <> b.school_id",
        _("rejected: schools are separate"),
        "R-54",
    ),
    Query(
        "P-47",
        _("Live lines in a trashed group"),
        "SELECT l.id FROM {booking_users2} l"
        " JOIN {course_groups_subgroups2} s ON s.id = l.course_groups_subgroup2_id"
        " JOIN {course_groups2} g ON g.id = s.course_group2_id"
        " WHERE {live:l} AND NOT ({live:s} AND {live:g})",
        _("moved to a live group of the same day and level, else kept (Q-33)"),
        "R-57",
    ),
    Query(
        "P-48",
        _("Participants that are booked twice for one class"),
        "SELECT MIN(l.id) AS id FROM {booking_users2} l"
        " WHERE {live:l} AND l.course_groups_subgroup2_id IS NOT NULL"
        " GROUP BY l.user_id, l.course_groups_subgroup2_id, l.date HAVING COUNT(*) > 1",
        _("moved as they are and listed"),
        "R-59",
    ),
    Query(
        "P-49",
        _("Payers who are not members of the school"),
        "SELECT b.id FROM {bookings2} b LEFT JOIN {user_schools} m"
        " ON m.user_id = b.user_main_id AND m.school_id + 0 = b.school_id WHERE m.id IS NULL",
        _("a membership is made for them"),
        "R-52",
        Severity.INFO,
    ),
    Query(
        "P-50",
        _("Monitors who are not members of the school of their lesson"),
        "SELECT l.id FROM {booking_users2} l JOIN {bookings2} b ON b.id = l.booking2_id"
        " LEFT JOIN {user_schools} m ON m.user_id = l.monitor_id AND m.school_id + 0 = b.school_id"
        " WHERE l.monitor_id IS NOT NULL AND m.id IS NULL",
        _("an inactive membership is made for them (Q-32)"),
        "R-64",
        Severity.INFO,
    ),
)

MONEY: tuple[Check, ...] = (
    Query(
        "P-51",
        _("Totals that differ from the lines"),
        "SELECT b.id FROM {bookings2} b"
        " JOIN (SELECT l.booking2_id, SUM(l.price) AS price FROM {booking_users2} l"
        " WHERE {live:l} GROUP BY l.booking2_id) lines_of ON lines_of.booking2_id = b.id"
        " WHERE ABS(b.price_total - lines_of.price - b.price_cancellation_insurance) > 0.005",
        _("the difference is kept as unexplained; above 2 % of a school's bookings, ask the school"),
        "R-33t",
        Severity.INFO,
    ),
    Query(
        "P-52",
        _("Live bookings of total 0 whose lines cost money"),
        "SELECT b.id FROM {bookings2} b JOIN {booking_users2} l ON l.booking2_id = b.id"
        " LEFT JOIN {vouchers_log} v ON v.booking_id = b.id WHERE b.price_total = 0 AND {live:b} AND {live:l}"
        " AND v.id IS NULL GROUP BY b.id HAVING SUM(l.price) > 0",
        _("moved as they are"),
        "R-34",
    ),
    Query(
        "P-53",
        _("Vouchers whose balance differs from their log"),
        "SELECT v.id FROM {vouchers} v LEFT JOIN {vouchers_log} g ON g.voucher_id = v.id AND {live:g}"
        " GROUP BY v.id, v.quantity, v.remaining_balance"
        " HAVING ABS(v.quantity - COALESCE(SUM(g.amount), 0) - v.remaining_balance) > 0.005",
        _("moved as they are and flagged VOUCHER_BALANCE"),
        "R-43",
    ),
    Query(
        "P-54",
        _("Vouchers with an impossible balance"),
        "SELECT v.id FROM {vouchers} v WHERE v.quantity <= 0 OR v.remaining_balance < -0.005"
        " OR v.remaining_balance > v.quantity + 0.005",
        _("moved as they are"),
        "R-44",
    ),
    Query(
        "P-55",
        _("Voucher codes that occur twice in a school"),
        "SELECT MIN(v.id) AS id FROM {vouchers} v WHERE TRIM(v.code) <> ''"
        " GROUP BY v.school_id, UPPER(TRIM(v.code)) HAVING COUNT(*) > 1",
        _("the later one gets a suffix"),
        "R-45",
    ),
    Query(
        "P-56",
        _("Vouchers spent at another school"),
        "SELECT g.id FROM {vouchers_log} g JOIN {vouchers} v ON v.id = g.voucher_id"
        " JOIN {bookings2} b ON b.id = g.booking_id WHERE v.school_id <> b.school_id",
        _("their money crosses schools: look at each"),
        "R-46",
    ),
)

ALL: tuple[Check, ...] = (*PEOPLE, *COURSES, *BOOKINGS, *MONEY)

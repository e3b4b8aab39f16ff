"""Service dates of legacy schools, aggregated by the database (4.9 step 1).

Booked dates and the dates of collective courses count; the calendar of a private course does not.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db import connections

from entities.courses.legacy import LegacyCourseGlobal
from entities.engine import normalise, vendors
from entities.engine.errors import BadValue
from entities.engine.read import Reader, text_of
from entities.seasons import rules

COLLECTIVE = (
    "(c.course_supertype_id = 1 OR (COALESCE(c.course_supertype_id, 0) NOT IN (1, 2) AND (c.course_type_id = 1"
    " OR (COALESCE(c.course_type_id, 0) NOT IN (1, 2) AND (c.group_id IS NOT NULL OR EXISTS"
    " (SELECT 1 FROM course_groups2 g WHERE g.course2_id = c.id))))))"
)
COURSE_DAYS = """
    SELECT c.school_id, {day} FROM course_dates2 d JOIN courses2 c ON c.id = d.course2_id
    WHERE c.school_id IN ({{ids}}) AND {collective} GROUP BY 1, 2"""
BOOKED_DAYS = """
    SELECT b.school_id, {day} FROM booking_users2 l JOIN bookings2 b ON b.id = l.booking2_id
    WHERE b.school_id IN ({{ids}}) GROUP BY 1, 2"""
UMBRELLAS = """
    SELECT c.school_id, c.group_id FROM courses2 c
    WHERE c.group_id IS NOT NULL AND c.school_id IN ({ids}) GROUP BY 1, 2"""
# Bookings that move although no line of theirs tells a day: only the day of their creation is left.
UNDATED = """
    SELECT b.school_id, SUBSTR({created}, 1, 10) FROM bookings2 b LEFT JOIN (
        SELECT DISTINCT l.booking2_id AS id FROM booking_users2 l
        LEFT JOIN course_groups_subgroups2 s ON s.id = l.course_groups_subgroup2_id
        LEFT JOIN course_groups2 g ON g.id = s.course_group2_id
        LEFT JOIN (
            SELECT DISTINCT d.course2_id FROM course_dates2 d WHERE {course_day} BETWEEN %s AND %s
        ) k ON k.course2_id = g.course2_id
        WHERE {line_day} BETWEEN %s AND %s OR k.course2_id IS NOT NULL
    ) x ON x.id = b.id
    WHERE x.id IS NULL AND b.school_id IN ({{ids}}) AND (
        b.price_total <> 0 OR COALESCE(b.payrexx_reference, '') <> ''
        OR EXISTS (SELECT 1 FROM booking_users2 m WHERE m.booking2_id = b.id)
        OR EXISTS (SELECT 1 FROM vouchers_log v WHERE v.booking_id = b.id))
    GROUP BY 1, 2"""


@dataclass
class ServiceDates:
    """What is known of one school: plausible service dates, others, and days of undated bookings ("" = none)."""

    days: set[str] = field(default_factory=set)
    implausible: set[str] = field(default_factory=set)
    booked_implausible: bool = False
    undated: set[str] = field(default_factory=set)


def load(read: Reader, schools: list[int], today: str) -> dict[int, ServiceDates]:
    """Service dates by legacy school: five queries."""
    found: dict[int, ServiceDates] = defaultdict(ServiceDates)
    course_days = COURSE_DAYS.format(day=text_of("legacy", "date"), collective=COLLECTIVE)
    for school, day in read.legacy_sql(course_days, schools):
        _add(found[school], day, today)
    for school, day in read.legacy_sql(BOOKED_DAYS.format(day=text_of("legacy", "date")), schools):
        found[school].booked_implausible |= _add(found[school], day, today)
    _add_sessions(found, read, schools, today)
    limits = [rules.FIRST_DAY, rules.last_day(today)]
    undated = UNDATED.format(
        created=text("b", "created_at"), course_day=text("d", "date"), line_day=text("l", "date")
    )
    for school, day in read.legacy_sql(undated, schools, [*limits, *limits]):
        found[school].undated.add(day or "")
    return found


def _add(dates: ServiceDates, value: Any, today: str) -> bool:
    """Take one date; True when it is a date but none that can be meant."""
    try:
        day = normalise.date(value)
    except BadValue:
        return False
    if day is None:
        return False
    plausible = rules.is_plausible(day, today)
    (dates.days if plausible else dates.implausible).add(day)
    return not plausible


def _add_sessions(found: dict[int, ServiceDates], read: Reader, schools: list[int], today: str) -> None:
    """Dates that only the umbrella of a course names."""
    links = read.legacy_sql(UMBRELLAS, schools)
    sessions = {
        row.id: _sessions(row.dates_global)
        for row in read.legacy(LegacyCourseGlobal, "id", {link[1] for link in links})
    }
    for school, umbrella in links:
        for day in sessions.get(umbrella, ()):
            _add(found[school], day, today)


def _sessions(text: str | None) -> list[Any]:
    """The dates of a list of sessions; none when it cannot be read (the courses say so)."""
    try:
        listed = json.loads(text or "[]")
    except ValueError:
        return []
    if not isinstance(listed, list):
        return []
    return [one["date"] for one in listed if isinstance(one, dict) and isinstance(one.get("date"), str)]


def text(table: str, column: str) -> str:
    """SQL for the text of a temporal column of one of several joined tables."""
    vendor = vendors.of(connections["legacy"])
    quoted = vendor.quote(column)
    return str(vendor.text_of(column)).replace(quoted, f"{table}.{quoted}")

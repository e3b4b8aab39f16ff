"""Course search: the courses of a school and sport in one week, with their dates and taken places."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple

from entities.performance.samples import MOST, each, pairs, rows

SHOWN = 50


class Search(NamedTuple):
    """What one person looks for, in the numbers of both sides."""

    legacy_school: int
    legacy_sport: int
    school: int
    sport: int
    first: str
    last: str


def samples() -> list[Search]:
    schools = {new: old for old, new in pairs("school")}
    sports = {new: old for old, new in pairs("sport")}
    if not schools or not sports:
        return []
    [(low, high)] = rows("v5", "SELECT MIN(id), MAX(id) FROM course_dates")
    if low is None:
        return []
    # Dates spread over the whole calendar; numbers next to each other are days of one course.
    step = max(1, (high - low) // (4 * MOST))
    found = rows(
        "v5",
        "SELECT DISTINCT c.school_id, c.sport_id, d.date FROM course_dates d JOIN courses c ON c.id = d.course_id"
        f" WHERE d.id %% {step} = 0 AND c.deleted_at IS NULL AND d.deleted_at IS NULL LIMIT {MOST}",
    )
    return [
        Search(schools[school], sports[sport], school, sport, *_week(str(day)))
        for school, sport, day in found
        if school in schools and sport in sports
    ]


def _week(day: str) -> tuple[str, str]:
    first = date.fromisoformat(day[:10])
    return first.isoformat(), (first + timedelta(days=6)).isoformat()


def legacy(connection: Any, sample: Search, user: int) -> None:
    """Classes have dates, private courses only a window: legacy has to ask for both."""
    place, week = [sample.legacy_school, sample.legacy_sport], [sample.first, sample.last]
    classes, private = each(
        connection,
        ("SELECT c.id, c.name, c.price, c.max_participants, d.date, d.hour FROM courses2 c"
         " JOIN course_dates2 d ON d.course2_id = c.id WHERE c.school_id = %s AND c.sport_id = %s"
         " AND c.deleted_at IS NULL AND d.deleted_at IS NULL AND d.date BETWEEN %s AND %s"
         f" ORDER BY d.date, d.hour LIMIT {SHOWN}", [*place, *week]),
        ("SELECT c.id, c.name, c.price, c.max_participants, c.date_start, c.date_end FROM courses2 c"
         " WHERE c.school_id = %s AND c.sport_id = %s AND c.group_id IS NULL AND c.deleted_at IS NULL"
         f" AND c.date_end >= %s AND c.date_start <= %s ORDER BY c.date_start LIMIT {SHOWN}", [*place, *week]),
    )  # fmt: skip
    if ids := sorted({row[0] for row in classes}):
        each(
            connection,
            ("SELECT g.course2_id, COUNT(*) FROM course_groups2 g"
             " JOIN course_groups_subgroups2 s ON s.course_group2_id = g.id"
             " JOIN booking_users2 l ON l.course_groups_subgroup2_id = s.id"
             f" WHERE g.course2_id IN ({_marks(ids)}) AND l.deleted_at IS NULL GROUP BY g.course2_id", ids),
        )  # fmt: skip
    if ids := sorted({row[0] for row in private}):
        each(
            connection,
            ("SELECT course2_id, date, COUNT(*) FROM booking_users2"
             f" WHERE course2_id IN ({_marks(ids)}) AND date BETWEEN %s AND %s AND deleted_at IS NULL"
             " GROUP BY course2_id, date", [*ids, *week]),
        )  # fmt: skip


def v5(connection: Any, sample: Search, user: int) -> None:
    """Every course has dates; those whose range misses the week need not be looked at."""
    place, week = [sample.school, sample.sport], [sample.first, sample.last]
    [courses] = each(
        connection,
        ("SELECT d.id, c.id, c.name, c.price, c.max_participants, d.date, d.hour_start FROM courses c"
         " JOIN course_dates d ON d.course_id = c.id WHERE c.school_id = %s AND c.sport_id = %s"
         " AND c.date_end >= %s AND c.date_start <= %s AND c.deleted_at IS NULL AND d.deleted_at IS NULL"
         f" AND d.date BETWEEN %s AND %s ORDER BY d.date, d.hour_start LIMIT {SHOWN}", [*place, *week, *week]),
    )  # fmt: skip
    if ids := sorted({row[0] for row in courses}):
        each(
            connection,
            ("SELECT course_date_id, COUNT(*) FROM booking_users"
             f" WHERE course_date_id IN ({_marks(ids)}) AND status = 1 AND deleted_at IS NULL GROUP BY course_date_id", ids),
        )  # fmt: skip


def _marks(ids: list[int]) -> str:
    return ", ".join(["%s"] * len(ids))

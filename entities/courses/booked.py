"""Private lines as their courses see them: which days were booked, and the days that exist only for that (Q-31)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from entities.courses import sessions
from entities.courses.sessions import Day
from entities.courses.windows import Window
from entities.engine import normalise
from entities.engine.environment import Env
from entities.engine.errors import BadValue
from entities.engine.read import Reader
from tracking.sentences import sentence

LIVE = "t.deleted_at IS NULL AND b.deleted_at IS NULL"
LINES = "FROM booking_users2 t JOIN bookings2 b ON b.id = t.booking2_id"
PRIVATE_LINE = "(t.course_groups_subgroup2_id IS NULL OR t.course_groups_subgroup2_id = 0)"
BOOKED = (
    "t.id, CAST(t.date AS CHAR), CAST(t.hour AS CHAR), CAST(t.duration AS CHAR), "
    f"CASE WHEN {LIVE} THEN 1 ELSE 0 END, b.school_id"
)


class BookedLine(NamedTuple):
    """A private line as its course sees it."""

    id: int
    date: str
    hour: str | None
    minutes: int | None
    live: bool
    school_id: int


def booked_lines(read: Reader, course_ids: Iterable[int]) -> dict[int, list[BookedLine]]:
    """Private lines by course, those that name one of its sessions instead of it included (COURSE_REF_RECOVERED)."""
    ids = list(course_ids)
    rows = read.legacy_sql(
        f"SELECT t.course2_id, {BOOKED} {LINES} WHERE {PRIVATE_LINE} AND t.course2_id IN ({{ids}})", ids
    )
    rows += read.legacy_sql(
        f"SELECT d.course2_id, {BOOKED} {LINES} JOIN course_dates2 d ON d.id = t.course2_id"
        f" WHERE {PRIVATE_LINE} AND d.course2_id IN ({{ids}})"
        " AND NOT EXISTS (SELECT 1 FROM courses2 c WHERE c.id = t.course2_id)",
        ids,
    )
    found: dict[int, list[BookedLine]] = defaultdict(list)
    for course_id, *rest in sorted(rows):
        line = booked_line(*rest)
        if line is not None:
            found[course_id].append(line)
    return found


def booked_line(
    line_id: int, date: Any, hour: Any, duration: Any, live: int, school_id: int
) -> BookedLine | None:
    """None when the line has no usable date: it will be rejected with LINE_WITHOUT_DATE."""
    try:
        day = normalise.date(date)
    except BadValue:
        return None
    if day is None:
        return None
    return BookedLine(
        line_id,
        day,
        readable(normalise.time, hour),
        readable(normalise.duration, duration),
        bool(live),
        school_id,
    )


def readable(convert: Any, value: Any) -> Any:
    """The converted value, None when it cannot be read."""
    try:
        return convert(value)
    except BadValue:
        return None


def extra_days(row: Any, window: Window, own: set[str], lines: list[BookedLine]) -> list[Day]:
    """Q-31: one day per booked date that the course does not have, from the first lesson's start to the last one's end."""
    minutes = sessions.minutes_of(row)
    found: dict[str, Day] = {}
    for line in lines:
        if window.has(line.date) or line.date in own:
            continue
        start = line.hour or window.opens
        try:
            end = normalise.end_time(start, line.minutes or minutes) or start
        except BadValue:
            continue  # the line will be rejected with CROSSES_MIDNIGHT
        day = found.setdefault(line.date, Day(line.date, start, end, 0))
        day.hour_start, day.hour_end = min(day.hour_start, start), max(day.hour_end, end)
        day.active = max(day.active, int(line.live))
    return [found[date] for date in sorted(found)]


def widen(made: Any, dates: list[str], env: Env, school: int) -> None:
    """The period takes in the dates outside of it, unless the operator wants to keep it (Q-31)."""
    if not dates or made.problem is not None:
        return
    first, last = min([made.values["date_start"], *dates]), max([made.values["date_end"], *dates])
    if (first, last) == (made.values["date_start"], made.values["date_end"]):
        return
    made.warn(
        "DATE_OUTSIDE_RANGE", "date_start", sentence("a lesson was booked outside the period of the course")
    )
    if env.choices.of("widen_course_range", school=school) == "widen":
        made.values["date_start"], made.values["date_end"] = first, last

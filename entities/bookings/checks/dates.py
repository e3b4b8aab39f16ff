"""First service day of legacy bookings, and the season that the operator's choice makes of it (Q-13)."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from entities.reconciliation.checks.clock import day
from entities.reconciliation.checks.lessons import Lessons
from entities.reconciliation.reading import Reading

CATCH_ALL = "Legacy Season"
NONE = "–"
EARLIEST, YEARS_AHEAD = "2015-01-01", 3  # 4.9: other service dates make no season
LINES = """
    SELECT l.id, l.booking2_id AS booking, b.school_id AS school, l.user_id, l.price, l.monitor_id,
        l.course_groups_subgroup2_id AS subgroup, l.course2_id AS course, TEXT(l.date) AS date, TEXT(l.hour) AS hour,
        TEXT(l.duration) AS duration, CASE WHEN l.deleted_at IS NULL AND b.deleted_at IS NULL THEN 1 ELSE 0 END AS live
    FROM booking_users2 l JOIN bookings2 b ON b.id = l.booking2_id
    WHERE {range} AND {scope} ORDER BY l.id"""


def lines(read: Reading, column: str, after: int, upto: int) -> list[Any]:
    """Lines with a booking, by a range of `l.id` or `l.booking2_id`."""
    sql = LINES.replace("{range}", f"{column} > %s AND {column} <= %s").replace(
        "{scope}", read.scoped("b.school_id")
    )
    return read.legacy(sql, [after, upto])


def first_days(read: Reading, after: int, upto: int) -> dict[int, str]:
    """By booking: the earliest day of its live lines, else of all lines that were moved, else of what lines say."""
    found = lines(read, "l.booking2_id", after, upto)
    lessons = Lessons(read, found)
    lost = {
        key for key, some in read.entries("booking_user", (line.id for line in found)).items()
        if any(one.disposition in ("rejected", "skipped") for one in some)
    }  # fmt: skip
    live, moved, said = (defaultdict[int, list[str]](list) for _ in range(3))
    for line in found:
        said[line.booking] += [day(line.date)] if day(line.date) else []
        if line.id in lost:
            continue
        days = [lesson.date for lesson in lessons.of(line)]
        moved[line.booking] += days
        live[line.booking] += days if line.live else []
    return {
        key: min(live[key] or moved[key] or said[key]) for key in said if live[key] or moved[key] or said[key]
    }


def season_label(read: Reading, school: int | None, date: str) -> str:
    """The name of the season of a day by Q-13; "–" for no day and for one that makes no season."""
    choice = read.choices.of("season_mode", school=school)
    if choice.mode == "single":
        return CATCH_ALL
    if not day(date) or not EARLIEST <= date <= _latest(read):
        return NONE
    if choice.mode == "declared":
        return next((str(one.name) for one in choice.declared if one.start <= date <= one.end), NONE)
    year = int(date[:4]) - (date[5:10] < choice.boundary)
    return f"{year:04}/{year + 1:04}"


def _latest(read: Reading) -> str:
    """Three years after the cut-over."""
    cutover = getattr(read.wave, "cutover_at", None) or datetime.now(UTC)
    return f"{cutover.year + YEARS_AHEAD:04}-{cutover:%m-%d}"


def seasons(read: Reading) -> dict[int, str]:
    """The same name for each V5 season: that of its first day; "–" for the catch-all."""
    if "season_labels" not in read.memory:
        rows = read.v5(
            "SELECT s.id, s.name, TEXT(s.start_date) AS start_date, m.legacy_id AS school FROM seasons s"
            " LEFT JOIN legacy_id_mappings m ON m.entity_type = 'school' AND m.v5_id = s.school_id"
        )
        read.memory["season_labels"] = {row.id: _label(read, row) for row in rows}
    found: dict[int, str] = read.memory["season_labels"]
    return found


def _label(read: Reading, row: Any) -> str:
    if row.name == CATCH_ALL:
        single = read.choices.of("season_mode", school=row.school).mode == "single"
        return CATCH_ALL if single else NONE
    return season_label(read, row.school, row.start_date)

"""Findings by school: which rows of legacy belong to which school, and how many of them a check found there.

A person of several schools counts once in each; rows that lead to no school stand under None.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from entities.engine import schema
from entities.preflight import sql
from entities.preparation.encoding import live_name

MOST_KEPT = 1000
_COURSE = "LEFT JOIN {courses2} c ON c.id = "
_GROUP = "LEFT JOIN {course_groups2} g ON g.id = "
_CLASS = "LEFT JOIN {course_groups_subgroups2} s ON s.id = "
_MEMBER = "LEFT JOIN {user_schools} m ON m.user_id = "
_BOOKING = "LEFT JOIN {bookings2} b ON b.id = "
_LEVEL = "LEFT JOIN {degrees_school_sport} d ON d.id = "
OWN = (
    "bookings2", "courses2", "vouchers", "user_nwd", "user_schools", "user_sports", "user_sports_monitor", "tasks", "mails",
    "degrees_school_sport", "school_sports", "school_colors", "school_salary_levels", "stations_schools", "price_ranges",
    "user_favorite_schools", "blocks", "communication_readeds",
)  # fmt: skip
# Legacy table: what has to be joined to its row `t`, and what then is the school (reconciliation, section 1.10).
PATHS: dict[str, tuple[str, str]] = {
    **{table: ("", "t.school_id") for table in OWN},
    "schools": ("", "t.id"),
    "users": (f"{_MEMBER}t.id", "m.school_id"),
    "user_groups": (f"{_MEMBER}t.user_main_id", "m.school_id"),
    "user_observations": (f"{_MEMBER}t.user_id", "m.school_id"),
    "user_work_details": (f"{_MEMBER}t.user_id", "m.school_id"),
    "user_sport_authorized_degrees": ("LEFT JOIN {user_sports} l ON l.id = t.user_sport_id", "l.school_id"),
    "booking_users2": (f"{_BOOKING}t.booking2_id", "b.school_id"),
    "booking_payment_notice_log": (f"{_BOOKING}t.booking2_id", "b.school_id"),
    "vouchers_log": (f"{_BOOKING}t.booking_id", "b.school_id"),
    "course_dates2": (f"{_COURSE}t.course2_id", "c.school_id"),
    "course_groups2": (f"{_COURSE}t.course2_id", "c.school_id"),
    "course_groups_subgroups2": (f"{_GROUP}t.course_group2_id {_COURSE}g.course2_id", "c.school_id"),
    "subgroups_monitor_dates": (f"{_CLASS}t.subgroup_id {_GROUP}s.course_group2_id {_COURSE}g.course2_id", "c.school_id"),
    "user_course_attendances": (f"{_CLASS}t.subgroup_id {_GROUP}s.course_group2_id {_COURSE}g.course2_id", "c.school_id"),
    "evaluations": (f"{_LEVEL}t.degrees_school_sport_id", "d.school_id"),
    "degrees_school_sport_goals": (f"{_LEVEL}t.degrees_school_sport_id", "d.school_id"),
    "evaluation_files": (
        f"LEFT JOIN {{evaluations}} e ON e.id = t.evaluation_id {_LEVEL}e.degrees_school_sport_id", "d.school_id",
    ),
    "evaluation_fulfilled_goals": (
        f"LEFT JOIN {{evaluations}} e ON e.id = t.evaluation_id {_LEVEL}e.degrees_school_sport_id", "d.school_id",
    ),
    "task_checks": ("LEFT JOIN {tasks} k ON k.id = t.task_id", "k.school_id"),
}  # fmt: skip


@dataclass(frozen=True)
class InSchool:
    """What a check found in one school: rows of `table`, of how many there, and the first thousand keys."""

    table: str
    school: int | None
    count: int
    ids: tuple[int, ...]
    of: int | None = None

    def as_data(self) -> dict[str, Any]:
        return {
            "table": self.table,
            "school": self.school,
            "count": self.count,
            "ids": list(self.ids),
            "of": self.of,
        }


def by_school(table: str, select: str, totals: dict[str, dict[int | None, int]]) -> tuple[InSchool, ...]:
    """The rows whose ids `select` gives, by school; one statement. `totals` remembers the rows of each table."""
    joins, school = _path(table)
    if school is None:
        return ()
    name = _quoted(table)
    pairs = f"SELECT DISTINCT {school} AS school, t.id AS id FROM ({select}) f JOIN {name} t ON t.id = f.id {joins}"
    found = sql.rows(
        "legacy",
        "SELECT school, id, n FROM (SELECT school, id, COUNT(*) OVER (PARTITION BY school) AS n,"
        f" ROW_NUMBER() OVER (PARTITION BY school ORDER BY id) AS place FROM ({pairs}) pairs) ranked"
        f" WHERE place <= {MOST_KEPT} ORDER BY school, id",
    )
    ids: dict[int | None, list[int]] = {}
    counts: dict[int | None, int] = {}
    for one, key, number in found:
        ids.setdefault(one, []).append(int(key))
        counts[one] = int(number)
    if table not in totals:
        totals[table] = _totals(name, joins, school)
    return tuple(InSchool(table, one, counts[one], tuple(ids[one]), totals[table].get(one)) for one in ids)


def keys(table: str, select: str, school: int | None, after: int, most: int) -> list[int]:
    """The next keys of a school behind `after`, straight from legacy."""
    joins, column = _path(table)
    if column is None:
        return []
    where = f"{column} IS NULL" if school is None else f"{column} = {int(school)}"
    found = sql.rows(
        "legacy",
        f"SELECT DISTINCT t.id FROM ({select}) f JOIN {_quoted(table)} t ON t.id = f.id {joins}"
        f" WHERE {where} AND t.id > {int(after)} ORDER BY t.id LIMIT {int(most)}",
    )
    return [int(key) for (key,) in found]


def _totals(name: str, joins: str, school: str) -> dict[int | None, int]:
    query = f"SELECT {school}, COUNT(DISTINCT t.id) FROM {name} t {joins} GROUP BY {school}"
    return {one: int(number) for one, number in sql.rows("legacy", query)}


def _path(table: str) -> tuple[str, str | None]:
    """Joins and school column of a table as this database names them; no column where no path leads to a school."""
    from entities.preflight.checks.query import render

    joins, school = PATHS.get(_dictionary_name(table), ("", None))
    if school and school.startswith("t.") and school[2:] not in schema.live("legacy").columns(table):
        return "", None
    return render(joins)[0], school


def _dictionary_name(table: str) -> str:
    return next((name for name in PATHS if live_name(name) == table), table)


def _quoted(table: str) -> str:
    return sql.quoted("legacy", table)

"""Courses, dates and classes as V5 holds them, with the few columns that booking lines need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from entities.engine.read import Reader


class CourseV5(NamedTuple):
    id: int
    school_id: int
    type: int
    trashed: bool


class DateV5(NamedTuple):
    id: int
    course_id: int
    date: str
    hour_start: str
    hour_end: str
    trashed: bool


class SubgroupV5(NamedTuple):
    """`old_id` is the legacy subgroup."""

    id: int
    course_id: int
    course_date_id: int
    group_id: int
    degree_id: int
    monitor_id: int | None
    max_participants: int | None
    old_id: int
    trashed: bool


TRASHED = "CASE WHEN deleted_at IS NULL THEN 0 ELSE 1 END"
DATE = f"id, course_id, CAST(date AS CHAR), CAST(hour_start AS CHAR), CAST(hour_end AS CHAR), {TRASHED}"
SUBGROUP = f"id, course_id, course_date_id, course_group_id, degree_id, monitor_id, max_participants, old_id, {TRASHED}"


def courses(read: Reader, ids: Iterable[int]) -> dict[int, CourseV5]:
    rows = read.v5_sql(
        f"SELECT id, school_id, course_type, {TRASHED} FROM courses WHERE id IN ({{ids}})", ids
    )
    return {row[0]: CourseV5(*row) for row in rows}


def dates(read: Reader, ids: Iterable[int]) -> dict[int, DateV5]:
    rows = read.v5_sql(f"SELECT {DATE} FROM course_dates WHERE id IN ({{ids}})", ids)
    return {row[0]: DateV5(*row) for row in rows}


def dates_of(read: Reader, course_ids: Iterable[int], days: Iterable[str]) -> list[DateV5]:
    """The dates of these courses on these days, in the order of hour and id."""
    wanted = sorted(days)
    if not wanted:
        return []
    marks = ", ".join(["%s"] * len(wanted))
    sql = f"SELECT {DATE} FROM course_dates WHERE date IN ({marks}) AND course_id IN ({{ids}})"
    rows = {row[0]: DateV5(*row) for row in read.v5_sql(sql, course_ids, wanted)}
    return sorted(rows.values(), key=lambda row: (row.trashed, row.hour_start, row.id))


def subgroups(read: Reader, column: str, ids: Iterable[int]) -> dict[int, SubgroupV5]:
    """Classes whose `column` (`id` or `course_id`) is one of `ids`."""
    rows = read.v5_sql(f"SELECT {SUBGROUP} FROM course_subgroups WHERE {column} IN ({{ids}})", ids)
    return {row[0]: SubgroupV5(*row) for row in rows}


def trashed_groups(read: Reader, ids: Iterable[int]) -> set[int]:
    sql = "SELECT id FROM course_groups WHERE deleted_at IS NOT NULL AND id IN ({ids})"
    return {row[0] for row in read.v5_sql(sql, ids)}

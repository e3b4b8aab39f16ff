"""Courses, dates, groups and classes of V5 that belong together (R-12, R-60, R-61, R-63)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.courses.checks.parts import Scan, Several
from entities.reconciliation.check import Compared, Item, Scanned
from entities.reconciliation.checks.counted import Ask, Counted
from entities.reconciliation.checks.counts_seasons import COLLECTIVE
from entities.reconciliation.reading import Reading
from tracking.sentences import sentence

LEADER = (
    " LEFT JOIN (SELECT group_id, MIN(id) AS leader FROM courses2 WHERE group_id IS NOT NULL GROUP BY group_id) k"
    f" ON k.group_id = c.group_id AND {COLLECTIVE}"
)


class Courses(Counted):
    """R-12: members of one group are one course, every other row is a course of its own (4.15, 4.16)."""

    id, rule, title = "R-12", "R-12, 4.15, 4.16", _("Number of courses")
    how = _(
        "Legacy courses of one group count as one course, all others as one each; every one of them must be one V5 course."
    )
    entity, table, v5_table = "course", "courses2", "courses"

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        sql = (
            "SELECT c.id, c.school_id, c.group_id, COALESCE(k.leader, c.id) AS leader,"
            f" CASE WHEN {COLLECTIVE} THEN 1 ELSE 0 END AS collective FROM courses2 c{LEADER}"
            " WHERE COALESCE(k.leader, c.id) > %s AND COALESCE(k.leader, c.id) <= %s"
        )
        for row in read.legacy(sql, [after, upto]):
            grouped = row.collective and row.group_id
            yield Ask(("group", row.group_id) if grouped else ("course", row.id), row.school_id, row.id)


class _Groups(Scan):
    table, entity = "course_groups", "course_group"
    messages = {"course_date_id": sentence("the date belongs to another course")}
    bad = """
        SELECT t.id, 'course_date_id' AS field, t.course_date_id AS found FROM course_groups t
        LEFT JOIN course_dates d ON d.id = t.course_date_id
        WHERE {keys} AND (d.id IS NULL OR d.course_id <> t.course_id)"""


class _Classes(Scan):
    table, entity = "course_subgroups", "course_subgroup"
    messages = {
        "course_id": sentence("its group belongs to another course"),
        "course_date_id": sentence("its group lies on another date"),
        "degree_id": sentence("its group has another level"),
    }
    bad = """
        SELECT t.id, CASE WHEN g.course_id IS NULL OR g.course_id <> t.course_id THEN 'course_id'
            WHEN g.course_date_id <> t.course_date_id THEN 'course_date_id' ELSE 'degree_id' END AS field,
            CASE WHEN g.course_id IS NULL OR g.course_id <> t.course_id THEN t.course_id
            WHEN g.course_date_id <> t.course_date_id THEN t.course_date_id ELSE t.degree_id END AS found
        FROM course_subgroups t LEFT JOIN course_groups g ON g.id = t.course_group_id
        WHERE {keys} AND (g.id IS NULL OR g.course_id <> t.course_id OR g.course_date_id <> t.course_date_id
            OR g.degree_id <> t.degree_id)"""


class Chain(Several):
    id, rule, title = "R-60", "R-60, 4.18, 4.19", _("Course, date, group and class agree")
    how = _(
        "Each class has the course, the date and the level of its group, and the date of each group belongs to its course."
    )
    parts = (_Groups(), _Classes())


DATES = """
    SELECT c.id, TEXT(c.date_start) AS first, TEXT(c.date_end) AS last, c.course_type, c.settings, m.additional_data,
        m.legacy_id, m.school_id, MIN(TEXT(d.date)) AS earliest, MAX(TEXT(d.date)) AS latest, COUNT(d.id) AS dates,
        MIN(CASE WHEN d.deleted_at IS NULL THEN TEXT(d.date) END) AS first_live,
        MAX(CASE WHEN d.deleted_at IS NULL THEN TEXT(d.date) END) AS last_live
    FROM courses c JOIN legacy_id_mappings m ON m.v5_table = 'courses' AND m.v5_id = c.id AND m.disposition <> 'merged'
    LEFT JOIN course_dates d ON d.course_id = c.id WHERE c.id > %s AND c.id <= %s
    GROUP BY c.id, c.date_start, c.date_end, c.course_type, c.settings, m.additional_data, m.legacy_id, m.school_id"""
TWICE = """
    SELECT d.course_id AS id, TEXT(d.date) AS date, TEXT(d.hour_start) AS hour FROM course_dates d
    WHERE d.course_id > %s AND d.course_id <= %s GROUP BY d.course_id, d.date, d.hour_start HAVING COUNT(*) > 1"""


class Period(Scanned):
    id, rule, title = "R-61", "R-61, 4.17, Q-31", _("Period and dates of each course")
    how = _(
        "Each course has a date unless it is flagged; its period is that of its live dates (for private courses it holds"
        " them), and no course has two dates of one day and hour."
    )
    table = "courses"  # the entry that made it: of the umbrella, of the course, of a stand-in

    def violations(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        for row in read.v5(DATES, [after, upto]):
            yield from self._period(read, row)
        for row in read.v5(TWICE, [after, upto]):
            yield (
                row.id,
                "hour_start",
                sentence("two dates of one day and hour"),
                f"{row.date} {row.hour}",
            )

    @staticmethod
    def _period(read: Reading, row: Any) -> Iterator[tuple[int, str, str, Any]]:
        flags = flags_of(row.additional_data)
        if not row.dates:
            if "NO_DATES" not in flags:
                yield row.id, "date_start", sentence("the course has no date"), None
            return
        first, last = row.first_live or row.earliest, row.last_live or row.latest
        keeps = (
            "DATE_OUTSIDE_RANGE" in flags
            and read.choices.of("widen_course_range", school=row.school_id) == "keep"
        )
        whole = is_private(row) or "NO_DATES" in flags  # its period is more than its dates
        if keeps or (whole and row.first <= first and last <= row.last):
            return
        if row.first != first:
            yield row.id, "date_start", sentence("the first date is %(date)s", date=first), row.first
        if row.last != last:
            yield row.id, "date_end", sentence("the last date is %(date)s", date=last), row.last


def flags_of(text: str | None) -> frozenset[str]:
    """Warnings of a map entry."""
    return frozenset(json.loads(text).get("warnings") or ()) if text else frozenset()


def parsed(text: Any, otherwise: Any) -> Any:
    """A JSON column as Python value; `otherwise` for nothing and for what cannot be read (R-71 tells)."""
    try:
        found = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return otherwise
    return found if isinstance(found, type(otherwise)) else otherwise


def is_private(row: Any) -> bool:
    """Private courses name the days of the week; stand-ins for lost ones have legacy id 0."""
    return row.legacy_id == 0 or "weekDays" in parsed(row.settings, {})


WRONG = """
    CASE WHEN d.id IS NULL THEN 1 WHEN d.school_id IS NOT NULL AND d.school_id <> c.school_id THEN 1
        WHEN d.sport_id <> c.sport_id THEN 1 ELSE 0 END = 1"""


class _Level(Scan):
    messages = {"degree_id": sentence("the level is none of the school and the sport of the course")}
    column = "degree_id"


def _level_of(table: str) -> str:
    return f"""
        SELECT t.id, 'degree_id' AS field, t.degree_id AS found FROM {table} t JOIN courses c ON c.id = t.course_id
        LEFT JOIN degrees d ON d.id = t.degree_id WHERE {{keys}} AND t.degree_id IS NOT NULL AND {WRONG}"""


class _GroupLevel(_Level):
    table, entity = "course_groups", "course_group"
    messages = {
        **_Level.messages,
        "teacher_min_degree": sentence("the lowest level of monitors is none of the school and the sport"),
    }
    bad = f"""
        {_level_of("course_groups")} UNION ALL
        SELECT t.id, 'teacher_min_degree', t.teacher_min_degree FROM course_groups t JOIN courses c ON c.id = t.course_id
        LEFT JOIN degrees d ON d.id = t.teacher_min_degree WHERE {{keys}} AND t.teacher_min_degree IS NOT NULL AND {WRONG}"""

    def violations(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        sql = self.bad.replace("{keys}", "t.id > %s AND t.id <= %s")
        for row in read.v5(sql, [after, upto, after, upto]):
            yield row.id, row.field, self.messages[row.field], row.found


class _ClassLevel(_Level):
    table, entity = "course_subgroups", "course_subgroup"
    bad = _level_of("course_subgroups")


class _LineLevel(_Level):
    table, entity = "booking_users", "booking_user"
    bad = _level_of("booking_users")


class Levels(Several):
    id, rule, title = "R-63", "R-63, 3.2 degree()", _("Levels belong to school and sport")
    how = _(
        "The level of each group, class and line, and the lowest level of monitors of a group, is one of the school (or of"
        " the list for all schools) and of the sport of its course."
    )
    parts = (_GroupLevel(), _ClassLevel(), _LineLevel())


class LevelMeaning(Compared):
    id, rule, title = "R-63b", "R-63, 3.2 degree()", _("Groups have the level of before")
    how = _(
        "League, level and order of the general level in legacy against those of the level that the V5 groups have; the same"
        " for the lowest level of monitors."
    )
    entity, table = "course_group", "course_groups2"

    def expected(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, Item]]:
        sql = (
            "SELECT g.id, c.school_id, g.degree_id, g.teacher_min_degree AS least FROM course_groups2 g"
            f" JOIN courses2 c ON c.id = g.course2_id WHERE g.id > %s AND g.id <= %s AND {read.scoped('c.school_id')}"
        )
        known = self._known(read)
        for row in read.legacy(sql, [after, upto]):
            values = {"degree_id": known.get(row.degree_id), "teacher_min_degree": known.get(row.least)}
            yield row.id, Item(row.school_id, values)

    @staticmethod
    def _known(read: Reading) -> dict[int, str]:
        if "levels" not in read.memory:
            rows = read.legacy("SELECT id, league, level, degree_order FROM degrees")
            read.memory["levels"] = {row.id: _label(row.league, row.level, row.degree_order) for row in rows}
        found: dict[int, str] = read.memory["levels"]
        return found

    def found(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, Item]]:
        sql = (
            "SELECT m.legacy_id, m.school_id, g.id, d.league, d.level, d.degree_order, l.league AS least_league,"
            " l.level AS least_level, l.degree_order AS least_order, g.teacher_min_degree FROM legacy_id_mappings m"
            " JOIN course_groups g ON g.id = m.v5_id LEFT JOIN degrees d ON d.id = g.degree_id LEFT JOIN degrees l"
            " ON l.id = g.teacher_min_degree WHERE m.entity_type = 'course_group' AND m.legacy_id > %s"
            f" AND m.legacy_id <= %s AND {read.scoped('m.school_id')} ORDER BY g.id"
        )
        rows: dict[int, list[Any]] = {}
        for row in read.v5(sql, [after, upto]):
            rows.setdefault(row.legacy_id, []).append(row)
        for key, some in rows.items():
            own = {_label(row.league, row.level, row.degree_order) for row in some}
            least = {
                _label(row.least_league, row.least_level, row.least_order)
                for row in some
                if row.teacher_min_degree
            }
            values = {"degree_id": _joined(own), "teacher_min_degree": _joined(least)}
            yield key, Item(some[0].school_id, values, "course_groups", some[0].id)


def _label(league: Any, level: Any, order: Any) -> str:
    return f"{league or '–'} · {level or '–'} · {order}"


def _joined(labels: set[str]) -> str | None:
    return ", ".join(sorted(labels)) or None


CHECKS = (Courses, Chain, Period, Levels, LevelMeaning)

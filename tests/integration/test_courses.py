"""Courses of the dirty demo in V5: every planted kind, whole chains, new bookings, and the answers for lines."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from entities.bookings.legacy import LegacyBooking, LegacyBookingLine
from entities.courses import resolver
from entities.engine import source
from entities.engine.read import Reader
from tests import moves
from tests.world import World
from tracking.choices import Choices

OURS = (
    "course_global", "course", "course_date", "course_day", "course_session", "course_group", "course_subgroup",
    "archive:price_ranges", "archive:subgroups_monitor_dates",
)  # fmt: skip
COURSES = ("foreign_monitors", "courses_grouped", "courses", "placeholder_courses")

NEVER = {
    "R-60 date of another course": "SELECT g.id FROM course_groups g JOIN course_dates d ON d.id = g.course_date_id"
    " WHERE d.course_id <> g.course_id",
    "R-60 class and group differ": "SELECT s.id FROM course_subgroups s JOIN course_groups g ON g.id = s.course_group_id"
    " WHERE g.course_id <> s.course_id OR g.course_date_id <> s.course_date_id OR g.degree_id <> s.degree_id",
    "R-61 date and hour twice": "SELECT MIN(id) FROM course_dates GROUP BY course_id, date, hour_start HAVING COUNT(*) > 1",
    "R-61 outside the period": "SELECT d.id FROM course_dates d JOIN courses c ON c.id = d.course_id"
    " WHERE d.deleted_at IS NULL AND (d.date < c.date_start OR d.date > c.date_end)",
    "R-62 ends before it starts": "SELECT id FROM course_dates WHERE hour_end < hour_start",
    "R-63 level of another school or sport": "SELECT g.id FROM course_groups g JOIN courses c ON c.id = g.course_id"
    " JOIN degrees d ON d.id = g.degree_id WHERE d.school_id <> c.school_id OR d.sport_id <> c.sport_id",
    "R-64 monitor of another school": "SELECT s.id FROM course_subgroups s JOIN courses c ON c.id = s.course_id"
    " WHERE s.monitor_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM monitors_schools m"
    " WHERE m.monitor_id = s.monitor_id AND m.school_id = c.school_id)",
    "R-67 season of another school": "SELECT c.id FROM courses c JOIN seasons s ON s.id = c.season_id"
    " WHERE s.school_id <> c.school_id",
}  # fmt: skip


@pytest.fixture
def moved(world: World) -> World:
    moves.move((2, 3))
    moves.move((4,), only=COURSES)
    return world


def entries(world: World, expected: dict[str, Any]) -> list[tuple[Any, ...]]:
    sql = "SELECT part, disposition, reason, additional_data FROM legacy_id_mappings WHERE entity_type = %s AND legacy_id = %s"
    rows = world.v5_sql(sql, [expected["entity_type"], expected["legacy_id"]])
    return [row for row in rows if row[0] == expected.get("part", row[0])]


def fulfils(row: tuple[Any, ...], expected: dict[str, Any]) -> bool:
    _, disposition, reason, additional = row
    warnings = json.loads(additional or "{}").get("warnings", [])
    return (
        disposition == expected["disposition"]
        and reason == expected.get("reason", reason)
        and set(expected.get("warnings", ())) <= set(warnings)
    )


@pytest.mark.slow
def test_every_planted_course_becomes_what_the_rules_say(moved: World) -> None:
    wanted = [
        (item["kind"], one)
        for item in moved.report.planted
        for one in item["expect"]
        if one["entity_type"] in OURS
    ]
    assert len(wanted) > 50
    assert [one for one in wanted if not any(fulfils(row, one[1]) for row in entries(moved, one[1]))] == []


@pytest.mark.slow
def test_chains_periods_levels_and_members_agree(moved: World) -> None:
    assert {name: moved.v5_sql(sql) for name, sql in NEVER.items()} == {name: [] for name in NEVER}


@pytest.mark.slow
def test_a_new_booking_adds_its_day_and_nothing_else(moved: World) -> None:
    course, school, last = moved.legacy_sql(
        "SELECT id, school_id, date_end FROM courses2 WHERE course_supertype_id = 2 AND duration_flexible = 1 ORDER BY id LIMIT 1"
    )[0]
    line, booking = moved.legacy_sql(
        "SELECT t.id, t.booking2_id FROM booking_users2 t JOIN bookings2 b ON b.id = t.booking2_id"
        " WHERE t.course2_id = %s AND b.school_id = %s AND t.deleted_at IS NULL AND b.deleted_at IS NULL ORDER BY t.id LIMIT 1",
        [course, school],
    )[0]
    later = f"{int(str(last)[:4])}-06-15"
    moved.legacy_sql(
        "UPDATE booking_users2 SET date = %s, hour = '11:30:00', duration = '01:00:00' WHERE id = %s",
        [later, line],
    )
    assert (
        moves.written(moves.move((4,), only=COURSES)) == 4
    )  # a date and its map entry, the course and its own
    made = moved.v5_sql(
        "SELECT d.hour_start, d.hour_end, d.active, c.date_end FROM legacy_id_mappings m JOIN course_dates d ON d.id = m.v5_id"
        " JOIN courses c ON c.id = d.course_id WHERE m.entity_type = 'course_day' AND m.legacy_id = %s AND m.part = %s",
        [course, later],
    )
    assert [tuple(map(str, row)) for row in made] == [("11:30:00", "12:30:00", "1", later)]
    assert moves.written(moves.move((4,), only=COURSES)) == 0


def lessons(amount: int) -> tuple[resolver.Lessons, list[Any], int]:
    """The answers for the first lines, with the number of queries they took."""
    lines = source.of(LegacyBookingLine).query(limit=amount)
    schools = {one.id: one.school_id for one in source.of(LegacyBooking).query()}
    with CaptureQueriesContext(connections["legacy"]) as old, CaptureQueriesContext(connections["v5"]) as new:
        found = resolver.load(Reader(), lines, schools, Choices.defaults())
    return found, lines, len(old) + len(new)


@pytest.mark.slow
def test_lines_are_answered_in_a_fixed_number_of_queries(moved: World) -> None:
    few, many = lessons(200)[2], lessons(100_000)[2]
    assert few <= many <= 30
    found, lines, _ = lessons(100_000)
    private = [line for line in lines if line.course2_id and not line.course_groups_subgroup2_id]
    answers = [found.private(line) for line in private]
    assert all((answer.place is None) == bool(answer.reason) for answer in answers)
    assert {
        answer.place.date == line.date for answer, line in zip(answers, private, strict=True) if answer.place
    } == {True}
    assert any(answer.placeholder for answer in answers)
    codes = {code for answer in answers for code in answer.warnings}
    assert codes == {"COURSE_REF_RECOVERED", "DATE_OUTSIDE_RANGE"}
    classes = [line for line in lines if line.course_groups_subgroup2_id]
    unknown = [line for line in classes if not found.subgroups(line.course_groups_subgroup2_id)]
    assert {found.rejected(line.course_groups_subgroup2_id) for line in unknown} == {"", "GROUP_REJECTED"}
    assert found.moves

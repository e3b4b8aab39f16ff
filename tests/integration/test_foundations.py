"""Schools, seasons, levels, roles and the archive, moved for real."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from entities import registry
from entities.engine.environment import CountingIds, Env
from entities.engine.extract import extract
from entities.engine.pipeline import Pipeline
from entities.engine.read import Reader
from tests import moves
from tests.world import World

OURS = (
    "school school_color school_salary_level station_school school_sport task task_check mail degree degree_goal season"
    " user_season_role"
).split()
ARCHIVED = "user_cards courses_libres bookings offers events activities communications user_favorite_schools countries"
PREPARED = ("schools", "seasons", "degrees", "lazy_degrees")


def entry(world: World, entity: str, legacy_id: int, part: str = "") -> tuple[Any, ...]:
    sql = "SELECT disposition, reason, v5_id FROM legacy_id_mappings WHERE entity_type = %s AND legacy_id = %s AND part = %s"
    return world.v5_sql(sql, [entity, legacy_id, part])[0]


def numbers(world: World, sql: str) -> list[Any]:
    return [row[0] for row in world.v5_sql(sql)]


def test_seasons_are_whole_years_without_overlap_and_hold_every_booked_day(world: World) -> None:
    moves.move((2,))
    seasons = world.v5_sql(
        "SELECT id, school_id, name, start_date, end_date FROM seasons ORDER BY school_id, start_date"
    )
    assert seasons
    for one, other in zip(seasons, seasons[1:], strict=False):
        assert one[1] != other[1] or str(one[4]) < str(other[3])
    schools = dict(
        world.v5_sql("SELECT legacy_id, v5_id FROM legacy_id_mappings WHERE entity_type = 'school'")
    )
    days = world.legacy_sql(
        "SELECT DISTINCT b.school_id, l.date FROM booking_users2 l JOIN bookings2 b ON b.id = l.booking2_id"
        " WHERE l.date BETWEEN '2015-01-01' AND '2028-12-31'"
    )
    for school, day in days:
        if school in schools:
            holding = [
                one for one in seasons if one[1] == schools[school] and str(one[3]) <= str(day) <= str(one[4])
            ]
            assert len(holding) == 1


def test_the_running_season_is_the_current_one_of_its_school(world: World) -> None:
    moves.move((2,))
    rows = world.v5_sql(
        "SELECT s.id, n.school_id, n.start_date, n.end_date, n.is_current FROM schools s"
        " JOIN seasons n ON n.id = s.current_season_id"
    )
    assert rows
    for school, owner, start, end, current in rows:
        assert (school, current) == (owner, 1)
        assert str(start) <= moves.CUTOVER.date().isoformat() <= str(end)


def test_a_booking_without_any_day_needs_the_catch_all(world: World) -> None:
    moves.move((2,))
    schools = numbers(
        world,
        "SELECT school_id FROM legacy_id_mappings WHERE entity_type = 'season' AND part LIKE '%%Legacy%%'",
    )
    undated = world.legacy_sql(
        "SELECT DISTINCT school_id FROM bookings2 b WHERE created_at IS NULL AND price_total > 0"
        " AND NOT EXISTS (SELECT 1 FROM booking_users2 l WHERE l.booking2_id = b.id)"
    )
    assert undated and set(schools) >= {row[0] for row in undated}
    assert len(schools) < len(numbers(world, "SELECT id FROM schools"))


def test_a_second_run_writes_nothing(world: World) -> None:
    moves.move((2, 3), only=["sport_types", "sports", "stations", *PREPARED])
    assert moves.written(moves.move((2, 3), only=PREPARED)) == 0


def test_lazy_levels_serve_people_and_groups(world: World) -> None:
    moves.move((2,))
    moves.move((3,), only=["degrees", "lazy_degrees"])
    made = world.v5_sql(
        "SELECT part, v5_id FROM legacy_id_mappings WHERE entity_type = 'degree' AND reason = 'LAZY_DEGREE'"
    )
    assert made
    for part, v5_id in made:
        school, sport, degree = map(int, part.split(":"))
        levels = "SELECT COUNT(*) FROM degrees_school_sport WHERE school_id = %s AND sport_id = %s AND degree_id = %s"
        assert world.legacy_sql(levels, [school, sport, degree]) == [(0,)]
        (row,) = world.v5_sql("SELECT active, old_id, school_id FROM degrees WHERE id = %s", [v5_id])
        assert row == (0, None, entry(world, "school", school)[2])


def test_test_schools_may_be_left_out_with_all_that_belongs_to_them(world: World) -> None:
    (school,) = world.legacy_sql("SELECT id FROM schools WHERE slug = 'test-boukii'")[0]
    wave = moves.wave(
        schools_choice := "Without tests", **{"Q-10": {"test": [school], "test_action": "skip"}}
    )
    assert wave.name == schools_choice
    moves.move((2, 3), of=wave, only=["sport_types", "sports", "stations", *PREPARED])
    assert entry(world, "school", school)[:2] == ("skipped", "OUT_OF_SCOPE_SCHOOL")
    tasks = [row[0] for row in world.legacy_sql("SELECT id FROM tasks WHERE school_id = %s", [school])]
    assert tasks and {entry(world, "task", task)[:2] for task in tasks} == {
        ("skipped", "OUT_OF_SCOPE_SCHOOL")
    }
    assert numbers(world, "SELECT id FROM seasons WHERE school_id NOT IN (SELECT id FROM schools)") == []
    levels = [
        row[0]
        for row in world.legacy_sql("SELECT id FROM degrees_school_sport WHERE school_id = %s", [school])
    ]
    moved = set(numbers(world, "SELECT legacy_id FROM legacy_id_mappings WHERE entity_type = 'degree'"))
    assert not moved & set(levels)


def test_a_school_that_v5_holds_takes_its_namesake_and_keeps_its_own_rows(world: World) -> None:
    world.v5_sql(
        "INSERT INTO schools (id, name, description, slug) VALUES (7001, 'Chamois', '', 'val-chamois')"
    )
    world.v5_sql(
        "INSERT INTO seasons (id, name, start_date, end_date, is_active, school_id)"
        " VALUES (7002, 'Saison', '2025-09-01', '2026-08-31', 0, 7001)"
    )
    moves.move((2,))
    (school,) = world.legacy_sql("SELECT id FROM schools WHERE slug = 'val-chamois'")[0]
    assert entry(world, "school", school) == ("merged", "", 7001)
    assert world.v5_sql("SELECT name, current_season_id FROM schools WHERE id = 7001") == [("Chamois", 7002)]
    names = numbers(world, "SELECT name FROM seasons WHERE school_id = 7001 ORDER BY start_date")
    assert "Saison" in names and "2025/2026" not in names and "2024/2025" in names


def test_columns_of_some_dumps_are_read(world: World) -> None:
    world.legacy_sql(
        "ALTER TABLE schools ADD COLUMN cancellation_insurance_percent DECIMAL(5,2) DEFAULT 7.50"
    )
    world.legacy_sql("ALTER TABLE schools ADD COLUMN deleted_at TIMESTAMP NULL DEFAULT NULL")
    world.legacy_sql("ALTER TABLE mails ADD COLUMN lang VARCHAR(10) DEFAULT 'it'")
    moves.move((2,))
    assert {float(one) for one in numbers(world, "SELECT cancellation_insurance_percent FROM schools")} == {
        7.5
    }
    assert set(numbers(world, "SELECT lang FROM mails")) == {"it"}


def test_inline_logos_become_files(world: World) -> None:
    moves.move((2,))
    names = {path.name for path in (world.folder / "images").iterdir()}
    logos = numbers(world, "SELECT logo FROM schools WHERE logo LIKE '/images/%%' OR logo LIKE '%%.gif'")
    assert logos and {logo.rsplit("/", 1)[-1] for logo in logos} <= names


def test_every_back_office_member_has_one_role_in_every_season_of_the_school(world: World) -> None:
    moves.move()
    members = world.v5_sql("SELECT user_id, school_id, deleted_at FROM school_users")
    roles = world.v5_sql(
        "SELECT r.user_id, n.school_id, COUNT(*), COUNT(DISTINCT r.season_id), MAX(r.is_active) FROM user_season_roles r"
        " JOIN seasons n ON n.id = r.season_id GROUP BY 1, 2"
    )
    found = {(user, school): (count, seasons, active) for user, school, count, seasons, active in roles}
    total = dict(world.v5_sql("SELECT school_id, COUNT(*) FROM seasons GROUP BY 1"))
    assert members
    for user, school, ended in members:
        count, seasons, active = found[user, school]
        assert count == seasons == total[school]
        assert active == (ended is None)
    assert numbers(world, "SELECT DISTINCT role FROM user_season_roles WHERE role = 'monitor'") == ["monitor"]
    assert moves.written(moves.move((4,), only=["season_roles", "archive"])) == 0


def test_planted_dirt_ends_as_the_rules_say(world: World) -> None:
    moves.move()
    tables = set(ARCHIVED.split())
    missed = []
    for item in world.report.planted:
        for one in item["expect"]:
            if one["entity_type"] in OURS or one["entity_type"] in {f"archive:{table}" for table in tables}:
                sql = "SELECT disposition, reason FROM legacy_id_mappings WHERE entity_type = %s AND legacy_id = %s"
                found = world.v5_sql(sql, [one["entity_type"], one["legacy_id"]])
                if not any(
                    row[0] == one["disposition"] and one.get("reason", row[1]) == row[1] for row in found
                ):
                    missed.append((item["kind"], one, found))
    assert missed == []


def test_card_data_is_counted_and_never_copied(world: World) -> None:
    moves.move((4,), only=["archive"])
    assert numbers(world, "SELECT COUNT(*) FROM legacy_id_mappings WHERE reason = 'SENSITIVE'") == [
        world.legacy_sql("SELECT COUNT(*) FROM user_cards")[0][0]
    ]
    assert numbers(world, "SELECT COUNT(*) FROM legacy_archive WHERE legacy_table = 'user_cards'") == [0]
    assert numbers(
        world, "SELECT COUNT(*) FROM legacy_archive WHERE payload LIKE '%%4111111111111111%%'"
    ) == [0]


@pytest.mark.parametrize("name", ["schools", "seasons", "degrees", "lazy_degrees", "season_roles"])
def test_the_number_of_queries_does_not_grow_with_the_batch(world: World, name: str) -> None:
    moves.move((2, 3))
    pipeline = Pipeline(moves.planned((registry.get(name).phase,), only=[name])[0])
    segment = pipeline.segments[""]
    keys = [row[0] for row in world.legacy_sql(f"SELECT id FROM {segment.model._meta.db_table} ORDER BY id")]

    def queries(size: int) -> int:
        read = Reader()
        rows = extract(segment, pipeline.scope, 0, 0, keys[:size])
        env = Env(pipeline.choices, pipeline.scope, pipeline.cutover, pipeline.cutover, CountingIds(10**6))
        env.known["school"] = read.known("school", set(range(1000)))
        with (
            CaptureQueriesContext(connections["legacy"]) as legacy,
            CaptureQueriesContext(connections["v5"]) as v5,
        ):
            pipeline.migration.facts(rows, read, env)
        return len(legacy) + len(v5)

    queries(1)  # the live schema is read once
    assert queries(len(keys)) == queries(len(keys) // 2)


def test_levels_that_expansion_will_ask_for_are_made_too(world: World) -> None:
    """A guest with a level of no school, a monitor of no school, an authorisation of another school's level."""
    (guest, home) = world.legacy_sql(
        "SELECT b.user_main_id, b.school_id FROM bookings2 b JOIN users u ON u.id = b.user_main_id AND u.user_type = 2"
        " JOIN schools s ON s.id = b.school_id ORDER BY b.id LIMIT 1"
    )[0]
    world.legacy_sql("DELETE FROM user_schools WHERE user_id = %s", [guest])
    sport = 14  # no school offers it
    (degree,) = world.legacy_sql("SELECT MIN(id) FROM degrees")[0]
    level = "INSERT INTO user_sports (id, user_id, sport_id, school_id, degree_id, is_default) VALUES (%s, %s, %s, %s, %s, 0)"
    world.legacy_sql(level, [90001, guest, sport, None, degree])
    (monitor,) = world.legacy_sql("SELECT MIN(id) FROM users WHERE user_type = 3")[0]
    world.legacy_sql("DELETE FROM user_schools WHERE user_id = %s", [monitor])
    world.legacy_sql(level, [90002, monitor, sport, None, degree])
    (teacher, school) = world.legacy_sql(
        "SELECT m.user_id, m.school_id FROM user_schools m JOIN users u ON u.id = m.user_id AND u.user_type = 3 LIMIT 1"
    )[0]
    world.legacy_sql(level, [90003, teacher, sport, school, degree])
    world.legacy_sql(
        "INSERT INTO degrees_school_sport (id, school_id, sport_id, degree_id) SELECT 90004, MIN(id), %s, %s FROM schools"
        " WHERE id <> %s",
        [sport, degree + 1, school],
    )
    world.legacy_sql(
        "INSERT INTO user_sport_authorized_degrees (id, user_sport_id, degree_id) VALUES (90005, 90003, 90004)"
    )
    moves.move((2, 3), only=["sport_types", "sports", "stations", *PREPARED])
    parts = set(
        numbers(world, "SELECT part FROM legacy_id_mappings WHERE entity_type = 'degree' AND legacy_id = 0")
    )
    assert {f"{home}:{sport}:{degree}", f"0:{sport}:{degree}", f"{school}:{sport}:{degree + 1}"} <= parts

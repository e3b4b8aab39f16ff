"""`prepare_v5`: previewable, additive, recorded, reversible; the same on both servers."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from demo.ddl import season_triggers
from entities import preparation
from entities.engine import schema
from entities.preparation import record
from entities.preparation.steps import declared
from entities.preparation.tables import ADDED, ARCHIVE, MAP, MAP_BEFORE, PARTICIPANTS, ROLLBACK, STEPS
from tests.world import World
from tracking.models import AuditEvent

NEW_TABLES = {MAP.name, ARCHIVE.name, PARTICIPANTS.name, ROLLBACK.name}
Shape = dict[str, list[schema.LiveColumn]]


@pytest.fixture
def bare(empty_world: World) -> Iterator[World]:
    """V5 as it was before any preparation."""
    assert empty_world.run("prepare_v5", "--undo").code == 0
    yield empty_world


def shape() -> Shape:
    """All tables of V5 with all their columns."""
    schema.forget("v5")
    live = schema.live("v5")
    return {table: list(live.columns(table).values()) for table in sorted(live.tables)}


def test_a_plan_lists_every_change_and_makes_none(bare: World) -> None:
    before = shape()
    said = bare.run("prepare_v5", "--plan")
    assert said.code == 2
    for name in (*NEW_TABLES, *(f"{table}.{column.name}" for table in ADDED for column in ADDED[table])):
        assert name in said.out
    assert shape() == before


def test_applying_adds_everything_once(bare: World) -> None:
    before = shape()
    assert bare.run("prepare_v5", "--apply").code == 0
    after = shape()
    assert set(after) - set(before) == NEW_TABLES | {STEPS.name}
    for table, columns in ADDED.items():
        assert [column.name for column in after[table]][-len(columns) :] == [c.name for c in columns]
    assert preparation.is_prepared() == []
    again = bare.run("prepare_v5", "--apply")
    assert (again.code, shape()) == (0, after)
    assert "nothing to change" in again.out
    assert bare.run("prepare_v5", "--plan").code == 0


def test_applying_and_undoing_are_kept_in_the_audit(bare: World) -> None:
    AuditEvent.objects.all()._raw_delete("default")
    bare.run("prepare_v5", "--apply")
    bare.run("prepare_v5", "--apply")
    bare.run("prepare_v5", "--undo")
    undone, applied = AuditEvent.objects.all()
    assert (applied.action, undone.action) == ("prepare_v5 apply", "prepare_v5 undo")
    assert applied.after["steps"] == list(reversed(undone.after["steps"]))


def test_a_panel_without_tables_does_not_stop_the_preparation(bare: World) -> None:
    bare.tracking_sql("ALTER TABLE tracking_auditevent RENAME TO gone")
    said = bare.run("prepare_v5", "--apply")
    assert (said.code, preparation.is_prepared()) == (0, [])
    assert "Run migrate" in said.err


def test_undo_leaves_the_database_as_it_was(bare: World) -> None:
    before = shape()
    bare.run("prepare_v5", "--apply")
    undone = bare.run("prepare_v5", "--undo")
    assert (undone.code, shape()) == (0, before)
    assert "nothing to undo" in bare.run("prepare_v5", "--undo").out


def test_what_was_there_before_survives_undo(bare: World) -> None:
    bare.v5_sql("ALTER TABLE users ADD COLUMN season_id BIGINT NULL")
    before = shape()
    bare.run("prepare_v5", "--apply")
    assert "add users.season_id" not in {step.name for step in record.all_steps()}
    bare.run("prepare_v5", "--undo")
    assert shape() == before


def test_an_id_map_of_another_shape_steps_aside_and_comes_back(bare: World) -> None:
    bare.v5_sql(f"CREATE TABLE {MAP.name} (id INTEGER PRIMARY KEY, entity_type VARCHAR(20), v5_id INTEGER)")
    bare.v5_sql(f"INSERT INTO {MAP.name} VALUES (1, 'client', 7)")
    before = shape()
    assert bare.run("prepare_v5", "--apply").code == 0
    assert bare.v5_sql(f"SELECT * FROM {MAP_BEFORE}") == [(1, "client", 7)]
    assert preparation.is_prepared() == []
    assert bare.run("prepare_v5", "--undo").code == 0
    assert shape() == before
    assert bare.v5_sql(f"SELECT * FROM {MAP.name}") == [(1, "client", 7)]


def test_a_rename_that_would_overwrite_is_refused(bare: World) -> None:
    for name in (MAP.name, MAP_BEFORE):
        bare.v5_sql(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY)")
    said = bare.run("prepare_v5", "--apply")
    assert said.code == 1
    assert f"{MAP_BEFORE} exists already" in said.err


def test_a_table_of_another_shape_is_refused_by_name(bare: World) -> None:
    bare.v5_sql(f"CREATE TABLE {ARCHIVE.name} (id INTEGER PRIMARY KEY, payload TEXT)")
    said = bare.run("prepare_v5", "--apply")
    assert said.code == 1
    assert f"table {ARCHIVE.name} exists without the columns" in said.err
    assert bare.run("prepare_v5", "--undo").code == 0


MAP_ROW = (
    f"INSERT INTO {MAP.name} (entity_type, legacy_table, legacy_id, disposition) "
    "VALUES ('client', 'users', 1, 'migrated')"
)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (MAP_ROW, "legacy_id_mappings holds rows"),
        ("INSERT INTO v5_booking_participants (booking_id, booking_user_id, client_id, status)"
         " VALUES (1, 1, 1, 1)",
         "v5_booking_participants holds rows"),
        ("INSERT INTO users (id, password, type, active, legacy_id) VALUES (1, 'x', 'client', 1, 5)",
         "users.legacy_id holds values"),
    ],
    ids=["map", "participants", "column"],
)  # fmt: skip
def test_undo_refuses_to_destroy_data(empty_world: World, statement: str, named: str) -> None:
    empty_world.v5_sql(statement)
    before = shape()
    said = empty_world.run("prepare_v5", "--undo")
    assert said.code == 1
    assert named in said.err
    assert "Roll the migration back first" in said.err
    assert shape() == before


def test_a_crash_before_the_statement_leaves_nothing_to_take_back(bare: World) -> None:
    before = shape()
    record.create()
    record.begin(declared()[1].name, "")
    assert record.all_steps()[0].applied_at is None
    assert bare.run("prepare_v5", "--undo").code == 0
    assert shape() == before


def test_a_crash_after_the_statement_is_known_to_undo(bare: World) -> None:
    before = shape()
    bare.run("prepare_v5", "--apply")
    bare.v5_sql(f"UPDATE {STEPS.name} SET applied_at = NULL")
    assert bare.run("prepare_v5", "--undo").code == 0
    assert shape() == before


def test_an_interrupted_preparation_is_finished_by_applying_again(bare: World) -> None:
    preparation.apply(preparation.plan()[:3])
    assert len(preparation.is_prepared()) == len(declared()) - 1 - 3  # the rename was not needed
    assert bare.run("prepare_v5", "--apply").code == 0
    assert preparation.is_prepared() == []


def test_a_missing_table_is_named_and_earlier_steps_can_be_undone(bare: World) -> None:
    bare.v5_sql("ALTER TABLE v5_bookings RENAME TO somewhere_else")
    before = shape()
    said = bare.run("prepare_v5", "--apply")
    assert said.code == 1
    assert "V5 has no table v5_bookings" in said.err
    assert bare.run("prepare_v5", "--undo").code == 0
    assert shape() == before


def test_an_unknown_recorded_step_is_never_guessed(empty_world: World) -> None:
    record.begin("add something.else", "")
    said = empty_world.run("prepare_v5", "--undo")
    assert said.code == 1
    assert "'add something.else' is unknown" in said.err
    assert preparation.is_prepared() == []


def test_the_plan_is_available_as_json(bare: World) -> None:
    said = bare.run("prepare_v5", "--plan", "--json")
    data = json.loads(said.out)
    assert said.code == 2
    assert {step["name"] for step in data["pending"]} == {step.name for step in preparation.plan()}
    assert any("conditional columns" in heading for heading in data["findings"])


def test_json_replaces_every_other_line(bare: World) -> None:
    applied = json.loads(bare.run("prepare_v5", "--apply", "--json").out)
    assert len(applied["applied"]) == len(declared()) - 1
    undone = json.loads(bare.run("prepare_v5", "--undo", "--json").out)
    assert [step["name"] for step in undone["undone"]] == [
        step["name"] for step in reversed(applied["applied"])
    ]


def test_a_process_that_looked_too_early_looks_again(bare: World) -> None:
    assert preparation.is_prepared()
    stale = schema.live("v5")
    bare.run("prepare_v5", "--apply")
    schema._schemas["v5"] = stale
    assert preparation.is_prepared() == []


def test_equal_databases_are_refused(bare: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from entities.engine.vendors import mysql, sqlite

    for vendor in (mysql, sqlite):
        monkeypatch.setattr(vendor, "identity", lambda connection: "the same place")
    for action in ("--plan", "--apply"):
        said = bare.run("prepare_v5", action)
        assert said.code == 1
        assert "are the same database (GR-01)" in said.err


def polish_task(world: World) -> None:
    world.legacy_sql("INSERT INTO tasks (id, name, school_id) VALUES (4, %s, 1)", ["Zadzwonić do Łukasza"])
    world.legacy_sql("INSERT INTO tasks (id, name, school_id) VALUES (5, %s, 1)", ["é, ü and € fit"])


def test_sqlite_stores_any_text_so_nothing_is_converted(bare: World) -> None:
    if bare.backend == "mariadb":
        pytest.skip("about the other server")
    polish_task(bare)
    assert not [step for step in preparation.plan() if step.needs_approval]


@pytest.mark.mariadb
def test_text_is_converted_with_approval_only(bare: World) -> None:
    polish_task(bare)
    before = shape()
    planned = bare.run("prepare_v5", "--plan")
    assert "1 rows of tasks.name do not fit tasks.name (latin1)" in planned.out
    assert "ukasz" not in planned.out

    waiting = bare.run("prepare_v5", "--apply")
    assert waiting.code == 0
    assert "Awaiting --approve-text-conversion" in waiting.out
    assert schema.live("v5").columns("tasks")["name"].charset == "latin1"

    assert bare.run("prepare_v5", "--apply", "--approve-text-conversion").code == 0
    name = schema.live("v5").columns("tasks")["name"]
    assert (name.charset, name.nullable, name.length) == ("utf8mb4", False, 200)
    bare.v5_sql("INSERT INTO tasks (id, name, date, time, school_id) SELECT 1, %s, '2026-01-01', '10:00', 1 "
                "FROM (SELECT 1) one WHERE 1 = 0", ["Łukasz"])  # fmt: skip
    assert bare.run("prepare_v5", "--plan").code == 0

    assert bare.run("prepare_v5", "--undo").code == 0
    assert shape() == before


@pytest.mark.mariadb
def test_a_way_back_that_would_mangle_text_is_refused_without_quoting_it(bare: World) -> None:
    polish_task(bare)
    bare.run("prepare_v5", "--apply", "--approve-text-conversion")
    bare.v5_sql("SET FOREIGN_KEY_CHECKS = 0")
    bare.v5_sql("INSERT INTO languages (id, name, code) VALUES (90, 'x', 'xx')")
    bare.legacy_sql("INSERT INTO languages (id, name, code) VALUES (90, %s, 'xx')", ["Русский"])
    bare.run("prepare_v5", "--apply", "--approve-text-conversion")
    bare.v5_sql("UPDATE languages SET name = %s WHERE id = 90", ["Русский"])
    said = bare.run("prepare_v5", "--undo")
    assert said.code == 1
    assert "convert text of languages could not be undone" in said.err
    assert "\\xD0" not in said.err


@pytest.mark.mariadb
def test_the_plan_tells_what_it_leaves_alone(bare: World) -> None:
    for statement in season_triggers():
        bare.v5_sql(f"DROP TRIGGER IF EXISTS {statement.split()[2]}")
        bare.v5_sql(statement)
    said = bare.run("prepare_v5", "--plan").out
    for known in (
        "seasons_one_active_insert",
        "v5_bookings.season_id -> seasons",
        "course_dates.interval_id",
    ):
        assert known in said


@pytest.mark.mariadb
def test_keys_of_the_map_tell_small_differences_apart(empty_world: World) -> None:
    empty_world.v5_sql(MAP_ROW)
    empty_world.v5_sql(
        MAP_ROW.replace("legacy_id,", "part, legacy_id,").replace("'users', 1", "'users', 'é', 1")
    )
    empty_world.v5_sql(
        MAP_ROW.replace("legacy_id,", "part, legacy_id,").replace("'users', 1", "'users', 'e', 1")
    )
    assert empty_world.v5_sql(f"SELECT COUNT(*) FROM {MAP.name}") == [(3,)]

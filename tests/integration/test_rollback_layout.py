"""Rows of the rollback archive are read back cell by cell as they stood, whatever they hold."""

from __future__ import annotations

from django.db import connections

from entities.engine import before, digests
from entities.engine.values import cells_hash
from entities.rollback import layout, written
from entities.rollback.archive import Out, among
from entities.rollback.tables import fetch
from tests import moves
from tests.world import World

AWKWARD = ("#1.2:3", "5:a;b", "\x1e\x1f", "line\nend\t\\", "Größe", "", "-")


def test_awkward_texts_survive_both_forms(empty_world: World) -> None:
    for number, name in enumerate(AWKWARD, 1):
        empty_world.v5_sql(
            "INSERT INTO schools (id, name, description, has_ski, has_snowboard, has_telemark, has_rando, active, settings)"
            " VALUES (%s, %s, %s, 1, 0, 0, 0, 1, %s)",
            [number, name, name, '{"a": ";:"}'],
        )
    layout_id = Out(1, "2026-01-01 00:00:00", "x", 10)._layout("schools")
    short, long = layout.as_text("schools", layout_id), before.row_as_text("v5", "schools")
    for number, in_layout, with_names in fetch(f"SELECT t.id, {short}, {long} FROM schools t ORDER BY t.id"):
        cells = layout.cells(in_layout)
        assert cells == layout.cells(with_names)
        assert (cells["name"], cells["description"], cells["id"]) == (AWKWARD[number - 1],) * 2 + (
            str(number),
        )
        assert cells["created_at"] is None and cells["settings"] == '{"a": ";:"}'


def test_the_server_hashes_a_row_as_the_load_did(world: World) -> None:
    """Where it did not, a rollback would have to read every row."""
    moves.move((2, 3, 4))
    differing = {}
    for table in (
        "clients",
        "course_dates",
        "bookings",
        "booking_users",
        "v5_bookings",
        "v5_booking_participants",
        "payments",
    ):
        for entity, mappings in written.mappings_of(table).items():
            sql = digests.as_written(mappings[0])
            if sql is None:
                assert connections["v5"].vendor == "sqlite"
                continue
            found = fetch(
                f"SELECT m.target_hash, {sql} FROM legacy_id_mappings m JOIN {table} t ON t.id = m.v5_id"
                f" WHERE m.v5_table = '{table}' AND m.entity_type = '{entity}' AND m.disposition = 'migrated'"
            )
            if wrong := [pair for pair in found if pair[0] != pair[1]]:
                differing[table, entity] = (len(wrong), len(found))
    assert differing == {}
    assert cells_hash([None, "a"]) != cells_hash(["", "a"])


def test_ids_without_a_gap_become_ranges() -> None:
    ids = [*range(1, 61), 70, 72, *range(100, 150)]
    assert among("c", ids) == "(c BETWEEN 1 AND 60 OR c BETWEEN 100 AND 149 OR c IN (70, 72))"
    assert among("c", []) == "(c IN (NULL))"

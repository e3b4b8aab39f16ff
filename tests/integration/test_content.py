"""Figures of a table's content: order-free, divisible, the same on every server."""

from __future__ import annotations

import pytest

from entities.engine import content
from entities.engine.content import Figures
from tests import moves
from tests.world import World

KNOWN = Figures(2, "000000000000000125f2e40c4ca05c7a")


@pytest.mark.world(bookings=60)
def test_figures_add_up_and_tell_any_change(world: World) -> None:
    moves.move((2,))
    whole = content.table_figures("v5", "school_colors")
    by_school = content.figures_by("v5", "school_colors", "t.school_id")
    assert whole.rows == sum(one.rows for one in by_school.values()) > 0
    assert sum(by_school.values(), Figures()) == whole
    first = content.table_figures("v5", "schools", "t.id = %s", [1])
    world.v5_sql("UPDATE schools SET name = 'x' WHERE id = 1")
    assert content.table_figures("v5", "schools", "t.id = %s", [1]).hash != first.hash
    rows = dict(content.Reading("v5", "school_colors").stream())
    last = rows.popitem()[1]
    assert whole.without(content.of_hashes([last])) == content.of_hashes(rows.values())


def test_servers_agree_on_a_row(empty_world: World) -> None:
    for number, (name, price) in enumerate((("Zermatt — Größe", "12.5"), ("", "NULL")), 1):
        empty_world.v5_sql(
            "INSERT INTO schools (id, name, description, has_ski, has_snowboard, has_telemark, has_rando, active,"
            " cancellation_insurance_percent, school_rate, settings, created_at)"
            f" VALUES ({number}, '{name}', 'x', 1, 0, 0, 0, 1, {price}, {price}, '{{\"b\": 1, \"a\": [2]}}',"
            " '2026-01-02 03:04:05')"
        )
    assert content.table_figures("v5", "schools") == KNOWN
    assert content.table_figures("v5", "model_has_roles") == Figures()

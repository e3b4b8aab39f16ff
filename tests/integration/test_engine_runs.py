"""Whole runs over the dirty demo: repeatable, foretold, and never at the cost of either database."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from demo.content import content_hash
from entities import registry
from entities.engine import ids, vendors
from tests import content, moves
from tests.world import World
from tracking.models import IdReservation, Issue, Run

V5_TABLES_OF_OURS = ("bookings", "vouchers")


def next_ids() -> dict[str, int]:
    connection = connections["v5"]
    vendor = vendors.of(connection)
    return {table: vendor.next_id(connection, table) for table in content.tables_with_id()}


def open_issues() -> Counter[tuple[Any, ...]]:
    named = ("entity_type", "legacy_id", "part", "code", "field", "level")
    return Counter(Issue.objects.filter(state="open").values_list(*named))


@pytest.mark.slow
def test_a_second_run_writes_nothing_and_keeps_every_issue(world: World) -> None:
    """R-90 for V5 and the map, R-94 for legacy; every migration of the registry takes part and ends whole."""
    untouched = content_hash(world.env["LEGACY_ADMIN_URL"])
    runs = moves.move()
    assert [run.entity_type for run in runs] == [one.name for one in registry.everything()]
    assert [run for run in runs if run.processed_records != run.total_records] == []
    before, issues = content.exactly(), open_issues()
    again = moves.move()
    assert moves.written(again) == 0
    assert content.differences(before, content.exactly()) == []
    assert issues - open_issues() == Counter()
    assert open_issues() - issues == Counter()
    assert content_hash(world.env["LEGACY_ADMIN_URL"]) == untouched


@pytest.mark.slow
def test_a_dry_run_foretells_the_real_run_and_writes_nothing(world: World) -> None:
    before, free = content.exactly(), next_ids()
    forecast = moves.move(dry_run=True)
    assert content.differences(before, content.exactly()) == []
    assert next_ids() == free
    assert not Issue.objects.exists()
    assert not IdReservation.objects.filter(forecast="").exists()
    foretold = moves.tallies(forecast)
    real = moves.tallies(moves.move())
    assert {key: (foretold.get(key), real.get(key)) for key in foretold.keys() | real.keys()
            if foretold.get(key) != real.get(key)} == {}  # fmt: skip


@pytest.mark.slow
def test_a_dry_run_after_the_real_run_foretells_no_change(world: World) -> None:
    moves.move((2,))
    before = content.exactly()
    runs = moves.move((2,), dry_run=True)
    assert moves.written(runs) == 0
    assert content.differences(before, content.exactly()) == []


@pytest.mark.slow
def test_another_batch_size_leads_to_the_same_content(world: World) -> None:
    moves.move(size=7)
    small = content.content()
    world.renew()
    moves.move(size=1000)
    assert content.differences(small, content.content()) == []


@pytest.mark.slow
def test_ids_stay_clear_of_those_of_a_live_v5(world: World) -> None:
    world.v5_sql("INSERT INTO stations (id, name, country, province, address, image, map, latitude, longitude, num_hanger,"
                 " num_chairlift, num_cabin, num_cabin_large, num_fonicular, show_details, active)"
                 " VALUES (5000, 'Theirs', '', '', '', '', '', '', '', 0, 0, 0, 0, 0, 0, 0)")  # fmt: skip
    free = next_ids()
    moves.move((2,))
    for table in ("stations", "service_type"):
        ours = world.v5_sql(
            "SELECT MIN(v5_id), MAX(v5_id) FROM legacy_id_mappings"
            f" WHERE v5_table = '{table}' AND disposition = 'migrated'"
        )
        lowest, highest = ours[0]
        assert lowest >= free[table] and highest < next_ids()[table], table
    columns = "name, country, province, address, image, map, latitude, longitude"
    world.v5_sql(f"INSERT INTO stations ({columns}, num_hanger, num_chairlift, num_cabin, num_cabin_large, num_fonicular,"
                 " show_details, active) VALUES ('Live', '', '', '', '', '', '', '', 0, 0, 0, 0, 0, 0, 0)")  # fmt: skip
    (live,) = world.v5_sql("SELECT id FROM stations WHERE name = 'Live'")
    reserved = IdReservation.objects.get(table="stations", forecast="")
    assert live[0] >= reserved.region_end, "the live application continues above the whole region"


@pytest.mark.parametrize("table", sorted(ids.ABOVE_LEGACY))
def test_ids_that_references_are_built_from_start_above_the_largest_legacy_id(
    empty_world: World, table: str
) -> None:
    legacy = ids.ABOVE_LEGACY[table]
    columns = "id, code, quantity, remaining_balance, payed, user_id, school_id"
    copy = f"INSERT INTO vouchers ({columns}) VALUES (4711, 'A', 1, 1, 0, 1, 1)"
    if table == "vouchers":
        empty_world.legacy_sql(copy)
    first, end = ids.reserve(table, 10)
    (largest,) = empty_world.legacy_sql(f"SELECT COALESCE(MAX(id), 0) FROM {legacy}")[0]
    assert first > largest and end == first + 10
    assert ids.reserve(table, 5) == (end, end + 5)


def test_a_region_that_is_used_up_is_followed_by_another(
    empty_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ids, "REGION", 30)
    blocks = [ids.reserve("languages", 12) for _ in range(5)]
    taken = [number for first, end in blocks for number in range(first, end)]
    assert len(set(taken)) == 60
    assert ids.vendors.of(connections["v5"]).next_id(connections["v5"], "languages") > max(taken)


@pytest.mark.slow
def test_schools_one_by_one_lead_to_the_same_as_all_at_once(world: World) -> None:
    """R-83: a wave of one school touches no other; a later wave of all finds what is left."""
    moves.move(of=moves.wave("All of them"))
    at_once = content.content()
    world.renew()
    first = world.legacy_sql("SELECT id FROM schools ORDER BY id LIMIT 1")[0][0]
    moves.move(of=moves.wave("One school", schools=[first]))
    others = world.v5_sql(
        "SELECT DISTINCT entity_type, disposition, reason FROM legacy_id_mappings WHERE school_id <> %s",
        [first],
    )
    assert {row for row in others if row[1:] != ("skipped", "OUT_OF_SCOPE_SCHOOL")} == set()
    assert len(world.v5_sql("SELECT id FROM schools")) == 1
    moves.move(of=moves.wave("All of them"))
    assert "\n".join(content.differences(at_once, content.content())) == ""


def test_a_wave_with_unfinished_runs_is_not_planned_again(world: World) -> None:
    from entities.engine.errors import Refused

    moves.planned((2,))
    with pytest.raises(Refused, match="unfinished"):
        moves.planned((2,))
    assert Run.objects.count() == len(registry.of_phase(2))
    assert settings.FORECAST_ROOT

"""`demo`: the whole job in one command, and what it refuses."""

from __future__ import annotations

import re

import pytest

from entities.operations import figures
from tests.world import World
from tracking import plan
from tracking.models import Wave


def test_the_demo_balances_in_rows_and_money(world: World) -> None:
    process = world.spawn("demo", "--no-serve", "--bookings", "200")
    assert process.wait(170) == 0, world.said(process)
    said = world.said(process)
    assert "Rows and money are equal on both sides." in said
    assert re.search(r"In all: legacy rows [\d,]+, .*difference 0", said)
    for name in ("manager", "support", "engineer", "auditor"):
        assert re.search(rf"^{name} +\S{{8,}} ", said, re.MULTILINE)
    lines = [line for figure in figures.FIGURES for line in figures.compare(figure)]
    assert {line.what for line in lines} == {"bookings", "V5 bookings", "voucher balance"}
    assert not [line for line in lines if line.difference or line.keys]


def test_money_that_somebody_changed_is_named_by_id(world: World) -> None:
    process = world.spawn("demo", "--no-serve", "--bookings", "200")
    assert process.wait(170) == 0, world.said(process)
    [(key, target)] = world.v5_sql(
        "SELECT legacy_id, v5_id FROM legacy_id_mappings WHERE entity_type = 'booking' AND disposition = 'migrated' LIMIT 1"
    )
    world.v5_sql("UPDATE bookings SET price_total = price_total + 0.01 WHERE id = %s", [target])
    differing = [line for line in figures.compare(figures.BOOKINGS) if line.difference]
    assert [(str(line.difference), line.keys) for line in differing] == [("-0.01", [key])]


def test_a_panel_with_other_waves_is_left_alone(world: World) -> None:
    from django.utils import timezone

    plan.get_or_create_wave("Real", timezone.now())
    outcome = world.run("demo", "--no-serve")
    assert outcome.code == 1
    assert "holds the waves Real" in outcome.err
    assert world.legacy_sql("SELECT COUNT(*) FROM bookings2")[0][0] > 0
    assert Wave.objects.count() == 1


def test_production_is_never_a_demo(world: World, settings: object) -> None:
    settings.PRODUCTION = True  # type: ignore[attr-defined]
    outcome = world.run("demo", "--no-serve")
    assert outcome.code == 1 and "BOUKII_ENV=production" in outcome.err


@pytest.mark.parametrize("bookings", ["5", "1000000"])
def test_a_size_out_of_range_is_refused(world: World, bookings: str) -> None:
    outcome = world.run("demo", "--no-serve", "--bookings", bookings)
    assert outcome.code == 1 and "--bookings takes 200 to 500,000" in outcome.err

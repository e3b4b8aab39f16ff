"""What a run rests on: the heartbeat, the forecast's file, phases in their order, equal records in other batches."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from entities.engine import coordinator, forecast, heartbeat
from entities.engine.errors import Refused
from tests import moves, toys
from tests.world import World
from tracking import ledger
from tracking.models import Batch, Issue, Phase, Run, Wave
from tracking.states import PhaseState


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    toys.register(monkeypatch)


def test_the_heartbeat_keeps_the_lease_of_a_long_batch(
    empty_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "BEAT", 0.05)
    toys.rows(empty_world, toys.many(10))
    _, batch = moves.claimed(moves.started((2,), only=[toys.NAME]))
    soon = timezone.now() + timedelta(seconds=1)
    Batch.objects.update(leased_until=soon)
    with heartbeat.Heartbeat() as beating:
        beating.hold(batch)
        until = time.monotonic() + 10
        while Batch.objects.get().leased_until <= soon and time.monotonic() < until:
            time.sleep(0.05)
        beating.release()
    assert Batch.objects.get().leased_until > soon + timedelta(seconds=15)


def test_the_heartbeat_survives_a_database_that_is_away(
    empty_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "BEAT", 0.05)
    beats: list[int] = []

    def renew(batch_id: int, fence: int, now: object) -> bool:
        beats.append(batch_id)
        if len(beats) == 1:
            raise OperationalError(2006, "gone")
        return True

    monkeypatch.setattr(ledger, "renew", renew)
    toys.rows(empty_world, toys.many(2))
    _, batch = moves.claimed(moves.started((2,), only=[toys.NAME]))
    with heartbeat.Heartbeat() as beating:
        beating.hold(batch)
        until = time.monotonic() + 10
        while len(beats) < 3 and time.monotonic() < until:
            time.sleep(0.05)
    assert len(beats) >= 3


def test_a_forecast_is_a_file_that_can_be_discarded(empty_world: World) -> None:
    toys.rows(empty_world, toys.many(5, bad=2))
    (run,) = moves.move((2,), only=[toys.NAME], dry_run=True)
    path = forecast.path_of(run.metadata["forecast"])
    assert path.exists()
    assert moves.tallies([run])[("toy", toys.TABLE, "rejected", "NAME_MISSING")] == (1, 1)
    assert toys.in_v5(empty_world) == [] and toys.entries(empty_world) == {}
    forecast.discard(run.metadata["forecast"])
    assert not path.exists()


def test_two_dry_runs_know_nothing_of_each_other(empty_world: World) -> None:
    toys.rows(empty_world, toys.many(5))
    one, two = (moves.move((2,), only=[toys.NAME], dry_run=True)[0] for _ in range(2))
    assert one.metadata["forecast"] != two.metadata["forecast"]
    assert moves.tallies([one]) == moves.tallies([two])
    assert one.written_rows == two.written_rows > 0


def test_a_dry_run_of_changes_foretells_conflicts_too(empty_world: World) -> None:
    toys.rows(empty_world, toys.many(5))
    moves.move((2,), only=[toys.NAME])
    empty_world.legacy_sql("UPDATE service_type SET name = 'New' WHERE id IN (2, 3)")
    empty_world.v5_sql("UPDATE service_type SET name = 'Theirs' WHERE old_id = 3")
    foretold = moves.tallies(moves.move((2,), only=[toys.NAME], dry_run=True))
    assert dict(toys.in_v5(empty_world))[2] == "Toy 2"
    assert foretold == moves.tallies(moves.move((2,), only=[toys.NAME]))
    assert foretold[("toy", toys.TABLE, "warning", "TARGET_EDITED")] == (1, 1)
    assert dict(toys.in_v5(empty_world))[2] == "New"


def test_a_phase_of_production_opens_when_the_one_before_is_signed(empty_world: World) -> None:
    toys.rows(empty_world, toys.many(3))
    wave = moves.wave()
    Wave.objects.update(kind="production")
    wave.refresh_from_db()
    with pytest.raises(Refused, match=r"opens when phase 1 \(Foundation\) is signed"):
        moves.planned((2,), only=[toys.NAME], of=wave)
    assert not Run.objects.exists()
    Phase.objects.filter(number=1).update(state=PhaseState.SIGNED)
    (run,) = moves.planned((2,), only=[toys.NAME], of=wave)
    assert coordinator.advance(wave, timezone.now()) == run


def test_equal_records_of_two_batches_become_one(empty_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "adapted_size", lambda size, *_: (size, ""))
    for number, code in ((1, "xx"), (2, "yy"), (3, "XX "), (4, "zz")):
        empty_world.legacy_sql(
            "INSERT INTO languages (id, name, code) VALUES (%s, %s, %s)", [number, f"L{number}", code]
        )
    moves.move((2,), only=["languages"], size=1)
    found = empty_world.v5_sql(
        "SELECT legacy_id, disposition, v5_id FROM legacy_id_mappings WHERE entity_type = 'language' ORDER BY legacy_id"
    )
    assert [row[1] for row in found] == ["migrated", "migrated", "merged", "migrated"]
    assert found[0][2] == found[2][2]
    assert empty_world.v5_sql("SELECT COUNT(*) FROM languages WHERE old_id IS NOT NULL") == [(3,)]
    assert not Issue.objects.filter(level="error").exists()

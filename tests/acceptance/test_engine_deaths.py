"""kill -9 of a worker, of Redis and of MariaDB: the migration ends by itself, as if nothing had happened (R-91)."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from entities import registry
from entities.engine import failpoints
from tests import moves
from tests.acceptance import scenes
from tests.world import World
from tracking.models import Batch
from tracking.states import RunStatus

pytestmark = [pytest.mark.slow, pytest.mark.world(bookings=300)]
TAKEOVER = 60.0  # seconds


def takeovers() -> int:
    """One batch may lose its worker several times."""
    return sum(
        attempt - 1 for attempt in Batch.objects.filter(attempt__gt=1).values_list("attempt", flat=True)
    )


def dies(world: World, *places: str, phases: str, only: Sequence[str] = ()) -> None:
    """Two workers of one command, of which one dies at each place; the command ends by itself and in time."""
    markers = world.folder / "died"
    markers.mkdir()
    wanted = ",".join(f"{place}@{markers}" for place in places)
    narrowed = ["--only", *only] if only else []
    command = world.spawn("run_phase", phases, "--workers", "2", *narrowed, BOUKII_FAILPOINT=wanted)
    scenes.until(lambda: all((markers / place).exists() for place in places), f"deaths {places}", world)
    last_death = max((markers / place).stat().st_mtime for place in places)
    again = Batch.objects.filter(attempt__gt=1)
    scenes.until(lambda: takeovers() >= len(places), "the takeover of the batches", world)
    assert max(batch.started_at.timestamp() for batch in again) - last_death <= TAKEOVER
    scenes.until(lambda: command.poll() is not None, "the end of the command", world)
    assert command.returncode in (0, 2), world.said(command)


def test_a_worker_dies_in_the_first_transaction_of_an_empty_v5(world: World) -> None:
    expected = scenes.undisturbed(world)
    scenes.small_batches()
    dies(world, failpoints.INSIDE_V5_TRANSACTION, phases="2-4")
    scenes.nothing_is_doubled(world)
    scenes.equal(expected)


@pytest.mark.mariadb
def test_workers_die_at_every_place_in_the_middle_of_the_bookings(world: World) -> None:
    expected = scenes.undisturbed(world)
    wave = scenes.small_batches()
    names = list(registry.MIGRATIONS)
    place = names.index("bookings")
    moves.move(of=wave, only=names[:place])
    dies(world, *failpoints.NAMES, phases="4", only=["bookings"])
    moves.move((4,), of=wave, only=names[place + 1 :])
    scenes.nothing_is_doubled(world)
    scenes.equal(expected)


@pytest.mark.mariadb
def test_redis_dies_and_comes_back_empty(world: World) -> None:
    expected = scenes.undisturbed(world)
    runs = moves.planned(of=scenes.small_batches(), workers=2)
    scenes.begin(world)
    scenes.until(scenes.done(3, "users"), "the first users", world)
    world.broker.kill()
    time.sleep(2)
    world.broker.start()
    scenes.until(lambda: scenes.ended(runs), "the end of all runs", world)
    scenes.nothing_is_doubled(world)
    scenes.equal(expected)


@pytest.mark.mariadb
def test_mariadb_dies_and_comes_back(world: World) -> None:
    expected = scenes.undisturbed(world)
    runs = moves.planned(of=scenes.small_batches(), workers=2)
    workers = scenes.begin(world)
    scenes.until(scenes.done(3, "users"), "the first users", world)
    world.server.kill()
    time.sleep(2)
    world.server.start()
    scenes.until(lambda: scenes.ended(runs), "the end of all runs", world)
    assert [worker.poll() for worker in workers] == [None, None], "the workers live on"
    scenes.nothing_is_doubled(world)
    scenes.equal(expected)


@pytest.mark.mariadb
def test_run_phase_outlives_an_orderly_restart_of_mariadb(world: World) -> None:
    expected = scenes.undisturbed(world)
    scenes.small_batches()
    command = world.spawn("run_phase", "2-4", "--workers", "2")
    scenes.until(scenes.done(3, "users"), "the first users", world)
    world.server.stop()
    world.server.start()
    scenes.until(lambda: command.poll() is not None, "the end of the command", world)
    assert command.returncode in (0, 2), world.said(command)
    scenes.equal(expected)


def test_two_workers_lead_to_the_content_of_one(world: World) -> None:
    expected = scenes.undisturbed(world)
    runs = moves.planned(of=scenes.small_batches(), workers=2)
    scenes.begin(world)
    scenes.until(lambda: scenes.ended(runs), "the end of all runs", world)
    assert {run.status for run in moves.fresh(runs)} == {RunStatus.COMPLETED}
    assert Batch.objects.values("worker").distinct().count() == 2, "both have worked"
    scenes.nothing_is_doubled(world)
    scenes.equal(expected)

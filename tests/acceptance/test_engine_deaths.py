"""kill -9 of a worker, of Redis and of MariaDB: the migration ends by itself, as if nothing had happened (R-91)."""

from __future__ import annotations

import time
from typing import Any

import pytest

from entities.engine import failpoints
from tests import moves
from tests.acceptance import scenes
from tests.world import World
from tracking.models import Batch
from tracking.states import RunStatus

pytestmark = [pytest.mark.slow, pytest.mark.world(bookings=300)]
TAKEOVER = 60.0  # seconds


def taken_over(world: World, process: Any, died_at: float) -> float:
    """Seconds from the death of a worker to the moment when its batch was claimed again."""
    again = Batch.objects.filter(attempt__gt=1).order_by("started_at")
    scenes.until(again.exists, "the takeover of the batch", world)
    return float(again[0].started_at.timestamp() - died_at)


@pytest.mark.parametrize(
    "place",
    [
        name if name == failpoints.INSIDE_V5_TRANSACTION else pytest.param(name, marks=pytest.mark.mariadb)
        for name in failpoints.NAMES
    ],
)
def test_a_worker_dies(world: World, place: str) -> None:
    expected = scenes.undisturbed(world)
    wave, markers = scenes.small_batches(), world.folder / "died"
    markers.mkdir()
    if place != failpoints.INSIDE_V5_TRANSACTION:  # that one dies in the very first batch of an empty V5
        moves.move((2, 3), of=wave)
    phases = "4" if place != failpoints.INSIDE_V5_TRANSACTION else "2-4"
    began = time.time()
    command = world.spawn("run_phase", phases, "--workers", "2", BOUKII_FAILPOINT=f"{place}@{markers}")
    scenes.until((markers / place).exists, f"the death {place}", world)
    died_at = (markers / place).stat().st_mtime
    assert taken_over(world, command, died_at) <= TAKEOVER
    scenes.until(lambda: command.poll() is not None, "the end of the command", world)
    assert command.returncode in (0, 2), world.said(command)
    assert died_at >= began
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
    expected = scenes.undisturbed(world, size=1000)
    runs = moves.planned(of=scenes.small_batches(), workers=2)
    scenes.begin(world)
    scenes.until(lambda: scenes.ended(runs), "the end of all runs", world)
    assert {run.status for run in moves.fresh(runs)} == {RunStatus.COMPLETED}
    assert Batch.objects.values("worker").distinct().count() == 2, "both have worked"
    scenes.nothing_is_doubled(world)
    scenes.equal(expected)

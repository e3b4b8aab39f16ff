"""kill -9 in every stage of a rollback and of a restore: each ends by itself, with the result of an undisturbed one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connections

from entities.engine import failpoints, sweeper
from entities.rollback import remove, whole
from tests import content
from tests.moved import moved_world
from tests.world import World
from tracking.models import Part, Rollback, Sweep

pytestmark = pytest.mark.slow
ROLLING = (
    failpoints.AFTER_PART_CLAIM, remove.UNDONE, whole.ROWS_OUT, failpoints.AFTER_V5_COMMIT,
    failpoints.BEFORE_STEP_RECORD, remove.ENTRIES_OUT,
)  # fmt: skip
RESTORING = (
    failpoints.AFTER_PART_CLAIM, failpoints.INSIDE_V5_TRANSACTION, failpoints.AFTER_V5_COMMIT,
    failpoints.BEFORE_STEP_RECORD,
)  # fmt: skip


@pytest.fixture
def moved(request: pytest.FixtureRequest) -> Iterator[World]:
    yield from moved_world(request)


def dies(world: World, place: str, *argv: object) -> None:
    """A process of its own does it until it is killed at the place."""
    folder = world.folder / f"died-{place}-{len(world.processes)}"
    folder.mkdir()
    process = world.spawn(*argv, BOUKII_FAILPOINT=f"{place}@{folder}")
    process.wait(120)
    assert process.returncode == -9, f"{place}: {world.said(process)[-2000:]}"
    connections.close_all()
    Part.objects.filter(state="running").update(
        leased_until="2000-01-01 00:00:00+00:00"
    )  # its worker is silent


def test_a_rollback_that_is_killed_in_every_stage_and_its_restore_too(moved: World) -> None:
    before = content.exactly()
    dies(moved, ROLLING[0], "rollback", "--phase", 4, "--yes")  # dies in the look
    look = Rollback.objects.get()
    assert sweeper.drive(look.look).state == "done"
    look.refresh_from_db()
    moved.run("rollback", "--phase", 4)  # refused: one is open
    from django.utils import timezone

    from entities.rollback import request

    request.begin(look, timezone.now())
    for place in ROLLING:
        dies(moved, place, "rollback", "--continue", look.pk)
    assert moved.run("rollback", "--continue", look.pk), "it ends by itself"
    look.refresh_from_db()
    assert (look.state, look.result["R-92"]["checkpoint"]["tables"]) == ("done", [])
    assert sum(look.result["taken out"].values()) > 0

    for place in RESTORING:
        if place == RESTORING[0]:
            dies(moved, place, "restore_archive", "--rollback", look.pk)
        else:
            dies_restoring(moved, place)
    sweep = sweeper.drive(Sweep.objects.get(kind="restore"))
    assert (sweep.state, sweep.result["not back"]) == ("done", [])
    assert content.differences(before, content.exactly()) == [], "all rows and all entries, as they were"


def dies_restoring(world: World, place: str) -> None:
    """A worker goes on with the restore and is killed."""
    sweep = Sweep.objects.get(kind="restore")
    folder = world.folder / f"died-restoring-{place}"
    folder.mkdir()
    code = (
        "import django; django.setup();"
        "from entities.engine import sweeper; from tracking.models import Sweep;"
        f"sweeper.drive(Sweep.objects.get(pk={sweep.pk}))"
    )
    process = world.spawn_python(
        "-c", code, BOUKII_FAILPOINT=f"{place}@{folder}", DJANGO_SETTINGS_MODULE="boukii_migration.settings"
    )
    process.wait(120)
    assert process.returncode == -9, f"{place}: {world.said(process)[-2000:]}"
    connections.close_all()
    Part.objects.filter(state="running").update(leased_until="2000-01-01 00:00:00+00:00")

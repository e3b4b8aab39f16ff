"""What the acceptance tests do with processes: two workers, a scheduler, and somebody who waits for the end."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from django.db import DatabaseError, connections

from entities.engine import coordinator
from tests import content, moves
from tests.world import World
from tracking.models import Batch, Run, Wave
from tracking.states import RunStatus

PATIENCE = 120.0
SMALL = {"size": 20, "parallel_schools": 1, "attempts": 3, "stop_share": "1", "stop_after": 1_000_000}


def small_batches() -> Wave:
    """The wave of the acceptance tests: many batches, and no threshold that stops it."""
    return moves.wave(batch=SMALL)


_undisturbed: dict[str, content.Content] = {}


def undisturbed(world: World) -> content.Content:
    """What V5 holds after one worker moved everything undisturbed; the world is fresh again afterwards."""
    name = f"{world.backend} {world.template}"
    if name not in _undisturbed:
        moves.move(of=moves.wave())
        _undisturbed[name] = content.content()
        world.renew()
    return _undisturbed[name]


def until(condition: Callable[[], Any], what: str, world: World, seconds: float = PATIENCE) -> float:
    """Wait for a condition; a database that does not answer meanwhile is no answer. Returns the seconds it took."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        with suppress(DatabaseError):
            if condition():
                return time.monotonic() - began
        for connection in connections.all(initialized_only=True):
            connection.close_if_unusable_or_obsolete()
        time.sleep(0.2)
    said = "\n".join(world.said(process)[-3000:] for process in world.processes)
    raise AssertionError(f"{what} did not happen within {seconds:.0f} s\n{state()}\n{said}")


def state() -> list[tuple[Any, ...]]:
    with suppress(DatabaseError):
        return [(str(run), run.status, run.status_reason) for run in Run.objects.order_by("pk")]
    return []


def ended(runs: Sequence[Run]) -> bool:
    found = moves.fresh(runs)
    return all(run.status in (RunStatus.COMPLETED, RunStatus.CANCELLED) for run in found)


def done(count: int, entity: str = "") -> Callable[[], bool]:
    """Whether that many batches (of one migration) are done."""
    batches = Batch.objects.filter(status="done", **({"run__entity_type": entity} if entity else {}))
    return lambda: batches.count() >= count


def two_workers(world: World, **env: str) -> list[subprocess.Popen[str]]:
    """Workers that have begun to listen."""
    workers = [world.spawn_worker(f"w{number}", "-l", "info", **env) for number in (1, 2)]
    until(lambda: all("ready" in world.said(worker) for worker in workers), "the start of the workers", world)
    return workers


def scheduler(world: World) -> subprocess.Popen[str]:
    """Celery's own: the only driver that production has."""
    place = world.folder / "beat"
    return world.spawn_python("-m", "celery", "-A", "boukii_migration", "beat", f"--schedule={place}")


def begin(world: World) -> list[subprocess.Popen[str]]:
    """Two workers and the scheduler, told at once that there is work; afterwards only the scheduler says so."""
    scheduler(world)
    workers = two_workers(world)
    coordinator.tick()
    return workers


def nothing_is_doubled(world: World) -> None:
    """No V5 row stands without an entry of the map beside those that were there before, and no key stands twice."""
    assert world.v5_sql(
        "SELECT entity_type, legacy_id, part FROM legacy_id_mappings GROUP BY entity_type, legacy_id, part"
        " HAVING COUNT(*) > 1"
    ) == []  # fmt: skip
    assert world.v5_sql(
        "SELECT v5_table, v5_id FROM legacy_id_mappings WHERE disposition IN ('migrated', 'split')"
        " AND v5_id IS NOT NULL AND legacy_id > 0 GROUP BY entity_type, v5_table, v5_id HAVING COUNT(DISTINCT legacy_id) > 1"
    ) == []  # fmt: skip


def equal(expected: content.Content) -> None:
    assert "\n".join(content.differences(expected, content.content())) == ""

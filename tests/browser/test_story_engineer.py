"""The engineer's story: start, pause, change, resume, a worker killed and replaced, failed batches put back."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from tests import moves
from tests.acceptance import scenes
from tests.browser.walker import Walker
from tests.world import World
from tracking.models import Batch, Issue, Phase, Run
from tracking.states import BatchStatus, RunStatus

pytestmark = [pytest.mark.browser, pytest.mark.slow]
USERS = 3  # the phase
SLOW = {
    "sqlite": "CREATE TRIGGER slow BEFORE INSERT ON users BEGIN SELECT max(n) FROM (WITH RECURSIVE count(n) AS "
    "(SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < 1000000) SELECT n FROM count); END",
    "mariadb": "CREATE TRIGGER slow BEFORE INSERT ON users FOR EACH ROW SET @slow = SLEEP(0.2)",
}
BROKEN = {
    "sqlite": "CREATE TRIGGER broken BEFORE INSERT ON legacy_id_mappings WHEN NEW.entity_type = 'client_utilizer' "
    "BEGIN SELECT json('{'); END",
    "mariadb": "CREATE TRIGGER broken BEFORE INSERT ON legacy_id_mappings FOR EACH ROW "
    "IF NEW.entity_type = 'client_utilizer' THEN INSERT INTO nowhere VALUES (1); END IF",
}


@pytest.fixture
def slow(world: World) -> Iterator[Phase]:
    """Reference data is moved; V5 takes its time with users, as a busy server does."""
    wave = moves.wave("Rehearsal", batch={**scenes.SMALL, "attempts": 2})
    moves.move((2,), of=wave)
    world.v5_sql(SLOW[world.backend])
    yield wave.phases.get(number=USERS)


def run_of(phase: Phase, entity: str) -> Run:
    return Run.objects.get(phase=phase, entity_type=entity, dry_run=False)


def at_work(run: Run) -> Batch | None:
    return Batch.objects.filter(run=run, status=BatchStatus.RUNNING).order_by("pk").first()


def test_a_phase_is_run_through_a_pause_a_killed_worker_and_failed_batches(
    world: World, slow: Phase, person: Walker
) -> None:
    scenes.scheduler(world)
    workers = {str(worker.pid): worker for worker in scenes.two_workers(world)}
    person.sign_in("engineer")
    _start(person, slow)
    run = run_of(slow, "users")
    person.press(str(run))
    scenes.until(lambda: Batch.objects.filter(run=run).exists(), "the first batch", world)

    _pause_change_resume(world, person, run)
    taken = _kill_one(world, person, run, workers)
    killed = taken.worker
    world.v5_sql(BROKEN[world.backend])  # somebody touches V5 while the migration runs
    world.v5_sql("DROP TRIGGER slow")
    person.see("needed another attempt", inside="#run-progress", seconds=90)
    scenes.until(lambda: _fresh(run).status == RunStatus.COMPLETED, "the end of the users", world)
    taken.refresh_from_db()
    assert (taken.status, taken.attempt) == (BatchStatus.DONE, 2)
    person.go(reverse("admin:tracking_batch_change", args=[taken.pk]))
    person.see("attempts 2", f"worker {taken.worker}")
    assert taken.worker != killed, "another worker took it over"

    _requeue_failed(world, person, run_of(slow, "client_links"))


def _start(person: Walker, phase: Phase) -> None:
    person.go(reverse("admin:tracking_phase_change", args=[phase.pk]))
    person.press("Start", inside="#phase-actions")
    person.fill("workers", "2")
    person.submit()
    person.see("they write to V5", inside="#effect")
    person.submit()
    person.see("users", inside="#phase-live", seconds=60)


def _pause_change_resume(world: World, person: Walker, run: Run) -> None:
    person.press("Pause", inside="#run-actions")
    person.see("finished first")
    person.submit()
    person.see("Done:")
    person.see("Paused by a person", seconds=60)  # before that it is pausing: batches in work are finished
    done = Batch.objects.filter(run=run, status=BatchStatus.DONE).count()

    person.press("Change size or workers", inside="#run-actions")
    person.fill("batch_size", "15")
    person.submit()
    person.see("15", inside="#effect")
    person.submit()
    person.see("15 records in a batch", inside="#run-progress")
    assert Batch.objects.filter(run=run, status=BatchStatus.DONE).count() == done, (
        "nothing moves while it is paused"
    )

    person.press("Resume", inside="#run-actions")
    person.submit()
    person.until(lambda: person.has("Pause", "#run-actions"), "the run goes on", 60)
    person.see("at work", inside="#run-progress")


def _kill_one(world: World, person: Walker, run: Run, workers: dict[str, Any]) -> Batch:
    """kill -9 while it holds a batch; returns that batch."""
    held: list[Batch] = []

    def strike() -> bool:
        batch = at_work(run)
        if batch is None:
            return False
        worker = workers[batch.worker.rpartition(":")[2]]
        worker.send_signal(signal.SIGSTOP)  # holds its breath, so that it cannot finish between look and kill
        batch.refresh_from_db()
        worker.send_signal(signal.SIGKILL)
        if batch.status == BatchStatus.RUNNING:
            held.append(batch)
        return True

    scenes.until(strike, "a batch at work", world)
    assert held, "the worker ended its batch a moment before it was killed"
    person.see(str(held[0].pk), inside="#run-details")
    return held[0]


def _requeue_failed(world: World, person: Walker, run: Run) -> None:
    """A trigger of V5 made batches fail. It is gone, they are put back, and the page says what came of it."""
    scenes.until(lambda: _fresh(run).status == RunStatus.STOPPED, "the run that stopped itself", world)
    failed = Batch.objects.filter(run=run, status=BatchStatus.FAILED).count()
    assert failed
    person.go(reverse("admin:tracking_run_change", args=[run.pk]))
    person.see("failed after all their attempts", inside="#run-progress")
    world.v5_sql("DROP TRIGGER broken")
    person.press("Re-queue all failed", inside="#run-actions")
    person.see("records", inside="#effect")
    person.submit()
    person.see("Done:")
    said = f"{failed} batch done" if failed == 1 else f"{failed} batches done"
    scenes.until(lambda: _fresh(run).status == RunStatus.COMPLETED, "the end of the run", world)
    rejected = (
        Issue.objects.filter(run=run, level="error", state="open").values("legacy_id").distinct().count()
    )
    person.see(said, "0 with the same error", f"{rejected} with a new error", inside="#requeued", seconds=30)


def _fresh(run: Run) -> Run:
    run.refresh_from_db()
    return run

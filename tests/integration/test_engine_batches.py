"""Batches: claimed once, retried by class, given up with a reason, taken over, paused between one and the next."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, ProgrammingError, connections
from django.utils import timezone

from entities.engine import coordinator, load, pipeline, runner, vendors
from entities.engine.errors import LostLease, Transient
from tests import moves, toys
from tests.world import World
from tracking import ledger
from tracking.actions import CancelRun, PauseRun, RequeueBatch, RequeueFailed, ResumeRun
from tracking.models import Batch, Issue, Run, Tally
from tracking.states import BatchStatus, RunStatus


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    toys.register(monkeypatch)
    monkeypatch.setattr(ledger, "adapted_size", lambda size, *_: (size, ""))


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "backoff", lambda attempt: timedelta(0))


def a_run(world: World, count: int = 40, size: int = 10, **poisons: int) -> Run:
    """A started run over `count` toys."""
    toys.rows(world, toys.many(count, **poisons))
    return moves.started((2,), only=[toys.NAME], size=size)


def failing(
    monkeypatch: pytest.MonkeyPatch, errors: list[Exception], place: Any, name: str
) -> list[Exception]:
    """`place.name` raises one error after the other before it works again; returns what is left to raise."""
    works: Callable[..., Any] = getattr(place, name)

    def fails(*args: Any, **kwargs: Any) -> Any:
        if errors:
            raise errors.pop(0)
        return works(*args, **kwargs)

    monkeypatch.setattr(place, name, fails)
    return errors


def vendor() -> Any:
    return vendors.of(connections["v5"])


def passing_trouble() -> OperationalError:
    if connections["v5"].vendor == "mysql":
        return OperationalError(1213, "Deadlock found when trying to get lock")
    return OperationalError("database is locked")


def test_a_transient_error_is_retried_and_nothing_is_doubled(
    empty_world: World, monkeypatch: pytest.MonkeyPatch, no_waiting: None
) -> None:
    failing(monkeypatch, [passing_trouble() for _ in range(5)], vendor(), "insert_all")
    run = a_run(empty_world, 10)
    (run,) = moves.drive([run])
    assert run.status == RunStatus.COMPLETED
    assert list(Batch.objects.values_list("attempt", "status")) == [(6, "done")]
    assert len(toys.in_v5(empty_world)) == 10
    assert not Issue.objects.exists()


def test_a_transient_error_makes_the_batch_wait_longer_each_time(
    empty_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, [passing_trouble()], vendor(), "insert_all")
    run = a_run(empty_world, 10)
    before = timezone.now()
    runner.work(run.pk)
    batch = Batch.objects.get()
    assert batch.status == BatchStatus.PENDING and batch.not_before and batch.not_before > before
    assert "Transient" in batch.error
    assert ledger.claim(run, "other", before, lambda run: None) is None, "it is not due yet"
    assert [2 ** (n - 1) * 0.5 <= runner.backoff(n).total_seconds() <= 2 ** (n - 1) * 1.5 for n in (1, 2, 3)]
    assert runner.backoff(40).total_seconds() <= 45


@pytest.mark.parametrize(
    "error", [RuntimeError("a fault of ours"), ProgrammingError(1054, "no such column: x")]
)
def test_what_does_not_pass_by_itself_gets_its_attempts_and_stops_the_run(
    empty_world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    left = failing(monkeypatch, [error] * 3, toys.ToyMigration, "facts")
    run = a_run(empty_world, 10)
    (run,) = moves.drive([run])
    assert (run.status, left) == (RunStatus.STOPPED, [])
    assert "1 batches failed after all their attempts" in run.status_reason
    batch = Batch.objects.get()
    assert (batch.status, batch.attempt) == (BatchStatus.FAILED, 3)
    assert type(error).__name__ in batch.error
    assert toys.in_v5(empty_world) == []

    RequeueFailed(run, via="command").perform(timezone.now())
    (run,) = moves.drive([run])
    assert run.status == RunStatus.COMPLETED
    assert len(toys.in_v5(empty_world)) == 10


def test_one_failed_batch_does_not_keep_the_others_back(
    empty_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, [RuntimeError("once")] * 3, toys.ToyMigration, "facts")
    (run,) = moves.drive([a_run(empty_world, 40)])
    assert sorted(Batch.objects.values_list("status", flat=True)) == ["done", "done", "done", "failed"]
    assert len(toys.in_v5(empty_world)) == 30
    assert run.status == RunStatus.STOPPED


def test_a_requeued_batch_keeps_the_figures_right(empty_world: World) -> None:
    (run,) = moves.drive([a_run(empty_world, 20, bad=3)])
    before = moves.tallies([run])
    RequeueBatch(run, Batch.objects.order_by("pk")[0].pk, via="command").perform(timezone.now())
    (run,) = moves.drive([run])
    assert moves.tallies([run]) == before
    assert (run.status, run.processed_records, run.error_count) == (RunStatus.COMPLETED, 20, 1)


def test_too_many_failures_stop_the_run_until_a_person_has_looked(empty_world: World) -> None:
    names = toys.many(100)
    names[10:16] = ["poison:bad"] * 6
    toys.rows(empty_world, names)
    share = {"size": 10, "parallel_schools": 1, "attempts": 3, "stop_share": "0.10", "stop_after": 20}
    run = moves.started((2,), only=[toys.NAME], of=moves.wave(batch=share))
    (run,) = moves.drive([run])
    assert run.status == RunStatus.STOPPED
    assert "6 of 20 records failed, more than 10% (Q-45)" in run.status_reason
    assert len(toys.in_v5(empty_world)) == 14

    ResumeRun(run, via="command").perform(timezone.now())
    (run,) = moves.drive([run])
    assert run.status == RunStatus.COMPLETED
    assert len(toys.in_v5(empty_world)) == 94


def after_batches(monkeypatch: pytest.MonkeyPatch, number: int, act: Callable[[], Any]) -> None:
    """Do something when that many batches were recorded."""
    record, seen = ledger.record, [0]

    def recorded(*args: Any) -> bool:
        done = record(*args)
        seen[0] += 1
        if seen[0] == number:
            act()
        return done

    monkeypatch.setattr(ledger, "record", recorded)


def test_pause_and_resume_act_between_batches(empty_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run = a_run(empty_world, 40)
    after_batches(monkeypatch, 2, lambda: PauseRun(run, via="command").perform(timezone.now()))
    runner.work(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.PAUSING
    (run,) = moves.drive([run])
    assert (run.status, len(toys.in_v5(empty_world))) == (RunStatus.PAUSED, 20)
    assert not runner.work(run.pk), "a paused run has nothing to claim"
    ResumeRun(run, via="command").perform(timezone.now())
    (run,) = moves.drive([run])
    assert (run.status, len(toys.in_v5(empty_world))) == (RunStatus.COMPLETED, 40)


def test_a_pause_holds_waiting_batches_too(empty_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (run,) = moves.drive([a_run(empty_world, 40)])
    Batch.objects.update(status=BatchStatus.PENDING, attempt=0)
    ledger.move(run, RunStatus.RUNNING, timezone.now())
    after_batches(monkeypatch, 1, lambda: PauseRun(run, via="command").perform(timezone.now()))
    runner.work(run.pk)
    assert Batch.objects.filter(status=BatchStatus.PENDING).count() == 3


def test_cancel_ends_the_run_and_keeps_what_was_moved(
    empty_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = a_run(empty_world, 40)
    after_batches(monkeypatch, 1, lambda: CancelRun(run, via="command").perform(timezone.now()))
    runner.work(run.pk)
    (run,) = moves.drive([run])
    assert (run.status, len(toys.in_v5(empty_world))) == (RunStatus.CANCELLED, 10)
    moves.move((2,), only=[toys.NAME])
    assert len(toys.in_v5(empty_world)) == 40


def test_a_pausing_run_waits_for_the_batch_that_somebody_holds(empty_world: World) -> None:
    run = a_run(empty_world, 40)
    _, batch = moves.claimed(run)
    PauseRun(run, via="command").perform(timezone.now())
    assert coordinator.advance(run.phase.wave, timezone.now()) == run
    run.refresh_from_db()
    assert run.status == RunStatus.PAUSING
    Batch.objects.filter(pk=batch.pk).update(status=BatchStatus.DONE)
    coordinator.advance(run.phase.wave, timezone.now())
    run.refresh_from_db()
    assert run.status == RunStatus.PAUSED


def test_a_worker_that_lost_its_lease_writes_and_records_nothing(empty_world: World) -> None:
    run = a_run(empty_world, 10)
    line, batch = moves.claimed(run)
    later = timezone.now() + ledger.LEASE + timedelta(seconds=1)
    assert ledger.reap(later) == 1
    with pytest.raises(LostLease):
        line.process(batch)
    assert (toys.in_v5(empty_world), toys.entries(empty_world)) == ([], {})
    assert not runner.one_batch(line, batch)
    assert not Tally.objects.exists()
    assert not ledger.renew(batch.pk, batch.fence, later)
    again = ledger.claim(run, "other", later, line.next_range)
    assert (again.pk, again.fence, again.attempt, again.worker) == (batch.pk, batch.fence + 2, 2, "other")
    assert runner.one_batch(line, again)
    assert len(toys.in_v5(empty_world)) == 10


def test_what_a_lost_worker_had_committed_is_found_unchanged(empty_world: World) -> None:
    run = a_run(empty_world, 10)
    line, batch = moves.claimed(run)
    outcome = line.process(batch)
    ledger.reap(timezone.now() + ledger.LEASE + timedelta(seconds=1))
    assert not ledger.record(batch, outcome, timezone.now())
    (run,) = moves.drive([run])
    assert (run.status, run.written_rows) == (RunStatus.COMPLETED, 0)
    assert Batch.objects.get().unchanged == 10
    assert moves.tallies([run]) == {("toy", toys.TABLE, "migrated", ""): (10, 10)}
    assert len(toys.in_v5(empty_world)) == 10


def test_a_live_worker_keeps_its_batch(empty_world: World) -> None:
    run = a_run(empty_world, 10)
    _, batch = moves.claimed(run)
    soon = timezone.now() + timedelta(seconds=20)
    assert ledger.renew(batch.pk, batch.fence, soon)
    assert ledger.reap(timezone.now() + ledger.LEASE + timedelta(seconds=1)) == 0
    assert ledger.reap(soon + ledger.LEASE + timedelta(seconds=1)) == 1


def test_a_map_entry_that_another_worker_wrote_first_is_taken_over(
    empty_world: World, monkeypatch: pytest.MonkeyPatch, no_waiting: None
) -> None:
    run = a_run(empty_world, 10)
    written = load.load

    def late(units: Any, target: Any, *rest: Any) -> Any:
        monkeypatch.setattr(pipeline, "load", written)
        other = dict.fromkeys(load.MAP_COLUMNS, None) | {
            "entity_type": "toy", "legacy_table": toys.TABLE, "legacy_id": 4, "part": "", "v5_table": toys.TABLE,
            "v5_id": 9, "disposition": "migrated", "reason": "", "id": 77, "source_hash": "", "target_hash": "",
        }  # fmt: skip
        empty_world.v5_sql("INSERT INTO service_type (id, name, old_id) VALUES (9, 'Toy 4', 4)")
        marks = ", ".join(["%s"] * len(other))
        empty_world.v5_sql(
            f"INSERT INTO legacy_id_mappings ({', '.join(other)}) VALUES ({marks})", list(other.values())
        )
        return written(units, target, *rest)

    monkeypatch.setattr(pipeline, "load", late)
    (run,) = moves.drive([run])
    assert run.status == RunStatus.COMPLETED
    assert Batch.objects.get().attempt == 2
    assert [legacy_id for legacy_id, _ in toys.in_v5(empty_world)] == list(range(1, 11))
    assert not Issue.objects.exclude(code="TARGET_EDITED").exists()


@pytest.mark.mariadb
def test_a_map_entry_that_nobody_could_write_is_no_conflict(empty_world: World) -> None:
    """SQLite takes text of any length; a strict server refuses it, and waiting would not help."""
    (run,) = moves.drive([a_run(empty_world, 10, part=4)])
    batch = Batch.objects.get()
    assert (run.status, batch.status, batch.attempt) == (RunStatus.STOPPED, BatchStatus.FAILED, 3)
    assert "part" in batch.error


def test_two_workers_never_get_the_same_keys(empty_world: World) -> None:
    run = a_run(empty_world, 400)
    begin, failures = threading.Barrier(2), []

    def worker(name: str) -> None:
        try:
            begin.wait()
            while runner.work(run.pk, timedelta(seconds=30)):
                pass
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=worker, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    (run,) = moves.drive([run])
    assert run.status == RunStatus.COMPLETED
    ranges = sorted(Batch.objects.values_list("key_after", "key_to"))
    assert ranges[0][0] == 0 and ranges[-1][1] == 400
    assert all(one[1] == two[0] for one, two in zip(ranges, ranges[1:], strict=False))
    assert [legacy_id for legacy_id, _ in toys.in_v5(empty_world)] == list(range(1, 401))
    assert run.processed_records == run.total_records == 400


def test_a_row_without_outcome_keeps_the_run_from_completing(empty_world: World) -> None:
    (run,) = moves.drive([a_run(empty_world, 20, lost=7)])
    assert run.status == RunStatus.UNBALANCED
    assert "service_type: 1 rows, first [7]" in run.status_reason
    empty_world.legacy_sql("UPDATE service_type SET name = 'Found' WHERE id = 7")
    RequeueBatch(run, Batch.objects.order_by("pk")[0].pk, via="command").perform(timezone.now())
    (run,) = moves.drive([run])
    assert run.status == RunStatus.COMPLETED


def test_a_finished_batch_may_be_recorded_once(empty_world: World) -> None:
    run = a_run(empty_world, 10)
    line, batch = moves.claimed(run)
    outcome = line.process(batch)
    assert ledger.record(batch, outcome, timezone.now())
    assert not ledger.record(batch, outcome, timezone.now())
    run.refresh_from_db()
    assert run.processed_records == 10


def test_an_empty_queue_is_refilled_from_the_ledger(
    empty_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(coordinator.dispatch, "work_on", lambda run, workers=1: asked.append((run, workers)))
    run = a_run(empty_world, 40)
    Run.objects.update(workers=2)
    moves.claimed(run)
    asked.clear()
    coordinator.tick()
    assert asked == [(run.pk, 1)], "one of two workers is busy"


def test_tick_returns_the_batches_of_the_dead(empty_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coordinator.dispatch, "work_on", lambda run, workers=1: None)
    run = a_run(empty_world, 40)
    moves.claimed(run)
    coordinator.tick(timezone.now() + timedelta(seconds=61))
    assert Batch.objects.get().status == BatchStatus.PENDING


def test_transient_is_a_word_for_the_database_too() -> None:
    assert issubclass(load.MapConflict, Transient)

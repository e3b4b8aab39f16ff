"""The checkpoint before a run: workers take it, once; one that V5 has left behind is taken anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from entities.engine import coordinator, sweeper
from entities.rollback import checkpoint
from tests import moves, toys
from tests.world import World
from tracking.models import Checkpoint, Run, Sweep
from tracking.states import RunStatus


@pytest.fixture
def run(empty_world: World, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A planned run over 20 toys."""
    toys.register(monkeypatch)
    monkeypatch.setattr(coordinator.dispatch, "send", lambda *args: None)
    toys.rows(empty_world, toys.many(20))
    return moves.planned((2,), only=[toys.NAME], size=10)[0]


def tick(run: Run) -> Run:
    coordinator.tick()
    run.refresh_from_db()
    return run


def test_workers_take_it_and_the_run_starts_with_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(coordinator.dispatch, "work_on", lambda run, workers=1: asked.append(run))
    assert (tick(run).status, run.started_at) == (RunStatus.PENDING, None)
    assert "count and hash" in run.status_reason
    tick(run)
    made = Checkpoint.objects.get()
    assert (made.run, made.state, made.kind) == (run, "taking", "phase")
    assert made.sweep is not None and sweeper.drive(made.sweep).state == "done"
    assert asked == [run.pk], "the end of the checkpoint asks for the run"
    coordinator.work(run.pk)
    run.refresh_from_db()
    assert (run.status, run.status_reason, run.processed_records) == (RunStatus.COMPLETED, "", 20)
    assert Checkpoint.objects.get() == made
    assert made.sweep.parts.count() == 2, "all tables are short: one part, and the end"


def test_it_is_taken_anew_when_the_wave_wrote_meanwhile(run: Run) -> None:
    tick(run)
    first = Checkpoint.objects.get()
    other = moves.fresh([run])[0]
    other.pk, other.status = None, RunStatus.COMPLETED
    other.save()
    other.batches.create(segment="", key_after=0, key_to=1, status="done", finished_at=timezone.now())
    tick(run)
    second = Checkpoint.objects.get()
    assert (second.pk != first.pk, second.run) == (True, run)
    assert [sweep.state for sweep in Sweep.objects.order_by("pk")] == ["cancelled", "pending"]


def test_why_it_could_not_be_taken_stands_on_the_run_until_it_can(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeper.runner, "backoff", lambda attempt: timedelta(0))
    with monkeypatch.context() as broken:

        def away(*args: Any) -> Any:
            raise ValueError("table clients is unreadable")

        broken.setattr(checkpoint, "next_slice", away)
        tick(run)
        assert sweeper.drive(Sweep.objects.get()).state == "failed"
        tick(run)
        assert "table clients is unreadable" in run.status_reason and run.status == RunStatus.PENDING
        with pytest.raises(coordinator.Refused, match="table clients is unreadable"):
            coordinator.advance(run.phase.wave, timezone.now())
    coordinator.advance(run.phase.wave, timezone.now())
    run.refresh_from_db()
    assert (run.status, run.status_reason) == (RunStatus.RUNNING, "")
    assert Checkpoint.objects.get().state == "taken"

"""Long work along keys: stages in order, steps recorded once, pause, failure, takeover."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from entities.engine import sweeper
from entities.engine.errors import Refused
from tests.world import World
from tracking import sweeps
from tracking.models import Part, Sweep
from tracking.sweeps import PartPlan, Step


class Counting:
    """Two stages of two parts; each part counts to its total in steps of two."""

    seen: list[tuple[int, str, int]] = []
    broken: dict[str, int] = {}
    refused = ""

    def plan(self, sweep: Sweep) -> list[PartPlan]:
        if self.refused:
            raise Refused(self.refused)
        return [PartPlan(name, stage, total=5) for stage in (1, 2) for name in ("a", "b")]

    def step(self, part: Part, sweep: Sweep) -> Step:
        if self.broken.get(part.name, 0):
            self.broken[part.name] -= 1
            raise RuntimeError("a fault of ours")
        after = part.cursor or 0
        upto = min(part.total, after + 2)
        self.seen.append((part.stage, part.name, upto))
        return Step(upto, upto == part.total, upto - after, {"sum": part.figures.get("sum", 0) + upto})

    def end(self, sweep: Sweep) -> dict[str, Any]:
        return {"sum": sum(one.figures["sum"] for one in sweep.parts.filter(stage__lt=sweeps.LAST))}


@pytest.fixture
def counting(empty_world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Counting]]:
    monkeypatch.setitem(sweeper.HANDLERS, "count", f"{__name__}.Counting")
    monkeypatch.setattr(Counting, "seen", [])
    monkeypatch.setattr(Counting, "broken", {})
    monkeypatch.setattr(Counting, "refused", "")
    yield Counting


def test_stages_follow_each_other_and_every_step_counts_once(counting: type[Counting]) -> None:
    sweep = sweeper.drive(sweeps.create("count", timezone.now()))
    assert (sweep.state, sweep.result) == (Sweep.State.DONE, {"sum": 4 * 11})
    assert [stage for stage, _, _ in counting.seen] == [1] * 6 + [2] * 6
    progress = sweeps.progress(sweep, timezone.now())
    assert (progress["done"], progress["total"], progress["over"], progress["share"]) == (20, 20, 4, 1.0)


def test_a_step_that_fails_is_tried_again_and_then_waits_for_a_person(counting: type[Counting]) -> None:
    counting.broken = {"a": 2}
    assert sweeper.drive(sweeps.create("count", timezone.now())).state == Sweep.State.DONE
    counting.broken = {"b": 3}
    sweep = sweeper.drive(sweeps.create("count", timezone.now()))
    assert sweep.state == Sweep.State.FAILED and "RuntimeError: a fault of ours" in sweep.reason
    assert not sweep.parts.filter(stage=2).exclude(state=Part.State.WAITING).exists(), "stage 2 never began"
    sweeps.resume(sweep, timezone.now())
    assert sweeper.drive(sweep).result == {"sum": 44}


def test_a_dead_workers_part_goes_on_where_it_was(counting: type[Counting]) -> None:
    sweep = sweeps.create("count", timezone.now())
    sweeps.start(sweep, counting().plan(sweep), timezone.now())
    part = sweeps.claim(sweep, "dead", timezone.now())
    assert part is not None and sweeps.claim(sweep, "other", timezone.now()).pk != part.pk
    assert sweeps.advance(part, counting().step(part, sweep), 0.1, timezone.now())
    assert sweeps.reap(timezone.now() + 2 * sweeps.LEASE) == 2
    assert not sweeps.advance(part, Step(4, False), 0.1, timezone.now()), "its fence is not the latest"
    assert sweeper.drive(sweep).result == {"sum": 44}
    assert counting.seen.count((1, part.name, 2)) == 1


def test_pause_cancel_and_refusal(counting: type[Counting]) -> None:
    sweep = sweeps.create("count", timezone.now())
    sweeps.start(sweep, counting().plan(sweep), timezone.now())
    sweeps.pause(sweep, "lunch")
    sweeper.work(sweep.pk)
    sweep.refresh_from_db()
    assert sweep.state == Sweep.State.PAUSED and counting.seen == []
    sweeps.resume(sweep, timezone.now())
    sweeper.work(sweep.pk, timedelta(0))
    sweeps.cancel(sweep, "enough", timezone.now())
    sweeper.work(sweep.pk)
    assert sweep.state == Sweep.State.CANCELLED and counting.seen == []
    with pytest.raises(sweeps.Busy, match="over already"):
        sweeps.cancel(sweep, "again", timezone.now())
    counting.refused = "V5 is not prepared"
    sweep = sweeper.drive(sweeps.create("count", timezone.now()))
    assert (sweep.state, sweep.reason) == (Sweep.State.FAILED, "V5 is not prepared")

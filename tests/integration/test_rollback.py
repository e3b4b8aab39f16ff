"""Rollback by the map: exactly what runs wrote goes, what people did stays or is listed, the proof says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone

from entities.engine import sweeper
from entities.rollback import request
from tests import content, moves
from tests.moved import moved_world
from tests.world import World
from tracking.models import Rollback, RollbackFinding, Run, Wave


@pytest.fixture
def moved(request: pytest.FixtureRequest) -> Iterator[World]:
    yield from moved_world(request)


def looked(rollback: Rollback) -> Rollback:
    assert rollback.look is not None
    sweep = sweeper.drive(rollback.look)
    assert sweep.state == "done", sweep.reason
    rollback.refresh_from_db()
    return rollback


def gone(rollback: Rollback) -> Rollback:
    begun = request.begin(rollback, timezone.now())
    assert begun.work is not None
    sweep = sweeper.drive(begun.work)
    assert sweep.state == "done", sweep.reason
    rollback.refresh_from_db()
    return rollback


def test_nothing_touched(moved: World) -> None:
    wave = Wave.objects.get()
    before = content.content()
    rollback = looked(request.of_wave(wave, timezone.now(), reason="try"))
    print(rollback.figures)
    print(list(RollbackFinding.objects.values_list("kind", "table", "v5_id", "parent_table")[:30]))
    gone(rollback)
    import json

    print(json.dumps(rollback.result, indent=1)[:3000])
    assert rollback.state == "done", rollback.result
    print([(r.entity_type, r.status) for r in Run.objects.all()])
    moves.move(of=wave)
    found = content.differences(before, content.content())
    print("DIFF", "\n".join(found)[:3000])
    assert found == []

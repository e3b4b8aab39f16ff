"""The full comparison reads the next range while the last one is worked out, and finds what it would find without."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from entities.reconciliation import ahead, comparison, registry, sweep
from entities.reconciliation.base import walk
from entities.reconciliation.check import Looked
from tests.world import World
from tracking.models import Wave


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "SIZE", 20)


def looked(check_id: str = "C-bookings") -> Any:
    found = walk(registry.get(check_id), sweep.reading(Wave.objects.get(name="Rehearsal")))
    return dict(found.schools), found.findings


def nobody_is_left() -> bool:
    for thread in threading.enumerate():
        if thread.name.startswith("ahead"):
            thread.join(10)
    return not any(thread.name.startswith("ahead") for thread in threading.enumerate())


def test_it_finds_the_same_with_and_without(
    migrated: World, small_steps: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrated.v5_sql(
        "UPDATE booking_users SET price = price + 1 WHERE id = (SELECT MIN(id) FROM payments) + 0"
    )
    row = migrated.v5_sql("SELECT id, old_id FROM booking_users ORDER BY id LIMIT 1 OFFSET 150")[0]
    migrated.v5_sql("UPDATE booking_users SET price = price + 1, notes = 'x' WHERE id = %s", [row[0]])
    gone = migrated.v5_sql("SELECT MAX(id) FROM v5_booking_participants")[0][0]
    migrated.v5_sql("DELETE FROM v5_booking_participants WHERE id = %s", [gone])
    found = {}
    for together in (False, True):
        monkeypatch.setattr(ahead, "_worth_it", lambda together=together: together)
        found[together] = looked()
    assert found[True] == found[False]
    named = {(one.v5_table, one.v5_id, one.field) for one in found[True][1]}
    assert {("booking_users", row[0], "price"), ("v5_booking_participants", gone, "")} <= named
    assert nobody_is_left()


def test_a_range_that_could_not_be_read_fails_its_own_step_and_is_read_again(
    migrated: World, small_steps: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "_worth_it", lambda: True)
    true_read, asked = ahead.read, []

    def read(pipeline: Any, after: int, size: int) -> Any:
        asked.append(after)
        if len(asked) == 2:
            raise RuntimeError("the server is gone")
        return true_read(pipeline, after, size)

    monkeypatch.setattr(ahead, "read", read)
    check, looking = registry.get("C-bookings"), sweep.reading(Wave.objects.get(name="Rehearsal"))
    first = check.step(looking, None, Looked())
    with pytest.raises(RuntimeError, match="gone"):
        check.step(looking, first, Looked())
    second = check.step(looking, first, Looked())
    assert second is not None and second > (first or 0)
    assert asked[:3] == [0, first, first] and nobody_is_left()

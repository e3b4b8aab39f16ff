"""What a re-queue brought, told by comparing the open issues before and after."""

from __future__ import annotations

from tracking.actions.effects import Record, compare
from tracking.models import Batch


def record(key: int, segment: str = "") -> Record:
    return Record("client", key, f"clients/{segment}" if segment else "clients", key)


BEFORE = {
    record(1): {("EMAIL_INVALID", "email", "error")},
    record(2): {("EMAIL_INVALID", "email", "error")},
    record(3): {("A", "", "error")},
}
AFTER = {record(2): {("EMAIL_INVALID", "email", "error")}, record(3): {("B", "", "error")}}


def test_records_are_fixed_the_same_or_fail_anew() -> None:
    effect = compare(BEFORE, AFTER, [Batch(segment="", keys=[1, 2, 3], key_after=0, key_to=3)])
    assert [one.legacy_id for one in effect.fixed] == [1]
    assert [one.legacy_id for one in effect.same] == [2]
    assert {one.legacy_id: codes for one, codes in effect.new.items()} == {3: ["B"]}
    assert str(effect) == "1 records are fixed, 1 have the same fault, 1 a new one (client:3 B)."


def test_only_records_of_the_batches_count() -> None:
    assert not compare(BEFORE, AFTER, [Batch(segment="", key_after=3, key_to=9)]).fixed
    assert not compare(BEFORE, AFTER, [Batch(segment="orphans", key_after=0, key_to=9)]).fixed
    assert len(compare(BEFORE, AFTER, [Batch(segment="", key_after=0, key_to=1)]).fixed) == 1


def test_a_record_that_goes_through_with_a_warning_is_fixed() -> None:
    batches = [Batch(segment="", keys=[1, 5], key_after=0, key_to=5)]
    warned = {record(1): {("W", "", "warning")}, record(5): {("W", "", "warning")}}
    effect = compare(BEFORE, warned, batches)
    assert [one.legacy_id for one in effect.fixed] == [1]
    assert not effect.new and not effect.same

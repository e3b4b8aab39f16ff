"""What counts as met: the comparison of a planted row with its map entries."""

from __future__ import annotations

from typing import Any

import pytest

from demo.verdict import Entry, Ledger, differences


def entry(**given: Any) -> Entry:
    values: dict[str, Any] = {
        "entity_type": "task",
        "legacy_table": "tasks",
        "legacy_id": 7,
        "part": "",
        "disposition": "migrated",
        "reason": "",
        "warnings": frozenset(),
        **given,
    }
    return Entry(**values)


def judged(expected: dict[str, Any], *entries: Entry) -> list[str]:
    whole = {"entity_type": "task", "legacy_id": 7, "disposition": "migrated", **expected}
    return differences({"kind": "k", "table": "tasks", "id": 7, "expect": [whole]}, Ledger(entries))


def test_a_row_without_entry_is_missed():
    assert judged({}) == ["k: task:7 has no map entry"]


def test_disposition_and_reason_must_agree():
    assert judged({"disposition": "rejected", "reason": "SCHOOL_UNKNOWN"}, entry()) == [
        "k: task:7 is migrated, expected rejected SCHOOL_UNKNOWN"
    ]
    assert not judged({"disposition": "rejected"}, entry(disposition="rejected", reason="ANY"))


def test_warnings_must_be_among_those_found():
    found = entry(warnings=frozenset({"A", "B"}))
    assert not judged({"warnings": ["A"]}, found)
    assert judged({"warnings": ["A", "C"]}, found) == ["k: task:7 lacks the warning C"]


@pytest.mark.parametrize(("parts", "met"), [(("x", "y"), True), (("x",), False)])
def test_a_split_has_several_parts(parts: tuple[str, ...], met: bool):
    entries = [entry(part=part, disposition="split") for part in parts]
    assert (not judged({"disposition": "split"}, *entries)) is met


def test_a_part_can_be_named():
    assert judged({"part": "2024-12-12"}, entry(part="2024-12-11")) == [
        "k: task:7 has no map entry part 2024-12-12"
    ]


def test_a_star_is_any_type_of_the_table():
    assert not judged({"entity_type": "*"}, entry(entity_type="archive:tasks"))


def test_a_row_made_from_nothing_is_found_by_its_reason():
    made = entry(entity_type="season", legacy_id=0, disposition="synthesised", reason="SEASON")
    wanted = {"entity_type": "season", "legacy_id": 0, "disposition": "synthesised", "reason": "SEASON"}
    assert not judged(wanted, made)
    assert judged(wanted, entry()) == ["k: no season was made because of SEASON"]

"""The records behind a number of the balance sheet: page by page, each once, and never a long wait."""

from __future__ import annotations

import pytest

from entities.engine.lineage import LegacyIdMapping
from entities.reconciliation.pages import rows
from tests.world import World


def stored(*records: tuple[int, str], outcome: str = "split") -> None:
    LegacyIdMapping.objects.using("v5").bulk_create(
        LegacyIdMapping(
            entity_type="booking_user",
            legacy_table="booking_users2",
            legacy_id=key,
            part=part,
            disposition=outcome,
        )
        for key, part in records
    )


def walked() -> list[list[tuple[int, str]]]:
    found, after = [], 0
    while True:
        entries, further = rows.page("booking_user", "split", None, after)
        found.append([(one.legacy_id, one.part) for one in entries])
        if further is None:
            return found
        after = further


def test_a_record_of_several_parts_stands_on_one_page(
    empty_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "PAGE", 3)
    stored((1, ""), (2, "a"), (2, "b"), (2, "c"), (3, ""), (4, ""), (5, ""))
    assert walked() == [[(1, "")], [(2, "a"), (2, "b"), (2, "c")], [(3, ""), (4, ""), (5, "")]]


def test_rare_records_are_found_by_looking_on(empty_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "WINDOW", 10)
    monkeypatch.setattr(rows, "PATIENCE", -1.0)
    stored(*((key, "") for key in range(1, 26)), outcome="migrated")
    stored((26, ""))
    assert walked() == [[], [], [(26, "")]]

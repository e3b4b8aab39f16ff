"""Compares what was planted with what became of it, by the id map of V5."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from demo.database import connect

COLUMNS = "entity_type, legacy_table, legacy_id, part, disposition, reason, additional_data"


@dataclass(frozen=True)
class Entry:
    """One map entry, as far as expectations speak of it."""

    entity_type: str
    legacy_table: str
    legacy_id: int
    part: str
    disposition: str
    reason: str
    warnings: frozenset[str]

    def __str__(self) -> str:
        warned = f" with {', '.join(sorted(self.warnings))}" if self.warnings else ""
        return f"{self.disposition} {self.reason}".strip() + warned


class Ledger:
    """The map entries of one V5 database, found by row and by fate."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.by_type: dict[tuple[str, int], list[Entry]] = defaultdict(list)
        self.by_table: dict[tuple[str, int], list[Entry]] = defaultdict(list)
        self.fates: set[tuple[str, str, str]] = set()
        for entry in entries:
            self.by_type[entry.entity_type, entry.legacy_id].append(entry)
            self.by_table[entry.legacy_table, entry.legacy_id].append(entry)
            self.fates.add((entry.entity_type, entry.disposition, entry.reason))


def ledger(v5_url: str) -> Ledger:
    """Reads the whole map; meant for demo sizes."""
    database = connect(v5_url, writable=False)
    try:
        return Ledger(_entry(row) for row in database.stream(f"SELECT {COLUMNS} FROM legacy_id_mappings"))
    finally:
        database.close()


def _entry(row: tuple[Any, ...]) -> Entry:
    entity_type, table, legacy_id, part, disposition, reason, more = row
    warnings = frozenset((json.loads(more) if more else {}).get("warnings", ()))
    return Entry(entity_type, table, int(legacy_id), part, disposition, reason or "", warnings)


def differences(item: dict[str, Any], found: Ledger) -> list[str]:
    """One sentence for each expectation of a planted item that was not met; empty when all were."""
    verdicts = (_difference(item["table"], expected, found) for expected in item["expect"])
    return [f"{item['kind']}: {verdict}" for verdict in verdicts if verdict]


def _difference(table: str, expected: dict[str, Any], found: Ledger) -> str:
    name = f"{expected['entity_type']}:{expected['legacy_id']}"
    if not expected["legacy_id"]:
        fate = (expected["entity_type"], expected["disposition"], expected.get("reason", ""))
        return "" if fate in found.fates else f"no {fate[0]} was made because of {fate[2]}"
    entries = _entries(table, expected, found)
    if not entries:
        return f"{name} has no map entry{_part(expected)}"
    wrong = [entry for entry in entries if not _meets(entry, expected)]
    if wrong:
        return f"{name}{_part(expected)} is {wrong[0]}, expected {_wanted(expected)}"
    if expected["disposition"] == "split" and "part" not in expected and len(entries) < 2:
        return f"{name} is split into one part"
    missing = set(expected.get("warnings", ())) - {code for entry in entries for code in entry.warnings}
    return f"{name} lacks the warning {', '.join(sorted(missing))}" if missing else ""


def _entries(table: str, expected: dict[str, Any], found: Ledger) -> list[Entry]:
    legacy_id = expected["legacy_id"]
    if expected["entity_type"] == "*":
        return found.by_table[table, legacy_id]
    entries = found.by_type[expected["entity_type"], legacy_id]
    return [entry for entry in entries if "part" not in expected or entry.part == expected["part"]]


def _meets(entry: Entry, expected: dict[str, Any]) -> bool:
    return (
        entry.disposition == expected["disposition"] and expected.get("reason", entry.reason) == entry.reason
    )


def _part(expected: dict[str, Any]) -> str:
    return f" part {expected['part']}" if "part" in expected else ""


def _wanted(expected: dict[str, Any]) -> str:
    return f"{expected['disposition']} {expected.get('reason', '')}".strip()

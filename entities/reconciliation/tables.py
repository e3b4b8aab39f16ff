"""Checks that walk through many tables, one after the other, along their keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from entities.engine import schema
from entities.reconciliation.check import STEP, Check, Looked
from entities.reconciliation.reading import LAST, Reading


class PerTable(Check):
    """Write `tables` and `slice`, which looks at keys of one table in (after, upto]. The cursor is [table, key]."""

    side = "legacy"
    size = STEP

    def tables(self, read: Reading) -> Sequence[str]:
        raise NotImplementedError

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        raise NotImplementedError

    def total(self, read: Reading) -> int:
        return max(1, len(self._listed(read)))

    def step(self, read: Reading, cursor: Any, looked: Looked) -> Any:
        place, after = cursor or (0, -LAST)
        tables = self._listed(read)
        if place >= len(tables):
            return None
        upto = read.upto(self.side, tables[place], after, self.size)
        self.slice(read, tables[place], after, LAST if upto is None else upto, looked)
        if upto is not None:
            return [place, upto]
        return [place + 1, -LAST] if place + 1 < len(tables) else None

    def _listed(self, read: Reading) -> Sequence[str]:
        if "tables" not in read.memory:
            read.memory["tables"] = list(self.tables(read))
        return read.memory["tables"]  # type: ignore[no-any-return]


def with_id(read: Reading, alias: str) -> dict[str, dict[str, Any]]:
    """Live tables of a database that have a numeric `id`, with their columns."""
    found = schema.live(alias)
    tables = {name: found.columns(name) for name in found.tables}
    return {name: columns for name, columns in sorted(tables.items()) if "id" in columns}


def entities_of(read: Reading) -> dict[str, list[str]]:
    """Entity types by legacy table, as the map has them."""
    if "entities" not in read.memory:
        found: dict[str, list[str]] = {}
        for row in read.v5(
            "SELECT legacy_table, entity_type FROM legacy_id_mappings GROUP BY legacy_table, entity_type"
        ):
            found.setdefault(row.legacy_table, []).append(row.entity_type)
        read.memory["entities"] = found
    return read.memory["entities"]  # type: ignore[no-any-return]


def marks(values: Sequence[Any]) -> str:
    """Placeholders of an IN list; one that matches nothing for no values."""
    return ", ".join(["%s"] * len(values)) or "NULL"

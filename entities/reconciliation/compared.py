"""Legacy held against V5, key by key."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from entities.reconciliation.base import Figures, Kind, Looked, Ranged, Seen
from entities.reconciliation.reading import Reading


@dataclass(frozen=True)
class Item:
    """One side's answer for a key: its school and the values that are compared, by field name."""

    school: int | None
    values: Mapping[str, Any]
    v5_table: str = ""
    v5_id: int | None = None


class Compared(Ranged):
    """Legacy against V5, key by key, along the keys of the legacy table `table`.

    Write `expected` and `found`: both give (key, Item) for legacy ids in (after, upto]; a key is the legacy id or
    (legacy id, part). A key that V5 lacks is explained by the map where its entry (of `entity`) is rejected, skipped or
    merged, else it is a finding; so is a key that only V5 has, and each field that differs. `amounts` names fields
    that are summed, with the field of their currency ("" for none).
    """

    entity: ClassVar[str] = ""
    amounts: ClassVar[Mapping[str, str]] = {}
    explaining: ClassVar[frozenset[str]] = frozenset({"rejected", "skipped", "merged"})

    def expected(self, read: Reading, after: int, upto: int) -> Iterable[tuple[Hashable, Item]]:
        raise NotImplementedError

    def found(self, read: Reading, after: int, upto: int) -> Iterable[tuple[Hashable, Item]]:
        raise NotImplementedError

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        expected, found = dict(self.expected(read, after, upto)), dict(self.found(read, after, upto))
        reasons = self._reasons(read, [key for key in expected if key not in found])
        for key, item in expected.items():
            self._one(key, item, found.get(key), reasons, looked)
        for key, item in found.items():
            if key not in expected:
                looked.examined(item.school)
                looked.of(item.school).target += 1
                self._amounts(looked.of(item.school), item, 1)
                looked.find(self._seen(Kind.EXTRA, key, item, item))

    def _reasons(self, read: Reading, keys: list[Any]) -> dict[Any, str]:
        """Why keys have no counterpart: the reason code in the map, by key and by legacy id."""
        entries = read.entries(self.entity, {_id(key) for key in keys}) if keys else {}
        return {
            legacy_id: one.reason or one.disposition
            for legacy_id, some in entries.items()
            for one in some
            if one.disposition in self.explaining
        }

    def _one(
        self, key: Any, item: Item, other: Item | None, reasons: Mapping[Any, str], looked: Looked
    ) -> None:
        figures = looked.of(item.school)
        figures.examined += 1
        figures.legacy += 1
        self._amounts(figures, item, 0)
        if other is None:
            if reason := reasons.get(_id(key)):
                figures.explained[reason] += 1
                self._amounts(figures, item, 2)
            else:
                looked.find(self._seen(Kind.MISSING, key, item, None))
            return
        looked.of(item.school).target += 1
        self._amounts(figures, other, 1)
        for name, value in item.values.items():
            if value != other.values.get(name):
                looked.find(self._seen(Kind.DIFFERS, key, item, other, name))

    def _amounts(self, figures: Figures, item: Item, place: int) -> None:
        for name, currency in self.amounts.items():
            label = f"{name} {item.values.get(currency) or ''}".strip() if currency else name
            value = [0, 0, 0]
            value[place] = item.values.get(name) or 0
            figures.amount(label, *value)

    def _seen(self, kind: Kind, key: Any, item: Item, other: Item | None, name: str = "") -> Seen:
        both = name and other is not None
        return Seen(
            kind, item.school, self.entity, self.table, _id(key), _part(key),
            other.v5_table if other else "", other.v5_id if other else None, name,
            item.values.get(name) if both else None, other.values.get(name) if both and other else None,
        )  # fmt: skip


def _id(key: Any) -> int:
    return int(key[0] if isinstance(key, tuple) else key)


def _part(key: Any) -> str:
    return " ".join(map(str, key[1:])) if isinstance(key, tuple) else ""

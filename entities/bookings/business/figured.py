"""Figures by school and label, gathered range by range on both sides and compared at the end (R-100 to R-106)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from entities.bookings.checks.ground import GONE, warnings
from entities.reconciliation.check import Kind, Looked, Seen
from entities.reconciliation.reading import Reading, money
from entities.reconciliation.tables import PerTable

NOTHING = "–"


class Figured(PerTable):
    """Write `walks`, the legacy tables whose keys are walked along, and `slice`, which adds figures to a `Tally`."""

    walks: tuple[str, ...] = ("bookings2",)
    phase = 4

    def tables(self, read: Reading) -> tuple[str, ...]:
        return self.walks

    def step(self, read: Reading, cursor: Any, looked: Looked) -> Any:
        following = super().step(read, cursor, looked)
        if following is None:
            for school, figures in list(looked.schools.items()):
                for label, (legacy, target, explained) in sorted(figures.sums.items()):
                    if money(legacy - target - explained):
                        said = f"{label}: legacy {legacy}, V5 {target}, explained {explained}"
                        looked.find(Seen(Kind.DIFFERS, school, field=label[:64], expected=legacy - explained,
                                         found=target, message=said))  # fmt: skip
        return following


class Tally:
    """Adds to the figures of schools within the scope. A label is made of its parts."""

    def __init__(self, read: Reading, looked: Looked) -> None:
        self.read, self.looked = read, looked

    def legacy(self, school: int | None, parts: Iterable[Any], value: Any = 1, *, lost: bool = False) -> None:
        """`lost`: the ledger says why V5 does not have it."""
        if school is None or self.read.scope.has(school):
            self.looked.examined(school)
            self.looked.of(school).amount(label_of(parts), value, 0, value if lost else 0)

    def explained(self, school: int, parts: Iterable[Any], value: Any) -> None:
        """What the ledger explains beyond what was left out."""
        if self.read.scope.has(school):
            self.looked.of(school).amount(label_of(parts), 0, 0, value)

    def v5(self, school: int | None, parts: Iterable[Any], value: Any = 1) -> None:
        if school is None or self.read.scope.has(school):
            self.looked.of(school).amount(label_of(parts), 0, value)


def label_of(parts: Iterable[Any]) -> str:
    return " · ".join(NOTHING if one in (None, "") else str(one) for one in parts)


def month(value: Any) -> str:
    text = str(value or "")[:7]
    return NOTHING if text in ("", "0000-00") else text


def missing(read: Reading, lines: Iterable[int]) -> set[int]:
    """Legacy lines that the ledger left out, or that it moved to another class (LINE_RELINKED)."""
    entries = read.entries("booking_user", lines)
    return {
        key for key, some in entries.items() if any(one.disposition in GONE or relinked(one) for one in some)
    }


def left_out(read: Reading, entity: str, ids: Iterable[int]) -> set[int]:
    entries = read.entries(entity, ids)
    return {key for key, some in entries.items() if any(one.disposition in GONE for one in some)}


def relinked(entry: Any) -> bool:
    return "LINE_RELINKED" in warnings(entry)


def levels(read: Reading) -> dict[int | None, str]:
    """Label by general level of legacy."""
    if "levels" not in read.memory:
        rows = read.legacy("SELECT id, league, level, degree_order FROM degrees")
        read.memory["levels"] = {row.id: level_label(row.league, row.level, row.degree_order) for row in rows}
    found: dict[int | None, str] = read.memory["levels"]
    return found


def level_label(league: Any, level: Any, order: Any) -> str:
    return NOTHING if order is None else f"{league or NOTHING} {level or NOTHING} {order}"


def schools(read: Reading) -> dict[int, int]:
    """Legacy school by V5 school."""
    if "legacy_schools" not in read.memory:
        sql = "SELECT legacy_id, v5_id FROM legacy_id_mappings WHERE entity_type = 'school' AND v5_id IS NOT NULL"
        read.memory["legacy_schools"] = {row.v5_id: row.legacy_id for row in read.v5(sql)}
    found: dict[int, int] = read.memory["legacy_schools"]
    return found

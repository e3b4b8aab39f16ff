"""Figures by group, computed on both sides by queries of their own."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from entities.reconciliation.base import Kind, Looked, Seen, Whole
from entities.reconciliation.reading import Reading


class Summed(Whole):
    """Figures by group, computed on both sides by independent SQL (R-100 ff., totals of money).

    Write `legacy_figures`, `target_figures` and, where rows were left out, `explained_figures`: each gives
    {group: number}; a group is (legacy school id, …) and `groups` names its parts. Every group with
    legacy − target − explained ≠ 0 is a finding.
    """

    groups: ClassVar[tuple[str, ...]] = ("school",)
    unit: ClassVar[str] = ""

    def legacy_figures(self, read: Reading) -> Mapping[tuple[Any, ...], Any]:
        raise NotImplementedError

    def target_figures(self, read: Reading) -> Mapping[tuple[Any, ...], Any]:
        raise NotImplementedError

    def explained_figures(self, read: Reading) -> Mapping[tuple[Any, ...], Any]:
        return {}

    def look(self, read: Reading, looked: Looked) -> None:
        legacy, target = self.legacy_figures(read), self.target_figures(read)
        explained = self.explained_figures(read)
        for group in sorted(legacy.keys() | target.keys() | explained.keys(), key=repr):
            school = group[0]
            if not (school is None or read.scope.has(school)):
                continue
            left, right, why = (Decimal(side.get(group, 0) or 0) for side in (legacy, target, explained))
            looked.examined(school)
            label = " · ".join("–" if one is None else str(one) for one in group[1:]) or self.unit or "total"
            looked.of(school).amount(label, left, right, why)
            if left - right - why:
                expected = left - why
                looked.find(
                    Seen(Kind.DIFFERS, school, field=label[:64], expected=expected, found=right,
                         message=f"{label}: legacy {left}, V5 {right}, explained {why}")
                )  # fmt: skip

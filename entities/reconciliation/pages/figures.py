"""The sums that checks stored for a school, as lines with their parts: season, month, method, currency, …"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from entities.reconciliation import registry
from tracking.models import ValidationResult, Wave

BALANCE, MONEY, PAYMENTS = "R-02", "R-30", "R-35b"
VOUCHERS = ("R-49", "R-42", "R-47")
BUSINESS = tuple(f"R-{number}" for number in range(100, 109))
CLASSES = "R-108"
ALL = (BALANCE, MONEY, PAYMENTS, "R-41", *VOUCHERS, *BUSINESS)
BETWEEN = " · "
_SEASON, _MONTH = re.compile(r"^\d{4}/\d{2,4}$"), re.compile(r"^\d{4}-\d{2}$")
ORDER = {"F": 1, "E": 0}  # the final verdict before that of a phase


@dataclass(frozen=True)
class Line:
    """One figure on both sides; `difference` has to be 0."""

    parts: tuple[str, ...]
    legacy: Decimal
    v5: Decimal
    explained: Decimal

    @property
    def label(self) -> str:
        return BETWEEN.join(self.parts)

    @property
    def difference(self) -> Decimal:
        return self.legacy - self.v5 - self.explained

    def part(self, pattern: re.Pattern[str]) -> str:
        return next((one for one in self.parts if pattern.match(one)), "")

    @property
    def season(self) -> str:
        return self.part(_SEASON)

    @property
    def month(self) -> str:
        return self.part(_MONTH)


@dataclass
class Figures:
    """What one check said of one school."""

    check: str
    title: Any
    how: Any
    result: ValidationResult
    groups: tuple[str, ...] = ()
    lines: list[Line] = field(default_factory=list)

    @property
    def differs(self) -> bool:
        return any(one.difference for one in self.lines)

    def of(self, season: str) -> list[Line]:
        """The lines of a season; all of them for none, and those that belong to no season always."""
        return [one for one in self.lines if not season or one.season in ("", season)]


def of_school(wave: Wave, school: int | None, checks: Iterable[str] = ALL) -> dict[str, Figures]:
    """The newest figures of each check for a school, the final ones where there are any."""
    known = {one.id: one for one in registry.everything()}
    rows = ValidationResult.objects.filter(
        wave=wave, school_id=school, current=True, validation_type__in=list(checks), moment__in=list(ORDER)
    ).select_related("phase")
    found: dict[str, Figures] = {}
    for row in sorted(rows, key=lambda one: (ORDER[one.moment], one.created_at)):
        check = known.get(row.validation_type)
        if check is not None:
            found[check.id] = Figures(
                check.id, check.title, check.how, row, tuple(getattr(check, "groups", ()))[1:], _lines(row.details)
            )  # fmt: skip
    return found


def _lines(details: Any) -> list[Line]:
    sums = details.get("sums", {}) if isinstance(details, dict) else {}
    return [
        Line(tuple(label.split(BETWEEN)), *(Decimal(str(one)) for one in sides))
        for label, sides in sorted(sums.items())
        if isinstance(sides, list) and len(sides) == 3
    ]


def seasons(found: Iterable[Figures]) -> list[str]:
    """The seasons that any figure names, newest first."""
    return sorted({line.season for one in found for line in one.lines} - {""}, reverse=True)


@dataclass(frozen=True)
class BalanceLine:
    """Legacy rows of one kind of record by outcome; `rows` is their sum."""

    entity: str
    counts: dict[str, int]

    @property
    def rows(self) -> int:
        return sum(self.counts.values())


def balance(figures: Figures | None) -> list[BalanceLine]:
    """The balance sheet of rows: what became of each kind of record."""
    found: dict[str, dict[str, int]] = {}
    for line in figures.lines if figures else ():
        if len(line.parts) == 2:
            found.setdefault(line.parts[0], {})[line.parts[1]] = int(line.legacy)
    return [BalanceLine(entity, counts) for entity, counts in sorted(found.items())]


def schools(wave: Wave) -> dict[int | None, dict[str, int]]:
    """How many verdicts of each kind a school has, over all checks that count now."""
    rows = ValidationResult.objects.filter(wave=wave, current=True, moment__in=list(ORDER)).order_by()
    newest: dict[tuple[int | None, str], tuple[int, str]] = {}
    for school, check, moment, result in rows.values_list("school_id", "validation_type", "moment", "result"):
        key = (school, check)
        if key not in newest or ORDER[moment] >= newest[key][0]:
            newest[key] = (ORDER[moment], result)
    found: dict[int | None, dict[str, int]] = {}
    for (school, _check), (_order, result) in newest.items():
        counts = found.setdefault(school, {})
        counts[result] = counts.get(result, 0) + 1
    return found

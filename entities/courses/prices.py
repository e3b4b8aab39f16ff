"""Rows of `price_ranges`: discounts for several days of grouped courses, price grids of private ones (4.15, 4.16)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from entities.engine import normalise

NOTHING = Decimal("0.00")


class Discounts(NamedTuple):
    """The JSON of `courses.discounts` (None = no discount), the warnings, and the ids of the rows that shaped it."""

    json: list[dict[str, Any]] | None
    warnings: tuple[str, ...]
    used: frozenset[int]


class Grid(NamedTuple):
    """The JSON of `courses.price_range` (None = no grid), the warnings, and the ids of the rows that shaped it."""

    json: list[dict[str, str | None]] | None
    warnings: tuple[str, ...]
    used: frozenset[int]


def discounts(rows: Iterable[Any], days: int, convert: bool) -> Discounts:
    """`rows` of the umbrella; `days` = number of the course's dates; `convert` = Q-27.

    Legacy: d_N percent off the whole N-day price. V5: r_k percent off the k-th day, r_k = k·d_k − (k−1)·d_(k−1),
    so that every total stays the same. A missing d_k carries the one before it forward (DISCOUNT_GAP).
    """
    chosen, doubled = _latest((row.time_interval, row) for row in rows if _is_discount(row))
    steps = {interval: normalise.amount(row.price) for interval, row in chosen.items()}
    warnings = ["PRICE_DUPLICATE"] if doubled else []
    used = frozenset(row.id for interval, row in chosen.items() if interval <= days)
    if not used:
        return Discounts(None, tuple(warnings), used)
    given = _filled(steps, days)
    if any(day not in steps for day in range(2, days + 1)):
        warnings.append("DISCOUNT_GAP")
    shares = _per_day(given) if convert else {day: steps.get(day, NOTHING) for day in given}
    if any(not 0 <= share <= 100 for share in shares.values()):
        warnings.append("DISCOUNT_SHAPE")
    entries = [{"day": day, "reduccion": _number(share)} for day, share in shares.items() if share]
    return Discounts(entries or None, tuple(warnings), used)


def _is_discount(row: Any) -> bool:
    return row.deleted_at is None and bool(row.percentage) and (row.time_interval or 0) > 0


def _filled(steps: dict[int, Decimal], days: int) -> dict[int, Decimal]:
    """d_k for k = 1 … days."""
    filled, last = {}, NOTHING
    for day in range(1, days + 1):
        last = steps.get(day, last)
        filled[day] = last
    return filled


def _per_day(given: dict[int, Decimal]) -> dict[int, Decimal]:
    return {day: day * share - (day - 1) * given.get(day - 1, NOTHING) for day, share in given.items()}


def _number(share: Decimal) -> int | float:
    """Two decimals as a JSON number; V5 calculates with it."""
    return int(share) if share == share.to_integral_value() else float(share)


def grid(rows: Iterable[Any], max_participants: int | None) -> Grid:
    """One object per duration with a price per number of people; 0 means not offered and becomes null."""
    live = [
        row
        for row in rows
        if row.deleted_at is None and (row.time_interval or 0) > 0 and (row.num_pax or 0) > 0
    ]
    cells, doubled = _latest(((row.time_interval, row.num_pax), row) for row in live)
    if not cells:
        return Grid(None, (), frozenset())
    width = max(*(people for _, people in cells), max_participants or 0)
    table: list[dict[str, str | None]] = []
    for minutes in sorted({interval for interval, _ in cells}):
        line: dict[str, str | None] = {"intervalo": normalise.interval_label(minutes)}
        line |= {str(people): _price(cells.get((minutes, people))) for people in range(1, width + 1)}
        table.append(line)
    used = frozenset(row.id for row in cells.values())
    return Grid(table, ("PRICE_DUPLICATE",) if doubled else (), used)


def _price(row: Any) -> str | None:
    amount = None if row is None else normalise.money(row.price)
    return format(amount, "f") if amount else None


def _latest(pairs: Iterable[tuple[Any, Any]]) -> tuple[dict[Any, Any], bool]:
    """The row with the highest id per key, and whether any key came twice."""
    found: dict[Any, Any] = {}
    doubled = False
    for key, row in pairs:
        doubled |= key in found
        if key not in found or row.id > found[key].id:
            found[key] = row
    return found, doubled

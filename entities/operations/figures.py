"""Money on both sides, per school and currency, to the cent (R-30, R-42, R-49).

A second opinion: plain SQL on each side, compared by legacy id, sharing nothing with the loader. Every
legacy row is equal to its V5 row, or its amount is explained by a recorded outcome; what is left is a difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from django.db import connections

from entities.engine import vendors

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
FETCH = 2_000
MOST_KEYS = 50
LIVES_ON = ("migrated", "split")


class Amount(NamedTuple):
    """An amount of one legacy row, as one side holds it."""

    school: int | None
    currency: str
    amount: Decimal


@dataclass
class MoneyLine:
    """One figure of one legacy school and currency. `explained` holds amounts by outcome; `keys` the first
    legacy ids whose amounts differ."""

    what: str
    school: int | None
    currency: str
    legacy: Decimal = ZERO
    v5: Decimal = ZERO
    explained: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    keys: list[int] = field(default_factory=list)

    @property
    def difference(self) -> Decimal:
        return self.legacy - self.v5 - sum(self.explained.values(), ZERO)


@dataclass(frozen=True)
class Figure:
    """What is compared: SQL of (legacy id, school, currency, amount) and of the V5 amounts behind the map.

    `where` narrows the V5 rows; legacy rows are narrowed by `alive` in Python, because legacy has zero dates.
    """

    what: str
    legacy_table: str
    legacy_columns: tuple[str, str, str]  # school, currency ("" = none), amount
    entity: str
    v5_table: str
    v5_currency: str
    v5_amount: str
    live_only: bool = False


BOOKINGS = Figure(
    "bookings",
    "bookings2",
    ("school_id", "currency", "price_total"),
    "booking",
    "bookings",
    "currency",
    "price_total",
)
PROJECTION = Figure(
    "V5 bookings",
    "bookings2",
    ("school_id", "currency", "price_total"),
    "v5_booking",
    "v5_bookings",
    "currency",
    "total_price",
)
VOUCHERS = Figure(
    "voucher balance",
    "vouchers",
    ("school_id", "", "remaining_balance"),
    "voucher",
    "vouchers",
    "",
    "remaining_balance",
    True,
)
FIGURES = (BOOKINGS, PROJECTION, VOUCHERS)


def compare(figure: Figure) -> list[MoneyLine]:
    """One line per school and currency, in that order."""
    lines: dict[tuple[int | None, str], MoneyLine] = {}
    outcomes = _outcomes(figure)
    given = _first_currencies() if figure.legacy_columns[1] else {}
    for key, legacy in _legacy(figure):
        outcome, found = outcomes.get(key, ("", None))
        said = _code(legacy.currency) or given.get(key, "")
        currency = said or (found.currency if found else "")
        line = lines.setdefault((legacy.school, currency), MoneyLine(figure.what, legacy.school, currency))
        line.legacy += legacy.amount
        if found is not None:
            line.v5 += found.amount
            if (found.amount, found.currency) != (legacy.amount, currency):
                line.keys.append(key)
        elif outcome:
            line.explained[outcome] += legacy.amount
        else:
            line.keys.append(key)
    for line in lines.values():
        del line.keys[MOST_KEYS:]
    return [lines[key] for key in sorted(lines, key=lambda key: (key[0] or 0, key[1]))]


def _legacy(figure: Figure) -> Iterator[tuple[int, Amount]]:
    school, currency, amount = figure.legacy_columns
    deleted = vendors.of(connections["legacy"]).text_of("deleted_at")
    sql = f"SELECT id, {school}, {currency or repr('')}, {amount}, {deleted} FROM {figure.legacy_table} ORDER BY id"
    for key, where, code, value, trashed in _stream("legacy", sql):
        if not (figure.live_only and trashed and not str(trashed).startswith("0000")):
            yield key, Amount(where, code or "", _cents(value))


def _outcomes(figure: Figure) -> dict[int, tuple[str, Amount | None]]:
    """Outcome of each legacy id, with the V5 amount where the row lives on; a projection's gaps are the booking's."""
    alive = "AND t.deleted_at IS NULL " if figure.live_only else ""
    currency = f"t.{figure.v5_currency}" if figure.v5_currency else "''"
    sql = (
        f"SELECT m.legacy_id, m.disposition, m.school_id, {currency}, t.{figure.v5_amount} "
        f"FROM legacy_id_mappings m LEFT JOIN {figure.v5_table} t ON t.id = m.v5_id AND m.v5_table = %s {alive}"
        "WHERE m.entity_type = %s"
    )
    found: dict[int, tuple[str, Amount | None]] = {}
    if figure is PROJECTION:
        found = {
            key: (outcome, None)
            for key, (outcome, _) in _outcomes(BOOKINGS).items()
            if outcome not in LIVES_ON
        }
    for key, outcome, school, code, value in _stream("v5", sql, (figure.v5_table, figure.entity)):
        lives = outcome in LIVES_ON or figure is PROJECTION
        if lives and value is not None:
            found[key] = (outcome, Amount(school, code or "", _cents(value)))
        elif not lives:
            found[key] = (outcome, None)
    return found


def _first_currencies() -> dict[int, str]:
    """The currency of a booking's first line that names one, for bookings that name none (3.1)."""
    found: dict[int, str] = {}
    for booking, code in _stream("legacy", "SELECT booking2_id, currency FROM booking_users2 ORDER BY id"):
        if _code(code):
            found.setdefault(booking, _code(code))
    return found


def _code(text: Any) -> str:
    word = str(text or "").strip().upper()
    return word if len(word) == 3 and word.isalpha() else ""


def _cents(value: Any) -> Decimal:
    return Decimal(str(value or 0)).quantize(CENT, ROUND_HALF_UP)


def _stream(alias: str, sql: str, params: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(FETCH):
            yield from rows


def schools() -> dict[int, str]:
    """Names of the legacy schools."""
    return dict(_stream("legacy", "SELECT id, name FROM schools"))

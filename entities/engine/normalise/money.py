"""Amounts and currencies. Amounts are Decimal with two places, never float (GR-13)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from entities.engine.errors import BadValue
from tracking.sentences import sentence

CENT = Decimal("0.01")
NOTHING = Decimal("0.00")

# Far above any amount of the platform and far below where Decimal would lose cents.
_LIMIT = Decimal("1e15")


def money(value: Any) -> Decimal | None:
    """The amount, half-up to two places; nothing stays nothing.

    Raises PRICE_UNKNOWN for what is not a number.
    """
    if value is None:
        return None
    try:
        amount = value if value.__class__ is Decimal else Decimal(str(value).strip())
        if not abs(amount) < _LIMIT:
            raise InvalidOperation
        return amount.quantize(CENT, ROUND_HALF_UP) + NOTHING
    except InvalidOperation:
        raise BadValue("PRICE_UNKNOWN", sentence("The amount is not a number.")) from None


def price(value: Any) -> Decimal:
    """An amount that must be there: nothing raises PRICE_UNKNOWN."""
    amount = money(value)
    if amount is None:
        raise BadValue("PRICE_UNKNOWN", sentence("There is no amount."))
    return amount


def amount(value: Any) -> Decimal:
    """An amount that may be absent: nothing is 0.00."""
    found = money(value)
    return NOTHING if found is None else found


def currency(*candidates: Any, default: str | None = None) -> str | None:
    """The first candidate of three letters, in upper case, else `default`.

    The order of the rules is: the row, its first line, the school's settings; then Q-07.
    """
    for candidate in candidates:
        found = _three_letters(candidate)
        if found:
            return found
    return default


def one_currency(values: Iterable[Any]) -> str | None:
    """The only currency among these values, None when none has one; several raise MIXED_CURRENCY."""
    found = {name for name in map(_three_letters, set(values)) if name}
    if len(found) > 1:
        raise BadValue(
            "MIXED_CURRENCY", sentence("The amounts are in %(names)s.", names=", ".join(sorted(found)))
        )
    return found.pop() if found else None


def _three_letters(value: Any) -> str | None:
    if value.__class__ is not str:
        return None
    text = value.strip()
    return text.upper() if len(text) == 3 and text.isascii() and text.isalpha() else None


def spread(total: Decimal, parts: int) -> list[Decimal]:
    """`total` in equal parts, exact to the cent: the first ones carry what does not divide (Q-40)."""
    if parts < 1:
        raise ValueError("An amount needs at least one part.")
    cents = int(total.quantize(CENT, ROUND_HALF_UP) / CENT)
    sign = -1 if cents < 0 else 1
    share, rest = divmod(abs(cents), parts)
    return [CENT * sign * (share + (index < rest)) for index in range(parts)]

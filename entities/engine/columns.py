"""Whole columns as canonical text: what `encoders` do value by value, for columns in which nothing is unusual.

Looking at a column as a whole costs a fraction of looking at each of its values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from entities.engine.encoders import encoder_of_value
from entities.engine.errors import BadValue
from entities.engine.schema import INTEGER_TYPES, TEMPORAL_TYPES, TEXT_TYPES, LiveColumn

Column = Sequence[Any]
ColumnEncoder = Callable[[Column], Sequence[str | None]]
_STR, _INT, _NONE = {str}, {int}, type(None)


def column_encoder(column: LiveColumn, json: bool = False) -> ColumnEncoder:
    """A function from values to their canonical texts; raises what the column's `encoder` raises for one of them."""
    one, settled = encoder_of_value(column, json), _settled(column, json)

    def encode(values: Column) -> Sequence[str | None]:
        kinds = set(map(type, values))
        if _NONE not in kinds:
            return settled(values, kinds) or list(map(one, values))
        if not column.nullable:
            raise BadValue("CONSTRAINT")
        kinds.discard(_NONE)
        present = [value for value in values if value is not None]
        texts = iter(settled(present, kinds) or list(map(one, present)))
        return [None if value is None else next(texts) for value in values]

    return encode


Settled = Callable[[Column, set[type]], Sequence[str] | None]


def _settled(column: LiveColumn, json: bool) -> Settled:
    """The texts of values (of these types) that all fit without a closer look; None when somebody has to look."""
    if json:
        return lambda values, kinds: None
    if column.type in INTEGER_TYPES:
        return _integers(column)
    if column.type in TEMPORAL_TYPES:
        return lambda values, kinds: values if kinds == _STR else None
    if column.type == "enum":
        allowed = column.enum
        return lambda values, kinds: values if kinds == _STR and allowed.issuperset(values) else None
    if column.type in TEXT_TYPES:
        return _plain_texts(column)
    return lambda values, kinds: None


def _integers(column: LiveColumn) -> Settled:
    bits = INTEGER_TYPES[column.type]
    low, high = (0, 2**bits - 1) if column.unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)

    def settled(values: Column, kinds: set[type]) -> Sequence[str] | None:
        if kinds == _INT and low <= min(values) and max(values) <= high:
            return list(map(str, values))
        return None

    return settled


def _plain_texts(column: LiveColumn) -> Settled:
    """Texts of ASCII letters only: each is one byte in every character set."""
    limits = [limit for limit in (column.length, column.octets) if limit is not None]

    def settled(values: Column, kinds: set[type]) -> Sequence[str] | None:
        if kinds != _STR or not all(map(str.isascii, values)):
            return None
        return values if not limits or max(map(len, values)) <= min(limits) else None

    return settled

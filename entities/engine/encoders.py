"""A value as the canonical text of one live column (GR-11, GR-12); what the column cannot hold is a BadValue."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from entities.engine.errors import BadValue
from entities.engine.normalise import encodable
from entities.engine.schema import DECIMAL_TYPES, FLOAT_TYPES, INTEGER_TYPES, TEMPORAL_TYPES, LiveColumn
from entities.engine.values import to_json
from tracking.sentences import sentence

Encoder = Callable[[Any], str | None]


def encoder(column: LiveColumn, json: bool = False) -> Encoder:
    """A function from a value to its canonical text; raises BadValue when the column cannot hold it."""
    encode = encoder_of_value(column, json)
    if column.nullable:
        return lambda value: None if value is None else encode(value)

    def required(value: Any) -> str | None:
        if value is None:
            raise BadValue("CONSTRAINT", sentence("%(name)s may not be empty in V5", name=column.name))
        return encode(value)

    return required


def encoder_of_value(column: LiveColumn, json: bool) -> Callable[[Any], str]:
    if json:
        return lambda value: value if isinstance(value, str) else to_json(value)
    if column.type in INTEGER_TYPES:
        return _integer(column)
    if column.type in DECIMAL_TYPES | FLOAT_TYPES:
        return _decimal(column)
    if column.type in TEMPORAL_TYPES:
        return str
    if column.type == "enum":
        return _enum(column)
    return _text(column)


def _integer(column: LiveColumn) -> Callable[[Any], str]:
    bits = INTEGER_TYPES[column.type]
    low, high = (0, 2**bits - 1) if column.unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)

    def encode(value: Any) -> str:
        if not low <= value <= high:
            raise BadValue(
                "VALUE_TOO_LONG",
                sentence(
                    "%(value)s does not fit into %(name)s (%(type)s)",
                    value=value,
                    name=column.name,
                    type=column.type,
                ),
            )
        return str(value) if type(value) is int else str(int(value))

    return encode


def _decimal(column: LiveColumn) -> Callable[[Any], str]:
    scale = column.scale if column.scale is not None else 2
    quantum = Decimal(1).scaleb(-scale)
    limit = (
        Decimal(10) ** (int(column.arguments.split(",")[0]) - scale)
        if column.arguments
        else Decimal(10) ** 13
    )

    longest = len(str(limit)) - 1 + scale  # a text this long has fewer digits than the column

    def encode(value: Any) -> str:
        if (
            type(value) is Decimal
            and scale
            and (text := str(value))[-1 - scale : -scale] == "."
            and len(text) <= longest
        ):
            return text
        try:
            number = Decimal(value).quantize(quantum)
        except InvalidOperation:
            raise BadValue(
                "VALUE_TOO_LONG", sentence("%(name)s: not a number that the column holds", name=column.name)
            ) from None
        if not number.is_finite() or abs(number) >= limit:
            raise BadValue(
                "VALUE_TOO_LONG",
                sentence(
                    "%(number)s does not fit into %(name)s (%(type)s)",
                    number=number,
                    name=column.name,
                    type=column.type,
                ),
            )
        return str(number)

    return encode


def _enum(column: LiveColumn) -> Callable[[Any], str]:
    allowed = column.enum

    def encode(value: Any) -> str:
        if value not in allowed:
            raise BadValue(
                "CONSTRAINT",
                sentence(
                    "%(name)s knows %(names)s, not %(value)s",
                    name=column.name,
                    names=", ".join(sorted(allowed)),
                    value=repr(value),
                ),
            )
        return str(value)

    return encode


def _text(column: LiveColumn) -> Callable[[Any], str]:
    length, octets, charset = column.length, column.octets, column.charset

    def encode(value: Any) -> str:
        text = value if isinstance(value, str) else str(value)
        if length is not None and len(text) > length:
            raise BadValue(
                "VALUE_TOO_LONG",
                sentence(
                    "%(name)s holds %(length)s characters, the text has %(n)s",
                    name=column.name,
                    length=length,
                    n=len(text),
                ),
            )
        if text.isascii():
            if octets is not None and len(text) > octets:
                raise BadValue(
                    "VALUE_TOO_LONG",
                    sentence(
                        "%(name)s holds %(octets)s bytes, the text has %(n)s",
                        name=column.name,
                        octets=octets,
                        n=len(text),
                    ),
                )
            return text
        if charset is not None and not encodable(text, charset):
            raise BadValue(
                "TEXT_NOT_ENCODABLE",
                sentence(
                    "%(name)s is %(charset)s and cannot hold some characters",
                    name=column.name,
                    charset=column.charset,
                ),
            )
        if octets is not None and len(text.encode()) > octets:
            raise BadValue(
                "VALUE_TOO_LONG",
                sentence(
                    "%(name)s holds %(octets)s bytes, the text has more", name=column.name, octets=octets
                ),
            )
        return text

    return encode

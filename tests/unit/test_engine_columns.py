"""Whole columns become the same text as their values one by one, and are refused for the same reasons."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entities.engine import source
from entities.engine.columns import column_encoder
from entities.engine.encoders import encoder
from entities.engine.errors import BadValue
from entities.engine.schema import LiveColumn

KINDS = (
    ("tinyint", None, None, False), ("int", None, None, True), ("bigint", None, None, False), ("decimal", "8,2", None, False),
    ("double", None, None, False), ("datetime", None, None, False), ("enum", "'a','b'", None, False),
    ("varchar", "3", "latin1", False), ("varchar", "3", "utf8mb4", False), ("tinytext", None, "utf8mb3", False),
    ("text", None, None, False),
)  # fmt: skip
ODD = st.sampled_from(["a", "b", "é", "🎿", "2026-01-15"])
NUMBERS = st.one_of(st.booleans(), st.integers(-300, 2**64), st.decimals(allow_nan=False, places=3))
VALUES = st.one_of(st.none(), NUMBERS, ODD, st.text(max_size=4))


def live(kind: str, arguments: str | None, charset: str | None, unsigned: bool, nullable: bool) -> LiveColumn:
    return LiveColumn("c", kind, arguments, nullable, None, charset, unsigned, False)


def told(make: Any) -> Any:
    """What comes of it: the texts, or the code of the refusal."""
    try:
        return list(make())
    except BadValue as refusal:
        return refusal.code
    except (TypeError, AttributeError, ValueError) as fault:
        return type(fault)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind[0]} {kind[2] or ''}".strip())
@pytest.mark.parametrize("nullable", [True, False])
@given(
    values=st.one_of(
        st.lists(VALUES, max_size=4), st.lists(st.integers(-200, 300)), st.lists(st.text("abé", max_size=4))
    )
)
def test_a_column_becomes_what_its_values_become(kind: Any, nullable: bool, values: list[Any]) -> None:
    column = live(*kind, nullable)
    one = encoder(column)
    by_value = told(lambda: [one(value) for value in values])
    whole = told(lambda: column_encoder(column)(tuple(values)))
    if isinstance(by_value, list):
        assert whole == by_value
    else:
        assert not isinstance(whole, list), "what one value is refused for is refused"


def test_documents_are_encoded_once() -> None:
    encode = column_encoder(live("longtext", None, "utf8mb4", False, True), json=True)
    assert encode(({"b": Decimal("1.50"), "a": "é"}, None, "[1]")) == ['{"a":"é","b":"1.50"}', None, "[1]"]


def test_numbers_without_a_gap_are_a_range() -> None:
    assert source.one_of("t.`id`", [4, 5, 6]) == ("t.`id` BETWEEN 4 AND 6", [])
    assert source.one_of("t.`id`", [4, 6, 7]) == ("t.`id` IN (4, 6, 7)", [])
    assert source.one_of("t.`id`", [4]) == ("t.`id` IN (4)", [])
    assert source.one_of("part", ["1", "2"]) == ("part IN (%s, %s)", ["1", "2"])
    assert source.near("id", [4, 6, 7]) == ("id BETWEEN 4 AND 7", [])
    assert source.near("id", [4, 60, 70]) == ("id IN (4, 60, 70)", [])

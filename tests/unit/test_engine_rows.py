"""How rows are filled from declarations, turned into lines of a file, and numbered."""

from decimal import Decimal
from typing import Any

import pytest

from entities.engine import ids
from entities.engine.encoders import encoder
from entities.engine.errors import BadValue
from entities.engine.fields import Computed, Const, Copy, Given
from entities.engine.filling import Filling, several
from entities.engine.schema import LiveColumn
from entities.engine.source import listed
from entities.engine.vendors.mysql import _line

POSITION = {"id": 0, "price": 1, "name": 2}


def bound(**fields: Any) -> list[Any]:
    for name, field in fields.items():
        field.bind(name)
    return list(fields.values())


def test_values_come_in_the_order_of_the_fields_whatever_their_kind() -> None:
    fields = bound(
        booking=Given("V5 id"), note=Const("x"), price=Copy(), size=Computed(lambda row, env: len(row[2]), uses=("name",)),
        old_id=Copy("id"), upper=Copy("name", str.upper), school=Given("V5 id"),
    )  # fmt: skip
    filled = Filling(fields, POSITION)((7, Decimal("1.50"), "abc"), {"booking": 70, "school": 80}, None)
    assert filled == (70, "x", Decimal("1.50"), 3, 7, "ABC", 80)


def test_one_field_and_no_field_are_rows_too() -> None:
    assert Filling(bound(price=Copy()), POSITION)((7, 2, "abc"), {}, None) == (2,)
    assert Filling([], POSITION)((7, 2, "abc"), {}, None) == ()
    assert several([1])("ab") == ("b",)


def test_a_bad_value_is_raised_as_such() -> None:
    def refuse(value: Any) -> Any:
        raise BadValue("DATE_INVALID")

    with pytest.raises(BadValue, match="DATE_INVALID"):
        Filling(bound(name=Copy(convert=refuse)), POSITION)((7, 2, "abc"), {}, None)


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        (["1", "Zoé", None], "1\tZoé\t\\N\n"),
        ([None, None], "\\N\t\\N\n"),
        (["a\tb", "c"], "a\\tb\tc\n"),
        (["a\nb", None], "a\\nb\t\\N\n"),
        (["a\\b", ""], "a\\\\b\t\n"),
        (["a\rb", "N"], "a\\rb\tN\n"),
        (["a\0b", None], "a\\0b\t\\N\n"),
        (["\0", "x"], "\\0\tx\n"),
    ],
)
def test_characters_with_a_meaning_of_their_own_are_escaped_in_the_file(
    cells: list[str | None], line: str
) -> None:
    assert _line(cells) == line


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("12.50"), "12.50"), (Decimal("12.5"), "12.50"), (Decimal("-0.05"), "-0.05"), (3, "3.00"),
        (Decimal("999999.99"), "999999.99"), (Decimal("-999999.99"), "-999999.99"), (Decimal("1E+2"), "100.00"),
    ],
)  # fmt: skip
def test_amounts_are_written_with_the_scale_of_the_column(value: Any, text: str) -> None:
    assert encoder(amount())(value) == text


@pytest.mark.parametrize(
    "value", [Decimal("1000000.00"), Decimal("-1000000.00"), Decimal("999999.999"), Decimal("NaN")]
)
def test_amounts_that_the_column_cannot_hold_are_refused(value: Decimal) -> None:
    with pytest.raises((BadValue, ArithmeticError)):
        encoder(amount())(value)


def amount() -> LiveColumn:
    return LiveColumn("price", "decimal", "8,2", False, None, None, False, False)


def test_integers_of_a_list_are_written_out_and_texts_are_parameters() -> None:
    assert listed([3, 1]) == ("3, 1", [])
    assert listed(["a'b", "c"]) == ("%s, %s", ["a'b", "c"])
    assert listed([1, "2"]) == ("%s, %s", [1, "2"])


def test_ids_taken_together_are_those_taken_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = iter([(100, 103), (500, 505), (900, 950)])
    monkeypatch.setattr(ids, "reserve", lambda table, count, forecast: next(blocks))
    held = ids.ReservedIds()
    assert held.take("bookings") == 100
    assert held.take_several("bookings", 4) == [101, 102, 500, 501]
    assert held.take("bookings") == 502
    assert held.take_several("bookings", 0) == []

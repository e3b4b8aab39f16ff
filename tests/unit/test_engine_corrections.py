"""People's corrections: what a text becomes in a legacy column, and how answers reach the rows of a batch."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from entities import registry
from entities.bookings.legacy import LegacyBooking
from entities.clients.legacy import LegacyUserSport
from entities.engine import corrections
from entities.engine.errors import BadValue
from entities.engine.extract import RowBatch
from entities.operations import record
from tests import rows
from tracking.models import Correction

USERS = record.model_of("users")
BOOKINGS = record.model_of("bookings2")


@pytest.mark.parametrize(
    ("model", "column", "text", "value"),
    [
        (USERS, "first_name", "Ada", "Ada"),
        (USERS, "first_name", " Ada ", " Ada "),  # texts are taken as they are typed
        (USERS, "birth_date", "1990-02-28", "1990-02-28"),
        (USERS, "country_id", " 7 ", 7),
        (USERS, "country_id", None, None),
        (USERS, "country_id", "", None),
        (USERS, "created_at", "2024-01-02 03:04:05", "2024-01-02 03:04:05"),
        (BOOKINGS, "price_total", "12,5", Decimal("12.50")),
        (BOOKINGS, "price_total", "-3", Decimal("-3.00")),
    ],
)
def test_a_text_becomes_what_the_column_holds(model: Any, column: str, text: str | None, value: Any) -> None:
    found = corrections.parse(model, column, text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("model", "column", "text"),
    [
        (USERS, "birth_date", "28.02.1990"),
        (USERS, "birth_date", "1990-02-30"),
        (USERS, "country_id", "seven"),
        (USERS, "country_id", "9" * 30),
        (USERS, "created_at", "2024-01-02T03:04:05Z"),  # legacy times have no zone
        (USERS, "first_name", "x" * 5_000),
        (BOOKINGS, "price_total", "NaN"),
        (BOOKINGS, "price_total", "Infinity"),
        (BOOKINGS, "price_total", "1.234"),  # never rounded
        (BOOKINGS, "price_total", "1.000,00"),
        (USERS, "password", "secret"),
        (USERS, "id", "3"),
        (USERS, "no_such_column", "3"),
    ],
)
def test_what_does_not_fit_is_refused_without_repeating_it(model: Any, column: str, text: str) -> None:
    with pytest.raises(BadValue) as refusal:
        corrections.parse(model, column, text)
    assert text not in str(refusal.value).replace(column, "")


def test_a_number_that_must_be_there_cannot_be_emptied() -> None:
    with pytest.raises(BadValue, match="cannot be empty"):
        corrections.parse(LegacyUserSport, "sport_id", "")


def test_a_stored_value_that_fits_no_more_is_left_aside() -> None:
    """A schema may change under a correction; the batch goes on, and the record keeps its issue."""
    segment = registry.get("clients").segments()[0]
    stored = Correction(legacy_table="users", legacy_id=1, values={"birth_date": "soon", "first_name": "Ada"})
    assert corrections.of([stored], segment).values == {("users", 1): {"first_name": "Ada"}}


def test_answers_reach_roots_and_children_and_no_other_row() -> None:
    segment = registry.get("bookings").segments()[0]
    name, child = next(
        (name, one) for name, one in segment.children.items() if one.model._meta.db_table == "booking_users2"
    )
    roots = [rows.row(LegacyBooking, id=1, currency="CHF"), rows.row(LegacyBooking, id=2, currency="CHF")]
    lines = {1: [rows.row(child.model, id=7, currency="CHF"), rows.row(child.model, id=8, currency="CHF")]}
    answers = corrections.of(
        [
            Correction(legacy_table="bookings2", legacy_id=2, values={"currency": "EUR"}),
            Correction(legacy_table="booking_users2", legacy_id=8, values={"currency": "EUR"}),
            Correction(legacy_table="elsewhere", legacy_id=1, values={"currency": "XXX"}),
        ],
        segment,
    )
    seen = corrections.apply(RowBatch(roots, {name: lines}), answers)
    assert [row.currency for row in seen.roots] == ["CHF", "EUR"]
    assert [row.currency for row in seen.children[name][1]] == ["CHF", "EUR"]
    assert [row.currency for row in roots] == ["CHF", "CHF"]  # what was read stays as it was


def test_a_child_that_is_left_out_leaves_the_others() -> None:
    segment = registry.get("bookings").segments()[0]
    name, child = next(
        (name, one) for name, one in segment.children.items() if one.model._meta.db_table == "booking_users2"
    )
    lines = {1: [rows.row(child.model, id=7), rows.row(child.model, id=8)]}
    batch = RowBatch(
        [rows.row(LegacyBooking, id=1)], {**{other: {} for other in segment.children}, name: lines}
    )
    answers = corrections.of(
        [Correction(legacy_table="booking_users2", legacy_id=8, skip=True, reason="twice")], segment
    )
    left, out = corrections.leave_out(batch, segment, answers)
    assert [row.id for row in left.children[name][1]] == [7]
    assert [(entity, row.id) for entity, row in out[1]] == [(child.entity, 8)]


def test_the_second_answer_wins() -> None:
    first = corrections.Answers({("users", 1): {"email": "a"}}, {("users", 2): "twice"})
    second = corrections.Answers({("users", 1): {"email": "b"}}, {})
    merged = corrections.merged(first, second)
    assert merged.values == {("users", 1): {"email": "b"}} and merged.skips == {("users", 2): "twice"}

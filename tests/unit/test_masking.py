"""Personal data is hidden by column, secrets from everybody, and what is missing stays visible."""

from __future__ import annotations

from typing import Any

import pytest

from tracking.masking import HIDDEN, masked, masked_issue

ROW = {
    "id": 7, "first_name": "Ada", "email": "", "phone": None, "password": "hash", "user_type": "2",
    "notes": "allergic", "name": "Ada L.",
}  # fmt: skip


def test_personal_columns_are_hidden_and_empty_ones_are_not() -> None:
    assert masked(ROW, "users") == {
        "id": 7, "first_name": HIDDEN, "email": "", "phone": None, "password": HIDDEN, "user_type": "2",
        "notes": HIDDEN, "name": HIDDEN,
    }  # fmt: skip


def test_who_may_see_people_still_sees_no_secrets() -> None:
    shown = masked(ROW, "users", personal=True)
    assert (shown["first_name"], shown["notes"], shown["password"]) == ("Ada", "allergic", HIDDEN)


def test_the_name_of_a_thing_is_not_personal() -> None:
    assert masked({"name": "Val Chamois"}, "schools") == {"name": "Val Chamois"}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"a": {"email": "x@y.zz"}}, {"a": {"email": HIDDEN}}),
        ([{"iban": "CH93"}], [{"iban": HIDDEN}]),
        (None, None),
        ("text", "text"),
    ],
)
def test_nested_payloads_are_masked_all_the_way(payload: Any, expected: Any) -> None:
    assert masked(payload) == expected


def test_the_offending_value_of_an_issue_is_masked_by_its_field() -> None:
    payload = {"row": {"email": "x", "id": 1}, "value": "x"}
    assert masked_issue(payload, "users", "email") == {"row": {"email": HIDDEN, "id": 1}, "value": HIDDEN}
    assert masked_issue({"row": {}, "value": 9}, "users", "user_type")["value"] == 9

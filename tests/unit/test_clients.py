"""Clients, their memberships and levels (4.12.1 to 4.12.3)."""

from __future__ import annotations

from typing import Any

import pytest

from entities.clients.legacy import (
    LegacyUserSport,
)
from entities.users.activity import Booked
from tests.persons import client_moved as moved
from tests.persons import link, of, one, person
from tests.rows import row, values, warnings


def level(key: int, school: int | None = 3, **given: Any) -> Any:
    return row(
        LegacyUserSport,
        id=key,
        user_id=1,
        **{"sport_id": 1, "school_id": school, "degree_id": 8, "is_default": 1, **given},
    )


# The client


def test_a_client_keeps_particulars_and_finds_the_account():
    root = person(
        1,
        email=" A@B.ch",
        phone="1",
        telephone="2",
        address="Rue 1",
        cp="1000",
        city="Bex",
        language1_id=None,
    )
    written = values(one(moved(root, user={1: 11}), "client", 1))
    assert (written["email"], written["user_id"], written["old_id"]) == ("a@b.ch", 11, 1)
    assert [written[name] for name in ("phone", "telephone", "address", "cp", "city")] == [
        "1",
        "2",
        "Rue 1",
        "1000",
        "Bex",
    ]
    assert (written["country"], written["province"], written["image"]) == (None, None, "")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"birth_date": "0000-00-00"}, "BIRTH_DATE_UNKNOWN"),
        ({"email": "a@@b"}, "EMAIL_INVALID"),
        ({"country_id": 9}, "COUNTRY_UNKNOWN"),
        ({"province_id": 9}, "PROVINCE_UNKNOWN"),
        ({"language2_id": 9}, "LANGUAGE_UNKNOWN"),
        ({"image": "data:image/gif;base64,#"}, "IMAGE_UNREADABLE"),
        ({"first_name": "", "last_name": " "}, "NAME_UNKNOWN"),
        ({"created_at": "nonsense"}, "DATE_INVALID"),
    ],
)
def test_what_cannot_move_is_flagged_and_kept(given, code):
    entry = one(moved(person(1, **given), user={1: 11}), "client", 1)
    assert code in warnings(entry)
    assert entry.values is not None


def test_an_unknown_birth_date_is_a_flagged_sentinel():
    assert values(one(moved(person(1, birth_date=None)), "client", 1))["birth_date"] == "1900-01-01"


def test_a_client_whose_account_is_missing_is_looked_at_again():
    assert one(moved(person(1)), "client", 1).additional["recheck"] is True
    assert one(moved(person(1, email="")), "client", 1).additional is None


def test_other_people_who_book_become_clients():
    entries = moved(person(1, 3), bookings={1: {3: Booked(1, "2023-01-01 00:00:00")}}, user={1: 11})
    assert (one(entries, "client", 1).disposition, one(entries, "client", 1).reason) == (
        "synthesised",
        "CLIENT_FROM_OTHER_TYPE",
    )
    assert of(entries, "client_school") == [(0, "1:3", "synthesised", "MEMBERSHIP_FROM_BOOKING")]


# Memberships


def test_memberships_are_accepted_when_they_began():
    written = values(
        one(
            moved(person(1), memberships=[link(5, 1, status_updated_at="2023-01-01 00:00:00")]),
            "client_school",
            5,
        )
    )
    assert (written["school_id"], written["accepted_at"], written["deleted_at"]) == (
        30,
        "2021-01-01 08:00:00",
        None,
    )
    assert written["status_updated_at"] == "2023-01-01 00:00:00"


@pytest.mark.parametrize(
    ("choice", "disposition", "deleted"),
    [
        ("keep", "migrated", None),
        ("soft_delete", "migrated", "2022-01-01 08:00:00"),
        ("skip", "skipped", None),
    ],
)
def test_inactive_memberships(choice, disposition, deleted):
    entries = moved(
        person(1), memberships=[link(5, 1, active_school=0)], choices={"Q-17": {None: {"clients": choice}}}
    )
    entry = one(entries, "client_school", 5)
    assert entry.disposition == disposition
    if disposition == "migrated":
        assert values(entry)["deleted_at"] == deleted


def test_one_membership_per_school_the_active_one_first():
    entries = moved(
        person(1),
        memberships=[link(5, 1, active_school=0), link(6, 1), link(7, 1, 99), link(8, 1, 4)],
        left_out=frozenset({4}),
    )
    assert of(entries, "client_school") == [
        (6, "", "migrated", ""), (7, "", "rejected", "SCHOOL_UNKNOWN"),
        (8, "", "skipped", "OUT_OF_SCOPE_SCHOOL"), (5, "", "merged", ""),
    ]  # fmt: skip


def test_memberships_are_added_for_the_strongest_cause_of_each_school():
    facts = {"of_mains": {1: {3: "2022-01-01 00:00:00", 4: None}}, "of_vouchers": {1: {4: None, 99: None}}}
    entries = moved(
        person(1), bookings={1: {3: Booked(2, "2021-05-05 00:00:00")}}, facts=facts, levels=[level(9, 4)]
    )
    assert of(entries, "client_school") == [
        (0, "1:3", "synthesised", "MEMBERSHIP_FROM_BOOKING"), (0, "1:4", "synthesised", "MEMBERSHIP_FROM_MAIN"),
    ]  # fmt: skip
    first, second = (values(entry) for entry in entries if entry.entity == "client_school")
    assert (first["accepted_at"], first["created_at"]) == ("2021-05-05 00:00:00", "2021-05-05 00:00:00")
    assert (second["accepted_at"], second["created_at"]) == ("2020-01-01 08:00:00", None)


def test_a_voucher_makes_a_member_and_a_level_one_that_nobody_accepted():
    entries = moved(person(1), facts={"of_vouchers": {1: {3: None}}}, levels=[level(9, 4)])
    assert [reason for *_, reason in of(entries, "client_school")] == [
        "MEMBERSHIP_FROM_VOUCHER",
        "MEMBERSHIP_FROM_LEVEL",
    ]
    assert [values(entry)["accepted_at"] is None for entry in entries if entry.entity == "client_school"] == [
        False,
        True,
    ]


def test_what_legacy_says_needs_no_addition():
    entries = moved(person(1), memberships=[link(5, 1)], bookings={1: {3: Booked(1, None)}})
    assert of(entries, "client_school") == [(5, "", "migrated", "")]


# Levels


def test_a_level_names_the_schools_own_degree():
    entry = one(
        moved(person(1), memberships=[link(5, 1)], levels=[level(9, deleted_at="2024-01-01 00:00:00")]),
        "client_sport",
        9,
    )
    written = values(entry)
    assert (written["school_id"], written["sport_id"], written["degree_id"]) == (30, 10, 800)
    assert (written["deleted_at"], entry.additional, entry.school_id) == (
        "2024-01-01 00:00:00",
        {"kept": {"is_default": 1}},
        3,
    )


@pytest.mark.parametrize(
    ("given", "expected", "flags"),
    [
        ({"degree_id": 99}, "migrated", ["DEGREE_UNKNOWN"]),
        ({"school_id": 4}, "migrated", ["DEGREE_DUPLICATE"]),
        ({"sport_id": 99}, "rejected", []),
        ({"school_id": 99}, "rejected", []),
    ],
)
def test_levels_that_something_is_wrong_with(given, expected, flags):
    entry = one(
        moved(
            person(1),
            levels=[level(9, **given)] if "school_id" not in given else [level(9, given["school_id"])],
        ),
        "client_sport",
        9,
    )
    assert (entry.disposition, warnings(entry)) == (expected, flags)


def test_a_level_without_school_holds_for_each_school():
    links = [link(5, 1), link(6, 1, 4), link(7, 1, 99)]
    entries = moved(person(1), memberships=links, levels=[level(9, None)])
    assert of(entries, "client_sport") == [(9, "3", "split", ""), (9, "4", "split", "")]
    entries = moved(person(1), memberships=links, levels=[level(9, None), level(10, 3)])
    assert of(entries, "client_sport") == [(9, "4", "migrated", ""), (10, "", "migrated", "")]


def test_a_level_that_is_covered_is_merged():
    entries = moved(person(1), memberships=[link(5, 1)], levels=[level(9, None), level(10, 3)])
    assert of(entries, "client_sport") == [(10, "", "migrated", ""), (9, "", "merged", "")]


def test_a_level_of_somebody_without_school_goes_to_added_ones_or_nowhere():
    entries = moved(person(1), levels=[level(9, None)], bookings={1: {3: Booked(1, None)}})
    assert of(entries, "client_sport") == [(9, "3", "migrated", "")]
    assert of(moved(person(1), levels=[level(9, None)]), "client_sport") == [(9, "", "skipped", "NO_TARGET")]


def test_levels_of_schools_that_do_not_move():
    entries = moved(
        person(1), memberships=[link(5, 1, 4)], levels=[level(9, 4), level(10, None)], left_out=frozenset({4})
    )
    assert of(entries, "client_sport") == [
        (9, "", "skipped", "OUT_OF_SCOPE_SCHOOL"),
        (10, "", "skipped", "OUT_OF_SCOPE_SCHOOL"),
    ]

"""Families, and stand-ins for people nobody knows (4.12.4, Q-35)."""

from __future__ import annotations

from typing import Any

import pytest

from entities.clients.legacy import (
    LegacyUserGroup,
)
from entities.clients.links import ClientLinkMigration, Families
from entities.clients.placeholders import PlaceholderClientMigration
from entities.engine.environment import MapEntry
from entities.schools.legacy import LegacySchool
from tests.rows import environment, outcome, row, transformed, values, warnings

# Families


def pair(key: int, main: int, dependant: int) -> Any:
    return row(LegacyUserGroup, id=key, user_main_id=main, user_secondary_id=dependant)


def linked(root: Any, *others: Any, schools: Any = None, rejected: int = 0) -> list[Any]:
    families = Families()
    for one_link in sorted([root, *others], key=lambda one: one.id):
        families.add(one_link)
    families.clients = {
        key: MapEntry(key, "clients", None if key == rejected else key * 10, "", "", "", "", None, None)
        for key in (1, 2, 3)
    }
    known = {key: entry.v5_id for key, entry in families.clients.items() if entry.v5_id}
    return transformed(
        ClientLinkMigration(), environment(facts=families, client=known, schools=schools), root
    )


def test_a_family_link_joins_two_clients():
    entry = linked(pair(5, 1, 2))[0]
    assert (values(entry)["main_id"], values(entry)["client_id"], warnings(entry)) == (10, 20, [])


@pytest.mark.parametrize(
    ("link_", "options", "expected"),
    [
        (pair(5, 1, 1), {}, [("client_utilizer", 5, "", "skipped", "SELF_LINK")]),
        (pair(5, 1, 99), {}, [("client_utilizer", 5, "", "rejected", "UTILIZER_NOT_CLIENT")]),
        (
            pair(5, 99, 2),
            {"schools": frozenset({3})},
            [("client_utilizer", 5, "", "skipped", "OUT_OF_SCOPE_SCHOOL")],
        ),
        (pair(5, 1, 2), {"rejected": 2}, [("client_utilizer", 5, "", "rejected", "PERSON_REJECTED")]),
    ],
    ids=["self", "no client", "other school", "rejected"],
)
def test_links_that_cannot_move(link_, options, expected):
    assert outcome(linked(link_, **options)) == expected


def test_the_lowest_of_equal_links_speaks_for_all():
    assert [(key, what) for _, key, _, what, _ in outcome(linked(pair(5, 1, 2), pair(6, 1, 2)))] == [
        (5, "migrated"),
        (6, "merged"),
    ]
    assert linked(pair(6, 1, 2), pair(5, 1, 2)) == []
    assert [entry.reason for entry in linked(pair(5, 1, 99), pair(6, 1, 99))] == ["UTILIZER_NOT_CLIENT"] * 2


def test_several_mains_and_cycles_are_flagged():
    assert warnings(linked(pair(5, 1, 2), pair(6, 3, 2), pair(7, 2, 2))[0]) == ["SEVERAL_MAINS"]
    assert warnings(linked(pair(5, 1, 2), pair(6, 2, 1))[0]) == ["UTILIZER_CYCLE"]


# Stand-ins


def stand_in(needed: set[int], choices: Any = None, existing: Any = None) -> list[Any]:
    env = environment(choices, facts=needed, school={3: 30})
    env.existing |= existing or {}
    return transformed(PlaceholderClientMigration(), env, row(LegacySchool, id=3, name="École"))


def test_a_school_with_unknown_people_gets_one_stand_in():
    client, member = stand_in({3})
    assert (client.legacy_id, client.part, client.reason, client.school_id) == (
        0,
        "placeholder:3",
        "PLACEHOLDER_CLIENT",
        3,
    )
    assert (values(client)["last_name"], values(client)["birth_date"]) == ("client, École", "1900-01-01")
    assert (values(member)["client_id"], values(member)["school_id"]) == (client.v5_id, 30)


def test_no_stand_in_without_need_or_when_chosen():
    assert stand_in(set()) == []
    assert stand_in({3}, {"Q-35": {None: "reject"}}) == []


def test_a_stand_in_stays_once_it_is_there():
    known = {
        ("client", 0, "placeholder:3"): MapEntry(
            1, "clients", 77, "synthesised", "PLACEHOLDER_CLIENT", "", "", None, None
        )
    }
    assert stand_in(set(), existing=known)[0].v5_id == 77

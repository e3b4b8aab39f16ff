"""Clients and what belongs to them, their families and their stand-ins (4.12)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from entities.clients.facts import ClientFacts
from entities.clients.legacy import (
    LegacyBlock,
    LegacyEvaluation,
    LegacyEvaluationFile,
    LegacyEvaluationGoal,
    LegacyUserChild,
    LegacyUserGroup,
    LegacyUserObservation,
    LegacyUserSport,
)
from entities.clients.links import ClientLinkMigration, Families
from entities.clients.migration import ClientMigration
from entities.clients.placeholders import PlaceholderClientMigration
from entities.degrees.resolver import Degrees
from entities.engine.environment import MapEntry
from entities.schools.legacy import LegacySchool
from entities.users import people
from entities.users.activity import Booked
from tests.rows import environment, outcome, row, transformed, values, warnings
from tests.unit.test_users import link, one, person

PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs="
DEGREES = Degrees({(3, 1, 8): [80], (4, 1, 8): [81, 82]}, {80: 800, 81: 801}, {}, frozenset({8}))


def moved(root: Any, *, choices: Any = None, schools: Any = None, user: dict[int, int] | None = None, facts: Any = None,
          bookings: Any = None, left_out: frozenset[int] = frozenset(), **children: list[Any]) -> list[Any]:  # fmt: skip
    """The entries of one person; schools 3 and 4 are 30 and 40 in V5, sport 1 is 10, level 8 is known."""
    memberships = {root.id: children.get("memberships", [])}
    found = ClientFacts(
        people.People(defaultdict(dict, bookings or {}), memberships, left_out=left_out),
        DEGREES,
        **(facts or {}),
    )
    env = environment(choices, facts=found, school={3: 30, 4: 40}, sport={1: 10}, degree={80: 800}, degree_goal={6: 60},
                      user={} if user is None else user, schools=schools)  # fmt: skip
    return transformed(ClientMigration(), env, root, **children)


def level(key: int, school: int | None = 3, **given: Any) -> Any:
    return row(
        LegacyUserSport,
        id=key,
        user_id=1,
        **{"sport_id": 1, "school_id": school, "degree_id": 8, "is_default": 1, **given},
    )


def note(key: int, **given: Any) -> Any:
    return row(LegacyUserObservation, id=key, user_id=1, **{"general": "Asthma", **given})


def of(entries: list[Any], entity: str) -> list[tuple[int, str, str, str]]:
    return [
        (key, part, disposition, reason)
        for name, key, part, disposition, reason in outcome(entries)
        if name == entity
    ]


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


# Notes and blocks


def test_notes_go_to_one_school_and_blank_ones_nowhere():
    entries = moved(
        person(1), memberships=[link(5, 1)], notes=[note(7), note(8, general=" ", notes=None, historical="")]
    )
    assert of(entries, "client_observation") == [(7, "", "migrated", ""), (8, "", "skipped", "EMPTY")]
    assert values(one(entries, "client_observation", 7))["school_id"] == 30


def test_a_note_of_somebody_without_school_waits_for_a_person():
    assert of(moved(person(1), notes=[note(7)]), "client_observation") == [
        (7, "", "rejected", "NOTE_WITHOUT_SCHOOL")
    ]


def test_a_note_of_a_school_that_does_not_move_stays():
    entries = moved(person(1), memberships=[link(5, 1)], notes=[note(7)], schools=frozenset({4}))
    assert of(entries, "client_observation") == [(7, "", "skipped", "OUT_OF_SCOPE_SCHOOL")]


def block(key: int, school: int = 3, **given: Any) -> Any:
    return row(
        LegacyBlock,
        id=key,
        client_id=1,
        school_id=school,
        **{"reason": "Debts", "created_at": "2024-02-03 00:00:00", **given},
    )


def test_the_reason_of_a_block_joins_the_first_note_of_its_school():
    entries = moved(
        person(1),
        memberships=[link(5, 1)],
        notes=[note(7, notes="Late"), note(8, notes="x")],
        blocks=[block(4)],
    )
    assert values(one(entries, "client_observation", 7))["notes"] == "Late\nBlocked on 2024-02-03: Debts"
    assert values(one(entries, "client_observation", 8))["notes"] == "x"
    merged = one(entries, "archive:blocks", 4)
    assert (merged.v5_id, warnings(merged)) == (
        one(entries, "client_observation", 7).v5_id,
        ["CLIENT_BLOCKED"],
    )


@pytest.mark.parametrize("notes", [[], [{"notes": "x" * 4_990}]], ids=["no note", "no room"])
def test_a_block_without_room_becomes_a_note(notes):
    rows = [note(7, **given) for given in notes]
    entries = moved(
        person(1), memberships=[link(5, 1)], notes=rows, blocks=[block(4, reason=None, created_at=None)]
    )
    added = one(entries, "client_observation", 0, "block:1:3")
    assert (added.disposition, added.reason, values(added)["notes"]) == (
        "synthesised",
        "NOTE_FROM_BLOCK",
        "Blocked: no reason given",
    )


def test_lifted_and_foreign_blocks_are_archived():
    blocks = [block(4, deleted_at="2024-05-05 00:00:00"), block(6, 4), block(8, 3)]
    entries = moved(person(1), memberships=[link(5, 1)], blocks=blocks, schools=frozenset({4}))
    assert of(entries, "archive:blocks") == [
        (4, "", "skipped", "OUT_OF_SCOPE_SCHOOL"), (6, "", "skipped", "NO_TARGET"), (8, "", "skipped", "OUT_OF_SCOPE_SCHOOL"),
    ]  # fmt: skip
    entries = moved(person(1), memberships=[link(5, 1)], blocks=blocks[:1])
    assert one(entries, "archive:blocks", 4).archive["reason"] == "Debts"


# Evaluations


def evaluation(key: int, **given: Any) -> Any:
    return row(
        LegacyEvaluation,
        id=key,
        user_id=1,
        **{"degrees_school_sport_id": 80, "observations": "Good", **given},
    )


def goal(key: int, goal_id: int = 6) -> Any:
    return row(LegacyEvaluationGoal, id=key, evaluation_id=7, degrees_school_sport_goals_id=goal_id)


def file(key: int, image: str | None = PIXEL) -> Any:
    return row(LegacyEvaluationFile, id=key, evaluation_id=7, image=image)


def test_an_evaluation_moves_with_goals_and_pictures():
    entries = moved(
        person(1), evaluations=[evaluation(7)], goals=[goal(8), goal(9, 99)], files=[file(5), file(6, " ")]
    )
    written = one(entries, "evaluation", 7)
    assert (values(written)["degree_id"], values(one(entries, "evaluation_goal", 8))["score"]) == (800, 10)
    assert one(entries, "evaluation_goal", 9).reason == "PARENT_REJECTED"
    picture = values(one(entries, "evaluation_file", 5))
    assert (picture["type"], picture["name"].split(".")[-1], picture["evaluation_id"]) == (
        "image",
        "gif",
        written.v5_id,
    )
    assert one(entries, "evaluation_file", 6).reason == "EMPTY"


def test_the_score_of_a_goal_is_a_choice():
    entries = moved(person(1), evaluations=[evaluation(7)], goals=[goal(8)], choices={"Q-22": {None: 5}})
    assert values(one(entries, "evaluation_goal", 8))["score"] == 5


def test_a_damaged_picture_leaves_its_file_empty():
    entries = moved(person(1), evaluations=[evaluation(7)], files=[file(5, "data:image/gif;base64,#")])
    assert (
        values(one(entries, "evaluation_file", 5))["file"],
        warnings(one(entries, "evaluation_file", 5)),
    ) == (None, ["IMAGE_UNREADABLE"])


def test_an_evaluation_without_anything_in_it_is_left_out():
    entries = moved(person(1), evaluations=[evaluation(7, observations=" ")], files=[file(5, "")])
    assert {entry.reason for entry in entries if entry.entity.startswith("evaluation")} == {"EMPTY"}


def test_goals_alone_are_enough():
    assert (
        one(
            moved(person(1), evaluations=[evaluation(7, observations=None)], goals=[goal(8)]), "evaluation", 7
        ).disposition
        == "migrated"
    )


def test_an_evaluation_of_an_unknown_level_takes_its_parts_along():
    entries = moved(
        person(1), evaluations=[evaluation(7, degrees_school_sport_id=99)], goals=[goal(8)], files=[file(5)]
    )
    assert one(entries, "evaluation", 7).reason == "DEGREE_UNKNOWN"
    assert (
        one(entries, "evaluation_goal", 8).reason
        == one(entries, "evaluation_file", 5).reason
        == "PARENT_REJECTED"
    )


def test_evaluations_of_schools_that_do_not_move():
    entries = moved(
        person(1),
        evaluations=[evaluation(7)],
        goals=[goal(8)],
        facts={"school_of_degree": {80: 4}},
        left_out=frozenset({4}),
    )
    assert {entry.reason for entry in entries if entry.entity.startswith("evaluation")} == {
        "OUT_OF_SCOPE_SCHOOL"
    }


def test_declared_children_are_archived():
    entries = moved(person(1), children=[row(LegacyUserChild, id=4, user_id=1, name="Mia")])
    assert one(entries, "archive:user_childrens", 4).archive["name"] == "Mia"


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

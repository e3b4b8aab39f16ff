"""What accounts, clients and monitors of one person share: names, dates, countries, scope, levels, notes."""

from __future__ import annotations

from typing import Any

import pytest

from entities.clients.legacy import LegacyUserSport
from entities.engine.errors import BadValue, Refused
from entities.reference import v5_countries
from entities.reference.geography import Places
from entities.users import levels, name_order, notes, people
from entities.users.activity import Booked
from entities.users.clusters import Clusters, address_of
from entities.users.facts import UserFacts
from entities.users.scope import any_of_them_where, people_where
from tests.persons import link, person
from tests.rows import environment, row
from tracking.choices import Choices


def facts_env(**given: Any) -> Any:
    return environment(
        given.pop("choices", None), facts=UserFacts(people.People(**given)), school={3: 30, 4: 40}
    )


def test_names_are_exchanged_for_persons_of_reversed_schools():
    env = facts_env(reversed=frozenset({1}))
    assert people.name_of(person(1), env) == ("Last1", "First1")
    assert people.name_of(person(2), env) == ("First2", "Last2")


def test_the_school_with_most_bookings_decides_then_the_lowest_membership():
    found = people.People(
        bookings={1: {4: Booked(2, None), 3: Booked(2, None), 9: Booked(1, None)}},
        memberships={2: [link(5, 2, 8), link(6, 2, 4)]},
    )
    assert [found.main_school(one) for one in (1, 2, 3)] == [3, 4, None]


@pytest.mark.parametrize(
    ("answer", "pairs", "school", "reversed_"),
    [
        ("probe", {3: (6, 4)}, 3, True),
        ("probe", {3: (59, 41)}, 3, False),
        ("probe", {3: (0, 0)}, 3, False),
        ("probe", {3: (6, 4), 4: (0, 9)}, None, False),
        ("probe", {4: (9, 0)}, 3, False),
        ("swap", {}, 3, True),
        ("keep", {3: (9, 0)}, 3, False),
    ],
)
def test_the_name_order_is_probed_per_school_unless_told(answer, pairs, school, reversed_):
    choices = Choices.defaults().with_values({"Q-08": {None: answer}})
    assert name_order.is_reversed(choices, name_order.Probe(pairs), school) is reversed_


@pytest.mark.parametrize("value", [None, "", "0000-00-00", "1850-01-01", "1900-01-01", "2030-01-01"])
def test_unknown_birth_dates(value):
    env = facts_env()
    with pytest.raises(BadValue, match=".") as caught:
        people.birth_date(person(1, birth_date=value), env)
    assert caught.value.code == "BIRTH_DATE_UNKNOWN"
    assert people.unknown_birth_date(person(1), env) == "1900-01-01"
    assert people.unknown_birth_date(person(1), facts_env(choices={"Q-06": {None: "null"}})) is None


def test_countries_go_through_the_operators_list():
    env = facts_env(places=Places({5: "Suisse"}, {}, {5: "CH", 6: "FR"}), countries={"CH": 41})
    assert people.country(person(1, country_id=5), env) == 41
    assert people.country(person(1, country_id=None), env) is None
    for unknown in (6, 7):
        with pytest.raises(BadValue) as caught:
            people.country(person(1, country_id=unknown), env)
        assert caught.value.code == "COUNTRY_UNKNOWN"


def test_the_list_of_countries_is_read_and_checked(settings, tmp_path):
    settings.V5_COUNTRIES = ""
    assert v5_countries.load() == {}
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text('{"ch ": "41"}')
    bad.write_text("[1]")
    settings.V5_COUNTRIES = str(good)
    assert v5_countries.load() == {"CH": 41}
    settings.V5_COUNTRIES = str(bad)
    with pytest.raises(Refused, match="V5_COUNTRIES"):
        v5_countries.load()


@pytest.mark.parametrize(
    ("raw", "address"), [(" A@B.CH", "a@b.ch"), ("a@@b", None), (None, None), ("", None)]
)
def test_addresses_are_compared_normalised(raw, address):
    assert address_of(raw) == address


def test_the_anchor_is_the_lowest_id_in_scope():
    assert Clusters({}, None).anchor([4, 7]) == 4
    assert Clusters({}, frozenset({7})).anchor([4, 7]) == 7
    assert Clusters({}, frozenset()).anchor([4, 7]) == 4
    assert Clusters({}, frozenset()).anchor([4]) == 4


def test_scope_reaches_members_payers_participants_owners_and_teachers():
    assert people_where(environment().scope) == ""
    assert any_of_them_where("t.a", environment().scope) == ""
    sql = people_where(environment(schools=frozenset({3})).scope)
    assert all(
        f"{table} x" in sql for table in ("user_schools", "bookings2", "vouchers", "user_sports", "courses2")
    )
    assert "x.user_id IN (t.a, t.b) AND x.school_id IN (3)" in any_of_them_where(
        "t.a, t.b", environment(schools=frozenset({3})).scope
    )


# Levels and notes, shared by clients and monitors


def level(key: int, school: int | None = 3, **given: Any) -> Any:
    return row(
        LegacyUserSport,
        id=key,
        user_id=1,
        school_id=school,
        sport_id=1,
        **{"updated_at": "2024-01-01 00:00:00", **given},
    )


def test_a_level_without_school_holds_where_no_own_row_is():
    plan = levels.plan([level(1, None), level(2, 3, deleted_at="2024-01-01 00:00:00")], [3, 4])
    assert dict(plan.wins) == {1: [(4, 1)], 2: [(3, 1)]}
    assert plan.part(level(1, None), (4, 1)) == "4"
    assert plan.disposition(level(1, None)) == "migrated"


@pytest.mark.parametrize(
    ("rivals", "winner"),
    [
        ([level(1), level(2, updated_at="2025-01-01 00:00:00")], 2),
        ([level(1), level(2, updated_at="2025-01-01 00:00:00", deleted_at="2025-01-01 00:00:00")], 1),
        ([level(1), level(2)], 1),
    ],
    ids=["latest", "alive", "lowest"],
)
def test_of_several_levels_one_wins(rivals, winner):
    assert levels.plan(rivals, [])
    assert levels.plan(rivals, []).winners[3, 1].id == winner


def test_without_any_school_a_level_has_no_place_but_its_sport():
    plan = levels.plan([level(1, None)], [])
    assert plan.places[1] == [(None, 1)]
    assert plan.part(level(1, None), (None, 1)) == ""


@pytest.mark.parametrize(
    ("answer", "busy", "school"),
    [
        ("most_bookings", {3: Booked(1, None), 4: Booked(5, None), 99: Booked(9, None)}, 4),
        ("most_bookings", {3: Booked(2, None), 4: Booked(2, None)}, 3),
        ("most_bookings", {}, 4),
        ("latest_membership", {3: Booked(9, None)}, 4),
        ("reject", {3: Booked(9, None)}, None),
    ],
)
def test_a_note_goes_to_one_school(answer, busy, school):
    links = [
        link(5, 1, 3),
        link(6, 1, 4, updated_at="2025-01-01 00:00:00"),
        link(7, 1, 99, updated_at="2026-01-01 00:00:00"),
    ]
    env = facts_env(choices={"Q-21": {None: answer}}, memberships={1: links})
    assert notes.school_of(1, busy, env) == school


def test_a_note_of_somebody_without_school_has_none():
    assert notes.school_of(1, {}, facts_env()) is None

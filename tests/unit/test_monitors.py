"""Monitors with memberships, levels, absences and notes (4.13)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from entities.clients.legacy import LegacyUserObservation, LegacyUserSport
from entities.degrees.legacy import LegacyDegreeSchoolSport
from entities.degrees.resolver import Degrees
from entities.monitors.facts import MonitorFacts
from entities.monitors.legacy import LegacyAuthorizedDegree, LegacyUserWorkDetail
from entities.monitors.migration import MonitorMigration
from entities.reference.geography import Places
from entities.users import people
from entities.users.activity import Booked
from tests.persons import link, of, one, person
from tests.rows import environment, row, transformed, values, warnings

# Level 8 is 800 at school 3 and 801 at school 4, level 9 is 900 at school 3; the default list has level 8 as 888.
DEGREES = Degrees(
    {(3, 1, 8): [80], (4, 1, 8): [81], (3, 1, 9): [90]}, {80: 800, 81: 801, 90: 900}, {}, frozenset({8, 9})
)
NAMED = {
    key: row(LegacyDegreeSchoolSport, id=key, school_id=school, sport_id=1, degree_id=degree)
    for key, school, degree in ((80, 3, 8), (81, 4, 8), (90, 3, 9))
}


def moved(*, choices: Any = None, schools: Any = None, root: Any = None, taught: Any = None, user: dict[int, int] | None = None,
          left_out: frozenset[int] = frozenset(), **children: list[Any]) -> list[Any]:  # fmt: skip
    """The entries of monitor 1; schools 3 and 4 are 30 and 40 in V5, sport 1 is 10, station 6 is 60."""
    places = Places({5: "Suisse"}, {}, {5: "CH"})
    persons = people.People(
        defaultdict(dict), {1: children.get("memberships", [])}, left_out=left_out, places=places
    )
    persons.countries = {"CH": 41}
    found = MonitorFacts(
        persons, DEGREES, NAMED, {(1, 8): 888}, {70: (3, 700), 71: (4, 701)}, {1: taught or {}},
    )  # fmt: skip
    env = environment(
        choices,
        facts=found,
        school={3: 30, 4: 40},
        sport={1: 10},
        station={6: 60},
        user=user or {1: 11},
        schools=schools,
    )
    return transformed(MonitorMigration(), env, root or person(1, 3), **children)


# The monitor


def work(key: int, **given: Any) -> Any:
    return row(LegacyUserWorkDetail, id=key, user_id=1, **given)


def test_the_latest_work_details_count():
    older, latest = (
        work(4, updated_at="2022-01-01 00:00:00"),
        work(3, updated_at="2024-01-01 00:00:00", avs="756", country_id=5),
    )
    entries = moved(work=[older, latest])
    written = values(one(entries, "monitor", 1))
    assert (written["avs"], written["world_country"], written["user_id"], written["active"]) == (
        "756",
        41,
        11,
        1,
    )
    assert of(entries, "archive:user_work_details") == [
        (3, "", "merged", ""),
        (4, "", "skipped", "NO_TARGET"),
    ]
    assert "avs" not in one(entries, "archive:user_work_details", 4).archive, "no secrets in the archive"


def test_an_unknown_country_of_the_work_details_is_kept():
    entry = one(moved(work=[work(3, country_id=9)]), "monitor", 1)
    assert (values(entry)["world_country"], warnings(entry)) == (None, ["COUNTRY_UNKNOWN"])
    assert entry.additional["world_country"] == 9


def test_a_monitor_without_anything():
    written = values(
        one(moved(root=person(1, 3, email="", active=0, deleted_at="1"), user={9: 9}), "monitor", 1)
    )
    assert (written["active_school"], written["active_station"], written["avs"], written["active"]) == (
        None,
        None,
        None,
        0,
    )
    assert (written["email"], written["user_id"], written["deleted_at"]) == (
        None,
        None,
        "2024-01-01 08:00:00",
    )


def test_a_monitor_whose_account_is_missing_is_looked_at_again():
    assert one(moved(user={9: 9}), "monitor", 1).additional == {"recheck": True}


def test_the_active_school_is_that_of_the_latest_active_membership():
    links = [link(5, 1, 3, station_id=6), link(6, 1, 4, updated_at="2021-01-01 00:00:00"), link(7, 1, 99)]
    written = values(one(moved(memberships=links), "monitor", 1))
    assert (written["active_school"], written["active_station"]) == (30, 60)


# Memberships


def test_memberships_keep_station_flag_and_dates():
    links = [
        link(5, 1, 3, station_id=6),
        link(6, 1, 4, active_school=0, station_id=99, status_updated_at="2024-04-01 08:00:00"),
    ]
    entries = moved(memberships=links)
    active, inactive = values(one(entries, "monitor_school", 5)), values(one(entries, "monitor_school", 6))
    assert (active["station_id"], active["active_school"], active["accepted_at"]) == (
        60,
        1,
        "2021-01-01 08:00:00",
    )
    assert (inactive["station_id"], inactive["active_school"], inactive["accepted_at"]) == (None, 0, None)
    assert warnings(one(entries, "monitor_school", 6)) == ["STATION_UNKNOWN"]


def test_one_membership_per_school_the_active_one_first():
    links = [link(5, 1, active_school=0), link(6, 1), link(7, 1, 99), link(8, 1, 4)]
    assert of(moved(memberships=links, left_out=frozenset({4})), "monitor_school") == [
        (6, "", "migrated", ""), (7, "", "rejected", "SCHOOL_UNKNOWN"),
        (8, "", "skipped", "OUT_OF_SCOPE_SCHOOL"), (5, "", "merged", ""),
    ]  # fmt: skip


# Levels


def level(key: int = 9, school: int | None = 3, **given: Any) -> Any:
    return row(
        LegacyUserSport,
        id=key,
        user_id=1,
        **{"sport_id": 1, "school_id": school, "degree_id": 8, "is_default": 1, **given},
    )


def test_a_level_keeps_salary_and_permission():
    written = values(one(moved(levels=[level(salary_level=70, allow_adults=1)]), "monitor_sport_degree", 9))
    assert (written["sport_id"], written["school_id"], written["degree_id"]) == (10, 30, 800)
    assert (written["salary_level"], written["allow_adults"], written["is_default"]) == (700, 1, 1)


@pytest.mark.parametrize("salary", [71, 99])
def test_a_salary_level_of_another_school_is_left_empty(salary):
    entry = one(moved(levels=[level(salary_level=salary)]), "monitor_sport_degree", 9)
    assert (values(entry)["salary_level"], warnings(entry)) == (None, ["SALARY_LEVEL_FOREIGN"])


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"degree_id": 99}, "DEGREE_UNKNOWN"),
        ({"sport_id": 99}, "SPORT_UNKNOWN"),
        ({"school_id": 99}, "SCHOOL_UNKNOWN"),
    ],
)
def test_a_level_that_v5_cannot_hold_takes_its_authorised_levels_along(given, reason):
    base = {"school": given.pop("school_id", 3)}
    entries = moved(levels=[level(9, base["school"], **given)], authorised=[authorised(1)])
    assert one(entries, "monitor_sport_degree", 9).reason == reason
    assert of(entries, "monitor_authorized_degree") == [(1, "", "rejected", "PARENT_REJECTED")]


def test_a_level_without_school_holds_for_each_school():
    entries = moved(levels=[level(9, None, salary_level=70)], memberships=[link(5, 1), link(6, 1, 4)])
    assert of(entries, "monitor_sport_degree") == [(9, "3", "split", ""), (9, "4", "split", "")]
    first, second = (values(entry) for entry in entries if entry.entity == "monitor_sport_degree")
    assert (first["degree_id"], first["salary_level"], second["degree_id"], second["salary_level"]) == (
        800,
        700,
        801,
        None,
    )


def test_a_monitor_of_no_school_keeps_one_row_without_school():
    entries = moved(levels=[level(9, None)], authorised=[authorised(1, 80)])
    written = values(one(entries, "monitor_sport_degree", 9))
    assert (written["school_id"], written["degree_id"]) == (None, 888)
    assert values(one(entries, "monitor_authorized_degree", 1))["degree_id"] == 888
    assert of(moved(levels=[level(9, None, degree_id=9)]), "monitor_sport_degree") == [
        (9, "", "rejected", "DEGREE_UNKNOWN")
    ]


def test_of_several_levels_one_wins():
    entries = moved(
        levels=[level(9), level(10, updated_at="2024-01-01 00:00:00")],
        authorised=[authorised(1, 80, 9), authorised(2, 80, 10)],
    )
    assert of(entries, "monitor_sport_degree") == [(10, "", "migrated", ""), (9, "", "merged", "")]
    assert of(entries, "monitor_authorized_degree") == [(2, "", "migrated", ""), (1, "", "merged", "")]


def test_levels_of_schools_that_do_not_move():
    entries = moved(levels=[level(9), level(10, None)], authorised=[authorised(1), authorised(2, 80, 10)],
                    memberships=[link(5, 1)], left_out=frozenset({3}))  # fmt: skip
    reasons = {
        entry.reason
        for entry in entries
        if entry.entity in ("monitor_sport_degree", "monitor_authorized_degree")
    }
    assert reasons == {"OUT_OF_SCOPE_SCHOOL"}
    assert len(entries) == 6


# Authorised levels


def authorised(key: int, degree: int = 80, of_level: int = 9) -> Any:
    return row(LegacyAuthorizedDegree, id=key, user_sport_id=of_level, degree_id=degree)


def test_all_authorised_levels_move():
    entries = moved(levels=[level()], authorised=[authorised(1), authorised(2, 90)])
    sport = one(entries, "monitor_sport_degree", 9)
    assert [values(entry) for entry in entries if entry.entity == "monitor_authorized_degree"] == [
        {"id": one(entries, "monitor_authorized_degree", key).v5_id, "monitor_sport_id": sport.v5_id, "degree_id": degree,
         "created_at": None, "updated_at": None, "deleted_at": None, "old_id": key} for key, degree in ((1, 800), (2, 900))
    ]  # fmt: skip


def test_authorised_levels_follow_an_expanded_sport():
    entries = moved(
        levels=[level(9, None)], authorised=[authorised(1)], memberships=[link(5, 1), link(6, 1, 4)]
    )
    assert of(entries, "monitor_authorized_degree") == [(1, "3", "split", ""), (1, "4", "split", "")]
    degrees = [values(entry)["degree_id"] for entry in entries if entry.entity == "monitor_authorized_degree"]
    assert degrees == [800, 801], "each school's own level for the same global one"


def test_a_level_named_by_another_school_goes_by_its_global_degree():
    entries = moved(levels=[level()], authorised=[authorised(1, 81)])
    assert values(one(entries, "monitor_authorized_degree", 1))["degree_id"] == 800


def test_authorised_twice_is_written_once_and_unknown_never():
    entries = moved(levels=[level()], authorised=[authorised(1), authorised(2), authorised(3, 99)])
    assert of(entries, "monitor_authorized_degree") == [
        (1, "", "migrated", ""), (2, "", "merged", ""), (3, "", "rejected", "DEGREE_UNKNOWN"),
    ]  # fmt: skip


# Notes


def note(key: int, **given: Any) -> Any:
    return row(LegacyUserObservation, id=key, user_id=1, **{"general": "Speaks Russian", **given})


@pytest.mark.parametrize(
    ("taught", "schools", "school"),
    [
        ({4: Booked(9, None), 3: Booked(1, None)}, [3, 4], 40),
        ({4: Booked(9, None)}, [3], 30),
        ({}, [4], 40),
    ],
    ids=["most taught", "member schools only", "latest membership"],
)
def test_a_note_goes_to_the_member_school_where_most_was_taught(taught, schools, school):
    links = [link(5 + place, 1, key) for place, key in enumerate(schools)]
    written = values(one(moved(memberships=links, notes=[note(7)], taught=taught), "monitor_observation", 7))
    assert (written["school_id"], written["general"], written["notes"], written["historical"]) == (
        school,
        "Speaks Russian",
        "",
        "",
    )


def test_notes_that_do_not_move():
    assert of(moved(notes=[note(7), note(8, general="  ")]), "monitor_observation") == [
        (7, "", "rejected", "NOTE_WITHOUT_SCHOOL"), (8, "", "skipped", "EMPTY"),
    ]  # fmt: skip
    entries = moved(memberships=[link(5, 1)], notes=[note(7)], left_out=frozenset({3}))
    assert of(entries, "monitor_observation") == [(7, "", "skipped", "OUT_OF_SCOPE_SCHOOL")]

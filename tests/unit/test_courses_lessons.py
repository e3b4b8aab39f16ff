"""Where booking lines take place: relinking, lost courses, private days (4.19, 4.21, Q-33, Q-41)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from entities.courses import placeholders, relink
from entities.courses.booked import BookedLine
from entities.courses.directory import CourseRow, Directory
from entities.courses.members import ForeignMonitorMigration
from entities.courses.placeholders import PlaceholderCourseMigration, lost_days
from entities.courses.relink import LiveLine
from entities.courses.resolver import Lessons, Place
from entities.schools.legacy import LegacySchool
from entities.seasons.resolver import Season, Seasons
from entities.users.legacy import LegacyUser
from tests.rows import environment, outcome, row, transformed, values
from tracking.choices import Choices

PLACE = Place(1, 10, "2025-12-01", "10:00:00", "12:00:00", 5, 100, 3, None, 9, 1, False, True, 2)


def seat(v5_id: int, **given: Any) -> Place:
    return PLACE._replace(subgroup_id=v5_id, **given)


# Relinking


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({}, None),
        ({101: {}}, 101),
        ({101: {"trashed": True}}, None),
        ({101: {"degree_id": 4}}, None),
        ({101: {"date": "2025-12-02", "course_date_id": 11}}, None),  # nobody is moved to another day
        ({101: {"course_date_id": 11, "hour_start": "14:00:00"}}, 101),  # the same day will do
        ({101: {"course_date_id": 11}, 102: {}}, 102),  # but the same date comes first
        ({103: {}, 102: {}}, 102),  # lowest id
        ({101: {"max_participants": 0}, 102: {}}, 102),
        ({101: {"max_participants": None}}, 101),
        ({101: {"course_id": 2}}, None),
    ],
)
def test_who_lost_the_class_moves_to_one_of_the_same_date_and_level(
    others: dict[int, Any], expected: int | None
) -> None:
    places = {100: seat(100, trashed=True)} | {key: seat(key, **given) for key, given in others.items()}
    found = relink.moves(places, {key: key * 10 for key in places}, [LiveLine(7, 1000, 1, None)])
    assert found == ({(7, 100): expected} if expected else {})


def test_seats_are_given_once_in_the_order_of_the_lines() -> None:
    places = {
        100: seat(100, trashed=True),
        101: seat(101, max_participants=2),
        102: seat(102, max_participants=1),
    }
    origins = {100: 1000, 101: 1010, 102: 1020}
    lines = [LiveLine(1, 1010, 50, None), *(LiveLine(key, 1000, 50 + key, None) for key in (2, 3, 4))]
    assert relink.moves(places, origins, lines) == {(2, 100): 101, (3, 100): 102}


def test_nobody_sits_twice_in_one_class() -> None:
    places = {100: seat(100, trashed=True), 101: seat(101, max_participants=None)}
    lines = [LiveLine(1, 1010, 50, None), LiveLine(2, 1000, 50, None)]
    assert relink.moves(places, {100: 1000, 101: 1010}, lines) == {}


def test_a_line_moves_on_each_of_the_dates_it_covers() -> None:
    second = {"date": "2025-12-02", "course_date_id": 11}
    third = {"date": "2025-12-03", "course_date_id": 12, "date_live": False}
    places = {
        100: seat(100, trashed=True), 101: seat(101, trashed=True, **second), 102: seat(102, trashed=True, **third),
        110: seat(110), 111: seat(111, **second), 112: seat(112, **{**third, "date_live": True}),
    }  # fmt: skip
    origins = dict.fromkeys((100, 101, 102), 1000) | dict.fromkeys((110, 111, 112), 1100)
    assert relink.moves(places, origins, [LiveLine(7, 1000, 1, None)]) == {(7, 100): 110, (7, 101): 111}
    assert relink.moves(places, origins, [LiveLine(7, 1000, 1, "2025-12-02")]) == {(7, 101): 111}
    dead = {key: place._replace(date_live=False) for key, place in places.items()}
    assert relink.moves(dead, origins, [LiveLine(7, 1000, 1, None)]) == {(7, 100): 110}


# Which course a number means


def course(key: int, **given: Any) -> CourseRow:
    known = {
        "id": key, "school_id": 1, "sport_id": 4, "course_supertype_id": 2, "course_type_id": 2, "group_id": None,
        "duration": "01:00:00", "hour_min": "8:30", "hour_max": "17:00", "date_start": "2025-12-01",
        "date_end": "2025-12-31", "day_start_res": None, "day_end_res": None,
    }  # fmt: skip
    return CourseRow(**{**known, **given})


def directory() -> Directory:
    rows = [
        course(1), course(2, school_id=2, sport_id=5), course(3, course_supertype_id=1, course_type_id=1), course(4, sport_id=99),
        course(5, course_supertype_id=None, course_type_id=3),
    ]  # fmt: skip
    return Directory(
        rows={one.id: one for one in rows},
        grouped={5},
        known={1: 10, 2: 20, 3: 30, 5: 50},
        sessions={801: 1, 802: 3},
        superseded={901: 6},
        offered={1: 7},
        sports={4: 40, 5: 50, 6: 60, 7: 70},
    )


@pytest.mark.parametrize(
    ("number", "v5_id", "recovered", "sport"),
    [
        (1, 10, False, 4),
        (801, 10, True, 4),  # a session of a private course of the school
        (2, None, False, 5),  # another school's
        (3, None, False, 4),  # a group course
        (4, None, False, 7),  # rejected, and its sport is unknown too
        (5, None, False, 4),  # its groups make it collective
        (802, None, False, 4),  # a session of a group course proves nothing
        (901, None, False, 6),  # a first-generation course tells its sport
        (999, None, False, 7),  # the lowest sport of the school
    ],
)
def test_a_number_means_the_schools_own_private_course_or_a_stand_in(
    number: int, v5_id: int | None, recovered: bool, sport: int
) -> None:
    found = directory().find(number, 1)
    assert (found.v5_id, found.recovered, found.sport) == (v5_id, recovered, sport)


def test_without_any_sport_of_the_school_the_lowest_one_stands_in() -> None:
    assert directory().find(999, 3).sport == 4
    assert Directory().find(999, 3).sport is None


# Lessons


def line(
    number: int = 1, date: Any = "2025-12-02", hour: Any = "10:00:00", duration: Any = "02:00:00"
) -> Any:
    return SimpleNamespace(id=7, booking2_id=1, course2_id=number, date=date, hour=hour, duration=duration)


def day(course_id: int, date: str, hour: str, key: int = 1) -> Place:
    return Place(course_id, key, date, hour, "17:00:00", None, None, None, None, 9, 2, False, True, None)


def lessons(**given: Any) -> Lessons:
    days = {
        (10, "2025-12-02"): [day(10, "2025-12-02", "08:30:00")],
        (10, "2026-01-05"): [day(10, "2026-01-05", "10:00:00", 2)],
        (77, "2025-12-02"): [day(77, "2025-12-02", "09:00:00", 3), day(77, "2025-12-02", "10:00:00", 4)],
    }
    known = {"directory": directory(), "days": days, "stand_ins": {placeholders.course_part(1, 5): 77}}
    return Lessons(**{"school_of": {1: 1}, "choices": Choices.defaults(), **known, **given})


@pytest.mark.parametrize(
    ("asked", "date_id", "reason", "warnings", "hour", "duration", "stands_in"),
    [
        (line(), 1, "", (), "10:00:00", 120, False),
        (line(hour=None, duration="null"), 1, "", (), "08:30:00", 60, False),
        (line(801), 1, "", ("COURSE_REF_RECOVERED",), "10:00:00", 120, False),
        (line(date="2026-01-05"), 2, "", ("DATE_OUTSIDE_RANGE",), "10:00:00", 120, False),
        (line(date="2026-01-06"), None, "COURSE_REJECTED", ("DATE_OUTSIDE_RANGE",), "10:00:00", 120, False),
        (
            line(date="2026-01-06", hour="23:30:00"),
            None,
            "CROSSES_MIDNIGHT",
            ("DATE_OUTSIDE_RANGE",),
            "23:30:00",
            120,
            False,
        ),
        (line(2), 4, "", (), "10:00:00", 120, True),
        (line(2, hour=None), 3, "", (), "09:00:00", 120, True),
        (line(2, hour="11:00:00"), None, "COURSE_REJECTED", (), "11:00:00", 120, True),
        (line(3), None, "COURSE_REJECTED", (), None, None, False),  # no stand-in for that sport
        (line(999), None, "LINE_WITHOUT_COURSE", (), None, None, False),
        (line(date="0000-00-00"), None, "LINE_WITHOUT_DATE", (), None, None, False),
    ],
)
def test_a_private_line_has_a_day_or_a_reason(
    asked: Any, date_id: int | None, reason: str, warnings: Any, hour: Any, duration: Any, stands_in: bool
) -> None:
    found = lessons().private(asked)
    assert (found.place and found.place.course_date_id) == date_id
    assert found[1:] == (reason, warnings, hour, duration, stands_in)


def test_no_stand_in_by_choice() -> None:
    found = lessons(choices=Choices({"Q-41": {None: "reject"}})).private(line(2))
    assert (found.place, found.reason) == (None, "COURSE_REJECTED")


def test_classes_reasons_and_moves_are_looked_up() -> None:
    found = lessons(places={31: [PLACE]}, reasons={32: "GROUP_REJECTED"}, moves={(7, 100): seat(101)})
    assert (found.subgroups(31), found.subgroups(9), found.rejected(32), found.rejected(9)) == (
        [PLACE],
        [],
        "GROUP_REJECTED",
        "",
    )
    assert found.relinked(line(), PLACE) == seat(101)
    found.choices = Choices({"Q-33": {None: "keep"}})
    assert found.relinked(line(), PLACE) is None


# Stand-ins


def booked(
    date: str, hour: str | None = "10:00:00", minutes: int | None = 60, live: bool = True
) -> BookedLine:
    return BookedLine(1, date, hour, minutes, live, 1)


def test_stand_ins_have_the_dates_that_lost_lessons_need() -> None:
    lines = [
        (2, booked("2025-12-02")), (2, booked("2025-12-02", minutes=90, live=False)), (2, booked("2025-12-01", None, None)),
        (999, booked("2025-12-03", minutes=None)), (2, booked("2025-12-04", "23:30:00")), (1, booked("2025-12-05")),
    ]  # fmt: skip
    lost = lost_days(lines, directory())
    season = Season(8, "2025/2026", "2025-09-01", "2026-08-31")
    facts = {
        "lost": lost,
        "sports": {5: 50, 7: 70},
        "seasons": Seasons({1: [season]}),
        "currencies": {1: "EUR"},
    }
    env = environment(facts=facts, school={1: 10})
    entries = transformed(PlaceholderCourseMigration(), env, row(LegacySchool, id=1))
    assert outcome(entries) == [
        ("course", 0, "placeholder:1:5", "synthesised", "PLACEHOLDER_COURSE"),
        ("course_day", 0, "placeholder:1:5:2025-12-01T09:00", "synthesised", "DATE_FOR_BOOKING"),
        ("course_day", 0, "placeholder:1:5:2025-12-02T10:00", "synthesised", "DATE_FOR_BOOKING"),
        ("course", 0, "placeholder:1:7", "synthesised", "PLACEHOLDER_COURSE"),
        ("course_day", 0, "placeholder:1:7:2025-12-03T10:00", "synthesised", "DATE_FOR_BOOKING"),
    ]
    found = values(entries[0])
    assert (found["name"], found["active"], found["sport_id"], found["currency"]) == (
        "Legacy course",
        0,
        50,
        "EUR",
    )
    assert (found["date_start"], found["date_end"], found["hour_min"], found["hour_max"], found["season_id"]) == (
        "2025-12-01", "2025-12-02", "09:00:00", "11:30:00", 8,
    )  # fmt: skip
    assert (values(entries[2])["hour_end"], values(entries[2])["active"]) == ("11:30:00", 1)
    assert (values(entries[4])["hour_end"], entries[4].additional) == (
        "10:00:00",
        {"warnings": ["DURATION_UNKNOWN"]},
    )
    env.choices = Choices({"Q-41": {None: "reject"}})
    assert transformed(PlaceholderCourseMigration(), env, row(LegacySchool, id=1)) == []


def test_a_school_without_a_v5_record_has_no_stand_in() -> None:
    assert transformed(PlaceholderCourseMigration(), environment(facts={}), row(LegacySchool, id=1)) == []


# Monitors of other schools


@pytest.mark.parametrize(
    ("choices", "schools", "members", "expected"),
    [
        ({}, None, set(), ["foreign:9:1", "foreign:9:2"]),
        ({}, None, {(90, 10)}, ["foreign:9:2"]),
        ({}, frozenset({1}), set(), ["foreign:9:1"]),
        ({"Q-32": {2: "null"}}, None, set(), ["foreign:9:1"]),
    ],
)
def test_who_taught_at_a_school_belongs_to_it(
    choices: Any, schools: Any, members: Any, expected: list[str]
) -> None:
    facts = {"taught": {9: {2, 1, 3}}, "members": members}
    env = environment(schools=schools, facts=facts, school={1: 10, 2: 20}, monitor={9: 90})
    env.choices = Choices(choices)
    entries = transformed(ForeignMonitorMigration(), env, row(LegacyUser, id=9))
    assert [one.part for one in entries] == expected
    assert {one.reason for one in entries} == {"MEMBERSHIP_FOREIGN_MONITOR"}
    assert values(entries[0])["active_school"] == 0


def test_who_is_no_monitor_in_v5_belongs_nowhere() -> None:
    env = environment(facts={"taught": {9: {1}}, "members": set()}, school={1: 10})
    assert transformed(ForeignMonitorMigration(), env, row(LegacyUser, id=9)) == []

"""Courses as pure transforms: umbrellas, stand-alone and private ones, with dates, groups and classes (4.15 to 4.19)."""

from __future__ import annotations

import base64
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

from entities.courses.booked import BookedLine
from entities.courses.facts import Facts
from entities.courses.family import Family
from entities.courses.legacy import (
    LegacyCourse,
    LegacyCourseDate,
    LegacyCourseGlobal,
    LegacyCourseGroup,
    LegacyCourseSubgroup,
    LegacyPriceRange,
    LegacySubgroupMonitorDate,
)
from entities.courses.migration import CourseMigration, GroupedCourseMigration
from entities.degrees.resolver import Degrees
from entities.engine.environment import Env
from entities.engine.extract import group
from entities.engine.values import Aggregate, Entry, Unit
from entities.seasons.resolver import Season, Seasons
from tests.rows import environment, outcome, row, transformed, values
from tracking.choices import Choices

GONE = "2025-06-01 08:00:00"
PNG = "data:image/png;base64," + base64.b64encode(b"picture").decode()


def course(key: int = 1, **given: Any) -> Any:
    known = {
        "course_supertype_id": 1, "course_type_id": 1, "sport_id": 1, "name": "Kurs", "short_description": "kurz",
        "description": "lang", "price": Decimal("60.00"), "currency": "CHF", "max_participants": 8, "duration": "02:00:00",
        "duration_flexible": 0, "date_start": "2025-12-01", "date_end": "2025-12-01", "school_id": 1, "station_id": 1,
        "confirm_attendance": 0, "online": 1, "active": 1, "created_at": "2025-09-01 08:00:00",
        "updated_at": "2025-09-02 08:00:00",
    }  # fmt: skip
    return row(LegacyCourse, id=key, **{**known, **given})


def private(key: int = 1, **given: Any) -> Any:
    known = {
        "course_supertype_id": 2, "course_type_id": 2, "date_end": "2025-12-03", "hour_min": "9", "hour_max": "17:00",
        "day_start_res": "monday", "day_end_res": "tuesday",
    }  # fmt: skip
    return course(key, **{**known, **given})


def umbrella(**given: Any) -> Any:
    known = {
        "name_global": "Woche",
        "price_global": Decimal("150.00"),
        "is_definitive": 1,
        "created_at": GONE,
    }
    return row(LegacyCourseGlobal, id=50, **{**known, **given})


def date(key: int, course_id: int = 1, day: str = "2025-12-01", hour: str = "10:00:00", **given: Any) -> Any:
    return row(LegacyCourseDate, id=key, course2_id=course_id, date=day, hour=hour, **given)


def level(key: int, course_id: int = 1, **given: Any) -> Any:
    known = {"degree_id": 3, "teachers_min": 1, "teachers_max": 2, "auto": 1}
    return row(LegacyCourseGroup, id=key, course2_id=course_id, **{**known, **given})


def place(key: int, group_id: int, **given: Any) -> Any:
    return row(LegacyCourseSubgroup, id=key, course_group2_id=group_id, **given)


def stand_in(
    key: int, subgroup: int, monitor: int | None, day: str = "2025-12-01", hour: str | None = None
) -> Any:
    return row(
        LegacySubgroupMonitorDate, id=key, subgroup_id=subgroup, monitor_id=monitor, date=day, hour=hour
    )


def price(key: int, **given: Any) -> Any:
    known = {"time_interval": 60, "num_pax": 1, "price": Decimal("80.00"), "percentage": Decimal("1.00")}
    return row(LegacyPriceRange, id=key, **{**known, **given})


def facts(**given: Any) -> Facts:
    winter, summer = (
        Season(7, "2025/2026", "2025-09-01", "2026-08-31"),
        Season(6, "2024/2025", "2024-09-01", "2025-08-31"),
    )
    degrees = Degrees(
        {(1, 1, 3): [30], (1, 1, 4): [40, 41]}, {30: 300, 40: 400, 41: 410}, {}, frozenset({3, 4})
    )
    return Facts(degrees, Seasons({1: [summer, winter]}), **given)


def env(choices: dict[str, dict[int | None, Any]] | None = None, **given: Any) -> Env:
    known = {
        "school": {1: 10, 2: 20},
        "sport": {1: 11, 2: 22},
        "station": {1: 12},
        "monitor": {91: 910, 92: 920},
    }
    schools = given.pop("schools", None)
    return environment(choices, facts=facts(**given), schools=schools, **known)


def decided(key: str, value: str, **given: Any) -> Env:
    """Surroundings with one answer as it is stored, also one that operators cannot give yet."""
    around = env(**given)
    around.choices = Choices({key: {None: value}})
    return around


def grouped(
    members: list[Any], around: Env | None = None, root: Any = None, **children: list[Any]
) -> list[Entry]:
    members = [member._replace(group_id=50) for member in members]
    migration = GroupedCourseMigration()
    return transformed(migration, around or env(), root or umbrella(), members=members, **children)


def single(root: Any, around: Env | None = None, **children: list[Any]) -> list[Entry]:
    return transformed(CourseMigration(), around or env(), root, **children)


def of(entries: list[Entry], entity: str) -> list[Entry]:
    return [one for one in entries if one.entity == entity]


def warned(entry: Entry) -> list[str]:
    return (entry.additional or {}).get("warnings", [])


# Shape A


def week() -> dict[str, Any]:
    """Two members of a day each, with a group and a class on the first."""
    return {
        "members": [course(1, group_id=50), course(2, group_id=50, date_start="2025-12-02", date_end="2025-12-02", online=0)],
        "dates": [date(11), date(12, 2, "2025-12-02")],
        "groups": [level(21)],
        "subgroups": [place(31, 21, monitor_id=91)],
    }  # fmt: skip


def test_umbrella_and_members_become_one_course() -> None:
    entries = grouped(**week())
    assert outcome(entries) == [
        ("course_global", 50, "", "migrated", ""),
        ("course", 1, "", "merged", ""),
        ("course", 2, "", "merged", ""),
        ("course_date", 11, "", "migrated", ""),
        ("course_date", 12, "", "migrated", ""),
        ("course_group", 21, "", "migrated", ""),
        ("course_subgroup", 31, "", "migrated", ""),
    ]
    found = values(entries[0])
    names = ("name", "short_description", "price", "is_flexible", "old_id", "legacy_id")
    assert [found[name] for name in names] == ["Woche", "kurz", Decimal("150.00"), 0, 50, None]
    assert (found["school_id"], found["sport_id"], found["station_id"], found["season_id"]) == (10, 11, 12, 7)
    assert (found["date_start"], found["date_end"], found["hour_min"], found["hour_max"]) == (
        "2025-12-01", "2025-12-02", "10:00:00", "12:00:00",
    )  # fmt: skip
    assert (found["duration"], found["settings"], found["discounts"], found["created_at"]) == (
        "2h 0min",
        {},
        None,
        GONE,
    )
    assert {one.v5_id for one in of(entries, "course")} == {entries[0].v5_id}
    subgroup = values(entries[-1])
    assert (subgroup["monitor_id"], subgroup["max_participants"], subgroup["degree_id"]) == (910, 8, 300)
    assert (subgroup["course_id"], subgroup["course_date_id"], subgroup["course_group_id"]) == (
        entries[0].v5_id, entries[3].v5_id, entries[5].v5_id,
    )  # fmt: skip


def test_an_umbrella_without_members_has_no_school() -> None:
    entries = grouped([], discounts=[price(1, group_id=50)])
    assert outcome(entries) == [
        ("course_global", 50, "", "skipped", "EMPTY"),
        ("archive:price_ranges", 1, "", "skipped", "NO_TARGET"),
    ]


@pytest.mark.parametrize(
    ("given", "name", "expected"),
    [
        ({"name_global": " "}, "name", "Kurs"),
        ({"price_global": None}, "price", Decimal("60.00")),
        ({"is_definitive": 0}, "is_flexible", 1),
        ({"is_definitive": None}, "is_flexible", 1),
        ({"description_global": "Text"}, "description", "Text"),
    ],
)
def test_what_the_umbrella_lacks_comes_from_the_first_member(
    given: dict[str, Any], name: str, expected: Any
) -> None:
    assert values(grouped(root=umbrella(**given), **week())[0])[name] == expected


def test_another_period_of_the_umbrella_is_kept_aside() -> None:
    entry = grouped(root=umbrella(date_start_global="2025-11-30", date_end_global="2025-12-02"), **week())[0]
    assert entry.additional == {"date_start_global": "2025-11-30"}


def test_members_that_disagree_follow_the_majority() -> None:
    members = [course(1), course(2), course(3, sport_id=2, station_id=None)]
    entry = grouped(members, dates=[date(1)])[0]
    assert warned(entry) == ["MEMBERS_DISAGREE"]
    assert (values(entry)["sport_id"], values(entry)["station_id"]) == (11, 12)


def test_flags_and_deletion_look_at_the_living_members() -> None:
    members = [course(1, online=1, deleted_at=GONE), course(2, online=0, confirm_attendance=1)]
    found = values(grouped(members, dates=[date(1)])[0])
    assert (found["online"], found["confirm_attendance"], found["deleted_at"]) == (0, 1, None)
    everybody = [course(1, deleted_at=GONE), course(2, deleted_at="2025-07-01 08:00:00")]
    found = values(grouped(everybody, dates=[date(1)])[0])
    assert (found["active"], found["deleted_at"]) == (0, "2025-07-01 08:00:00")


def test_the_booking_window_is_open_where_one_member_is() -> None:
    members = [course(1, date_start_res="2025-10-01", date_end_res="2025-11-01"), course(2, date_start_res="0000-00-00",
               date_end_res="2025-12-01")]  # fmt: skip
    found = values(grouped(members, dates=[date(1)])[0])
    assert (found["date_start_res"], found["date_end_res"]) == (None, "2025-12-01")


def test_sessions_and_discounts_shape_the_course() -> None:
    root = umbrella(
        is_definitive=0, dates_global='[{"date": "2025-12-01"}, {"date": "2025-12-03", "hour": "10:00"}, 1]'
    )
    rows = [price(1, group_id=50, time_interval=2, price=Decimal(10)), price(2, group_id=50, time_interval=9)]
    entries = grouped(
        [course(1)], root=root, dates=[date(11)], discounts=rows, prices=[price(3, course_id=1)]
    )
    assert warned(entries[0]) == ["SESSIONS_UNREADABLE", "SESSION_WITHOUT_GROUPS"]
    assert values(entries[0])["discounts"] == [{"day": 2, "reduccion": 20}]
    assert outcome(of(entries, "course_session")) == [
        ("course_session", 50, "2025-12-03T10:00", "synthesised", "SESSION_ONLY")
    ]
    assert [one.disposition for one in of(entries, "archive:price_ranges")] == [
        "merged",
        "skipped",
        "skipped",
    ]


def test_most_live_dates_tell_the_season() -> None:
    dates = [
        date(1, 1, "2025-08-30"),
        date(2, 1, "2025-09-01"),
        date(3, 1, "2025-09-02"),
        date(4, 1, "2025-08-29", deleted_at=GONE),
    ]
    entry = grouped([course(1)], dates=dates)[0]
    assert (values(entry)["season_id"], warned(entry)) == (7, ["SPANS_SEASONS"])
    first = grouped([course(1)], decided("Q-28", "first_date"), dates=dates)[0]
    assert values(first)["season_id"] == 6


def test_no_season_is_said() -> None:
    entry = grouped([course(1)], dates=[date(1, 1, "2099-12-01")])[0]
    assert (values(entry)["season_id"], warned(entry)) == (None, ["SEASON_FALLBACK"])


# Missing parents


@pytest.mark.parametrize(
    ("given", "code"), [({"school_id": 9}, "SCHOOL_UNKNOWN"), ({"sport_id": 9}, "SPORT_UNKNOWN")]
)
def test_a_course_without_school_or_sport_takes_everything_along(given: dict[str, Any], code: str) -> None:
    below = {
        "dates": [date(11)],
        "groups": [level(21)],
        "subgroups": [place(31, 21)],
        "replacements": [stand_in(1, 31, 91)],
    }
    expected = [
        ("course_date", 11, "", "rejected", "COURSE_REJECTED"),
        ("course_group", 21, "", "rejected", "COURSE_REJECTED"),
        ("course_subgroup", 31, "", "rejected", "GROUP_REJECTED"),
        ("archive:subgroups_monitor_dates", 1, "", "skipped", "NO_TARGET"),
    ]
    assert outcome(single(course(**given), **below)) == [("course", 1, "", "rejected", code), *expected]
    found = outcome(grouped([course(**given)], **below))
    assert found[0] == ("course_global", 50, "", "rejected", code)
    assert found[1:5] == expected and found[5] == ("course", 1, "", "rejected", code)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"price": None}, "PRICE_UNKNOWN"),
        ({"created_at": "yesterday"}, "DATE_INVALID"),
        ({"deleted_at": "2025-02-30 10:00:00"}, "DATE_INVALID"),
    ],
)
def test_what_cannot_be_read_refuses_the_course(given: dict[str, Any], code: str) -> None:
    for entries in (
        single(course(**given)), single(private(**given)),
        grouped([course(**given)], root=umbrella(price_global=None), dates=[date(11)]),
    ):  # fmt: skip
        assert (entries[0].disposition, entries[0].reason) == ("rejected", code)


def test_an_unknown_station_leaves_the_column_empty() -> None:
    entry = single(course(station_id=9), dates=[date(1)])[0]
    assert (values(entry)["station_id"], warned(entry)) == (None, ["STATION_UNKNOWN"])


@pytest.mark.parametrize(
    ("given", "facts_given", "choices", "expected"),
    [
        ({"currency": "chf"}, {}, None, ("CHF", [])),
        ({"currency": ""}, {"currencies": {1: "EUR"}}, None, ("EUR", ["CURRENCY_ASSUMED"])),
        ({"currency": None}, {}, {"Q-07": {1: "GBP"}}, ("GBP", ["CURRENCY_ASSUMED"])),
    ],
)
def test_the_currency_comes_from_the_row_the_school_or_the_choice(
    given: dict[str, Any], facts_given: dict[str, Any], choices: Any, expected: tuple[str, list[str]]
) -> None:
    entry = single(course(**given), env(choices, **facts_given), dates=[date(1)])[0]
    assert (values(entry)["currency"], warned(entry)) == expected


def test_a_picture_becomes_a_file_and_a_damaged_one_refuses_the_course() -> None:
    around, root = env(), course(image=PNG)
    unit = Unit(root, around, 1)
    CourseMigration().transform(
        Aggregate(root, {name: {} for name in CourseMigration.children}), around, unit
    )
    assert values(unit.entries[0])["image"] == unit.files[0].url
    entry = single(course(image="data:image/png;base64,%%"), dates=[date(1)])[0]
    assert (entry.disposition, entry.reason) == ("rejected", "IMAGE_UNREADABLE")


def test_a_picture_of_another_member_is_taken_when_the_first_is_damaged() -> None:
    members = [course(1, image="data:image/png;base64,%%"), course(2, image="https://example.test/a.png")]
    assert values(grouped(members, dates=[date(1)])[0])["image"] == "https://example.test/a.png"


# Shape B


def test_a_stand_alone_course_is_sold_as_a_whole_and_its_classes_meet_on_every_date() -> None:
    dates = [
        date(11),
        date(12, 1, "2025-12-02"),
        date(13, 1, "2025-12-02", "14:00:00"),
        date(14, 1, "2025-12-01"),
    ]
    entries = single(course(duration_flexible=1), dates=dates, groups=[level(21)], subgroups=[place(31, 21)])
    assert outcome(entries) == [
        ("course", 1, "", "migrated", ""),
        ("course_date", 11, "", "migrated", ""),
        ("course_date", 14, "", "merged", ""),
        ("course_date", 12, "", "migrated", ""),
        ("course_date", 13, "", "migrated", ""),
        ("course_group", 21, "2025-12-01", "split", ""),
        ("course_group", 21, "2025-12-02T10:00", "split", ""),
        ("course_group", 21, "2025-12-02T14:00", "split", ""),
        ("course_subgroup", 31, "2025-12-01", "split", ""),
        ("course_subgroup", 31, "2025-12-02T10:00", "split", ""),
        ("course_subgroup", 31, "2025-12-02T14:00", "split", ""),
    ]
    found = values(entries[0])
    assert (found["is_flexible"], found["old_id"], found["legacy_id"]) == (0, 1, 1)
    by_flag = single(course(duration_flexible=1), decided("Q-26", "duration_flexible"), dates=dates)[0]
    assert values(by_flag)["is_flexible"] == 1


def test_a_course_without_dates_has_the_period_of_its_row() -> None:
    entry = single(course(date_end="2025-12-09", hour_min="8", hour_max="null"))[0]
    found = values(entry)
    assert (found["date_start"], found["date_end"], found["hour_min"], found["hour_max"]) == (
        "2025-12-01", "2025-12-09", "08:00:00", None,
    )  # fmt: skip
    assert (warned(entry), found["season_id"]) == (["NO_DATES"], 7)


def test_a_course_without_any_date_is_refused() -> None:
    entry = single(course(date_start="0000-00-00", date_end="0000-00-00"))[0]
    assert (entry.disposition, entry.reason) == ("rejected", "DATE_INVALID")


@pytest.mark.parametrize(
    ("given", "hours", "active"),
    [
        ({}, ("09:00:00", "11:00:00"), 1),
        ({"hour_min": "10:30", "deleted_at": GONE}, ("10:30:00", "12:30:00"), 0),
        ({"hour_min": "23:00"}, ("23:00:00", "23:00:00"), 1),
    ],
)
def test_groups_without_a_date_get_the_first_day_of_their_course(
    given: dict[str, Any], hours: tuple[str, str], active: int
) -> None:
    entries = single(course(**given), groups=[level(21)], subgroups=[place(31, 21)])
    day = values(of(entries, "course_day")[0])
    assert outcome(entries)[1] == ("course_day", 1, "2025-12-01", "synthesised", "DATE_FOR_GROUP")
    assert ((day["hour_start"], day["hour_end"]), day["active"]) == (hours, active)
    assert warned(of(entries, "course_group")[0]) == ["GROUP_WITHOUT_DATE"]


def test_groups_of_a_dateless_member_share_the_date_of_another() -> None:
    entries = grouped([course(1), course(2)], dates=[date(11)], groups=[level(21, 2)])
    assert values(of(entries, "course_group")[0])["course_date_id"] == of(entries, "course_date")[0].v5_id
    assert not of(entries, "course_day")


def test_dates_that_cannot_be_held_are_rejected_and_the_course_stays() -> None:
    entries = single(course(), dates=[date(11), date(12, hour="23:30:00"), date(13, day="2031-01-01")])
    assert outcome(of(entries, "course_date")) == [
        ("course_date", 12, "", "rejected", "CROSSES_MIDNIGHT"),
        ("course_date", 11, "", "migrated", ""),
        ("course_date", 13, "", "migrated", ""),
    ]
    assert warned(of(entries, "course_date")[2]) == ["DATE_IMPLAUSIBLE"]


# Groups and classes


def test_levels_are_those_of_the_school() -> None:
    groups = [
        level(21, teacher_min_degree=4),
        level(22, degree_id=4),
        level(23, degree_id=9),
        level(24, teacher_min_degree=9),
    ]
    entries = single(course(), dates=[date(11)], groups=groups, subgroups=[place(31, 23)])
    found = of(entries, "course_group")
    assert [one.disposition for one in found] == ["migrated", "migrated", "rejected", "migrated"]
    assert (values(found[0])["teacher_min_degree"], warned(found[1])) == (400, ["DEGREE_DUPLICATE"])
    assert found[2].reason == "DEGREE_UNKNOWN"
    assert (values(found[3])["teacher_min_degree"], found[3].additional) == (None, {"teacher_min_degree": 9})
    assert outcome(of(entries, "course_subgroup")) == [
        ("course_subgroup", 31, "", "rejected", "GROUP_REJECTED")
    ]


@pytest.mark.parametrize(
    ("replacements", "expected"),
    [
        ([], [910, 910]),
        ([stand_in(1, 31, 92)], [920, 910]),
        ([stand_in(1, 31, 92, hour="10:00:00")], [920, 910]),
        ([stand_in(1, 31, 92, hour="15:00:00")], [910, 910]),
        ([stand_in(1, 31, None, "2025-12-02")], [910, None]),
        (
            [stand_in(1, 31, 92, hour="10:00:00"), stand_in(2, 31, 91)],
            [920, 910],
        ),  # the exact hour outweighs the day
        ([stand_in(1, 31, 91), stand_in(2, 31, 92)], [920, 910]),  # the newer one
    ],
)
def test_the_replacement_of_a_day_teaches_on_that_day(
    replacements: list[Any], expected: list[int | None]
) -> None:
    dates = [date(11), date(12, 1, "2025-12-02")]
    entries = single(course(), dates=dates, groups=[level(21)], subgroups=[place(31, 21, monitor_id=91)],
                     replacements=replacements)  # fmt: skip
    assert [values(one)["monitor_id"] for one in of(entries, "course_subgroup")] == expected
    accounted = of(entries, "archive:subgroups_monitor_dates")
    assert len(accounted) == len(replacements)
    used = [one.legacy_id for one in accounted if one.disposition == "merged"]
    assert used == (
        [] if expected == [910, 910] else [min(2, len(replacements))] if replacements[0].hour is None else [1]
    )


def test_an_unknown_monitor_is_nobody() -> None:
    entry = of(
        single(course(), dates=[date(11)], groups=[level(21)], subgroups=[place(31, 21, monitor_id=5)]),
        "course_subgroup",
    )[0]
    assert (values(entry)["monitor_id"], warned(entry)) == (None, ["MONITOR_UNKNOWN"])


@pytest.mark.parametrize(("memberships", "expected"), [({(910, 10)}, 910), ({(910, 20)}, None)])
def test_a_monitor_of_another_school_is_nobody_by_choice(
    memberships: set[tuple[int, int]], expected: int | None
) -> None:
    around = decided("Q-32", "null", memberships=memberships)
    entries = single(
        course(), around, dates=[date(11)], groups=[level(21)], subgroups=[place(31, 21, monitor_id=91)]
    )
    assert values(of(entries, "course_subgroup")[0])["monitor_id"] == expected


@pytest.mark.parametrize(
    ("given", "warnings"),
    [
        ({"max_participants": 1}, ["OVER_CAPACITY"]),
        ({"max_participants": 1, "deleted_at": GONE}, []),
        ({}, []),
    ],
)
def test_too_many_participants_are_flagged(given: dict[str, Any], warnings: list[str]) -> None:
    around = env(participants={31: 2})
    entries = single(
        course(), around, dates=[date(11)], groups=[level(21)], subgroups=[place(31, 21, **given)]
    )
    assert warned(of(entries, "course_subgroup")[0]) == warnings


# Private courses


def booked(day: str, **given: Any) -> BookedLine:
    return BookedLine(
        **{**{"id": 1, "date": day, "hour": "11:00:00", "minutes": 60, "live": True, "school_id": 1}, **given}
    )


def test_a_private_course_has_a_date_for_every_day_of_its_period() -> None:
    entries = single(private())
    assert outcome(entries) == [
        ("course", 1, "", "migrated", ""),
        *(("course_day", 1, f"2025-12-0{day}", "synthesised", "PRIVATE_DAY") for day in (1, 2, 3)),
    ]
    assert [values(one)["active"] for one in entries[1:]] == [1, 1, 0]
    found = values(entries[0])
    assert (found["course_type"], found["hour_min"], found["hour_max"], found["season_id"]) == (
        2,
        "09:00:00",
        "17:00:00",
        7,
    )
    assert found["settings"]["weekDays"]["tuesday"] and not found["settings"]["weekDays"]["wednesday"]
    assert values(entries[1])["created_at"] == "2025-09-01 08:00:00"


def test_booked_days_outside_the_period_are_made_and_widen_it() -> None:
    lines = [booked("2025-12-02"), booked("2025-12-20", id=2), booked("2025-12-21", id=3, school_id=2), booked("2025-11-30", id=4,
             live=False)]  # fmt: skip
    entries = single(private(), env(booked={1: lines}))
    made = [one for one in entries if one.reason == "DATE_FOR_BOOKING"]
    assert [(one.part, values(one)["hour_start"], values(one)["active"]) for one in made] == [
        ("2025-11-30", "11:00:00", 0),
        ("2025-12-20", "11:00:00", 1),
    ]
    assert all(warned(one) == ["DATE_OUTSIDE_RANGE"] for one in [entries[0], *made])
    assert (values(entries[0])["date_start"], values(entries[0])["date_end"]) == ("2025-11-30", "2025-12-20")
    kept = single(private(), decided("Q-31", "keep", booked={1: lines}))[0]
    assert (values(kept)["date_start"], values(kept)["date_end"]) == ("2025-12-01", "2025-12-03")


def test_the_season_is_that_of_most_booked_dates() -> None:
    root = private(date_start="2025-08-29", date_end="2025-09-10")
    lines = [
        booked("2025-08-29"),
        booked("2025-08-30", id=2),
        booked("2025-09-01", id=3),
        booked("2025-09-02", id=4, live=False),
    ]
    assert values(single(root, env(booked={1: lines}))[0])["season_id"] == 6
    assert values(single(root)[0])["season_id"] == 7


def test_own_sessions_of_a_private_course_join_its_days() -> None:
    entries = single(private(), dates=[date(11), date(12, 1, "2025-12-09")], groups=[level(21)])
    assert outcome(of(entries, "course_date")) == [
        ("course_date", 11, "", "merged", ""),
        ("course_date", 12, "", "migrated", ""),
    ]
    assert of(entries, "course_date")[0].v5_id == of(entries, "course_day")[0].v5_id
    assert [one.part for one in of(entries, "course_group")] == ["2025-12-01", "2025-12-09"]
    assert values(entries[0])["date_end"] == "2025-12-09"


def test_a_flexible_course_has_its_own_prices_else_those_of_the_school() -> None:
    default = [price(9, school_id=1, is_default=1, price=Decimal(70))]
    own = [price(1, course_id=1), price(2, course_id=1, num_pax=2, price=Decimal(0), deleted_at=GONE)]
    entries = single(
        private(duration_flexible=1, max_participants=2), env(default_prices={1: default}), prices=own
    )
    assert values(entries[0])["price_range"] == [{"intervalo": "1h", "1": "80.00", "2": None}]
    assert [one.disposition for one in of(entries, "archive:price_ranges")] == ["merged", "skipped"]
    without = single(private(duration_flexible=1, max_participants=1), env(default_prices={1: default}))
    assert values(without[0])["price_range"] == [{"intervalo": "1h", "1": "70.00"}]
    fixed = single(private(), env(default_prices={1: default}))
    assert values(fixed[0])["price_range"] is None


@pytest.mark.parametrize(
    ("given", "code"), [({"date_end": "2025-11-01"}, "RANGE_REVERSED"), ({"sport_id": 9}, "SPORT_UNKNOWN")]
)
def test_a_private_course_that_cannot_be_written_takes_its_rows_along(
    given: dict[str, Any], code: str
) -> None:
    entries = single(private(**given), dates=[date(11)], prices=[price(1, course_id=1)])
    assert outcome(entries) == [
        ("course", 1, "", "rejected", code),
        ("course_date", 11, "", "rejected", "COURSE_REJECTED"),
        ("archive:price_ranges", 1, "", "skipped", "NO_TARGET"),
    ]


# Left out on purpose


@pytest.mark.parametrize(
    ("around", "reason", "archived"),
    [
        (lambda: env({"Q-25": {None: "2026-01-01"}}), "BEFORE_HISTORY_CUT", True),
        (lambda: env(schools=frozenset({2})), "OUT_OF_SCOPE_SCHOOL", False),
    ],
)
def test_history_and_scope_leave_a_course_out_whole(around: Any, reason: str, archived: bool) -> None:
    below = {
        "dates": [date(11)], "groups": [level(21)], "subgroups": [place(31, 21)], "replacements": [stand_in(1, 31, 91)],
        "prices": [price(1, course_id=1)],
    }  # fmt: skip
    for entries in (
        grouped([course(1)], around(), discounts=[price(2, group_id=50)], **below),
        single(course(1), around(), **below),
        single(private(1), around(), **below),
    ):
        assert {(one.disposition, one.reason) for one in entries} == {("skipped", reason)}
        assert len({one.entity for one in entries}) in (6, 7)
        assert all((one.archive is not None) is archived for one in entries)


def test_a_course_that_reaches_into_the_kept_history_stays() -> None:
    around = env({"Q-25": {None: "2025-12-15"}}, booked={1: [booked("2025-12-20")]})
    assert single(private(), around)[0].disposition == "migrated"
    assert single(course(), env({"Q-25": {None: "2025-12-01"}}), dates=[date(1)])[0].disposition == "migrated"


# Groups without umbrella


def lost_group(*members: Any, **children: list[Any]) -> Family:
    keys = {name: child.key for name, child in CourseMigration.children.items()}
    groups: dict[str, Any] = defaultdict(dict)
    for name, rows in children.items():
        groups[name] = group(rows, keys[name])
    return Family(None, list(members), groups, 77)


def test_without_umbrella_the_lowest_member_stands_for_the_course() -> None:
    members = [course(1, group_id=77, name="Erster"), course(2, group_id=77)]
    around = env(families={77: lost_group(*members, dates=[date(11), date(12, 2, "2025-12-02")])})
    entries = single(members[0], around)
    assert outcome(entries) == [
        ("course", 1, "", "migrated", ""),
        ("course", 2, "", "merged", ""),
        ("course_date", 11, "", "migrated", ""),
        ("course_date", 12, "", "migrated", ""),
    ]
    found = values(entries[0])
    assert warned(entries[0]) == ["UMBRELLA_MISSING"]
    assert (found["name"], found["is_flexible"], found["old_id"], found["legacy_id"]) == (
        "Erster",
        0,
        77,
        None,
    )
    assert single(members[1], around) == []


def test_the_lowest_member_in_scope_speaks_when_others_are_out_of_it() -> None:
    members = [course(1, group_id=77, school_id=2), course(2, group_id=77), course(3, group_id=77)]
    around = env(families={77: lost_group(*members)}, schools=frozenset({1}))
    assert single(members[1], around)[0].legacy_id == 1  # the winner is still the lowest member
    assert single(members[2], around) == []


# Orphans


def test_orphans_take_what_hangs_on_them_along() -> None:
    segments = {one.name: one for one in CourseMigration().segments()}
    around = env()
    cases = [
        ("orphans:dates", date(11, 999), {}, [("course_date", "rejected", "COURSE_REJECTED")]),
        (
            "orphans:groups", level(21, 999), {"subgroups": {21: [place(31, 21)]}, "replacements": {31: [stand_in(1, 31, 91)]}},
            [("course_group", "rejected", "COURSE_REJECTED"), ("course_subgroup", "rejected", "GROUP_REJECTED"),
             ("archive:subgroups_monitor_dates", "skipped", "NO_TARGET")],
        ),
        (
            "orphans:subgroups", place(31, 999), {"replacements": {31: [stand_in(1, 31, 91)]}},
            [("course_subgroup", "rejected", "GROUP_REJECTED"), ("archive:subgroups_monitor_dates", "skipped", "NO_TARGET")],
        ),
        ("orphans:replacements", stand_in(1, 999, 91), {}, [("archive:subgroups_monitor_dates", "skipped", "NO_TARGET")]),
        ("defaults", price(9, school_id=1, is_default=1), {}, [("archive:price_ranges", "skipped", "LOOKUP_ONLY")]),
    ]  # fmt: skip
    for name, root, children, expected in cases:
        unit = Unit(root, around)
        segments[name].transform(Aggregate(root, defaultdict(dict, children)), around, unit)
        assert [(one.entity, one.disposition, one.reason) for one in unit.entries] == expected, name

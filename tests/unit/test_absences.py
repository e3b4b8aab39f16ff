"""Absences and blocks of monitors, per day or per period (4.13.5, Q-23)."""

from __future__ import annotations

from typing import Any

import pytest

from entities.monitors.legacy import LegacyUserNwd
from tests.persons import of, one
from tests.rows import row, values, warnings
from tests.unit.test_monitors import moved


def absence(key: int = 7, first: str = "2024-01-01", last: str | None = None, **given: Any) -> Any:
    facts = {"start_date": first, "end_date": last or first, "full_day": 1, "user_nwd_subtype_id": 2, **given}
    return row(LegacyUserNwd, id=key, user_id=1, **facts)


def test_an_absence_becomes_one_row_a_day():
    entries = moved(absences=[absence(7, "2024-01-30", "2024-02-03", school_id=3, station_id=6)])
    assert of(entries, "monitor_nwd") == [
        (7, day, "split", "")
        for day in ("2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02", "2024-02-03")
    ]
    written = [values(entry) for entry in entries if entry.entity == "monitor_nwd"]
    assert all(one["start_date"] == one["end_date"] for one in written)
    assert (written[0]["school_id"], written[0]["station_id"], written[0]["user_nwd_subtype_id"]) == (
        30,
        60,
        2,
    )
    assert (written[0]["default"], written[0]["price"], written[0]["full_day"]) == (0, None, 1)


def test_an_absence_becomes_one_row_when_ranges_are_chosen():
    entry = one(
        moved(absences=[absence(7, "2024-01-30", "2024-02-03")], choices={"Q-23": {None: "ranges"}}),
        "monitor_nwd",
        7,
    )
    assert (entry.disposition, values(entry)["start_date"], values(entry)["end_date"]) == (
        "migrated",
        "2024-01-30",
        "2024-02-03",
    )


@pytest.mark.parametrize(
    ("given", "choice", "times"),
    [
        ({"start_time": "10:00:00", "end_time": "11:00:00"}, "null", (None, None)),
        ({}, "opening", ("08:00:00", "17:00:00")),
        (
            {"full_day": 0, "start_time": "10:00:00", "end_time": "11:30:00"},
            "opening",
            ("10:00:00", "11:30:00"),
        ),
    ],
)
def test_times_of_whole_and_other_days(given, choice, times):
    entries = moved(absences=[absence(7, **given)], choices={"Q-23": {None: {"full_day_times": choice}}})
    entry = one(entries, "monitor_nwd", 7, "2024-01-01")
    assert (entry.disposition, values(entry)["start_time"], values(entry)["end_time"]) == ("migrated", *times)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"last": "2023-12-31"}, "RANGE_REVERSED"),
        ({"last": "2025-01-01"}, "RANGE_TOO_LONG"),
        ({"first": "0000-00-00", "last": "2024-01-01"}, "DATE_INVALID"),
        ({"start_date": None}, "DATE_INVALID"),
        ({"full_day": 0, "start_time": "10:00:00"}, "MISSING_TIME"),
        ({"school_id": 99}, "SCHOOL_UNKNOWN"),
    ],
)
def test_absences_that_cannot_move(given, reason):
    assert of(moved(absences=[absence(7, **given)]), "monitor_nwd") == [(7, "", "rejected", reason)]


def test_a_longer_absence_moves_when_allowed():
    entries = moved(
        absences=[absence(7, "2024-01-01", "2025-01-31")], choices={"Q-23": {None: {"max_days": 400}}}
    )
    assert len(of(entries, "monitor_nwd")) == 397


def test_an_absence_without_school_or_kind():
    written = values(moved(absences=[absence(7, user_nwd_subtype_id=None)])[-1])
    assert (written["school_id"], written["user_nwd_subtype_id"]) == (None, 1)


def test_an_absence_at_a_school_that_does_not_move():
    assert (
        of(moved(absences=[absence(7, school_id=4)], left_out=frozenset({4})), "monitor_nwd")[0][3]
        == "OUT_OF_SCOPE_SCHOOL"
    )


HOURS = {"full_day": 0, "start_time": "10:00:00", "end_time": "11:00:00"}


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        (absence(7, "2024-01-01", "2024-01-03"), absence(8, "2024-01-03", "2024-01-04"), True),
        (absence(7), absence(8, "2024-01-02"), False),
        (absence(7, **HOURS), absence(8), True),
        (
            absence(7, **HOURS),
            absence(8, **{**HOURS, "start_time": "11:00:00", "end_time": "12:00:00"}),
            False,
        ),
        (absence(7, **HOURS), absence(8, **HOURS), True),
        (absence(7, deleted_at="2024-01-01 00:00:00"), absence(8), False),
    ],
)
def test_an_absence_over_an_earlier_one_is_flagged(first, second, overlap):
    entries = moved(absences=[first, second])
    later = [entry for entry in entries if entry.legacy_id == 8]
    assert [warnings(entry) == ["ABSENCES_OVERLAP"] for entry in later] == [overlap] * len(later)
    assert sum(len(entry.problems or ()) for entry in later) == int(overlap), "one issue for the row"
    assert not any(warnings(entry) for entry in entries if entry.legacy_id == 7)

"""How the checks of bookings read dates, hours and durations (M 3.1): the rules, written down once more."""

from __future__ import annotations

from collections import namedtuple

import pytest

from entities.reconciliation.checks import clock
from entities.reconciliation.checks.sessions import paired

Row = namedtuple("Row", "id date hour")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("2025-02-03", "2025-02-03"), ("2025-02-03 10:00:00", "2025-02-03"), ("0000-00-00", ""), ("1899-12-31", ""),
     ("2025-02-30", ""), ("", ""), (None, "")],
)  # fmt: skip
def test_days(value: str | None, expected: str) -> None:
    assert clock.day(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("9", "09:00:00"), ("9:30", "09:30:00"), ("09.30", "09:30:00"), ("9h30", "09:30:00"), ("09:30:15", "09:30:15"),
     ("null", ""), ("", ""), (None, ""), ("25:00", ""), ("noon", "")],
)  # fmt: skip
def test_hours(value: str | None, expected: str) -> None:
    assert clock.hour(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("02:00:00", 120), ("2h", 120), ("1h 30min", 90), ("90m", 90), ("2", 120), ("45", 45), ("00:00:00", None),
     ("25:00:00", None), ("", None), (None, None), ("long", None)],
)  # fmt: skip
def test_durations(value: str | None, expected: int | None) -> None:
    assert clock.minutes(value) == expected


def test_sessions_are_paired_by_date_and_hour_before_date_alone() -> None:
    """The list of an umbrella is in any order; a position says nothing (4.17)."""
    sessions = (
        '[{"date": "2025-01-02", "hour": "14:00", "duration": "1h"}, {"date": "2025-01-02", "hour": "9:00"}]'
    )
    rows = [(None, Row(1, "2025-01-02", "09:00:00")), (None, Row(2, "2025-01-02", "15:00:00"))]
    assert paired(rows, sessions) == {1: None, 2: 60}
    assert paired(rows, "no list") == {}

"""Kinds, sessions, windows and prices of courses: small rules as tables (3.2, 4.15 to 4.17)."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from entities.courses import booked, kind, mappings, prices, sessions, windows
from entities.engine.errors import BadValue
from tracking.choices import Choices


def course(**given: Any) -> Any:
    values = {
        "id": 5, "course_supertype_id": 2, "course_type_id": 2, "group_id": None, "duration": "02:00:00", "active": 1,
        "deleted_at": None, "school_id": 1, "date_start": "2025-12-01", "date_end": "2025-12-07", "hour_min": "9",
        "hour_max": "17:00", "day_start_res": "monday", "day_end_res": "friday",
    }  # fmt: skip
    return SimpleNamespace(**{**values, **given})


@pytest.mark.parametrize(
    ("supertype", "type_", "group_id", "has_groups", "expected"),
    [
        (1, 1, None, False, (False, 1, False)),
        (1, 3, None, False, (False, 3, False)),
        (1, 2, None, False, (False, 1, True)),  # the supertype wins
        (2, 2, None, False, (True, 2, False)),
        (2, 3, None, False, (True, 3, False)),
        (2, 1, None, False, (True, 2, True)),
        (None, 1, None, False, (False, 1, False)),  # the type decides
        (None, 2, None, True, (True, 2, False)),
        (None, None, 7, False, (False, 1, True)),  # the group decides
        (None, 3, None, True, (False, 3, False)),
        (None, 3, None, False, (True, 3, True)),  # private as a last resort, flagged
        (None, None, None, False, (True, 2, True)),
    ],
)
def test_the_supertype_tells_the_structure(
    supertype: Any, type_: Any, group_id: Any, has_groups: bool, expected: tuple[bool, int, bool]
) -> None:
    row = course(course_supertype_id=supertype, course_type_id=type_, group_id=group_id)
    assert kind.kind_of(row, has_groups) == expected


class Rows:
    """A reader that answers every legacy query with the same rows and remembers what was asked."""

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self.rows, self.asked = rows, []

    def legacy_sql(self, sql: str, ids: Any = (), params: Any = ()) -> list[tuple[Any, ...]]:
        self.asked.append(sorted(ids))
        return self.rows if ids else []


def test_groups_are_only_looked_for_where_nothing_else_tells() -> None:
    read = Rows([(6,)])
    undecided = course(id=6, course_supertype_id=None, course_type_id=3)
    assert kind.with_groups(read, [course(), undecided]) == {6}
    assert read.asked == [[6]]


# Sessions


def member(key: int, **given: Any) -> Any:
    return course(id=key, course_supertype_id=1, course_type_id=1, **given)


def date_row(key: int, date: Any, hour: Any = "10:00:00", deleted_at: Any = None) -> Any:
    return SimpleNamespace(id=key, date=date, hour=hour, deleted_at=deleted_at)


def calendar(rows: dict[int, list[Any]], text: str | None, **given: Any) -> sessions.Calendar:
    members = [member(key, **given) for key in rows]
    return sessions.grouped(members, lambda one: rows[one.id], text)


def days(found: sessions.Calendar) -> list[tuple[str, str, str, int, list[int]]]:
    return [
        (day.date, day.hour_start, day.hour_end, day.active, [row.id for row in day.sources])
        for day in found.days
    ]


@pytest.mark.parametrize(
    ("text", "readable", "count"),
    [
        (None, True, 0),
        ("", True, 0),
        ("null", True, 0),
        ("[]", True, 0),
        ('[{"date": "2025-12-01"', False, 0),
        ('"[{}]"', False, 0),
        ('{"date": "2025-12-01"}', False, 0),
        ("[1]", False, 0),
        ('[{"hour": "10:00"}]', False, 0),
        ('[{"date": "0000-00-00", "hour": "10:00"}]', False, 0),
        ('[{"date": "2025-12-01", "hour": "late"}]', False, 0),
        ('[{"date": "2025-12-01", "hour": "10:00", "duration": "1:30"}, {}]', False, 1),
        ('[{"date": "2025-12-01", "hour": "10:00", "more": [1]}]', True, 1),
    ],
)
def test_the_list_of_sessions_is_read_leniently_and_honestly(
    text: str | None, readable: bool, count: int
) -> None:
    found, all_of_it = sessions.parse(text)
    assert (all_of_it, len(found)) == (readable, count)


def test_sessions_meet_members_by_date_and_hour_never_by_position() -> None:
    text = (
        '[{"date": "2025-12-02", "hour": "10:00", "duration": "01:00"},'
        ' {"date": "2025-12-01", "hour": "14:00", "duration": "03:00"},'
        ' {"date": "2025-12-01", "hour": "10:00", "duration": "01:30"}]'
    )
    rows = {
        1: [date_row(11, "2025-12-01")],
        2: [date_row(12, "2025-12-02")],
        3: [date_row(13, "2025-12-01", "14:00:00")],
    }
    assert days(calendar(rows, text)) == [
        ("2025-12-01", "10:00:00", "11:30:00", 1, [11]),
        ("2025-12-01", "14:00:00", "17:00:00", 1, [13]),
        ("2025-12-02", "10:00:00", "11:00:00", 1, [12]),
    ]


def test_a_session_of_another_hour_meets_the_member_of_its_day() -> None:
    found = calendar(
        {1: [date_row(11, "2025-12-01")]}, '[{"date": "2025-12-01", "hour": "11:00", "duration": "45m"}]'
    )
    assert days(found) == [("2025-12-01", "10:00:00", "10:45:00", 1, [11])]
    assert not found.unpaired


def test_a_session_without_member_is_a_date_without_groups() -> None:
    found = calendar({1: [date_row(11, "2025-12-01")]}, '[{"date": "2025-12-03"}, {"date": "2025-12-01"}]')
    assert days(found)[1] == ("2025-12-03", "10:00:00", "12:00:00", 1, [])
    assert [day.date for day in found.unpaired] == ["2025-12-03"]


def test_a_session_that_repeats_a_known_hour_adds_nothing() -> None:
    twice = '[{"date": "2025-12-01", "hour": "10:00"}, {"date": "2025-12-01", "hour": "10:00"}]'
    assert len(calendar({1: [date_row(11, "2025-12-01")]}, twice).days) == 1


@pytest.mark.parametrize("text", ['[{"date": "2025-12-03"}]', '[{"date": "2025-12-03", "hour": "23:30"}]'])
def test_a_session_that_cannot_be_placed_makes_the_list_unreadable(text: str) -> None:
    found = calendar({1: []}, text)
    assert found.unreadable and not found.days


@pytest.mark.parametrize(
    ("given", "row", "text", "active"),
    [
        ({}, date_row(1, "2025-12-01"), None, 1),
        ({"active": 0}, date_row(1, "2025-12-01"), None, 0),
        ({"deleted_at": "2025-01-01 00:00:00"}, date_row(1, "2025-12-01"), None, 0),
        ({}, date_row(1, "2025-12-01", deleted_at="2025-01-01 00:00:00"), None, 0),
        ({}, date_row(1, "2025-12-01"), '[{"date": "2025-12-01", "cancelled": true}]', 0),
        ({}, date_row(1, "2025-12-01"), '[{"date": "2025-12-01", "active": 0}]', 0),
    ],
)
def test_dates_of_what_is_deleted_cancelled_or_inactive_are_inactive(
    given: dict[str, Any], row: Any, text: str | None, active: int
) -> None:
    assert calendar({1: [row]}, text, **given).days[0].active == active


def test_one_date_and_hour_is_one_day_and_the_living_row_wins() -> None:
    rows = [
        date_row(1, "2025-12-01", deleted_at="2025-01-01 00:00:00"),
        date_row(3, "2025-12-01"),
        date_row(2, "2025-12-01"),
    ]
    found = sessions.alone(member(1), rows)
    assert days(found) == [("2025-12-01", "10:00:00", "12:00:00", 1, [2, 3, 1])]
    assert found.days[0].live


@pytest.mark.parametrize(
    ("row", "duration", "code"),
    [
        (date_row(1, "0000-00-00"), "02:00:00", "DATE_INVALID"),
        (date_row(1, None), "02:00:00", "DATE_INVALID"),
        (date_row(1, "2025-02-30"), "02:00:00", "DATE_INVALID"),
        (date_row(1, "2025-12-01", "23:00:00"), "02:00:00", "CROSSES_MIDNIGHT"),
        (date_row(1, "2025-12-01", None), "02:00:00", "MISSING_TIME"),
    ],
)
def test_a_date_that_cannot_be_held_is_named(row: Any, duration: str, code: str) -> None:
    assert [bad.code for bad in sessions.alone(member(1, duration=duration), [row]).bad] == [code]


def test_without_a_duration_the_end_is_the_start_and_flagged() -> None:
    day = sessions.alone(member(1, duration="00:00:00"), [date_row(1, "2025-12-01")]).days[0]
    assert (day.hour_end, day.warnings) == ("10:00:00", ["DURATION_UNKNOWN"])


def test_the_period_counts_live_dates_and_all_of_them_when_none_is_alive() -> None:
    gone = "2025-01-01 00:00:00"
    rows = [date_row(1, "2025-12-01", deleted_at=gone), date_row(2, "2025-12-02")]
    assert [day.date for day in sessions.alone(member(1), rows).range_days] == ["2025-12-02"]
    assert [day.date for day in sessions.alone(member(1), rows[:1]).range_days] == ["2025-12-01"]


# Windows of private courses


def window(choices: Choices | None = None, **given: Any) -> windows.Window:
    return windows.window_of(course(**given), choices or Choices.defaults())


def test_every_day_of_the_period_is_written_with_its_weekday() -> None:
    found = window()
    assert [active for _, active in found.days()] == [True] * 5 + [False] * 2
    assert (found.opens, found.closes, found.problems) == ("09:00:00", "17:00:00", ())
    assert found.has("2025-12-06") and not found.has("2025-12-08") and not found.has("2025-11-30")


def test_only_active_days_by_choice() -> None:
    found = window(Choices.defaults().with_values({"Q-30": {None: "active"}}))
    assert [date for date, _ in found.days()] == [f"2025-12-0{day}" for day in range(1, 6)]
    assert not found.has("2025-12-06")


def test_the_table_of_the_operator_outweighs_the_row() -> None:
    choices = Choices.defaults().with_values({"Q-29": {None: {"5": ["sunday"]}}})
    found = window(choices, day_start_res="someday")
    assert [date for date, active in found.days() if active] == ["2025-12-07"]
    assert found.problems == ()


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"day_start_res": "lundi"}, "WEEKDAY_UNKNOWN"),
        ({"hour_min": "null"}, "HOURS_ASSUMED"),
        ({"hour_min": "18:00"}, "HOURS_ASSUMED"),
        ({"hour_max": "soon"}, "HOURS_ASSUMED"),
        ({"date_end": "2029-01-01"}, "TOO_MANY_PRIVATE_DAYS"),
    ],
)
def test_what_the_row_does_not_say_is_flagged(given: dict[str, Any], problem: str) -> None:
    assert [code for code, _ in window(**given).problems] == [problem]


def test_no_more_days_than_the_limit() -> None:
    found = window(Choices.defaults().with_values({"Q-30": {None: {"days": "all", "limit": 3}}}))
    assert [date for date, _ in found.days()] == ["2025-12-01", "2025-12-02", "2025-12-03"]
    assert not found.has("2025-12-04")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"date_end": "2025-11-30"}, "RANGE_REVERSED"),
        ({"date_start": "0000-00-00"}, "DATE_INVALID"),
        ({"date_end": None}, "DATE_INVALID"),
    ],
)
def test_a_period_that_is_none_refuses_the_course(given: dict[str, Any], code: str) -> None:
    with pytest.raises(BadValue) as refused:
        window(**given)
    assert refused.value.code == code


# Days made for bookings


def line(
    date: str, hour: str | None = "11:00:00", minutes: int | None = 60, live: bool = True
) -> booked.BookedLine:
    return booked.BookedLine(1, date, hour, minutes, live, 1)


def test_a_day_made_for_bookings_spans_its_lessons() -> None:
    lines = [
        line("2025-12-20", live=False), line("2025-12-20", "09:30:00", 30), line("2025-12-02"), line("2025-12-21", None, None),
        line("2025-12-22", "23:30:00"), line("2025-12-24"),
    ]  # fmt: skip
    found = booked.extra_days(course(duration="01:00:00"), window(), {"2025-12-24"}, lines)
    assert [(day.date, day.hour_start, day.hour_end, day.active) for day in found] == [
        ("2025-12-20", "09:30:00", "12:00:00", 1),
        ("2025-12-21", "09:00:00", "10:00:00", 1),
    ]


@pytest.mark.parametrize(
    ("date", "expected"), [(None, None), ("0000-00-00", None), ("2025-12-01", "2025-12-01")]
)
def test_a_line_without_a_date_needs_no_day(date: str | None, expected: str | None) -> None:
    found = booked.booked_line(1, date, "9h30", "never", 1, 4)
    assert (found and found.date) == expected
    assert found is None or (found.hour, found.minutes) == ("09:30:00", None)


# Prices


def price(key: int, interval: int | None, amount: str, people: int = 1, **given: Any) -> Any:
    values = {
        "id": key,
        "time_interval": interval,
        "num_pax": people,
        "price": Decimal(amount),
        "percentage": Decimal(1),
    }
    return SimpleNamespace(**{**values, "deleted_at": None, **given})


@pytest.mark.parametrize(
    ("steps", "days", "expected", "warnings"),
    [
        ([(2, "10")], 2, [(2, 20)], []),
        ([(2, "10"), (3, "15")], 3, [(2, 20), (3, 25)], []),
        ([(1, "5"), (2, "10")], 2, [(1, 5), (2, 15)], []),
        ([(2, "12.5"), (3, "12.5")], 3, [(2, 25), (3, 12.5)], []),
        ([(2, "10"), (4, "20")], 4, [(2, 20), (3, 10), (4, 50)], ["DISCOUNT_GAP"]),
        ([(2, "10"), (3, "5")], 3, [(2, 20), (3, -5)], ["DISCOUNT_SHAPE"]),
        ([(2, "10"), (2, "20")], 2, [(2, 40)], ["PRICE_DUPLICATE"]),
        ([(7, "10")], 2, None, []),
        ([], 3, None, []),
    ],
)
def test_discounts_keep_every_total(
    steps: list[tuple[int, str]], days: int, expected: Any, warnings: list[str]
) -> None:
    rows = [price(key, interval, share) for key, (interval, share) in enumerate(steps, 1)]
    found = prices.discounts(rows, days, convert=True)
    assert found.json == (
        None if expected is None else [{"day": day, "reduccion": share} for day, share in expected]
    )
    assert list(found.warnings) == warnings


def test_totals_are_equal_to_the_cent() -> None:
    shares = {2: Decimal("7.25"), 3: Decimal("11.10"), 4: Decimal("11.10"), 5: Decimal("20")}
    found = prices.discounts([price(day, day, str(share)) for day, share in shares.items()], 5, convert=True)
    reductions = {entry["day"]: Decimal(str(entry["reduccion"])) for entry in found.json or []}
    for days in range(1, 6):
        v5 = sum(Decimal("60.50") * (1 - reductions.get(day, Decimal(0)) / 100) for day in range(1, days + 1))
        legacy = Decimal("60.50") * days * (1 - shares.get(days, Decimal(0)) / 100)
        assert round(v5, 2) == round(legacy, 2)


def test_discounts_as_they_stand_by_choice() -> None:
    assert prices.discounts([price(1, 2, "10"), price(2, 3, "15")], 3, convert=False).json == [
        {"day": 2, "reduccion": 10},
        {"day": 3, "reduccion": 15},
    ]


@pytest.mark.parametrize(
    "given", [{"deleted_at": "2025-01-01"}, {"percentage": Decimal(0)}, {"time_interval": None}]
)
def test_rows_that_are_no_discounts_do_not_count(given: dict[str, Any]) -> None:
    assert prices.discounts([price(1, 2, "10", **given)], 3, convert=True).json is None


def test_a_grid_has_a_line_per_duration_and_a_column_per_person() -> None:
    rows = [
        price(1, 90, "100"),
        price(2, 60, "80"),
        price(3, 60, "0", 2),
        price(4, 60, "85"),
        price(5, 90, "9", 3, deleted_at="x"),
    ]
    found = prices.grid(rows, 3)
    assert found.json == [
        {"intervalo": "1h", "1": "85.00", "2": None, "3": None},
        {"intervalo": "1h 30m", "1": "100.00", "2": None, "3": None},
    ]
    assert (found.warnings, found.used) == (("PRICE_DUPLICATE",), frozenset({1, 3, 4}))
    assert prices.grid([], 4).json is None


@pytest.mark.parametrize(
    ("own", "code", "expected"),
    [
        ((7, 11), 1, (7, 11)),
        ((1, 99), 4, (5, 17)),
        ((None, 12), 2, (2, 3)),
        ((1, 99), 1, (0, 99)),
        ((None, None), 77, (0, 99)),
        ((1, 99), 5, (18, 99)),
        ((1, 99), 3, (3, 5)),
    ],
)
def test_own_ages_outweigh_the_code(own: tuple[Any, Any], code: int, expected: tuple[int, int]) -> None:
    row = SimpleNamespace(age_min=own[0], age_max=own[1], recommended_age=code)
    assert (mappings.first_age(row, None), mappings.last_age(row, None)) == expected

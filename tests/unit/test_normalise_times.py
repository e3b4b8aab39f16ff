"""Dates, times, durations, weekdays and seasons."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entities.engine import normalise
from entities.engine.errors import BadValue

DAYS = st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)).map(str)
CLOCKS = st.times().map(lambda time: time.strftime("%H:%M:%S"))


def refused(function, *arguments):
    with pytest.raises(BadValue) as refusal:
        function(*arguments)
    assert refusal.value.message.endswith(".")
    return refusal.value.code


@pytest.mark.parametrize(
    "value, day",
    [
        (None, None),
        ("", None),
        ("  ", None),
        ("2024-02-29", "2024-02-29"),
        ("2024-02-29 10:30:00", "2024-02-29"),
        (" 2024-02-29 ", "2024-02-29"),
        (datetime.date(2024, 2, 29), "2024-02-29"),
        ("1900-01-01", "1900-01-01"),
    ],
)
def test_dates(value, day):
    assert normalise.date(value) == day


@pytest.mark.parametrize(
    "value, code",
    [
        ("0000-00-00", "ZERO_DATE"),
        ("0000-00-00 00:00:00", "ZERO_DATE"),
        ("2023-02-29", "DATE_INVALID"),
        ("2024-00-10", "DATE_INVALID"),
        ("1899-12-31", "DATE_INVALID"),
        ("29.02.2024", "DATE_INVALID"),
        ("2024-2-9", "DATE_INVALID"),
        ("2024-02-09 25:00:00", "DATE_INVALID"),
        ("null", "DATE_INVALID"),
        ("２０２４-02-09", "DATE_INVALID"),
    ],
)
def test_dates_that_cannot_be(value, code):
    assert refused(normalise.date, value) == code


@pytest.mark.parametrize("value", [None, "", "0000-00-00", "1899-12-31", "2026-01-16", "2023-02-29", "soon"])
def test_a_birth_date_that_cannot_be_is_unknown(value):
    assert refused(normalise.birth_date, value, "2026-01-15") == "BIRTH_DATE_UNKNOWN"


def test_a_birth_date_may_be_today():
    assert normalise.birth_date("2026-01-15", "2026-01-15") == "2026-01-15"
    assert normalise.birth_date("1980-05-01 00:00:00", datetime.date(2026, 1, 15)) == "1980-05-01"


@pytest.mark.parametrize(
    "value, clock",
    [
        (None, None),
        ("", None),
        ("null", None),
        (" NULL ", None),
        ("9", "09:00:00"),
        (9, "09:00:00"),
        ("0", "00:00:00"),
        ("9:05", "09:05:00"),
        ("09:05", "09:05:00"),
        ("9.30", "09:30:00"),
        ("9h30", "09:30:00"),
        ("17H15", "17:15:00"),
        ("09:05:07", "09:05:07"),
        ("9:05:07", "09:05:07"),
        ("23:59:59", "23:59:59"),
    ],
)
def test_times(value, clock):
    assert normalise.time(value) == clock


@pytest.mark.parametrize(
    "value", ["24:00", "9:60", "9:5", "nine", "09:05:60", "-1:00", "9.30.00", "123", "9:30pm"]
)
def test_times_that_cannot_be(value):
    assert refused(normalise.time, value) == "MISSING_TIME"


def test_a_required_time_must_be_there():
    assert normalise.required_time("9") == "09:00:00"
    assert refused(normalise.required_time, None) == "MISSING_TIME"
    assert refused(normalise.required_time, "null") == "MISSING_TIME"


@pytest.mark.parametrize(
    "value, minutes",
    [
        (None, None),
        ("", None),
        ("null", None),
        ("01:30", 90),
        ("1:30", 90),
        ("01:30:00", 90),
        ("24:00:00", 1440),
        ("2h", 120),
        ("2 h", 120),
        ("1h 30min", 90),
        ("1h30", 90),
        ("1H 30M", 90),
        ("2h 0min", 120),
        ("0h 45min", 45),
        ("90m", 90),
        ("90 min", 90),
        ("1", 60),
        (12, 720),
        ("13", 13),
        (45, 45),
        ("1440", 1440),
    ],
)
def test_durations(value, minutes):
    assert normalise.duration(value) == minutes


@pytest.mark.parametrize(
    "value", ["0", 0, "00:00:00", "24:01", "1441", "1:60", "1h 60min", "01:30:30", "all day", "-2h", "1,5h"]
)
def test_durations_that_cannot_be(value):
    assert refused(normalise.duration, value) == "DURATION_UNKNOWN"


@given(st.integers(1, 1440))
def test_a_duration_reads_its_own_labels(minutes):
    assert normalise.duration(normalise.duration_label(minutes)) == minutes
    assert normalise.duration(normalise.interval_label(minutes)) == minutes


@pytest.mark.parametrize(
    "minutes, label",
    [(15, "15m"), (45, "45m"), (60, "1h"), (75, "1h 15m"), (105, "1h 45m"), (420, "7h"), (None, None)],
)
def test_labels_of_the_price_grid(minutes, label):
    assert normalise.interval_label(minutes) == label


@pytest.mark.parametrize(
    "minutes, label", [(120, "2h 0min"), (90, "1h 30min"), (45, "0h 45min"), (None, None)]
)
def test_labels_of_a_course(minutes, label):
    assert normalise.duration_label(minutes) == label


@pytest.mark.parametrize(
    "start, minutes, end",
    [
        ("09:00:00", 75, "10:15:00"),
        ("09:00:30", 1, "09:01:30"),
        ("23:00:00", 59, "23:59:00"),
        (None, 60, None),
        ("09:00:00", None, None),
    ],
)
def test_the_end_of_a_lesson(start, minutes, end):
    assert normalise.end_time(start, minutes) == end


@pytest.mark.parametrize("start, minutes", [("23:00:00", 60), ("23:30:00", 90), ("00:00:00", 1440)])
def test_a_lesson_that_ends_after_midnight_is_refused(start, minutes):
    assert refused(normalise.end_time, start, minutes) == "CROSSES_MIDNIGHT"


@given(CLOCKS, st.integers(1, 1440))
def test_the_end_is_later_on_the_same_day_or_refused(start, minutes):
    try:
        end = normalise.end_time(start, minutes)
    except BadValue:
        assert normalise.minutes_of(start) + minutes >= 1440
    else:
        assert end > start
        assert normalise.minutes_of(end) - normalise.minutes_of(start) == minutes


@pytest.mark.parametrize(
    "first, last, days",
    [
        ("friday", "monday", "friday saturday sunday monday"),
        ("Monday", "FRIDAY", "monday tuesday wednesday thursday friday"),
        (" sunday ", "saturday", "monday tuesday wednesday thursday friday saturday sunday"),
        ("saturday", "sunday", "saturday sunday"),
        ("wednesday", "wednesday", "wednesday"),
    ],
)
def test_weekdays_go_round_the_week(first, last, days):
    chosen, unknown = normalise.weekdays(first, last)
    assert list(chosen) == list(normalise.WEEKDAYS)
    assert {day for day, on in chosen.items() if on} == set(days.split())
    assert not unknown


@pytest.mark.parametrize(
    "first, last, unknown",
    [
        (None, None, False),
        ("", "monday", False),
        ("null", None, False),
        ("lundi", "friday", True),
        ("friday", "x", True),
    ],
)
def test_without_both_weekdays_every_day_is_allowed(first, last, unknown):
    chosen, said = normalise.weekdays(first, last)
    assert all(chosen.values())
    assert len(chosen) == 7
    assert said is unknown


@pytest.mark.parametrize(
    "value, instant",
    [
        (None, None),
        ("", None),
        ("0000-00-00 00:00:00", None),
        ("0000-00-00", None),
        ("2024-01-02 03:04:05", "2024-01-02 03:04:05"),
        ("2024-01-02 03:04:05.000000", "2024-01-02 03:04:05"),
        ("2024-01-02", "2024-01-02 00:00:00"),
        ("1850-01-01 00:00:00", "1850-01-01 00:00:00"),
    ],
)
def test_timestamps(value, instant):
    assert normalise.timestamp(value) == instant


@pytest.mark.parametrize(
    "value", ["2024-00-00 00:00:00", "yesterday", "2024-02-30 10:00:00", "2024-01-02 24:00:00"]
)
def test_timestamps_that_cannot_be(value):
    assert refused(normalise.timestamp, value) == "DATE_INVALID"


@pytest.mark.parametrize(
    "value, changed, instant",
    [
        (None, "2024-01-02 03:04:05", None),
        (0, "2024-01-02 03:04:05", None),
        ("0", None, None),
        (1, "2024-01-02 03:04:05", "2024-01-02 03:04:05"),
        (1700000000, None, "2023-11-14 22:13:20"),
        ("1700000000", None, "2023-11-14 22:13:20"),
        ("2024-01-02 03:04:05", None, "2024-01-02 03:04:05"),
        ("0000-00-00 00:00:00", None, None),
    ],
)
def test_deletion_may_be_a_time_a_number_or_nothing(value, changed, instant):
    assert normalise.deleted_at(value, changed) == instant


def test_a_deleted_record_never_comes_back_to_life():
    assert refused(normalise.deleted_at, 1) == "DATE_INVALID"
    assert refused(normalise.deleted_at, 10**18) == "DATE_INVALID"


@pytest.mark.parametrize(
    "day, boundary, year",
    [
        ("2023-09-01", "09-01", 2023),
        ("2023-08-31", "09-01", 2022),
        ("2024-01-15", "09-01", 2023),
        ("2024-01-15 10:00:00", "01-15", 2024),
        ("2024-02-29", "09-01", 2023),
    ],
)
def test_the_season_year_of_a_day(day, boundary, year):
    assert normalise.season_year(day, boundary) == year


def test_a_season_year_has_a_name_and_a_range():
    assert normalise.season_name(2023) == "2023/2024"
    assert normalise.season_range(2023) == ("2023-09-01", "2024-08-31")
    assert normalise.season_range(2023, "03-01") == ("2023-03-01", "2024-02-29")


@given(DAYS, st.dates().map(str).map(lambda day: day[5:]).filter(lambda day: day != "02-29"))
def test_every_day_lies_in_the_range_of_its_season_year(day, boundary):
    first, last = normalise.season_range(normalise.season_year(day, boundary), boundary)
    assert first <= day <= last


@given(DAYS, CLOCKS)
def test_normal_values_are_left_alone(day, clock):
    assert normalise.date(day) == day
    assert normalise.time(clock) == clock
    assert normalise.timestamp(f"{day} {clock}") == f"{day} {clock}"
    assert normalise.weekday(day) in normalise.WEEKDAYS


@given(st.text(max_size=12) | st.integers() | st.none())
def test_whatever_comes_is_cleaned_for_good_or_refused(value):
    for function in (normalise.date, normalise.time, normalise.timestamp, normalise.email, normalise.money):
        try:
            cleaned = function(value)
        except BadValue:
            continue
        assert function(cleaned) == cleaned


def test_the_weekday_of_a_day():
    assert normalise.weekday("2024-02-29") == "thursday"

"""Courses, their dates, groups and subgroups: which V5 column comes from where (4.15 to 4.19)."""

from __future__ import annotations

from typing import Any, ClassVar

from entities.courses.legacy import (
    LegacyCourse,
    LegacyCourseDate,
    LegacyCourseGlobal,
    LegacyCourseGroup,
    LegacyCourseSubgroup,
)
from entities.courses.v5 import V5Course, V5CourseDate, V5CourseGroup, V5CourseSubgroup
from entities.engine.definition import Mapping
from entities.engine.environment import Env
from entities.engine.fields import Computed, Const, Copy, Given, Stamp
from entities.engine.normalise import flag, timestamp

AGES = {2: (2, 3), 3: (3, 5), 4: (5, 17), 5: (18, 99)}  # recommended_age
ANY_AGE = (0, 99)
PLAIN_AGES = (1, 99)  # what legacy stores when nobody chose ages


def sold_by_day(row: Any, env: Env) -> int:
    """1 unless a course is sold as a whole"""
    return int(not row.is_definitive)


class UmbrellaMapping(Mapping):
    """4.15, shape A: the umbrella and its members become one course."""

    entity = "course_global"
    source, target = LegacyCourseGlobal, V5Course

    course_type = Given(
        "type of the members (1 or 3)", uses=("courses2.course_type_id", "courses2.course_supertype_id")
    )
    is_flexible = Computed(sold_by_day, uses=("is_definitive",))
    sport_id = Given("sport of most members", uses=("courses2.sport_id",))
    school_id = Given("school of most members", uses=("courses2.school_id",))
    station_id = Given("station of most members", uses=("courses2.station_id",))
    user_id = Const(None)
    name = Given("name of the umbrella, else of its first member", uses=("name_global", "courses2.name"))
    short_description = Given(
        "text of the umbrella, else of its first member",
        uses=("short_description_global", "courses2.short_description"),
    )
    description = Given(
        "text of the umbrella, else of its first member", uses=("description_global", "courses2.description")
    )
    price = Given("price of the umbrella, else of its first member", uses=("price_global", "courses2.price"))
    currency = Given("currency of the members, else of the school", uses=("courses2.currency",), rule="Q-07")
    max_participants = Given("largest of the members", uses=("courses2.max_participants",))
    duration = Given("duration of the first member as text", uses=("courses2.duration",))
    date_start = Given("first date", uses=("date_start_global", "courses2.date_start", "course_dates2.date"))
    date_end = Given("last date", uses=("date_end_global", "courses2.date_end", "course_dates2.date"))
    date_start_res = Given("earliest of the members, open if one is open", uses=("courses2.date_start_res",))
    date_end_res = Given("latest of the members, open if one is open", uses=("courses2.date_end_res",))
    hour_min = Given(
        "earliest hour of the dates", uses=("dates_global", "course_dates2.hour", "courses2.hour_min")
    )
    hour_max = Given(
        "latest hour of the dates", uses=("dates_global", "course_dates2.hour", "courses2.hour_max")
    )
    age_min = Const(1)
    age_max = Const(99)
    confirm_attendance = Given("1 if a live member has it", uses=("courses2.confirm_attendance",))
    active = Given("1 if a live member is active", uses=("courses2.active",))
    online = Given("1 if a live member is online", uses=("courses2.online",))
    unique = Const(0)
    options = Const(0)
    highlighted = Const(0)
    claim_text = Const(None)
    image = Given("first picture of the members", uses=("courses2.image",), rule="GR-16")
    translations = Const(None)
    price_range = Const(None)
    discounts = Given(
        "share off the k-th day",
        rule="Q-27",
        uses=(
            "price_ranges.time_interval",
            "price_ranges.price",
            "price_ranges.percentage",
            "price_ranges.deleted_at",
        ),
    )
    settings = Given("empty", uses=())
    created_at = Given("earliest of umbrella and members", uses=("created_at", "courses2.created_at"))
    updated_at = Given("latest of umbrella and members", uses=("updated_at", "courses2.updated_at"))
    deleted_at = Given("latest of the members, when all are deleted", uses=("courses2.deleted_at",))
    old_id = Copy("id")
    season_id = Given("season of most live dates", uses=("course_dates2.date",), rule="Q-28")
    legacy_id = Const(None)
    migrated_at = Stamp()


class CourseMapping(Mapping):
    """4.15, shape B, and 4.16: one row, one course; also the members of a group without umbrella."""

    entity = "course"
    source, target = LegacyCourse, V5Course
    inputs = ("group_id",)

    course_type = Given("kind of the course", uses=("course_type_id", "course_supertype_id"))
    is_flexible = Given(
        "private: duration_flexible; else by choice", uses=("duration_flexible",), rule="Q-26"
    )
    sport_id = Given("V5 id of the sport", uses=("sport_id",))
    school_id = Given("V5 id of the school", uses=("school_id",))
    station_id = Given("V5 id of the station", uses=("station_id",))
    user_id = Const(None)
    name = Given("name", uses=("name",))
    short_description = Given("text", uses=("short_description",))
    description = Given("text", uses=("description",))
    price = Given("price; of 15 minutes when private and flexible", uses=("price",))
    currency = Given("currency, else of the school", uses=("currency",), rule="Q-07")
    max_participants = Given("number of places", uses=("max_participants",))
    duration = Given("duration as text", uses=("duration",))
    date_start = Given("first date; private: of its period", uses=("date_start",), rule="Q-31")
    date_end = Given("last date; private: of its period", uses=("date_end",), rule="Q-31")
    date_start_res = Given("booking opens", uses=("date_start_res",))
    date_end_res = Given("booking closes", uses=("date_end_res",))
    hour_min = Given("earliest hour of the dates; private: opens", uses=("hour_min", "course_dates2.hour"))
    hour_max = Given("latest hour of the dates; private: closes", uses=("hour_max", "course_dates2.hour"))
    age_min = Const(1)
    age_max = Const(99)
    confirm_attendance = Given("flag", uses=("confirm_attendance",))
    active = Given("flag", uses=("active",))
    online = Given("flag", uses=("online",))
    unique = Const(0)
    options = Const(0)
    highlighted = Const(0)
    claim_text = Const(None)
    image = Given("picture", uses=("image",), rule="GR-16")
    translations = Const(None)
    price_range = Given(
        "private: price by duration and people",
        uses=(
            "price_ranges.course_id",
            "price_ranges.school_id",
            "price_ranges.is_default",
            "price_ranges.num_pax",
            "price_ranges.time_interval",
            "price_ranges.price",
            "price_ranges.deleted_at",
        ),
    )
    discounts = Const(None)
    settings = Given("private: weekDays", uses=("day_start_res", "day_end_res"), rule="Q-29")
    created_at = Given("time stamp", uses=("created_at",))
    updated_at = Given("time stamp", uses=("updated_at",))
    deleted_at = Given("time stamp", uses=("deleted_at",))
    old_id = Given("courses2.id; group_id for a group without umbrella", uses=("id", "group_id"))
    season_id = Given("season of most dates; private: of most booked dates", rule="Q-28")
    legacy_id = Given("courses2.id; empty for groups", uses=("id",))
    migrated_at = Stamp()


class DateMapping(Mapping):
    """4.17: a session of a collective course."""

    entity = "course_date"
    source, target = LegacyCourseDate, V5CourseDate

    course_id = Given("V5 id of the course", uses=("course2_id",))
    date = Given("day", uses=("date",))
    hour_start = Given("start", uses=("hour",))
    hour_end = Given("start plus duration", uses=("hour", "course_globals.dates_global", "courses2.duration"))
    active = Given(
        "0 when deleted, cancelled or of an inactive member", uses=("deleted_at", "courses2.active")
    )
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    deleted_at = Given("own, else that of the member", uses=("deleted_at", "courses2.deleted_at"))
    old_id = Copy("id")
    interval_id = Const(None)
    order = Const(None)


class _MadeDate(Mapping):
    """A date without a legacy row of its own."""

    target = V5CourseDate
    source: ClassVar[Any] = LegacyCourse
    entity = "course_day"

    course_id = Given("V5 id of the course")
    date = Given("day")
    hour_start = Given("start")
    hour_end = Given("end")
    active = Given("1 when it can be booked")
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    deleted_at = Given("empty for a live day")
    old_id = Const(None)
    interval_id = Const(None)
    order = Const(None)


class DayMapping(_MadeDate):
    """4.17: a day of a private course, a day added for a booking or for a group."""


class SessionMapping(_MadeDate):
    """4.17: a session of the umbrella without any member."""

    entity = "course_session"
    source = LegacyCourseGlobal
    inputs = ("dates_global",)


def ages(row: Any) -> tuple[int, int]:
    """Own ages when both are set and somebody chose them, else the range of recommended_age (4.18)."""
    if row.age_min is not None and row.age_max is not None and (row.age_min, row.age_max) != PLAIN_AGES:
        return row.age_min, row.age_max
    return AGES.get(row.recommended_age, ANY_AGE)


def first_age(row: Any, env: Env) -> int:
    """own minimum, else that of recommended_age"""
    return ages(row)[0]


def last_age(row: Any, env: Env) -> int:
    """own maximum, else that of recommended_age"""
    return ages(row)[1]


class GroupMapping(Mapping):
    """4.18: a level group on one date."""

    entity = "course_group"
    source, target = LegacyCourseGroup, V5CourseGroup

    course_id = Given("V5 id of the course", uses=("course2_id",))
    course_date_id = Given("V5 id of the date")
    degree_id = Given("the school's degree for the global level", uses=("degree_id",))
    age_min = Computed(first_age, uses=("age_min", "age_max", "recommended_age"))
    age_max = Computed(last_age, uses=("age_min", "age_max", "recommended_age"))
    recommended_age = Copy()
    teachers_min = Copy()
    teachers_max = Copy()
    observations = Copy()
    teacher_min_degree = Given("the school's degree for the global level", uses=("teacher_min_degree",))
    auto = Copy(convert=flag)
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    deleted_at = Copy(convert=timestamp)
    old_id = Copy("id")


class SubgroupMapping(Mapping):
    """4.19: a class on one date, with the monitor of that date."""

    entity = "course_subgroup"
    source, target = LegacyCourseSubgroup, V5CourseSubgroup

    course_id = Given("V5 id of the course")
    course_date_id = Given("V5 id of the date")
    degree_id = Given("degree of the group")
    course_group_id = Given("V5 id of the group", uses=("course_group2_id",))
    monitor_id = Given(
        "replacement of the day, else the monitor",
        rule="Q-32",
        uses=(
            "monitor_id",
            "subgroups_monitor_dates.monitor_id",
            "subgroups_monitor_dates.date",
            "subgroups_monitor_dates.hour",
        ),
    )
    max_participants = Given(
        "own, else that of the course", uses=("max_participants", "courses2.max_participants")
    )
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    deleted_at = Copy(convert=timestamp)
    old_id = Copy("id")

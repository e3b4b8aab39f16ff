"""What belongs to a school and travels with it (4.7): mappings, and how duplicates are merged."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from entities.engine.definition import Mapping
from entities.engine.errors import BadValue
from entities.engine.fields import Copy, Fallback, Given, Parent
from entities.engine.normalise import amount, date, flag, normal_key, time, timestamp
from entities.engine.values import Entry, Row, Unit
from entities.schools.legacy import (
    LegacyMail,
    LegacySchoolColor,
    LegacySchoolSalaryLevel,
    LegacySchoolSport,
    LegacyStationSchool,
    LegacyTask,
    LegacyTaskCheck,
)
from entities.schools.v5 import (
    V5Mail,
    V5SchoolColor,
    V5SchoolSalaryLevel,
    V5SchoolSport,
    V5StationSchool,
    V5Task,
    V5TaskCheck,
)
from tracking.sentences import sentence

SCHOOL = "V5 id of the school"


def alive(value: Any) -> int:
    """1 unless the row is deleted"""
    return int(timestamp(value) is None)


def required_date(value: Any) -> str:
    """a date that must be there"""
    found = date(value)
    if found is None:
        raise BadValue("TASK_DATE_UNKNOWN", sentence("The task has no date."))
    return found


def required_time(value: Any) -> str:
    """a time of day that must be there"""
    found = time(value)
    if found is None:
        raise BadValue("TASK_DATE_UNKNOWN", sentence("The task has no time."))
    return found


def day_written(row: Row, env: Any) -> str | None:
    """The day on which the row was created."""
    return (timestamp(row.created_at) or "")[:10] or None


class ColorMapping(Mapping):
    """Calendar colours; exactly one default per school."""

    entity = "school_color"
    source, target = LegacySchoolColor, V5SchoolColor

    school_id = Given(SCHOOL, uses=("school_id",))
    name = Copy()
    color = Copy()
    default = Given("1 for the first colour in use, else 0")
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    deleted_at = Copy(convert=timestamp)
    old_id = Copy("id")


class SalaryLevelMapping(Mapping):
    """Pay bands; the column's own default would make all of them inactive."""

    entity = "school_salary_level"
    source, target = LegacySchoolSalaryLevel, V5SchoolSalaryLevel

    school_id = Given(SCHOOL, uses=("school_id",))
    name = Copy()
    pay = Copy(convert=amount)
    active = Copy("deleted_at", alive)
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    deleted_at = Copy(convert=timestamp)
    old_id = Copy("id")


class StationSchoolMapping(Mapping):
    """Stations a school works at; legacy keeps no times for them."""

    entity = "station_school"
    source, target = LegacyStationSchool, V5StationSchool

    station_id = Parent("station", missing="STATION_UNKNOWN")
    school_id = Given(SCHOOL, uses=("school_id",))
    old_id = Copy("id")


class SchoolSportMapping(Mapping):
    """Sports a school offers."""

    entity = "school_sport"
    source, target = LegacySchoolSport, V5SchoolSport

    school_id = Given(SCHOOL, uses=("school_id",))
    sport_id = Parent("sport", missing="SPORT_UNKNOWN")
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    old_id = Copy("id")


class TaskMapping(Mapping):
    """To-dos; without a date the day they were written, without a time midnight."""

    entity = "task"
    source, target = LegacyTask, V5Task

    name = Copy()
    date = Copy(convert=required_date, bad=Fallback(day_written, "TASK_DATE_UNKNOWN"))
    time = Copy(convert=required_time, bad=Fallback("00:00:00", "TASK_DATE_UNKNOWN"))
    school_id = Given(SCHOOL, uses=("school_id",))
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    deleted_at = Copy(convert=timestamp)
    old_id = Copy("id")


class TaskCheckMapping(Mapping):
    """Lines of a to-do, with their own times."""

    entity = "task_check"
    source, target = LegacyTaskCheck, V5TaskCheck

    text = Copy()
    checked = Copy(convert=flag)
    task_id = Given("V5 id of the task", uses=("task_id",))
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    deleted_at = Copy(convert=timestamp)
    old_id = Copy("id")


class MailMapping(Mapping):
    """Mail templates, one to one; the language is that of Q-11 unless the dump has one."""

    entity = "mail"
    source, target = LegacyMail, V5Mail

    type = Copy()
    lang = Given("language of the templates", rule="Q-11")
    subject = Copy()
    title = Given("the dump's own title, else empty")
    body = Copy()
    school_id = Given(SCHOOL, uses=("school_id",))
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    deleted_at = Given("the dump's own mark of deletion, else empty")


MAPPINGS = (ColorMapping, SalaryLevelMapping, StationSchoolMapping, SchoolSportMapping, TaskMapping,
            TaskCheckMapping, MailMapping)  # fmt: skip


def default_color(rows: Iterable[Row]) -> int | None:
    """Id of the colour that becomes the default: legacy marks none, so the first one in use."""
    return next((row.id for row in rows if not timestamp(row.deleted_at)), None)


def color_key(row: Row) -> tuple[str, str]:
    return (normal_key(row.name), normal_key(row.color))


def write_once(
    unit: Unit,
    mapping: type[Mapping],
    rows: list[Row],
    key: Callable[[Row], Any],
    given: Callable[[Row], dict[str, Any]],
    *,
    present: dict[Any, int],
    under: Entry,
) -> None:
    """One V5 row per natural key: live rows first, then the lowest id; the others are merged into it.

    A row that V5 held before takes them all. Rows whose key is None are written for themselves, so that
    their faults are found.
    """
    winners: dict[Any, Entry] = {}
    for row in sorted(rows, key=lambda one: (bool(getattr(one, "deleted_at", None)), one.id)):
        name = key(row)
        ours = unit.env.existing.get((mapping.entity, row.id, ""))
        if name is not None and name in winners:
            unit.merge(mapping.entity, row, winners[name], under=under)
        elif name in present and (ours is None or ours.disposition == "merged"):
            unit.merge(mapping.entity, row, present[name], mapping.table, under=under)
        else:
            winners[name] = unit.draft(mapping, row, given(row), under=under)

"""Non-working days and blocks (4.13.5, Q-23)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from entities.engine import normalise, resolvers
from entities.engine.environment import Env
from entities.engine.errors import BadValue
from entities.engine.values import Entry, Row, Unit
from entities.monitors.mappings import NwdMapping
from tracking.sentences import sentence

people = resolvers.of("users").people


OPENING_HOURS = ("08:00:00", "17:00:00")


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both included; times are None for whole days."""

    first: datetime.date
    last: datetime.date
    times: tuple[str, str] | None

    @property
    def days(self) -> list[str]:
        """Every day as ISO text, each counted from the untouched first one."""
        return [
            (self.first + datetime.timedelta(days=step)).isoformat()
            for step in range((self.last - self.first).days + 1)
        ]

    def overlaps(self, other: Period) -> bool:
        if self.first > other.last or other.first > self.last:
            return False
        if self.times is None or other.times is None:
            return True
        return self.times[0] < other.times[1] and other.times[0] < self.times[1]


def settle(unit: Unit, env: Env, monitor: Entry, rows: Sequence[Row]) -> None:
    """Every absence of a monitor; one that covers the time of an earlier live one is flagged."""
    earlier: list[Period] = []
    for row in rows:
        if people.is_left_out(env, row.school_id):
            unit.skip("monitor_nwd", row, "OUT_OF_SCOPE_SCHOOL", archive=False).school_id = row.school_id
            continue
        try:
            period = period_of(row, env.choices.of("absence_rows").max_days)
            school = _school(row, env)
        except BadValue as error:
            unit.reject(
                "monitor_nwd", row, error.code, message=error.message, under=monitor
            ).school_id = row.school_id
            continue
        entries = _write(unit, env, monitor, row, period, school)
        if not row.deleted_at:
            if any(period.overlaps(other) for other in earlier):
                _flag(entries)
            earlier.append(period)


def period_of(row: Row, longest: int) -> Period:
    """The days and hours of a row; raises DATE_INVALID, RANGE_REVERSED, RANGE_TOO_LONG or MISSING_TIME."""
    first, last = _day(row.start_date), _day(row.end_date)
    if last < first:
        raise BadValue("RANGE_REVERSED", sentence("The end lies before the beginning."))
    if (last - first).days + 1 > longest:
        raise BadValue(
            "RANGE_TOO_LONG", sentence("The period is longer than %(longest)s days.", longest=longest)
        )
    if normalise.flag(row.full_day):
        return Period(first, last, None)
    return Period(
        first, last, (normalise.required_time(row.start_time), normalise.required_time(row.end_time))
    )


def _day(value: str | None) -> datetime.date:
    try:
        day = normalise.date(value)
    except BadValue as error:
        raise BadValue("DATE_INVALID", error.message) from None
    if day is None:
        raise BadValue("DATE_INVALID", sentence("The date is missing."))
    return datetime.date.fromisoformat(day)


def _school(row: Row, env: Env) -> int | None:
    if row.school_id is None:
        return None
    if row.school_id not in env.known["school"]:
        raise BadValue("SCHOOL_UNKNOWN", sentence("school %(school)s has no V5 record", school=row.school_id))
    return env.known["school"][row.school_id]


def _write(unit: Unit, env: Env, monitor: Entry, row: Row, period: Period, school: int | None) -> list[Entry]:
    """One V5 row per day, or per period (Q-23)."""
    choice = env.choices.of("absence_rows")
    whole = OPENING_HOURS if choice.full_day_times == "opening" else (None, None)
    start, end = period.times or whole
    given = {"monitor_id": monitor.v5_id, "school_id": school, "start_time": start, "end_time": end}
    if choice.rows == "ranges":
        spans = {"": (period.first.isoformat(), period.last.isoformat())}
    else:
        spans = {day: (day, day) for day in period.days}
    disposition = "split" if len(spans) > 1 else "migrated"
    entries = []
    for part, (first, last) in spans.items():
        dated = {**given, "start_date": first, "end_date": last}
        entries.append(unit.draft(NwdMapping, row, dated, part=part, disposition=disposition, under=monitor))
        entries[-1].school_id = row.school_id
    return entries


def _flag(entries: Sequence[Entry]) -> None:
    """One issue per row; its other days only carry the code."""
    entries[0].warn(
        "ABSENCES_OVERLAP", "start_date", sentence("another absence of the monitor covers the same time")
    )
    for entry in entries[1:]:
        entry.keep().setdefault("warnings", []).append("ABSENCES_OVERLAP")

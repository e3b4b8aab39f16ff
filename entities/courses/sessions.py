"""The days of collective courses: member dates and the umbrella's list of sessions, joined (4.17)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from entities.engine import normalise
from entities.engine.errors import BadValue
from tracking.sentences import sentence

CANCELLED = ("cancelled", "canceled", "deleted")


class Session(NamedTuple):
    """One entry of `dates_global`; `minutes` None = the duration of the member counts."""

    date: str
    hour: str | None
    minutes: int | None
    cancelled: bool


@dataclass
class Day:
    """One date of a course in V5, and the legacy rows that lead to it (the first is the winner).

    `sources` is empty for a session without member. `error` = the reason why the date cannot be written.
    """

    date: str
    hour_start: str
    hour_end: str
    active: int = 1
    deleted_at: str | None = None
    sources: list[Any] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def live(self) -> bool:
        return self.deleted_at is None


class BadDate(NamedTuple):
    """A row of `course_dates2` that cannot become a date."""

    row: Any
    code: str
    field: str
    message: str


@dataclass
class Calendar:
    """All days of one course in the order of date and hour."""

    days: list[Day] = field(default_factory=list)
    bad: list[BadDate] = field(default_factory=list)
    unreadable: bool = False
    unpaired: list[Day] = field(default_factory=list)

    @property
    def range_days(self) -> list[Day]:
        """The days that make the course's period: the live ones, else all (decision on date_start/date_end)."""
        return [day for day in self.days if day.live] or self.days


def parse(text: str | None) -> tuple[list[Session], bool]:
    """The sessions in `dates_global`, and whether all of it could be read."""
    if not (text or "").strip():
        return [], True
    try:
        items = json.loads(text or "")
    except ValueError:
        return [], False
    if items is None:
        return [], True
    if not isinstance(items, list):
        return [], False
    found = [_session(item) for item in items]
    return [session for session in found if session is not None], None not in found


def _session(item: Any) -> Session | None:
    if not isinstance(item, dict):
        return None
    try:
        date = normalise.date(item.get("date"))
        if date is None:
            return None
        gone = any(item.get(name) in (1, True, "1", "true") for name in CANCELLED) or item.get("active") in (
            0,
            False,
            "0",
        )
        return Session(date, normalise.time(item.get("hour")), normalise.duration(item.get("duration")), gone)
    except BadValue:
        return None


def minutes_of(course: Any) -> int | None:
    """The duration of a course in minutes, None when it cannot be told."""
    try:
        return normalise.duration(course.duration)
    except BadValue:
        return None


def grouped(members: list[Any], dates_of: Callable[[Any], list[Any]], text: str | None) -> Calendar:
    """Shape A: member dates paired with sessions by date and hour, then by date alone, never by position."""
    sessions, readable = parse(text)
    calendar = Calendar(unreadable=not readable)
    rows = [(member, row) for member in members for row in dates_of(member)]
    left = list(sessions)
    pairs = _pair(rows, left)
    for member, row in rows:
        _add(calendar, row, member, pairs.get(row.id), active=bool(member.active), trashed=member.deleted_at)
    default = next((minutes for minutes in map(minutes_of, members) if minutes), None)
    for session in left:
        _add_session(calendar, session, default)
    return _sorted(calendar)


def alone(course: Any, rows: Iterable[Any]) -> Calendar:
    """Shape B: each row of `course_dates2` with the course's duration."""
    calendar = Calendar()
    for row in rows:
        _add(calendar, row, course, None, active=True, trashed=None)
    return _sorted(calendar)


def _pair(rows: list[tuple[Any, Any]], left: list[Session]) -> dict[int, Session]:
    """Sessions by id of the date row; what is paired leaves `left`."""
    pairs: dict[int, Session] = {}
    for exact in (True, False):
        for _, row in rows:
            if row.id in pairs:
                continue
            hit = next(
                (
                    one
                    for one in left
                    if one.date == str(row.date)[:10] and (not exact or one.hour == row.hour)
                ),
                None,
            )
            if hit is not None:
                pairs[row.id] = hit
                left.remove(hit)
    return pairs


def _add(
    calendar: Calendar, row: Any, course: Any, session: Session | None, *, active: bool, trashed: Any
) -> None:
    try:
        date, hour = _date(row.date), normalise.required_time(row.hour)
        minutes = (session.minutes if session else None) or minutes_of(course)
        end = normalise.end_time(hour, minutes) or hour
        deleted = normalise.timestamp(row.deleted_at) or normalise.timestamp(trashed)
    except BadValue as error:
        name = "date" if error.code in ("DATE_INVALID", "ZERO_DATE") else "hour"
        calendar.bad.append(
            BadDate(row, "DATE_INVALID" if name == "date" else error.code, name, error.message)
        )
        return
    runs = active and deleted is None and not (session and session.cancelled)
    day = Day(date, hour, end, int(runs), deleted, [row])
    if minutes is None:
        day.warnings.append("DURATION_UNKNOWN")
    _merge(calendar, day)


def _date(value: Any) -> str:
    found = normalise.date(value)
    if found is None:
        raise BadValue("DATE_INVALID", sentence("There is no date."))
    return found


def _merge(calendar: Calendar, day: Day) -> None:
    """(course, date, hour) is the key: a second row of it joins the first; the winner is alive, then has the lowest id."""
    for index, other in enumerate(calendar.days):
        if (other.date, other.hour_start) == (day.date, day.hour_start):
            first, second = (
                (other, day)
                if (not other.live, other.sources[0].id) <= (not day.live, day.sources[0].id)
                else (day, other)
            )
            first.sources += second.sources
            first.active = max(first.active, second.active)
            calendar.days[index] = first
            return
    calendar.days.append(day)


def _add_session(calendar: Calendar, session: Session, minutes: int | None) -> None:
    """A session without member: a date without groups. One that repeats a known date and hour adds nothing."""
    hour = session.hour or next((day.hour_start for day in calendar.days), None)
    try:
        end = normalise.end_time(hour, session.minutes or minutes)
    except BadValue:
        end = None
    if hour is None or end is None:
        calendar.unreadable = True
        return
    if any((day.date, day.hour_start) == (session.date, hour) for day in calendar.days):
        return
    day = Day(session.date, hour, end, int(not session.cancelled))
    calendar.days.append(day)
    calendar.unpaired.append(day)


def _sorted(calendar: Calendar) -> Calendar:
    calendar.days.sort(key=lambda day: (day.date, day.hour_start))
    calendar.unpaired.sort(key=lambda day: (day.date, day.hour_start))
    return calendar

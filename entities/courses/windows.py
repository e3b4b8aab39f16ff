"""The days of private courses: every calendar day of their window, by weekday (4.16, 4.17, Q-29, Q-30)."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from entities.engine import normalise
from entities.engine.errors import BadValue
from tracking.choices import Choices
from tracking.sentences import sentence

OPENS, CLOSES = "09:00:00", "17:00:00"  # 4.16: when the course says nothing


@dataclass(frozen=True)
class Window:
    """When a private course can be booked; `problems` are (code, field) to flag."""

    first: str
    last: str
    opens: str
    closes: str
    weekdays: dict[str, bool]
    only_active: bool
    limit: int
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def length(self) -> int:
        return (_day(self.last) - _day(self.first)).days + 1

    def is_active(self, date: str) -> bool:
        return self.weekdays[normalise.weekday(date)]

    def has(self, date: str) -> bool:
        """Whether the course has this day of its own."""
        if not self.first <= date <= self.last or (_day(date) - _day(self.first)).days >= self.limit:
            return False
        return not self.only_active or self.is_active(date)

    def days(self) -> Iterable[tuple[str, bool]]:
        """(date, active) for each day that is written (Q-30)."""
        start = _day(self.first)
        for step in range(min(self.length, self.limit)):
            date = (start + datetime.timedelta(days=step)).isoformat()
            active = self.is_active(date)
            if active or not self.only_active:
                yield date, active


def window_of(row: Any, choices: Choices) -> Window:
    """The window of a private course; raises DATE_INVALID or RANGE_REVERSED when it has none."""
    first, last = _required(row.date_start), _required(row.date_end)
    if last < first:
        raise BadValue("RANGE_REVERSED", sentence("The period ends before it begins."))
    weekdays, unknown = normalise.weekdays(row.day_start_res, row.day_end_res)
    override = choices.of("weekday_overrides", school=row.school_id).get(row.id)
    if override is not None:
        weekdays, unknown = {name: name in override for name in weekdays}, False
    opens, closes, assumed = hours_of(row)
    answer = choices.of("private_dates", school=row.school_id)
    problems = [("WEEKDAY_UNKNOWN", "day_start_res")] * unknown + [("HOURS_ASSUMED", "hour_min")] * assumed
    if (_day(last) - _day(first)).days >= answer.limit:
        problems.append(("TOO_MANY_PRIVATE_DAYS", "date_end"))
    return Window(
        first, last, opens, closes, weekdays, answer.days == "active", answer.limit, tuple(problems)
    )


def hours_of(row: Any) -> tuple[str, str, bool]:
    """(opens, closes, assumed?): what the row says, else 09:00 to 17:00; also when it closes before it opens."""
    opens, closes = clock(row.hour_min), clock(row.hour_max)
    if opens is None or closes is None or closes <= opens:
        both = (opens or OPENS, closes or CLOSES)
        return (*(both if both[0] < both[1] else (OPENS, CLOSES)), True)
    return opens, closes, False


def clock(value: Any) -> str | None:
    """A time of day, None when it is missing or cannot be read."""
    try:
        return normalise.time(value)
    except BadValue:
        return None


def _required(value: Any) -> str:
    try:
        found = normalise.date(value)
    except BadValue as error:
        raise BadValue("DATE_INVALID", error.message) from None
    if found is None:
        raise BadValue("DATE_INVALID", sentence("The period has no date."))
    return found


def _day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)

"""Times of day, durations and days of the week. Times are `HH:MM:SS`, durations whole minutes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from entities.engine.errors import BadValue
from tracking.sentences import sentence

from .dates import WEEKDAYS

MINUTES_PER_DAY = 24 * 60

# A bare number up to this means hours, above it minutes (rule of `duration`).
_LARGEST_BARE_HOURS = 12

# Legacy stores the word null where a time is missing.
_MISSING = ("", "null")

_CACHE = 4_096

_TIME = re.compile(r"([0-9]{1,2})(?:[:.h]([0-9]{2})|:([0-9]{2}):([0-9]{2}))?")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-5][0-9])(?::([0-9]{2}))?")
_HOURS = re.compile(r"([0-9]{1,2}) ?h(?: ?([0-5]?[0-9]) ?(?:m|min)?)?")
_MINUTES = re.compile(r"([0-9]{1,4}) ?(?:m|min)")
_BARE = re.compile(r"[0-9]{1,4}")

# The circle that legacy counts its ranges on.
_CIRCLE = ("sunday", *WEEKDAYS[:-1])


def time(value: Any) -> str | None:
    """`HH:MM:SS` from H, H:MM, HH:MM, HH:MM:SS, H.MM and HhMM; nothing, empty and the word null are None.

    Raises MISSING_TIME for what is no time of day.
    """
    return None if value is None else _time(str(value))


@lru_cache(_CACHE)
def _time(value: str) -> str | None:
    text = value.strip().lower()
    if text in _MISSING:
        return None
    found = _TIME.fullmatch(text)
    if not found:
        raise BadValue("MISSING_TIME", sentence("The time cannot be read."))
    hours, minutes, seconds = int(found[1]), int(found[2] or found[3] or 0), int(found[4] or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise BadValue("MISSING_TIME", sentence("A day has no such time."))
    return f"{hours:02}:{minutes:02}:{seconds:02}"


def required_time(value: Any) -> str:
    """As `time`, but nothing raises MISSING_TIME too."""
    found = time(value)
    if found is None:
        raise BadValue("MISSING_TIME", sentence("There is no time."))
    return found


def duration(value: Any) -> int | None:
    """Minutes from HH:MM[:00], 2h, 1h 30min, 90m or a bare number; nothing, empty and null are None.

    A bare number up to 12 means hours, above that minutes. Raises DURATION_UNKNOWN for what
    cannot be read, is nothing, longer than 24 hours or not in whole minutes.
    """
    return None if value is None else _duration(str(value))


@lru_cache(_CACHE)
def _duration(value: str) -> int | None:
    text = " ".join(value.lower().split())
    if text in _MISSING:
        return None
    minutes = _minutes(text)
    if minutes is None:
        raise BadValue("DURATION_UNKNOWN", sentence("The duration cannot be read."))
    if not 0 < minutes <= MINUTES_PER_DAY:
        raise BadValue(
            "DURATION_UNKNOWN", sentence("The duration must be more than nothing and at most 24 hours.")
        )
    return minutes


def _minutes(text: str) -> int | None:
    if found := _CLOCK.fullmatch(text):
        return None if int(found[3] or 0) else int(found[1]) * 60 + int(found[2])
    if found := _HOURS.fullmatch(text):
        return int(found[1]) * 60 + int(found[2] or 0)
    if found := _MINUTES.fullmatch(text):
        return int(found[1])
    if _BARE.fullmatch(text):
        number = int(text)
        return number * 60 if number <= _LARGEST_BARE_HOURS else number
    return None


def minutes_of(clock: str) -> int:
    """Minutes since midnight of an `HH:MM:SS`, seconds cut off."""
    return int(clock[:2]) * 60 + int(clock[3:5])


@lru_cache(_CACHE)
def end_time(start: str | None, minutes: int | None) -> str | None:
    """`start` plus `minutes` as `HH:MM:SS`; None when either is missing.

    Raises CROSSES_MIDNIGHT when the end is midnight or later: a time of day cannot hold it.
    """
    if start is None or minutes is None:
        return None
    end = minutes_of(start) + minutes
    if end >= MINUTES_PER_DAY:
        raise BadValue("CROSSES_MIDNIGHT", sentence("The end lies after midnight."))
    return f"{end // 60:02}:{end % 60:02}{start[5:]}"


def duration_label(minutes: int | None) -> str | None:
    """A course's duration as V5 shows it: `1h 30min`, `2h 0min`."""
    if minutes is None:
        return None
    return f"{minutes // 60}h {minutes % 60}min"


def interval_label(minutes: int | None) -> str | None:
    """A row of V5's price grid: `15m`, `1h`, `1h 15m`."""
    if minutes is None:
        return None
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours}h" if hours else "", f"{rest}m" if rest else "") if part)


def weekdays(first: Any, last: Any) -> tuple[dict[str, bool], bool]:
    """The days from `first` to `last`, both included, round the week; and whether a name was unknown.

    English names in any case. When a side is missing or unknown every day is true.
    """
    names = [str(name or "").strip().lower() for name in (first, last)]
    unknown = any(name not in _CIRCLE and name not in _MISSING for name in names)
    if any(name not in _CIRCLE for name in names):
        return dict.fromkeys(WEEKDAYS, True), unknown
    start, end = (_CIRCLE.index(name) for name in names)
    chosen = {_CIRCLE[(start + step) % 7] for step in range((end - start) % 7 + 1)}
    return {day: day in chosen for day in WEEKDAYS}, False

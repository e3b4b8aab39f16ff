"""Calendar days, instants and seasons. All values are ISO text as stored."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache
from typing import Any

from entities.engine.errors import BadValue
from tracking.sentences import sentence

# Written for an unknown date of birth when the column must not be empty.
BIRTH_DATE_SENTINEL = "1900-01-01"

# A month and day: the usual first day of a season year.
SEASON_BOUNDARY = "09-01"

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

# Dates repeat: all lessons of ten years have fewer different ones than this.
_CACHE = 16_384

_TIME_OF_DAY = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_DATE = re.compile(rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(?: {_TIME_OF_DAY}(?:\.[0-9]{{1,6}})?)?")
_TIMESTAMP = re.compile(rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(?: ({_TIME_OF_DAY})(?:\.0{{1,6}})?)?")


def date(value: Any) -> str | None:
    """`YYYY-MM-DD` from a date or an instant; nothing and empty text are None.

    Raises ZERO_DATE for a date of zeros, DATE_INVALID for what cannot be read, does not exist
    or lies before 1900.
    """
    if value is None or value == "":
        return None
    return _date(str(value))


@lru_cache(_CACHE)
def _date(value: str) -> str | None:
    text = value.strip()
    if not text:
        return None
    if text.startswith("0000-00-00"):
        raise BadValue("ZERO_DATE", sentence("The date is all zeros."))
    found = _DATE.fullmatch(text)
    if not found:
        raise BadValue("DATE_INVALID", sentence("The date cannot be read."))
    day = found[1]
    if day < "1900":
        raise BadValue("DATE_INVALID", sentence("The date lies before 1900."))
    return _existing(day)


def _existing(day: str) -> str:
    try:
        datetime.date.fromisoformat(day)
    except ValueError:
        raise BadValue("DATE_INVALID", sentence("The calendar has no such day.")) from None
    return day


def birth_date(value: Any, today: str | datetime.date) -> str:
    """A date of birth up to and including today.

    Raises BIRTH_DATE_UNKNOWN for everything else, nothing included; Q-06 says what is written then.
    """
    try:
        day = date(value)
    except BadValue as error:
        raise BadValue("BIRTH_DATE_UNKNOWN", error.message) from None
    if day is None:
        raise BadValue("BIRTH_DATE_UNKNOWN", sentence("There is no date of birth."))
    if day > str(today)[:10]:
        raise BadValue("BIRTH_DATE_UNKNOWN", sentence("The date of birth lies in the future."))
    return day


def timestamp(value: Any) -> str | None:
    """`YYYY-MM-DD HH:MM:SS`; nothing, empty text and zeros are None (GR-10), a bare day is its midnight.

    Raises DATE_INVALID for what cannot be read or does not exist.
    """
    return None if value is None or value == "" else _timestamp(str(value))


@lru_cache(_CACHE)
def _timestamp(value: str) -> str | None:
    text = value.strip()
    if not text or text.startswith("0000-00-00"):
        return None
    found = _TIMESTAMP.fullmatch(text)
    if not found:
        raise BadValue("DATE_INVALID", sentence("The date and time cannot be read."))
    return f"{_cached_existing(found[1])} {found[2] or '00:00:00'}"


_cached_existing = lru_cache(_CACHE)(_existing)


def deleted_at(value: Any, changed_at: Any = None) -> str | None:
    """When a record was deleted, or None while it lives; some columns hold a number instead (4.10).

    0 and nothing: alive. 1: deleted at an unknown time, so the time of the last change is taken.
    A larger number: seconds since 1970, in UTC. Raises DATE_INVALID when it is deleted and no
    time can be told, since a record must not come back to life.
    """
    text = "" if value is None else str(value).strip()
    if not (text.isascii() and text.isdigit()):
        return timestamp(text)
    seconds = int(text)
    if seconds == 0:
        return None
    if seconds > 1:
        return _instant(seconds)
    found = timestamp(changed_at)
    if found is None:
        raise BadValue("DATE_INVALID", sentence("The record is deleted, but nothing tells when."))
    return found


def _instant(seconds: int) -> str:
    try:
        moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    except (OverflowError, ValueError, OSError):
        raise BadValue("DATE_INVALID", sentence("The number is no instant.")) from None
    return moment.strftime("%Y-%m-%d %H:%M:%S")


@lru_cache(_CACHE)
def weekday(day: str) -> str:
    """The English name of a date's weekday in lower case."""
    return WEEKDAYS[datetime.date.fromisoformat(day[:10]).weekday()]


def season_year(day: str, boundary: str = SEASON_BOUNDARY) -> int:
    """The year in which the season of this day began; `boundary` is its first day as MM-DD (4.9)."""
    year = int(day[:4])
    return year if day[5:10] >= boundary else year - 1


def season_name(year: int) -> str:
    """`2023/2024` for 2023."""
    return f"{year:04}/{year + 1:04}"


def season_range(year: int, boundary: str = SEASON_BOUNDARY) -> tuple[str, str]:
    """First and last day of the season that begins in this year; both belong to it."""
    following = datetime.date.fromisoformat(f"{year + 1:04}-{boundary}")
    return f"{year:04}-{boundary}", (following - datetime.timedelta(days=1)).isoformat()

"""Dates, hours and durations as the rules read them (M 3.1), written once more for the checks."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

_HOUR = re.compile(r"(\d{1,2})(?:[:.h](\d{2})(?::(\d{2}))?)?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")
_WORDS = re.compile(r"(?:(\d{1,2}) ?h)? ?(?:(\d{1,4}) ?(?:m|min)?)?")
DAY = 24 * 60


def day(value: Any) -> str:
    """`YYYY-MM-DD`, "" for nothing, zeros and what is no day since 1900."""
    text = str(value or "").strip()[:10]
    try:
        return text if text >= "1900" and date.fromisoformat(text) else ""
    except ValueError:
        return ""


def hour(value: Any) -> str:
    """`HH:MM:SS`, "" for nothing, the word null and what is no hour."""
    found = _HOUR.fullmatch(str(value if value is not None else "").strip().lower())
    if not found:
        return ""
    hours, minutes, seconds = (int(one or 0) for one in found.groups())
    return f"{hours:02}:{minutes:02}:{seconds:02}" if hours < 24 and minutes < 60 and seconds < 60 else ""


def minutes(value: Any) -> int | None:
    """Minutes of a duration; a bare number up to 12 means hours. None for nothing and what cannot be read."""
    text = " ".join(str(value if value is not None else "").lower().split())
    if found := _CLOCK.fullmatch(text):
        length = int(found[1]) * 60 + int(found[2])
    elif text.isdigit():
        length = int(text) * 60 if int(text) <= 12 else int(text)
    elif text and (found := _WORDS.fullmatch(text)):
        length = int(found[1] or 0) * 60 + int(found[2] or 0)
    else:
        return None
    return length if 0 < length <= DAY else None


def between(start: str | None, end: str | None) -> int | None:
    """Minutes from one hour to another of the same day."""
    if not start or not end:
        return None
    return _since_midnight(end) - _since_midnight(start)


def fits(start: str, length: int | None) -> bool:
    """Whether a lesson ends on the day it begins."""
    return _since_midnight(start) + (length or 0) < DAY


def _since_midnight(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:5])

"""Texts, marks and keys."""

from __future__ import annotations

import re
from typing import Any

from entities.engine.errors import BadValue
from tracking.sentences import sentence

from .letters import transliterate

# Written instead of a name when both parts are empty; the target needs one.
UNKNOWN_NAME = "Unknown"

_ZERO_WIDTH = dict.fromkeys(map(ord, "\u180e\u200b\u200c\u200d\u2060\ufeff"))
_LABEL = r"[^\W_](?:(?:[^\W_]|-)*[^\W_])?"
_LOCAL = r"[^\s@<>()\[\]\\,;:\".]+"
_EMAIL = re.compile(rf"{_LOCAL}(?:\.{_LOCAL})*@(?:{_LABEL}\.)+(?:[^\W\d_]{{2,63}}|xn--[a-z0-9-]{{2,59}})")
_LONGEST_EMAIL = 254
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def trimmed(value: Any) -> str | None:
    """The text without blanks at both ends; an empty text stays empty."""
    if value is None:
        return None
    return value.strip() if isinstance(value, str) else str(value)


def filled(value: Any) -> str | None:
    """The text without blanks at both ends; nothing left counts as missing."""
    return trimmed(value) or None


def collapsed(value: Any) -> str | None:
    """The text trimmed, each run of blanks as one."""
    if value is None:
        return None
    return " ".join(value.split()) if isinstance(value, str) else str(value)


def normal_key(value: Any) -> str:
    """The text as a key for comparing names: case and blanks do not count, accents do."""
    return "" if value is None else " ".join(str(value).split()).casefold()


def flag(value: Any) -> int:
    """1 for 1, `'1'` and true; 0 for everything else, also for nothing."""
    if value.__class__ is str:
        return int(value.strip().lower() in ("1", "true"))
    return int(value == 1)


def code(value: Any) -> str | None:
    """A voucher code as customers hold it: trimmed, letters as they are."""
    return trimmed(value)


def code_key(value: Any) -> str:
    """The form in which two voucher codes are compared."""
    return (trimmed(value) or "").upper()


def email(value: Any) -> str | None:
    """The address trimmed, without zero-width characters, in lower case; empty is None.

    Raises EMAIL_INVALID for what cannot be an address.
    """
    if value is None:
        return None
    text = str(value)
    if not text.isascii():
        text = text.translate(_ZERO_WIDTH)
    text = text.strip().lower()
    if not text:
        return None
    if len(text) > _LONGEST_EMAIL or not _EMAIL.fullmatch(text):
        raise BadValue("EMAIL_INVALID", sentence("The e-mail address is not well formed."))
    return text


def person_name(first: Any, last: Any, swap: bool = False) -> tuple[str, str]:
    """First and last name, trimmed and with single blanks, exchanged when `swap` (Q-08).

    Both empty gives `("Unknown", "")`; `is_unknown` tells.
    """
    if swap:
        first, last = last, first
    first, last = collapsed(first) or "", collapsed(last) or ""
    return (first, last) if first or last else (UNKNOWN_NAME, "")


def is_unknown(name: tuple[str, str]) -> bool:
    return name == (UNKNOWN_NAME, "")


def slug(value: Any) -> str | None:
    """The text for a web address: lower-case letters, digits, single hyphens; None if nothing is left."""
    if value is None:
        return None
    return _NOT_SLUG.sub("-", transliterate(str(value), "ascii").lower()).strip("-") or None

"""The types an answer can have.

A kind turns text, JSON or a Python value into the one canonical value (`parse`), says what
it allows (`allowed`), which valid answers have no branch yet (`unbuilt`) and how a value is
written as JSON (`dump`). `parse` raises `NotAllowed`; the declaration adds the key.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

ANY = None  # `built=ANY`: every valid value has its branch, because the value is only passed on


class NotAllowed(ValueError):
    """The raw value has no canonical form; the message says what is allowed.

    `value` is the part at fault when it is not the whole answer.
    """

    def __init__(self, allowed: str, value: Any = None) -> None:
        super().__init__(allowed)
        self.allowed, self.value = allowed, value


def from_text(raw: Any) -> Any:
    """Text that is a JSON list or object becomes that; everything else stays as it is."""
    if isinstance(raw, str) and raw.strip()[:1] in ("[", "{"):
        try:
            return json.loads(raw)
        except json.JSONDecodeError as error:
            raise NotAllowed(_("well-formed JSON"), raw) from error
    return raw


class Kind:
    """Base of all kinds. `built` lists the values that have a branch; ANY means all."""

    def __init__(self, built: Iterable[Any] | None = ANY) -> None:
        self.built = ANY if built is None else tuple(built)

    def parse(self, raw: Any) -> Any:
        raise NotImplementedError

    def allowed(self) -> str:
        raise NotImplementedError

    def unbuilt(self, value: Any) -> Any:
        """The part of a canonical value without a branch, or None when all of it is built."""
        return None if self.built is ANY or value in self.built else value

    def built_text(self) -> str:
        if self.built is ANY:
            return self.allowed()
        return ", ".join(json.dumps(self.dump(value)) for value in self.built)

    def dump(self, value: Any) -> Any:
        return value


class Enum(Kind):
    """One word of a list; `values` maps each word to what it does. `aliases` are other spellings."""

    def __init__(
        self,
        values: Mapping[str, str | Promise],
        built: Iterable[str] | None = ANY,
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(built)
        self.values, self.aliases = dict(values), dict(aliases or {})

    def parse(self, raw: Any) -> str:
        word = raw.strip().lower() if isinstance(raw, str) else "null" if raw is None else str(raw)
        word = self.aliases.get(word, word)
        if word not in self.values:
            raise NotAllowed(self.allowed(), raw)
        return word

    def allowed(self) -> str:
        return ", ".join(self.values)

    def built_text(self) -> str:
        return ", ".join(self.values if self.built is ANY else self.built)


class Bool(Kind):
    _WORDS = {"true": True, "yes": True, "on": True, "1": True}
    _WORDS |= {"false": False, "no": False, "off": False, "0": False}

    def parse(self, raw: Any) -> bool:
        try:
            return self._WORDS[str(raw).strip().lower()]
        except KeyError:
            raise NotAllowed(self.allowed(), raw) from None

    def allowed(self) -> str:
        return "true, false"


class Integer(Kind):
    def __init__(self, low: int, high: int, built: Iterable[int] | None = ANY) -> None:
        super().__init__(built)
        self.low, self.high = low, high

    def parse(self, raw: Any) -> int:
        text = str(raw).strip()
        if isinstance(raw, bool) or not re.fullmatch(r"-?[0-9]{1,12}", text):
            raise NotAllowed(self.allowed(), raw)
        if not self.low <= int(text) <= self.high:
            raise NotAllowed(self.allowed(), raw)
        return int(text)

    def allowed(self) -> str:
        return _("a whole number from %(low)s to %(high)s") % {"low": self.low, "high": self.high}


class Share(Kind):
    """A part of the whole as a Decimal from 0 to 1; `5 %` is 0.05."""

    def parse(self, raw: Any) -> Decimal:
        text = str(raw).strip()
        percent = text.endswith("%")
        try:
            share = Decimal(text.rstrip("% ")) / (100 if percent else 1)
        except InvalidOperation:
            raise NotAllowed(self.allowed(), raw) from None
        if isinstance(raw, bool) or not share.is_finite() or not 0 <= share <= 1:
            raise NotAllowed(self.allowed(), raw)
        return share.normalize() + 0

    def allowed(self) -> str:
        return _("a number from 0 to 1, or a percentage such as 5 %")

    def dump(self, value: Decimal) -> str:
        return format(value, "f")


class Text(Kind):
    """A short text of a given pattern, brought to one letter case when asked."""

    def __init__(
        self, pattern: str, says: str | Promise, case: str = "", built: Iterable[str] | None = ANY
    ) -> None:
        super().__init__(built)
        self.pattern, self.says, self.case = re.compile(pattern), says, case

    def parse(self, raw: Any) -> str:
        if not isinstance(raw, str):
            raise NotAllowed(str(self.says), raw)
        text = raw.strip()
        text = getattr(text, self.case)() if self.case else text
        if not self.pattern.fullmatch(text):
            raise NotAllowed(str(self.says), raw)
        return text

    def allowed(self) -> str:
        return str(self.says)


class Date(Kind):
    """An ISO date as text; with `optional`, nothing and the word `none` mean no date."""

    def __init__(self, optional: bool = False) -> None:
        super().__init__()
        self.optional = optional

    def parse(self, raw: Any) -> str | None:
        if self.optional and (raw is None or str(raw).strip().lower() in ("", "none", "null")):
            return None
        text = raw.isoformat() if type(raw) is datetime.date else str(raw).strip()
        try:
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                raise ValueError
            return datetime.date.fromisoformat(text).isoformat()
        except ValueError:
            raise NotAllowed(self.allowed(), raw) from None

    def allowed(self) -> str:
        return _("a date as YYYY-MM-DD or none") if self.optional else _("a date as YYYY-MM-DD")


class MonthDay(Kind):
    """A day of the year as `MM-DD`; 29 February is refused, since not every year has it."""

    def parse(self, raw: Any) -> str:
        text = str(raw).strip()
        try:
            if not re.fullmatch(r"[0-9]{2}-[0-9]{2}", text):
                raise ValueError
            datetime.date.fromisoformat(f"2023-{text}")
        except ValueError:
            raise NotAllowed(self.allowed(), raw) from None
        return text

    def allowed(self) -> str:
        return _("a day of the year as MM-DD, except 02-29")

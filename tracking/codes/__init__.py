"""Reason codes: why a legacy row ended as it did, in one word and in one plain sentence.

The names are those of section 8 of the mapping rules and of the decisions that complete it.
`codes.get("SCHOOL_UNKNOWN")` gives the code; a name that nobody declared is a KeyError, so
that a misspelt reason cannot reach the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .base import Code, Level, catalogue
from .causes import CAUSES
from .rejected import REJECTED
from .skipped import SKIPPED
from .synthesised import SYNTHESISED
from .warnings_data import DATA_WARNINGS
from .warnings_lessons import LESSON_WARNINGS
from .warnings_money import MONEY_WARNINGS

__all__ = ["ALL", "Code", "Level", "get", "of_level"]

ALL: Mapping[str, Code] = MappingProxyType(
    catalogue((SKIPPED, REJECTED, SYNTHESISED, DATA_WARNINGS, LESSON_WARNINGS, MONEY_WARNINGS, CAUSES))
)


def get(name: str) -> Code:
    """The code of that name; an unknown name raises KeyError with the name."""
    return ALL[name]


def of_level(level: Level | str) -> tuple[Code, ...]:
    """Every code that may appear at this level."""
    wanted = Level(level)
    return tuple(code for code in ALL.values() if wanted in code.levels)

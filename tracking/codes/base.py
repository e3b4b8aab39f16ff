"""What a reason code is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise


class Level(StrEnum):
    """What a code says about the record that carries it."""

    SKIPPED = "skipped"  # left out on purpose
    REJECTED = "rejected"  # kept back until a person answers
    SYNTHESISED = "synthesised"  # why a V5 row exists that has no legacy row of its own
    WARNING = "warning"  # moved, and worth a look
    CAUSE = "cause"  # why a written value is what it is


@dataclass(frozen=True, slots=True)
class Code:
    """One reason: its name, what it says, and what a person can do about it.

    `sentence` and `next_step` are for support staff: no table names, no jargon.
    `also` lists further levels at which the same reason may appear, for example a missing
    parent that one kind of record can live without and another cannot.
    """

    name: str
    level: Level
    sentence: str | Promise
    next_step: str | Promise
    also: tuple[Level, ...] = ()

    @property
    def levels(self) -> tuple[Level, ...]:
        return (self.level, *self.also)

    def __str__(self) -> str:
        return self.name


def catalogue(groups: Iterable[Iterable[Code]]) -> dict[str, Code]:
    """All codes by name, in order; refuses a name that is declared twice."""
    found: dict[str, Code] = {}
    for group in groups:
        for code in group:
            if code.name in found:
                raise ValueError(f"Reason code {code.name} is declared twice.")
            found[code.name] = code
    return found

"""Q-08: whether legacy holds first and last names the wrong way round, decided per school, never row by row.

Families share a family name. Where most pairs of a school's families share only `first_name`, that column
holds the family name. One decision per person serves the account, the client and the monitor alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from entities.engine.read import Reader
from tracking.choices import Choices

THRESHOLD = 0.6  # share of one side that decides

_SAME = "LOWER(TRIM(a.{0})) = LOWER(TRIM(b.{0})) AND TRIM(a.{0}) <> '' AND LOWER(TRIM(a.{1})) <> LOWER(TRIM(b.{1}))"
_PROBE = f"""
    SELECT m.school_id,
           SUM(CASE WHEN {_SAME.format("first_name", "last_name")} THEN 1 ELSE 0 END),
           SUM(CASE WHEN {_SAME.format("last_name", "first_name")} THEN 1 ELSE 0 END)
    FROM user_groups g
    JOIN users a ON a.id = g.user_main_id
    JOIN users b ON b.id = g.user_secondary_id
    LEFT JOIN (SELECT DISTINCT user_id, school_id FROM user_schools) m ON m.user_id = a.id
    WHERE a.id <> b.id
    GROUP BY m.school_id"""


@dataclass(frozen=True)
class Probe:
    """Pairs that share only `first_name` and only `last_name`, by legacy school."""

    pairs: dict[int | None, tuple[int, int]]

    def suggests_swap(self, school: int | None) -> bool:
        """True when at least 60 % of the school's telling pairs share `first_name`; without a school, of all pairs."""
        first, last = self._of(school)
        return first > 0 and first / (first + last) >= THRESHOLD

    def _of(self, school: int | None) -> tuple[int, int]:
        if school is not None:
            return self.pairs.get(school, (0, 0))
        return sum(first for first, _ in self.pairs.values()), sum(last for _, last in self.pairs.values())


_probes: WeakKeyDictionary[Any, Probe] = WeakKeyDictionary()


def probe(read: Reader) -> Probe:
    """The comparison of all families: one query, kept as long as its reader."""
    if read not in _probes:
        rows = read.legacy_sql(_PROBE)
        _probes[read] = Probe({school: (int(first or 0), int(last or 0)) for school, first, last in rows})
    return _probes[read]


def is_reversed(choices: Choices, found: Probe, school: int | None) -> bool:
    """Whether names of this school's people are to be exchanged; without a clear answer names stay."""
    answer = choices.of("name_order", school=school)
    return found.suggests_swap(school) if answer == "probe" else answer == "swap"

"""Which row of `user_sports` holds for which school (4.12.3, 4.13.3, Q-19): clients and monitors alike.

A row without school is older than levels per school: it holds for each school of the person that has no row
of its own. Of several rows for one (school, sport) one wins: that of the school itself, then a living one,
then the one changed last, then the lowest id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from entities.users.people import moment_of

Place = tuple[int | None, int]  # legacy school (None: no school at all), sport


@dataclass
class Plan:
    """Per `user_sports.id`: the places a row wins, and all places it speaks for; winners by place."""

    wins: dict[int, list[Place]] = field(default_factory=lambda: defaultdict(list))
    places: dict[int, list[Place]] = field(default_factory=dict)
    winners: dict[Place, Any] = field(default_factory=dict)

    def in_order(self, rows: Iterable[Any]) -> list[Any]:
        """Rows that win something first, so that the others can be merged into them."""
        return sorted(rows, key=lambda row: (not self.wins.get(row.id), row.id))

    def part(self, row: Any, place: Place) -> str:
        """The map's part: the legacy school of a row that names none, else empty."""
        return "" if row.school_id is not None or place[0] is None else str(place[0])

    def disposition(self, row: Any) -> str:
        return "split" if len(self.wins[row.id]) > 1 else "migrated"


def plan(rows: Sequence[Any], schools: Sequence[int]) -> Plan:
    """Who wins where, for the levels of one person; `schools` are those that rows without school hold for."""
    found = Plan()
    rivals: dict[Place, list[Any]] = defaultdict(list)
    for row in rows:
        named: Sequence[int | None] = [row.school_id] if row.school_id is not None else (schools or [None])
        found.places[row.id] = [(school, row.sport_id) for school in named]
        for place in found.places[row.id]:
            rivals[place].append(row)
    for place, candidates in rivals.items():
        found.winners[place] = max(candidates, key=_claim)
        found.wins[found.winners[place].id].append(place)
    return found


def _claim(row: Any) -> tuple[bool, bool, str, int]:
    changed = moment_of(row.updated_at, row.created_at) or ""
    return row.school_id is not None, not row.deleted_at, changed, -row.id

"""Live participants of deleted classes move to a living one of the same date and level with room (Q-33).

The answer is worked out for a whole course from all its live lines in the order of their ids, so that it is
the same whichever batch asks, and nobody's seat is given away twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from entities.courses.booked import LINES, LIVE
from entities.engine.read import Reader


class LiveLine(NamedTuple):
    """A live line of a live booking; `date` is None for a line that covers every date of its class."""

    id: int
    subgroup: int
    user: int
    date: str | None


def live_lines(read: Reader, subgroups: Iterable[int]) -> list[LiveLine]:
    """All live lines of some legacy subgroups, by id."""
    sql = (
        f"SELECT t.id, t.course_groups_subgroup2_id, t.user_id, CAST(t.date AS CHAR) {LINES}"
        f" WHERE {LIVE} AND t.course_groups_subgroup2_id IN ({{ids}})"
    )
    return sorted(LiveLine(*row) for row in read.legacy_sql(sql, subgroups))


def moves(
    places: Mapping[int, Any], origins: Mapping[int, int], lines: list[LiveLine]
) -> dict[tuple[int, int], int]:
    """V5 subgroup to move to by (legacy line, V5 subgroup it is in).

    `places` are all classes of the courses by V5 id, `origins` their legacy ids. A class is taken on the same
    course date, else on the same calendar day, both of the same level; lowest id first. Who cannot be seated
    stays where he is, and nobody is moved to another day.
    """
    classes: dict[int, list[int]] = defaultdict(list)
    for v5_id in sorted(places, key=lambda one: (places[one].date, places[one].hour_start, one)):
        classes[origins[v5_id]].append(v5_id)
    seated: dict[int, set[int]] = defaultdict(set)
    homeless: list[tuple[LiveLine, int]] = []
    for line in lines:
        for v5_id in _attended(classes[line.subgroup], places, line):
            if places[v5_id].trashed:
                homeless.append((line, v5_id))
            else:
                seated[v5_id].add(line.user)
    found: dict[tuple[int, int], int] = {}
    choice = _candidates(places)
    for line, v5_id in homeless:
        target = _seat(places[v5_id], choice, places, seated, line.user)
        if target is not None:
            found[(line.id, v5_id)] = target
            seated[target].add(line.user)
    return found


def _attended(v5_ids: list[int], places: Mapping[int, Any], line: LiveLine) -> list[int]:
    """The parts of its class that a line covers: its own date, else every live date, else the first."""
    if len(v5_ids) <= 1:
        return v5_ids
    own = [one for one in v5_ids if line.date and places[one].date == line.date[:10]]
    return own[:1] or [one for one in v5_ids if places[one].date_live] or v5_ids[:1]


def _candidates(places: Mapping[int, Any]) -> dict[tuple[int, str, int], list[int]]:
    """Living classes by (course, day, level), lowest id first."""
    found: dict[tuple[int, str, int], list[int]] = defaultdict(list)
    for v5_id in sorted(places):
        place = places[v5_id]
        if not place.trashed:
            found[(place.course_id, place.date, place.degree_id)].append(v5_id)
    return found


def _seat(gone: Any, choice: Mapping[Any, list[int]], places: Mapping[int, Any], seated: Mapping[int, set[int]],
          user: int) -> int | None:  # fmt: skip
    same_day = choice.get((gone.course_id, gone.date, gone.degree_id), [])
    for v5_id in sorted(same_day, key=lambda one: (places[one].course_date_id != gone.course_date_id, one)):
        limit = places[v5_id].max_participants
        taken = seated.get(v5_id, ())
        if user not in taken and (limit is None or len(taken) < limit):
            return v5_id
    return None

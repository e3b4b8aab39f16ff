"""From legacy levels to V5 degrees (mapping-rules 3.2, `degree()`): what every other aggregate asks.

    degrees = resolver.load(read, {(school, sport, degree), …})
    v5_id, warnings = degrees.find(school, sport, degree)

All arguments are legacy ids; `degree` is a row of the global ladder `degrees`; school None means the
default list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from entities.degrees.legacy import LegacyDegree, LegacyDegreeSchoolSport
from entities.degrees.v5 import V5Degree
from entities.engine import source
from entities.engine.read import Reader

Key = tuple[int | None, int, int]  # legacy school (None = default list), sport, global degree
Found = tuple[int | None, tuple[str, ...]]  # V5 id, warnings

NONE: tuple[str, ...] = ()
DUPLICATE = ("DEGREE_DUPLICATE",)
UNKNOWN = ("DEGREE_UNKNOWN",)


def part_of(school: int | None, sport: int, degree: int) -> str:
    """The map's `part` of a degree without a legacy row of its own (its legacy id is 0)."""
    return f"{school or 0}:{sport}:{degree}"


def best_of(rows: Iterable[Any]) -> list[Any]:
    """Rows of one (school, sport, degree) in the order of preference: not trashed first, then lowest id."""
    return sorted(rows, key=lambda row: (bool(row.deleted_at), row.id))


def levels_of(read: Reader, schools: Iterable[int]) -> list[Any]:
    """The rows of `degrees_school_sport` of these schools and of the default list."""
    default_list = source.of(LegacyDegreeSchoolSport).query("t.school_id IS NULL")
    return [*default_list, *read.legacy(LegacyDegreeSchoolSport, "school_id", schools)]


def grouped(rows: Iterable[Any]) -> dict[Key, list[Any]]:
    """Rows of `degrees_school_sport` by school, sport and global degree."""
    named: dict[Key, list[Any]] = {}
    for row in rows:
        named.setdefault((row.school_id, row.sport_id, row.degree_id), []).append(row)
    return named


@dataclass(frozen=True)
class Degrees:
    """The V5 degrees behind some schools' levels."""

    named: dict[Key, list[int]] = field(default_factory=dict)  # ids of degrees_school_sport, best first
    known: dict[int, int] = field(default_factory=dict)  # V5 id by id of degrees_school_sport
    lazy: dict[str, int] = field(default_factory=dict)  # V5 id by part
    ladder: frozenset[int] = frozenset()  # ids of the global degrees
    names: dict[int, str | None] = field(default_factory=dict)  # name by V5 id

    def find(self, school: int | None, sport: int | None, degree: int | None) -> Found:
        """The V5 id and the warnings to flag; no degree asked for gives (None, ()).

        DEGREE_DUPLICATE: the school has the level several times. DEGREE_UNKNOWN, with None: no such global
        degree, or the school's level was rejected; the caller leaves its column empty or rejects its record.
        """
        if degree is None:
            return None, NONE
        if sport is None:
            return None, UNKNOWN
        rows = self.named.get((school, sport, degree), ())
        for row_id in rows:
            if row_id in self.known:
                return self.known[row_id], DUPLICATE if len(rows) > 1 else NONE
        found = self.lazy.get(part_of(school, sport, degree))
        return found, NONE if found is not None else UNKNOWN

    def of_school_degree(self, school_degree_id: int | None) -> int | None:
        """The V5 id of a row of `degrees_school_sport`; None when it has none."""
        return None if school_degree_id is None else self.known.get(school_degree_id)

    def name(self, v5_id: int | None) -> str | None:
        """The name of a degree that this resolver knows."""
        return None if v5_id is None else self.names.get(v5_id)

    def exists(self, degree: int | None) -> bool:
        """Whether the global ladder has this degree."""
        return degree in self.ladder


def load(
    read: Reader,
    wanted: Iterable[tuple[int | None, int | None, int | None]],
    school_degrees: Iterable[int | None] = (),
) -> Degrees:
    """What answers for `wanted` (school, sport, global degree) and for rows of `degrees_school_sport`.

    A fixed number of queries, whatever is wanted.
    """
    rows = levels_of(read, {school for school, _, _ in wanted if school is not None})
    named = grouped(rows)
    asked = {row.id for row in rows} | {one for one in school_degrees if one is not None}
    known = read.known("degree", asked)
    lazy = {part: entry.v5_id for (_, part), entry in read.entries("degree", {0}).items() if entry.v5_id}
    ladder = {row[0] for row in read.legacy_sql(f"SELECT id FROM {LegacyDegree._meta.db_table}")}
    names = {row.id: row.name for row in read.v5(V5Degree, "id", {*known.values(), *lazy.values()})}
    order = {key: [row.id for row in best_of(group)] for key, group in named.items()}
    return Degrees(order, known, lazy, frozenset(ladder), names)

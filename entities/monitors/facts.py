"""What the transform of monitors needs beyond their own rows, in a fixed number of queries per batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from entities.degrees.legacy import LegacyDegreeSchoolSport
from entities.engine import resolvers
from entities.engine.environment import Env
from entities.engine.extract import RowBatch
from entities.engine.read import Reader
from entities.schools.legacy import LegacySchoolSalaryLevel

Degrees = resolvers.of("degrees").Degrees
load_degrees = resolvers.of("degrees").load
activity = resolvers.of("users").activity
people = resolvers.of("users").people


_DEFAULT_LIST = (
    "SELECT sport_id, degree_id, id FROM degrees_school_sport WHERE school_id IS NULL ORDER BY id DESC"
)


@dataclass
class MonitorFacts:
    """Levels as schools name them, salary levels by legacy id, lessons taught per person and school."""

    people: people.People
    degrees: Degrees = field(default_factory=Degrees)
    school_degrees: dict[int, Any] = field(default_factory=dict)  # rows of degrees_school_sport by id
    default_list: dict[tuple[int, int], int] = field(default_factory=dict)  # V5 id by (sport, global degree)
    salaries: dict[int, tuple[int, int]] = field(default_factory=dict)  # (legacy school, V5 id) by legacy id
    taught: activity.PerSchool = field(default_factory=dict)

    def degree(
        self, school: int | None, sport: int, degree: int | None
    ) -> tuple[int | None, tuple[str, ...]]:
        """The V5 level of a school for a global degree; of the default list where there is no school."""
        if school is None:
            found = None if degree is None else self.default_list.get((sport, degree))
            if found is None and degree is not None:
                found = self.degrees.find(None, sport, degree)[0]  # one that was made for want of a row
            return found, () if found is not None else ("DEGREE_UNKNOWN",)
        return self.degrees.find(school, sport, degree)


def load(batch: RowBatch, read: Reader, env: Env) -> MonitorFacts:
    """All facts of a batch of monitors; `env.known` learns every school that is named."""
    ids = [root.id for root in batch.roots]
    named = {row.school_id for name in ("levels", "absences") for row in batch.all(name)}
    facts = MonitorFacts(people.load(read, env, ids, named))
    asked = {row.degree_id for row in batch.all("authorised")}
    facts.school_degrees = {row.id: row for row in read.legacy(LegacyDegreeSchoolSport, "id", asked)}
    facts.degrees = load_degrees(read, _wanted(batch, env), asked)
    facts.default_list = _default_list(read)
    facts.salaries = _salaries(batch, read)
    facts.taught = activity.taught_by(read, ids)
    return facts


def _wanted(batch: RowBatch, env: Env) -> set[tuple[int | None, int, int]]:
    rows = list(batch.all("levels"))
    schools = set(env.known["school"]) | {row.school_id for row in rows}
    return {
        (school, row.sport_id, row.degree_id)
        for row in rows
        for school in ({row.school_id} if row.school_id else schools)
    }


def _default_list(read: Reader) -> dict[tuple[int, int], int]:
    rows = {(sport, degree): key for sport, degree, key in read.legacy_sql(_DEFAULT_LIST)}
    known = read.known("degree", rows.values())
    return {place: known[key] for place, key in rows.items() if key in known}


def _salaries(batch: RowBatch, read: Reader) -> dict[int, tuple[int, int]]:
    rows = read.legacy(
        LegacySchoolSalaryLevel, "id", {row.salary_level for row in batch.all("levels") if row.salary_level}
    )
    known = read.known("school_salary_level", {row.id for row in rows})
    return {row.id: (row.school_id, known[row.id]) for row in rows if row.id in known}

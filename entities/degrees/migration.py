"""Levels of each school and sport, and their goals (4.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from entities.degrees.legacy import LegacyDegree, LegacyDegreeGoal, LegacyDegreeSchoolSport
from entities.degrees.v5 import V5Degree, V5DegreeGoal
from entities.engine import source
from entities.engine.definition import Child, Mapping, Migration
from entities.engine.environment import Env, Scope
from entities.engine.errors import BadValue
from entities.engine.extract import RowBatch
from entities.engine.fields import Computed, Const, Copy, Given, Parent
from entities.engine.normalise import filled, timestamp
from entities.engine.read import Reader
from entities.engine.values import MERGED, Aggregate, Entry, Row, Unit
from tracking.sentences import sentence

OURS = (
    "SELECT v5_id FROM legacy_id_mappings WHERE entity_type = 'degree'"
    " AND disposition IN ('migrated', 'synthesised') AND v5_id IS NOT NULL"
)


def empty_when_null(value: Any) -> str:
    """NULL becomes an empty text"""
    return "" if value is None else value


def school_or_default_list(row: Row, env: Env) -> int | None:
    """V5 id of the school; nothing for the default list."""
    if row.school_id is None:
        return None
    found: int | None = env.known["school"].get(row.school_id)
    if found is None:
        raise BadValue("SCHOOL_UNKNOWN", sentence("school %(school)s has no V5 record", school=row.school_id))
    return found


def in_use(row: Row, env: Env) -> int:
    """1 when the school named or annotated the level, else 0."""
    return int(bool(filled(row.name) or filled(row.annotation)))


class DegreeMapping(Mapping):
    """4.8: one V5 degree per naming of a global level, trashed ones and the default list included."""

    entity = "degree"
    source, target = LegacyDegreeSchoolSport, V5Degree

    league = Given("of the global level", uses=("degree_id",))
    level = Given("of the global level", uses=("degree_id",))
    name = Copy(convert=empty_when_null)
    annotation = Copy()
    degree_order = Given("of the global level", uses=("degree_id",))
    progress = Given("of the global level", uses=("degree_id",))
    color = Given("of the global level", uses=("degree_id",))
    age_min = Const(1)
    age_max = Const(99)
    active = Computed(in_use, uses=("name", "annotation"), rule="Q-12")
    school_id = Computed(school_or_default_list, uses=("school_id",))
    sport_id = Parent("sport", missing="SPORT_UNKNOWN")
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    deleted_at = Copy(convert=timestamp)
    old_id = Copy("id")


class DegreeGoalMapping(Mapping):
    """Goals of a level."""

    entity = "degree_goal"
    source, target = LegacyDegreeGoal, V5DegreeGoal

    degree_id = Given("V5 id of the level", uses=("degrees_school_sport_id",))
    name = Copy()
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    deleted_at = Copy(convert=timestamp)
    old_id = Copy("id")


@dataclass(frozen=True)
class DegreeFacts:
    """The global ladder, and the degrees that V5 held before by (V5 school, V5 sport, order)."""

    ladder: dict[int, Row]
    present: dict[tuple[int | None, int, int], int]


def of_the_ladder(base: Row) -> dict[str, Any]:
    """What a level takes from its global degree."""
    names = ("league", "level", "degree_order", "progress", "color")
    return {name: getattr(base, name) for name in names}


class DegreeMigration(Migration):
    """A school's levels; a level that V5 held before takes its legacy namesakes."""

    name, title, phase, after = "degrees", "Levels", 3, ("schools", "sports")
    root, root_entity = LegacyDegreeSchoolSport, "degree"
    children = {"goals": Child(LegacyDegreeGoal, "degrees_school_sport_id", "degree_goal")}
    mappings = (DegreeMapping, DegreeGoalMapping)
    fast = False  # the global ladder is part of every level

    def scope_where(self, scope: Scope) -> str:
        """The default list belongs to every wave."""
        where = scope.where("t.school_id")
        return f"(t.school_id IS NULL OR {where})" if where else ""

    def needs(self, batch: RowBatch) -> dict[str, set[int]]:
        return {"school": {row.school_id for row in batch.roots if row.school_id is not None}}

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> DegreeFacts:
        rows = [row for row in read.v5_all(V5Degree) if not row.deleted_at]
        ours = {row[0] for row in read.v5_sql(OURS)}
        present: dict[tuple[int | None, int, int], int] = {}
        for row in sorted(rows, key=lambda one: one.id):
            if row.id not in ours:
                present.setdefault((row.school_id, row.sport_id, row.degree_order), row.id)
        return DegreeFacts({row.id: row for row in source.of(LegacyDegree).query()}, present)

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        entry = _level(aggregate.root, env, unit)
        for goal in aggregate.rows("goals"):
            if entry.rejected:
                message = sentence(
                    "level %(id)s was rejected: %(code)s", id=aggregate.root.id, code=entry.reason
                )
                unit.reject(
                    "degree_goal", goal, "PARENT_REJECTED", "degrees_school_sport_id", message, under=entry
                )
            else:
                unit.draft(DegreeGoalMapping, goal, {"degree_id": entry.v5_id}, under=entry)


def _level(row: Row, env: Env, unit: Unit) -> Entry:
    base = env.facts.ladder.get(row.degree_id)
    if base is None:
        message = sentence("legacy has no degree %(degree)s", degree=row.degree_id)
        return unit.reject("degree", row, "DEGREE_BASE_MISSING", "degree_id", message, value=row.degree_id)
    present = _present(row, base, env)
    if present is not None:
        return unit.merge("degree", row, present, DegreeMapping.table)
    return unit.draft(DegreeMapping, row, of_the_ladder(base))


def _present(row: Row, base: Row, env: Env) -> int | None:
    """The degree that V5 held before for the same school, sport and order; trashed rows stay on their own."""
    existing = env.existing.get(("degree", row.id, ""))
    if existing is not None and existing.v5_id:
        return int(existing.v5_id) if existing.disposition == MERGED else None
    school, sport = env.known["school"].get(row.school_id), env.known["sport"].get(row.sport_id)
    if row.deleted_at or sport is None or (school is None and row.school_id is not None):
        return None
    return env.facts.present.get((school, sport, base.degree_order))

"""Courses: grouped ones under an umbrella, stand-alone and private ones (4.15 to 4.19)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from entities.courses import facts, family, kind
from entities.courses.classes import refuse_group
from entities.courses.family import Family
from entities.courses.legacy import LegacyCourse, LegacyCourseGlobal, LegacyPriceRange
from entities.courses.mappings import (
    CourseMapping,
    DateMapping,
    DayMapping,
    GroupMapping,
    SessionMapping,
    SubgroupMapping,
    UmbrellaMapping,
)
from entities.courses.writer import Writer
from entities.engine import source
from entities.engine.definition import Child, Migration, Segment
from entities.engine.environment import Env, Scope
from entities.engine.extract import RowBatch
from entities.engine.read import Reader
from entities.engine.values import Aggregate, Unit
from tracking.sentences import sentence

CLASSES = (DateMapping, DayMapping, SessionMapping, GroupMapping, SubgroupMapping)


class GroupedCourseMigration(Migration):
    """Shape A: one umbrella, its days, their groups and classes."""

    name, title, phase, after = (
        "courses_grouped",
        "Grouped courses",
        4,
        ("seasons", "lazy_degrees", "monitors"),
    )
    root, root_entity = LegacyCourseGlobal, "course_global"
    children = {
        "members": Child(LegacyCourse, "group_id", "course", where=f"NOT {kind.IS_PRIVATE}"),
        **family.below("members"),
        "discounts": Child(
            LegacyPriceRange, "group_id", "archive:price_ranges", where="t.group_id IS NOT NULL"
        ),
    }
    mappings = (UmbrellaMapping, *CLASSES)
    child_reason = "COURSE_REJECTED"
    fast = False  # participants and seasons decide too

    def scope_where(self, scope: Scope) -> str:
        if scope.schools is None:
            return ""
        table = source.of(LegacyCourse).table
        return f"EXISTS (SELECT 1 FROM {table} m WHERE m.group_id = t.id AND {scope.where('m.school_id')})"

    def segments(self) -> list[Segment]:
        """The roots, and discounts of umbrellas that are gone; the other orphans belong to the stand-alone courses."""
        return [one for one in super().segments() if one.name in ("", "orphans:discounts")]

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> facts.Facts:
        families = [self._family(aggregate) for aggregate in batch]
        return facts.load(read, env, [one for one in families if one.members], ())

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        found = self._family(aggregate)
        discounts = aggregate.rows("discounts")
        if found.members:
            Writer(unit, found, env.facts, env).grouped(discounts)
            return
        # It has no school of its own: without members nobody can tell whose course it was (4.15).
        unit.skip("course_global", aggregate.root, "EMPTY")
        for row in discounts:
            unit.skip("archive:price_ranges", row, "NO_TARGET")

    @staticmethod
    def _family(aggregate: Aggregate) -> Family:
        return Family(aggregate.root, aggregate.rows("members"), aggregate._children)


class CourseMigration(Migration):
    """Shape B and private courses; also groups whose umbrella is missing, emitted by their lowest member."""

    name, title, phase, after = "courses", "Stand-alone and private courses", 4, ("courses_grouped",)
    root, root_entity = LegacyCourse, "course"
    children = family.below()
    mappings = (CourseMapping, *CLASSES)
    child_reason = "COURSE_REJECTED"
    fast = False  # bookings decide which days there are

    def _roots_where(self, scope: Scope) -> str:
        umbrellas = source.of(LegacyCourseGlobal).table
        alone = (
            f"COALESCE(t.group_id, 0) = 0 OR {kind.IS_PRIVATE}"
            f" OR NOT EXISTS (SELECT 1 FROM {umbrellas} g WHERE g.id = t.group_id)"
        )
        return " AND ".join(f"({part})" for part in (alone, scope.where("t.school_id")) if part)

    def segments(self) -> list[Segment]:
        """Orphaned groups and classes come with what hangs on them; price rows of nobody are the schools' defaults."""
        below = {
            "orphans:groups": (
                _orphaned_group,
                {"subgroups": replace(family.SUBGROUPS, of=""), "replacements": family.REPLACEMENTS},
            ),
            "orphans:subgroups": (_orphaned_class, {"replacements": replace(family.REPLACEMENTS, of="")}),
        }  # fmt: skip
        found = [
            replace(one, transform=below[one.name][0], children=below[one.name][1])
            if one.name in below
            else one
            for one in super().segments()
        ]
        return [
            *found,
            Segment(
                "defaults", LegacyPriceRange, _defaults_where, _default_price, {}, "archive:price_ranges"
            ),
        ]

    def known_ids(self, batch: RowBatch) -> dict[str, set[int]]:
        if not batch.roots or batch.roots[0]._table != LegacyCourse._meta.db_table:
            return {}
        return family.ids_of(family.without_umbrella(Reader(), batch.roots).values())

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> facts.Facts:
        groups = family.without_umbrella(read, batch.roots)
        own = [self._family(aggregate) for aggregate in batch if family.of_group(aggregate.root) is None]
        private = [one.members[0].id for one in own if kind.kind_of(one.members[0], one.has_groups).private]
        found = facts.load(read, env, [*own, *groups.values()], private)
        found.families = groups
        return found

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        row = aggregate.root
        group_id = family.of_group(row)
        if group_id is not None:
            self._without_umbrella(env.facts.families[group_id], row, env, unit)
            return
        found = self._family(aggregate)
        writer = Writer(unit, found, env.facts, env)
        if kind.kind_of(row, found.has_groups).private:
            writer.private()
        else:
            writer.alone()

    @staticmethod
    def _without_umbrella(found: Family, row: Any, env: Env, unit: Unit) -> None:
        """The lowest member in scope writes the whole group; the others leave it to that one."""
        anchor = next(member.id for member in found.members if env.scope.has(member.school_id))
        if row.id == anchor:
            members = [row if member.id == row.id else member for member in found.members]
            Writer(unit, replace(found, members=members), env.facts, env).grouped([])

    @staticmethod
    def _family(aggregate: Aggregate) -> Family:
        return Family(None, [aggregate.root], aggregate._children)


def _orphaned_group(aggregate: Aggregate, env: Env, unit: Unit) -> None:
    row = aggregate.root
    message = sentence("its parent, course2_id %(course2)s, does not exist in legacy", course2=row.course2_id)
    refuse_group(unit, Family(None, [], aggregate._children), row, "COURSE_REJECTED", "course2_id", message)


def _orphaned_class(aggregate: Aggregate, env: Env, unit: Unit) -> None:
    row = aggregate.root
    message = sentence(
        "its parent, course_group2_id %(group2)s, does not exist in legacy", group2=row.course_group2_id
    )
    unit.reject("course_subgroup", row, "GROUP_REJECTED", "course_group2_id", message)
    for replacement in aggregate.rows("replacements"):
        unit.skip("archive:subgroups_monitor_dates", replacement, "NO_TARGET")


def _defaults_where(scope: Scope) -> str:
    nobody = "t.course_id IS NULL AND t.group_id IS NULL"
    return f"{nobody} AND {scope.where('t.school_id')}" if scope.schools is not None else nobody


def _default_price(aggregate: Aggregate, env: Env, unit: Unit) -> None:
    """A school's default price was looked up for its flexible courses; V5 has no table for it."""
    unit.school_id = aggregate.root.school_id
    unit.skip("archive:price_ranges", aggregate.root, "LOOKUP_ONLY")

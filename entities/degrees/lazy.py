"""Levels that people and courses use although their school never listed them (3.2, `degree()` step 2).

Legacy makes these rows only when a school first opens its list of levels, so gaps are normal. They are made
here for all later migrations at once; the default list (school 0) gets those of monitors without a school.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from entities.degrees.legacy import LegacyDegree
from entities.degrees.migration import empty_when_null
from entities.degrees.resolver import Key, best_of, grouped, levels_of, part_of
from entities.degrees.v5 import V5Degree
from entities.engine import source
from entities.engine.definition import Mapping, Migration
from entities.engine.environment import Env, Scope
from entities.engine.extract import RowBatch
from entities.engine.fields import Const, Copy, Given
from entities.engine.read import Reader
from entities.engine.values import SYNTHESISED, Aggregate, Row, Unit
from entities.schools.legacy import LegacySchool

# Each query gives (school, sport, global degree); {ids} are the schools.
LEVELS = """
    SELECT DISTINCT s.school_id, s.sport_id, s.degree_id FROM user_sports s
    JOIN users u ON u.id = s.user_id AND u.user_type IN (2, 3) WHERE s.school_id IN ({ids})"""
EXPANDED = """
    SELECT DISTINCT m.school_id, s.sport_id, s.degree_id FROM user_sports s
    JOIN users u ON u.id = s.user_id AND u.user_type IN (2, 3)
    JOIN user_schools m ON m.user_id = s.user_id
    WHERE s.school_id IS NULL AND m.school_id IN ({ids}) AND NOT EXISTS (
        SELECT 1 FROM user_sports o
        WHERE o.user_id = s.user_id AND o.school_id = m.school_id AND o.sport_id = s.sport_id)"""
# Clients whom no school lists belong to the schools where they book, hold a voucher, or depend on somebody.
GUESTS = """
    SELECT DISTINCT p.school_id, s.sport_id, s.degree_id FROM user_sports s
    JOIN users u ON u.id = s.user_id AND u.user_type = 2
    JOIN (
        SELECT b.user_main_id AS user_id, b.school_id FROM bookings2 b
        UNION SELECT l.user_id, b.school_id FROM booking_users2 l JOIN bookings2 b ON b.id = l.booking2_id
        UNION SELECT v.user_id, v.school_id FROM vouchers v
        UNION SELECT g.user_secondary_id, m.school_id FROM user_groups g
            JOIN user_schools m ON m.user_id = g.user_main_id
    ) p ON p.user_id = s.user_id
    WHERE s.school_id IS NULL AND p.school_id IN ({ids})
    AND NOT EXISTS (SELECT 1 FROM user_schools m WHERE m.user_id = s.user_id)"""
# An authorisation may name the level of another school or sport; its global degree tells which one is meant.
ELSEWHERE = """
    SELECT DISTINCT s.school_id, s.sport_id, d.degree_id FROM user_sport_authorized_degrees a
    JOIN user_sports s ON s.id = a.user_sport_id
    JOIN users u ON u.id = s.user_id AND u.user_type = 3
    JOIN degrees_school_sport d ON d.id = a.degree_id
    WHERE s.school_id IN ({ids}) AND (COALESCE(d.school_id, 0) <> s.school_id OR d.sport_id <> s.sport_id)"""
AUTHORISED = """
    SELECT DISTINCT m.school_id, s.sport_id, d.degree_id FROM user_sport_authorized_degrees a
    JOIN user_sports s ON s.id = a.user_sport_id AND s.school_id IS NULL
    JOIN users u ON u.id = s.user_id AND u.user_type = 3
    JOIN user_schools m ON m.user_id = s.user_id
    JOIN degrees_school_sport d ON d.id = a.degree_id WHERE m.school_id IN ({ids})"""
GROUPS = """
    SELECT DISTINCT c.school_id, c.sport_id, g.degree_id FROM course_groups2 g
    JOIN courses2 c ON c.id = g.course2_id WHERE c.school_id IN ({ids})"""
TEACHERS = """
    SELECT DISTINCT c.school_id, c.sport_id, g.teacher_min_degree FROM course_groups2 g
    JOIN courses2 c ON c.id = g.course2_id WHERE g.teacher_min_degree IS NOT NULL AND c.school_id IN ({ids})"""
# The days of one course may name different sports; the course has one of them, and all their groups.
MIXED = """
    SELECT DISTINCT o.school_id, o.sport_id, {column} FROM course_groups2 g
    JOIN courses2 c ON c.id = g.course2_id
    JOIN courses2 o ON o.group_id = c.group_id AND (o.sport_id <> c.sport_id OR o.school_id <> c.school_id)
    WHERE o.school_id IN ({{ids}})"""
# Monitors without any school keep their level without one: (sport, global degree) of the default list.
HOMELESS = """
    SELECT DISTINCT s.sport_id, s.degree_id FROM user_sports s
    JOIN users u ON u.id = s.user_id AND u.user_type = 3
    WHERE s.school_id IS NULL AND NOT EXISTS (SELECT 1 FROM user_schools m WHERE m.user_id = s.user_id)"""
HOMELESS_AUTHORISED = """
    SELECT DISTINCT s.sport_id, d.degree_id FROM user_sport_authorized_degrees a
    JOIN user_sports s ON s.id = a.user_sport_id AND s.school_id IS NULL
    JOIN users u ON u.id = s.user_id AND u.user_type = 3
    JOIN degrees_school_sport d ON d.id = a.degree_id
    WHERE NOT EXISTS (SELECT 1 FROM user_schools m WHERE m.user_id = s.user_id)"""
OF_SCHOOLS = (
    LEVELS,
    EXPANDED,
    GUESTS,
    AUTHORISED,
    ELSEWHERE,
    GROUPS,
    TEACHERS,
    MIXED.format(column="g.degree_id"),
    MIXED.format(column="g.teacher_min_degree"),
)


class LazyDegreeMapping(Mapping):
    """A level made for a school: from the default list where it has one, else from the global ladder alone."""

    entity = "degree"
    source, target = LegacyDegree, V5Degree
    excluded = {"name": "the global name is not shown to schools; a school's own name starts empty (3.2)"}
    inputs = ("id",)

    league = Copy()
    level = Copy()
    name = Given("of the default list, else empty")
    annotation = Given("of the default list")
    degree_order = Copy()
    progress = Copy()
    color = Copy()
    age_min = Const(1)
    age_max = Const(99)
    active = Const(0)
    school_id = Given("V5 id of the school")
    sport_id = Given("V5 id of the sport")
    old_id = Const(None)


@dataclass(frozen=True)
class LazyFacts:
    """Missing levels by legacy school (None = default list) and the rows they are made from."""

    missing: dict[int | None, list[Key]]
    ladder: dict[int, Row]
    default_list: dict[tuple[int, int], Row]
    anchor: int | None  # the school whose unit also carries the default list


class LazyDegreeMigration(Migration):
    """Levels in use that no school listed; inactive, cause LAZY_DEGREE."""

    name, title, phase, after = "lazy_degrees", "Levels in use but never listed", 3, ("degrees",)
    root, root_entity = LegacySchool, ""
    mappings = (LazyDegreeMapping,)
    fast = False

    def scope_where(self, scope: Scope) -> str:
        return scope.where("t.id")

    def school_of(self, root: Row) -> int | None:
        return int(root.id)

    def needs(self, batch: RowBatch) -> dict[str, set[int]]:
        return {"school": {row.id for row in batch.roots}}

    def known_ids(self, batch: RowBatch) -> dict[str, set[int]]:
        return {"degree": {0}}

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> LazyFacts:
        schools = [row.id for row in batch.roots]
        ladder = {row.id: row for row in source.of(LegacyDegree).query()}
        levels = levels_of(read, schools)
        anchor = _anchor(env.scope, read)
        wanted = {key for sql in OF_SCHOOLS for key in read.legacy_sql(sql, schools)}
        if anchor in schools:
            homeless = (HOMELESS, HOMELESS_AUTHORISED)
            wanted |= {(None, *pair) for sql in homeless for pair in read.legacy_sql(sql)}
        env.known["sport"] |= read.known("sport", {sport for _, sport, _ in wanted})
        listed = grouped(levels)
        defaults = {
            (sport, degree): best_of(rows)[0]
            for (school, sport, degree), rows in listed.items()
            if school is None
        }
        missing = _by_school(key for key in wanted if key not in listed and key[2] in ladder)
        return LazyFacts(missing, ladder, defaults, anchor)

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        school = aggregate.root.id
        if env.known["school"].get(school) is not None:
            _make(school, env.known["school"][school], env, unit)
        if school == env.facts.anchor:
            _make(None, None, env, unit)


def _make(school: int | None, v5_school: int | None, env: Env, unit: Unit) -> None:
    for _, sport, degree in env.facts.missing.get(school, ()):
        if sport not in env.known["sport"]:
            continue  # whoever uses it is rejected with SPORT_UNKNOWN
        base, default = env.facts.ladder[degree], env.facts.default_list.get((sport, degree))
        given: dict[str, Any] = {
            "name": empty_when_null(default.name if default else None),
            "annotation": default.annotation if default else None,
            "school_id": v5_school,
            "sport_id": env.known["sport"][sport],
        }
        part = part_of(school, sport, degree)
        entry = unit.draft(
            LazyDegreeMapping,
            base,
            given,
            part=part,
            legacy_id=0,
            disposition=SYNTHESISED,
            reason="LAZY_DEGREE",
        )
        entry.school_id = school


def _by_school(keys: Iterable[Key]) -> dict[int | None, list[Key]]:
    found: dict[int | None, list[Key]] = {}
    for key in sorted(keys, key=lambda one: (one[0] or 0, one[1], one[2])):
        found.setdefault(key[0], []).append(key)
    return found


def _anchor(scope: Scope, read: Reader) -> int | None:
    where = scope.where("t.id")
    sql = f"SELECT MIN(t.id) FROM schools t{f' WHERE {where}' if where else ''}"
    found = read.legacy_sql(sql)
    return found[0][0] if found else None

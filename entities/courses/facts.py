"""What courses need to know beyond their own rows: parents, levels, seasons, bookings. A fixed number of queries."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from entities.courses.booked import LINES, LIVE, BookedLine, booked_lines
from entities.courses.family import Family
from entities.courses.legacy import LegacyPriceRange
from entities.engine import normalise, resolvers
from entities.engine.environment import Env
from entities.engine.read import Reader

degrees = resolvers.of("degrees")
seasons = resolvers.of("seasons")


@dataclass
class Facts:
    """Everything by legacy id."""

    degrees: degrees.Degrees
    seasons: seasons.Seasons
    currencies: dict[int, str] = field(default_factory=dict)
    default_prices: dict[int, list[Any]] = field(default_factory=dict)
    participants: dict[int, int] = field(default_factory=dict)
    booked: dict[int, list[BookedLine]] = field(default_factory=dict)
    memberships: set[tuple[int, int]] = field(default_factory=set)  # V5 monitor, V5 school
    families: dict[int, Family] = field(default_factory=dict)  # of groups without umbrella, by group id


def load(read: Reader, env: Env, families: list[Family], private_ids: Iterable[int]) -> Facts:
    """Facts for some courses; the parents found go to `env.known`."""
    members = [row for family in families for row in family.members]
    groups = [(member, row) for family in families for member, row in family.all_groups()]
    schools = {row.school_id for row in members}
    _know(read, env, families, members)
    wanted = (
        {
            (school, sport, degree)
            for _, row in groups
            for degree in (row.degree_id, row.teacher_min_degree)
            for school in schools
            for sport in {member.sport_id for member in members}
        }
        if groups
        else set()
    )
    subgroups = {row.id for family in families for _, row in family.all_subgroups()}
    return Facts(
        degrees.load(read, wanted), seasons.load(read, schools), currencies_of(read, env, schools),
        _default_prices(read, schools), _participants(read, subgroups), booked_lines(read, private_ids),
        _memberships(read, set(env.known["monitor"].values())),
    )  # fmt: skip


def _know(read: Reader, env: Env, families: list[Family], members: list[Any]) -> None:
    monitors: set[int | None] = set()
    for family in families:
        monitors |= {row.monitor_id for _, row in family.all_subgroups()}
        monitors |= {
            row.monitor_id for rows in family.children.get("replacements", {}).values() for row in rows
        }
    wanted = {
        "school": {row.school_id for row in members}, "sport": {row.sport_id for row in members},
        "station": {row.station_id for row in members}, "monitor": monitors,
    }  # fmt: skip
    for entity, ids in wanted.items():
        env.known[entity] |= read.known(entity, ids - {None})


def currencies_of(read: Reader, env: Env, schools: Iterable[int]) -> dict[int, str]:
    """By legacy school: the currency in the V5 settings of each school that has one."""
    v5_ids = {env.known["school"][school]: school for school in schools if school in env.known["school"]}
    found = {}
    for v5_id, text in read.v5_sql("SELECT id, settings FROM schools WHERE id IN ({ids})", v5_ids):
        try:
            settings = json.loads(text) if isinstance(text, str) else text
            name = normalise.currency(settings["taxes"]["currency"])
        except (ValueError, KeyError, TypeError):
            name = None
        if name:
            found[v5_ids[v5_id]] = name
    return found


def _default_prices(read: Reader, schools: Iterable[int]) -> dict[int, list[Any]]:
    rows = read.legacy(
        LegacyPriceRange,
        "school_id",
        schools,
        "t.is_default = 1 AND t.course_id IS NULL AND t.group_id IS NULL",
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.school_id].append(row)
    return found


def _participants(read: Reader, subgroups: Iterable[int]) -> dict[int, int]:
    """Live participants of each class, as legacy counts them."""
    sql = (
        f"SELECT t.course_groups_subgroup2_id, COUNT(*) {LINES} WHERE {LIVE}"
        " AND t.course_groups_subgroup2_id IN ({ids}) GROUP BY t.course_groups_subgroup2_id"
    )
    return dict(read.legacy_sql(sql, subgroups))


def _memberships(read: Reader, monitors: set[int]) -> set[tuple[int, int]]:
    sql = "SELECT monitor_id, school_id FROM monitors_schools WHERE monitor_id IN ({ids})"
    return set(read.v5_sql(sql, monitors))

"""The legacy rows of one course: umbrella and members, with their dates, groups, classes and prices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from entities.courses import kind
from entities.courses.legacy import (
    LegacyCourse,
    LegacyCourseDate,
    LegacyCourseGroup,
    LegacyCourseSubgroup,
    LegacyPriceRange,
    LegacySubgroupMonitorDate,
)
from entities.engine.definition import Child
from entities.engine.extract import group
from entities.engine.read import Reader

OWN_PRICES = "t.group_id IS NULL AND t.course_id IS NOT NULL"

REPLACEMENTS = Child(
    LegacySubgroupMonitorDate, "subgroup_id", "archive:subgroups_monitor_dates", of="subgroups"
)
SUBGROUPS = Child(
    LegacyCourseSubgroup, "course_group2_id", "course_subgroup", of="groups", orphan="GROUP_REJECTED"
)


def below(parent: str = "") -> dict[str, Child]:
    """The relations below a course row; `parent` names the relation that holds the course rows, "" = the root."""
    return {
        "dates": Child(LegacyCourseDate, "course2_id", "course_date", of=parent, orphan="COURSE_REJECTED"),
        "groups": Child(LegacyCourseGroup, "course2_id", "course_group", of=parent, orphan="COURSE_REJECTED"),
        "subgroups": SUBGROUPS,
        "replacements": REPLACEMENTS,
        "prices": Child(LegacyPriceRange, "course_id", "archive:price_ranges", of=parent, where=OWN_PRICES),
    }


Children = Mapping[str, Mapping[int, list[Any]]]


@dataclass(frozen=True)
class Family:
    """One course as legacy has it. `group_id` is set for members without umbrella; members are ordered by id."""

    umbrella: Any
    members: list[Any]
    children: Children
    group_id: int | None = None

    def rows(self, name: str, of: Any) -> list[Any]:
        """Children of a row: dates, groups and prices of a member, subgroups of a group, replacements of a subgroup."""
        return self.children.get(name, {}).get(of.id, [])

    def all_groups(self) -> Iterator[tuple[Any, Any]]:
        """(member, group) for every group."""
        return ((member, row) for member in self.members for row in self.rows("groups", member))

    def all_subgroups(self) -> Iterator[tuple[Any, Any]]:
        """(group, subgroup) for every class."""
        return ((row, subgroup) for _, row in self.all_groups() for subgroup in self.rows("subgroups", row))

    @property
    def has_groups(self) -> bool:
        return any(True for _ in self.all_groups())


def of_group(row: Any) -> int | None:
    """The group of a collective course row, None when it stands alone or is private."""
    return row.group_id or None if not kind.kind_of(row, True).private else None


def without_umbrella(read: Reader, roots: Iterable[Any]) -> dict[int, Family]:
    """The families of groups whose umbrella is missing, by group id: all members, wherever their keys lie."""
    groups = {of_group(row) for row in roots} - {None}
    members = read.legacy(LegacyCourse, "group_id", groups, f"NOT {kind.IS_PRIVATE}")  # type: ignore[arg-type]
    children = children_of(read, [row.id for row in members])
    return {key: Family(None, rows, children, key) for key, rows in group(members, "group_id").items()}


def children_of(read: Reader, course_ids: Iterable[int]) -> dict[str, dict[int, list[Any]]]:
    """Everything below some course rows: one query per table, none when there are no courses."""
    found: dict[str, dict[int, list[Any]]] = {}
    for name, child in below().items():
        parents: Iterable[int] = (
            course_ids if not child.of else [row.id for rows in found[child.of].values() for row in rows]
        )
        found[name] = group(read.legacy(child.model, child.key, parents, child.where), child.key)
    return found


def ids_of(families: Iterable[Family]) -> dict[str, set[int]]:
    """Legacy ids by entity type of everything that these families may write to the map."""
    ids: dict[str, set[int]] = {"course": set(), "course_day": set()}
    for family in families:
        members = {row.id for row in family.members}
        ids["course"] |= members
        ids["course_day"] |= members
        for name, child in below().items():
            rows = {row.id for group_rows in family.children.get(name, {}).values() for row in group_rows}
            ids.setdefault(child.entity, set()).update(rows)
    return ids

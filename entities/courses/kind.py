"""Which kind of course a row of `courses2` is: structure from the supertype, offer from the type (3.2, 4.15)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from entities.engine.read import Reader

DEFINITE, LOOSE = 1, 2  # course_supertype_id
COLLECTIVE, PRIVATE, ACTIVITY = 1, 2, 3  # course_type_id and courses.course_type

# SQL on `courses2` under the alias `t`: what decides without a look at the groups.
IS_PRIVATE = (
    "(COALESCE(t.course_supertype_id, 0) = 2"
    " OR (COALESCE(t.course_supertype_id, 0) NOT IN (1, 2) AND COALESCE(t.course_type_id, 0) = 2))"
)


class Kind(NamedTuple):
    """`private`: no groups, booked by day. `type` is V5's course_type. `conflict`: the two legacy columns disagree."""

    private: bool
    type: int
    conflict: bool


def kind_of(row: Any, has_groups: bool = False) -> Kind:
    """The kind of a course; `has_groups` only matters when neither supertype nor type tells the structure."""
    private, guessed = _structure(row, has_groups)
    usual = PRIVATE if private else COLLECTIVE
    if row.course_type_id == ACTIVITY:
        return Kind(private, ACTIVITY, guessed and private)
    return Kind(private, usual, row.course_type_id != usual)


def _structure(row: Any, has_groups: bool) -> tuple[bool, bool]:
    """(private?, guessed?)"""
    if row.course_supertype_id in (DEFINITE, LOOSE):
        return row.course_supertype_id == LOOSE, False
    if row.course_type_id in (COLLECTIVE, PRIVATE):
        return row.course_type_id == PRIVATE, False
    return not (row.group_id or has_groups), True


def needs_groups(row: Any) -> bool:
    """Whether only the existence of groups can tell the structure."""
    return row.course_supertype_id not in (DEFINITE, LOOSE) and row.course_type_id not in (
        COLLECTIVE,
        PRIVATE,
    )


def with_groups(read: Reader, rows: Iterable[Any]) -> set[int]:
    """Ids of those undecided courses that have groups: one query, none when every course is decided."""
    undecided = [row.id for row in rows if needs_groups(row)]
    sql = "SELECT DISTINCT course2_id FROM course_groups2 WHERE course2_id IN ({ids})"
    return {found[0] for found in read.legacy_sql(sql, undecided)}

"""Attendance per session: it decided `attended` of the participant's line (4.21); here each row is accounted."""

from __future__ import annotations

from typing import Any

from entities.bookings.legacy import LegacyAttendance
from entities.engine.definition import Migration
from entities.engine.environment import Env, MapEntry, Scope
from entities.engine.extract import RowBatch
from entities.engine.read import Reader, text_of
from entities.engine.values import Aggregate, Unit

ENTITY = "archive:user_course_attendances"


class AttendanceMigration(Migration):
    """Attendances are merged into the line they are about; those of nobody's line are archived."""

    name, title, phase, after = "attendances", "Attendances", 4, ("bookings",)
    root, root_entity = LegacyAttendance, ENTITY
    reads = {"user_course_attendances": ("subgroup_id", "date_id", "user_id", "attendance")}
    fast = False

    def scope_where(self, scope: Scope) -> str:
        inside = scope.where("c.school_id")
        if not inside:
            return ""
        return (
            "t.subgroup_id IN (SELECT s.id FROM course_groups_subgroups2 s JOIN course_groups2 g ON g.id = s.course_group2_id"
            f" JOIN courses2 c ON c.id = g.course2_id WHERE {inside})"
        )

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> dict[str, Any]:
        """Lines by (subgroup, user) with the V5 row of each date."""
        subgroups = {row.subgroup_id for row in batch.roots}
        lines = read.legacy_sql(
            "SELECT id, course_groups_subgroup2_id, user_id FROM booking_users2 WHERE course_groups_subgroup2_id IN ({ids})"
            " ORDER BY id",
            subgroups,
        )
        date = text_of("legacy", "date")
        dates = read.legacy_sql(
            f"SELECT id, {date} FROM course_dates2 WHERE id IN ({{ids}})",
            {row.date_id for row in batch.roots},
        )
        by_person: dict[tuple[int, int], list[int]] = {}
        for line, subgroup, user in lines:
            by_person.setdefault((subgroup, user), []).append(line)
        return {
            "lines": by_person,
            "dates": dict(dates),
            "entries": _by_line(read.entries("booking_user", {line[0] for line in lines})),
        }

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        row = aggregate.root
        date = env.facts["dates"].get(row.date_id)
        for line in env.facts["lines"].get((row.subgroup_id, row.user_id), []):
            for part, entry in env.facts["entries"].get(line, ()):
                if entry.v5_id and part[:10] in ("", date):
                    unit.merge(ENTITY, row, entry.v5_id, entry.v5_table)
                    return
        unit.skip(ENTITY, row, "NO_TARGET")


def _by_line(entries: dict[tuple[int, str], MapEntry]) -> dict[int, list[tuple[str, MapEntry]]]:
    found: dict[int, list[tuple[str, MapEntry]]] = {}
    for (line, part), entry in sorted(entries.items()):
        found.setdefault(line, []).append((part, entry))
    return found

"""Monitors who taught at a school without being listed there: an inactive membership each (Q-32)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from entities.courses.booked import LINES, PRIVATE_LINE
from entities.engine.definition import Mapping, Migration
from entities.engine.environment import Env
from entities.engine.extract import RowBatch
from entities.engine.fields import Const, Given
from entities.engine.read import Reader
from entities.engine.values import SYNTHESISED, Aggregate, Unit
from entities.monitors.v5 import V5MonitorSchool
from entities.users.legacy import LegacyUser

CLASS = "course_groups2 g ON g.id = s.course_group2_id JOIN courses2 c ON c.id = g.course2_id"
TAUGHT = (
    f"SELECT DISTINCT s.monitor_id, c.school_id FROM course_groups_subgroups2 s JOIN {CLASS} WHERE s.monitor_id IN ({{ids}})",
    "SELECT DISTINCT r.monitor_id, c.school_id FROM subgroups_monitor_dates r"
    f" JOIN course_groups_subgroups2 s ON s.id = r.subgroup_id JOIN {CLASS} WHERE r.monitor_id IN ({{ids}})",
    f"SELECT DISTINCT t.monitor_id, b.school_id {LINES} WHERE {PRIVATE_LINE} AND t.monitor_id IN ({{ids}})",
)


class ForeignMembershipMapping(Mapping):
    """4.19, Q-32: the monitor becomes an inactive member of the school."""

    entity = "monitor_school"
    source, target = LegacyUser, V5MonitorSchool

    monitor_id = Given("V5 id of the monitor", uses=("id",))
    school_id = Given("V5 id of the school", uses=("courses2.school_id", "bookings2.school_id"))
    station_id = Const(None)
    active_school = Const(0)
    status_updated_at = Const(None)
    accepted_at = Const(None)
    created_at = Const(None)
    updated_at = Const(None)
    deleted_at = Const(None)
    old_id = Const(None)


class ForeignMonitorMigration(Migration):
    """One membership per monitor and school of a class, a replacement or a private lesson."""

    name, title, phase, after = "foreign_monitors", "Monitors of other schools", 4, ("monitors",)
    root, root_entity = LegacyUser, ""
    roots = "t.user_type = 3"
    mappings = (ForeignMembershipMapping,)
    fast = False  # classes and bookings decide

    def needs(self, batch: RowBatch) -> dict[str, set[int]]:
        return {"monitor": {row.id for row in batch.roots}}

    def known_ids(self, batch: RowBatch) -> dict[str, set[int]]:
        return {"monitor_school": {0}}

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> dict[str, Any]:
        taught = _taught(read, {row.id for row in batch.roots})
        schools = {school for found in taught.values() for school in found}
        env.known["school"] |= read.known("school", schools)
        sql = "SELECT monitor_id, school_id, id FROM monitors_schools WHERE monitor_id IN ({ids})"
        ours = {
            entry.v5_id
            for (entity, key, _), entry in env.existing.items()
            if entity == "monitor_school" and key == 0
        }
        rows = read.v5_sql(sql, set(env.known["monitor"].values()))
        return {
            "taught": taught,
            "members": {(monitor, school) for monitor, school, key in rows if key not in ours},
        }

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        row = aggregate.root
        monitor = env.known["monitor"].get(row.id)
        for school in sorted(env.facts["taught"].get(row.id, ())) if monitor else ():
            v5_school = env.known["school"].get(school)
            if v5_school is None or not env.scope.has(school) or (monitor, v5_school) in env.facts["members"]:
                continue
            if env.choices.of("foreign_monitor", school=school) == "null":
                continue
            unit.school_id = school
            unit.draft(
                ForeignMembershipMapping,
                row,
                {"monitor_id": monitor, "school_id": v5_school},
                legacy_id=0,
                part=f"foreign:{row.id}:{school}",
                disposition=SYNTHESISED,
                reason="MEMBERSHIP_FOREIGN_MONITOR",
            )


def _taught(read: Reader, monitors: Iterable[int]) -> dict[int, set[int]]:
    """Legacy schools by legacy monitor."""
    found: dict[int, set[int]] = defaultdict(set)
    for sql in TAUGHT:
        for monitor, school in read.legacy_sql(sql, monitors):
            found[monitor].add(school)
    return found

"""Is what V5 holds whole: map and rows, references, tables, rows as the latest checkpoint has them."""

from __future__ import annotations

from typing import Any

from django.db import connections

from entities.engine import schema, vendors
from entities.engine.lineage import LegacyIdMapping
from entities.recovery.paths import fetch, first
from entities.rollback.tables import content_tables, key_column, references_of
from tracking.models import Checkpoint, CheckpointTable, Rollback, ValidationResult
from tracking.sentences import sentence

Result = ValidationResult.Result
Said = tuple[str, str, dict[str, Any]]
MAP = LegacyIdMapping._meta.db_table
SHOWN = 20


def _q(name: str) -> str:
    return str(vendors.of(connections["v5"]).quote(name))


def tables_there() -> Said:
    """Every table that the map points into exists."""
    if MAP not in schema.live("v5").tables:
        return Result.FAIL, sentence("the id map is missing: V5 is not the one that was migrated"), {}
    wanted = {row[0] for row in fetch(f"SELECT DISTINCT v5_table FROM {MAP} WHERE v5_table <> ''")}
    missing = sorted(wanted - schema.live("v5").tables)
    if missing:
        return Result.FAIL, sentence("missing: %(tables)s", tables=", ".join(missing)), {"missing": missing}
    if not wanted:
        return Result.NOTHING, sentence("the id map is empty"), {}
    return Result.PASS, sentence("%(n)s tables are there", n=len(wanted)), {"tables": len(wanted)}


def map_has_rows() -> Said:
    """Every entry of the map that names a V5 row finds it."""
    lost: dict[str, int] = {}
    keys: list[str] = []
    counted = 0
    for (table,) in fetch(f"SELECT DISTINCT v5_table FROM {MAP} WHERE v5_id IS NOT NULL AND v5_table <> ''"):
        column = key_column(table)
        missing = (
            f"FROM {MAP} m WHERE m.v5_table = %s AND m.v5_id IS NOT NULL AND NOT EXISTS "
            f"(SELECT 1 FROM {_q(table)} t WHERE t.{_q(column)} = m.v5_id)"
        )
        counted += int(
            first(f"SELECT COUNT(*) FROM {MAP} WHERE v5_table = %s AND v5_id IS NOT NULL", [table])
        )
        if found := int(first(f"SELECT COUNT(*) {missing}", [table])):
            lost[table] = found
            some = fetch(f"SELECT m.entity_type, m.legacy_id, m.v5_id {missing} LIMIT {SHOWN}", [table])
            keys += [f"{entity}:{legacy} → {table} {v5}" for entity, legacy, v5 in some]
    if lost:
        told = sentence(
            "%(n)s of %(all)s entries of the map have no row any more", n=sum(lost.values()), all=counted
        )
        return Result.FAIL, told, {"missing": lost, "keys": keys[:SHOWN]}
    if not counted:
        return Result.NOTHING, sentence("the id map is empty"), {}
    return Result.PASS, sentence("%(n)s entries of the map have their row", n=counted), {"entries": counted}


def references_hold() -> Said:
    """No row points at a row that does not exist."""
    orphans: dict[str, int] = {}
    looked = 0
    for table in content_tables():
        for column, parent in references_of(table):
            looked += 1
            found = first(
                f"SELECT COUNT(*) FROM {_q(table)} t WHERE t.{_q(column)} IS NOT NULL AND NOT EXISTS "
                f"(SELECT 1 FROM {_q(parent)} p WHERE p.id = t.{_q(column)})"
            )
            if found:
                orphans[f"{table}.{column} → {parent}"] = int(found)
    if orphans:
        return (
            Result.FAIL,
            sentence("%(n)s rows point at nothing", n=sum(orphans.values())),
            {"orphans": orphans},
        )
    return Result.PASS, sentence("%(n)s references hold", n=looked), {"references": looked}


def rows_as_checkpoint() -> Said:
    """No table holds fewer rows than at the latest checkpoint of all tables; more are what happened since.

    A rollback since took rows out on purpose, and has a proof of its own.
    """
    partly = (Checkpoint.Kind.RUN, Checkpoint.Kind.ROLLBACK)
    latest = Checkpoint.objects.filter(state=Checkpoint.State.TAKEN).exclude(kind__in=partly).first()
    undone = Rollback.objects.filter(rehearsal=False, finished_at__isnull=False).exclude(
        state=Rollback.State.WITHDRAWN
    )
    if latest is None or undone.filter(finished_at__gt=latest.at).exists():
        return Result.NOTHING, sentence("there is no checkpoint to compare with"), {}
    noted: dict[str, int] = {}
    for one in CheckpointTable.objects.filter(checkpoint=latest):
        noted[one.table] = noted.get(one.table, 0) + one.rows
    there = schema.live("v5").tables
    found = {
        table: int(first(f"SELECT COUNT(*) FROM {_q(table)}")) if table in there else 0 for table in noted
    }
    fewer = {table: [noted[table], found[table]] for table in noted if found[table] < noted[table]}
    more = {table: [noted[table], found[table]] for table in noted if found[table] > noted[table]}
    details = {"checkpoint": latest.pk, "fewer": fewer, "more": more}
    if fewer:
        told = sentence(
            "%(n)s tables hold fewer rows than checkpoint “%(name)s”", n=len(fewer), name=latest.name
        )
        return Result.FAIL, told, details
    if more:
        told = sentence(
            "no table holds fewer rows than checkpoint “%(name)s”; %(n)s hold more",
            n=len(more),
            name=latest.name,
        )
        return Result.PASS, told, details
    return Result.PASS, sentence("as many rows as at checkpoint “%(name)s”", name=latest.name), details


CHECKS = (
    ("RV-01", "every table is there", tables_there),
    ("RV-02", "the id map and the rows belong together", map_has_rows),
    ("RV-03", "no row points at nothing", references_hold),
    ("RV-04", "no table holds fewer rows than at the latest checkpoint", rows_as_checkpoint),
)

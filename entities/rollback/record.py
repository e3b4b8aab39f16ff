"""The entries of one record with its parts, and of what needs it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from entities import registry
from entities.engine.errors import Refused
from entities.rollback import window
from entities.rollback.references import PARTS, TWINS
from entities.rollback.scope import OWN, Scope
from entities.rollback.tables import MAP, fetch, key_column, quote
from tracking.models import Run
from tracking.sentences import sentence

MOST = 50_000
Place = tuple[str, int]  # V5 table, id


def scope_of(entity: str, legacy_id: int) -> Scope:
    """Entries of a legacy record, of the same row under other entity types, and of the parts of its V5 rows."""
    found = fetch(
        f"SELECT id, legacy_table, run_id FROM {MAP} WHERE entity_type = %s AND legacy_id = %s",
        [entity, legacy_id],
    )
    if not found:
        raise Refused(
            sentence("%(entity)s %(id)s was never moved: the map has no entry", entity=entity, id=legacy_id)
        )
    entries = {row[0] for row in found}
    for pair in TWINS:
        if entity in pair:
            marks = ", ".join(["%s"] * len(pair))
            sql = f"SELECT id FROM {MAP} WHERE entity_type IN ({marks}) AND legacy_id = %s"
            entries |= {row[0] for row in fetch(sql, [*pair, legacy_id])}
    return _scope(_grown(entries, parts=True, dependents=False))


def with_dependents(scope: Scope, runs: list[int]) -> Scope:
    """The same with every record of a migration that needs one of these, however far down."""
    entries = {row[0] for row in fetch(f"SELECT m.id FROM {MAP} m WHERE {scope.where()} LIMIT {MOST + 1}")}
    return _scope(_grown(entries, parts=True, dependents=True))


def _scope(entries: set[int]) -> Scope:
    runs = fetch(f"SELECT DISTINCT run_id FROM {MAP} WHERE id IN ({_listed(entries)})")
    return Scope(sorted(row[0] for row in runs if row[0] is not None), entries=sorted(entries))


def _grown(entries: set[int], *, parts: bool, dependents: bool) -> set[int]:
    fresh = set(entries)
    while fresh:
        if len(entries) > MOST:
            raise Refused(
                sentence("more than %(most)s entries hang on it: roll back the run instead", most=f"{MOST:,}")
            )
        children: set[Place] = set()
        for table, ids in _rows(fresh).items():
            if parts:
                children |= _parts(table, ids)
            if dependents:
                hanging = window.hanging(table, ids, Scope([], entries=sorted(entries)))
                children |= {(one.table, one.id) for one in hanging if one.ours}
        fresh = _entries(children) - entries
        entries = entries | fresh
    return entries


def _rows(entries: Iterable[int]) -> dict[str, set[int]]:
    """V5 ids that entries own, by table."""
    own = ", ".join(f"'{one}'" for one in OWN)
    sql = f"SELECT v5_table, v5_id FROM {MAP} WHERE id IN ({_listed(entries)}) AND v5_id IS NOT NULL AND disposition IN ({own})"
    found: dict[str, set[int]] = {}
    for table, v5_id in fetch(sql):
        found.setdefault(table, set()).add(v5_id)
    return found


def _parts(table: str, ids: set[int]) -> set[Place]:
    from entities.engine import schema

    found: set[Place] = set()
    for (child, column), parent in PARTS.items():
        if parent == table and child in schema.live("v5").tables:
            sql = f"SELECT {quote(key_column(child))} FROM {quote(child)} WHERE {quote(column)} IN ({_listed(ids)})"
            found |= {(child, row[0]) for row in fetch(sql)}
    return found


def _entries(places: set[Place]) -> set[int]:
    by_table: dict[str, set[int]] = {}
    for table, v5_id in places:
        by_table.setdefault(table, set()).add(v5_id)
    found: set[int] = set()
    for table, ids in by_table.items():
        sql = f"SELECT id FROM {MAP} WHERE v5_table = %s AND v5_id IN ({_listed(ids)})"
        found |= {row[0] for row in fetch(sql, [table])}
    return found


def roots(entity: str, legacy_id: int, runs: Iterable[Run]) -> dict[str, Any]:
    """Under which key each run can be asked to move the record again: {run: [segment, [key]]}."""
    found: dict[str, Any] = {}
    for run in runs:
        if registry.get(run.entity_type).root_entity == entity:
            found[str(run.pk)] = ["", [legacy_id]]
    return found


def _listed(ids: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(ids))) or "NULL"

"""The balance of a run: every legacy key in scope has a disposition (law 5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from entities.engine import source
from entities.engine.definition import Migration, Segment
from entities.engine.environment import Scope
from entities.engine.read import Reader
from entities.engine.vendors import of as vendor_of

PAGE = 5_000


@dataclass(frozen=True)
class Missing:
    """Legacy rows of a table without an entry in the map; `ids` are the first of them."""

    legacy_table: str
    count: int
    ids: tuple[int, ...]


def missing(migration: Migration, scope: Scope, read: Reader) -> list[Missing]:
    """Every legacy row that the migration reads and that has no map entry: both sides by key, page by page."""
    found: list[Missing] = []
    for segment in migration.segments():
        found += _missing_of(segment, scope, read)
    return found


def _missing_of(segment: Segment, scope: Scope, read: Reader) -> list[Missing]:
    lost: dict[str, list[int]] = {}
    for ids in _pages(segment, scope):
        for table, keys in _accounted(segment, ids).items():
            entered = _entered(read, table, keys)
            lost.setdefault(table, []).extend(sorted(keys - entered))
    return [Missing(table, len(keys), tuple(keys[:50])) for table, keys in lost.items() if keys]


def _pages(segment: Segment, scope: Scope) -> Iterator[list[int]]:
    table, where, after = source.of(segment.model), segment.where(scope), 0
    name = vendor_of(table.connection).quote(table.table)
    while True:
        with table.connection.cursor() as cursor:
            cursor.execute(
                f"SELECT t.id FROM {name} t WHERE t.id > %s{f' AND {where}' if where else ''} ORDER BY t.id LIMIT {PAGE}",
                [after],
            )
            ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return
        yield ids
        after = ids[-1]


def _accounted(segment: Segment, root_ids: list[int]) -> dict[str, set[int]]:
    """Legacy ids by table: the roots if they have an entity, and the children that have one."""
    tables: dict[str, set[int]] = {}
    if segment.entity:
        tables[segment.model._meta.db_table] = set(root_ids)
    ids: dict[str, set[int]] = {}
    for name, child in segment.children.items():
        parents = ids[child.of] if child.of else set(root_ids)
        ids[name] = _child_ids(child, parents)
        if child.entity:
            tables.setdefault(child.model._meta.db_table, set()).update(ids[name])
    return tables


def _child_ids(child: Any, parents: set[int]) -> set[int]:
    table = source.of(child.model)
    name, found = vendor_of(table.connection).quote(table.table), set()
    extra = f" AND {child.where}" if child.where else ""
    for part in source.chunks(sorted(parents)):
        with table.connection.cursor() as cursor:
            cursor.execute(
                f"SELECT t.id FROM {name} t WHERE t.{child.key} IN ({', '.join(['%s'] * len(part))}){extra}",
                list(part),
            )
            found |= {row[0] for row in cursor.fetchall()}
    return found


def _entered(read: Reader, table: str, keys: set[int]) -> set[int]:
    sql = "SELECT DISTINCT legacy_id FROM legacy_id_mappings WHERE entity_type = %s AND legacy_id IN ({ids})"
    entered: set[int] = set()
    for entity in entities_of(table):
        left = keys - entered
        if left:
            entered |= {row[0] for row in read.v5_sql(sql, left, [entity])}
    return entered


def entities_of(table: str) -> list[str]:
    """The entity types under which rows of a legacy table may be accounted."""
    from entities import registry

    names: dict[str, None] = {}
    for migration in registry.everything():
        for segment in migration.segments():
            if segment.entity and segment.model._meta.db_table == table:
                names[segment.entity] = None
            for child in segment.children.values():
                if child.entity and child.model._meta.db_table == table:
                    names[child.entity] = None
        for mapping in migration.mappings:
            if mapping.source._meta.db_table == table and not mapping.projection:
                names[mapping.entity] = None
    names[f"archive:{table}"] = None
    return list(names)

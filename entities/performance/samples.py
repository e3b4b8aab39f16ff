"""Pairs of records that are the same on both sides, by the map of ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connections

MOST = 500


def rows(alias: str, query: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(query, list(params))
        return list(cursor.fetchall())


def pairs(entity: str, most: int = MOST) -> list[tuple[int, int]]:
    """At most `most` pairs (legacy id, V5 id) of one entity type, spread over all of them."""
    condition = "entity_type = %s AND v5_id IS NOT NULL AND disposition IN ('migrated', 'split', 'merged')"
    [(low, high)] = rows("v5", f"SELECT MIN(id), MAX(id) FROM legacy_id_mappings WHERE {condition}", [entity])
    if low is None:
        return []
    step = max(1, (high - low) // 20)
    found: dict[int, int] = {}
    for start in range(low, high + 1, step):
        query = (
            f"SELECT legacy_id, v5_id FROM legacy_id_mappings WHERE {condition} AND id >= %s AND id < %s"
            f" ORDER BY id LIMIT {max(1, most // 20)}"
        )
        found |= dict(rows("v5", query, [entity, start, start + step]))
    return list(found.items())[:most]


def by_id(
    alias: str, table: str, columns: str, ids: Sequence[int], where: str = ""
) -> dict[int, tuple[Any, ...]]:
    """The rows of these ids, without those that `where` leaves out."""
    if not ids:
        return {}
    marks = ", ".join(["%s"] * len(ids))
    query = f"SELECT id, {columns} FROM {table} WHERE id IN ({marks}){f' AND {where}' if where else ''}"
    return {row[0]: row[1:] for row in rows(alias, query, ids)}


def each(connection: Any, *statements: tuple[str, Sequence[Any]]) -> list[list[tuple[Any, ...]]]:
    """The answers to several statements on one connection, each fetched to its end."""
    found = []
    with connection.cursor() as cursor:
        for query, params in statements:
            cursor.execute(query, list(params))
            found.append(list(cursor.fetchall()))
    return found

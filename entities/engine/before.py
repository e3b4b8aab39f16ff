"""Before-images: what a V5 row or a map entry was before a run changed it, kept in the same V5 transaction (GR-21).

A forecast of a dry run keeps none: it is thrown away as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connections

from entities.engine import schema, vendors
from entities.engine.lineage import LegacyIdMapping, RollbackArchive
from entities.engine.values import to_json

if TYPE_CHECKING:
    from entities.engine.load import Target

TABLE = RollbackArchive._meta.db_table
MAP_TABLE = LegacyIdMapping._meta.db_table


def keep(target: Target, kind: str, table: str, where: str, params: Sequence[Any], *, map_id: int | None = None,
         written: Mapping[str, Any] | None = None, v5_id: str = "t.id") -> None:  # fmt: skip
    """Keep the rows of `table` that fulfil `where` (SQL under the alias `t`) as they are now; `v5_id` is SQL."""
    if target.alias != "v5":
        return
    quoted = vendors.of(target.connection).quote(table)
    with target.connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} (kind, v5_table, v5_id, payload, written, run_id, map_id, created_at)"
            f" SELECT %s, %s, {v5_id}, {row_as_json(target.alias, table)}, %s, %s, %s, %s FROM {quoted} t WHERE {where}",
            [kind, table, to_json(dict(written)) if written is not None else None, target.run_id, map_id, target.now, *params],
        )  # fmt: skip


def row_as_json(alias: str, table: str) -> str:
    """SQL of a JSON object with every live column of a row (under the alias `t`) as text."""
    columns = schema.live(alias).columns(table)
    if connections[alias].vendor == "sqlite":
        cells = [f"""'"{name}":' || json_quote(CAST(t."{name}" AS TEXT))""" for name in columns]
        return "'{' || " + " || ',' || ".join(cells) + " || '}'"
    pairs = ", ".join(f"'{name}', CONVERT(CAST(t.`{name}` AS CHAR) USING utf8mb4)" for name in columns)
    return f"JSON_OBJECT({pairs})"

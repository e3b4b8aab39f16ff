"""Before-images: what a V5 row or a map entry was before a run changed it, kept in the same V5 transaction (GR-21).

Secrets (password hashes, gateway references, account numbers) never stand in a document (GR-17, R-77): they are kept in
a column of their own, as well protected as the V5 column they stem from, and no page shows it. A forecast of a dry
run keeps nothing: it is thrown away as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.db import connections

from entities.engine import schema, vendors
from entities.engine.lineage import LegacyIdMapping, RollbackArchive
from entities.engine.source import SECRETS
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
            f"INSERT INTO {TABLE} (kind, v5_table, v5_id, payload, sealed, written, run_id, map_id, created_at)"
            f" SELECT %s, %s, {v5_id}, {row_as_text(target.alias, table)}, {secrets_as_text(target.alias, table)}, %s, %s, %s, %s"
            f" FROM {quoted} t WHERE {where}",
            [kind, table, _written(written), target.run_id, map_id, target.now, *params],
        )  # fmt: skip


def row_as_text(alias: str, table: str, row: str = "t") -> str:
    """SQL of one text with every live column of a row (under the SQL alias `row`) but the secrets; `cells` reads it.

    Each cell stands as `name:length:value`, NULL as `name:-:`. A document would take servers a third longer.
    """
    columns = {name: live for name, live in schema.live(alias).columns(table).items() if name not in SECRETS}
    if connections[alias].vendor == "sqlite":
        texts = {name: f'CAST({row}."{name}" AS TEXT)' for name in columns}
        return " || ".join(
            f"""'{name}:' || COALESCE(LENGTH({text}), '-') || ':' || COALESCE({text}, '')"""
            for name, text in texts.items()
        )
    texts = {
        name: f"CONVERT({row}.`{name}` USING utf8mb4)" if live.charset else f"{row}.`{name}`"
        for name, live in columns.items()
    }
    cells = (
        f"'{name}:', IFNULL(CHAR_LENGTH({text}), '-'), ':', IFNULL({text}, '')"
        for name, text in texts.items()
    )
    return f"CONCAT({', '.join(cells)})"


def cells(text: str) -> dict[str, str | None]:
    """The cells of a row as `row_as_text` wrote it, by column."""
    found: dict[str, str | None] = {}
    at = 0
    while at < len(text):
        name = text.index(":", at)
        length = text.index(":", name + 1)
        begin = length + 1
        size = text[name + 1 : length]
        end = begin if size == "-" else begin + int(size)
        found[text[at:name]] = None if size == "-" else text[begin:end]
        at = end
    return found


def secrets_as_text(alias: str, table: str) -> str:
    """SQL of one text with the secret cells of a row that are not NULL; `unsealed` reads it."""
    names = secret_columns(alias, table)
    if not names:
        return "''"
    if connections[alias].vendor == "sqlite":
        return " || ".join(
            f"""IFNULL('{name}' || char(31) || CAST(t."{name}" AS TEXT) || char(30), '')""" for name in names
        )
    between, end = (f"CHAR({code} USING utf8mb4)" for code in (31, 30))
    cells = (
        f"IFNULL(CONCAT('{name}', {between}, CONVERT(CAST(t.`{name}` AS CHAR) USING utf8mb4), {end}), '')"
        for name in names
    )
    return f"CONCAT({', '.join(cells)})"


def unsealed(alias: str, table: str, sealed: str | None) -> dict[str, str | None]:
    """The secret cells of a kept row, by column."""
    found: dict[str, str | None] = dict.fromkeys(secret_columns(alias, table))
    for cell in (sealed or "").split("\x1e"):
        name, between, value = cell.partition("\x1f")
        if between and name in found:
            found[name] = value
    return found


def secret_columns(alias: str, table: str) -> list[str]:
    return [name for name in schema.live(alias).columns(table) if name in SECRETS]


def fingerprint(value: str) -> str:
    """What stands for a secret that was written: enough to tell whether it is still there."""
    return f"sha256:{sha256(value.encode()).hexdigest()}"


def _written(cells: Mapping[str, Any] | None) -> str | None:
    if cells is None:
        return None
    return to_json(
        {
            name: fingerprint(cell) if name in SECRETS and cell is not None else cell
            for name, cell in cells.items()
        }
    )

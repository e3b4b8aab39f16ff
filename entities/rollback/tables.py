"""The V5 tables of a rollback: which there are, in which order they are emptied, and to which school a row belongs."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connections

from entities.engine import before, schema, vendors
from entities.rollback.references import HOME, KEYLESS, LOGS, LOOSE, NO_SCHOOL, REFERENCES

MAP, ARCHIVE, ROLLBACK = "legacy_id_mappings", "legacy_archive", "legacy_rollback_archive"


def content_tables() -> list[str]:
    """The live tables whose content a rollback answers for: all but those in which V5 writes about itself."""
    return sorted(schema.live("v5").tables - LOGS)


def references_to(table: str) -> list[tuple[str, str]]:
    """(table, column) of what points at rows of this table, of the tables and columns that exist."""
    live = schema.live("v5")
    return [
        (child, column)
        for child, column, parent in REFERENCES
        if parent == table and child in live.tables and column in live.columns(child)
    ]


def references_of(table: str) -> list[tuple[str, str]]:
    """(column, table) of what the rows of this table point at."""
    live = schema.live("v5")
    return [
        (column, parent)
        for child, column, parent in REFERENCES
        if child == table and parent in live.tables and column in live.columns(table)
    ]


@cache
def depth(table: str) -> int:
    """How far down a table stands: 0 points at nothing. Rows of a deeper table go first and come back last."""
    above = {
        parent
        for child, column, parent in REFERENCES
        if child == table and parent != table and (child, column) not in LOOSE
    }
    return 1 + max((depth(parent) for parent in above), default=-1)


def children_first(tables: Any) -> list[str]:
    return sorted(tables, key=lambda name: (-depth(name), name))


def school_of(table: str, alias: str = "t") -> str:
    """SQL that gives the V5 school of a row under `alias`; NULL for rows of no school."""
    if table == "schools":
        return f"{alias}.id"
    if table in HOME:
        column, parent = HOME[table]
        inner = school_of(parent, f"{alias}h")
        return f"(SELECT {inner} FROM {quote(parent)} {alias}h WHERE {alias}h.id = {alias}.{column})"
    if table in NO_SCHOOL or "school_id" not in schema.live("v5").columns(table):
        return "NULL"
    return f"{alias}.school_id"


def in_school(table: str, alias: str, school: int) -> str:
    """SQL: the entry of the map under `alias` is about a row of this table that belongs to a V5 school."""
    inside = (
        f"SELECT 1 FROM {quote(table)} r WHERE r.id = {alias}.v5_id AND {school_of(table, 'r')} = {school}"
    )
    return f"({alias}.v5_table = '{table}' AND EXISTS ({inside}))"


def key_column(table: str) -> str:
    """The column that the map's `v5_id` holds."""
    return KEYLESS[table][0] if table in KEYLESS else "id"


def quote(name: str) -> str:
    return str(vendors.of(connections["v5"]).quote(name))


def indexed(table: str, column: str) -> bool:
    """Whether rows can be looked up by this column."""
    return column in _leading(table)


@cache
def _leading_of(table: str, identity: str) -> frozenset[str]:
    connection = connections["v5"]
    found: frozenset[str] = vendors.of(connection).leading(connection, table)
    return found


def _leading(table: str) -> frozenset[str]:
    return _leading_of(table, str(connections["v5"].settings_dict["NAME"]))


def as_dict(table: str) -> str:
    """Two columns of SQL that `to_dict` makes into a row with every cell as text (under the alias `t`)."""
    return f"{before.row_as_text('v5', table)}, {before.secrets_as_text('v5', table)}"


def to_dict(table: str, text: str, sealed: str | None) -> dict[str, Any]:
    """A row as it stands or was kept: every live column as text or None."""
    from entities.rollback.layout import cells

    return {**cells(text), **before.unsealed("v5", table, sealed)}


def fetch(sql: str, params: Any = ()) -> list[tuple[Any, ...]]:
    """Rows of a query on V5."""
    with connections["v5"].cursor() as cursor:
        cursor.execute(sql, list(params))
        return list(cursor.fetchall())

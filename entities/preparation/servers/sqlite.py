"""SQLite. Text has no character set here, so nothing ever needs converting."""

from __future__ import annotations

from typing import Any

from entities.preparation.tables import Column, Table


def begin(connection: Any) -> None:
    """Nothing to set: the connection already waits for a lock no longer than its timeout."""


def create_table(table: Table) -> list[str]:
    lines = ['"id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL']
    lines += [f'"{column.name}" {column.kind.sqlite}{column.rest}' for column in table.columns]
    if table.unique:
        lines.append(f"UNIQUE ({_listed(table.unique)})")
    created = [f'CREATE TABLE "{table.name}" (' + ", ".join(lines) + ")"]
    return created + [_index(table.name, key) for key in table.indexes]


def drop_table(name: str) -> list[str]:
    return [f'DROP TABLE "{name}"']


def rename_table(old: str, new: str) -> list[str]:
    return [f'ALTER TABLE "{old}" RENAME TO "{new}"']


def add_column(table: str, column: Column, indexed: bool) -> list[str]:
    added = [f'ALTER TABLE "{table}" ADD COLUMN "{column.name}" {column.kind.sqlite}{column.rest}']
    return added + ([_index(table, (column.name,))] if indexed else [])


def drop_column(table: str, column: Column, indexed: bool) -> list[str]:
    dropped = [f'DROP INDEX IF EXISTS "{index_name(table, (column.name,))}"'] if indexed else []
    return [*dropped, f'ALTER TABLE "{table}" DROP COLUMN "{column.name}"']


def triggers(connection: Any, table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s ORDER BY name", [table]
        )
        return [row[0] for row in cursor.fetchall()]


def in_utf8(column: str) -> str:
    """SQL: does a text column hold anything beyond ASCII?"""
    return f'LENGTH(CAST("{column}" AS BLOB)) <> LENGTH("{column}")'


def index_name(table: str, key: tuple[str, ...]) -> str:
    return f"{table}_{'_'.join(key)}"


def _index(table: str, key: tuple[str, ...]) -> str:
    return f'CREATE INDEX "{index_name(table, key)}" ON "{table}" ({_listed(key)})'


def _listed(key: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in key)

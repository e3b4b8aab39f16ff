"""Small reads that the checks share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connections

from entities.engine import schema, vendors

PAGE = 1000
BEFORE_EVERY_ID = -(2**62)


def rows(alias: str, query: str, params: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(query, params)
        return list(cursor.fetchall())


def value(alias: str, query: str) -> Any:
    found = rows(alias, query)
    return found[0][0] if found else None


def number_of_rows(alias: str, table: str) -> int:
    return int(value(alias, f"SELECT COUNT(*) FROM {quoted(alias, table)}"))


def has_rows(alias: str, table: str) -> bool:
    return bool(rows(alias, f"SELECT 1 FROM {quoted(alias, table)} LIMIT 1"))


def quoted(alias: str, name: str) -> str:
    return str(vendors.of(connections[alias]).quote(name))


def pages(alias: str, table: str, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    """(id, column, …) of every row, page by page in key order (GR-03)."""
    listed = ", ".join(quoted(alias, name) for name in ("id", *columns))
    query = f"SELECT {listed} FROM {quoted(alias, table)} WHERE id > %s ORDER BY id LIMIT {PAGE}"
    last = BEFORE_EVERY_ID
    while True:
        page = rows(alias, query, [last])
        yield from page
        if len(page) < PAGE:
            return
        last = page[-1][0]


def present(alias: str, *names: str) -> bool:
    """Do all these "table" or "table.column" exist?"""
    live = schema.live(alias)
    for name in names:
        table, _, column = name.partition(".")
        if table not in live.tables or (column and column not in live.columns(table)):
            return False
    return True

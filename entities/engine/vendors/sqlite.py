"""SQLite: the embedded default."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import DatabaseError, OperationalError

MAX_VARIABLES = 30_000
_TYPE = re.compile(r"\s*([a-zA-Z]+)(?:\(([^)]*)\))?")


def text_of(column: str) -> str:
    """SQL that reads a temporal column as it is stored; the driver would parse and refuse zero dates."""
    return f"CAST({quote(column)} AS TEXT)"


def quote(name: str) -> str:
    return f'"{name}"'


def tables(connection: Any) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return sorted(row[0] for row in cursor.fetchall())


def columns(connection: Any, table: str) -> list[dict[str, Any]]:
    """The live columns of a table: name, type, arguments, nullable, default, charset, extra."""
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA table_info({quote(table)})")
        return [_column(row) for row in cursor.fetchall()]


def _column(row: Sequence[Any]) -> dict[str, Any]:
    _, name, declared, not_null, default, key = row
    match = _TYPE.match(declared or "text")
    kind, arguments = (match.group(1).lower(), match.group(2)) if match else ("text", None)
    return {
        "name": name,
        "type": "bigint" if kind == "integer" else kind,
        "arguments": arguments,
        "nullable": not not_null and not key,
        "default": default.strip("'") if isinstance(default, str) else default,
        "charset": None,
        "unsigned": False,
        "auto": bool(key) and kind == "integer",
    }


def leading(connection: Any, table: str) -> frozenset[str]:
    """The columns of a table with which an index begins."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT part.name FROM pragma_index_list(%s) one, pragma_index_info(one.name) part WHERE part.seqno = 0"
            " UNION SELECT name FROM pragma_table_info(%s) WHERE pk = 1",
            [table, table],
        )
        return frozenset(row[0] for row in cursor.fetchall())


def identity(connection: Any) -> str:
    """What tells this database from any other (GR-01)."""
    import os

    name = str(connection.settings_dict["NAME"])
    path = name.removeprefix("file:").split("?")[0]
    return f"sqlite:{os.path.realpath(path)}"


def next_id(connection: Any, table: str) -> int:
    """The id that the next plain INSERT would get."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
        cursor.execute(f"SELECT MAX(id) FROM {quote(table)}")
        largest = cursor.fetchone()[0] or 0
    return max(row[0] if row else 0, largest) + 1


def bump(connection: Any, table: str, value: int) -> None:
    """Make the application's own inserts continue at `value`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sqlite_sequence SET seq = %s WHERE name = %s AND seq < %s", [value - 1, table, value - 1]
        )
        cursor.execute("SELECT 1 FROM sqlite_sequence WHERE name = %s", [table])
        if cursor.fetchone() is None:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, value - 1])


def insert(connection: Any, table: str, names: Sequence[str], rows: Iterable[Sequence[str | None]]) -> None:
    """Insert rows of canonical text; affinities turn it into numbers where the column is one."""
    marks = ", ".join(["%s"] * len(names))
    listed = ", ".join(map(quote, names))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {quote(table)} ({listed}) VALUES ({marks})", list(rows))


def insert_all(
    connection: Any, tables: Iterable[tuple[str, Sequence[str], Iterable[Sequence[str | None]]]]
) -> None:
    """`insert` for several tables in their order."""
    for table, names, rows in tables:
        insert(connection, table, names, rows)


def is_transient(error: DatabaseError) -> bool:
    return isinstance(error, OperationalError) and ("locked" in str(error) or "busy" in str(error))

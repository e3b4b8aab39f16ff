"""MySQL 8 and MariaDB 10.6+ through mysqlclient."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError

Inserted = tuple[str, Sequence[str], Iterable[Sequence[str | None]]]  # table, columns, rows

MAX_VARIABLES = 50_000
ROWS_PER_STATEMENT = 500
# server gone or shutting down, lost or killed connection, lock wait, deadlock, too many connections, read-only
# during a failover
TRANSIENT = {1040, 1053, 1077, 1158, 1160, 1205, 1213, 1290, 1317, 1927, 2002, 2003, 2006, 2013, 2055, 4031}
LOAD_DATA_REFUSED = {1148, 2000, 2068, 3948, 4166}
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"})


def text_of(column: str) -> str:
    """SQL that reads a temporal column as it is stored, zero dates included."""
    return f"CAST({quote(column)} AS CHAR)"


def quote(name: str) -> str:
    return f"`{name}`"


def tables(connection: Any) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'"
        )
        return sorted(row[0] for row in cursor.fetchall())


def columns(connection: Any, table: str) -> list[dict[str, Any]]:
    """The live columns of a table: name, type, arguments, nullable, default, charset, extra."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type, column_type, is_nullable, column_default, character_set_name, extra"
            " FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = %s"
            " ORDER BY ordinal_position",
            [table],
        )
        return [_column(row) for row in cursor.fetchall()]


def _column(row: Sequence[Any]) -> dict[str, Any]:
    name, kind, declared, nullable, default, charset, extra = row
    inner = declared[declared.index("(") + 1 : declared.rindex(")")] if "(" in declared else None
    return {
        "name": name,
        "type": kind.lower(),
        "arguments": inner,
        "nullable": nullable == "YES",
        "default": None if default in (None, "NULL") else str(default).strip("'"),
        "charset": charset,
        "unsigned": "unsigned" in declared,
        "auto": "auto_increment" in extra,
    }


def leading(connection: Any, table: str) -> frozenset[str]:
    """The columns of a table with which an index begins; full-text indexes answer other questions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT column_name FROM information_schema.statistics WHERE table_schema = DATABASE()"
            " AND table_name = %s AND seq_in_index = 1 AND index_type <> 'FULLTEXT'",
            [table],
        )
        return frozenset(row[0] for row in cursor.fetchall())


def identity(connection: Any) -> str:
    """What tells this database from any other (GR-01): server and schema."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@hostname, @@port, @@datadir, DATABASE()")
        host, port, folder, schema = cursor.fetchone()
    return f"mysql:{host}:{port}:{folder}:{schema}"


def next_id(connection: Any, table: str) -> int:
    """The id that the next plain INSERT would get; the statistics may be cached, so the rows count too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT AUTO_INCREMENT FROM information_schema.tables"
            " WHERE table_schema = DATABASE() AND table_name = %s",
            [table],
        )
        row = cursor.fetchone()
        cursor.execute(f"SELECT MAX(id) FROM {quote(table)}")
        largest = cursor.fetchone()[0] or 0
    return max(row[0] or 1 if row else 1, largest + 1)


def bump(connection: Any, table: str, value: int) -> None:
    """Make the application's own inserts continue at `value`; DDL, so never inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {quote(table)} AUTO_INCREMENT = {int(value)}")


def insert(connection: Any, table: str, names: Sequence[str], rows: Iterable[Sequence[str | None]]) -> None:
    """Insert rows of canonical text with one LOAD DATA, or with large INSERTs where the server refuses it.

    LOAD DATA LOCAL turns errors into warnings and drops duplicates silently, so anything but
    "as many rows as sent, without a warning" is an IntegrityError here.
    """
    insert_all(connection, [(table, names, rows)])


def insert_all(connection: Any, tables: Iterable[Inserted]) -> None:
    """`insert` for several tables in their order.

    The text of the next tables is made in a second thread while the server reads the one before: waiting for the
    server and writing text take about equally long.
    """
    with ThreadPoolExecutor(max_workers=1) as ahead:
        made = [(table, names, ahead.submit(_file_of, rows)) for table, names, rows in tables]
        for table, names, file in made:
            rows, text = file.result()
            if not _load_data(connection, table, names, len(rows), text):
                _multi_row(connection, table, names, rows)


def _file_of(rows: Iterable[Sequence[str | None]]) -> tuple[list[Sequence[str | None]], str]:
    listed = list(rows)
    return listed, "".join(map(_line, listed))


def _load_data(connection: Any, table: str, names: Sequence[str], count: int, text: str) -> bool:
    """Load the lines; False where the server refuses LOAD DATA, now and from now on."""
    if getattr(connection, "load_data_refused", False):
        return False
    try:
        _load_file(connection, table, names, count, text)
    except OperationalError as error:
        if error.args[0] not in LOAD_DATA_REFUSED:
            raise
        connection.load_data_refused = True
        return False
    return True


def _load_file(connection: Any, table: str, names: Sequence[str], count: int, text: str) -> None:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", dir=_memory_folder()) as file:
        file.write(text)
        file.flush()
        with connection.cursor() as cursor:
            cursor.execute(
                f"LOAD DATA LOCAL INFILE %s INTO TABLE {quote(table)} CHARACTER SET utf8mb4"
                f" FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n'"
                f" ({', '.join(map(quote, names))})",
                [file.name],
            )
            _all_or_error(connection, cursor, table, count)


def _line(row: Sequence[str | None]) -> str:
    """One line of the file. Cells are looked at one by one only where a character has a meaning of its own."""
    text = "\t".join(["\0" if cell is None else cell for cell in row])
    if (
        "\\" in text
        or "\n" in text
        or "\r" in text
        or text.count("\t") >= len(row)
        or text.count("\0") != row.count(None)
    ):
        return "\t".join(["\\N" if cell is None else cell.translate(_ESCAPES) for cell in row]) + "\n"
    return text.replace("\0", "\\N") + "\n"


def _all_or_error(connection: Any, cursor: Any, table: str, sent: int) -> None:
    warnings = connection.connection.warning_count()
    if cursor.rowcount == sent and not warnings:
        return
    cursor.execute("SHOW WARNINGS LIMIT 3")
    said = "; ".join(str(row[2]) for row in cursor.fetchall())
    raise IntegrityError(
        f"{table}: {sent} rows sent, {cursor.rowcount} accepted: {said or 'no warning given'}"
    )


def _multi_row(connection: Any, table: str, names: Sequence[str], rows: list[Sequence[str | None]]) -> None:
    one = "(" + ", ".join(["%s"] * len(names)) + ")"
    head = f"INSERT INTO {quote(table)} ({', '.join(map(quote, names))}) VALUES "
    with connection.cursor() as cursor:
        for start in range(0, len(rows), ROWS_PER_STATEMENT):
            part = rows[start : start + ROWS_PER_STATEMENT]
            cursor.execute(head + ", ".join([one] * len(part)), [cell for row in part for cell in row])


def _memory_folder() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def is_transient(error: DatabaseError) -> bool:
    if isinstance(error, InterfaceError):
        return True
    return isinstance(error, OperationalError) and bool(error.args) and error.args[0] in TRANSIENT

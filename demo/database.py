"""Writable connections to the demo databases, opened from URLs and never from Django's aliases.

Values go in and come out as plain values: int, str, Decimal and None; temporal values are ISO text. Zero
dates are accepted, because legacy data has them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import environ

SIGN = 1_112_497_481  # "BOUI": says that the demo made a database


class Database:
    """One open database. `vendor` is `sqlite` or `mysql`."""

    vendor = ""
    quote = '"'

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    def execute(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        cursor = self.raw.cursor()
        cursor.execute(sql, tuple(params))
        rows = list(cursor.fetchall()) if cursor.description else []
        cursor.close()
        return rows

    def commit(self) -> None:
        self.raw.commit()

    def close(self) -> None:
        self.raw.close()

    def quoted(self, names: Iterable[str]) -> str:
        return ", ".join(f"{self.quote}{name}{self.quote}" for name in names)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        raise NotImplementedError

    def tables(self) -> list[str]:
        raise NotImplementedError

    def drop(self, tables: Iterable[str]) -> None:
        raise NotImplementedError

    def sign(self) -> None:
        """Leaves a mark that this database was made by the demo and may be dropped again."""
        raise NotImplementedError

    def is_signed(self) -> bool:
        raise NotImplementedError

    def columns(self, table: str) -> list[tuple[str, str]]:
        """(name, declared type) of each column, in order."""
        raise NotImplementedError

    def primary_key(self, table: str) -> list[str]:
        raise NotImplementedError

    def stream(self, sql: str, size: int = 2000) -> Iterator[tuple[Any, ...]]:
        """Rows one by one; never holds more than `size` of them."""
        raise NotImplementedError


class Sqlite(Database):
    vendor = "sqlite"

    def __init__(self, path: str, writable: bool = True) -> None:
        self.writable = writable
        if not writable:
            super().__init__(
                sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True, timeout=30)
            )
            return
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        super().__init__(sqlite3.connect(path, timeout=30))
        self.raw.execute("PRAGMA journal_mode=MEMORY")
        self.raw.execute("PRAGMA synchronous=OFF")
        self.raw.execute("PRAGMA foreign_keys=OFF")

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        marks = ", ".join("?" * len(columns))
        plain = [[str(value) if isinstance(value, Decimal) else value for value in row] for row in rows]
        self.raw.executemany(f'INSERT INTO "{table}" ({self.quoted(columns)}) VALUES ({marks})', plain)

    def tables(self) -> list[str]:
        found = self.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
        return [name for (name,) in found]

    def drop(self, tables: Iterable[str]) -> None:
        for table in tables:
            self.execute(f'DROP TABLE IF EXISTS "{table}"')

    def sign(self) -> None:
        self.raw.execute(f"PRAGMA application_id={SIGN}")

    def is_signed(self) -> bool:
        return bool(self.execute("PRAGMA application_id")[0][0] == SIGN)

    def columns(self, table: str) -> list[tuple[str, str]]:
        return [(row[1], row[2].lower()) for row in self.execute(f'PRAGMA table_info("{table}")')]

    def primary_key(self, table: str) -> list[str]:
        rows = self.execute(f'PRAGMA table_info("{table}")')
        return [row[1] for row in sorted(rows, key=lambda row: row[5]) if row[5]]

    def stream(self, sql: str, size: int = 2000) -> Iterator[tuple[Any, ...]]:
        cursor = self.raw.cursor()
        cursor.execute(sql)
        while rows := cursor.fetchmany(size):
            yield from rows

    def close(self) -> None:
        """Leaves a written file in the rollback-journal mode, so that it can be opened read-only."""
        if self.writable:
            self.raw.commit()
            self.raw.execute("PRAGMA journal_mode=DELETE")
        super().close()


class Mysql(Database):
    vendor = "mysql"
    quote = "`"

    def __init__(self, config: dict[str, Any]) -> None:
        import MySQLdb  # only a server needs the driver

        host = unquote(config["HOST"] or "")
        where: dict[str, Any] = {"unix_socket": host} if host.startswith("/") else {"host": host}
        if config["PORT"]:
            where["port"] = int(config["PORT"])
        where.update(config.get("OPTIONS", {}))
        super().__init__(
            MySQLdb.connect(
                user=config["USER"],
                password=config["PASSWORD"],
                database=config["NAME"],
                charset="utf8mb4",
                conv={},
                **where,
            )
        )
        # An empty sql_mode lets zero dates in; a fixed zone keeps timestamps as they are written.
        for statement in (
            "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
            "SET SESSION time_zone = '+00:00'",
        ):
            self.execute(statement)

    def execute(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        cursor = self.raw.cursor()
        cursor.execute(sql, tuple(self._plain(value) for value in params) if params else None)
        rows = [tuple(map(_text, row)) for row in cursor.fetchall()] if cursor.description else []
        cursor.close()
        return rows

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        head = f"INSERT INTO `{table}` ({self.quoted(columns)}) VALUES "
        cursor = self.raw.cursor()
        for start in range(0, len(rows), 500):
            part = rows[start : start + 500]
            values = ", ".join("(" + ", ".join(map(self._written, row)) + ")" for row in part)
            cursor.execute(head + values)
        cursor.close()

    def _written(self, value: Any) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, int | Decimal):
            return str(value)
        escaped = self.raw.escape_string(str(value).encode("utf-8")).decode("utf-8")
        return f"'{escaped}'"

    @staticmethod
    def _plain(value: Any) -> Any:
        return value if value is None or isinstance(value, bytes) else str(value)

    def tables(self) -> list[str]:
        return [
            name
            for (name,) in self.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
            )
        ]

    def drop(self, tables: Iterable[str]) -> None:
        self.execute("SET SESSION foreign_key_checks = 0")
        for table in tables:
            self.execute(f"DROP TABLE IF EXISTS `{table}`")
        self.execute("SET SESSION foreign_key_checks = 1")

    def sign(self) -> None:
        self.execute(f"ALTER TABLE languages COMMENT = 'demo {SIGN}'")

    def is_signed(self) -> bool:
        found = self.execute(
            "SELECT table_comment FROM information_schema.tables WHERE table_schema = DATABASE() "
            "AND table_name = 'languages'"
        )
        return found == [(f"demo {SIGN}",)]

    def columns(self, table: str) -> list[tuple[str, str]]:
        return self.execute(  # type: ignore[return-value]
            "SELECT column_name, column_type FROM information_schema.columns "
            "WHERE table_schema = DATABASE() AND table_name = %s ORDER BY ordinal_position",
            [table],
        )

    def primary_key(self, table: str) -> list[str]:
        rows = self.execute(
            "SELECT column_name FROM information_schema.key_column_usage WHERE table_schema = DATABASE() "
            "AND table_name = %s AND constraint_name = 'PRIMARY' ORDER BY ordinal_position",
            [table],
        )
        return [name for (name,) in rows]

    def stream(self, sql: str, size: int = 2000) -> Iterator[tuple[Any, ...]]:
        from MySQLdb.cursors import SSCursor

        cursor = self.raw.cursor(SSCursor)
        cursor.execute(sql)
        while rows := cursor.fetchmany(size):
            yield from (tuple(map(_text, row)) for row in rows)
        cursor.close()


def _text(value: Any) -> Any:
    return value.decode("utf-8") if isinstance(value, bytes) else value


def connect(url: str, *, writable: bool = True) -> Database:
    """Opens `sqlite:////path` or `mysql://user:password@host:port/name`; the caller closes it.

    Not `writable`, a SQLite file is opened for reading only and may be in use elsewhere; on a server the
    account decides.
    """
    config = environ.Env.db_url_config(url)
    engine = config["ENGINE"].rsplit(".", 1)[-1]
    if engine == "sqlite3":
        return Sqlite(str(config["NAME"]), writable)
    if engine == "mysql":
        return Mysql(config)
    raise ValueError(f"The demo builds SQLite and MySQL databases only, not {engine}.")

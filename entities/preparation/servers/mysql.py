"""MySQL 8 and MariaDB 10.6+. Data definition commits by itself here, so every step is one statement."""

from __future__ import annotations

import re
from typing import Any

from entities.preparation.tables import Column, Table

# A statement that waits longer for a table is worth a message: the running application holds it.
SECONDS_TO_WAIT_FOR_A_TABLE = 30
_LINE = re.compile(
    r"(?P<start>`[^`]+` \w+(?:\((?:[^')]|'(?:[^']|'')*')*\))?)"
    r"(?: CHARACTER SET \w+)?(?: COLLATE \w+)?(?P<rest>.*)"
)


def begin(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION lock_wait_timeout = {SECONDS_TO_WAIT_FOR_A_TABLE}")


def create_table(table: Table) -> list[str]:
    lines = ["`id` bigint NOT NULL AUTO_INCREMENT"]
    # A timestamp column without an explicit NULL would be NOT NULL on some servers.
    lines += [_definition(column) for column in table.columns]
    lines.append("PRIMARY KEY (`id`)")
    if table.unique:
        lines.append(f"UNIQUE KEY `{index_name(table.name, table.unique)}` ({_listed(table.unique)})")
    lines += [f"KEY `{index_name(table.name, key)}` ({_listed(key)})" for key in table.indexes]
    return [
        f"CREATE TABLE `{table.name}` (" + ", ".join(lines) + ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 "
        "COLLATE=utf8mb4_unicode_ci"
    ]


def drop_table(name: str) -> list[str]:
    return [f"DROP TABLE `{name}`"]


def rename_table(old: str, new: str) -> list[str]:
    return [f"RENAME TABLE `{old}` TO `{new}`"]


def add_column(table: str, column: Column, indexed: bool) -> list[str]:
    """One statement, so that a column never stands without its index after a crash."""
    index = f", ADD KEY `{index_name(table, (column.name,))}` (`{column.name}`)" if indexed else ""
    return [f"ALTER TABLE `{table}` ADD COLUMN {_definition(column)}{index}"]


def drop_column(table: str, column: Column, indexed: bool) -> list[str]:
    return [f"ALTER TABLE `{table}` DROP COLUMN `{column.name}`"]


def column_lines(connection: Any, table: str, columns: tuple[str, ...]) -> dict[str, str]:
    """The definition of each column as the server itself prints it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW CREATE TABLE `{table}`")
        printed = cursor.fetchone()[1]
    lines = (line.strip().rstrip(",") for line in printed.splitlines())
    named = {line.split("`")[1]: line for line in lines if line.startswith("`")}
    return {name: named[name] for name in columns}


def modify_columns(table: str, lines: dict[str, str]) -> list[str]:
    return [f"ALTER TABLE `{table}` " + ", ".join(f"MODIFY {line}" for line in lines.values())]


def in_utf8mb4(line: str) -> str:
    """A column's definition with utf8mb4 text and everything else unchanged."""
    found = _LINE.fullmatch(line)
    if found is None:
        raise ValueError(f"the definition of column {line.split('`')[1]} is not understood")
    return f"{found['start']} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci{found['rest']}"


def triggers(connection: Any, table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT trigger_name FROM information_schema.triggers"
            " WHERE trigger_schema = DATABASE() AND event_object_table = %s ORDER BY trigger_name",
            [table],
        )
        return [row[0] for row in cursor.fetchall()]


def in_utf8(column: str) -> str:
    """SQL: does a text column hold anything beyond ASCII?"""
    return f"LENGTH(CONVERT(`{column}` USING utf8mb4)) <> CHAR_LENGTH(`{column}`)"


def index_name(table: str, key: tuple[str, ...]) -> str:
    return f"{table}_{'_'.join(key)}"[:64]


def _definition(column: Column) -> str:
    null = " NULL" if column.nullable else ""
    return f"`{column.name}` {column.kind.mysql}{null}{column.rest}"


def _listed(key: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in key)

"""The steps of the preparation, each with its reason, its statements and the way back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db import connections

from entities.engine import vendors
from entities.engine.schema import LiveSchema
from entities.preparation import servers
from entities.preparation.tables import (
    ADDED,
    ARCHIVE,
    INDEXED,
    MAP,
    MAP_BEFORE,
    PARTICIPANTS,
    ROLLBACK,
    Column,
    Table,
)


@dataclass(frozen=True)
class Step:
    """One additive change of V5.

    `is_needed` looks at the live schema, so a step can be checked again at any time; `do` and `undo` give
    the statements for a server. `in_the_way` names data that the way back would destroy.
    """

    name: str
    reason: str

    needs_approval = False

    def is_needed(self, live: LiveSchema) -> bool:
        raise NotImplementedError

    def obstacle(self, live: LiveSchema) -> str:
        """Why the step cannot be applied to this schema; empty when it can."""
        return ""

    def memo(self, connection: Any) -> str:
        """What `undo` will need and cannot know afterwards."""
        return ""

    def do(self, connection: Any) -> list[str]:
        raise NotImplementedError

    def undo(self, connection: Any, memo: str) -> list[str]:
        raise NotImplementedError

    def in_the_way(self, live: LiveSchema) -> str:
        return ""


@dataclass(frozen=True)
class RenameMap(Step):
    """An id map of another shape (the importer's) steps aside; it is kept, never read."""

    def is_needed(self, live: LiveSchema) -> bool:
        return MAP.name in live.tables and not has_shape(live, MAP)

    def obstacle(self, live: LiveSchema) -> str:
        return (
            f"{MAP_BEFORE} exists already: rename or drop one of the two tables"
            if MAP_BEFORE in live.tables
            else ""
        )

    def do(self, connection: Any) -> list[str]:
        return list(servers.of(connection).rename_table(MAP.name, MAP_BEFORE))

    def undo(self, connection: Any, memo: str) -> list[str]:
        return list(servers.of(connection).rename_table(MAP_BEFORE, MAP.name))


@dataclass(frozen=True)
class CreateTable(Step):
    """A table of ours. One of the same name and another shape is in the way, unless a rename comes first."""

    table: Table

    def is_needed(self, live: LiveSchema) -> bool:
        return not has_shape(live, self.table)

    def obstacle(self, live: LiveSchema) -> str:
        if self.table.name not in live.tables or has_shape(live, self.table):
            return ""
        missing = sorted(self.table.column_names - set(live.columns(self.table.name)))
        return f"table {self.table.name} exists without the columns {', '.join(missing)}: rename it first"

    def do(self, connection: Any) -> list[str]:
        return list(servers.of(connection).create_table(self.table))

    def undo(self, connection: Any, memo: str) -> list[str]:
        return list(servers.of(connection).drop_table(self.table.name))

    def in_the_way(self, live: LiveSchema) -> str:
        if self.table.name in live.tables and _any_row(live.alias, self.table.name):
            return f"{self.table.name} holds rows"
        return ""


@dataclass(frozen=True)
class AddColumn(Step):
    """A column of ours on a V5 table; one that is there already is left alone and survives `--undo`."""

    table: str
    column: Column

    @property
    def indexed(self) -> bool:
        return self.column.name in INDEXED

    def is_needed(self, live: LiveSchema) -> bool:
        return self.column.name not in live.columns(self.table)

    def obstacle(self, live: LiveSchema) -> str:
        return "" if self.table in live.tables else f"V5 has no table {self.table}: check V5_DATABASE_URL"

    def do(self, connection: Any) -> list[str]:
        return list(servers.of(connection).add_column(self.table, self.column, self.indexed))

    def undo(self, connection: Any, memo: str) -> list[str]:
        return list(servers.of(connection).drop_column(self.table, self.column, self.indexed))

    def in_the_way(self, live: LiveSchema) -> str:
        if self.column.name not in live.columns(self.table):
            return ""
        filled = f"{vendors.of(connections[live.alias]).quote(self.column.name)} IS NOT NULL"
        return (
            f"{self.table}.{self.column.name} holds values"
            if _any_row(live.alias, self.table, filled)
            else ""
        )


@dataclass(frozen=True)
class ConvertText(Step):
    """Text columns of one table become utf8mb4 (Q-02); only with approval, because it rewrites the table."""

    table: str
    columns: tuple[str, ...]

    needs_approval = True

    def is_needed(self, live: LiveSchema) -> bool:
        present = live.columns(self.table)
        return any(present[name].charset not in (None, "utf8mb4") for name in self.columns if name in present)

    def memo(self, connection: Any) -> str:
        return json.dumps(servers.of(connection).column_lines(connection, self.table, self.columns))

    def do(self, connection: Any) -> list[str]:
        server = servers.of(connection)
        lines = server.column_lines(connection, self.table, self.columns)
        return list(
            server.modify_columns(self.table, {name: server.in_utf8mb4(line) for name, line in lines.items()})
        )

    def undo(self, connection: Any, memo: str) -> list[str]:
        return list(servers.of(connection).modify_columns(self.table, json.loads(memo)))


def declared() -> list[Step]:
    """Every step that does not depend on the data, in the order of application."""
    steps: list[Step] = [
        RenameMap("rename legacy_id_mappings", f"an id map of another shape is kept as {MAP_BEFORE} (GR-04)"),
        CreateTable(f"create {MAP.name}", "the id map: what became of every legacy row (GR-04)", MAP),
        CreateTable(
            f"create {ARCHIVE.name}", "full payload of legacy rows without a home in V5 (GR-08)", ARCHIVE
        ),
        CreateTable(
            f"create {ROLLBACK.name}",
            "rows that a rollback takes out, and rows as they were before a change (GR-21)",
            ROLLBACK,
        ),
        CreateTable(
            f"create {PARTICIPANTS.name}",
            "one row per participant and date of a V5 booking (Q-34)",
            PARTICIPANTS,
        ),
    ]
    for table, columns in ADDED.items():
        steps += [
            AddColumn(f"add {table}.{column.name}", "wanted by the V5 strategy, absent so far", table, column)
            for column in columns
        ]
    return steps


def conversion(table: str, columns: tuple[str, ...], reason: str) -> Step:
    return ConvertText(f"{CONVERSION}{table}", reason, table, columns)


CONVERSION = "convert text of "


def from_record(name: str, memo: str) -> Step | None:
    """The step that a record row names; None when this version does not know it."""
    if name.startswith(CONVERSION) and memo:
        return conversion(name.removeprefix(CONVERSION), tuple(json.loads(memo)), "recorded")
    return next((step for step in declared() if step.name == name), None)


def has_shape(live: LiveSchema, table: Table) -> bool:
    """Does the table exist with at least the columns that we write?"""
    return table.name in live.tables and table.column_names <= set(live.columns(table.name))


def _any_row(alias: str, table: str, condition: str = "1 = 1") -> bool:
    connection = connections[alias]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {vendors.of(connection).quote(table)} WHERE {condition} LIMIT 1")
        return cursor.fetchone() is not None

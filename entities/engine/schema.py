"""The live schema of a database: what the validation of drafts and the pre-flight go by (GR-12, GR-23)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connections

from entities.engine import vendors

TEXT_TYPES = frozenset({"varchar", "char", "text", "tinytext", "mediumtext", "longtext", "clob"})
TEMPORAL_TYPES = frozenset({"date", "time", "timestamp", "datetime"})
INTEGER_TYPES = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "integer": 64, "bigint": 64}
DECIMAL_TYPES = frozenset({"decimal", "numeric"})
FLOAT_TYPES = frozenset({"double", "float", "real"})
LARGEST_TEXT = {"tinytext": 255, "text": 65_535, "mediumtext": 16_777_215}


@dataclass(frozen=True)
class LiveColumn:
    """One column as the server describes it. `length` is in characters, `octets` in bytes, None = no limit."""

    name: str
    type: str
    arguments: str | None
    nullable: bool
    default: str | None
    charset: str | None
    unsigned: bool
    auto: bool

    @property
    def length(self) -> int | None:
        return int(self.arguments) if self.type in ("varchar", "char") and self.arguments else None

    @property
    def octets(self) -> int | None:
        return LARGEST_TEXT.get(self.type)

    @property
    def scale(self) -> int | None:
        """Decimal places of a decimal or of a float declared with a scale."""
        if self.arguments and "," in self.arguments and self.type in DECIMAL_TYPES | FLOAT_TYPES:
            return int(self.arguments.split(",")[1])
        return None

    @property
    def enum(self) -> frozenset[str]:
        if self.type != "enum" or not self.arguments:
            return frozenset()
        return frozenset(part.strip().strip("'") for part in self.arguments.split(","))

    @property
    def has_default(self) -> bool:
        return self.nullable or self.auto or self.default is not None


@dataclass(frozen=True)
class LiveSchema:
    """All tables of one database, read once. A table's columns are read when somebody asks for them."""

    alias: str

    @cached_property
    def tables(self) -> frozenset[str]:
        connection = connections[self.alias]
        return frozenset(vendors.of(connection).tables(connection))

    @cached_property
    def encodings(self) -> dict[Any, Any]:
        """How rows are encoded for these tables, by mapping; forgotten together with the schema."""
        return {}

    @cached_property
    def _columns(self) -> dict[str, dict[str, LiveColumn]]:
        return {}

    def columns(self, table: str) -> dict[str, LiveColumn]:
        """The columns of a table by name, in their order; empty when the table does not exist."""
        if table not in self._columns:
            connection = connections[self.alias]
            found: list[dict[str, Any]] = vendors.of(connection).columns(connection, table)
            self._columns[table] = {column["name"]: LiveColumn(**column) for column in found}
        return self._columns[table]

    def name_of(self, model: Any) -> str | None:
        """The table's live name: its dictionary name or one of its aliases; None when it is missing."""
        for name in (model._meta.db_table, *getattr(model, "aliases", ())):
            if name in self.tables:
                return str(name)
        return None


_schemas: dict[str, LiveSchema] = {}


def live(alias: str) -> LiveSchema:
    """The schema of an alias, kept for the life of the process; `forget` after DDL."""
    return _schemas.setdefault(alias, LiveSchema(alias))


def forget(alias: str | None = None) -> None:
    """Read the schema again at the next use: after `prepare_v5`, or when an alias points elsewhere."""
    if alias is None:
        _schemas.clear()
    else:
        _schemas.pop(alias, None)

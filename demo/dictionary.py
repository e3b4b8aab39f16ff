"""The two data dictionaries of `demo/schema`, as values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

SCHEMA = Path(__file__).parent / "schema"


@dataclass(frozen=True)
class Column:
    """`type` is the MySQL type as the dictionary spells it; `fk` is (table, column) or None."""

    name: str
    type: str
    nullable: bool = False
    default: Any = None
    auto_increment: bool = False
    charset: str = ""
    fk: tuple[str, str] | None = None
    enforced: bool = False
    on_delete: str = ""
    conditional: bool = False

    @property
    def family(self) -> str:
        return re.match(r"[a-z]+", self.type).group()  # type: ignore[union-attr]


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    charset: str
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    kind: str = ""
    conditional: bool = False

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def _column(name: str, given: dict[str, Any]) -> Column:
    facts = dict(given)
    fk = facts.pop("fk", None)
    facts["conditional"] = facts.pop("presence", "") == "conditional"
    return Column(name, fk=tuple(fk.split(".")) if fk else None, **facts)


def _table(name: str, given: dict[str, Any], with_conditional: bool) -> Table:
    columns = (_column(key, facts) for key, facts in given["columns"].items())
    return Table(
        name=name,
        columns=tuple(column for column in columns if with_conditional or not column.conditional),
        primary_key=tuple(given["primary_key"]),
        charset=given["charset"],
        unique=tuple(tuple(key) for key in given.get("unique", ())),
        indexes=tuple(tuple(key) for key in given.get("indexes", ())),
        kind=given.get("status") or given.get("lifecycle", ""),
        conditional=given.get("presence", "") == "conditional",
    )


@cache
def _read(name: str) -> dict[str, Any]:
    return yaml.safe_load((SCHEMA / f"{name}.yaml").read_text(encoding="utf-8"))["tables"]


@cache
def legacy_tables() -> dict[str, Table]:
    """All tables of the legacy database, by name."""
    return {name: _table(name, given, True) for name, given in _read("legacy").items()}


@cache
def v5_tables(conditional: bool = False) -> dict[str, Table]:
    """The tables of a normal V5 database, by name.

    Tables made by migration tools are never among them. `conditional` adds the tables and columns that
    only some V5 databases have (GR-23).
    """
    tables = (_table(name, given, conditional) for name, given in _read("v5").items())
    return {
        table.name: table
        for table in tables
        if table.kind != "tooling" and (conditional or not table.conditional)
    }

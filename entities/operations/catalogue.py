"""What is declared about every migration: mappings, columns, dependencies, reason codes, choices. Databases are not read,
but for the number of open issues."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from django.db import connections

from entities import registry
from entities.engine import coverage, vendors
from entities.engine.definition import Mapping, Migration
from entities.engine.fields import Computed, Const, Copy, Field, Given, Parent, Stamp
from entities.operations.story import section_of
from tracking import choices, codes
from tracking.models import Issue
from tracking.states import IssueState

MOST_COUNTED = 1_000
KINDS: dict[type[Field], str] = {
    Copy: "copy", Parent: "parent", Const: "constant", Computed: "computed", Given: "given", Stamp: "stamp",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One V5 column: the legacy columns it is made of, how, by which rule, and what happens to a bad value."""

    target: str
    sources: tuple[str, ...]
    kind: str
    how: str
    rule: str
    bad: str
    parent: str = ""


@dataclass(frozen=True)
class Table:
    """One mapping: a kind of record, its legacy table and its V5 table, with the columns that are not mapped."""

    entity: str
    source: str
    target: str
    about: str
    lines: tuple[Line, ...]
    untouched: tuple[str, ...]


@dataclass(frozen=True)
class Covered:
    """A legacy table: what becomes of each column, and how many have no declaration."""

    table: str
    uses: tuple[coverage.ColumnUse, ...]
    columns: int

    @property
    def missing(self) -> int:
        return self.columns - len(self.uses)

    @property
    def percent(self) -> int:
        return 100 * len(self.uses) // self.columns if self.columns else 100

    def count(self, state: str) -> int:
        return sum(use.state == state for use in self.uses)


@dataclass(frozen=True)
class Node:
    """A migration in the graph of dependencies: its layer, and the ones it directly needs."""

    name: str
    title: str
    phase: int
    layer: int
    needs: tuple[str, ...]


def tables_of(migration: Migration) -> list[Table]:
    """The mappings of a migration as tables."""
    return [_table(mapping) for mapping in migration.mappings]


def _table(mapping: type[Mapping]) -> Table:
    columns = [field.column for field in mapping.target._meta.concrete_fields]
    lines = tuple(_line(mapping, name, field) for name, field in mapping.fields.items())
    untouched = tuple(name for name in columns if name not in mapping.fields and name != "id")
    return Table(
        mapping.entity,
        mapping.source._meta.db_table,
        mapping.table,
        first_sentence(mapping),
        lines,
        untouched,
    )


def _line(mapping: type[Mapping], target: str, field: Field) -> Line:
    bad = ""
    if isinstance(field, Parent):
        bad = field.missing
    elif field.bad is not None:
        bad = field.bad.warn
    kind = next((word for one, word in KINDS.items() if isinstance(field, one)), "")
    parent = field.entity if isinstance(field, Parent) else ""
    return Line(target, field.sources, kind, field.describe(), field.rule or section_of(mapping), bad, parent)


def first_sentence(thing: Any) -> str:
    """What a declaration says about itself."""
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split()).replace("`", "")


def said_by_declarations() -> list[str]:
    """Every English text that the declarations of the migrations show in the panel, to be translated."""
    found: set[str] = set()
    for migration in registry.everything():
        found |= {first_sentence(type(migration)), migration.title}
        for mapping in migration.mappings:
            found.add(first_sentence(mapping))
            found |= {field.describe().template for field in mapping.fields.values()}
            found |= set(mapping.excluded.values())
    return sorted(found - {""})


def covered(tables: set[str] | None = None) -> list[Covered]:
    """Column coverage of legacy tables, all of them by default."""
    return [
        Covered(model._meta.db_table, tuple(coverage.table_of(model)), len(model._meta.concrete_fields))
        for model in coverage.legacy_models()
        if tables is None or model._meta.db_table in tables
    ]


def source_tables(migration: Migration) -> set[str]:
    """The legacy tables that a migration reads rows of."""
    return (
        coverage.accounted_by(migration)
        | {one.source._meta.db_table for one in migration.mappings}
        | set(migration.reads)
    )


@cache
def nodes() -> tuple[Node, ...]:
    """Every migration in registry order; its layer is the longest way to one that needs nothing."""
    layers: dict[str, int] = {}
    found = []
    for migration in registry.everything():
        layers[migration.name] = 1 + max((layers[one] for one in migration.after), default=-1)
        found.append(
            Node(migration.name, migration.title, migration.phase, layers[migration.name], _direct(migration))
        )
    return tuple(found)


def _direct(migration: Migration) -> tuple[str, ...]:
    """The needed migrations without those that another needed one needs anyway."""
    indirect = {far for near in migration.after for far in ancestors(near)}
    return tuple(one for one in migration.after if one not in indirect)


@cache
def ancestors(name: str) -> frozenset[str]:
    """Everything that has to have run before a migration."""
    near = registry.get(name).after
    return frozenset(near).union(*(ancestors(one) for one in near))


def needed_by(name: str) -> list[str]:
    """The migrations that name this one as needed."""
    return [one.name for one in registry.everything() if name in one.after]


def folder_of(name: str) -> str:
    """The folder of a migration's aggregate, under which its code stands."""
    return type(registry.get(name)).__module__.split(".")[1]


@cache
def written_words(folder: str) -> frozenset[str]:
    """The texts and Q-nn marks in the code of an aggregate: what it can say, and which answers it asks for."""
    text = "\n".join(_sources(f"entities.{folder}"))
    asked = re.findall(r"\b(?:choices|answers)\.of\(\s*\"([a-z_]+)\"", text)
    return frozenset([*re.findall(r"\"([A-Z][A-Z_]{3,})\"", text), *re.findall(r"\bQ-\d\d\b", text), *asked])


def _sources(package: str) -> Iterator[str]:
    folder = import_module(package)
    for module in pkgutil.walk_packages(folder.__path__, f"{package}."):
        yield inspect.getsource(import_module(module.name))


def codes_of(name: str) -> list[codes.Code]:
    """The reason codes that the aggregate of a migration gives, in the order of the catalogue."""
    words = written_words(folder_of(name))
    return [code for code in codes.ALL.values() if code.name in words]


def choices_of(name: str) -> list[choices.Question]:
    """The operator's choices that the aggregate of a migration asks for."""
    words = written_words(folder_of(name))
    return [one for one in choices.ALL.values() if one.key in words or one.name in words]


def open_issues() -> dict[str, int]:
    """Open issues by code, each counted up to 1,000 along the index: one query, whatever the size of the table."""
    connection = connections["default"]
    quote = vendors.of(connection).quote
    table = quote(Issue._meta.db_table)
    one = (
        f"SELECT %s AS code, COUNT(*) AS many FROM (SELECT 1 AS one FROM {table} WHERE state = %s AND code = %s"
        f" LIMIT {MOST_COUNTED + 1})"
    )
    sql = " UNION ALL ".join(f"{one} k{index}" for index in range(len(codes.ALL)))
    params = [value for name in codes.ALL for value in (name, IssueState.OPEN.value, name)]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return {str(code): int(many) for code, many in cursor.fetchall() if many}


def users_of(code: str) -> list[str]:
    """The folders whose code gives a reason code; `engine` serves every aggregate."""
    folders = dict.fromkeys([*(folder_of(name) for name in registry.MIGRATIONS), "engine"])
    return [folder for folder in folders if code in written_words(folder)]

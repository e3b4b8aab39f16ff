"""One window of the map for one table: the entries in scope, the rows behind them, and what stands in the way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connections

from entities.engine import digests
from entities.rollback import tables, written
from entities.rollback.archive import among, listed
from entities.rollback.references import KEYLESS
from entities.rollback.scope import OWN, Scope
from entities.rollback.tables import MAP, fetch, key_column, quote

ENTRIES = 10_000
COLUMNS = "id entity_type legacy_table legacy_id part v5_id disposition school_id target_hash".split()


class Mapped(NamedTuple):
    """An entry of the map that is in scope."""

    id: int
    entity: str
    legacy_table: str
    legacy_id: int
    part: str
    v5_id: int
    disposition: str
    school_id: int | None
    target_hash: str

    @property
    def owns(self) -> bool:
        return self.disposition in OWN


class Hanging(NamedTuple):
    """A row that points at a row of the window and is not in scope; `ours` when the map knows it."""

    table: str
    column: str
    id: int
    parent: int
    ours: bool


@dataclass
class Window:
    """Entries of one table in the order of their V5 ids, complete for each id, and the rows that they own.

    `edited` and `gone` are V5 ids; `used` those that entries out of scope live in.
    """

    table: str
    entries: list[Mapped]
    upto: int
    over: bool
    rows: dict[int, list[Any]] = field(default_factory=dict)
    edited: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    used: set[int] = field(default_factory=set)

    @property
    def owned(self) -> set[int]:
        """V5 ids of rows that an entry in scope wrote."""
        return {entry.v5_id for entry in self.entries if entry.owns}


def read(table: str, scope: Scope, after: int, upto: int | None = None, limit: int = 0) -> Window:
    """The next entries behind the V5 id `after` (at most up to `upto`), without their rows."""
    limit, columns = limit or ENTRIES, ", ".join(f"m.{name}" for name in COLUMNS)
    bound = f" AND m.v5_id <= {int(upto)}" if upto is not None else ""
    where = f"m.v5_table = %s AND m.v5_id > %s{bound} AND {scope.where()}"
    sql = f"SELECT {columns} FROM {MAP} m WHERE {where} ORDER BY m.v5_id"
    found = [Mapped(*row) for row in fetch(f"{sql} LIMIT {limit}", [table, after])]
    if len(found) < limit:
        return Window(table, found, found[-1].v5_id if found else after, over=True)
    last = found[-1].v5_id  # the limit may have cut its entries in two
    whole = [entry for entry in found if entry.v5_id < last]
    if not whole:
        whole = [
            Mapped(*row) for row in fetch(f"{sql} LIMIT {50 * limit}", [table, last - 1]) if row[5] == last
        ]
    return Window(table, whole, whole[-1].v5_id, over=False)


def look(window: Window, scope: Scope, *, lock: bool = False) -> Window:
    """Compare the rows with what was written; with `lock` nobody changes them before the transaction ends.

    The server hashes them where it can, and only rows whose hash differs are read.
    """
    owned = window.owned
    if not owned:
        return window
    by_id: dict[int, list[Mapped]] = {}
    for entry in window.entries:
        if entry.owns:
            by_id.setdefault(entry.v5_id, []).append(entry)
    doubtful = _doubtful(window, by_id, lock)
    for row in written.rows(window.table, key_column(window.table), doubtful):
        window.rows.setdefault(getattr(row, key_column(window.table)), []).append(row)
    for v5_id in doubtful:
        there = window.rows.get(v5_id, [])
        if not there:
            window.gone.add(v5_id)
        elif not _as_written(window.table, by_id[v5_id], there):
            window.edited.add(v5_id)
    window.used = used_by_others(window.table, owned - window.gone, scope)
    return window


def _doubtful(window: Window, by_id: dict[int, list[Mapped]], lock: bool) -> Collection[int]:
    """V5 ids of rows that are not at once seen to be as they were written."""
    table, connection = window.table, connections["v5"]
    if connection.vendor == "sqlite":  # one writer at a time, and it cannot hash
        return by_id
    hashes: dict[str, list[str]] = {}  # by entity type, SQL
    if table not in KEYLESS:
        for entity in {entry.entity for entries in by_id.values() for entry in entries}:
            found = (digests.as_written(mapping) for mapping in written.mappings_of(table).get(entity, ()))
            hashes[entity] = [sql for sql in found if sql is not None]
    asked = list(dict.fromkeys(sql for some in hashes.values() for sql in some))
    places = {entity: [1 + asked.index(sql) for sql in some] for entity, some in hashes.items()}
    key = f"t.{quote(key_column(table))}"
    sql = f"SELECT {', '.join([key, *asked])} FROM {quote(table)} t WHERE {among(key, by_id)}"
    there = {row[0]: row for row in fetch(sql + (" FOR UPDATE" if lock else ""))}
    return [
        v5_id
        for v5_id, entries in by_id.items()
        if (row := there.get(v5_id)) is None
        or not all(_hash_stands(one, row, places.get(one.entity, ())) for one in entries)
    ]


def _hash_stands(entry: Mapped, row: Sequence[Any], places: Sequence[int]) -> bool:
    return any(row[place] == entry.target_hash for place in places)


def _as_written(table: str, entries: list[Mapped], there: list[Any]) -> bool:
    """A row with an id has one owner with a hash; lists of who may do what have one entry a row, in any order."""
    if table not in KEYLESS:
        return all(written.is_as_written(table, one.entity, there[0], one.target_hash) for one in entries)
    return all(
        any(written.is_as_written(table, one.entity, row, one.target_hash) for row in there)
        for one in entries
        if one.target_hash
    )


def used_by_others(table: str, ids: Collection[int], scope: Scope) -> set[int]:
    """V5 ids in which a legacy record out of scope lives on: their rows stay."""
    if table in KEYLESS or not ids:
        return set()
    sql = f"SELECT DISTINCT m.v5_id FROM {MAP} m WHERE m.v5_table = %s AND {among('m.v5_id', ids)} AND NOT ({_known(scope)})"
    return {row[0] for row in fetch(sql, [table])}


def _known(scope: Scope) -> str:
    """The scope as a condition that is never NULL."""
    return f"COALESCE(({scope.where()}), 0)"


def hanging(table: str, ids: Collection[int], scope: Scope, *, indexed: bool = True) -> list[Hanging]:
    """Rows out of scope that point at these rows, through the columns that (do not) have an index."""
    if not ids:
        return []
    found: list[Hanging] = []
    for child, column in tables.references_to(table):
        if tables.indexed(child, column) is not indexed:
            continue
        found += _hanging(child, column, among(f"c.{quote(column)}", ids), scope)
    return found


def _hanging(child: str, column: str, where: str, scope: Scope) -> list[Hanging]:
    key = key_of(child, column)
    mine = f"m.v5_table = '{child}' AND m.v5_id = c.{quote(key)}"
    sql = (
        f"SELECT c.{quote(key)}, c.{quote(column)}, EXISTS(SELECT 1 FROM {MAP} m WHERE {mine})"
        f" FROM {quote(child)} c WHERE {where} AND NOT EXISTS (SELECT 1 FROM {MAP} m WHERE {mine} AND {scope.where()})"
    )
    return [Hanging(child, column, row[0], row[1], bool(row[2])) for row in fetch(sql)]


def hangs_between(table: str, scope: Scope, after: int, upto: int) -> bool:
    """Whether a row out of scope points at a row with its id in (after, upto], through a column with an index."""
    return any(
        _hanging(child, column, f"c.{quote(column)} > {after} AND c.{quote(column)} <= {upto}", scope)
        for child, column in tables.references_to(table)
        if tables.indexed(child, column)
    )


def hanging_at(child: str, column: str, ids: Iterable[int], scope: Scope) -> list[Hanging]:
    """Rows out of scope of one table that point at these rows."""
    return _hanging(child, column, f"c.{quote(column)} IN ({listed(ids)})", scope)


def hanging_between(
    child: str, column: str, parent: str, scope: Scope, after: int, upto: int
) -> list[Hanging]:
    """The same from the other end, for a column without an index: child rows with ids in (after, upto]."""
    below = f"p.v5_table = '{parent}' AND p.v5_id = c.{quote(column)} AND {scope.where('p')}"
    where = (
        f"c.id > {int(after)} AND c.id <= {int(upto)} AND c.{quote(column)} IS NOT NULL"
        f" AND EXISTS (SELECT 1 FROM {MAP} p WHERE {below})"
    )
    return _hanging(child, column, where, scope)


def key_of(table: str, otherwise: str) -> str:
    """What tells a row in the map: its id, the column in its place, or for other tables the column that points."""
    from entities.engine import schema

    if table in KEYLESS:
        return KEYLESS[table][0]
    return "id" if "id" in schema.live("v5").columns(table) else otherwise

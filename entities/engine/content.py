"""What a table holds, as two figures: how many rows, and one hash over all of them that knows no order.

The hash is the sum of the rows' own hashes, so it can be taken in slices, by several workers, for some rows only,
and a row that is known can be taken out of it again. The same rows give the same hash on every server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import md5
from typing import Any, NamedTuple

from django.db import connections

from entities.engine import schema, vendors
from entities.engine.digests import spelled
from entities.engine.errors import Refused
from entities.engine.schema import DECIMAL_TYPES, FLOAT_TYPES, LiveColumn

SIZE = 8  # bytes of a row's hash: the first of its MD5
WHOLE = 1 << 128  # sums are kept in 16 bytes: no table is long enough to make them overflow
SLICE = 20_000  # rows of one statement
Row = tuple[Any, ...]
BETWEEN, NOTHING = "\x1f", "\x1e"  # between two cells, and in the place of NULL


class Figures(NamedTuple):
    """Rows, and the hash over them in 32 letters."""

    rows: int = 0
    hash: str = "0" * 32

    def __add__(self, other: object) -> Figures:
        assert isinstance(other, Figures)
        return Figures(self.rows + other.rows, _text(int(self.hash, 16) + int(other.hash, 16)))

    def without(self, other: Figures) -> Figures:
        """These figures after the other rows are gone."""
        return Figures(self.rows - other.rows, _text(int(self.hash, 16) - int(other.hash, 16)))


def of_hashes(hashes: Iterable[int]) -> Figures:
    """The figures of rows whose hashes are known."""
    listed = list(hashes)
    return Figures(len(listed), _text(sum(listed)))


def _text(total: int) -> str:
    return f"{total % WHOLE:032x}"


@dataclass(frozen=True)
class Reading:
    """How the rows of one table become text: all live columns in the order of their names, but `leave_out`.

    A row comes as (id, hash, …): its id (None in a table without one), its hash, and what was asked for besides.
    """

    alias: str
    table: str
    leave_out: frozenset[str] = frozenset()

    @property
    def connection(self) -> Any:
        return connections[self.alias]

    @cached_property
    def columns(self) -> dict[str, LiveColumn]:
        live = schema.live(self.alias).columns(self.table)
        if not live:
            raise Refused(f"{self.alias}: table {self.table} is missing")
        return {name: live[name] for name in sorted(live) if name not in self.leave_out}

    @cached_property
    def numbered(self) -> bool:
        """Whether the rows have an integer `id` by which they can be read slice by slice."""
        column = schema.live(self.alias).columns(self.table).get("id")
        return column is not None and column.type in schema.INTEGER_TYPES

    def rows(
        self, where: str = "", params: Sequence[Any] = (), *, after: int = 0, limit: int = SLICE,
        extra: Sequence[str] = (),
    ) -> Sequence[Row]:  # fmt: skip
        """The next rows behind `after` in the order of their ids, at most `limit`; `where` is SQL under the alias `t`."""
        conditions = [f"({where})"] if where else []
        conditions.append(f"t.{self._quote('id')} > %s")
        sql = f"{self._select(extra)} WHERE {' AND '.join(conditions)} ORDER BY t.{self._quote('id')} LIMIT {int(limit)}"
        with self.connection.cursor() as cursor:
            cursor.execute(sql, [*params, after])
            return self._read(cursor.fetchall(), len(extra))

    def stream(self, where: str = "", params: Sequence[Any] = (), extra: Sequence[str] = ()) -> Iterator[Row]:
        """All rows, in constant memory."""
        if not self.numbered:
            yield from self._without_id(where, params, extra)
            return
        after = -(2**63)
        while found := self.rows(where, params, after=after, extra=extra):
            yield from found
            if len(found) < SLICE:
                return
            after = found[-1][0]

    def _without_id(self, where: str, params: Sequence[Any], extra: Sequence[str]) -> Iterator[Row]:
        """Tables without an id are lists of who may do what: short. They are read in one go, part by part."""
        sql = self._select(extra) + (f" WHERE {where}" if where else "")
        with self.connection.cursor() as cursor:
            cursor.execute(sql, list(params))
            while part := cursor.fetchmany(SLICE):
                yield from self._read(part, len(extra))

    def _select(self, extra: Sequence[str]) -> str:
        head = f"t.{self._quote('id')}" if self.numbered else "NULL"
        apart = [f"t.{self._quote(name)}" for name in self._apart]
        content = self._cells
        if self._by_server:
            content = f"CAST(CONV(LEFT(MD5({content}), {2 * SIZE}), 16, 10) AS UNSIGNED)"
        return f"SELECT {', '.join([head, content, *extra, *apart])} FROM {self._quote(self.table)} t"

    @cached_property
    def _by_server(self) -> bool:
        """Whether the server takes the hash: where it spells every cell, and can."""
        return not self._apart and self.connection.vendor != "sqlite"

    @cached_property
    def _cells(self) -> str:
        """SQL of one text with all cells that the server can spell."""
        sqlite = self.connection.vendor == "sqlite"
        spell = _sqlite if sqlite else _mysql
        texts = [str(spell(name, column)) for name, column in self.columns.items() if name not in self._apart]
        if sqlite:
            return " || char(31) || ".join(texts) or "''"
        return f"CONCAT_WS(0x1f, {', '.join(texts)})" if texts else "''"

    def _read(self, raw: Sequence[Row], extras: int) -> Sequence[Row]:
        if self._by_server:
            return raw
        canonical, first = tuple(self._apart.values()), 2 + extras
        return [(row[0], _hash(row[1], canonical, row[first:]), *row[2:first]) for row in raw]

    @cached_property
    def _apart(self) -> dict[str, Callable[[Any], str]]:
        """Columns that servers spell differently, and how they are spelled here."""
        return {name: _float for name, column in self.columns.items() if _plain_float(column)}

    def _quote(self, name: str) -> str:
        return str(vendors.of(self.connection).quote(name))


def table_figures(alias: str, table: str, where: str = "", params: Sequence[Any] = (), *,
                  leave_out: frozenset[str] = frozenset()) -> Figures:  # fmt: skip
    """Rows and hash of a table, or of those rows that fulfil `where` (SQL under the alias `t`)."""
    rows = total = 0
    for _, hash in Reading(alias, table, leave_out).stream(where, params):
        rows += 1
        total += hash
    return Figures(rows, _text(total))


def figures_by(alias: str, table: str, expression: str) -> dict[Any, Figures]:
    """Rows and hash of a table for each value of an SQL expression under the alias `t`, such as `t.school_id`."""
    counted: dict[Any, list[int]] = {}
    for _, hash, value in Reading(alias, table).stream(extra=[expression]):
        found = counted.setdefault(value, [0, 0])
        found[0] += 1
        found[1] += hash
    return {key: Figures(rows, _text(total)) for key, (rows, total) in counted.items()}


def _hash(text: Any, canonical: Iterable[Callable[[Any], str]], apart: Iterable[Any]) -> int:
    """The hash of the text of a row, with the cells that are spelled here behind it."""
    content: bytes = text.encode() if isinstance(text, str) else bytes(text)
    for make, value in zip(canonical, apart, strict=True):
        content += (BETWEEN + (NOTHING if value is None else make(value))).encode()
    digest = md5(content, usedforsecurity=False).digest()[:SIZE]
    return int.from_bytes(digest, "big")


def _float(value: Any) -> str:
    return repr(float(value))


def _plain_float(column: LiveColumn) -> bool:
    return column.type in FLOAT_TYPES and column.scale is None


def _sqlite(name: str, column: LiveColumn) -> str:
    cell = f't."{name}"'
    if column.scale is not None and column.type in DECIMAL_TYPES | FLOAT_TYPES:
        text = f"CASE WHEN typeof({cell}) IN ('integer', 'real') THEN printf('%%.{column.scale}f', {cell}) ELSE {cell} END"
    elif "blob" in column.type or "binary" in column.type:
        text = f"hex({cell})"
    else:
        text = f"CAST({cell} AS TEXT)"
    return f"IFNULL({text}, char(30))"


def _mysql(name: str, column: LiveColumn) -> str:
    return f"IFNULL({spelled(name, column)}, 0x1e)"

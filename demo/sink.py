"""Where generated rows go: buffered per table and written in blocks, so that memory stays flat."""

from __future__ import annotations

import random
import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from demo.database import Database
from demo.dictionary import Table

BLOCK = 1000


class Ids:
    """Row ids of one table: ascending, with gaps, overlapping with those of other tables."""

    def __init__(self, table: str, seed: int) -> None:
        self.random = random.Random(zlib.crc32(f"{table}/{seed}".encode()))
        self.last = self.random.randrange(3, 40)

    def next(self) -> int:
        self.last += 1 if self.random.random() > 0.03 else self.random.randrange(2, 9)
        return self.last

    def used(self, given: int) -> int:
        """A row brought its own id; later ones go above it."""
        self.last = max(self.last, given)
        return given


class Sink:
    """Accepts rows as keyword values; columns not named get the dictionary's default.

    A column without default and without value is refused, as a strict server would.
    """

    def __init__(self, database: Database, tables: dict[str, Table], seed: int) -> None:
        self.database = database
        self.tables = tables
        self.rows: Counter[str] = Counter()
        self._ids = {name: Ids(name, seed) for name in tables}
        self._buffers: dict[str, list[Sequence[Any]]] = {name: [] for name in tables}
        self._places = {
            name: {column: place for place, column in enumerate(table.column_names)}
            for name, table in tables.items()
        }
        self._blank = {name: [_start(column) for column in table.columns] for name, table in tables.items()}

    def add(self, table: str, **values: Any) -> int:
        """Writes one row and returns its id; the text `{id}` in a reference becomes that id."""
        ids = self._ids[table]
        given = values.get("id")
        values["id"] = ids.next() if given is None else ids.used(given)
        if values.get("payrexx_reference"):
            values["payrexx_reference"] = values["payrexx_reference"].format(id=values["id"])
        row = list(self._blank[table])
        places = self._places[table]
        for name, value in values.items():
            row[places[name]] = value
        if MISSING in row:
            absent = self.tables[table].column_names[row.index(MISSING)]
            raise ValueError(f"{table}.{absent} has no value and no default")
        self.rows[table] += 1
        buffer = self._buffers[table]
        buffer.append(row)
        if len(buffer) >= BLOCK:
            self._flush(table)
        return values["id"]

    def peek(self, table: str) -> int:
        """The id the table used last."""
        return self._ids[table].last

    def _flush(self, table: str) -> None:
        buffer = self._buffers[table]
        if buffer:
            self.database.insert(table, self.tables[table].column_names, buffer)
            buffer.clear()

    def close(self) -> None:
        for table in self.tables:
            self._flush(table)
        self.database.commit()


class _Missing:
    def __repr__(self) -> str:
        return "<missing>"


MISSING = _Missing()


def _start(column: Any) -> Any:
    if column.default is not None and column.default != "CURRENT_TIMESTAMP":
        return column.default
    return None if column.nullable or column.auto_increment else MISSING

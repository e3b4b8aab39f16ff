"""V5 rows as they stand, by their key: as hashes, which the server takes where it can, and as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from entities.engine import digests, source, vendors
from entities.engine.definition import Mapping
from entities.engine.validate import encoding_of
from entities.engine.values import Entry

Text = tuple[str | None, ...]


def key_of(entry: Entry, mapping: type[Mapping]) -> Any:
    """What tells the row of an entry from the others of its table: its V5 id, else the cells of the mapping's key."""
    if mapping.keyed:
        return entry.existing.v5_id
    assert entry.cells is not None
    names = encoding_of(mapping).names
    return tuple(entry.cells[names.index(name)] for name in mapping.key)


def hashes(mapping: type[Mapping], keys: Iterable[Any]) -> dict[Any, str]:
    """What `target_hash` would be of the rows with these keys. A row that is equal travels as 32 letters."""
    hashed = digests.as_written(mapping)
    if hashed is None:
        encoding = encoding_of(mapping)
        return {key: encoding.hash(list(text)) for key, text in texts(mapping, keys).items()}
    names = ["id"] if mapping.keyed else list(mapping.key)
    return {
        row[0] if mapping.keyed else tuple(None if one is None else str(one) for one in row[:-1]): row[-1]
        for row in _rows(mapping, [*(f"t.`{name}`" for name in names), hashed], keys)
    }


def texts(mapping: type[Mapping], keys: Iterable[Any]) -> dict[Any, Text]:
    """The cells of rows as the server spells them, which is nearly always how they were written."""
    table = source.of(mapping.target)
    quote, names = vendors.of(table.connection).quote, encoding_of(mapping).names
    kind = "CHAR" if table.connection.vendor == "mysql" else "TEXT"
    first = "id" if mapping.keyed else mapping.key[0]
    wanted = [f"t.{quote(first)}", *(f"CAST(t.{quote(name)} AS {kind})" for name in names)]
    return {
        row[0] if mapping.keyed else tuple(row[1 + names.index(name)] for name in mapping.key): row[1:]
        for row in _rows(mapping, wanted, keys)
    }


def _rows(mapping: type[Mapping], wanted: list[str], keys: Iterable[Any]) -> Iterator[Any]:
    """Some columns of the V5 rows with these keys, ten thousand at a time; a few others may be among them."""
    table = source.of(mapping.target)
    quote = vendors.of(table.connection).quote
    first = "id" if mapping.keyed else mapping.key[0]
    for ids in source.chunks(sorted({key if mapping.keyed else int(key[0]) for key in keys})):
        condition, params = source.near(f"t.{quote(first)}", ids)
        with table.connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {', '.join(wanted)} FROM {quote(table.table)} t WHERE {condition}", params
            )
            yield from cursor.fetchall()

"""A fingerprint of a database's content that does not depend on the server it stands on."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from demo.database import connect


def content_hash(url: str) -> dict[str, str]:
    """SHA-256 per table over all rows in key order; equal content gives equal hashes on any backend.

    Reads in a stream. Money is brought to the scale of its column, so that `12.3` and `12.30` agree.
    """
    database = connect(url, writable=False)
    try:
        return {table: _table_hash(database, table) for table in sorted(database.tables())}
    finally:
        database.close()


def _table_hash(database: Any, table: str) -> str:
    columns = database.columns(table)
    key = database.primary_key(table) or [name for name, _ in columns]
    names = database.quoted(name for name, _ in columns)
    quoted = f"{database.quote}{table}{database.quote}"
    shapes = [_shape(declared) for _, declared in columns]
    digest = hashlib.sha256()
    for row in database.stream(f"SELECT {names} FROM {quoted} ORDER BY {database.quoted(key)}"):
        line = "\x1f".join(
            "\\N" if value is None else shape(value) for value, shape in zip(row, shapes, strict=True)
        )
        digest.update(line.encode("utf-8") + b"\x1e")
    return digest.hexdigest()


def _shape(declared: str) -> Callable[[Any], str]:
    money = re.match(r"(?:decimal|double|float|numeric)\(\d+,\s*(\d+)\)", declared)
    if not money:
        return str
    scale = Decimal(1).scaleb(-int(money.group(1)))
    return lambda value: str(Decimal(str(value)).quantize(scale))

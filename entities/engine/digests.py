"""Hashes of V5 rows taken by the server: a row is compared with what was written without travelling.

The server spells a row nearly always as the load wrote it. Where it does not (another spelling of a document or of a
float), the hashes differ, and whoever asked looks at the row itself.
"""

from __future__ import annotations

from typing import Any

from django.db import connections

from entities.engine import schema
from entities.engine.schema import FLOAT_TYPES, LiveColumn
from entities.engine.validate import encoding_of

PLAIN = (None, "ascii", "utf8mb4", "utf8mb3", "utf8")  # no text, or text whose bytes are those of UTF-8


def as_written(mapping: Any, alias: str = "v5") -> str | None:
    """SQL of the hash that the load keeps of a row (`target_hash`), under the alias `t`; None where the server
    cannot take it."""
    if connections[alias].vendor == "sqlite":
        return None
    encoding, live = encoding_of(mapping, alias), schema.live(alias).columns(mapping.table)
    names = encoding.names
    if encoding.hashed is not None:
        names = tuple(names[index] for index in encoding.hashed)
    cells = ", ".join(f"IFNULL({spelled(name, live[name])}, 0x00)" for name in names)
    return f"MD5(CONCAT_WS(0x1f, {cells}))"


def spelled(name: str, column: LiveColumn) -> str:
    """SQL of a MySQL or MariaDB cell that becomes UTF-8 text beside bytes (under the alias `t`)."""
    cell = f"t.`{name}`"
    if "blob" in column.type or "binary" in column.type:
        return f"HEX({cell})"
    if column.scale is not None and column.type in FLOAT_TYPES:
        return f"CAST({cell} AS DECIMAL(65, {column.scale}))"
    return cell if column.charset in PLAIN else f"CAST(CONVERT({cell} USING utf8mb4) AS BINARY)"

"""Rows of the archive without their column names: a layout kept once says which cell is which.

Rows that go by the thousand are written this way: `#<archive id of the layout>.<its fingerprint>:` and the cells, those
of columns without text closed by a semicolon (NULL is empty), the others as `length:value` (`-:` for NULL). A row that
goes alone has its column names with it (`before.row_as_text`). `cells` reads both.
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import md5

from django.db import connections

from entities.engine import before, schema
from entities.engine.source import SECRETS
from entities.rollback.tables import ROLLBACK, fetch

TEXT = ":"  # stands behind the name of a column that holds text
Names = tuple[str, ...]


def of(table: str) -> Names:
    """The live columns of a V5 table but the secrets, marked where they hold text."""
    sqlite = connections["v5"].vendor == "sqlite"  # where any column may hold text
    columns = schema.live("v5").columns(table).items()
    return tuple(
        name + TEXT * (sqlite or live.charset is not None) for name, live in columns if name not in SECRETS
    )


def fingerprint(names: Names) -> str:
    return md5("\n".join(names).encode(), usedforsecurity=False).hexdigest()[:12]


def as_text(table: str, layout_id: int, row: str = "t") -> str:
    """SQL of a row (under the SQL alias `row`) in the table's layout, which is kept under that archive id."""
    names, live = of(table), schema.live("v5").columns(table)
    parts = [f"'#{layout_id}.{fingerprint(names)}:'"]
    if connections["v5"].vendor == "sqlite":
        for name in names:
            text = f'CAST({row}."{name.rstrip(TEXT)}" AS TEXT)'
            parts += [f"COALESCE(LENGTH({text}), '-')", "':'", f"COALESCE({text}, '')"]
        return " || ".join(parts)
    for name in names:
        cell = f"{row}.`{name.rstrip(TEXT)}`"
        if name.endswith(TEXT):
            text = cell if live[name.rstrip(TEXT)].charset == "utf8mb4" else f"CONVERT({cell} USING utf8mb4)"
            parts += [f"IFNULL(CHAR_LENGTH({cell}), '-')", "':'", f"IFNULL({text}, '')"]
        else:
            parts += [f"IFNULL({cell}, '')", "';'"]
    return f"CONCAT({', '.join(parts)})"


def cells(text: str) -> dict[str, str | None]:
    """The cells of a row of the archive by column, in whichever form it was kept."""
    if not text.startswith("#"):
        return before.cells(text)
    head, _, rest = text.partition(":")
    layout_id, _, known_as = head[1:].partition(".")
    found: dict[str, str | None] = {}
    at = 0
    for name in _names(known_as, int(layout_id)):
        end = rest.index(TEXT if name.endswith(TEXT) else ";", at)
        said = rest[at:end]
        at = end + 1
        if not name.endswith(TEXT):
            found[name] = said or None
        elif said == "-":
            found[name.rstrip(TEXT)] = None
        else:
            found[name.rstrip(TEXT)] = rest[at : at + int(said)]
            at += int(said)
    return found


@cache
def _names(known_as: str, layout_id: int) -> Names:
    """Equal fingerprints are equal layouts, so what was read once stays true."""
    for (payload,) in fetch(f"SELECT payload FROM {ROLLBACK} WHERE id = %s", [layout_id]):
        for names in json.loads(payload):
            if fingerprint(tuple(names)) == known_as:
                return tuple(names)
    raise ValueError(
        f"the rollback archive has lost layout {known_as} (row {layout_id}): restore it from a backup of V5"
    )

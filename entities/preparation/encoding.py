"""Which legacy text the V5 columns cannot store as they are (GR-11): found by reading the values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connections

from entities.engine import schema, vendors
from entities.engine.normalise import encodable
from entities.preparation import servers
from entities.preparation.text_flow import by_legacy_table

PAGE = 1000
BEFORE_EVERY_ID = -(2**62)
EXAMPLES = 20


@dataclass
class Unstorable:
    """Rows of one legacy column that one V5 column cannot hold; ids only, never the text."""

    legacy_table: str
    legacy_column: str
    v5_table: str
    v5_column: str
    charset: str
    rows: int = 0
    ids: list[int] = field(default_factory=list)

    def add(self, key: int) -> None:
        self.rows += 1
        if len(self.ids) < EXAMPLES:
            self.ids.append(key)

    @property
    def sentence(self) -> str:
        return (
            f"{self.rows} rows of {self.legacy_table}.{self.legacy_column} do not fit "
            f"{self.v5_table}.{self.v5_column} ({self.charset})"
        )


def scan() -> list[Unstorable]:
    """Read every legacy value that flows into a narrow V5 column; keyset pages, nothing is kept but ids."""
    found: list[Unstorable] = []
    for table, columns in by_legacy_table().items():
        found += _scan_table(table, columns)
    return found


def _scan_table(table: str, columns: dict[str, tuple[tuple[str, str], ...]]) -> list[Unstorable]:
    suspects = {name: _suspects(table, name, pairs) for name, pairs in columns.items()}
    suspects = {name: found for name, found in suspects.items() if found}
    live_table = live_name(table)
    if not suspects or live_table is None:
        return []
    names = [name for name in suspects if name in schema.live("legacy").columns(live_table)]
    for key, *texts in non_ascii_rows(live_table, names):
        for name, text in zip(names, texts, strict=True):
            for suspect in suspects[name]:
                if text is not None and not encodable(str(text), suspect.charset):
                    suspect.add(key)
    return [suspect for name in names for suspect in suspects[name] if suspect.rows]


def _suspects(table: str, column: str, pairs: tuple[tuple[str, str], ...]) -> list[Unstorable]:
    """The targets of a column that cannot store every text."""
    targets = schema.live("v5")
    found = []
    for v5_table, v5_column in pairs:
        live = targets.columns(v5_table).get(v5_column)
        if live is not None and live.charset not in (None, "utf8mb4", "binary"):
            found.append(Unstorable(table, column, v5_table, v5_column, live.charset))
    return found


def live_name(table: str) -> str | None:
    """What a legacy table is called in this database; None when it is missing."""
    for model in apps.get_app_config("entities").get_models():
        if getattr(model, "database", "") == "legacy" and model._meta.db_table == table:
            return schema.live("legacy").name_of(model)
    return None


def non_ascii_rows(table: str, names: list[str]) -> Iterator[tuple[Any, ...]]:
    """(id, text, …) of the rows that hold anything beyond ASCII in one of the columns, in key order."""
    if not names:
        return
    connection = connections["legacy"]
    quote, server = vendors.of(connection).quote, servers.of(connection)
    suspicious = " OR ".join(server.in_utf8(name) for name in names)
    query = (
        f"SELECT {', '.join(quote(name) for name in ('id', *names))} FROM {quote(table)}"
        f" WHERE {quote('id')} > %s AND ({suspicious}) ORDER BY {quote('id')} LIMIT {PAGE}"
    )
    last = BEFORE_EVERY_ID
    while True:
        with connection.cursor() as cursor:
            cursor.execute(query, [last])
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < PAGE:
            return
        last = rows[-1][0]

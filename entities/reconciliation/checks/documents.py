"""What stands inside documents and texts: well-formed, without secrets, without pictures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.reconciliation.check import Kind, Looked, Seen, Severity
from entities.reconciliation.checks.mapped import Mapped, json_columns
from entities.reconciliation.reading import Reading
from entities.reconciliation.tables import with_id

MAP_TABLES = frozenset({"legacy_id_mappings", "legacy_archive", "legacy_rollback_archive"})
SECRET_KEYS = re.compile(r'"(?:password|payrexx_transaction|iban)"\s*:\s*"[^"]|\$2[aby]\$\d\d\$', re.I)
CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
DATA_URI = re.compile(r"data:image/[a-z+.-]+;base64,", re.I)


class Documents(Mapped):
    id, title = "R-71", _("Documents in columns are well-formed and encoded once")
    how = _(
        "Every JSON value of our V5 rows is read: an object or a list, not a text and not single characters."
    )
    severity, phase, rule = Severity.B, 2, "R-71"

    def columns(self, read: Reading, table: str) -> list[str]:
        return json_columns(table)

    def bad(self, read: Reading, table: str, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        columns = self.columns(read, table)
        for row in self.values(read, table, columns, after, upto):
            for column, value in zip(columns, row[1:], strict=True):
                if value is not None and (why := _document_fault(value, column)):
                    yield row.id, column, why, str(value)[:80]


def _document_fault(value: Any, column: str) -> str:
    try:
        read = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return "not a JSON document"
    if isinstance(read, str):
        return "encoded twice: the document is a text"
    if (
        isinstance(read, list)
        and len(read) > 3
        and all(isinstance(one, str) and len(one) == 1 for one in read)
    ):
        return "a list of single characters"
    if column == "discounts" and isinstance(read, list):
        days = [one.get("day") or one.get("date") for one in read if isinstance(one, dict)]
        if len(set(map(str, days))) < len(days):
            return "two discounts for one day"
    return ""


class Secrets(Mapped):
    id, title = "R-77", _("No password, card number or account number stands in a document")
    how = _("Documents of our V5 rows, the map's additional data and the archive are searched for them.")
    severity, phase, rule = Severity.B, 2, "R-77"

    def tables(self, read: Reading) -> list[str]:
        there = with_id(read, "v5")
        return [*super().tables(read), *sorted(MAP_TABLES & there.keys())]

    def columns(self, read: Reading, table: str) -> list[str]:
        if table in MAP_TABLES:
            return ["additional_data"] if table == "legacy_id_mappings" else ["payload"]
        return json_columns(table)

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        if table not in MAP_TABLES:
            super().slice(read, table, after, upto, looked)
            return
        (column,) = self.columns(read, table)
        rows = read.v5(
            f"SELECT id, {column} AS document FROM {table} WHERE id > %s AND id <= %s", [after, upto]
        )
        looked.examined(None, len(rows))
        for row in rows:
            if row.document and (why := _secret(str(row.document))):
                looked.find(
                    Seen(Kind.VIOLATION, None, v5_table=table, v5_id=row.id, field=column, message=why)
                )

    def bad(self, read: Reading, table: str, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        columns = self.columns(read, table)
        for row in self.values(read, table, columns, after, upto):
            for column, value in zip(columns, row[1:], strict=True):
                if value and (why := _secret(str(value))):
                    yield row.id, column, why, None


def _secret(text: str) -> str:
    if SECRET_KEYS.search(text):
        return "a password, a gateway transaction or an account number"
    for match in CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if digits[0] in "3456" and len(set(digits)) > 3 and _luhn(digits):
            return "what looks like a card number"
    return ""


def _luhn(digits: str) -> bool:
    doubled = [int(one) * (2 if place % 2 else 1) for place, one in enumerate(reversed(digits))]
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0


class Images(Mapped):
    id, title = "R-79", _("Pictures are files, not texts in the database")
    how = _("No column of our V5 rows holds a picture as text.")
    severity, phase, rule = Severity.W, 2, "R-79"

    def columns(self, read: Reading, table: str) -> list[str]:
        found = with_id(read, "v5")[table]
        return [
            name for name, one in found.items() if name in ("image", "logo", "avatar", "file", "icon", "flag")
        ]

    def bad(self, read: Reading, table: str, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        columns = self.columns(read, table)
        for row in self.values(read, table, columns, after, upto):
            for column, value in zip(columns, row[1:], strict=True):
                if value and DATA_URI.search(str(value)[:100]):
                    yield row.id, column, "a picture as text", None

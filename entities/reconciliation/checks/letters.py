"""No letter was lost on the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.engine.schema import TEXT_TYPES
from entities.reconciliation.check import Severity
from entities.reconciliation.checks.mapped import Mapped
from entities.reconciliation.reading import Reading
from entities.reconciliation.tables import with_id

LOST = "\ufffd"


class Letters(Mapped):
    id, title = "R-73", _("No letter was lost on the way")
    how = _("Texts in V5 with a question mark or a lost letter, where the legacy row has none.")
    severity, phase, rule = Severity.B, 2, "R-73"

    def columns(self, read: Reading, table: str) -> list[str]:
        found = with_id(read, "v5")[table]
        return [name for name, one in found.items() if one.type in TEXT_TYPES]

    def bad(self, read: Reading, table: str, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        columns = self.columns(read, table)
        live = with_id(read, "v5")[table]
        asked = [f"{name} LIKE '%%?%%'" for name in columns]
        lost = [f"{name} LIKE '%%{LOST}%%'" for name in columns if "utf8" in (live[name].charset or "utf8")]
        suspicious = " OR ".join([*asked, *lost])
        rows = self.values(read, table, columns, after, upto, suspicious)
        marks = _legacy_marks(read, table, {row.id for row in rows}) if rows else {}
        for row in rows:
            for column, value in zip(columns, row[1:], strict=True):
                if not value or not (LOST in str(value) or "?" in str(value)):
                    continue
                lost, asked = marks.get(row.id, (0, 0))
                if str(value).count(LOST) > lost or str(value).count("?") > asked:
                    yield row.id, column, "letters that the legacy row has were replaced", value


def _legacy_marks(read: Reading, table: str, ids: set[int]) -> dict[int, tuple[int, int]]:
    """(lost letters, question marks) in all texts of the legacy rows behind V5 rows; rows without one allow any."""
    origins = read.origins(table, ids)
    wanted: dict[str, set[int]] = defaultdict(set)
    for some in origins.values():
        for one in some:
            if one.legacy_table and one.legacy_id:
                wanted[one.legacy_table].add(one.legacy_id)
    counted = {name: _marks(read, name, keys) for name, keys in wanted.items()}
    found = {}
    for v5_id, some in origins.items():
        if any(one.disposition == "synthesised" for one in some):
            found[v5_id] = (0, 10**6)  # made from several rows: only lost letters tell
            continue
        pairs = [counted.get(one.legacy_table, {}).get(one.legacy_id, (0, 0)) for one in some]
        found[v5_id] = (max(one[0] for one in pairs), max(one[1] for one in pairs))
    return found


def _marks(read: Reading, table: str, ids: set[int]) -> dict[int, tuple[int, int]]:
    there = with_id(read, "legacy").get(table)
    if there is None:
        return {}
    texts = [name for name, one in there.items() if one.type in TEXT_TYPES | {"json"}]
    if not texts:
        return {}
    rows = read.within("legacy", f"SELECT id, {', '.join(texts)} FROM {table} WHERE id IN ({{ids}})", ids)
    return {
        row.id: (
            sum(str(one or "").count(LOST) for one in row[1:]),
            sum(str(one or "").count("?") for one in row[1:]),
        )
        for row in rows
    }

"""Technical integrity (reconciliation section 9)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.engine.schema import TEMPORAL_TYPES
from entities.reconciliation.check import Check, Kind, Looked, Seen, Severity
from entities.reconciliation.checks.documents import Documents, Images, Secrets
from entities.reconciliation.checks.letters import Letters
from entities.reconciliation.checks.mapped import Mapped
from entities.reconciliation.checks.moments import Deleted, Written
from entities.reconciliation.reading import Reading
from entities.reconciliation.tables import PerTable, with_id
from entities.rollback.references import REFERENCES


class Orphans(PerTable):
    id, title = "R-72", _("Every reference in V5 leads to a row")
    how = _("All references of the V5 dictionary, also those that the database does not enforce.")
    severity, phase, rule = Severity.B, 2, "R-72"
    side = "v5"

    def tables(self, read: Reading) -> list[str]:
        there = with_id(read, "v5")
        return sorted({table for table, _, parent in REFERENCES if table in there and parent in there})

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        columns = with_id(read, "v5")
        mine = [
            (column, parent)
            for child, column, parent in REFERENCES
            if child == table and column in columns[table] and parent in columns
        ]
        looked.examined(
            None, read.v5(f"SELECT COUNT(*) AS n FROM {table} WHERE id > %s AND id <= %s", [after, upto])[0].n
        )
        for column, parent in mine:
            bad = read.v5(
                f"SELECT c.id, c.{column} AS parent FROM {table} c LEFT JOIN {parent} p ON p.id = c.{column}"
                f" WHERE c.id > %s AND c.id <= %s AND c.{column} IS NOT NULL AND p.id IS NULL",
                [after, upto],
            )
            origins = read.origins(table, {row.id for row in bad})
            for row in bad:
                for one in origins.get(row.id, ())[:1]:
                    looked.find(
                        Seen(Kind.VIOLATION, one.school_id, one.entity_type, one.legacy_table, one.legacy_id, one.part,
                             table, row.id, column, None, row.parent, f"no such row of {parent}")
                    )  # fmt: skip


class Ranges(Mapped):
    id, title = "R-76", _("Dates, prices and ages are within what can be")
    how = _(
        "Dates between 1900 and 2100, no negative prices, youngest not older than oldest, numeric coordinates."
    )
    severity, phase, rule = Severity.W, 2, "R-76"
    prices = frozenset(
        {"price", "price_total", "price_subtotal", "total_price", "base_price", "amount", "quantity"}
    )

    def columns(self, read: Reading, table: str) -> list[str]:
        found = with_id(read, "v5")[table]
        numbers = self.prices | {"age_min", "age_max", "latitude", "longitude"}
        return [
            name for name, one in found.items() if one.type in TEMPORAL_TYPES - {"time"} or name in numbers
        ]

    def bad(self, read: Reading, table: str, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        found, columns = with_id(read, "v5")[table], self.columns(read, table)
        listed = [
            f"TEXT({name}) AS {name}" if found[name].type in TEMPORAL_TYPES else name for name in columns
        ]
        for row in self.values(read, table, listed, after, upto):
            for name, value in zip(columns, row[1:], strict=True):
                if value not in (None, "") and (why := _range_fault(name, value, found[name].type)):
                    yield row.id, name, why, value
            ages = (getattr(row, "age_min", None), getattr(row, "age_max", None))
            if None not in ages and int(ages[0]) > int(ages[1]):
                yield row.id, "age_min", "youngest above oldest", ages[0]


def _range_fault(name: str, value: Any, kind: str) -> str:
    if kind in TEMPORAL_TYPES:
        return "" if "1900" <= str(value)[:4] <= "2100" else "a date that cannot be"
    if name in ("latitude", "longitude"):
        try:
            return "" if abs(float(value)) <= 180 else "no coordinate"
        except ValueError:
            return "no coordinate"
    if name in Ranges.prices:
        return "a negative price" if float(value) < 0 else ""
    return ""


CHECKS: tuple[type[Check], ...] = (Documents, Orphans, Letters, Written, Deleted, Ranges, Secrets, Images)

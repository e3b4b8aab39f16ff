"""Checks that look at the V5 rows which the map names, table by table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from entities.reconciliation.check import Kind, Looked, Seen
from entities.reconciliation.reading import Reading
from entities.reconciliation.tables import PerTable, with_id


class Mapped(PerTable):
    """V5 tables of the map; findings carry the legacy record behind the row."""

    side = "v5"

    def tables(self, read: Reading) -> list[str]:
        rows = read.v5("SELECT v5_table FROM legacy_id_mappings WHERE v5_table IS NOT NULL GROUP BY v5_table")
        there = with_id(read, "v5")
        return sorted(
            row.v5_table for row in rows if row.v5_table in there and self.columns(read, row.v5_table)
        )

    def columns(self, read: Reading, table: str) -> list[str]:
        """The columns that the check is about; a table without one is left out."""
        raise NotImplementedError

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        counted = read.v5(
            "SELECT school_id, COUNT(DISTINCT v5_id) AS n FROM legacy_id_mappings WHERE v5_table = %s AND v5_id > %s"
            " AND v5_id <= %s GROUP BY school_id",
            [table, after, upto],
        )
        for row in counted:
            looked.examined(row.school_id, row.n)
        bad = list(self.bad(read, table, after, upto))
        origins = read.origins(table, {v5_id for v5_id, *_ in bad})
        for v5_id, column, message, value in bad:
            for one in origins.get(v5_id, ())[:1]:
                looked.find(
                    Seen(Kind.VIOLATION, one.school_id, one.entity_type, one.legacy_table, one.legacy_id, one.part, table,
                         v5_id, column, None, value, message)
                )  # fmt: skip

    def bad(self, read: Reading, table: str, after: int, upto: int) -> Iterable[tuple[int, str, str, Any]]:
        raise NotImplementedError

    @staticmethod
    def values(
        read: Reading, table: str, columns: list[str], after: int, upto: int, where: str = ""
    ) -> list[Any]:
        listed = ", ".join(columns)
        extra = f" AND ({where})" if where else ""
        return read.v5(f"SELECT id, {listed} FROM {table} WHERE id > %s AND id <= %s{extra}", [after, upto])


def json_columns(table: str) -> list[str]:
    """Columns of a V5 table that hold documents, by the dictionary (SQLite and MariaDB call them text)."""
    from django.apps import apps
    from django.db.models import JSONField

    for model in apps.get_app_config("entities").get_models():
        if model._meta.db_table == table and getattr(model, "database", "v5") == "v5":
            return [field.column for field in model._meta.concrete_fields if isinstance(field, JSONField)]
    return []

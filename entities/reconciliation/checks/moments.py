"""When a record was made, changed and deleted is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.reconciliation.check import Kind, Looked, Seen, Severity
from entities.reconciliation.checks.mapped import Mapped
from entities.reconciliation.reading import Reading
from entities.reconciliation.tables import with_id


class _Moments(Mapped):
    """Moments of V5 rows beside those of their legacy rows."""

    names: tuple[str, ...] = ()
    left: frozenset[str] = frozenset()  # V5 tables whose moments are made by a rule

    def columns(self, read: Reading, table: str) -> list[str]:
        if table in self.left:
            return []
        return [name for name in self.names if name in with_id(read, "v5")[table]]

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        columns = self.columns(read, table)
        entries = read.v5(
            "SELECT v5_id, entity_type, legacy_table, legacy_id, part, school_id FROM legacy_id_mappings"
            " WHERE v5_table = %s AND v5_id > %s AND v5_id <= %s AND disposition IN ('migrated', 'split')",
            [table, after, upto],
        )
        listed = ", ".join(f"TEXT({name}) AS {name}" for name in columns)
        stands = {
            row.id: row
            for row in read.v5(f"SELECT id, {listed} FROM {table} WHERE id > %s AND id <= %s", [after, upto])
        }
        merged = read.v5(
            "SELECT v5_id, legacy_table, legacy_id FROM legacy_id_mappings WHERE v5_table = %s AND v5_id > %s"
            " AND v5_id <= %s AND disposition = 'merged'",
            [table, after, upto],
        )
        sources = self.sources(read, [*entries, *merged], columns)
        others: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
        for one in merged:
            others[one.v5_id].append(sources.get((one.legacy_table, one.legacy_id), {}))
        for one in entries:
            there, came = stands.get(one.v5_id), sources.get((one.legacy_table, one.legacy_id))
            if there is None or came is None:
                continue
            looked.examined(one.school_id)
            for name in columns:
                stood = [
                    came,
                    *others[one.v5_id],
                ]  # the row stands for those that were merged into it as well
                if name in came and not any(
                    name in one and self.equal(one[name], getattr(there, name)) for one in stood
                ):
                    looked.find(
                        Seen(Kind.DIFFERS, one.school_id, one.entity_type, one.legacy_table, one.legacy_id, one.part, table,
                             one.v5_id, name, came[name], getattr(there, name))
                    )  # fmt: skip

    def sources(
        self, read: Reading, entries: list[Any], columns: list[str]
    ) -> dict[tuple[str, int], Mapping[str, Any]]:
        return _moments(read, entries, columns)

    @staticmethod
    def equal(came: Any, there: Any) -> bool:
        came, there = _moment(came), _moment(there)
        return bool(came == there)


def _moment(value: Any) -> str | None:
    """Without fractions; a zero or impossible date is none."""
    if not value or str(value).startswith("0000") or "-00" in str(value)[:10]:
        return None
    return str(value)[:19]


def _moments(
    read: Reading, entries: list[Any], columns: list[str]
) -> dict[tuple[str, int], Mapping[str, Any]]:
    wanted: dict[str, set[int]] = defaultdict(set)
    for one in entries:
        wanted[one.legacy_table].add(one.legacy_id)
    found: dict[tuple[str, int], Mapping[str, Any]] = {}
    for table, ids in wanted.items():
        there = [name for name in columns if name in with_id(read, "legacy").get(table, ())]
        if there:
            listed = ", ".join(f"TEXT({name}) AS {name}" for name in there)
            for row in read.within("legacy", f"SELECT id, {listed} FROM {table} WHERE id IN ({{ids}})", ids):
                found[(table, row.id)] = {name: getattr(row, name) for name in there}
    return found


class Written(_Moments):
    id, title = "R-74", _("When a record was made and last changed is kept")
    how = _("created_at and updated_at of every V5 row against its legacy row; empty stays empty.")
    severity, phase, rule = Severity.B, 2, "R-74"
    names = ("created_at", "updated_at")


class Deleted(_Moments):
    id, title = "R-75", _("Deleted stays deleted, alive stays alive")
    how = _("deleted_at of every V5 row against its legacy row, but for bookings and their lines.")
    severity, phase, rule = Severity.B, 2, "R-75"
    names = ("deleted_at",)

    def sources(
        self, read: Reading, entries: list[Any], columns: list[str]
    ) -> dict[tuple[str, int], Mapping[str, Any]]:
        """A date of a deleted course is deleted with it (decision "member deleted, date alive")."""
        found = super().sources(read, entries, columns)
        alive = {key[1] for key, one in found.items() if key[0] == "course_dates2" and not one["deleted_at"]}
        rows = read.within(
            "legacy",
            "SELECT d.id, TEXT(c.deleted_at) AS deleted_at FROM course_dates2 d JOIN courses2 c ON c.id = d.course2_id"
            " WHERE d.id IN ({ids}) AND c.deleted_at IS NOT NULL AND c.group_id IS NOT NULL",
            alive,
        )
        return found | {("course_dates2", row.id): {"deleted_at": row.deleted_at} for row in rows}

    left = frozenset({"bookings", "booking_users", "v5_bookings"})

    @staticmethod
    def equal(came: Any, there: Any) -> bool:
        """A mark instead of a moment (0 and 1 occur in legacy) says only whether the row is deleted."""
        if came and "-" not in str(came):
            return (there is not None) == (str(came) != "0")
        return _Moments.equal(came, there)

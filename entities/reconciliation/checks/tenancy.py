"""Tenancy (reconciliation section 10): what belongs to one school stays with it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from entities.reconciliation.check import Check, Kind, Looked, Seen, Severity
from entities.reconciliation.reading import Reading
from entities.reconciliation.tables import PerTable, with_id


@dataclass(frozen=True)
class Pair:
    """A child row and something it leads to: `bad` is SQL that holds when their schools differ.

    `joins` start from the child under the alias `c`. `twin` is SQL on legacy with `{ids}` that gives the ids of the
    legacy rows with the same fault.
    """

    table: str
    column: str
    joins: str
    bad: str
    twin: str = ""


def _member(table: str, person: str) -> str:
    """No membership, dead or alive, of the child's person in the child's school."""
    return f"NOT EXISTS (SELECT 1 FROM {table} m WHERE m.{person} = c.{person} AND m.school_id = c.school_id)"


PAIRS = (
    Pair("payments", "school_id", "JOIN bookings b ON b.id = c.booking_id", "b.school_id <> c.school_id"),
    Pair("vouchers_log", "booking_id", "JOIN vouchers v ON v.id = c.voucher_id JOIN bookings b ON b.id = c.booking_id",
         "v.school_id <> b.school_id",
         "SELECT l.id FROM vouchers_log l JOIN vouchers v ON v.id = l.voucher_id JOIN bookings2 b ON b.id = l.booking_id"
         " WHERE v.school_id <> b.school_id AND l.id IN ({ids})"),
    Pair("booking_users", "booking_id", "JOIN bookings b ON b.id = c.booking_id", "b.school_id <> c.school_id"),
    Pair("booking_users", "course_id", "JOIN courses o ON o.id = c.course_id", "o.school_id <> c.school_id"),
    Pair("booking_users", "course_date_id", "JOIN course_dates d ON d.id = c.course_date_id JOIN courses o ON o.id = d.course_id",
         "o.school_id <> c.school_id"),
    Pair("booking_users", "course_group_id",
         "JOIN course_groups g ON g.id = c.course_group_id JOIN courses o ON o.id = g.course_id",
         "o.school_id <> c.school_id"),
    Pair("booking_users", "course_subgroup_id",
         "JOIN course_subgroups g ON g.id = c.course_subgroup_id JOIN courses o ON o.id = g.course_id",
         "o.school_id <> c.school_id"),
    Pair("booking_users", "client_id", "", _member("clients_schools", "client_id")),
    Pair("booking_users", "degree_id", "JOIN degrees d ON d.id = c.degree_id",
         "d.school_id IS NOT NULL AND d.school_id <> c.school_id"),
    Pair("course_groups", "degree_id", "JOIN courses o ON o.id = c.course_id JOIN degrees d ON d.id = c.degree_id",
         "d.school_id IS NOT NULL AND d.school_id <> o.school_id"),
    Pair("course_subgroups", "degree_id", "JOIN courses o ON o.id = c.course_id JOIN degrees d ON d.id = c.degree_id",
         "d.school_id IS NOT NULL AND d.school_id <> o.school_id"),
    Pair("courses", "station_id", "",
         "c.station_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM stations_schools s WHERE s.station_id = c.station_id"
         " AND s.school_id = c.school_id)"),
    Pair("v5_bookings", "season_id", "JOIN seasons s ON s.id = c.season_id", "s.school_id <> c.school_id"),
    Pair("user_season_roles", "season_id", "JOIN seasons s ON s.id = c.season_id",
         "NOT EXISTS (SELECT 1 FROM school_users m WHERE m.user_id = c.user_id AND m.school_id = s.school_id)"
         " AND NOT EXISTS (SELECT 1 FROM monitors n JOIN monitors_schools m ON m.monitor_id = n.id"
         " WHERE n.user_id = c.user_id AND m.school_id = s.school_id)"
         " AND NOT EXISTS (SELECT 1 FROM clients n JOIN clients_schools m ON m.client_id = n.id"
         " WHERE n.user_id = c.user_id AND m.school_id = s.school_id)"),
    Pair("clients_sports", "school_id", "", _member("clients_schools", "client_id")),
    Pair("clients_sports", "degree_id", "JOIN degrees d ON d.id = c.degree_id",
         "d.school_id IS NOT NULL AND d.school_id <> c.school_id"),
    Pair("monitor_sports_degrees", "degree_id", "JOIN degrees d ON d.id = c.degree_id",
         "d.school_id IS NOT NULL AND d.school_id <> c.school_id"),
    Pair("monitor_sports_degrees", "salary_level", "JOIN school_salary_levels s ON s.id = c.salary_level",
         "s.school_id <> c.school_id"),
    Pair("monitor_sports_degrees", "school_id", "", f"c.school_id IS NOT NULL AND {_member('monitors_schools', 'monitor_id')}"),
    Pair("monitor_nwd", "school_id", "", f"c.school_id IS NOT NULL AND {_member('monitors_schools', 'monitor_id')}"),
    Pair("client_observations", "school_id", "", _member("clients_schools", "client_id")),
    Pair("monitor_observations", "school_id", "", _member("monitors_schools", "monitor_id")),
    Pair("evaluations", "degree_id", "JOIN degrees d ON d.id = c.degree_id",
         "d.school_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM clients_schools m WHERE m.client_id = c.client_id"
         " AND m.school_id = d.school_id)"),
)  # fmt: skip


class CrossSchool(PerTable):
    id, title = "R-80", _("Nothing leads from one school into another")
    how = _("For every pair of rows that both lead to a school, the schools agree.")
    severity, phase, rule = Severity.B, 2, "R-80"
    side = "v5"

    def tables(self, read: Reading) -> list[str]:
        there = with_id(read, "v5")
        return sorted(
            {pair.table for pair in PAIRS if pair.table in there and pair.column in there[pair.table]}
        )

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        counted = read.v5(f"SELECT COUNT(*) AS n FROM {table} WHERE id > %s AND id <= %s", [after, upto])[0].n
        looked.examined(None, counted)
        columns = with_id(read, "v5")[table]
        for pair in PAIRS:
            if pair.table == table and pair.column in columns:
                self._pair(read, pair, after, upto, looked)

    @staticmethod
    def _pair(read: Reading, pair: Pair, after: int, upto: int, looked: Looked) -> None:
        bad = read.v5(
            f"SELECT c.id, c.{pair.column} AS there FROM {pair.table} c {pair.joins}"
            f" WHERE c.id > %s AND c.id <= %s AND {pair.bad}",
            [after, upto],
        )
        origins = read.origins(pair.table, {row.id for row in bad})
        legacy: dict[str, set[int]] = defaultdict(set)
        for some in origins.values():
            legacy[some[0].legacy_table].add(some[0].legacy_id)
        same = (
            {row.id for ids in legacy.values() for row in read.within("legacy", pair.twin, ids)}
            if pair.twin
            else set()
        )
        for row in bad:
            for one in origins.get(row.id, ())[:1]:
                looked.find(
                    Seen(Kind.VIOLATION, one.school_id, one.entity_type, one.legacy_table, one.legacy_id, one.part,
                         pair.table, row.id, pair.column, None, row.there, "leads into another school",
                         one.legacy_id in same)
                )  # fmt: skip


CHECKS: tuple[type[Check], ...] = (CrossSchool,)

"""Vouchers: what schools owe, what they issued and what was used (R-105)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.bookings.business.figured import Figured, Tally, left_out, month
from entities.bookings.checks.ground import cents
from entities.reconciliation.check import Looked
from entities.reconciliation.reading import Reading

VOUCHERS = """
    SELECT v.id, v.school_id AS school, v.quantity, v.remaining_balance AS balance, TEXT(v.created_at) AS created_at
    FROM vouchers v WHERE v.deleted_at IS NULL AND v.id > %s AND v.id <= %s AND {scope}"""
V5_VOUCHERS = """
    SELECT m.school_id AS school, v.quantity, v.remaining_balance AS balance, TEXT(v.created_at) AS created_at
    FROM legacy_id_mappings m JOIN vouchers v ON v.id = m.v5_id
    WHERE m.entity_type = 'voucher' AND v.deleted_at IS NULL AND m.legacy_id > %s AND m.legacy_id <= %s AND {scope}"""
LOGS = """
    SELECT g.id, b.school_id AS school, g.amount, TEXT(g.created_at) AS created_at FROM vouchers_log g
    JOIN bookings2 b ON b.id = g.booking_id WHERE g.deleted_at IS NULL AND g.id > %s AND g.id <= %s AND {scope}"""
V5_LOGS = """
    SELECT k.school_id AS school, g.amount, TEXT(g.created_at) AS created_at FROM legacy_id_mappings m
    JOIN vouchers_log g ON g.id = m.v5_id JOIN legacy_id_mappings k ON k.v5_table = 'bookings' AND k.v5_id = g.booking_id
    AND k.entity_type = 'booking' WHERE m.entity_type = 'voucher_log' AND g.deleted_at IS NULL
    AND m.legacy_id > %s AND m.legacy_id <= %s AND {scope}"""


class Vouchers(Figured):
    id, rule, title = "R-105", "R-105, R-49", _("Vouchers: owed, issued, used")
    how = _(
        "What is left on live vouchers, what was issued in each month and what was used in each month, in legacy and in V5."
    )
    walks = ("vouchers", "vouchers_log")

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        tally = Tally(read, looked)
        if table == "vouchers":
            entity, sides, figures = "voucher", (VOUCHERS, V5_VOUCHERS), self._voucher
        else:
            entity, sides, figures = "voucher_log", (LOGS, V5_LOGS), self._log
        school = ("v.school_id", "m.school_id") if table == "vouchers" else ("b.school_id", "k.school_id")
        legacy, target = (
            sql.replace("{scope}", read.scoped(column)) for sql, column in zip(sides, school, strict=True)
        )
        rows = read.legacy(legacy, [after, upto])
        lost = left_out(read, entity, (row.id for row in rows))
        for row in rows:
            for parts, amount in figures(row):
                tally.legacy(row.school, parts, amount, lost=row.id in lost)
        for row in read.v5(target, [after, upto]):
            for parts, amount in figures(row):
                tally.v5(row.school, parts, amount)

    @staticmethod
    def _voucher(row: Any) -> list[tuple[tuple[str, ...], Any]]:
        issued = month(row.created_at)
        return [
            (("owed",), cents(row.balance)),
            (("with balance",), int(cents(row.balance) > 0)),
            (("issued", issued), cents(row.quantity)),
        ]

    @staticmethod
    def _log(row: Any) -> list[tuple[tuple[str, ...], Any]]:
        return [(("used", month(row.created_at)), cents(row.amount))]


CHECKS = (Vouchers,)

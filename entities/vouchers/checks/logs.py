"""What was taken from vouchers (R-46, R-47)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.reconciliation.check import (
    Compared,
    Item,
    Scanned,
    Severity,
)
from entities.reconciliation.reading import Reading
from entities.vouchers.checks.ground import NOTHING, back, cents, stamp
from tracking.sentences import sentence


class LogsFit(Scanned):
    id, rule, twin = "R-46", "R-46", True
    table, entity, legacy_table = "vouchers_log", "voucher_log", "vouchers_log"
    title = _("Logs lead to a voucher and a booking of one school")
    how = _("The voucher and the booking of each log exist and belong to the same school.")
    BAD = """
        SELECT g.id, COALESCE(b.school_id, v.school_id) AS school_id, v.id AS voucher, b.id AS booking FROM vouchers_log g
        LEFT JOIN vouchers v ON v.id = g.voucher_id LEFT JOIN {bookings} b ON b.id = g.booking_id
        WHERE {keys} AND (v.id IS NULL OR b.id IS NULL OR v.school_id <> b.school_id)"""

    def violations(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        sql = self.BAD.format(bookings="bookings", keys="g.id > %s AND g.id <= %s")
        for row in read.v5(sql, [after, upto]):
            name = (
                "voucher_id" if row.voucher is None else "booking_id" if row.booking is None else "school_id"
            )
            yield (
                row.id,
                name,
                sentence("it is not there") if name != "school_id" else sentence("of two schools"),
                None,
            )

    def legacy_violations(
        self, read: Reading, ids: Iterable[int] | None, after: int, upto: int
    ) -> Mapping[int, int | None]:
        keys = "g.id > %s AND g.id <= %s" if ids is None else "g.id IN ({ids})"
        sql = self.BAD.replace("{bookings}", "bookings2").replace("{keys}", keys)
        rows = read.legacy(sql, [after, upto]) if ids is None else read.within("legacy", sql, ids)
        return {row.id: row.school_id for row in rows}


class LogsOfOwner(LogsFit):
    id, rule, severity = "R-46w", "R-46", Severity.W
    title = _("Vouchers are used by their owner, and not beyond the total")
    how = _(
        "The owner of the voucher pays the booking of each log; the logs of a booking are not more than its total."
    )
    BAD = """
        SELECT g.id, b.school_id, v.id AS voucher, NULL AS booking FROM vouchers_log g
        JOIN vouchers v ON v.id = g.voucher_id JOIN {bookings} b ON b.id = g.booking_id
        WHERE {keys} AND g.deleted_at IS NULL AND (v.{owner} <> b.{payer} OR b.price_total < (
            SELECT SUM(o.amount) FROM vouchers_log o WHERE o.booking_id = b.id AND o.deleted_at IS NULL))"""

    def violations(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        sql = self.BAD.format(
            bookings="bookings", keys="g.id > %s AND g.id <= %s", owner="client_id", payer="client_main_id"
        )
        for row in read.v5(sql, [after, upto]):
            yield row.id, "voucher_id", sentence("of somebody else, or beyond the total"), row.voucher

    def legacy_violations(
        self, read: Reading, ids: Iterable[int] | None, after: int, upto: int
    ) -> Mapping[int, int | None]:
        keys = "g.id > %s AND g.id <= %s" if ids is None else "g.id IN ({ids})"
        sql = self.BAD.replace("{bookings}", "bookings2").replace("{keys}", keys)
        sql = sql.replace("{owner}", "user_id").replace("{payer}", "user_main_id")
        rows = read.legacy(sql, [after, upto]) if ids is None else read.within("legacy", sql, ids)
        return {row.id: row.school_id for row in rows}


LOGS = """
    SELECT g.id, COALESCE(b.school_id, v.school_id) AS school_id, g.amount, g.voucher_id, g.booking_id,
        TEXT(g.deleted_at) AS deleted_at
    FROM vouchers_log g LEFT JOIN bookings2 b ON b.id = g.booking_id LEFT JOIN vouchers v ON v.id = g.voucher_id
    WHERE g.id > %s AND g.id <= %s AND {scope}"""
V5_LOGS = """
    SELECT m.legacy_id, m.school_id AS owner, g.id, g.amount, g.voucher_id, g.booking_id, TEXT(g.deleted_at) AS deleted_at
    FROM legacy_id_mappings m JOIN vouchers_log g ON g.id = m.v5_id
    WHERE m.entity_type = 'voucher_log' AND m.legacy_id > %s AND m.legacy_id <= %s AND {scope}"""


class EachLog(Compared):
    id, rule, entity, table = "R-47", "R-47, M 4.23", "voucher_log", "vouchers_log"
    title = _("What was taken from vouchers")
    how = _(
        "Amount, voucher, booking and deletion of each log on both sides, and the sum of the live ones by school."
    )
    amounts = {"amount": ""}

    def expected(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, Item]]:
        sql = LOGS.replace("{scope}", read.scoped("COALESCE(b.school_id, v.school_id)"))
        for row in read.legacy(sql, [after, upto]):
            yield row.id, Item(row.school_id, self._values(row, row.voucher_id, row.booking_id))

    def found(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, Item]]:
        rows = read.v5(V5_LOGS.replace("{scope}", read.scoped("m.school_id")), [after, upto])
        held = back(read, "vouchers", "voucher", (row.voucher_id for row in rows))
        booked = back(read, "bookings", "booking", (row.booking_id for row in rows))
        for row in rows:
            values = self._values(row, held.get(row.voucher_id), booked.get(row.booking_id))
            yield row.legacy_id, Item(row.owner, values, "vouchers_log", row.id)

    @staticmethod
    def _values(row: Any, voucher: int | None, booking: int | None) -> dict[str, Any]:
        """The amount counts while the log lives."""
        gone = stamp(row.deleted_at)
        return {"amount": NOTHING if gone else cents(row.amount), "voucher_id": voucher, "booking_id": booking,
                "deleted_at": gone}  # fmt: skip


CHECKS = (LogsFit, LogsOfOwner, EachLog)

"""What totals are made of, in V5 and in legacy (R-33, R-33t, R-34)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.bookings.checks.ground import (
    GONE,
    LIVE,
    NOTHING,
    Fault,
    Ground,
    Judged,
    bounds,
    cents,
    in_full,
    parsed,
    warnings,
)
from entities.reconciliation.check import Kind, Looked, Ranged, Scanned, Seen, Severity
from entities.reconciliation.reading import LAST, Reading
from tracking.sentences import sentence


class Composition(Judged):
    id, rule = "R-33", "R-33, M 4.20"
    title = _("Composition of the total")
    how = _(
        "In V5 a booking's total is base price plus insurance less discount plus what is unexplained; the base price is"
        " the sum of its live lines; extras, equipment and tax are zero."
    )

    def faults(self, ground: Ground, booking: Any, target: Any) -> Iterator[Fault]:
        row = ground.projected.get(booking.id)
        if row is None:
            return
        live = (line for line in ground.v5_lines.get(target.id, ()) if line.status == LIVE)
        base = sum((cents(line.price) for line in live), NOTHING)
        if cents(row.base_price) != base:
            yield Fault("base_price", base, cents(row.base_price), v5_table="v5_bookings", v5_id=row.id)
        unexplained = cents(parsed(row.metadata, {}).get("unexplained_amount"))
        total = cents(row.base_price) + cents(row.insurance_price) - cents(row.discount_amount) + unexplained
        if cents(row.total_price) != total:
            yield Fault("total_price", total, cents(row.total_price), v5_table="v5_bookings", v5_id=row.id)
        for name in ("extras_price", "equipment_price", "tax_amount"):
            if cents(getattr(row, name)):
                yield Fault(name, NOTHING, cents(getattr(row, name)), v5_table="v5_bookings", v5_id=row.id)


class LegacyComposition(Ranged):
    id, rule, table, twin, severity = "R-33t", "R-33", "bookings2", True, Severity.I
    title = _("Composition of the total in legacy")
    how = _(
        "How many bookings of legacy have another total than live lines plus insurance: it shows whether prices are per"
        " day or per package. Above 2 % the school is asked before go-live. In V5 the same bookings differ by as much."
    )

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        self._look(Ground(read, after, upto), looked, True)

    def baseline(self, read: Reading, cursor: int | None, looked: Looked) -> int | None:
        after, upto = bounds(self, read, cursor)
        self._look(Ground(read, after, LAST if upto is None else upto), looked, False)
        return upto

    def _look(self, ground: Ground, looked: Looked, both: bool) -> None:
        for booking in ground.bookings.values():
            looked.examined(booking.school_id)
            lines = ground.lines.get(booking.id, [])
            live = [line for line in lines if not line.deleted_at and not booking.deleted_at]
            gap = _gap(booking, live)
            target = ground.v5.get(booking.id) if both else None
            if target is not None:
                lost = sum((cents(line.price) for line in live if line.id in ground.lost_lines), NOTHING)
                found = _gap(
                    target, [row for row in ground.v5_lines.get(target.id, ()) if row.status == LIVE]
                )
                if found != gap + lost:
                    looked.find(
                        self._seen(
                            booking, gap + lost, found, sentence("another difference than in legacy"), False
                        )
                    )
            if gap:
                sign = (
                    sentence("cancelled")
                    if in_full(booking, lines)
                    else sentence("more than lines")
                    if gap > 0
                    else sentence("less than lines")
                )
                looked.of(booking.school_id).amount(f"{sign} {ground.currency(booking)}", gap)
                looked.find(self._seen(booking, NOTHING, gap, sign, True))

    @staticmethod
    def _seen(booking: Any, expected: Any, found: Any, message: str, inherited: bool) -> Seen:
        return Seen(Kind.DIFFERS, booking.school_id, "booking", "bookings2", booking.id, field="price_total",
                    expected=expected, found=found, message=message, inherited=inherited)  # fmt: skip


def _gap(booking: Any, live: list[Any]) -> Decimal:
    """What the total has more than live lines and insurance."""
    insurance = cents(booking.insurance) if booking.insured else NOTHING
    return cents(booking.price_total) - sum((cents(line.price) for line in live), NOTHING) - insurance


ZERO_TOTALS = """
    SELECT b.id, b.price_total, COALESCE(SUM(CASE WHEN u.status = 1 THEN u.price ELSE 0 END), 0) AS costs,
        COUNT(u.id) AS rows_below FROM bookings b LEFT JOIN booking_users u ON u.booking_id = b.id
    WHERE b.id > %s AND b.id <= %s GROUP BY b.id, b.price_total"""
LEGACY_ZERO_TOTALS = """
    SELECT b.id, b.school_id, b.price_total, COUNT(l.id) AS rows_below,
        COALESCE(SUM(CASE WHEN l.deleted_at IS NULL AND b.deleted_at IS NULL THEN l.price ELSE 0 END), 0) AS costs
    FROM bookings2 b LEFT JOIN booking_users2 l ON l.booking2_id = b.id WHERE {keys}
    GROUP BY b.id, b.school_id, b.price_total"""


def _is_odd(row: Any, vouchers: set[int]) -> str:
    """What is odd: `price_total` when lines cost money and the total says nothing, `lines` when there are none."""
    if cents(row.price_total) == 0 and cents(row.costs) > 0 and row.id not in vouchers:
        return "price_total"
    return "lines" if cents(row.price_total) > 0 and not row.rows_below else ""


class ZeroTotals(Scanned):
    id, rule, twin = "R-34", "R-34", True
    table, entity, legacy_table = "bookings", "booking", "bookings2"
    title = _("Totals of zero")
    how = _(
        "No booking costs nothing while its live lines cost money and no voucher explains it; none has a total and not a"
        " single line, unless it is flagged."
    )

    def violations(self, read: Reading, after: int, upto: int) -> Iterable[tuple[int, str, str, Any]]:
        rows = read.v5(ZERO_TOTALS, [after, upto])
        used = read.v5("SELECT DISTINCT booking_id AS id FROM vouchers_log WHERE deleted_at IS NULL AND booking_id > %s"
                       " AND booking_id <= %s", [after, upto])  # fmt: skip
        vouchers = {row.id for row in used}
        odd = {row.id: (name, row) for row in rows if (name := _is_odd(row, vouchers))}
        explained = self._explained(read, {v5_id for v5_id, (name, _row) in odd.items() if name == "lines"})
        for v5_id, (name, row) in odd.items():
            if name == "price_total":
                yield v5_id, "price_total", sentence("live lines cost money"), cents(row.price_total)
            elif v5_id not in explained:
                yield v5_id, "price_total", sentence("there is no line"), cents(row.price_total)

    @staticmethod
    def _explained(read: Reading, ids: set[int]) -> set[int]:
        """Bookings flagged NO_LINES, and those of which the ledger left out every line."""
        entries = {key: one for key, some in read.origins("bookings", ids).items() for one in some[:1]}
        sql = "SELECT id, booking2_id AS booking FROM booking_users2 WHERE booking2_id IN ({ids})"
        lines = read.within("legacy", sql, (one.legacy_id for one in entries.values()))
        kept = read.entries("booking_user", (line.id for line in lines))
        moved = {
            line.booking
            for line in lines
            if not any(one.disposition in GONE for one in kept.get(line.id, ()))
        }
        with_lines = {line.booking for line in lines}
        return {
            key
            for key, one in entries.items()
            if "NO_LINES" in warnings(one) or (one.legacy_id in with_lines and one.legacy_id not in moved)
        }

    def legacy_violations(
        self, read: Reading, ids: Iterable[int] | None, after: int, upto: int
    ) -> Mapping[int, int | None]:
        sql = LEGACY_ZERO_TOTALS.replace(
            "{keys}", "b.id > %s AND b.id <= %s" if ids is None else "b.id IN ({ids})"
        )
        rows = read.legacy(sql, [after, upto]) if ids is None else read.within("legacy", sql, ids)
        used = read.within("legacy", "SELECT DISTINCT booking_id AS id FROM vouchers_log WHERE deleted_at IS NULL AND"
                           " booking_id IN ({ids})", (row.id for row in rows))  # fmt: skip
        vouchers = {row.id for row in used}
        return {row.id: row.school_id for row in rows if _is_odd(row, vouchers)}


CHECKS = (Composition, LegacyComposition, ZeroTotals)

"""Payments, which legacy has no table for: both payment tables of V5 against totals and vouchers (R-35 to R-38, R-41)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from entities.bookings.checks.ground import (
    IN_FULL,
    NOTHING,
    Fault,
    Ground,
    Judged,
    bounds,
    by,
    cents,
    in_full,
)
from entities.bookings.checks.totals import KNOWN_METHODS, Totalled
from entities.reconciliation.check import Kind, Looked, Ranged, Scanned, Seen, Severity
from entities.reconciliation.reading import LAST, Reading
from tracking.sentences import sentence

REFUNDS = ("refund", "partial_refund")
NO_PAYMENT = 5  # the payment method of that name
GATEWAY = (
    "GATEWAY_DIFFERENCE"  # the only flag with a payment of another amount; with the others there is none
)


class Received(NamedTuple):
    """P+ and P- of the operational payments, and V, the live voucher logs of V5 (section 5)."""

    paid: Decimal
    refunded: Decimal
    vouchers: Decimal

    @property
    def kept(self) -> Decimal:
        return self.paid - self.refunded + self.vouchers


def received(ground: Ground, target: Any) -> Received:
    rows = ground.payments.get(target.id, ())
    paid = sum((cents(row.amount) for row in rows if row.status == "paid"), NOTHING)
    refunded = sum((cents(row.amount) for row in rows if row.status in REFUNDS), NOTHING)
    vouchers = sum((cents(row.amount) for row in ground.v5_logs.get(target.id, ())), NOTHING)
    return Received(paid, refunded, vouchers)


def excuse(ground: Ground, booking: Any) -> str:
    """The flag that explains why payments and total differ; "" when there is none, or legacy shows no reason for it."""
    rest = cents(booking.price_total) - ground.vouchers(booking.id)
    unwritten = ground.read.choices.of("cancelled_paid_amount", school=booking.school_id) == "none"
    reasons = {
        "PAID_WITHOUT_METHOD": booking.method == NO_PAYMENT and rest > 0,
        "OVERPAID_BY_VOUCHER": rest < 0,
        "TOTAL_AFTER_CANCELLATION": unwritten and in_full(booking, ground.lines.get(booking.id, [])),
        GATEWAY: booking.method in (2, 3),
    }
    flags = ground.flags(booking.id)
    return next((code for code, plausible in reasons.items() if code in flags and plausible), "")


class PaymentsMatch(Judged):
    id, rule = "R-35", "R-35, M 4.24"
    title = _("Payments of each paid booking")
    how = _(
        "Payments plus vouchers of a paid booking are its total in legacy, or would be without the refund; anything else"
        " carries a flag that legacy bears out."
    )

    def faults(self, ground: Ground, booking: Any, target: Any) -> Iterator[Fault]:
        got = received(ground, target)
        if got.refunded > got.paid:
            yield Fault("amount", got.paid, got.refunded, sentence("more was refunded than paid"), "payments")
        if not booking.paid:
            return
        total = cents(booking.price_total)
        if total in (got.paid + got.vouchers, got.kept):
            return
        flag = excuse(ground, booking)
        if not flag or (got.paid and flag != GATEWAY):
            yield Fault("amount", total - got.vouchers, got.paid - got.refunded, flag, "payments")


PAYMENTS = """
    SELECT m.legacy_id, p.amount, p.status, b.currency, b.payment_method_id AS method FROM legacy_id_mappings m
    JOIN bookings b ON b.id = m.v5_id JOIN payments p ON p.booking_id = b.id
    WHERE p.deleted_at IS NULL AND m.entity_type = 'booking' AND m.legacy_id > %s AND m.legacy_id <= %s"""


class PaymentSums(Totalled):
    id, rule = "R-35b", "R-35, M 4.24"
    title = _("Payments by school, currency and method")
    how = _(
        "Sums of the payments in V5 against totals less vouchers of the paid bookings in legacy, without those that are"
        " flagged."
    )

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        ground = Ground(read, after, upto)
        payments = by(read.v5(PAYMENTS, [after, upto]), "legacy_id")
        for booking in ground.bookings.values():
            figures, rows = looked.of(booking.school_id), payments.get(booking.id, [])
            if not rows and (not booking.paid or booking.id not in ground.v5):
                continue
            looked.examined(booking.school_id)
            if excuse(ground, booking):
                continue
            if booking.paid:
                method = booking.method if booking.method in KNOWN_METHODS else None
                owed = cents(booking.price_total) - ground.vouchers(booking.id)
                figures.amount(f"payments {ground.currency(booking)} · method {method or '–'}", owed)
            for row in rows:
                sign = 1 if row.status == "paid" else -1 if row.status in REFUNDS else 0
                figures.amount(
                    f"payments {row.currency} · method {row.method or '–'}", 0, sign * cents(row.amount)
                )


PAID_TOTALS = "SELECT id, paid_total FROM bookings WHERE id > %s AND id <= %s"
PAID_ROWS = """
    SELECT booking_id AS booking, amount, status FROM payments
    WHERE deleted_at IS NULL AND booking_id > %s AND booking_id <= %s"""


class PaidTotal(Scanned):
    id, rule, table, entity = "R-36", "R-36, M 4.20", "bookings", "booking"
    title = _("Paid total of each booking")
    how = _("The paid total of each V5 booking is the sum of its payments less its refunds.")

    def violations(self, read: Reading, after: int, upto: int) -> Iterable[tuple[int, str, str, Any]]:
        payments = by(read.v5(PAID_ROWS, [after, upto]), "booking")
        for row in read.v5(PAID_TOTALS, [after, upto]):
            signs = (
                (1 if one.status == "paid" else -1 if one.status in REFUNDS else 0, one)
                for one in payments[row.id]
            )
            expected = sum((sign * cents(one.amount) for sign, one in signs), NOTHING)
            if cents(row.paid_total) != expected:
                yield (
                    row.id,
                    "paid_total",
                    sentence("the payments amount to %(sum)s", sum=str(expected)),
                    cents(row.paid_total),
                )


class Balance(Judged):
    id, rule = "R-37", "R-37, M 4.24"
    title = _("Balance of each V5 booking")
    how = _(
        "The completed payments of a paid V5 booking (with the refunded ones, where there are some) are its total, those of an"
        " unpaid one its vouchers, which stand there as payments of their own."
    )

    def faults(self, ground: Ground, booking: Any, target: Any) -> Iterator[Fault]:
        projected = ground.projected.get(booking.id)
        if projected is None:
            return
        rows, vouchers = ground.projected_payments.get(projected.id, []), ground.vouchers(booking.id)
        by_voucher = sum((cents(row.amount) for row in rows if row.method == "voucher"), NOTHING)
        completed = sum((cents(row.amount) for row in rows if row.status == "completed"), NOTHING)
        refunded = sum((cents(row.amount) for row in rows if row.status == "refunded"), NOTHING)
        if by_voucher != vouchers:
            yield Fault("amount", vouchers, by_voucher, "vouchers", "v5_booking_payments", projected.id)
        total = cents(projected.total_price) if booking.paid else vouchers
        fine = total in (completed, completed + refunded) if booking.paid else completed == total
        if not fine and not (booking.paid and excuse(ground, booking)):
            yield Fault("amount", total, completed, "balance", "v5_booking_payments", projected.id)


class UnpaidStaysUnpaid(Judged):
    id, rule, kind = "R-38", "R-38, M 4.24", Kind.VIOLATION
    title = _("Unpaid stays unpaid")
    how = _("A booking that is not paid in legacy has no payment in V5 beside its vouchers.")

    def faults(self, ground: Ground, booking: Any, target: Any) -> Iterator[Fault]:
        if booking.paid:
            return
        for row in ground.payments.get(target.id, ()):
            yield Fault("amount", None, cents(row.amount), row.status, "payments", row.id)
        projected = ground.projected.get(booking.id)
        for row in ground.projected_payments.get(projected.id, ()) if projected else ():
            if row.method != "voucher":
                yield Fault("amount", None, cents(row.amount), row.status, "v5_booking_payments", row.id)


class MoneyHeld(Ranged):
    id, rule, twin, severity, table = "R-41", "R-41, Q-43", True, Severity.W, "bookings2"
    title = _("Money on cancelled bookings")
    how = _(
        "Bookings that are cancelled in full and paid, with the money that the school still holds: each one in V5 against the"
        " same one in legacy, whose total is all that legacy kept."
    )

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        ground = Ground(read, after, upto)
        for booking in ground.bookings.values():
            looked.examined(booking.school_id)
            held, there, excused = self._sides(ground, booking)
            if not held and not there:
                continue
            looked.of(booking.school_id).amount(f"held {ground.currency(booking)}", held, there, excused)
            target = ground.v5.get(booking.id)
            looked.find(
                Seen(Kind.VIOLATION, booking.school_id, "booking", "bookings2", booking.id, "", "bookings",
                     target.id if target else None, "price_total", held, there, sentence("money of a cancelled booking"),
                     held == there + excused)
            )  # fmt: skip

    def _sides(self, ground: Ground, booking: Any) -> tuple[Decimal, Decimal, Decimal]:
        """Held in legacy, held in V5, and what of the difference a flag or the ledger explains."""
        held, target, there = self._held(ground, booking), ground.v5.get(booking.id), NOTHING
        if target is None:
            return held, NOTHING, held
        if target.status == IN_FULL and target.paid:
            there = received(ground, target).kept
        return held, there, held - there if excuse(ground, booking) else NOTHING

    @staticmethod
    def _held(ground: Ground, booking: Any) -> Decimal:
        """What a cancelled, paid booking of legacy holds: today's total (Q-43)."""
        cancelled = in_full(booking, ground.lines.get(booking.id, []))
        return cents(booking.price_total) if cancelled and booking.paid else NOTHING

    def baseline(self, read: Reading, cursor: int | None, looked: Looked) -> int | None:
        after, upto = bounds(self, read, cursor)
        ground = Ground(read, after, LAST if upto is None else upto)
        for booking in ground.bookings.values():
            looked.examined(booking.school_id)
            if held := self._held(ground, booking):
                looked.of(booking.school_id).amount(f"held {ground.currency(booking)}", held)
                looked.find(Seen(Kind.VIOLATION, booking.school_id, "booking", "bookings2", booking.id,
                                 field="price_total", found=held, inherited=True))  # fmt: skip
        return upto


CHECKS = (PaymentsMatch, PaymentSums, PaidTotal, Balance, UnpaidStaysUnpaid, MoneyHeld)

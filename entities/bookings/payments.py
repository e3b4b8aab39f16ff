"""Payments, which legacy has no table for: derived from total, vouchers and method (4.24)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from entities.engine.environment import Env
from tracking.sentences import sentence

ZERO = Decimal("0.00")
WORDS = {1: "cash", 2: "Boukii Pay", 3: "online", 4: "other"}
V5_METHODS = {
    1: ("cash", "manual"),
    2: ("credit_card", "payrexx"),
    3: ("credit_card", "payrexx"),
    4: ("other", "manual"),
}
KNOWN_METHODS = frozenset({1, 2, 3, 4, 5})
Warning = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Money:
    """What a booking received: `paid` by its method (None = no payment row), `vouchers` by logs that moved."""

    paid: Decimal | None
    vouchers: Decimal
    method: int | None
    warnings: tuple[Warning, ...] = ()

    @property
    def word(self) -> str:
        return WORDS.get(self.method or 4, "other")

    @property
    def v5_method(self) -> tuple[str, str]:
        return V5_METHODS.get(self.method or 4, ("other", "manual"))


def derive(booking: Any, vouchers: Decimal, cancelled: bool, env: Env) -> Money:
    """The table of 4.24. The gateway's amount is encrypted, hence unknown: today's total counts (Q-43)."""
    method = booking.payment_method_id if booking.payment_method_id in KNOWN_METHODS else None
    rest: Decimal = booking.price_total - vouchers
    if not booking.paid:
        return Money(None, vouchers, method)
    if rest == 0:
        return Money(None, vouchers, method)
    if rest < 0:
        return Money(
            None,
            vouchers,
            method,
            (
                (
                    "OVERPAID_BY_VOUCHER",
                    "price_total",
                    sentence("vouchers exceed the total by %(amount)s", amount=-rest),
                ),
            ),
        )
    if method == 5:
        return Money(
            None,
            vouchers,
            method,
            (
                (
                    "PAID_WITHOUT_METHOD",
                    "payment_method_id",
                    sentence("%(amount)s paid, method 'no payment'", amount=rest),
                ),
            ),
        )
    if cancelled:
        flag = (
            (
                "TOTAL_AFTER_CANCELLATION",
                "price_total",
                sentence("cancelled after payment: the amount received is unknown"),
            ),
        )
        written = (
            rest if env.choices.of("cancelled_paid_amount", school=booking.school_id) == "today" else None
        )
        return Money(written, vouchers, method, flag)
    return Money(rest, vouchers, method)

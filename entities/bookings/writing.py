"""Drafts of one booking: operational rows, then the projection, then the payments of both."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from entities.bookings import projection
from entities.bookings.lines import ACTIVE, Line, Part
from entities.bookings.mappings import (
    BookingMapping,
    LineMapping,
    ParticipantMapping,
    PaymentMapping,
    ProjectedPaymentMapping,
    ProjectionMapping,
    VoucherLogMapping,
)
from entities.bookings.payments import ZERO, Money
from entities.engine.errors import BadValue
from entities.engine.normalise import date, timestamp
from entities.engine.values import MIGRATED, SPLIT, SYNTHESISED, Entry, Unit
from tracking.sentences import sentence

IN_FULL = 2


class Writer:
    """Everything decided about one booking, and the drafts made of it."""

    def __init__(self, unit: Unit, booking: Any, school_id: int, currency: str, payer: int, cancellation: int,
                 lines: list[Line], logs: list[tuple[Any, Any]], money: Money) -> None:  # fmt: skip
        self.unit, self.env, self.booking = unit, unit.env, booking
        self.school_id, self.currency, self.payer, self.cancellation = (
            school_id,
            currency,
            payer,
            cancellation,
        )
        self.lines, self.logs, self.money = lines, logs, money
        self.projected = self.env.choices.of("booking_targets", school=booking.school_id) != "operational"
        self.paxes = booking.paxes or len({line.client_id for line in lines if line.parts})
        self.entry: Entry

    def write(self) -> None:
        self.entry = self._operational()
        for line in self.lines:
            self._line(line)
        for log, problem in self.logs:
            self._log(log, problem)
        if self.money.paid is not None:
            self._payment()
        self._flag()
        if self.projected:
            self._projection()

    def _operational(self) -> Entry:
        paid = self.money.paid or ZERO
        return self.unit.draft(BookingMapping, self.booking, {
            "school_id": self.school_id, "client_main_id": self.payer, "currency": self.currency,
            "payment_method_id": self.money.method, "paid_total": paid, "paxes": self.paxes,
            "status": self.cancellation,
        })  # fmt: skip

    def _line(self, line: Line) -> None:
        if line.problem is not None:
            entry = self.unit.reject(
                "booking_user", line.row, line.problem.code, message=line.problem.message, under=self.entry
            )
            self._warn(entry, line)
            return
        for part in line.parts:
            part.entry = self.unit.draft(
                LineMapping, line.row, self._line_values(line, part), part=part.part,
                disposition=SPLIT if line.split else MIGRATED, under=self.entry,
            )  # fmt: skip
        self._warn(line.parts[0].entry, line)

    def _line_values(self, line: Line, part: Part) -> dict[str, Any]:
        place = part.place
        return {
            "school_id": self.school_id, "booking_id": self.entry.v5_id, "client_id": line.client_id,
            "price": part.price, "currency": self.currency, "course_subgroup_id": place.subgroup_id,
            "course_id": place.course_id, "course_date_id": place.course_date_id, "degree_id": part.degree_id,
            "course_group_id": place.group_id, "monitor_id": part.monitor_id, "date": part.date,
            "hour_start": part.hour_start, "hour_end": part.hour_end, "attended": part.attended,
            "status": line.status, "group_id": part.group_id,
        }  # fmt: skip

    @staticmethod
    def _warn(entry: Entry, line: Line) -> None:
        for code, field, message in line.warnings:
            entry.warn(code, field, message)

    def _log(self, log: Any, problem: Any) -> None:
        if problem is not None:
            self.unit.reject(
                "voucher_log", log, problem.code, "voucher_id", problem.message, under=self.entry
            )
            return
        given = {"voucher_id": self.env.known["voucher"][log.voucher_id], "booking_id": self.entry.v5_id}
        self.unit.draft(VoucherLogMapping, log, given, under=self.entry)

    def _payment(self) -> None:
        given = {
            "booking_id": self.entry.v5_id, "school_id": self.school_id, "amount": self.money.paid, "notes": self.money.word,
        }  # fmt: skip
        self.unit.draft(
            PaymentMapping,
            self.booking,
            given,
            part="1",
            disposition=SYNTHESISED,
            reason="PAYMENT",
            under=self.entry,
        )

    def _projection(self) -> None:
        seen = projection.overview(self.lines)
        status, flag = projection.status_of(
            self.booking, self.cancellation == IN_FULL, self.lines, seen, self.env
        )
        if flag:
            self.entry.warn(flag, "paid" if flag != "NO_LINES" else "")
        projected = self.unit.draft(
            ProjectionMapping, self.booking, self._projection_values(seen, status), disposition=SYNTHESISED,
            reason="PROJECTION", under=self.entry,
        )  # fmt: skip
        for line in self.lines:
            for part in line.parts:
                self._participant(projected, line, part)
        self._projected_payments(projected)

    def _projection_values(self, seen: projection.Overview, status: str) -> dict[str, Any]:
        booking, first = self.booking, seen.first
        insurance = booking.price_cancellation_insurance if booking.has_cancellation_insurance else ZERO
        gap = seen.base + insurance - booking.price_total
        cancelled = self._cancelled_at() if status == "cancelled" else None
        return {
            "booking_reference": f"LEG-{self.school_id}-{booking.id}",
            "season_id": self._season(seen),
            "school_id": self.school_id,
            "client_id": self.payer,
            "course_id": seen.only({part.place.course_id for part in seen.counted}),
            "monitor_id": seen.only({part.monitor_id for part in seen.counted}),
            "type": self._type(seen),
            "status": status,
            "booking_data": projection.booking_data(booking, self.paxes, self.lines),
            "participants": projection.participants(self.lines, booking.school_id, self.env),
            "base_price": seen.base,
            "insurance_price": insurance,
            "discount_amount": max(ZERO, gap),
            "currency": self.currency,
            "start_date": first.date if first else None,
            "end_date": max(part.date for part in seen.counted) if first else None,
            "start_time": first.hour_start if first else None,
            "end_time": seen.counted[-1].hour_end if first else None,
            "metadata": self._metadata(max(ZERO, -gap)),
            "confirmed_at": timestamp(booking.created_at) if status != "pending" else None,
            "completed_at": seen.last_end or None if status == "completed" else None,
            "cancelled_at": cancelled,
            "cancellation_reason": self._cancellation_reason()
            if cancelled or status == "cancelled"
            else None,
        }

    def _season(self, seen: projection.Overview) -> int | None:
        """Season of the earliest live line date, else of the earliest date, else of the creation (3.2)."""
        booking, seasons = self.booking, self.env.facts.seasons
        dates = sorted(
            {part.date for part in seen.counted}
            | (
                {line.row.date for line in self.lines if _is_day(line.row.date)}
                if not seen.counted
                else set()
            )
        )
        season, warnings = seasons.find(
            booking.school_id, dates[0] if dates else (booking.created_at or "")[:10] or None
        )
        for code in warnings:
            self.entry.warn(code)
        if len(dates) > 1 and any(seasons.find(booking.school_id, date)[0] != season for date in dates[1:]):
            self.entry.warn(
                "SPANS_SEASONS", message=sentence("lines lie in several seasons; the first counts")
            )
        return season

    @staticmethod
    def _type(seen: projection.Overview) -> str:
        kinds = {part.place.course_type for part in seen.counted}
        return "activity" if kinds == {projection.ACTIVITY} else "course"

    def _cancelled_at(self) -> str | None:
        return timestamp(self.booking.deleted_at) or max(
            (line.row.deleted_at for line in self.lines if line.row.deleted_at), default=None
        )

    def _cancellation_reason(self) -> str:
        return "UNPAID_CHECKOUT" if self._abandoned() else "CANCELLED_IN_LEGACY"

    def _abandoned(self) -> bool:
        """A trashed, unpaid card-now booking is an abandoned check-out (Q-37)."""
        return bool(self.booking.deleted_at) and not self.booking.paid and self.booking.payment_method_id == 2

    def _metadata(self, unexplained: Decimal) -> dict[str, Any]:
        warnings = list((self.entry.additional or {}).get("warnings", ()))
        data: dict[str, Any] = {
            "operational_booking_id": self.entry.v5_id, "unexplained_amount": str(unexplained), "warnings": warnings,
        }  # fmt: skip
        if self._unknown_method():
            data["legacy_payment_method"] = self.booking.payment_method_id
        if rejected := [{"legacy_line_id": one.row.id, "price": str(one.row.price)} for one in self.lines
                        if one.problem is not None and one.status == ACTIVE]:  # fmt: skip
            data["rejected_lines"] = rejected
        return data

    def _participant(self, projected: Entry, line: Line, part: Part) -> None:
        given = {
            "booking_id": projected.v5_id, "booking_user_id": part.entry.v5_id, "client_id": line.client_id,
            "course_id": part.place.course_id, "monitor_id": part.monitor_id, "status": line.status,
        }  # fmt: skip
        self.unit.draft(
            ParticipantMapping,
            line.row,
            given,
            part=part.part,
            disposition=SYNTHESISED,
            reason="PROJECTION",
            under=part.entry,
        )

    def _projected_payments(self, projected: Entry) -> None:
        number = 0
        booked = timestamp(self.booking.updated_at)
        method, gateway = self.money.v5_method
        if self.money.paid is not None:
            number += 1
            self._projected_payment(projected, number, self.money.paid, method, gateway, booked)
        for log, problem in self.logs:
            if problem is None and not log.deleted_at:
                number += 1
                self._projected_payment(
                    projected, number, log.amount, "voucher", "manual", timestamp(log.created_at)
                )

    def _projected_payment(self, projected: Entry, number: int, amount: Decimal, method: str, gateway: str,
                           at: str | None) -> None:  # fmt: skip
        kind = "full_payment" if amount >= self.booking.price_total else "partial_payment"
        given = {
            "booking_id": projected.v5_id, "payment_reference": f"LEGPAY-{self.booking.id}-{number}", "payment_type": kind,
            "payment_method": method, "amount": amount, "currency": self.currency, "gateway": gateway,
            "gateway_reference": self.booking.payrexx_reference if gateway == "payrexx" else None,
            "processed_at": at, "created_at": at, "updated_at": at,
        }  # fmt: skip
        self.unit.draft(
            ProjectedPaymentMapping, self.booking, given, part=str(number), disposition=SYNTHESISED, reason="PROJECTION",
            under=projected,
        )  # fmt: skip

    def _unknown_method(self) -> bool:
        return self.booking.payment_method_id is not None and self.money.method is None

    def _flag(self) -> None:
        """Warnings of the booking itself."""
        entry = self.entry
        for code, field, message in self.money.warnings:
            entry.warn(code, field, message)
        if self._unknown_method():
            entry.warn(
                "PAYMENT_METHOD_UNKNOWN",
                "payment_method_id",
                sentence(
                    "method %(payment_method)s is not documented",
                    payment_method=self.booking.payment_method_id,
                ),
            )
            entry.keep(payment_method_id=self.booking.payment_method_id)
        if not self.lines:
            entry.warn("NO_LINES", message=sentence("the booking has no participant"))
        if self._abandoned():
            entry.warn("UNPAID_CHECKOUT", message=sentence("an abandoned card payment, moved as cancelled"))
        if rejected := [
            (log, problem) for log, problem in self.logs if problem is not None and not log.deleted_at
        ]:
            entry.keep(
                rejected_logs=[{"legacy_log_id": log.id, "amount": str(log.amount)} for log, _ in rejected]
            )


def _is_day(value: str | None) -> bool:
    """Whether a line names a day: zeros and what cannot be read tell no season."""
    try:
        return date(value) is not None
    except BadValue:
        return False

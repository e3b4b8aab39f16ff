"""Bookings: header, lines, voucher logs, payments, and the projection that V5 reads (4.20 to 4.24)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from entities.bookings import facts, payments
from entities.bookings.legacy import LegacyBooking, LegacyBookingLine
from entities.bookings.lines import Line, decide, number_activities
from entities.bookings.mappings import (
    BookingMapping,
    LineMapping,
    ParticipantMapping,
    PaymentMapping,
    ProjectedPaymentMapping,
    ProjectionMapping,
    VoucherLogMapping,
)
from entities.bookings.writing import Writer
from entities.engine import resolvers
from entities.engine.definition import Child, Migration
from entities.engine.environment import Env, Scope
from entities.engine.errors import BadValue
from entities.engine.extract import RowBatch
from entities.engine.normalise import one_currency
from entities.engine.read import Reader
from entities.engine.values import Aggregate, Unit
from entities.vouchers.legacy import LegacyVoucherLog
from tracking.sentences import sentence

owner = resolvers.of("vouchers").owner


IN_FULL, IN_PART, NOT_CANCELLED = 2, 3, 1


class BookingMigration(Migration):
    """A booking with everything that hangs on it, in one transaction; it goes to both targets (Q-34)."""

    name, title, phase = "bookings", "Bookings", 4
    after = (
        "clients",
        "placeholder_clients",
        "monitors",
        "courses_grouped",
        "courses",
        "placeholder_courses",
        "vouchers",
    )
    root, root_entity = LegacyBooking, "booking"
    child_reason = "BOOKING_REJECTED"
    children = {
        "lines": Child(LegacyBookingLine, "booking2_id", "booking_user", orphan="BOOKING_REJECTED"),
        "logs": Child(LegacyVoucherLog, "booking_id", "voucher_log", orphan="BOOKING_REJECTED"),
    }
    mappings = (
        BookingMapping, LineMapping, VoucherLogMapping, PaymentMapping, ProjectionMapping, ParticipantMapping,
        ProjectedPaymentMapping,
    )  # fmt: skip

    def scope_where(self, scope: Scope) -> str:
        return scope.where("t.school_id")

    def needs(self, batch: RowBatch) -> dict[str, set[int]]:
        lines = list(batch.all("lines"))
        return {
            "school": {booking.school_id for booking in batch.roots},
            "client": {booking.user_main_id for booking in batch.roots} | {line.user_id for line in lines},
            "monitor": {line.monitor_id for line in lines if line.monitor_id},
            "voucher": {log.voucher_id for log in batch.all("logs")},
        }

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> facts.Facts:
        return facts.load(batch, read, env)

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        """1. what rejects or skips the whole booking; 2. lines and money; 3. the drafts."""
        booking, rows, logs = aggregate.root, aggregate.rows("lines"), aggregate.rows("logs")
        try:
            school_id = self._school(booking, env)
            currency = self._currency(booking, rows, school_id, env)
            lines = [decide(row, booking, school_id, env) for row in rows]
            if reason := self._left_out(booking, lines, logs, env):
                self._skip(aggregate, unit, reason)
                return
            payer, stood_in = self._payer(booking, rows, env)
        except BadValue as error:
            self._reject(aggregate, unit, error)
            return
        number_activities(lines)
        cancellation = self._cancellation(booking, rows)
        vouchers = self._vouchers(logs, school_id, env)
        received = sum(
            (log.amount for log, problem in vouchers if problem is None and not log.deleted_at),
            Decimal("0.00"),
        )
        money = payments.derive(booking, received, cancellation == IN_FULL, env)
        assumed = one_currency([booking.currency, *(row.currency for row in rows)]) is None
        writer = Writer(unit, booking, school_id, currency, payer, cancellation, lines, vouchers, money)
        writer.write()
        if assumed:
            writer.entry.warn(
                "CURRENCY_ASSUMED",
                "currency",
                sentence(
                    "neither booking nor lines name a currency; %(currency)s was taken", currency=currency
                ),
            )
        if stood_in:
            writer.entry.warn(
                "PLACEHOLDER_CLIENT",
                "user_main_id",
                sentence("the payer is unknown; the school's stand-in took the place"),
            )

    @staticmethod
    def _school(booking: Any, env: Env) -> int:
        school_id = env.known["school"].get(booking.school_id)
        if school_id is None:
            raise BadValue(
                "SCHOOL_UNKNOWN", sentence("school %(school)s has no V5 record", school=booking.school_id)
            )
        return school_id

    @staticmethod
    def _currency(booking: Any, rows: list[Any], school_id: int, env: Env) -> str:
        """3.1 `currency()`: the booking's, else its lines', else the school's, else Q-07; two of them reject."""
        found = one_currency([booking.currency, *(row.currency for row in rows)])
        return (
            found
            or env.facts.currencies.get(school_id)
            or env.choices.of("default_currency", school=booking.school_id)
        )

    @staticmethod
    def _payer(booking: Any, rows: list[Any], env: Env) -> tuple[int, bool]:
        payer, stood_in = owner(
            booking.user_main_id, booking.school_id, env, env.known["client"], env.facts.stand_ins
        )
        if stood_in and not rows and not booking.price_total:
            raise BadValue(
                "CLIENT_UNKNOWN",
                sentence(
                    "payer %(user_main)s is no client; neither money nor a service is attached",
                    user_main=booking.user_main_id,
                ),
            )
        return payer, stood_in

    @staticmethod
    def _left_out(booking: Any, lines: list[Line], logs: list[Any], env: Env) -> str:
        """EMPTY (Q-36), BEFORE_HISTORY_CUT (Q-25), or "" when the booking moves."""
        empty = not lines and not (booking.price_total or logs or booking.payrexx_reference)
        if empty and env.choices.of("empty_bookings", school=booking.school_id) != "migrate":
            return "EMPTY"
        cut = env.choices.of("history_from", school=booking.school_id)
        if cut and lines:
            dates = [part.date for line in lines for part in line.parts] + [
                line.row.date for line in lines if line.row.date
            ]
            if dates and max(dates) < str(cut):
                return "BEFORE_HISTORY_CUT"
        return ""

    @staticmethod
    def _cancellation(booking: Any, rows: list[Any]) -> int:
        """Section 2: cancelled in full is 2, in part 3 (the existing import swapped them)."""
        gone = sum(1 for row in rows if row.deleted_at)
        if booking.deleted_at or (rows and gone == len(rows)):
            return IN_FULL
        return IN_PART if gone else NOT_CANCELLED

    @staticmethod
    def _vouchers(logs: list[Any], school_id: int, env: Env) -> list[tuple[Any, BadValue | None]]:
        """Each log with the problem that rejects it, if there is one (4.23, GR-19)."""
        checked: list[tuple[Any, BadValue | None]] = []
        for log in logs:
            voucher = env.known["voucher"].get(log.voucher_id)
            problem = None
            if voucher is None:
                problem = BadValue(
                    "VOUCHER_UNKNOWN",
                    sentence("voucher %(voucher)s has no V5 record", voucher=log.voucher_id),
                )
            elif env.facts.voucher_schools.get(voucher) != school_id:
                problem = BadValue(
                    "TENANT_MISMATCH", sentence("the voucher belongs to another school than the booking")
                )
            checked.append((log, problem))
        return checked

    @staticmethod
    def _skip(aggregate: Aggregate, unit: Unit, reason: str) -> None:
        root = unit.skip("booking", aggregate.root, reason)
        for entity, name in (("booking_user", "lines"), ("voucher_log", "logs")):
            for row in aggregate.rows(name):
                unit.skip(entity, row, reason, under=root)

    @staticmethod
    def _reject(aggregate: Aggregate, unit: Unit, error: BadValue) -> None:
        """The booking with all its lines and logs; each issue names its money."""
        root = unit.reject("booking", aggregate.root, error.code, message=error.message)
        for entity, name in (("booking_user", "lines"), ("voucher_log", "logs")):
            for row in aggregate.rows(name):
                message = sentence(
                    "booking %(id)s was rejected: %(code)s", id=aggregate.root.id, code=error.code
                )
                unit.reject(entity, row, "BOOKING_REJECTED", message=message, under=root)

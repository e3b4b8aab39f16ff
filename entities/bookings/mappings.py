"""How a booking, its lines, voucher logs and payments become V5 rows (4.20, 4.21, 4.23, 4.24)."""

from __future__ import annotations

from entities.bookings.legacy import LegacyBooking, LegacyBookingLine
from entities.bookings.v5 import (
    V5Booking,
    V5BookingParticipant,
    V5BookingPayment,
    V5BookingUser,
    V5OperationalBooking,
    V5Payment,
)
from entities.engine.definition import Mapping
from entities.engine.fields import Const, Copy, Given, Stamp
from entities.engine.normalise import flag, timestamp
from entities.vouchers.legacy import LegacyVoucherLog
from entities.vouchers.v5 import V5VoucherLog


class BookingMapping(Mapping):
    """4.20, the operational booking: a cancelled one stays visible, its state is in `status`."""

    entity = "booking"
    source, target = LegacyBooking, V5OperationalBooking

    school_id = Given("V5 id of the school", uses=("school_id",))
    client_main_id = Given(
        "V5 client of the payer, or the school's stand-in (Q-35)", uses=("user_main_id",), rule="Q-35"
    )
    user_id = Const(None)
    price_total = Copy()
    has_cancellation_insurance = Copy(convert=flag)
    price_cancellation_insurance = Copy()
    currency = Given(
        "the row's, else its first line's, else the school's, else Q-07", uses=("currency",), rule="Q-07"
    )
    payment_method_id = Given("the same number 1 to 5, else NULL", uses=("payment_method_id",))
    paid_total = Given("payments less refunds, vouchers excluded", uses=("paid",), rule="4.24")
    paid = Copy(convert=flag)
    payrexx_reference = Copy(rule="GR-18")
    attendance = Copy()
    payrexx_refund = Const(0)
    notes = Copy()
    paxes = Given("as it is; 0 becomes the number of participants", uses=("paxes",))
    status = Given("2 cancelled in full, 3 in part, else 1", uses=("deleted_at",))
    color = Copy()
    booked_through = Const("legacy", column="source")
    has_boukii_care = Const(0)
    price_boukii_care = Const(0)
    has_tva = Const(0)
    price_tva = Const(0)
    has_reduction = Const(0)
    price_reduction = Const(0)
    basket = Const(None)
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    deleted_at = Const(None, rule="GR-09")
    old_id = Copy("id")

    inputs = ("is_past",)
    excluded = {"payrexx_transaction": "encrypted with the key of the legacy application (GR-17, Q-04)"}


class LineMapping(Mapping):
    """4.21: one participant on one date; a cancelled line has status 2 and stays."""

    entity = "booking_user"
    source, target = LegacyBookingLine, V5BookingUser
    essential = True

    school_id = Given("V5 school of the booking")
    booking_id = Given("V5 id of the booking", uses=("booking2_id",))
    client_id = Given("V5 client of the participant, or the stand-in (Q-35)", uses=("user_id",), rule="Q-35")
    price = Given("the line's price; over several dates by Q-40", uses=("price",), rule="Q-40")
    currency = Given("as the booking", uses=("currency",))
    course_subgroup_id = Given("V5 subgroup of the date", uses=("course_groups_subgroup2_id",))
    course_id = Given("V5 course", uses=("course_groups_subgroup2_id", "course2_id"))
    course_date_id = Given("V5 course date", uses=("date", "hour"))
    degree_id = Given("the class's level, or the client's level in that sport")
    course_group_id = Given("V5 group of the date", uses=("course_groups_subgroup2_id",))
    monitor_id = Given("the class's monitor of the date, or the line's", uses=("monitor_id",))
    date = Given("the course date's, or the lesson's", uses=("date",))
    hour_start = Given("the course date's, or the lesson's", uses=("hour",))
    hour_end = Given("start and duration", uses=("duration",))
    attended = Given(
        "the attendance of that date, else the line's",
        uses=("attended", "user_course_attendances.attendance"),
    )
    status = Given("2 when line or booking is trashed, else 1", uses=("deleted_at",))
    accepted = Const(1)
    group_changed = Const(0)
    color = Copy()
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    deleted_at = Const(None, rule="GR-09")
    old_id = Copy("id")
    group_id = Given("number of the activity inside the booking")


class VoucherLogMapping(Mapping):
    """4.23: what was taken from a voucher for this booking."""

    entity = "voucher_log"
    source, target = LegacyVoucherLog, V5VoucherLog
    essential = True

    voucher_id = Given("V5 id of the voucher", uses=("voucher_id",))
    booking_id = Given("V5 id of the booking", uses=("booking_id",))
    amount = Copy()
    status = Const(None)
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    deleted_at = Copy(convert=timestamp)
    old_id = Copy("id")


class PaymentMapping(Mapping):
    """4.24: the payment that legacy only knows as a flag."""

    entity = "payment"
    source, target = LegacyBooking, V5Payment
    essential = True

    booking_id = Given("V5 id of the booking")
    school_id = Given("V5 school of the booking")
    amount = Given("total less vouchers", uses=("price_total",), rule="4.24")
    status = Const("paid")
    notes = Given("the method in a word", uses=("payment_method_id",))
    payrexx_reference = Copy()
    data = Const({"origin": "derived from legacy"})
    created_at = Copy("updated_at", timestamp)
    updated_at = Copy(convert=timestamp)


class ProjectionMapping(Mapping):
    """4.20, the projection that the V5 booking module reads."""

    entity = "v5_booking"
    source, target = LegacyBooking, V5Booking
    essential = projection = True

    booking_reference = Given("LEG-{V5 school}-{bookings2.id}")
    season_id = Given("season of the earliest live line date", rule="3.2 season()")
    school_id = Given("V5 id of the school")
    client_id = Given("V5 client of the payer")
    course_id = Given("the single course of the live lines")
    monitor_id = Given("the single monitor of the live lines")
    type = Given("activity when all live lines are of course type 3")
    status = Given("first condition of 4.20 that fits", uses=("paid", "payment_method_id"), rule="Q-38, Q-39")
    booking_data = Given("legacy facts without a column", uses=("is_past", "attendance"))
    participants = Given("one object per participant", rule="Q-47")
    base_price = Given("sum of the live lines")
    insurance_price = Given("price of the insurance if there is one", uses=("has_cancellation_insurance",))
    discount_amount = Given("max(0, base + insurance - total)")
    total_price = Copy("price_total")
    currency = Given("as the operational booking")
    start_date = Given("first date")
    end_date = Given("last date")
    start_time = Given("start of the first line")
    end_time = Given("end of the last line")
    has_insurance = Copy("has_cancellation_insurance", flag)
    notes = Copy()
    metadata = Given("operational id, warnings, unexplained amount, rejected lines")
    confirmed_at = Given("created_at unless pending", uses=("created_at",))
    paid_at = Const(None)
    completed_at = Given("end of the last live line when completed")
    cancelled_at = Given("deletion of the booking, else of its last line", uses=("deleted_at",))
    cancellation_reason = Given("reason code")
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    deleted_at = Const(None)
    legacy_id = Copy("id")
    migrated_at = Stamp()


class ParticipantMapping(Mapping):
    """The strategy's `v5_booking_participants`: one row per line of the operational booking."""

    entity = "v5_booking_participant"
    source, target = LegacyBookingLine, V5BookingParticipant
    essential = projection = True

    booking_id = Given("V5 id of the projection")
    booking_user_id = Given("V5 id of the operational line")
    client_id = Given("V5 client of the participant")
    course_id = Given("V5 course")
    monitor_id = Given("V5 monitor")
    status = Given("as the operational line")
    legacy_id = Copy("id")
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)


class ProjectedPaymentMapping(Mapping):
    """4.24: what V5 sums up for the balance of a booking; one row more per voucher log."""

    entity = "v5_payment"
    source, target = LegacyBooking, V5BookingPayment
    essential = projection = True

    booking_id = Given("V5 id of the projection")
    payment_reference = Given("LEGPAY-{bookings2.id}-{n}")
    payment_type = Given("full_payment when it covers the total, else partial_payment")
    payment_method = Given("by the table of section 2; vouchers by their log", uses=("payment_method_id",))
    amount = Given("amount of the payment or of the voucher log")
    currency = Given("as the booking")
    status = Const("completed")
    gateway = Given("payrexx or manual")
    gateway_reference = Given("payment reference of a gateway payment", uses=("payrexx_reference",))
    processed_at = Given("time of the payment or of the log")
    created_at = Given("time of the payment or of the log")
    updated_at = Given("time of the payment or of the log")

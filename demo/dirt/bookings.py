"""Dirt in booking headers."""

from datetime import timedelta

from demo.dirt.planting import NOWHERE, Planter, kind, migrated, rejected, skipped, synthesised
from demo.world import iso


@kind("booking_school_unknown")
def booking_school_unknown(plant: Planter) -> None:
    booking, line, client = plant.booked(school_id=NOWHERE)
    log = plant.spent(plant.voucher(client, 2000, 1000), booking, "10.00")
    notice = plant.add("booking_payment_notice_log", booking2_id=booking, booking_user2_id=line, date=None)
    plant.note(
        "bookings2",
        booking,
        rejected("booking", booking, "SCHOOL_UNKNOWN"),
        rejected("booking_user", line, "BOOKING_REJECTED"),
        rejected("voucher_log", log, "BOOKING_REJECTED"),
        rejected("payment_notice", notice, "BOOKING_REJECTED"),
    )


@kind("booking_payer_missing")
def booking_payer_missing(plant: Planter) -> None:
    """Money is attached, so a placeholder of the school holds it (Q-35)."""
    client = plant.client()
    booking = plant.booking(NOWHERE)
    line = plant.lesson(booking, client, plant.shared_private)
    plant.note(
        "bookings2",
        booking,
        migrated("booking", booking),
        migrated("booking_user", line),
        synthesised("client", "PLACEHOLDER_CLIENT"),
    )


@kind("booking_of_administrator_for_himself")
def booking_of_administrator_for_himself(plant: Planter) -> None:
    person = plant.person(1)
    plant.member(person, plant.school)
    booking = plant.booking(person)
    line = plant.lesson(booking, person, plant.shared_private)
    plant.note(
        "bookings2",
        booking,
        migrated("booking", booking),
        migrated("booking_user", line),
        synthesised("client", "CLIENT_FROM_OTHER_TYPE", person),
    )


@kind("booking_in_two_currencies")
def booking_in_two_currencies(plant: Planter) -> None:
    booking, line, client = plant.booked()
    other = plant.lesson(booking, client, plant.shared_private, hour="14:00:00", currency="EUR")
    plant.note(
        "bookings2",
        booking,
        rejected("booking", booking, "MIXED_CURRENCY"),
        *(rejected("booking_user", key, "BOOKING_REJECTED") for key in (line, other)),
    )


@kind("booking_without_lines_or_money")
def booking_without_lines_or_money(plant: Planter) -> None:
    booking = plant.booking(price_total="0.00", paid=0)
    plant.note("bookings2", booking, skipped("booking", booking, "EMPTY"))


@kind("booking_without_lines_with_money")
def booking_without_lines_with_money(plant: Planter) -> None:
    booking = plant.booking()
    plant.note("bookings2", booking, migrated("booking", booking, "NO_LINES"))


@kind("booking_without_lines_with_reference")
def booking_without_lines_with_reference(plant: Planter) -> None:
    booking = plant.booking(price_total="0.00", payrexx_reference="Boukii #{id}")
    plant.note("bookings2", booking, migrated("booking", booking, "NO_LINES"))


@kind("booking_without_lines_with_voucher")
def booking_without_lines_with_voucher(plant: Planter) -> None:
    client = plant.client()
    booking = plant.booking(client, price_total="0.00", paid=0)
    log = plant.spent(plant.voucher(client, 2000, 1500), booking, "5.00")
    plant.note("bookings2", booking, migrated("booking", booking, "NO_LINES"), migrated("voucher_log", log))


@kind("booking_without_any_date")
def booking_without_any_date(plant: Planter) -> None:
    """No line and no creation date: only the catch-all season is left."""
    booking = plant.booking(created_at=None, updated_at=None)
    plant.note("bookings2", booking, migrated("booking", booking, "NO_LINES", "SEASON_FALLBACK"))


@kind("booking_abandoned_checkout")
def booking_abandoned_checkout(plant: Planter) -> None:
    deleted = f"{iso(plant.past)} 09:16:00"
    client = plant.client()
    booking = plant.booking(client, payment_method_id=2, paid=0, deleted_at=deleted)
    line = plant.lesson(booking, client, plant.shared_private, deleted_at=deleted)
    plant.note(
        "bookings2", booking, migrated("booking", booking, "UNPAID_CHECKOUT"), migrated("booking_user", line)
    )


@kind("booking_trashed_with_live_lines")
def booking_trashed_with_live_lines(plant: Planter) -> None:
    booking, line, _ = plant.booked(paid=0, deleted_at=f"{iso(plant.past)} 12:00:00")
    plant.note("bookings2", booking, migrated("booking", booking), migrated("booking_user", line))


@kind("booking_alive_with_trashed_lines")
def booking_alive_with_trashed_lines(plant: Planter) -> None:
    """All lines cancelled is cancelled in full, though the booking itself is alive."""
    client = plant.client()
    booking = plant.booking(client, paid=0)
    line = plant.lesson(booking, client, plant.shared_private, deleted_at=f"{iso(plant.past)} 12:00:00")
    plant.note("bookings2", booking, migrated("booking", booking), migrated("booking_user", line))


@kind("booking_cancelled_in_part")
def booking_cancelled_in_part(plant: Planter) -> None:
    booking, line, client = plant.booked()
    gone = plant.lesson(
        booking, client, plant.shared_private, hour="15:00:00", deleted_at=f"{iso(plant.past)} 12:00:00"
    )
    plant.note(
        "bookings2",
        booking,
        migrated("booking", booking),
        migrated("booking_user", line),
        migrated("booking_user", gone),
    )


@kind("payment_method_unknown")
def payment_method_unknown(plant: Planter) -> None:
    for method in (6, 7):
        booking, _, _ = plant.booked(payment_method_id=method)
        plant.note("bookings2", booking, migrated("booking", booking, "PAYMENT_METHOD_UNKNOWN"))


@kind("payment_method_missing")
def payment_method_missing(plant: Planter) -> None:
    booking, _, _ = plant.booked(payment_method_id=None)
    plant.note("bookings2", booking, migrated("booking", booking))


@kind("booking_past_and_unpaid")
def booking_past_and_unpaid(plant: Planter) -> None:
    booking, _, _ = plant.booked(paid=0)
    plant.note("bookings2", booking, migrated("booking", booking, "PAST_UNPAID"))


@kind("booking_ahead_awaiting_payment")
def booking_ahead_awaiting_payment(plant: Planter) -> None:
    client = plant.client()
    course = plant.private(date_start=plant.world.day(1), date_end=plant.world.day(60))
    booking = plant.booking(client, payment_method_id=3, paid=0, is_past=0)
    line = plant.lesson(booking, client, course, date=iso(plant.soon))
    plant.note(
        "bookings2", booking, migrated("booking", booking, "AWAITING_PAYMENT"), migrated("booking_user", line)
    )


@kind("booking_paid_without_method")
def booking_paid_without_method(plant: Planter) -> None:
    booking, _, _ = plant.booked(payment_method_id=5)
    plant.note("bookings2", booking, migrated("booking", booking, "PAID_WITHOUT_METHOD"))


@kind("booking_paid_and_cancelled")
def booking_paid_and_cancelled(plant: Planter) -> None:
    booking, _, _ = plant.booked(deleted_at=f"{iso(plant.past)} 12:00:00")
    plant.note("bookings2", booking, migrated("booking", booking, "TOTAL_AFTER_CANCELLATION"))


@kind("booking_in_two_seasons")
def booking_in_two_seasons(plant: Planter) -> None:
    booking, _, client = plant.booked()
    later = plant.past + timedelta(days=366)
    course = plant.private(date_start=iso(later), date_end=iso(later + timedelta(days=2)))
    plant.lesson(booking, client, course, date=iso(later))
    plant.note("bookings2", booking, migrated("booking", booking, "SPANS_SEASONS"))


@kind("booking_text_and_stamps")
def booking_text_and_stamps(plant: Planter) -> None:
    """Emoji and 500 characters of notes; zero timestamps become NULL (GR-10)."""
    text = ("Mañana ☀️ Łódź – снег ❄️ " * 40)[:500]
    booking, _, _ = plant.booked(
        notes=text, created_at="0000-00-00 00:00:00", updated_at="0000-00-00 00:00:00"
    )
    plant.note("bookings2", booking, migrated("booking", booking))


@kind("booking_total_unexplained")
def booking_total_unexplained(plant: Planter) -> None:
    """The total is neither the sum of the lines nor less; it stays as it is."""
    booking, _, _ = plant.booked(price_total="73.35")
    plant.note("bookings2", booking, migrated("booking", booking))


@kind("booking_currency_missing")
def booking_currency_missing(plant: Planter) -> None:
    """The first line's currency stands in; where no row says, the school's."""
    booking, _, _ = plant.booked(currency="")
    plant.note("bookings2", booking, migrated("booking", booking))
    client = plant.client()
    booking = plant.booking(client, currency="")
    plant.lesson(booking, client, plant.shared_private, currency="")
    plant.note("bookings2", booking, migrated("booking", booking, "CURRENCY_ASSUMED"))


@kind("booking_of_trashed_client")
def booking_of_trashed_client(plant: Planter) -> None:
    """Trashed people stay trashed and keep their bookings."""
    client = plant.client(deleted_at=1)
    booking = plant.booking(client)
    line = plant.lesson(booking, client, plant.shared_private)
    plant.note(
        "bookings2",
        booking,
        migrated("booking", booking),
        migrated("booking_user", line),
        migrated("client", client),
    )


@kind("client_twice_on_one_day")
def client_twice_on_one_day(plant: Planter) -> None:
    """The same client in the same class in two bookings: a fault of legacy that is kept and listed."""
    *_, subgroup = plant.classes()
    client = plant.client()
    for _ in range(2):
        line = plant.line(plant.booking(client), client, course_groups_subgroup2_id=subgroup)
        plant.note("booking_users2", line, migrated("booking_user", line))

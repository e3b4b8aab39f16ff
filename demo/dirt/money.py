"""Dirt in vouchers and what was taken from them."""

from demo.dirt.planting import NOWHERE, Planter, kind, migrated, rejected, synthesised


@kind("voucher_owner_missing")
def voucher_owner_missing(plant: Planter) -> None:
    """Money was attached, used up or not: a placeholder holds it (Q-35)."""
    for left in (5000, 0):
        key = plant.voucher(NOWHERE, 5000, left)
        plant.note("vouchers", key, migrated("voucher", key), synthesised("client", "PLACEHOLDER_CLIENT"))


@kind("voucher_owner_missing_without_money")
def voucher_owner_missing_without_money(plant: Planter) -> None:
    key = plant.voucher(NOWHERE, 0, 0)
    plant.note("vouchers", key, rejected("voucher", key, "CLIENT_UNKNOWN"))


@kind("voucher_of_monitor")
def voucher_of_monitor(plant: Planter) -> None:
    owner = plant.monitor()
    key = plant.voucher(owner, 2500, 2500)
    plant.note(
        "vouchers", key, migrated("voucher", key), synthesised("client", "CLIENT_FROM_OTHER_TYPE", owner)
    )


@kind("voucher_school_unknown")
def voucher_school_unknown(plant: Planter) -> None:
    booking, _, client = plant.booked()
    key = plant.voucher(client, 2000, 1000, school_id=NOWHERE)
    log = plant.spent(key, booking, "10.00")
    plant.note(
        "vouchers",
        key,
        rejected("voucher", key, "SCHOOL_UNKNOWN"),
        rejected("voucher_log", log, "VOUCHER_UNKNOWN"),
    )


@kind("voucher_code_twice")
def voucher_code_twice(plant: Planter) -> None:
    """Customers hold printed codes, so the older one keeps its own; blanks and case do not count."""
    client = plant.client()
    older = plant.voucher(client, 4000, 4000, code="NOEL-2024")
    newer = plant.voucher(client, 3000, 3000, code=" noel-2024 ", created_at="2025-01-02 08:00:00")
    plant.note("vouchers", newer, migrated("voucher", older), migrated("voucher", newer, "CODE_SUFFIXED"))


@kind("voucher_code_twice_and_full")
def voucher_code_twice_and_full(plant: Planter) -> None:
    """The code fills its column, so the second one has no room for a suffix."""
    client = plant.client()
    code = "CADEAU" * 42 + "XYZ"
    older = plant.voucher(client, 4000, 4000, code=code)
    newer = plant.voucher(client, 3000, 3000, code=code, created_at="2025-01-02 08:00:00")
    plant.note("vouchers", newer, migrated("voucher", older), rejected("voucher", newer, "VALUE_TOO_LONG"))


@kind("voucher_balance_off")
def voucher_balance_off(plant: Planter) -> None:
    """The stored balance is the customers' money; it stays, with a warning."""
    booking, _, client = plant.booked()
    key = plant.voucher(client, 10000, 9500)
    log = plant.spent(key, booking, "25.00")
    plant.note("vouchers", key, migrated("voucher", key, "VOUCHER_BALANCE"), migrated("voucher_log", log))


@kind("voucher_balance_above_amount")
def voucher_balance_above_amount(plant: Planter) -> None:
    key = plant.voucher(plant.client(), 2000, 2500)
    plant.note("vouchers", key, migrated("voucher", key, "VOUCHER_BALANCE"))


@kind("voucher_trashed_with_log")
def voucher_trashed_with_log(plant: Planter) -> None:
    """A trashed voucher moves with its history."""
    booking, _, client = plant.booked()
    key = plant.voucher(client, 1500, 0, deleted_at="2025-02-01 08:00:00")
    log = plant.spent(key, booking, "15.00")
    plant.note("vouchers", key, migrated("voucher", key), migrated("voucher_log", log))


@kind("voucher_log_trashed")
def voucher_log_trashed(plant: Planter) -> None:
    """A trashed entry took nothing from the voucher."""
    booking, _, client = plant.booked()
    key = plant.voucher(client, 1500, 1500)
    log = plant.spent(key, booking, "15.00", deleted_at="2025-02-01 08:00:00")
    plant.note("vouchers_log", log, migrated("voucher_log", log), migrated("voucher", key))


@kind("voucher_log_without_voucher")
def voucher_log_without_voucher(plant: Planter) -> None:
    booking, _, _ = plant.booked()
    key = plant.spent(NOWHERE, booking, "12.50")
    plant.note(
        "vouchers_log", key, rejected("voucher_log", key, "VOUCHER_UNKNOWN"), migrated("booking", booking)
    )


@kind("voucher_log_without_booking")
def voucher_log_without_booking(plant: Planter) -> None:
    """The balance was lowered for a booking that is gone; the amount is listed."""
    voucher = plant.voucher(plant.client(), 5000, 2000)
    key = plant.spent(voucher, NOWHERE, "30.00")
    plant.note(
        "vouchers_log", key, rejected("voucher_log", key, "BOOKING_REJECTED"), migrated("voucher", voucher)
    )


@kind("booking_overpaid_by_voucher")
def booking_overpaid_by_voucher(plant: Planter) -> None:
    booking, _, client = plant.booked()
    log = plant.spent(plant.voucher(client, 8000, 0), booking, "80.00")
    plant.note(
        "bookings2",
        booking,
        migrated("booking", booking, "OVERPAID_BY_VOUCHER"),
        migrated("voucher_log", log),
    )


@kind("booking_paid_by_voucher")
def booking_paid_by_voucher(plant: Planter) -> None:
    """The voucher covers everything: no payment is derived."""
    booking, _, client = plant.booked()
    log = plant.spent(plant.voucher(client, 5000, 0), booking, "50.00")
    plant.note("bookings2", booking, migrated("booking", booking), migrated("voucher_log", log))


@kind("reference_of_a_test")
def reference_of_a_test(plant: Planter) -> None:
    """References are copied word for word, also those that name another number (GR-18)."""
    booking, _, client = plant.booked(payment_method_id=3, payrexx_reference="TEST Boukii #4711")
    voucher = plant.voucher(client, 5000, 5000, payrexx_reference="Boukii Voucher #{id}")
    plant.note("bookings2", booking, migrated("booking", booking), migrated("voucher", voucher))

"""Planted defects in bookings: totals, payments, cancellation, the two booking tables, seasons, references."""

from __future__ import annotations

from typing import Any

from tests.mutations import Keys, Mutation, Plant

Planted = dict[str, "Keys | None"]

# Bookings with a plain story: `b` operational, `v` in V5, `m` the entry. Nothing is flagged.
PLAIN = """
    SELECT b.id, v.id, m.legacy_id FROM legacy_id_mappings m JOIN bookings b ON b.id = m.v5_id
    JOIN legacy_id_mappings w ON w.entity_type = 'v5_booking' AND w.legacy_id = m.legacy_id
    JOIN v5_bookings v ON v.id = w.v5_id
    WHERE m.entity_type = 'booking' AND COALESCE(m.additional_data, '') NOT LIKE '%%warnings%%' AND {where}
    ORDER BY m.legacy_id LIMIT 1"""
PAID = "b.paid = 1 AND b.status = 1 AND b.paid_total > 0 AND b.paid_total = b.price_total"
LOGGED = "EXISTS (SELECT 1 FROM vouchers_log g WHERE g.booking_id = b.id AND g.deleted_at IS NULL)"


def booking(plant: Plant, where: str) -> tuple[int, int, int]:
    """(operational booking, V5 booking, legacy booking) of the first that fits."""
    first, second, legacy = plant.one(PLAIN.format(where=where))
    return first, second, legacy


def key(legacy: int) -> Keys:
    return {("bookings2", legacy)}


def dropped_with_its_entry(plant: Plant) -> Planted:
    """A booking is dropped together with its ledger row (cut-off by creation date)."""
    b, _v, legacy = booking(plant, PAID)
    plant.v5("DELETE FROM bookings WHERE id = %s", [b])
    plant.v5("DELETE FROM legacy_id_mappings WHERE entity_type = 'booking' AND legacy_id = %s", [legacy])
    return {"R-30": {("bookings2", legacy), ("", None)}, "R-31": key(legacy), "R-40": key(legacy)}


def created_at_import(plant: Plant) -> Planted:
    b, *_ = booking(plant, PAID)
    plant.v5("UPDATE bookings SET created_at = '2026-02-01 03:00:00' WHERE id = %s", [b])
    return {"R-30": {("", None)}}


def no_payments_at_all(plant: Plant) -> Planted:
    b, _v, legacy = booking(plant, PAID)
    plant.v5("DELETE FROM payments WHERE booking_id = %s", [b])
    plant.v5("UPDATE bookings SET paid_total = 0 WHERE id = %s", [b])
    return {"R-35": key(legacy), "R-35b": {("", None)}}


def no_payments_but_a_sum(plant: Plant) -> Planted:
    b, _v, legacy = booking(plant, PAID)
    plant.v5("DELETE FROM payments WHERE booking_id = %s", [b])
    return {"R-35": key(legacy), "R-36": key(legacy)}


def more_refunded_than_paid(plant: Plant) -> Planted:
    b, _v, legacy = booking(plant, PAID)
    plant.v5(
        "INSERT INTO payments (booking_id, school_id, amount, status) SELECT id, school_id, paid_total + 5, 'refund'"
        " FROM bookings WHERE id = %s",
        [b],
    )
    return {"R-35": key(legacy), "R-36": key(legacy)}


def no_v5_payments(plant: Plant) -> Planted:
    _b, v, legacy = booking(plant, PAID)
    plant.v5("DELETE FROM v5_booking_payments WHERE booking_id = %s", [v])
    return {"R-37": key(legacy)}


def no_v5_voucher_rows(plant: Plant) -> Planted:
    _b, v, legacy = booking(plant, f"b.paid = 1 AND {LOGGED}")
    plant.v5("DELETE FROM v5_booking_payments WHERE booking_id = %s AND payment_method = 'voucher'", [v])
    return {"R-37": key(legacy)}


def payment_on_an_unpaid_booking(plant: Plant) -> Planted:
    b, _v, legacy = booking(plant, "b.paid = 0 AND b.price_total > 0")
    plant.v5(
        "INSERT INTO payments (booking_id, school_id, amount, status) SELECT id, school_id, 10, 'paid'"
        " FROM bookings WHERE id = %s",
        [b],
    )
    return {"R-36": key(legacy), "R-38": key(legacy)}


def money_of_a_cancelled_booking(plant: Plant) -> Planted:
    """What was received for a booking that was cancelled afterwards is forgotten."""
    b, legacy = plant.one(
        "SELECT b.id, m.legacy_id FROM bookings b JOIN legacy_id_mappings m ON m.entity_type = 'booking' AND m.v5_id = b.id"
        " WHERE b.status = 2 AND b.paid = 1 AND b.paid_total > 0 ORDER BY b.id LIMIT 1"
    )
    plant.v5("DELETE FROM payments WHERE booking_id = %s", [b])
    return {"R-35": key(legacy), "R-41": key(legacy)}


def nothing_and_euro(plant: Plant) -> Planted:
    """Total 0 and the column default EUR in the V5 booking."""
    _b, v, legacy = booking(plant, f"{PAID} AND b.currency = 'CHF'")
    plant.v5("UPDATE v5_bookings SET total_price = 0, currency = 'EUR' WHERE id = %s", [v])
    return {
        "R-31": key(legacy), "R-33": key(legacy), "R-37": key(legacy), "R-39": key(legacy), "R-40": key(legacy),
        "R-30": {("", None)},
    }  # fmt: skip


def another_total(plant: Plant) -> Planted:
    b, _v, legacy = booking(plant, PAID)
    plant.v5("UPDATE bookings SET price_total = price_total + 0.01 WHERE id = %s", [b])
    return {"R-30": {("", None)}, "R-31": key(legacy), "R-33t": key(legacy), "R-40": key(legacy)}


def nothing_although_lines_cost(plant: Plant) -> Planted:
    b, _v, legacy = booking(plant, f"{PAID} AND NOT {LOGGED}")
    plant.v5("UPDATE bookings SET price_total = 0 WHERE id = %s", [b])
    return {"R-34": key(legacy), "R-31": key(legacy)}


def codes_of_cancellation_swapped(plant: Plant) -> Planted:
    full, _v, first = _any_full(plant)
    part, _v, second = booking(plant, "b.status = 3")
    plant.v5("UPDATE bookings SET status = 5 - status WHERE id IN (%s, %s)", [full, part])
    both = key(first) | key(second)
    return {"R-50": both, "R-51": both, "R-51a": both, "R-51b": both}


def _any_full(plant: Plant) -> Any:
    """A booking cancelled in full with lines, flagged or not."""
    return plant.one(
        "SELECT b.id, 0, m.legacy_id FROM bookings b JOIN legacy_id_mappings m ON m.entity_type = 'booking'"
        " AND m.v5_id = b.id WHERE b.status = 2 AND EXISTS (SELECT 1 FROM booking_users u WHERE u.booking_id = b.id)"
        " ORDER BY b.id LIMIT 1"
    )


def deleted_instead_of_cancelled(plant: Plant) -> Planted:
    full, _v, legacy = _any_full(plant)
    plant.v5("UPDATE bookings SET deleted_at = '2025-01-01 10:00:00' WHERE id = %s", [full])
    return {"R-51b": key(legacy)}


def pending(plant: Plant) -> Planted:
    _b, v, legacy = booking(plant, "b.paid = 0 AND b.status = 1")
    plant.v5("UPDATE v5_bookings SET status = 'pending' WHERE id = %s", [v])
    return {"R-51b": key(legacy)}


def invented_participant(plant: Plant) -> Planted:
    _b, v, legacy = booking(plant, PAID)
    people = plant.one("SELECT participants FROM v5_bookings WHERE id = %s", [v])
    made = people[:-1] + ', {"first_name": "Legacy", "last_name": "Participant", "lines": []}]'
    plant.v5("UPDATE v5_bookings SET participants = %s WHERE id = %s", [made, v])
    return {"R-50c": key(legacy)}


def no_lines(plant: Plant) -> Planted:
    b, _v, legacy = booking(plant, PAID)
    plant.v5("DELETE FROM booking_users WHERE booking_id = %s", [b])
    return {"R-50": key(legacy), "R-32b": key(legacy)}


def v5_booking_missing(plant: Plant) -> Planted:
    _b, v, legacy = booking(plant, PAID)
    plant.v5("DELETE FROM v5_bookings WHERE id = %s", [v])
    return {"R-40": key(legacy)}


def payer_of_another_school(plant: Plant) -> Planted:
    b, _v, legacy = booking(plant, PAID)
    stranger = plant.one(
        "SELECT c.id FROM clients c WHERE NOT EXISTS (SELECT 1 FROM clients_schools k JOIN bookings b"
        " ON b.school_id = k.school_id WHERE k.client_id = c.id AND b.id = %s) ORDER BY c.id LIMIT 1",
        [b],
    )
    plant.v5("UPDATE bookings SET client_main_id = %s WHERE id = %s", [stranger, b])
    return {"R-52": key(legacy), "R-40": key(legacy)}


def season_of_another_school(plant: Plant) -> Planted:
    _b, v, legacy = booking(plant, PAID)
    other = plant.one(
        "SELECT o.id FROM v5_bookings v JOIN seasons s ON s.id = v.season_id JOIN seasons o ON o.name = s.name"
        " WHERE v.id = %s AND o.school_id <> s.school_id ORDER BY o.id LIMIT 1",
        [v],
    )
    plant.v5("UPDATE v5_bookings SET season_id = %s WHERE id = %s", [other, v])
    return {"R-68": key(legacy)}


def season_that_catches_all(plant: Plant) -> Planted:
    b, v, legacy = booking(plant, f"{PAID} AND b.created_at > '2021-09-01'")
    plant.v5(
        "INSERT INTO seasons (name, start_date, end_date, is_active, school_id, vacation_days)"
        " SELECT 'Everything', '2020-01-01', '2030-12-31', 0, school_id, '[]' FROM bookings WHERE id = %s",
        [b],
    )
    plant.v5(
        "UPDATE v5_bookings SET season_id = (SELECT id FROM seasons WHERE name = 'Everything') WHERE id = %s",
        [v],
    )
    return {"R-68b": key(legacy), "R-30": {("", None)}}


def season_by_creation_date(plant: Plant) -> Planted:
    """The season of the school that does not hold the dates."""
    _b, v, legacy = booking(plant, PAID)
    other = plant.one(
        "SELECT o.id FROM v5_bookings v JOIN seasons s ON s.id = v.season_id JOIN seasons o ON o.school_id = s.school_id"
        " WHERE v.id = %s AND o.id <> s.id AND o.name <> 'Legacy Season' ORDER BY o.id LIMIT 1",
        [v],
    )
    plant.v5("UPDATE v5_bookings SET season_id = %s WHERE id = %s", [other, v])
    return {"R-68": key(legacy), "R-68b": key(legacy)}


def references_made_anew(plant: Plant) -> Planted:
    b, _v, first = booking(plant, "b.payrexx_reference IS NOT NULL")
    _b, v, second = booking(plant, "b.payrexx_reference IS NULL")
    plant.v5("UPDATE bookings SET payrexx_reference = %s WHERE id = %s", [f"Boukii #{b}", b])
    plant.v5("UPDATE v5_bookings SET booking_reference = 'LEG-X1' WHERE id = %s", [v])
    return {"R-78": key(first) | key(second)}


def reference_used_twice(plant: Plant) -> Planted:
    one, other = plant.v5(
        "SELECT b.id, m.legacy_id, b.payrexx_reference FROM bookings b JOIN legacy_id_mappings m ON m.v5_id = b.id"
        " AND m.entity_type = 'booking' WHERE b.paid = 1 AND b.status = 1 AND b.payrexx_reference LIKE 'Boukii #%%'"
        " ORDER BY b.id LIMIT 2"
    )
    plant.v5("UPDATE bookings SET payrexx_reference = %s WHERE id = %s", [one[2], other[0]])
    return {"R-78": key(one[1]) | key(other[1])}


MUTATIONS = tuple(
    Mutation(plant.__name__.replace("_", " "), plant)
    for plant in (
        dropped_with_its_entry, created_at_import, no_payments_at_all, no_payments_but_a_sum, more_refunded_than_paid,
        no_v5_payments, no_v5_voucher_rows, payment_on_an_unpaid_booking, money_of_a_cancelled_booking, nothing_and_euro,
        another_total, nothing_although_lines_cost, codes_of_cancellation_swapped, deleted_instead_of_cancelled, pending,
        invented_participant, no_lines, v5_booking_missing, payer_of_another_school, season_of_another_school,
        season_that_catches_all, season_by_creation_date, references_made_anew, reference_used_twice,
    )
)  # fmt: skip

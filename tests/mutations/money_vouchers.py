"""Planted defects in vouchers and their logs."""

from __future__ import annotations

from tests.mutations import Keys, Mutation, Plant

Planted = dict[str, "Keys | None"]

VOUCHER = """
    SELECT v.id, m.legacy_id FROM vouchers v JOIN legacy_id_mappings m ON m.entity_type = 'voucher' AND m.v5_id = v.id
    WHERE v.deleted_at IS NULL AND COALESCE(m.additional_data, '') NOT LIKE '%%warnings%%' AND {where}
    ORDER BY m.legacy_id LIMIT 1"""
LOG = """
    SELECT g.id, m.legacy_id, g.voucher_id, g.booking_id, e.legacy_id FROM vouchers_log g
    JOIN legacy_id_mappings m ON m.entity_type = 'voucher_log' AND m.v5_id = g.id
    JOIN legacy_id_mappings e ON e.entity_type = 'booking' AND e.v5_id = g.booking_id
    JOIN bookings b ON b.id = g.booking_id AND b.paid = 1 AND b.paid_total > 0 JOIN vouchers v ON v.id = g.voucher_id
    WHERE g.deleted_at IS NULL AND COALESCE(e.additional_data, '') NOT LIKE '%%warnings%%'
    AND v.client_id = b.client_main_id ORDER BY m.legacy_id LIMIT 1"""


def voucher(plant: Plant, where: str) -> tuple[int, int]:
    v5_id, legacy = plant.one(VOUCHER.format(where=where))
    return v5_id, legacy


def key(*vouchers: int) -> Keys:
    return {("vouchers", one) for one in vouchers}


def balance_lost(plant: Plant) -> Planted:
    v, legacy = voucher(plant, "v.remaining_balance > 0")
    plant.v5("UPDATE vouchers SET remaining_balance = 0 WHERE id = %s", [v])
    return {"R-42": key(legacy), "R-43": key(legacy), "R-49": {("", None)}}


def balance_above_the_face_value(plant: Plant) -> Planted:
    v, legacy = voucher(plant, "v.remaining_balance > 0")
    plant.v5("UPDATE vouchers SET remaining_balance = quantity + 1 WHERE id = %s", [v])
    return {"R-44": key(legacy), "R-42": key(legacy)}


def one_code_for_two(plant: Plant) -> Planted:
    v, first = voucher(
        plant, "EXISTS (SELECT 1 FROM vouchers o WHERE o.school_id = v.school_id AND o.id > v.id)"
    )
    other = plant.one(
        "SELECT o.id FROM vouchers o JOIN vouchers v ON v.school_id = o.school_id JOIN legacy_id_mappings m"
        " ON m.entity_type = 'voucher' AND m.v5_id = o.id AND COALESCE(m.additional_data, '') NOT LIKE '%%warnings%%'"
        " WHERE v.id = %s AND o.id > v.id ORDER BY o.id LIMIT 1",
        [v],
    )
    plant.v5("UPDATE vouchers SET code = (SELECT c FROM (SELECT LOWER(code) AS c FROM vouchers WHERE id = %s) k)"
             " WHERE id = %s", [v, other])  # fmt: skip
    return {"R-45": key(first, plant.origin("vouchers", other))}


def code_made_anew(plant: Plant) -> Planted:
    v, legacy = voucher(plant, "v.remaining_balance > 0")
    plant.v5("UPDATE vouchers SET code = 'V5-000001' WHERE id = %s", [v])
    return {"R-45": key(legacy)}


def logs_missing_with_their_entries(plant: Plant) -> Planted:
    g, legacy, v, _b, booking = plant.one(LOG)
    plant.v5("DELETE FROM vouchers_log WHERE id = %s", [g])
    plant.v5("DELETE FROM legacy_id_mappings WHERE entity_type = 'voucher_log' AND legacy_id = %s", [legacy])
    return {
        "R-35": {("bookings2", booking)}, "R-43": key(plant.origin("vouchers", v)), "R-47": {("vouchers_log", legacy)},
    }  # fmt: skip


def log_of_another_school(plant: Plant) -> Planted:
    g, legacy, *_ = plant.one(LOG)
    other = plant.one(
        "SELECT o.id FROM bookings o JOIN vouchers_log g ON g.id = %s JOIN bookings b ON b.id = g.booking_id"
        " WHERE o.school_id <> b.school_id ORDER BY o.id LIMIT 1",
        [g],
    )
    plant.v5("UPDATE vouchers_log SET booking_id = %s WHERE id = %s", [other, g])
    return {"R-46": {("vouchers_log", legacy)}, "R-47": {("vouchers_log", legacy)}}


def voucher_of_somebody_else(plant: Plant) -> Planted:
    _g, _legacy, v, _b, _booking = plant.one(LOG)
    other = plant.one(
        "SELECT k.client_id FROM clients_schools k JOIN vouchers v ON v.school_id = k.school_id AND v.client_id <> k.client_id"
        " WHERE v.id = %s AND k.deleted_at IS NULL ORDER BY k.client_id LIMIT 1",
        [v],
    )
    rows = plant.v5("SELECT id FROM vouchers_log WHERE voucher_id = %s AND deleted_at IS NULL", [v])
    plant.v5("UPDATE vouchers SET client_id = %s WHERE id = %s", [other, v])
    logs: Keys = {("vouchers_log", plant.origin("vouchers_log", row[0])) for row in rows}
    return {"R-46w": logs, "R-42": key(plant.origin("vouchers", v))}


def owner_is_no_client_of_the_school(plant: Plant) -> Planted:
    v, _legacy = voucher(plant, "v.remaining_balance > 0")
    client, school = plant.one("SELECT client_id, school_id FROM vouchers WHERE id = %s", [v])
    rows = plant.v5("SELECT id FROM vouchers WHERE client_id = %s AND school_id = %s", [client, school])
    plant.v5("DELETE FROM clients_schools WHERE client_id = %s AND school_id = %s", [client, school])
    return {"R-48": key(*(plant.origin("vouchers", row[0]) for row in rows))}


MUTATIONS = tuple(
    Mutation(plant.__name__.replace("_", " "), plant)
    for plant in (
        balance_lost, balance_above_the_face_value, one_code_for_two, code_made_anew, logs_missing_with_their_entries,
        log_of_another_school, voucher_of_somebody_else, owner_is_no_client_of_the_school,
    )
)  # fmt: skip

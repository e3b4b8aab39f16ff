"""Planted defects that the figures of the business must show."""

from __future__ import annotations

from tests.mutations import Keys, Mutation, Plant
from tracking.models import Wave

Planted = dict[str, "Keys | None"]
GROUP: Keys = {("", None)}  # a figure of a group: no record stands behind it

LIVE = """
    SELECT u.id, m.legacy_id FROM booking_users u JOIN legacy_id_mappings m ON m.v5_table = 'booking_users' AND m.v5_id = u.id
    WHERE u.status = 1 AND COALESCE(m.additional_data, '') NOT LIKE '%%warnings%%' AND {where} ORDER BY u.id LIMIT 1"""
IN_CLASS = "u.course_subgroup_id IS NOT NULL"


def line(plant: Plant, where: str) -> tuple[int, int]:
    v5_id, legacy = plant.one(LIVE.format(where=where))
    return v5_id, legacy


def states_swapped(plant: Plant) -> Planted:
    plant.v5("UPDATE bookings SET status = 5 - status WHERE status IN (2, 3)")
    return {"R-100": GROUP}


def created_at_import(plant: Plant) -> Planted:
    plant.v5("UPDATE bookings SET created_at = '2026-02-01 03:00:00' WHERE id = (SELECT MIN(booking_id) FROM booking_users"
             " WHERE status = 1 AND price > 0)")  # fmt: skip
    return {"R-104": GROUP}


def another_method(plant: Plant) -> Planted:
    booking = plant.one(
        "SELECT MIN(id) FROM bookings WHERE paid = 1 AND price_total > 0 AND payment_method_id = 1"
    )
    plant.v5("UPDATE bookings SET payment_method_id = 4 WHERE id = %s", [booking])
    return {"R-104": GROUP}


def price_lost(plant: Plant) -> Planted:
    u, _legacy = line(plant, "u.price > 0")
    plant.v5("UPDATE booking_users SET price = 0 WHERE id = %s", [u])
    return {"R-104": GROUP}


def made_up_participant(plant: Plant) -> Planted:
    """A participant that nobody booked, written without a ledger row."""
    u, _legacy = line(plant, IN_CLASS)
    names = (
        "school_id, booking_id, client_id, price, currency, course_subgroup_id, course_id, course_date_id, degree_id,"
        " course_group_id, monitor_id, date, hour_start, hour_end, attended, status, accepted, group_changed"
    )
    plant.v5(f"INSERT INTO booking_users ({names}) SELECT {names} FROM booking_users WHERE id = %s", [u])
    return {"R-101": GROUP, "R-102": GROUP}


def another_person(plant: Plant) -> Planted:
    """One of two persons of a booking becomes the other: as many participants, fewer persons."""
    u, client = plant.one(
        "SELECT u.id, o.client_id FROM booking_users u JOIN booking_users o ON o.booking_id = u.booking_id"
        " AND o.client_id <> u.client_id AND o.status = 1 WHERE u.status = 1 AND NOT EXISTS (SELECT 1 FROM booking_users x"
        " WHERE x.client_id = u.client_id AND x.id <> u.id) ORDER BY u.id LIMIT 1"
    )
    plant.v5("UPDATE booking_users SET client_id = %s WHERE id = %s", [client, u])
    return {"R-101": GROUP, "R-106": GROUP}


def class_not_held(plant: Plant) -> Planted:
    u, _legacy = line(
        plant, f"{IN_CLASS} AND NOT EXISTS (SELECT 1 FROM booking_users o WHERE o.course_subgroup_id = u.course_subgroup_id"
        " AND o.id <> u.id AND o.status = 1)"
    )  # fmt: skip
    plant.v5("UPDATE booking_users SET status = 2 WHERE id = %s", [u])
    return {"R-102": GROUP, "R-103": GROUP}


def wages_of_another(plant: Plant) -> Planted:
    """The replacement of a day is ignored: another monitor is paid for the class."""
    s, monitor = plant.one(
        "SELECT s.id, (SELECT MIN(m.id) FROM monitors m WHERE m.id <> s.monitor_id) FROM course_subgroups s"
        " JOIN booking_users u ON u.course_subgroup_id = s.id AND u.status = 1 JOIN legacy_id_mappings e"
        " ON e.v5_table = 'booking_users' AND e.v5_id = u.id WHERE s.monitor_id IS NOT NULL"
        " AND COALESCE(e.additional_data, '') NOT LIKE '%%warnings%%' ORDER BY s.id LIMIT 1"
    )
    plant.v5("UPDATE course_subgroups SET monitor_id = %s WHERE id = %s", [monitor, s])
    return {"R-103": GROUP}


def lesson_longer(plant: Plant) -> Planted:
    u, _legacy = line(plant, "u.course_subgroup_id IS NULL AND u.monitor_id IS NOT NULL")
    plant.v5("UPDATE booking_users SET hour_end = '23:59:00' WHERE id = %s", [u])
    return {"R-103": GROUP}


def balance_lost(plant: Plant) -> Planted:
    voucher = plant.one("SELECT MIN(id) FROM vouchers WHERE remaining_balance > 0 AND deleted_at IS NULL")
    plant.v5("UPDATE vouchers SET remaining_balance = 0 WHERE id = %s", [voucher])
    return {"R-105": GROUP}


def use_lost(plant: Plant) -> Planted:
    log = plant.one("SELECT MIN(id) FROM vouchers_log WHERE amount > 0 AND deleted_at IS NULL")
    plant.v5("DELETE FROM vouchers_log WHERE id = %s", [log])
    return {"R-105": GROUP}


def language_and_age(plant: Plant) -> Planted:
    u, _legacy = line(
        plant, "EXISTS (SELECT 1 FROM clients c WHERE c.id = u.client_id AND c.language1_id IS NOT NULL)"
    )
    client = plant.one("SELECT client_id FROM booking_users WHERE id = %s", [u])
    plant.v5("UPDATE clients SET language1_id = NULL, birth_date = '1900-01-01' WHERE id = %s", [client])
    return {"R-106": GROUP}


def debt_forgiven(plant: Plant) -> Planted:
    """A booking that is still to be paid stands as paid; another one costs a franc more."""
    rows = plant.v5(
        "SELECT b.id, m.legacy_id FROM bookings b JOIN legacy_id_mappings m ON m.v5_table = 'bookings' AND m.v5_id = b.id"
        " WHERE b.paid = 0 AND b.status <> 2 AND b.price_total > 0 AND EXISTS (SELECT 1 FROM booking_users u"
        " WHERE u.booking_id = b.id AND u.status = 1 AND u.date >= %s) AND NOT EXISTS (SELECT 1 FROM vouchers_log g"
        " WHERE g.booking_id = b.id) ORDER BY b.id LIMIT 2", [_cutover()]
    )  # fmt: skip
    (first, one), (second, other) = rows
    plant.v5("UPDATE bookings SET paid = 1 WHERE id = %s", [first])
    plant.v5("UPDATE bookings SET price_total = price_total + 1 WHERE id = %s", [second])
    return {"R-107": {("bookings2", one), ("bookings2", other)}}


def _cutover() -> str:
    at = Wave.objects.order_by("id")[0].cutover_at
    assert at is not None
    return f"{at:%Y-%m-%d}"


def first_morning(plant: Plant) -> Planted:
    """On one of the first days a child stands on another level's list, and another one on none."""
    rows = plant.v5(
        "SELECT u.id, m.legacy_id FROM booking_users u JOIN legacy_id_mappings m ON m.v5_table = 'booking_users'"
        " AND m.v5_id = u.id WHERE u.status = 1 AND u.degree_id IS NOT NULL AND u.date >= %s ORDER BY u.date, u.id LIMIT 2",
        [_cutover()],
    )
    (first, one), (second, other) = rows
    degree = plant.one(
        "SELECT MIN(o.id) FROM degrees o, booking_users u JOIN degrees d ON d.id = u.degree_id WHERE u.id = %s"
        " AND o.sport_id = d.sport_id AND o.degree_order <> d.degree_order AND o.school_id = d.school_id",
        [first],
    )
    plant.v5("UPDATE booking_users SET degree_id = %s WHERE id = %s", [degree, first])
    plant.v5("UPDATE booking_users SET status = 2 WHERE id = %s", [second])
    return {"R-108": {("booking_users2", one), ("booking_users2", other)}}


MUTATIONS: tuple[Mutation, ...] = tuple(
    Mutation(plant.__name__.replace("_", " "), plant)
    for plant in (
        states_swapped, created_at_import, another_method, price_lost, made_up_participant, another_person,
        class_not_held, wages_of_another, lesson_longer, balance_lost, use_lost, language_and_age, debt_forgiven,
        first_morning,
    )
)  # fmt: skip

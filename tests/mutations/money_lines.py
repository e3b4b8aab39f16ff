"""Planted defects in booking lines: prices, persons, places, parts of split lines."""

from __future__ import annotations

from collections.abc import Iterable

from tests.mutations import Keys, Mutation, Plant

Planted = dict[str, "Keys | None"]

# Lines `u` with their entry `m`: live, of one row, of a booking that is not flagged.
LINE = """
    SELECT u.id, m.legacy_id, u.booking_id, e.legacy_id FROM legacy_id_mappings m JOIN booking_users u ON u.id = m.v5_id
    JOIN legacy_id_mappings e ON e.entity_type = 'booking' AND e.v5_id = u.booking_id
    WHERE m.entity_type = 'booking_user' AND m.part = '' AND u.status = 1
    AND COALESCE(m.additional_data, '') NOT LIKE '%%warnings%%'
    AND COALESCE(e.additional_data, '') NOT LIKE '%%warnings%%' AND {where} ORDER BY m.legacy_id LIMIT 1"""
IN_CLASS, PRIVATE = "u.course_subgroup_id IS NOT NULL", "u.course_subgroup_id IS NULL"
ALONE = ("NOT EXISTS (SELECT 1 FROM booking_users o WHERE o.client_id = u.client_id AND o.date = u.date"
         " AND o.id <> u.id)")  # fmt: skip


def line(plant: Plant, where: str) -> tuple[int, int, int, int]:
    """(V5 line, legacy line, V5 booking, legacy booking) of the first that fits."""
    v5_id, legacy, booking, legacy_booking = plant.one(LINE.format(where=where))
    return v5_id, legacy, booking, legacy_booking


def key(*lines: int) -> Keys:
    return {("booking_users2", one) for one in lines}


def booked(*bookings: int) -> Keys:
    return {("bookings2", one) for one in bookings}


def origins(plant: Plant, lines: Iterable[int]) -> Keys:
    return {("booking_users2", plant.origin("booking_users", one)) for one in lines}


def another_price(plant: Plant) -> Planted:
    u, legacy, _b, booking = line(plant, "u.price > 0")
    plant.v5("UPDATE booking_users SET price = price + 1 WHERE id = %s", [u])
    return {"R-32a": key(legacy), "R-32b": booked(booking), "R-33": booked(booking), "R-33t": booked(booking)}


def merged_into_one(plant: Plant) -> Planted:
    """Two equal lines of a booking become one; the map points at the one that is left, and the sum of it is right."""
    first, second, lost, booking = plant.one(
        "SELECT u.id, o.id, n.legacy_id, e.legacy_id FROM booking_users u JOIN booking_users o ON o.booking_id = u.booking_id"
        " AND o.price = u.price AND o.id > u.id AND o.status = 1"
        " JOIN legacy_id_mappings n ON n.entity_type = 'booking_user' AND n.v5_id = o.id AND n.part = ''"
        " JOIN legacy_id_mappings m ON m.entity_type = 'booking_user' AND m.v5_id = u.id AND m.part = ''"
        " JOIN legacy_id_mappings e ON e.entity_type = 'booking' AND e.v5_id = u.booking_id"
        " WHERE u.price > 0 AND u.status = 1 ORDER BY u.id, o.id LIMIT 1"
    )
    plant.v5("DELETE FROM booking_users WHERE id = %s", [second])
    plant.v5(
        "UPDATE legacy_id_mappings SET v5_id = %s WHERE entity_type = 'booking_user' AND legacy_id = %s",
        [first, lost],
    )
    return {"R-32b": booked(booking), "R-33": booked(booking)}


def written_again(plant: Plant) -> Planted:
    """A line is inserted a second time by a rerun."""
    u, _line, _b, booking = line(plant, "u.price > 0")
    names = (
        "school_id, booking_id, client_id, price, currency, course_subgroup_id, course_id, course_date_id, degree_id,"
        " course_group_id, monitor_id, date, hour_start, hour_end, attended, status, accepted, group_changed"
    )
    plant.v5(f"INSERT INTO booking_users ({names}) SELECT {names} FROM booking_users WHERE id = %s", [u])
    return {"R-32b": booked(booking), "R-33": booked(booking)}


def currency_by_default(plant: Plant) -> Planted:
    u, legacy, *_ = line(plant, "u.currency = 'CHF'")
    plant.v5("UPDATE booking_users SET currency = 'EUR' WHERE id = %s", [u])
    return {"R-39": key(legacy)}


def line_status_flipped(plant: Plant) -> Planted:
    u, legacy, _b, booking = line(
        plant, "NOT EXISTS (SELECT 1 FROM booking_users o WHERE o.booking_id = u.booking_id AND o.id <> u.id)"
    )
    plant.v5("UPDATE booking_users SET status = 2 WHERE id = %s", [u])
    return {"R-51": key(legacy), "R-51a": booked(booking), "R-50": booked(booking)}


def day_two_in_the_groups_of_day_one(plant: Plant) -> Planted:
    """Copied groups: a participant of the second day stands in the class of the first."""
    first, second, legacy = plant.one(
        "SELECT u.id, o.id, m.legacy_id FROM legacy_id_mappings m JOIN booking_users u ON u.id = m.v5_id"
        " JOIN legacy_id_mappings n ON n.entity_type = 'booking_user' AND n.legacy_id = m.legacy_id AND n.part > m.part"
        " JOIN booking_users o ON o.id = n.v5_id WHERE m.entity_type = 'booking_user' AND u.status = 1"
        " AND NOT EXISTS (SELECT 1 FROM booking_users x WHERE x.client_id = u.client_id AND x.course_date_id ="
        " u.course_date_id AND x.id <> u.id) ORDER BY m.legacy_id, o.id LIMIT 1"
    )
    for name in ("course_date_id", "course_subgroup_id", "course_group_id", "date"):
        value = plant.one(f"SELECT {name} FROM booking_users WHERE id = %s", [first])
        plant.v5(f"UPDATE booking_users SET {name} = %s WHERE id = %s", [value, second])
    return {"R-5M": key(legacy), "R-59": key(legacy)}


def part_missing(plant: Plant) -> Planted:
    entry, v5_id, legacy = plant.one(
        "SELECT n.id, n.v5_id, n.legacy_id FROM legacy_id_mappings n JOIN legacy_id_mappings m ON m.legacy_id = n.legacy_id"
        " AND m.entity_type = 'booking_user' AND m.part < n.part WHERE n.entity_type = 'booking_user'"
        " ORDER BY n.legacy_id, n.part DESC LIMIT 1"
    )
    plant.v5("DELETE FROM booking_users WHERE id = %s", [v5_id])
    plant.v5("DELETE FROM legacy_id_mappings WHERE id = %s", [entry])
    return {"R-15": key(legacy), "R-5M": key(legacy)}


def dependant_collapsed_into_the_payer(plant: Plant) -> Planted:
    """A dependant and the payer are on one course date: both lines become the payer's."""
    own, other, booking = plant.one(
        "SELECT u.id, o.id, e.legacy_id FROM bookings b JOIN booking_users u ON u.booking_id = b.id"
        " AND u.client_id = b.client_main_id JOIN booking_users o ON o.booking_id = b.id AND o.client_id <> u.client_id"
        " AND o.course_date_id = u.course_date_id JOIN legacy_id_mappings e ON e.entity_type = 'booking' AND e.v5_id = b.id"
        " WHERE u.status = 1 AND o.status = 1 AND (SELECT COUNT(*) FROM booking_users x WHERE x.booking_id = b.id) = 2"
        " AND NOT EXISTS (SELECT 1 FROM booking_users x WHERE x.client_id = u.client_id"
        " AND x.course_date_id = u.course_date_id AND x.id <> u.id) ORDER BY b.id LIMIT 1"
    )
    plant.v5("UPDATE booking_users SET client_id = (SELECT c FROM (SELECT client_id AS c FROM booking_users WHERE id = %s) k)"
             " WHERE id = %s", [own, other])  # fmt: skip
    return {"R-50c": booked(booking), "R-5M": origins(plant, [other]), "R-59": origins(plant, [own, other])}


def monitor_by_legacy_id(plant: Plant) -> Planted:
    u, legacy, *_ = line(plant, f"u.monitor_id IS NOT NULL AND {IN_CLASS}")
    monitor = plant.one("SELECT monitor_id FROM booking_users WHERE id = %s", [u])
    user = plant.origin("monitors", monitor)
    assert user != monitor, "the demo has other ids on both sides"
    plant.v5("UPDATE booking_users SET monitor_id = %s WHERE id = %s", [user, u])
    return {"R-5M": key(legacy), "R-58": key(legacy)}


def monitor_of_a_private_lesson(plant: Plant) -> Planted:
    u, legacy, *_ = line(plant, f"u.monitor_id IS NOT NULL AND {PRIVATE}")
    plant.v5("UPDATE booking_users SET monitor_id = NULL WHERE id = %s", [u])
    return {"R-5M": key(legacy)}


def private_lesson_in_a_class_course(plant: Plant) -> Planted:
    u, legacy, *_ = line(plant, PRIVATE)
    other = plant.one(
        "SELECT c.id FROM courses c JOIN booking_users u ON u.school_id = c.school_id WHERE u.id = %s AND c.course_type = 1"
        " ORDER BY c.id LIMIT 1",
        [u],
    )
    plant.v5("UPDATE booking_users SET course_id = %s WHERE id = %s", [other, u])
    return {"R-56": key(legacy), "R-5M": key(legacy)}


def another_level(plant: Plant) -> Planted:
    u, legacy, *_ = line(plant, f"u.degree_id IS NOT NULL AND {IN_CLASS}")
    other = plant.one(
        "SELECT o.id FROM booking_users u JOIN degrees d ON d.id = u.degree_id JOIN degrees o ON o.school_id = d.school_id"
        " AND o.sport_id = d.sport_id AND o.degree_order <> d.degree_order WHERE u.id = %s ORDER BY o.id LIMIT 1",
        [u],
    )
    plant.v5("UPDATE booking_users SET degree_id = %s WHERE id = %s", [other, u])
    return {"R-5M": key(legacy)}


def an_hour_later(plant: Plant) -> Planted:
    u, legacy, *_ = line(plant, f"{PRIVATE} AND {ALONE} AND u.hour_start = '10:30:00'")
    plant.v5("UPDATE booking_users SET hour_start = '11:30:00' WHERE id = %s", [u])
    return {"R-5M": key(legacy)}


def line_of_another_booking(plant: Plant) -> Planted:
    u, legacy, b, _booking = line(plant, "u.price > 0")
    other = plant.one(
        "SELECT o.id FROM bookings o JOIN bookings b ON b.school_id = o.school_id WHERE b.id = %s AND o.id <> b.id"
        " ORDER BY o.id LIMIT 1",
        [b],
    )
    plant.v5("UPDATE booking_users SET booking_id = %s WHERE id = %s", [other, u])
    return {"R-5M": key(legacy)}


def participant_of_another_school(plant: Plant) -> Planted:
    u, legacy, *_ = line(plant, IN_CLASS)
    stranger = plant.one(
        "SELECT c.id FROM clients c WHERE NOT EXISTS (SELECT 1 FROM clients_schools k JOIN booking_users u"
        " ON u.school_id = k.school_id WHERE k.client_id = c.id AND u.id = %s) ORDER BY c.id LIMIT 1",
        [u],
    )
    plant.v5("UPDATE booking_users SET client_id = %s WHERE id = %s", [stranger, u])
    return {"R-53": key(legacy), "R-55": key(legacy), "R-5M": key(legacy)}


def line_of_another_school(plant: Plant) -> Planted:
    u, legacy, *_ = line(plant, IN_CLASS)
    other = plant.one(
        "SELECT s.id FROM schools s JOIN booking_users u ON u.school_id <> s.id WHERE u.id = %s ORDER BY s.id LIMIT 1",
        [u],
    )
    plant.v5("UPDATE booking_users SET school_id = %s WHERE id = %s", [other, u])
    return {"R-54": key(legacy), "R-5M": key(legacy)}


def dependants_lost(plant: Plant) -> Planted:
    link, main, client = plant.one(
        "SELECT k.id, k.main_id, k.client_id FROM clients_utilizers k JOIN bookings b ON b.client_main_id = k.main_id"
        " JOIN booking_users u ON u.booking_id = b.id AND u.client_id = k.client_id ORDER BY k.id LIMIT 1"
    )
    rows = plant.v5(
        "SELECT u.id FROM booking_users u JOIN bookings b ON b.id = u.booking_id WHERE b.client_main_id = %s"
        " AND u.client_id = %s",
        [main, client],
    )
    plant.v5("DELETE FROM clients_utilizers WHERE id = %s", [link])
    return {"R-55": origins(plant, [row[0] for row in rows])}


def line_on_another_day(plant: Plant) -> Planted:
    u, legacy, *_ = line(plant, f"{IN_CLASS} AND {ALONE}")
    plant.v5("UPDATE booking_users SET date = '2019-01-05' WHERE id = %s", [u])
    return {"R-56": key(legacy)}


def class_deleted_below_its_participants(plant: Plant) -> Planted:
    u, *_ = line(plant, IN_CLASS)
    subgroup = plant.one("SELECT course_subgroup_id FROM booking_users WHERE id = %s", [u])
    rows = plant.v5("SELECT id FROM booking_users WHERE course_subgroup_id = %s AND status = 1", [subgroup])
    plant.v5("UPDATE course_subgroups SET deleted_at = '2025-01-01 10:00:00' WHERE id = %s", [subgroup])
    return {"R-57": origins(plant, [row[0] for row in rows])}


def in_two_places(plant: Plant) -> Planted:
    """A lesson of another day is moved onto the hours of a client's class."""
    first, second = plant.one(
        "SELECT u.id, o.id FROM booking_users u JOIN booking_users o ON o.client_id = u.client_id AND o.status = 1"
        " AND o.id <> u.id AND o.course_date_id <> u.course_date_id AND o.date <> u.date"
        " WHERE u.status = 1 AND (SELECT COUNT(*) FROM booking_users x WHERE x.client_id = u.client_id"
        " AND x.date = u.date) = 1 AND EXISTS (SELECT 1 FROM legacy_id_mappings c WHERE c.v5_table = 'clients'"
        " AND c.v5_id = u.client_id AND c.legacy_id > 0) ORDER BY u.id, o.id LIMIT 1"
    )
    for name in ("date", "hour_start", "hour_end"):
        value = plant.one(f"SELECT {name} FROM booking_users WHERE id = %s", [first])
        plant.v5(f"UPDATE booking_users SET {name} = %s WHERE id = %s", [value, second])
    return {"R-59b": origins(plant, [first, second]), "R-56": origins(plant, [second])}


MUTATIONS = tuple(
    Mutation(plant.__name__.replace("_", " "), plant)
    for plant in (
        another_price, merged_into_one, written_again, currency_by_default, line_status_flipped,
        day_two_in_the_groups_of_day_one, part_missing, dependant_collapsed_into_the_payer, monitor_by_legacy_id,
        monitor_of_a_private_lesson, private_lesson_in_a_class_course, another_level, an_hour_later,
        line_of_another_booking, participant_of_another_school, line_of_another_school, dependants_lost,
        line_on_another_day, class_deleted_below_its_participants, in_two_places,
    )
)  # fmt: skip

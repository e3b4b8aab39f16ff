"""Planted defects in courses, dates, groups and classes, in their prices and in who teaches them."""

from __future__ import annotations

import json

from tests.mutations import Keys, Mutation, Plant

Planted = dict[str, "Keys | None"]

COURSE = """
    SELECT c.id, m.legacy_id FROM courses c JOIN legacy_id_mappings m ON m.v5_table = 'courses' AND m.v5_id = c.id
    WHERE m.entity_type = %s AND m.disposition = 'migrated' AND c.deleted_at IS NULL
    AND COALESCE(m.additional_data, '') NOT LIKE '%%warnings%%' AND {where} ORDER BY c.id LIMIT 1"""
CLASS = """
    SELECT s.id, m.legacy_id FROM course_subgroups s JOIN legacy_id_mappings m ON m.entity_type = 'course_subgroup'
    AND m.v5_id = s.id JOIN course_groups g ON g.id = s.course_group_id JOIN courses c ON c.id = s.course_id
    JOIN course_dates d ON d.id = s.course_date_id
    WHERE s.deleted_at IS NULL AND g.deleted_at IS NULL AND d.deleted_at IS NULL AND c.deleted_at IS NULL AND {where}
    ORDER BY s.id LIMIT 1"""
PRIVATE, GROUPED = "c.settings LIKE '%%weekDays%%'", "1 = 1"
DAY = """
    SELECT d.id, m.legacy_id, d.course_id FROM course_dates d JOIN legacy_id_mappings m
    ON m.v5_table = 'course_dates' AND m.v5_id = d.id WHERE m.entity_type = 'course_day' AND m.reason = 'PRIVATE_DAY'
    AND m.legacy_id > 0 AND NOT EXISTS (SELECT 1 FROM booking_users u WHERE u.course_date_id = d.id)
    AND d.date > (SELECT MIN(o.date) FROM course_dates o WHERE o.course_id = d.course_id)
    ORDER BY d.id LIMIT 1"""


def course(plant: Plant, entity: str, where: str = "1 = 1") -> tuple[int, int]:
    """(V5 course, legacy course or umbrella) of the first that fits."""
    v5_id, legacy = plant.one(COURSE.format(where=where), [entity])
    return v5_id, legacy


def taught(plant: Plant, where: str = "1 = 1") -> tuple[int, int]:
    """(V5 class, legacy class) of the first live one that fits."""
    v5_id, legacy = plant.one(CLASS.format(where=where))
    return v5_id, legacy


def courses(*keys: int) -> Keys:
    return {("courses2", one) for one in keys}


def classes(*keys: int) -> Keys:
    return {("course_groups_subgroups2", one) for one in keys}


def lost_with_its_entry(plant: Plant) -> Planted:
    """A course without dates or lines is dropped together with its ledger row."""
    v5_id, legacy = course(plant, "course", PRIVATE)
    plant.v5("DELETE FROM legacy_id_mappings WHERE v5_table = 'courses' AND v5_id = %s", [v5_id])
    return {"R-12": courses(legacy)}


def half_written_group(plant: Plant) -> Planted:
    """A second course for the members of one group."""
    legacy, name = plant.one(
        "SELECT MAX(legacy_id), COUNT(*) FROM legacy_id_mappings WHERE entity_type = 'course'"
        " AND disposition = 'merged' AND v5_id IS NOT NULL GROUP BY v5_id HAVING COUNT(*) > 1 ORDER BY v5_id LIMIT 1"
    )
    assert name
    other, _legacy = course(plant, "course", PRIVATE)
    plant.v5(
        "UPDATE legacy_id_mappings SET v5_id = %s WHERE entity_type = 'course' AND legacy_id = %s",
        [other, legacy],
    )
    return {"R-12": courses(legacy)}


def day_missing(plant: Plant) -> Planted:
    """One day of a private course, with its ledger row."""
    v5_id, legacy, _course = plant.one(DAY)
    plant.v5("DELETE FROM course_dates WHERE id = %s", [v5_id])
    plant.v5("DELETE FROM legacy_id_mappings WHERE v5_table = 'course_dates' AND v5_id = %s", [v5_id])
    return {"R-14": courses(legacy)}


def day_elsewhere(plant: Plant) -> Planted:
    v5_id, legacy, _course = plant.one(DAY)
    plant.v5("UPDATE course_dates SET date = '2031-05-05' WHERE id = %s", [v5_id])
    return {"R-14": courses(legacy), "R-61": courses(legacy)}


def weekdays_contradict(plant: Plant) -> Planted:
    """The settings say that no day can be booked, the dates say otherwise."""
    v5_id, legacy = course(plant, "course", PRIVATE)
    week = dict.fromkeys(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), False
    )
    plant.v5("UPDATE courses SET settings = %s WHERE id = %s", [json.dumps({"weekDays": week}), v5_id])
    return {"R-69b": courses(legacy)}


def day_closed(plant: Plant) -> Planted:
    v5_id, legacy, _course = plant.one(DAY)
    plant.v5("UPDATE course_dates SET active = 1 - active WHERE id = %s", [v5_id])
    return {"R-69b": courses(legacy)}


def another_period(plant: Plant) -> Planted:
    v5_id, legacy = course(
        plant, "course_global", "EXISTS (SELECT 1 FROM course_dates d WHERE d.course_id = c.id)"
    )
    plant.v5("UPDATE courses SET date_end = '2031-01-01' WHERE id = %s", [v5_id])
    return {"R-61": {("course_globals", legacy)}}


def date_twice(plant: Plant) -> Planted:
    """Two dates of one course at one hour."""
    first, second, legacy = plant.one(
        "SELECT d.id, o.id, m.legacy_id FROM course_dates d JOIN course_dates o ON o.course_id = d.course_id AND o.id > d.id"
        " JOIN legacy_id_mappings m ON m.v5_table = 'courses' AND m.v5_id = d.course_id AND m.entity_type = 'course_global'"
        " JOIN course_dates n ON n.course_id = d.course_id AND n.date > o.date AND n.deleted_at IS NULL"
        " WHERE o.date > d.date AND d.deleted_at IS NULL AND o.deleted_at IS NULL AND m.disposition = 'migrated'"
        " ORDER BY d.id, o.id LIMIT 1"
    )
    day, hour = plant.one("SELECT date, hour_start FROM course_dates WHERE id = %s", [first])
    plant.v5("UPDATE course_dates SET date = %s, hour_start = %s WHERE id = %s", [day, hour, second])
    return {"R-61": {("course_globals", legacy)}}


def shorter(plant: Plant) -> Planted:
    """A date and a private lesson that end a minute early."""
    date, legacy = plant.one(
        "SELECT d.id, m.legacy_id FROM course_dates d JOIN legacy_id_mappings m ON m.v5_table = 'course_dates'"
        " AND m.v5_id = d.id WHERE m.entity_type = 'course_date' AND m.disposition = 'migrated'"
        " AND COALESCE(m.additional_data, '') NOT LIKE '%%DURATION%%' ORDER BY d.id LIMIT 1"
    )
    line, private = plant.one(
        "SELECT u.id, m.legacy_id FROM booking_users u JOIN legacy_id_mappings m ON m.v5_table = 'booking_users'"
        " AND m.v5_id = u.id WHERE u.course_subgroup_id IS NULL ORDER BY u.id LIMIT 1"
    )
    plant.v5("UPDATE course_dates SET hour_end = '23:59:00' WHERE id = %s", [date])
    plant.v5("UPDATE booking_users SET hour_end = '23:58:00' WHERE id = %s", [line])
    return {"R-62": {("course_dates2", legacy), ("booking_users2", private)}}


def ends_before_it_begins(plant: Plant) -> Planted:
    v5_id, legacy, _course = plant.one(DAY)
    plant.v5("UPDATE course_dates SET hour_end = '00:00:00' WHERE id = %s", [v5_id])
    return {"R-62": courses(legacy)}


def class_on_another_date(plant: Plant) -> Planted:
    s, legacy = taught(plant, "s.monitor_id IS NOT NULL")
    other = plant.one("SELECT MAX(id) FROM course_dates")
    plant.v5("UPDATE course_subgroups SET course_date_id = %s WHERE id = %s", [other, s])
    return {"R-60": classes(legacy), "R-64b": classes(legacy)}


def date_of_another_course(plant: Plant) -> Planted:
    s, legacy = taught(plant)
    group, v5_group = plant.one(
        "SELECT m.legacy_id, g.id FROM course_subgroups s JOIN course_groups g ON g.id = s.course_group_id"
        " JOIN legacy_id_mappings m ON m.entity_type = 'course_group' AND m.v5_id = g.id WHERE s.id = %s", [s]
    )  # fmt: skip
    others = plant.v5(
        "SELECT m.legacy_id FROM course_subgroups s JOIN legacy_id_mappings m ON m.entity_type = 'course_subgroup'"
        " AND m.v5_id = s.id WHERE s.course_group_id = %s", [v5_group]
    )  # fmt: skip
    other = plant.one("SELECT MAX(id) FROM course_dates")
    plant.v5("UPDATE course_groups SET course_date_id = %s WHERE id = %s", [other, v5_group])
    return {"R-60": {("course_groups2", group), *classes(*(row[0] for row in others))}}


def level_of_another_order(plant: Plant) -> Planted:
    """A group and its classes on another level of the same school and sport."""
    s, _legacy = taught(plant)
    degree, group, v5_group, other = plant.one(
        "SELECT g.degree_id, m.legacy_id, g.id, o.id FROM course_subgroups s JOIN course_groups g"
        " ON g.id = s.course_group_id JOIN degrees d ON d.id = g.degree_id JOIN degrees o ON o.school_id = d.school_id"
        " AND o.sport_id = d.sport_id AND o.degree_order <> d.degree_order JOIN legacy_id_mappings m"
        " ON m.entity_type = 'course_group' AND m.v5_id = g.id WHERE s.id = %s ORDER BY o.id LIMIT 1", [s]
    )  # fmt: skip
    assert degree
    others = plant.v5(
        "SELECT m.legacy_id FROM course_subgroups s JOIN legacy_id_mappings m ON m.entity_type = 'course_subgroup'"
        " AND m.v5_id = s.id WHERE s.course_group_id = %s", [v5_group]
    )  # fmt: skip
    plant.v5("UPDATE course_groups SET degree_id = %s WHERE id = %s", [other, v5_group])
    return {"R-60": classes(*(row[0] for row in others)), "R-63b": {("course_groups2", group)}}


def level_of_another_school(plant: Plant) -> Planted:
    s, legacy = taught(plant)
    other = plant.one(
        "SELECT d.id FROM degrees d, course_subgroups s JOIN courses c ON c.id = s.course_id WHERE s.id = %s"
        " AND d.school_id IS NOT NULL AND d.school_id <> c.school_id ORDER BY d.id LIMIT 1", [s]
    )  # fmt: skip
    plant.v5("UPDATE course_subgroups SET degree_id = %s WHERE id = %s", [other, s])
    return {"R-63": classes(legacy), "R-60": classes(legacy)}


def monitor_of_another_school(plant: Plant) -> Planted:
    """A number from elsewhere stays in the class: somebody whom the school does not know."""
    s, legacy = taught(plant, "s.monitor_id IS NOT NULL")
    stranger = plant.one(
        "SELECT m.id FROM monitors m, course_subgroups s JOIN courses c ON c.id = s.course_id WHERE s.id = %s AND NOT EXISTS"
        " (SELECT 1 FROM monitors_schools k WHERE k.monitor_id = m.id AND k.school_id = c.school_id) ORDER BY m.id LIMIT 1",
        [s],
    )
    plant.v5("UPDATE course_subgroups SET monitor_id = %s WHERE id = %s", [stranger, s])
    return {"R-64": classes(legacy), "R-64b": classes(legacy)}


def replacement_ignored(plant: Plant) -> Planted:
    """The day's replacement is overwritten by the class's own monitor."""
    for subgroup, own, other in plant.legacy(
        "SELECT s.id, s.monitor_id, r.monitor_id FROM subgroups_monitor_dates r JOIN course_groups_subgroups2 s"
        " ON s.id = r.subgroup_id WHERE s.monitor_id IS NOT NULL AND r.monitor_id <> s.monitor_id ORDER BY r.id"
    ):
        rows = plant.v5(
            "SELECT s.id, o.v5_id FROM legacy_id_mappings m JOIN course_subgroups s ON s.id = m.v5_id JOIN legacy_id_mappings r"
            " ON r.entity_type = 'monitor' AND r.v5_id = s.monitor_id JOIN legacy_id_mappings o ON o.entity_type = 'monitor'"
            " WHERE m.entity_type = 'course_subgroup' AND m.legacy_id = %s AND r.legacy_id = %s AND o.legacy_id = %s",
            [subgroup, other, own],
        )
        if rows:
            plant.v5("UPDATE course_subgroups SET monitor_id = %s WHERE id = %s", [rows[0][1], rows[0][0]])
            return {"R-64b": classes(subgroup)}
    raise AssertionError("the demo has no replacement of a class")


def class_cloned(plant: Plant) -> Planted:
    """Two V5 classes and two map rows for one legacy class (the PHP copied the groups of the first day)."""
    s, legacy = taught(plant)
    names = "course_id, course_date_id, degree_id, course_group_id, monitor_id, max_participants"
    plant.v5(
        f"INSERT INTO course_subgroups ({names}) SELECT {names} FROM course_subgroups WHERE id = %s", [s]
    )
    copy = plant.one("SELECT MAX(id) FROM course_subgroups")
    same = ("entity_type, legacy_table, legacy_id, v5_table, disposition, reason, school_id, source_hash, target_hash,"
            " run_id, batch_id")  # fmt: skip
    plant.v5(
        f"INSERT INTO legacy_id_mappings ({same}, part, v5_id) SELECT {same}, 'copy', %s FROM legacy_id_mappings"
        " WHERE entity_type = 'course_subgroup' AND v5_id = %s", [copy, s]
    )  # fmt: skip
    return {"R-64b": classes(legacy)}


def sport_lost(plant: Plant) -> Planted:
    """A monitor who was fit for a class loses all sports."""
    s, _legacy = taught(
        plant, "EXISTS (SELECT 1 FROM monitor_sports_degrees k LEFT JOIN degrees e ON e.id = k.degree_id"
        " LEFT JOIN degrees l ON l.id = g.teacher_min_degree WHERE k.monitor_id = s.monitor_id AND k.sport_id = c.sport_id"
        " AND k.deleted_at IS NULL AND k.school_id = c.school_id"
        " AND (g.teacher_min_degree IS NULL OR e.degree_order >= l.degree_order))"
    )  # fmt: skip
    monitor = plant.one("SELECT monitor_id FROM course_subgroups WHERE id = %s", [s])
    plant.v5(
        "UPDATE monitor_sports_degrees SET deleted_at = '2026-01-01 00:00:00' WHERE monitor_id = %s",
        [monitor],
    )
    return {"R-64c": None}


def absent_while_teaching(plant: Plant) -> Planted:
    """Absence days at wrong offsets: one lies on a day with a class."""
    s, legacy = taught(
        plant, "s.monitor_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM course_subgroups o JOIN course_dates e"
        " ON e.id = o.course_date_id WHERE o.monitor_id = s.monitor_id AND e.date = d.date AND o.id <> s.id)"
        " AND NOT EXISTS (SELECT 1 FROM booking_users u WHERE u.monitor_id = s.monitor_id AND u.date = d.date"
        " AND u.course_subgroup_id IS NULL)"
        " AND NOT EXISTS (SELECT 1 FROM monitor_nwd n WHERE n.monitor_id = s.monitor_id AND n.start_date = d.date)"
    )  # fmt: skip
    monitor, day = plant.one(
        "SELECT s.monitor_id, d.date FROM course_subgroups s JOIN course_dates d ON d.id = s.course_date_id WHERE s.id = %s",
        [s],
    )
    plant.v5(
        "INSERT INTO monitor_nwd (monitor_id, start_date, end_date, full_day) VALUES (%s, %s, %s, 1)",
        [monitor, day, day],
    )
    return {"R-65": classes(legacy)}


def two_classes_at_once(plant: Plant) -> Planted:
    one, other = plant.one(
        "SELECT s.id, o.id FROM course_subgroups s JOIN course_subgroups o ON o.course_date_id = s.course_date_id"
        " AND o.id > s.id AND COALESCE(o.monitor_id, 0) <> s.monitor_id JOIN course_dates d ON d.id = s.course_date_id"
        " JOIN course_groups g ON g.id = s.course_group_id JOIN course_groups h ON h.id = o.course_group_id"
        " JOIN courses c ON c.id = s.course_id WHERE s.deleted_at IS NULL AND o.deleted_at IS NULL"
        " AND d.deleted_at IS NULL AND g.deleted_at IS NULL AND h.deleted_at IS NULL AND c.deleted_at IS NULL"
        " ORDER BY s.id, o.id LIMIT 1"
    )
    monitor = plant.one("SELECT monitor_id FROM course_subgroups WHERE id = %s", [one])
    plant.v5("UPDATE course_subgroups SET monitor_id = %s WHERE id = %s", [monitor, other])
    return {"R-65": None, "R-64b": classes(plant.origin("course_subgroups", other))}


def no_room(plant: Plant) -> Planted:
    s, legacy = taught(
        plant,
        "EXISTS (SELECT 1 FROM booking_users u WHERE u.course_subgroup_id = s.id AND u.status = 1) AND s.max_participants > 0",
    )
    _s, group = plant.one(
        "SELECT g.id, m.legacy_id FROM course_groups g JOIN legacy_id_mappings m ON m.entity_type = 'course_group'"
        " AND m.v5_id = g.id JOIN course_subgroups s ON s.course_group_id = g.id AND s.deleted_at IS NULL"
        " WHERE g.deleted_at IS NULL AND g.teachers_max > 0 ORDER BY g.id LIMIT 1"
    )
    plant.v5("UPDATE course_subgroups SET max_participants = 0 WHERE id = %s", [s])
    plant.v5("UPDATE course_groups SET teachers_max = 0 WHERE id = %s", [_s])
    return {"R-66": {*classes(legacy), ("course_groups2", group)}}


def grid_lost(plant: Plant) -> Planted:
    v5_id, legacy = course(plant, "course", "c.price_range IS NOT NULL")
    plant.v5("UPDATE courses SET price_range = NULL WHERE id = %s", [v5_id])
    return {"R-69": courses(legacy)}


def discount_copied(plant: Plant) -> Planted:
    """The share on the whole of N days stands for the N-th day."""
    v5_id, legacy = course(plant, "course_global", "c.discounts IS NOT NULL AND c.price > 0")
    days = json.loads(plant.one("SELECT discounts FROM courses WHERE id = %s", [v5_id]))
    copied = [{"day": one["day"], "reduccion": 10} for one in days]
    plant.v5("UPDATE courses SET discounts = %s WHERE id = %s", [json.dumps(copied), v5_id])
    return {"R-69": {("course_globals", legacy)}}


def price_of_the_member(plant: Plant) -> Planted:
    v5_id, legacy = course(plant, "course_global", "c.price > 0")
    plant.v5(
        "UPDATE courses SET price = price + 5, is_flexible = 1 - is_flexible, discounts = NULL WHERE id = %s",
        [v5_id],
    )
    return {"R-69": {("course_globals", legacy)}}


MUTATIONS: tuple[Mutation, ...] = tuple(
    Mutation(plant.__name__.replace("_", " "), plant)
    for plant in (
        lost_with_its_entry, half_written_group, day_missing, day_elsewhere, weekdays_contradict, day_closed,
        another_period, date_twice, shorter, ends_before_it_begins, class_on_another_date, date_of_another_course,
        level_of_another_order, level_of_another_school, monitor_of_another_school, replacement_ignored, class_cloned,
        sport_lost, absent_while_teaching, two_classes_at_once, no_room, grid_lost, discount_copied,
        price_of_the_member,
    )
)  # fmt: skip

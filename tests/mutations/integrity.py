"""Planted defects: broken documents, references, letters, moments, secrets, schools."""

from __future__ import annotations

from collections.abc import Mapping

from tests.mutations import Keys, Mutation, Plant


def first(plant: Plant, entity: str, also: str = "") -> tuple[int, int, str]:
    """(V5 id, legacy id, legacy table) of a record of a kind that was moved whole."""
    return plant.one(
        "SELECT m.v5_id, m.legacy_id, m.legacy_table FROM legacy_id_mappings m WHERE m.entity_type = %s"
        f" AND m.disposition = 'migrated' {also} ORDER BY m.id LIMIT 1",
        [entity],
    )


def encoded_twice(plant: Plant) -> Mapping[str, Keys | None]:
    v5_id, legacy, table = first(plant, "school")
    plant.v5("UPDATE schools SET settings = %s WHERE id = %s", ['"{\\"theme\\": 1}"', v5_id])
    return {"R-71": {(table, legacy)}}


def children_left(plant: Plant) -> Mapping[str, Keys | None]:
    """A rollback that removed a subgroup and left its lines."""
    subgroup = plant.one(
        "SELECT MIN(course_subgroup_id) FROM booking_users WHERE course_subgroup_id IS NOT NULL"
    )
    lines = plant.v5("SELECT id FROM booking_users WHERE course_subgroup_id = %s", [subgroup])
    plant.v5("DELETE FROM course_subgroups WHERE id = %s", [subgroup])
    return {"R-72": {("booking_users2", plant.origin("booking_users", v5_id)) for (v5_id,) in lines}}


def letters_lost(plant: Plant) -> Mapping[str, Keys | None]:
    v5_id, legacy, table = first(plant, "client")
    plant.v5("UPDATE clients SET last_name = %s WHERE id = %s", ["????", v5_id])
    return {"R-73": {(table, legacy)}}


def made_today(plant: Plant) -> Mapping[str, Keys | None]:
    v5_id, legacy, table = first(plant, "booking")
    plant.v5("UPDATE bookings SET created_at = %s WHERE id = %s", ["2026-01-20 12:00:00", v5_id])
    return {"R-74": {(table, legacy)}}


def revived(plant: Plant) -> Mapping[str, Keys | None]:
    v5_id, legacy, table = first(
        plant, "client", "AND m.v5_id IN (SELECT id FROM clients WHERE deleted_at IS NOT NULL)"
    )
    plant.v5("UPDATE clients SET deleted_at = NULL WHERE id = %s", [v5_id])
    return {"R-75": {(table, legacy)}}


def impossible(plant: Plant) -> Mapping[str, Keys | None]:
    v5_id, legacy, table = first(plant, "booking")
    plant.v5("UPDATE bookings SET price_total = -5 WHERE id = %s", [v5_id])
    return {"R-76": {(table, legacy)}}


def secret_kept(plant: Plant) -> Mapping[str, Keys | None]:
    v5_id, legacy, table = first(plant, "course")
    plant.v5("UPDATE courses SET settings = %s WHERE id = %s", ['{"password": "$2y$10$abc"}', v5_id])
    entry = plant.one("SELECT MIN(id) FROM legacy_id_mappings")
    plant.v5(
        "UPDATE legacy_id_mappings SET additional_data = %s WHERE id = %s",
        ['{"n": "4539 5787 6362 1486"}', entry],
    )
    return {"R-77": {(table, legacy), ("legacy_id_mappings", entry)}}


def picture_as_text(plant: Plant) -> Mapping[str, Keys | None]:
    v5_id, legacy, table = first(plant, "client")
    plant.v5("UPDATE clients SET image = %s WHERE id = %s", ["data:image/png;base64,iVBORw0", v5_id])
    return {"R-79": {(table, legacy)}}


def source_school_kept(plant: Plant) -> Mapping[str, Keys | None]:
    """A payment that keeps the id that its school had in legacy."""
    payment, legacy, school = plant.one(
        "SELECT p.id, m.legacy_id, p.school_id FROM payments p JOIN legacy_id_mappings m ON m.v5_table = 'payments'"
        " AND m.v5_id = p.id ORDER BY p.id LIMIT 1"
    )
    plant.v5(
        "UPDATE payments SET school_id = (SELECT MIN(id) FROM schools WHERE id <> %s) WHERE id = %s",
        [school, payment],
    )
    return {"R-80": {("bookings2", legacy)}}


def raw_salary_level(plant: Plant) -> Mapping[str, Keys | None]:
    v5_id, legacy, school = plant.one(
        "SELECT d.id, m.legacy_id, s.school_id FROM monitor_sports_degrees d JOIN school_salary_levels s"
        " ON s.id = d.salary_level JOIN legacy_id_mappings m ON m.v5_table = 'monitor_sports_degrees' AND m.v5_id = d.id"
        " ORDER BY d.id LIMIT 1"
    )
    plant.v5(
        "UPDATE monitor_sports_degrees SET salary_level = (SELECT MIN(id) FROM school_salary_levels WHERE school_id <> %s)"
        " WHERE id = %s",
        [school, v5_id],
    )
    return {"R-80": {("user_sports", legacy)}}


def season_of_another_school(plant: Plant) -> Mapping[str, Keys | None]:
    v5_id, school = plant.one(
        "SELECT id, school_id FROM v5_bookings WHERE season_id IS NOT NULL ORDER BY id LIMIT 1"
    )
    plant.v5(
        "UPDATE v5_bookings SET season_id = (SELECT MIN(id) FROM seasons WHERE school_id <> %s) WHERE id = %s",
        [school, v5_id],
    )
    return {"R-80": {("bookings2", plant.origin("v5_bookings", v5_id))}}


MUTATIONS = (
    Mutation("settings encoded twice", encoded_twice),
    Mutation("rollback leaves children", children_left),
    Mutation("name replaced by question marks", letters_lost),
    Mutation("created_at = import time", made_today),
    Mutation("deleted client revived", revived),
    Mutation("negative price", impossible),
    Mutation("secrets in documents", secret_kept),
    Mutation("picture left in the database", picture_as_text),
    Mutation("payment keeps the source's school id", source_school_kept),
    Mutation("salary level id raw", raw_salary_level),
    Mutation("season of another school", season_of_another_school),
)

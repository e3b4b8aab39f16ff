"""Planted defects of people, access, reference data, seasons and counts."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping

from tests.mutations import Keys, Mutation, Plant, counts

OF = (
    "SELECT legacy_id, v5_id FROM legacy_id_mappings WHERE entity_type = %s AND v5_table = %s AND disposition = 'migrated'"
    " AND legacy_id > 0"
)
HASH = "$2y$10$" + "a" * 53
AT_IMPORT = "2026-01-15 03:00:00"


def user(plant: Plant, kind: str, more: str = "1 = 1") -> tuple[int, int]:
    """(legacy id, V5 id) of an account of a kind that one legacy person has for himself."""
    found = plant.one(
        "SELECT m.legacy_id, u.id FROM users u JOIN legacy_id_mappings m ON m.v5_id = u.id AND m.v5_table = 'users'"
        f" AND m.entity_type = 'user' WHERE u.type = %s AND u.deleted_at IS NULL AND {more} AND NOT EXISTS (SELECT 1 FROM"
        " legacy_id_mappings o WHERE o.entity_type = 'user' AND o.v5_id = u.id AND o.id <> m.id) ORDER BY u.id LIMIT 1",
        [kind],
    )
    return int(found[0]), int(found[1])


def same_address(plant: Plant) -> Mapping[str, Keys | None]:
    (first, one), (second, other) = (user(plant, kind, "u.email IS NOT NULL") for kind in ("admin", "client"))
    plant.v5(
        "UPDATE users SET email = (SELECT email FROM (SELECT email FROM users WHERE id = %s) x) WHERE id = %s",
        [one, other],
    )
    return {"R-20": {("users", first), ("users", second)}}


def blank_address(plant: Plant) -> Mapping[str, Keys | None]:
    legacy_id, v5_id = plant.one(OF + " ORDER BY id LIMIT 1", ["client", "clients"])
    plant.v5("UPDATE clients SET email = '' WHERE id = %s", [v5_id])
    return {"R-21": {("users", legacy_id)}}


def password_changed(plant: Plant) -> Mapping[str, Keys | None]:
    legacy_id, v5_id = user(plant, "client")
    plant.v5("UPDATE users SET password = %s WHERE id = %s", [HASH, v5_id])
    return {"R-22": {("users", legacy_id)}}


def reader_becomes_administrator(plant: Plant) -> Mapping[str, Keys | None]:
    legacy_id, v5_id = user(plant, "viewer")
    plant.v5("UPDATE users SET type = 'admin' WHERE id = %s", [v5_id])
    return {"R-28": {("users", legacy_id)}, "R-19": {("users", legacy_id)}}


def administrator_of_another_school(plant: Plant) -> Mapping[str, Keys | None]:
    """A membership more than legacy has: also one that nobody mapped."""
    legacy_id, v5_id = user(
        plant,
        "admin",
        "(SELECT COUNT(*) FROM school_users s WHERE s.user_id = u.id AND s.deleted_at IS NULL) = 1",
    )
    school = plant.one(
        "SELECT MIN(id) FROM schools WHERE id NOT IN (SELECT school_id FROM school_users WHERE user_id = %s)",
        [v5_id],
    )
    number = plant.one("SELECT MAX(id) FROM school_users") + 1
    plant.v5("INSERT INTO school_users (id, user_id, school_id) VALUES (%s, %s, %s)", [number, v5_id, school])
    return {"R-28": {("users", legacy_id)}}


def memberships_shifted(plant: Plant) -> Mapping[str, Keys | None]:
    """Ids shifted by a gap: a school's memberships stand in the next school."""
    school, other = (
        row[0]
        for row in plant.v5(
            "SELECT id FROM schools WHERE id IN (SELECT school_id FROM clients_schools) ORDER BY id LIMIT 2"
        )
    )
    rows = plant.v5(
        "SELECT m.legacy_id FROM clients_schools s JOIN legacy_id_mappings m ON m.entity_type = 'client_school'"
        " AND m.v5_id = s.id"
        " WHERE s.school_id = %s AND m.legacy_table = 'user_schools' AND s.client_id NOT IN (SELECT client_id FROM"
        " (SELECT client_id FROM clients_schools WHERE school_id = %s) x)", [school, other],
    )  # fmt: skip
    plant.v5("UPDATE clients_schools SET school_id = %s WHERE school_id = %s AND client_id NOT IN (SELECT client_id FROM"
             " (SELECT client_id FROM clients_schools WHERE school_id = %s) x)", [other, school, other])  # fmt: skip
    return {"R-23": {("user_schools", row[0]) for row in rows}, "R-10-client-schools": None}


def membership_left_inactive(plant: Plant) -> Mapping[str, Keys | None]:
    legacy_id, v5_id = plant.one(
        "SELECT m.legacy_id, s.id FROM monitors_schools s JOIN legacy_id_mappings m ON m.v5_id = s.id AND m.entity_type ="
        " 'monitor_school' WHERE s.active_school = 1 ORDER BY s.id LIMIT 1"
    )
    plant.v5("UPDATE monitors_schools SET active_school = 0 WHERE id = %s", [v5_id])
    return {"R-23": {("user_schools", legacy_id)}}


def second_level(plant: Plant) -> Mapping[str, Keys | None]:
    return _doubled(plant, "R-24", "clients_sports", "client_id, school_id, sport_id")


def second_membership(plant: Plant) -> Mapping[str, Keys | None]:
    return _doubled(plant, "R-25", "school_users", "user_id, school_id")


def _doubled(plant: Plant, check: str, table: str, columns: str) -> Mapping[str, Keys | None]:
    kept = plant.one(f"SELECT MIN(id) FROM {table} WHERE deleted_at IS NULL")
    number = plant.one(f"SELECT MAX(id) FROM {table}") + 1
    plant.v5(
        f"INSERT INTO {table} (id, {columns}) SELECT %s, {columns} FROM {table} WHERE id = %s", [number, kept]
    )
    return {check: {(table, number)}}


def dependant_is_the_payer(plant: Plant) -> Mapping[str, Keys | None]:
    """Payer and dependant collapsed into one V5 client."""
    legacy_id, v5_id = plant.one(OF + " ORDER BY id LIMIT 1", ["client_utilizer", "clients_utilizers"])
    plant.v5("UPDATE clients_utilizers SET client_id = main_id WHERE id = %s", [v5_id])
    return {"R-26": {("user_groups", legacy_id)}}


def account_of_somebody_else(plant: Plant) -> Mapping[str, Keys | None]:
    legacy_id = plant.one(
        "SELECT MIN(legacy_id) FROM legacy_id_mappings WHERE entity_type = 'user' AND reason = 'NO_LOGIN'"
    )
    plant.v5(
        "UPDATE clients SET user_id = %s WHERE id = %s",
        [user(plant, "client")[1], plant.target("client", legacy_id)],
    )
    return {"R-26": {("users", legacy_id)}}


def season_role_missing(plant: Plant) -> Mapping[str, Keys | None]:
    legacy_id, v5_id = user(
        plant, "viewer", "EXISTS (SELECT 1 FROM user_season_roles r WHERE r.user_id = u.id)"
    )
    season = plant.one("SELECT MIN(season_id) FROM user_season_roles WHERE user_id = %s", [v5_id])
    plant.v5("DELETE FROM user_season_roles WHERE user_id = %s AND season_id = %s", [v5_id, season])
    return {"R-27": {("users", legacy_id)}}


def reader_may_write(plant: Plant) -> Mapping[str, Keys | None]:
    legacy_id, v5_id = user(
        plant, "viewer", "EXISTS (SELECT 1 FROM user_season_roles r WHERE r.user_id = u.id)"
    )
    plant.v5("UPDATE user_season_roles SET role = 'admin' WHERE user_id = %s", [v5_id])
    return {"R-27": {("users", legacy_id)}, "R-28": {("users", legacy_id)}}


def birth_date_invented(plant: Plant) -> Mapping[str, Keys | None]:
    legacy_id, v5_id = plant.one(OF + " ORDER BY id LIMIT 1", ["monitor", "monitors"])
    plant.v5("UPDATE monitors SET birth_date = '1971-01-01' WHERE id = %s", [v5_id])
    return {"R-29": {("users", legacy_id)}}


def names_swapped_in_clients_only(plant: Plant) -> Mapping[str, Keys | None]:
    legacy_id, v5_id, first, last = plant.one(
        "SELECT m.legacy_id, c.id, c.first_name, c.last_name FROM clients c JOIN legacy_id_mappings m ON m.v5_id = c.id"
        " AND m.entity_type = 'client' JOIN legacy_id_mappings u ON u.entity_type = 'user' AND u.disposition = 'migrated'"
        " AND u.legacy_id = m.legacy_id WHERE c.first_name <> c.last_name AND c.last_name <> '' ORDER BY c.id LIMIT 1"
    )
    plant.v5("UPDATE clients SET first_name = %s, last_name = %s WHERE id = %s", [last, first, v5_id])
    return {"R-29c": {("users", legacy_id)}}


def name_lost(plant: Plant) -> Mapping[str, Keys | None]:
    legacy_id, v5_id = plant.one(OF + " ORDER BY id LIMIT 1", ["client", "clients"])
    plant.v5("UPDATE clients SET last_name = 'Participant' WHERE id = %s", [v5_id])
    return {"R-29b": {("users", legacy_id)}}


def level_moved_to_the_first_school(plant: Plant) -> Mapping[str, Keys | None]:
    first = plant.one("SELECT MIN(id) FROM schools")
    legacy_id, v5_id = plant.one(
        "SELECT m.legacy_id, s.id FROM clients_sports s JOIN legacy_id_mappings m ON m.v5_id = s.id AND m.entity_type ="
        " 'client_sport' AND m.part = '' WHERE s.school_id <> %s ORDER BY s.id LIMIT 1", [first],
    )  # fmt: skip
    plant.v5("UPDATE clients_sports SET school_id = %s WHERE id = %s", [first, v5_id])
    return {"R-81": {("user_sports", legacy_id)}, "R-10-client-sports": None}


def note_in_a_foreign_school(plant: Plant) -> Mapping[str, Keys | None]:
    legacy_id, v5_id = plant.one(
        OF + " AND legacy_table = 'user_observations' ORDER BY id LIMIT 1",
        ["client_observation", "client_observations"],
    )
    foreign = plant.one(
        "SELECT MIN(id) FROM schools WHERE id NOT IN (SELECT s.school_id FROM clients_schools s JOIN client_observations o"
        " ON o.client_id = s.client_id WHERE o.id = %s)", [v5_id],
    )  # fmt: skip
    plant.v5("UPDATE client_observations SET school_id = %s WHERE id = %s", [foreign, v5_id])
    return {"R-82": {("user_observations", legacy_id)}}


def absence_drifts(plant: Plant) -> Mapping[str, Keys | None]:
    """Days at offsets 0, 1, 3, 6, 10 … from the first."""
    legacy_id, first = plant.one(
        "SELECT legacy_id, MIN(part) FROM legacy_id_mappings WHERE entity_type = 'monitor_nwd' AND disposition = 'split'"
        " GROUP BY legacy_id HAVING COUNT(*) >= 4 ORDER BY legacy_id LIMIT 1"
    )
    rows = plant.v5(
        "SELECT v5_id FROM legacy_id_mappings WHERE entity_type = 'monitor_nwd' AND legacy_id = %s ORDER BY part",
        [legacy_id],
    )
    offset = 0
    for number, (v5_id,) in enumerate(rows):
        offset += number
        day = (datetime.date.fromisoformat(first) + datetime.timedelta(days=offset)).isoformat()
        plant.v5("UPDATE monitor_nwd SET start_date = %s, end_date = %s WHERE id = %s", [day, day, v5_id])
    return {"R-13b": {("user_nwd", legacy_id)}}


def deleted_client_revived(plant: Plant) -> Mapping[str, Keys | None]:
    legacy_id, v5_id = plant.one(
        "SELECT m.legacy_id, c.id FROM clients c JOIN legacy_id_mappings m ON m.v5_id = c.id AND m.entity_type = 'client'"
        " AND m.disposition = 'migrated' WHERE c.deleted_at IS NOT NULL ORDER BY c.id LIMIT 1"
    )
    plant.v5("UPDATE clients SET deleted_at = NULL WHERE id = %s", [v5_id])
    return {"R-17": {("users", legacy_id)}}


def cancelled_booking_deleted(plant: Plant) -> Mapping[str, Keys | None]:
    legacy_id, v5_id = plant.one(
        "SELECT m.legacy_id, b.id FROM bookings b JOIN legacy_id_mappings m ON m.v5_id = b.id AND m.entity_type = 'booking'"
        " WHERE b.status = 2 ORDER BY b.id LIMIT 1"
    )
    plant.v5("UPDATE bookings SET status = 1, deleted_at = created_at WHERE id = %s", [v5_id])
    return {"R-17": {("bookings2", legacy_id)}, "R-19": {("bookings2", legacy_id)}}


def states_swapped(plant: Plant) -> Mapping[str, Keys | None]:
    """2 and 3 the wrong way round, as the first generation had them."""
    rows = plant.v5(
        "SELECT m.legacy_id FROM bookings b JOIN legacy_id_mappings m ON m.v5_id = b.id AND m.entity_type = 'booking'"
        " WHERE b.status IN (2, 3)"
    )
    plant.v5("UPDATE bookings SET status = 5 - status WHERE status IN (2, 3)")
    return {"R-19": {("bookings2", row[0]) for row in rows}}


def made_at_import(plant: Plant) -> Mapping[str, Keys | None]:
    legacy_id, v5_id = plant.one(OF + " ORDER BY id LIMIT 1", ["booking", "bookings"])
    plant.v5("UPDATE bookings SET created_at = %s WHERE id = %s", [AT_IMPORT, v5_id])
    lost = plant.one(
        "SELECT MAX(legacy_id) FROM legacy_id_mappings WHERE entity_type = 'booking' AND disposition = 'migrated'"
    )
    plant.v5("DELETE FROM legacy_id_mappings WHERE entity_type = 'booking' AND legacy_id = %s", [lost])
    return {"R-18": {("bookings2", legacy_id), ("bookings2", lost)}}


def season(plant: Plant, year: str = "2024/2025") -> tuple[int, int, int]:
    """(V5 id, V5 school, legacy school) of a season."""
    v5_id, school, legacy = plant.one(
        "SELECT s.id, s.school_id, m.legacy_id FROM seasons s JOIN legacy_id_mappings m ON m.entity_type = 'school' AND"
        " m.v5_id = s.school_id WHERE s.name = %s ORDER BY s.id LIMIT 1", [year],
    )  # fmt: skip
    return v5_id, school, legacy


def catch_all_of_ten_years(plant: Plant) -> Mapping[str, Keys | None]:
    v5_id, _school, legacy = season(plant)
    plant.v5("UPDATE seasons SET start_date = '2020-01-01', end_date = '2030-12-31' WHERE id = %s", [v5_id])
    return {"R-67": {("seasons", v5_id)}, "R-67b": {("schools", legacy)}}


def season_of_another_school(plant: Plant) -> Mapping[str, Keys | None]:
    v5_id, school, legacy = season(plant)
    other = plant.one("SELECT MAX(school_id) FROM seasons WHERE school_id <> %s", [school])
    plant.v5("UPDATE seasons SET school_id = %s WHERE id = %s", [other, v5_id])
    return {"R-67": None, "R-67b": None, "R-10-seasons": None}


def two_active_seasons(plant: Plant) -> Mapping[str, Keys | None]:
    (first, school, _legacy), (second, *_rest) = season(plant, "2023/2024"), season(plant)
    # Not 1: V5's own triggers (GR-23) refuse to write that.
    plant.v5("UPDATE seasons SET is_active = 2 WHERE id IN (%s, %s)", [first, second])
    assert school
    return {"R-67": {("seasons", first), ("seasons", second)}}


def current_season_elsewhere(plant: Plant) -> Mapping[str, Keys | None]:
    _season, school, legacy = season(plant)
    foreign = plant.one("SELECT MIN(id) FROM seasons WHERE school_id <> %s", [school])
    plant.v5("UPDATE schools SET current_season_id = %s WHERE id = %s", [foreign, school])
    return {"R-67": {("schools", legacy)}}


PLANTERS: dict[str, Callable[[Plant], Mapping[str, Keys | None]]] = {
    "same e-mail, two accounts": same_address,
    "'' as e-mail": blank_address,
    "password hash changed": password_changed,
    "administrator type for a visualizer": reader_becomes_administrator,
    "an administrator in one school more": administrator_of_another_school,
    "ids shifted by one gap": memberships_shifted,
    "active membership left inactive": membership_left_inactive,
    "second level": second_level,
    "second membership": second_membership,
    "dependant collapsed into the payer": dependant_is_the_payer,
    "a dependant with somebody's account": account_of_somebody_else,
    "missing season role": season_role_missing,
    "a visualizer with a writing role": reader_may_write,
    "birth date 1971-01-01 invented": birth_date_invented,
    "names swapped in clients only": names_swapped_in_clients_only,
    "a name lost": name_lost,
    "client level moved to school 1": level_moved_to_the_first_school,
    "a note in a foreign school": note_in_a_foreign_school,
    "absence days at offsets 0, 1, 3, 6, 10": absence_drifts,
    "deleted client revived": deleted_client_revived,
    "cancelled booking written as deleted": cancelled_booking_deleted,
    "booking status 2 and 3 swapped": states_swapped,
    "created_at = import time, and a booking dropped": made_at_import,
    "catch-all season 2020-2030": catch_all_of_ten_years,
    "season of another school": season_of_another_school,
    "two active seasons": two_active_seasons,
    "current season of another school": current_season_elsewhere,
}
MUTATIONS: tuple[Mutation, ...] = (
    *counts.MUTATIONS,
    *(Mutation(name, plant) for name, plant in PLANTERS.items()),
)

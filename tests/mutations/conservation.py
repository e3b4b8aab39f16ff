"""Planted defects: rows lost, doubled, written beside the map."""

from __future__ import annotations

from collections.abc import Mapping

from tests.mutations import Keys, Mutation, Plant

COLUMNS = (
    "entity_type, legacy_table, legacy_id, part, v5_table, v5_id, disposition, reason, school_id, source_hash,"
    " target_hash, run_id, batch_id, additional_data, created_at, updated_at"
)


def a_booking(plant: Plant) -> tuple[int, int]:
    """(V5 id, legacy id) of a booking that was moved."""
    return plant.one(
        "SELECT v5_id, legacy_id FROM legacy_id_mappings WHERE entity_type = 'booking' AND disposition = 'migrated'"
        " ORDER BY id LIMIT 1"
    )


def dropped_with_its_entry(plant: Plant) -> Mapping[str, Keys | None]:
    v5_id, legacy = a_booking(plant)
    plant.v5("DELETE FROM legacy_id_mappings WHERE legacy_table = 'bookings2' AND legacy_id = %s", [legacy])
    gone = {("bookings2", legacy)}
    return {"R-01": gone, "R-02": gone, "R-03": None, "R-05": None}


def entry_without_row(plant: Plant) -> Mapping[str, Keys | None]:
    v5_id, legacy = plant.one(
        "SELECT v5_id, legacy_id FROM legacy_id_mappings WHERE entity_type = 'voucher_log' AND v5_id IS NOT NULL"
        " ORDER BY id LIMIT 1"
    )
    plant.v5("DELETE FROM vouchers_log WHERE id = %s", [v5_id])
    return {"R-03": {("vouchers_log", legacy)}, "R-04": {("vouchers_log", legacy)}}


def entry_of_nothing(plant: Plant) -> Mapping[str, Keys | None]:
    (highest,) = plant.legacy("SELECT MAX(id) FROM mails")[0]
    plant.v5(
        f"INSERT INTO legacy_id_mappings (id, {COLUMNS}) SELECT (SELECT MAX(id) + 1 FROM legacy_id_mappings),"
        f" {COLUMNS.replace('legacy_id,', '%s,')} FROM legacy_id_mappings WHERE entity_type = 'mail'"
        " AND disposition = 'migrated' ORDER BY legacy_id LIMIT 1",
        [highest + 7],
    )
    return {"R-01": {("mails", highest + 7)}}


def second_outcome(plant: Plant) -> Mapping[str, Keys | None]:
    _, legacy = a_booking(plant)
    plant.v5(
        f"INSERT INTO legacy_id_mappings (id, {COLUMNS}) SELECT (SELECT MAX(id) + 1 FROM legacy_id_mappings),"
        f" {COLUMNS.replace('part,', chr(39) + 'again' + chr(39) + ',').replace('disposition, reason,', '%s, %s,')}"
        " FROM legacy_id_mappings WHERE entity_type = 'booking' AND legacy_id = %s",
        ["rejected", "BOOKING_REJECTED", legacy],
    )
    return {"R-02": {("bookings2", legacy)}}


def cloned(plant: Plant) -> Mapping[str, Keys | None]:
    """A subgroup with two entries that claim to be the whole."""
    legacy = plant.one(
        "SELECT legacy_id FROM legacy_id_mappings WHERE entity_type = 'course_subgroup' AND disposition = 'migrated'"
        " ORDER BY id LIMIT 1"
    )
    plant.v5(
        f"INSERT INTO legacy_id_mappings (id, {COLUMNS}) SELECT (SELECT MAX(id) + 1 FROM legacy_id_mappings),"
        f" {COLUMNS.replace('part,', chr(39) + 'copy' + chr(39) + ',')} FROM legacy_id_mappings"
        " WHERE entity_type = 'course_subgroup' AND legacy_id = %s",
        [legacy],
    )
    return {"R-06": {("", legacy)}, "R-07": None}


def matched_by_mistake(plant: Plant) -> Mapping[str, Keys | None]:
    """Two clients on one V5 row, both called migrated."""
    (first, one), (_, two) = plant.v5(
        "SELECT v5_id, legacy_id FROM legacy_id_mappings WHERE entity_type = 'client' AND disposition = 'migrated'"
        " ORDER BY id LIMIT 2"
    )
    plant.v5(
        "UPDATE legacy_id_mappings SET v5_id = %s WHERE entity_type = 'client' AND legacy_id = %s",
        [first, two],
    )
    return {"R-07": {("users", one), ("users", two)}, "R-05": None}


def no_reason(plant: Plant) -> Mapping[str, Keys | None]:
    legacy = plant.one(
        "SELECT legacy_id FROM legacy_id_mappings WHERE entity_type = 'booking_user' AND disposition = 'rejected'"
        " ORDER BY id LIMIT 1"
    )
    plant.v5(
        "UPDATE legacy_id_mappings SET reason = 'BECAUSE' WHERE entity_type = 'booking_user' AND legacy_id = %s",
        [legacy],
    )
    gone = {("booking_users2", legacy)}
    return {"R-09": gone, "R-09w": gone}


MUTATIONS = (
    Mutation("booking dropped with its ledger row", dropped_with_its_entry),
    Mutation("map row without target", entry_without_row),
    Mutation("map row without source", entry_of_nothing),
    Mutation("one row with two outcomes", second_outcome),
    Mutation("subgroup cloned", cloned),
    Mutation("two clients matched to one row", matched_by_mistake),
    Mutation("rejected without a reason", no_reason),
)

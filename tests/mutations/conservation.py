"""Planted defects: rows lost, doubled, written outside the map."""

from __future__ import annotations

from collections.abc import Mapping

from tests.mutations import Keys, Mutation, Plant


def dropped_with_its_entry(plant: Plant) -> Mapping[str, Keys | None]:
    booking, legacy = plant.one(
        "SELECT v5_id, legacy_id FROM legacy_id_mappings WHERE entity_type = 'booking' AND disposition = 'migrated'"
        " ORDER BY id LIMIT 1"
    )
    plant.v5("DELETE FROM legacy_id_mappings WHERE entity_type = 'booking' AND legacy_id = %s", [legacy])
    return {"R-01": {("bookings2", legacy)}, "R-02": {("bookings2", legacy)}, "R-05": {("bookings", booking)}}


def entry_without_row(plant: Plant) -> Mapping[str, Keys | None]:
    v5_id, legacy = plant.one(
        "SELECT v5_id, legacy_id FROM legacy_id_mappings WHERE entity_type = 'voucher_log' AND v5_id IS NOT NULL"
        " ORDER BY id LIMIT 1"
    )
    plant.v5("DELETE FROM vouchers_log WHERE id = %s", [v5_id])
    return {"R-04": {("vouchers_log", legacy)}, "R-03": None}


MUTATIONS: tuple[Mutation, ...] = ()

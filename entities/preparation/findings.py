"""What a person should know about V5 and nothing here changes (GR-18, GR-23)."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connections

from entities.engine import schema, vendors
from entities.preparation import servers

# Reference columns and the table whose `id` they hold; the names mean the same in every table.
REFERENCES = {
    "school_id": "schools",
    "season_id": "seasons",
    "user_id": "users",
    "client_id": "clients",
    "client_main_id": "clients",
    "main_id": "clients",
    "monitor_id": "monitors",
    "station_id": "stations",
    "sport_id": "sports",
    "degree_id": "degrees",
    "course_id": "courses",
    "course_date_id": "course_dates",
    "course_group_id": "course_groups",
    "course_subgroup_id": "course_subgroups",
    "booking_user_id": "booking_users",
    "voucher_id": "vouchers",
    "evaluation_id": "evaluations",
    "assigned_by": "users",
}
# `booking_id` means another table in the V5 module.
BOOKINGS_OF = {"v5_booking_payments": "v5_bookings", "v5_booking_participants": "v5_bookings"}
# GR-18: references are made of row ids, so new rows must be numbered above every legacy id.
NUMBERED = {"bookings": "bookings2", "vouchers": "vouchers"}


def models_of(alias: str) -> list[Any]:
    """The unmanaged models of a database."""
    models = apps.get_app_config("entities").get_models()
    return [model for model in models if getattr(model, "database", "") == alias]


def season_triggers() -> list[str]:
    """Names of triggers on `seasons`; with the known ones no row can be written with is_active = 1."""
    connection = connections["v5"]
    return list(servers.of(connection).triggers(connection, "seasons"))


def sign_mismatches() -> list[str]:
    """Reference columns whose sign differs from the key they point at, as "table.column -> table"."""
    live = schema.live("v5")
    found = []
    for model in models_of("v5"):
        table = model._meta.db_table
        for name, column in live.columns(table).items():
            parent = BOOKINGS_OF.get(table, "bookings") if name == "booking_id" else REFERENCES.get(name)
            key = live.columns(parent).get("id") if parent else None
            if key is not None and column.type in schema.INTEGER_TYPES and column.unsigned != key.unsigned:
                found.append(f"{table}.{name} -> {parent}")
    return found


def absent_conditional_columns() -> list[str]:
    """Columns that only some V5 databases have and this one has not (GR-23), as "table.column"."""
    live = schema.live("v5")
    return [
        f"{model._meta.db_table}.{name}"
        for model in models_of("v5")
        for name in sorted(model.conditional)
        if model._meta.db_table in live.tables and name not in live.columns(model._meta.db_table)
    ]


def rows_in_targets() -> dict[str, int]:
    """Target tables that are not empty, with their number of rows."""
    connection = connections["v5"]
    live, counts = schema.live("v5"), {}
    with connection.cursor() as cursor:
        for table in sorted({model._meta.db_table for model in models_of("v5")} & live.tables):
            cursor.execute(f"SELECT COUNT(*) FROM {vendors.of(connection).quote(table)}")
            if number := cursor.fetchone()[0]:
                counts[table] = number
    return counts


def ids_below_legacy() -> list[str]:
    """Tables whose next id is not above the largest legacy id (GR-18)."""
    found = []
    for table, source in NUMBERED.items():
        if table not in schema.live("v5").tables or source not in schema.live("legacy").tables:
            continue
        following, largest = (
            vendors.of(connections["v5"]).next_id(connections["v5"], table),
            largest_id(source),
        )
        if following <= largest:
            found.append(f"{table}: next id {following}, largest id of legacy {source} {largest}")
    return found


def largest_id(table: str, alias: str = "legacy") -> int:
    connection = connections[alias]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT MAX({vendors.of(connection).quote('id')}) FROM {vendors.of(connection).quote(table)}"
        )
        return int(cursor.fetchone()[0] or 0)


def reports() -> dict[str, list[str]]:
    """Every finding under its heading; a heading without findings has an empty list."""
    return {
        "triggers on seasons: no season can be written as active while they stand (GR-23)": season_triggers(),
        "references whose sign differs from their key": sign_mismatches(),
        "conditional columns that are absent; they are left out": absent_conditional_columns(),
        "target tables that hold rows already": [
            f"{name}: {rows}" for name, rows in rows_in_targets().items()
        ],
        "next ids below the largest legacy id; the load raises them (GR-18)": ids_below_legacy(),
    }

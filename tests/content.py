"""The content of V5 without its ids: what two migrations of one legacy database must have in common (R-96).

A V5 id is replaced by the name of the record that owns the row, `entity:legacy id#part`, also inside JSON and
in booking references; rows that were there before keep their id as `before:id`. Left out: when and by which run
a row was written, and hashes that are made over ids.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from django.apps import apps

from entities.engine import schema, source
from entities.engine.lineage import LegacyIdMapping, RollbackArchive

TABLE_OF = {
    "booking_user_id": "booking_users", "client_id": "clients", "client_main_id": "clients", "main_id": "clients",
    "course_date_id": "course_dates", "course_group_id": "course_groups", "course_id": "courses",
    "course_subgroup_id": "course_subgroups", "degree_id": "degrees", "evaluation_id": "evaluations",
    "degrees_school_sport_goals_id": "degrees_school_sport_goals", "model_id": "users", "monitor_id": "monitors",
    "monitor_sport_id": "monitor_sports_degrees", "operational_booking_id": "bookings", "role_id": "roles",
    "salary_level": "school_salary_levels", "school_id": "schools", "season_id": "seasons",
    "service_type_id": "service_type", "sport_id": "sports",
    "sport_type": "sport_types", "station_id": "stations", "task_id": "tasks", "user_id": "users",
    "teacher_min_degree": "degrees", "voucher_id": "vouchers", "current_season_id": "seasons", "booking_id": "bookings",
    **{f"language{number}_id": "languages" for number in range(1, 7)},
}  # fmt: skip
ELSEWHERE = {
    ("v5_booking_participants", "booking_id"): "v5_bookings",
    ("v5_booking_payments", "booking_id"): "v5_bookings",
    ("legacy_id_mappings", "school_id"): "",
    ("legacy_archive", "school_id"): "",
    ("monitors", "active_school"): "schools",
    ("monitors", "active_station"): "stations",
}
LISTS_OF_IDS = {"lines": "booking_users"}
LEFT_OUT = {
    "legacy_id_mappings": {"id", "run_id", "batch_id", "created_at", "updated_at", "target_hash"},
    "legacy_archive": {"id", "created_at"},
}
OWNING = ("migrated", "split", "synthesised")
REFERENCE = re.compile(r"LEG-(\d+)-")
Content = dict[str, list[str]]


def models() -> list[Any]:
    """The V5 tables that exist, map and archive included; what a rollback keeps is no content."""
    there = schema.live("v5").tables - {RollbackArchive._meta.db_table}
    return [
        model
        for model in apps.get_app_config("entities").get_models()
        if getattr(model, "database", "") == "v5" and model._meta.db_table in there
    ]


def tables_with_id() -> list[str]:
    """Names of the V5 tables that number their rows."""
    live, names = schema.live("v5"), [model._meta.db_table for model in models()]
    return [name for name in names if "id" in live.columns(name)]


def content() -> Content:
    """One line per row and table, sorted."""
    names = _Names()
    return {model._meta.db_table: sorted(_lines(model, names)) for model in models()}


def exactly() -> Content:
    """Everything as it stands, ids and times included: equal only if nothing was written in between."""
    return {
        model._meta.db_table: sorted(repr(tuple(row)) for row in source.of(model, "v5").query(order=""))
        for model in models()
    }


def differences(one: Content, other: Content, most: int = 10) -> list[str]:
    """What only one side has, in words; empty when both are equal."""
    found: list[str] = []
    for table in sorted(one.keys() | other.keys()):
        left, right = one.get(table, []), other.get(table, [])
        if left != right:
            found.append(f"{table}: {len(left)} and {len(right)} rows")
            found += [f"  - {line}" for line in _only(left, right)[:most]]
            found += [f"  + {line}" for line in _only(right, left)[:most]]
    return found


def _only(these: Iterable[str], those: Iterable[str]) -> list[str]:
    there = set(those)
    return [line for line in these if line not in there]


class _Names:
    """Names of V5 rows by table and id."""

    def __init__(self) -> None:
        self.of: dict[tuple[str, int], str] = {}
        for entry in sorted(
            source.of(LegacyIdMapping, "v5").query(), key=lambda e: (e.entity_type, e.legacy_id, e.part)
        ):
            if entry.v5_id is not None and entry.disposition in OWNING:
                name = f"{entry.entity_type}:{entry.legacy_id}#{entry.part}"
                self.of.setdefault((entry.v5_table, entry.v5_id), name)

    def name(self, table: str, v5_id: Any) -> str:
        return self.of.get((table, v5_id), f"before:{v5_id}")


def _lines(model: Any, names: _Names) -> Iterable[str]:
    table = model._meta.db_table
    left_out = LEFT_OUT.get(table, set()) | {"migrated_at"}
    as_json = {
        field.column for field in model._meta.concrete_fields if field.get_internal_type() == "JSONField"
    }
    for row in source.of(model, "v5").query(order=""):
        values = []
        for column, value in zip(row._fields, row, strict=True):
            if column not in left_out:
                owner = row.v5_table if table == "legacy_id_mappings" and column == "v5_id" else ""
                values.append(f"{column}={_value(table, column, value, column in as_json, names, owner)}")
        yield " ".join(values)


def _value(table: str, column: str, value: Any, as_json: bool, names: _Names, owner: str = "") -> Any:
    if value is None:
        return None
    if as_json:
        return _json(table, json.loads(value), names)
    target = owner or (table if column == "id" else ELSEWHERE.get((table, column), TABLE_OF.get(column, "")))
    if target:
        return names.name(target, value)
    if isinstance(value, str) and value.startswith("LEG-"):
        return REFERENCE.sub(lambda found: f"LEG-{names.name('schools', int(found[1]))}-", value)
    return value


def _json(table: str, value: Any, names: _Names) -> str:
    """JSON of V5 tables names V5 ids; the archive and the map hold legacy values, but for `kept_v5_id`."""
    if table not in LEFT_OUT:
        value = _named(value, names)
    elif table == "legacy_id_mappings" and "kept_v5_id" in value:
        value["kept_v5_id"] = names.name(value["kept_v5_table"], value["kept_v5_id"])
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _named(value: Any, names: _Names, key: str = "") -> Any:
    if isinstance(value, dict):
        return {inner: _named(one, names, inner) for inner, one in value.items()}
    if isinstance(value, list):
        target = LISTS_OF_IDS.get(key, "")
        return [
            names.name(target, one) if target and isinstance(one, int) else _named(one, names)
            for one in value
        ]
    if isinstance(value, int) and not isinstance(value, bool) and key in TABLE_OF:
        return names.name(TABLE_OF[key], value)
    return value

"""Whether the hand-written way wrote what the engine wrote: counts, sums, every plain column, JSON of a sample."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.arena import ENGINE, LEGACY, MAP, TARGETS, V5, Link

SAMPLE = 2_000  # bookings whose JSON columns are compared
# How a row is recognised on both sides, beside its values: by legacy id, and by date or number where there are several.
KEYS = {
    "bookings": ("old_id",),
    "booking_users": ("old_id", "course_date_id"),
    "vouchers_log": ("old_id",),
    "payments": ("payrexx_reference", "amount", "created_at", "school_id"),
    "v5_bookings": ("booking_reference",),
    "v5_booking_participants": ("legacy_id", "client_id", "course_id", "booking_user_id"),
    "v5_booking_payments": ("payment_reference",),
}
SUMS = {
    "bookings": "price_total, paid_total, status, paxes", "booking_users": "price, status, attended, group_id",
    "vouchers_log": "amount", "payments": "amount", "v5_bookings": "base_price, insurance_price, discount_amount, total_price",
    "v5_booking_participants": "status, client_id", "v5_booking_payments": "amount",
}  # fmt: skip
# Ids of rows that both sides number for themselves, the time of the migration, and JSON, which is compared apart.
OWN_IDS = {"id", "booking_id", "booking_user_id", "migrated_at"}
JSON_COLUMNS = {
    "booking_data",
    "participants",
    "metadata",
    "data",
    "basket",
    "gateway_response",
    "payment_data",
}
KEYED = ("bookings", "booking_users", "vouchers_log", "v5_bookings", "v5_booking_payments")


def differences(link: Link) -> list[str]:
    """A sentence per difference; none = equal in all that is compared."""
    found = [said for table in TARGETS for said in _totals(link, table)]
    for table in KEYED:
        found += _columns(link, table)
    return found + _map(link) + _json(link)


def not_compared() -> str:
    return (
        "ids (both sides number for themselves), hashes (MD5 by hand, BLAKE2 in the engine: same columns, other function),"
        f" time stamps of the map, JSON beyond the first {SAMPLE:,} bookings, and issues, tallies and batches, which only"
        " the engine writes"
    )


def _totals(link: Link, table: str) -> list[str]:
    sums = ", ".join(f"SUM({column})" for column in SUMS[table].split(", "))
    ours, theirs = (
        link.execute(f"SELECT COUNT(*), {sums} FROM {schema}.{table}")[0] for schema in (ENGINE, V5)
    )
    return [] if ours == theirs else [f"{table}: totals {ours} by the engine, {theirs} by hand"]


def _columns(link: Link, table: str) -> list[str]:
    """Every column of every row, joined by its key."""
    keys = KEYS[table]
    compared = [
        name for name in link.columns(table) if name not in OWN_IDS | JSON_COLUMNS and name not in keys
    ]
    # Without an index on the copy the join would be quadratic.
    link.execute(f"ALTER TABLE {ENGINE}.{table} ADD KEY IF NOT EXISTS compare_key ({', '.join(keys)})")
    join = " AND ".join(f"a.{key} <=> b.{key}" for key in keys)
    counts = ", ".join(f"SUM(NOT a.`{name}` <=> b.`{name}`)" for name in compared)
    row = link.execute(f"SELECT COUNT(*), {counts} FROM {V5}.{table} b JOIN {ENGINE}.{table} a ON {join}")[0]
    rows = link.number(f"SELECT COUNT(*) FROM {ENGINE}.{table}")
    found = [
        f"{table}.{name}: {count} rows differ" for name, count in zip(compared, row[1:], strict=True) if count
    ]
    return found if row[0] == rows else [f"{table}: {row[0]} of {rows} rows found by their key", *found]


def _map(link: Link) -> list[str]:
    """Disposition, reason, school and warnings of each entry; the first ones that differ are named."""
    columns = "legacy_table, v5_table, disposition, reason, school_id, additional_data"
    same = " AND ".join(f"a.{name} <=> b.{name}" for name in columns.split(", "))
    rows = link.execute(
        f"SELECT a.entity_type, a.legacy_id, a.part, a.additional_data, b.additional_data FROM {ENGINE}.{MAP} a"
        f" LEFT JOIN {V5}.{MAP} b ON a.entity_type = b.entity_type AND a.legacy_id = b.legacy_id AND a.part = b.part"
        f" WHERE NOT ({same})"
    )
    if not rows:
        return []
    named = "; ".join(f"{row[0]}:{row[1]} {row[2]} {row[3]} against {row[4]}" for row in rows[:3])
    return [f"{MAP}: {len(rows)} entries differ: {named}"]


def _json(link: Link) -> list[str]:
    ours, theirs = (_documents(link, schema) for schema in (ENGINE, V5))
    different = [key for key in ours if ours[key] != theirs.get(key)]
    return (
        [f"JSON of {len(different)} of {len(ours)} bookings differs, first {different[0]}"]
        if different
        else []
    )


def _documents(link: Link, schema: str) -> dict[str, Any]:
    """The JSON columns of the first bookings, with ids that each side gives itself put back to legacy ids."""
    cut = link.number(f"SELECT id FROM {LEGACY}.bookings2 ORDER BY id LIMIT {SAMPLE}, 1") or 10**12
    line = dict(link.execute(f"SELECT id, CONCAT(old_id, '@', IFNULL(date, '')) FROM {schema}.booking_users"))
    booking = dict(link.execute(f"SELECT id, old_id FROM {schema}.bookings"))
    rows = link.execute(
        f"SELECT booking_reference, booking_data, participants, metadata FROM {schema}.v5_bookings WHERE legacy_id < {cut}"
    )
    return {row[0]: _document(row, line, booking) for row in rows}


def _document(row: tuple[Any, ...], line: dict[int, str], booking: dict[int, int]) -> Any:
    data, participants, metadata = (json.loads(text) for text in row[1:])
    for person in participants:
        person["lines"] = [line[one] for one in person["lines"]]
    metadata["operational_booking_id"] = booking[metadata["operational_booking_id"]]
    return data, participants, metadata

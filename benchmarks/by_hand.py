"""The hand-written way: `INSERT … SELECT` of the same rows and map entries (statements in `by_hand.sql`)."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.arena import Link

SQL = Path(__file__).with_name("by_hand.sql")
# Ids of each kind of row begin here: above everything that the engine reserves.
BASES = {"booking": 20_000_000, "line": 30_000_000, "log": 40_000_000, "payment": 50_000_000,
         "projection": 60_000_000, "projected": 70_000_000}  # fmt: skip


class MapEntries(NamedTuple):
    """How one entity type gets its map entries: work rows `w` (their booking is `header`), each with a running number."""

    entity: str
    legacy_table: str
    table: str
    base: str
    work: str
    header: str
    part: str
    disposition: str
    reason: str
    source_hash: str
    additional: str = "NULL"


BOOKING = "{v5}.work_booking w"
LINE = "{v5}.work_line w JOIN {v5}.work_booking b ON b.legacy_id = w.booking_id"
LOG = "{v5}.work_log w JOIN {v5}.work_booking b ON b.legacy_id = w.booking_id"
PAYMENT = "{v5}.work_payment w JOIN {v5}.work_booking b ON b.legacy_id = w.legacy_id"
LOG_HASH = (
    "MD5(CONCAT_WS('|', w.legacy_id, w.voucher_id, w.booking_id, w.amount, w.created_at, w.updated_at))"
)
FLAGS = (
    "IF(w.warnings = '', IF(w.flagged, '{{\"recheck\":true}}', NULL),"
    " CONCAT('{{\"recheck\":true,\"warnings\":[', w.warnings, ']}}'))"
)
LINE_FLAGS = 'IF(w.outside, \'{{"warnings":["DATE_OUTSIDE_RANGE"]}}\', NULL)'
MAP = (
    MapEntries("booking", "bookings2", "bookings", "booking", BOOKING, "w", "''", "'migrated'", "", "w.source_hash", FLAGS),
    MapEntries("booking_user", "booking_users2", "booking_users", "line", LINE, "b", "w.part",
               "IF(w.split, 'split', 'migrated')", "", "w.source_hash", LINE_FLAGS),
    MapEntries("voucher_log", "vouchers_log", "vouchers_log", "log", LOG, "b", "''", "'migrated'", "", LOG_HASH),
    MapEntries("payment", "bookings2", "payments", "payment", BOOKING, "w", "'1'", "'synthesised'", "PAYMENT", "w.source_hash"),
    MapEntries("v5_booking", "bookings2", "v5_bookings", "projection", BOOKING, "w", "''", "'synthesised'", "PROJECTION",
               "w.source_hash"),
    MapEntries("v5_booking_participant", "booking_users2", "v5_booking_participants", "line", LINE, "b", "w.part",
               "'synthesised'", "PROJECTION", "w.source_hash"),
    MapEntries("v5_payment", "bookings2", "v5_booking_payments", "projected", PAYMENT, "b", "w.part", "'synthesised'",
               "PROJECTION", "b.source_hash"),
)  # fmt: skip


def statements() -> Iterator[tuple[str, str]]:
    """(name, SQL) of the file, in its order."""
    parts = re.split(r"^-- name: (.+)$", SQL.read_text(encoding="utf-8"), flags=re.MULTILINE)
    yield from zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True)


def map_statement(one: MapEntries, columns: list[str]) -> str:
    """Map entries of one entity type; the target's hash covers all of its columns but the id."""
    hashed = ", ".join(f"IFNULL(t.`{name}`, '')" for name in columns if name not in ("id", "migrated_at"))
    return (
        "INSERT INTO {v5}.legacy_id_mappings (entity_type, legacy_table, legacy_id, part, v5_table, v5_id, disposition,"
        " reason, school_id, source_hash, target_hash, run_id, batch_id, additional_data, created_at, updated_at)"
        f" SELECT '{one.entity}', '{one.legacy_table}', w.legacy_id, {one.part}, '{one.table}', t.id, {one.disposition},"
        f" '{one.reason}', {one.header}.legacy_school, {one.source_hash}, MD5(CONCAT_WS('|', {hashed})), 0, 0,"
        f" {one.additional}, NOW(), NOW() FROM {one.work} JOIN {{v5}}.{one.table} t ON t.id = %({one.base})s + w.n"
    )


def run(link: Link, *, first: int, last: int, chunk: int, cutover: str) -> dict[str, Any]:
    """Everything for bookings with ids in (first, last], `chunk` ids at a time, each in one transaction.

    Returns seconds in all and by statement name.
    """
    spent: dict[str, float] = {}
    bases = dict(BASES)
    named = list(statements())
    maps = [(f"map of {one.entity}", map_statement(one, link.columns(one.table))) for one in MAP]
    work = [one for one in named if one[0] not in ("settings", "work tables")]
    began = time.monotonic()
    for _, sql in named[:2]:
        link.execute(sql, {})
    for after in range(first, last, chunk):
        values = {**bases, "after": after, "to": min(after + chunk, last), "cutover": cutover}
        link.execute("BEGIN", {})
        for name, sql in (*work, *maps):
            started = time.monotonic()
            link.execute(sql, values)
            spent[name] = spent.get(name, 0.0) + time.monotonic() - started
        link.execute("COMMIT", {})
        bases = {name: base + 20 * chunk for name, base in bases.items()}
    return {"seconds": time.monotonic() - began, "spent": spent}

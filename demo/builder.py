"""Builds a realistic, dirty legacy database and an empty V5 database beside it."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from demo import ddl
from demo.content import content_hash
from demo.database import Database, connect
from demo.dictionary import Table, legacy_tables, v5_tables
from demo.populate import populate
from demo.sink import Sink
from demo.target import seed_target
from demo.world import World

__all__ = ["Report", "build", "content_hash", "create_schemas"]

# Tables of the migration itself, which may stand in a V5 database that is built anew.
OWN_TABLES = (
    "legacy_id_mappings",
    "legacy_id_mappings_before",
    "legacy_archive",
    "legacy_rollback_archive",
    "legacy_preparation_steps",
    "v5_booking_participants",
)


class ForeignTables(RuntimeError):
    """The database holds tables or rows that are not the demo's; it is not dropped without `force`."""


@dataclass
class Report:
    """What was built: rows per legacy table, what was planted, and how long it took."""

    rows: Counter[str]
    planted: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0


def build(
    legacy_url: str,
    v5_url: str,
    *,
    bookings: int = 2000,
    seed: int = 1,
    today: str = "2026-01-15",
    dirt: bool = True,
    force: bool = False,
    conditional: bool = False,
) -> Report:
    """Drops and creates all tables in both databases and fills the legacy one.

    The same arguments give the same content on every backend. `conditional` adds the V5 tables and columns
    that only some installations have. Refuses with ForeignTables when a database holds other tables, and
    with ValueError what is no number of bookings, no date or no supported URL; then nothing is dropped.
    """
    if bookings < 1:
        raise ValueError(f"A demo needs at least one booking, not {bookings}.")
    date.fromisoformat(today)
    began = time.monotonic()
    create_schemas(legacy_url, v5_url, force=force, conditional=conditional)
    legacy = connect(legacy_url)
    try:
        sink = Sink(legacy, legacy_tables(), seed)
        planted = populate(World(sink, bookings=bookings, seed=seed, today=today), dirt=dirt)
        sink.close()
    finally:
        legacy.close()
    return Report(sink.rows, planted, time.monotonic() - began)


def create_schemas(legacy_url: str, v5_url: str, *, force: bool = False, conditional: bool = False) -> None:
    """Empties both databases and creates their tables; V5 gets the rows a new installation ships with."""
    target_tables = v5_tables(conditional)
    for url, tables, others in (
        (legacy_url, legacy_tables(), ()),
        (v5_url, target_tables, (*OWN_TABLES, *v5_tables(True))),
    ):
        database = connect(url)
        try:
            _recreate(database, tables, {*tables, *others}, force)
        finally:
            database.close()
    _prepare_target(v5_url, target_tables)


def _recreate(database: Database, tables: dict[str, Table], known: set[str], force: bool) -> None:
    present = database.tables()
    strangers = sorted(set(present) - known)
    if strangers and not force:
        raise ForeignTables(
            f"{len(strangers)} tables of this database are not the demo's: {', '.join(strangers[:5])}. "
            "Use another database, or force."
        )
    if not force and not database.is_signed() and _holds_rows(database, set(present) & known):
        raise ForeignTables(
            "This database holds rows that the demo did not make: a real one is never dropped. Use another database, or force."
        )
    database.drop(present)
    for statement in ddl.create_statements(tables, database.vendor):
        database.execute(statement)
    database.sign()
    database.commit()


def _holds_rows(database: Database, tables: set[str]) -> bool:
    quote = database.quote
    return any(database.execute(f"SELECT 1 FROM {quote}{table}{quote} LIMIT 1") for table in sorted(tables))


def _prepare_target(url: str, tables: dict[str, Table]) -> None:
    database = connect(url)
    try:
        seed_target(database, tables)
        if database.vendor == "mysql":
            for trigger in ddl.season_triggers():
                database.execute(trigger)
        database.commit()
    finally:
        database.close()

"""Load: rows and their map entries in one V5 transaction, in bulk, record by record when the bulk fails.

1. Entries that stand in the map exactly as they would be written are left alone (`unchanged`).
2. New rows go in with one statement per table, then the archive, then the map.
3. Changed rows are updated one by one, unless somebody edited them in V5 since (Q-46: never overwritten).
4. A database error undoes the bulk; the units are then written one by one behind savepoints, so that each
   bad one becomes one issue and the others are kept (law 4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connections, transaction

from entities.engine import failpoints, images, vendors
from entities.engine.change import apply_patches, forget_former_parts, leave_edited, update_changed
from entities.engine.errors import MapConflict, Transient
from entities.engine.lineage import LegacyArchive, LegacyIdMapping
from entities.engine.validate import carried_code
from entities.engine.values import REJECTED, SKIPPED, Entry, Unit, to_json
from tracking.sentences import sentence

MAP_TABLE = LegacyIdMapping._meta.db_table
ARCHIVE_TABLE = LegacyArchive._meta.db_table
OUT_OF_SCOPE = "OUT_OF_SCOPE_SCHOOL"
MAP_COLUMNS = (
    "id", "entity_type", "legacy_table", "legacy_id", "part", "v5_table", "v5_id", "disposition", "reason", "school_id",
    "source_hash", "target_hash", "run_id", "batch_id", "additional_data", "created_at", "updated_at",
)  # fmt: skip
ARCHIVE_COLUMNS = ("id", "legacy_table", "legacy_id", "school_id", "payload", "created_at")


@dataclass
class Loaded:
    """What a load did, in rows of V5 (target, archive and map together)."""

    written: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class Target:
    """Where a load writes: the alias, ids, and what to stamp on map rows."""

    alias: str
    ids: Any
    run_id: int | None
    batch_id: int | None
    now: str
    table_order: tuple[str, ...]

    @property
    def connection(self) -> Any:
        return connections[self.alias]


def load(units: list[Unit], target: Target, before_commit: Callable[[], None] = lambda: None) -> Loaded:
    """Write the units; afterwards every entry tells what really became of it.

    `before_commit` runs inside the transaction and may raise to undo it (a lost lease).
    Raises Transient when the whole batch is worth another attempt.
    """
    write_files(units)
    reserve_lineage_ids(units, target)
    try:
        with transaction.atomic(using=target.alias):
            leave_edited(units, target)
            loaded = _bulk_or_each(units, target)
            failpoints.visit(failpoints.INSIDE_V5_TRANSACTION)
            before_commit()
    except DatabaseError as error:
        if vendors.of(target.connection).is_transient(error):
            raise Transient(
                f"{type(error).__name__} {error.args[0] if error.args else ''}".strip()
            ) from error
        raise
    return loaded


def reserve_lineage_ids(units: Iterable[Unit], target: Target) -> None:
    """Ids for the map and the archive are held before the transaction begins; a record that is written alone
    after the bulk failed needs up to three."""
    entries = [entry for unit in units for entry in unit.entries if entry.existing is None]
    if entries:
        target.ids.ready(MAP_TABLE, 3 * len(entries))
        target.ids.ready(ARCHIVE_TABLE, 3 * sum(entry.archive is not None for entry in entries))


def write_files(units: Iterable[Unit]) -> None:
    """Pictures first: a row never names a file that is not there, and one too many harms nobody (GR-16)."""
    for unit in units:
        rejected = unit.root_entry is not None and unit.root_entry.rejected
        if unit.files and not rejected and not unit.env.dry_run:
            for picture in unit.files:
                images.write(picture)


def _bulk_or_each(units: list[Unit], target: Target) -> Loaded:
    try:
        with transaction.atomic(using=target.alias):
            return _write(units, target)
    except DatabaseError as error:
        if vendors.of(target.connection).is_transient(error) or len(units) == 0:
            raise
    total = Loaded()
    for unit in units:
        part = _write_one(unit, target)
        total.written += part.written
        total.unchanged += part.unchanged
    return total


def _write_one(unit: Unit, target: Target) -> Loaded:
    try:
        with transaction.atomic(using=target.alias):
            return _write([unit], target)
    except DatabaseError as error:
        if vendors.of(target.connection).is_transient(error):
            raise
        if _is_map_conflict(error):
            raise MapConflict(database_message(error)) from error
        _reject_unit(unit, error)
    with transaction.atomic(using=target.alias):
        return _write([unit], target)


def _is_map_conflict(error: DatabaseError) -> bool:
    """Whether another worker has written the same key; any other fault of a map row would not pass by itself."""
    said = str(error)
    return (MAP_TABLE in said or "one_entry_per_part" in said) and ("Duplicate" in said or "UNIQUE" in said)


def _reject_unit(unit: Unit, error: DatabaseError) -> None:
    """CONSTRAINT for the root with the database's message, the usual codes for what hangs on it."""
    message = database_message(error)
    root = unit.root_entry or unit.entries[0]
    root.reject("CONSTRAINT", message=message, stage="load")
    unit.patches.clear()
    for entry in unit.entries:
        if entry.disposition not in (REJECTED, SKIPPED):
            why = sentence(
                "%(entity)s %(id)s was rejected: %(message)s",
                entity=root.entity,
                id=root.legacy_id,
                message=message,
            )
            entry.reject(carried_code(entry, root), message=why, stage="load")


def database_message(error: DatabaseError) -> str:
    """The server's words, without the values that some servers quote (they may be personal data)."""
    text = str(error.args[-1] if error.args else error)
    kept = (
        text.split("Duplicate entry", maxsplit=1)[0] + "Duplicate key" + text.split("for key", 1)[-1]
        if "Duplicate entry" in text
        else text
    )
    return kept[:300]


def _write(units: list[Unit], target: Target) -> Loaded:
    new, changed, unchanged = _sort_out(units)
    written = _insert(new, target)
    written += update_changed(changed, target)
    written += forget_former_parts(units, target)
    written += apply_patches((patch for unit in units for patch in unit.patches), target)
    return Loaded(written, unchanged)


def _insert(entries: list[Entry], target: Target) -> int:
    """Rows by table, then the archive, then the map; the number of rows."""
    if not entries:
        return 0
    tables = [*_target_rows(entries, target)]
    if archived := _archive_rows(entries, target):
        tables.append((ARCHIVE_TABLE, ARCHIVE_COLUMNS, archived))
    map_ids = target.ids.take_several(MAP_TABLE, len(entries))
    map_rows = _map_rows(zip(map_ids, entries, strict=True), target)
    vendors.of(target.connection).insert_all(target.connection, [*tables, (MAP_TABLE, MAP_COLUMNS, map_rows)])
    return sum(len(rows) for _, _, rows in tables) + len(entries)


def _sort_out(units: Sequence[Unit]) -> tuple[list[Entry], list[Entry], int]:
    """New entries, changed ones, and how many stand as they are; a wave of other schools changes no entry."""
    new: list[Entry] = []
    changed: list[Entry] = []
    unchanged = 0
    settled = _rows_in_map(units)
    for unit in units:
        for entry in unit.entries:
            if entry.reason == OUT_OF_SCOPE and (entry.entity, entry.legacy_id) in settled:
                unchanged += 1
                continue
            if entry.existing is None:
                new.append(entry)
                continue
            keep_what_stands(entry)
            if is_unchanged(entry):
                unchanged += 1
            else:
                changed.append(entry)
    return new, changed, unchanged


def _rows_in_map(units: Sequence[Unit]) -> set[tuple[str, int]]:
    """(entity, legacy id) of the batch's map entries, if some of its rows are left out as those of other schools."""
    left_out = any(entry.reason == OUT_OF_SCOPE for unit in units for entry in unit.entries)
    return {key[:2] for key in units[0].env.existing} if left_out else set()


def keep_what_stands(entry: Entry) -> None:
    """What was written before stays when the record is rejected or skipped now: only people remove V5 rows."""
    old = entry.existing
    if entry.disposition in (REJECTED, SKIPPED) and old.v5_id and entry.v5_id is None:
        entry.v5_id, entry.v5_table, entry.target_hash = old.v5_id, old.v5_table, old.target_hash
        entry.keep(kept_v5_id=old.v5_id, kept_v5_table=old.v5_table)


def is_unchanged(entry: Entry) -> bool:
    """Whether the map already says all of this."""
    old = entry.existing
    return (
        old.source_hash == entry.source_hash
        and old.target_hash == entry.target_hash
        and old.disposition == entry.disposition
        and old.reason == entry.reason
        and old.v5_id == entry.v5_id
        and _same_json(old.additional, entry.additional)
    )


def _same_json(old: str | None, new: dict[str, Any] | None) -> bool:
    import json

    if not old or not new:
        return not old and not new
    text = to_json(new)
    return old == text or to_json(json.loads(old)) == text


def _target_rows(entries: list[Entry], target: Target) -> Iterable[tuple[str, tuple[str, ...], list[Any]]]:
    from entities.engine.validate import encoding_of

    groups: dict[Any, list[Any]] = defaultdict(list)
    for entry in entries:
        if entry.cells is not None:
            groups[entry.mapping].append(entry.cells)
    order = {table: index for index, table in enumerate(target.table_order)}
    for mapping in sorted(groups, key=lambda one: order.get(one.table, len(order))):
        yield mapping.table, encoding_of(mapping).names, groups[mapping]


def _archive_rows(entries: list[Entry], target: Target) -> list[Any]:
    return [
        (str(target.ids.take(ARCHIVE_TABLE)), entry.legacy_table, str(entry.legacy_id),
         None if entry.school_id is None else str(entry.school_id), to_json(entry.archive), target.now)
        for entry in entries if entry.archive is not None
    ]  # fmt: skip


def _map_rows(entries: Iterable[tuple[int, Entry]], target: Target) -> Iterator[tuple[str | None, ...]]:
    """Made while the server is busy with other tables, hence without a database."""
    run, batch, now = _text(target.run_id), _text(target.batch_id), target.now
    for map_id, entry in entries:
        yield (
            str(map_id), entry.entity, entry.legacy_table, str(entry.legacy_id), entry.part, entry.v5_table,
            _text(entry.v5_id), entry.disposition, entry.reason, _text(entry.school_id), entry.source_hash,
            entry.target_hash, run, batch, to_json(entry.additional) if entry.additional else None, now, now,
        )  # fmt: skip


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)

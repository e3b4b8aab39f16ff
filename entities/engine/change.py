"""Changed records: update what we wrote, never what somebody edited in V5 since (Q-46)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from entities.engine import before, source, vendors
from entities.engine.lineage import LegacyIdMapping, RollbackArchive
from entities.engine.values import Entry, Patch, Unit, to_json
from tracking.sentences import sentence

if TYPE_CHECKING:
    from entities.engine.load import Target

MAP_TABLE = LegacyIdMapping._meta.db_table


def update_changed(entries: list[Entry], target: Target) -> int:
    """Bring V5 rows and map entries up to date, one by one; returns the number of rows written."""
    return sum(_update(entry, target) for entry in entries)


def leave_edited(units: Iterable[Unit], target: Target) -> None:
    """Q-46: a V5 row that is no longer what was written stays as it is; its aggregate is looked at again next time."""
    for unit in units:
        for entry in unit.entries:
            old = entry.existing
            if (
                old is None
                or entry.cells is None
                or old.v5_id is None
                or old.target_hash == entry.target_hash
            ):
                continue
            if current_hash(entry, target) not in (old.target_hash, entry.target_hash):
                entry.warn(
                    "TARGET_EDITED",
                    message=sentence("the V5 record was edited since it was migrated; it is left as it is"),
                    stage="load",
                )
                entry.target_hash, entry.cells = old.target_hash, None
                (unit.root_entry or entry).keep(recheck=True)


def _update(entry: Entry, target: Target) -> int:
    written = 0
    old = entry.existing
    if entry.cells is not None and old.v5_id is None:
        written += _insert_row(entry, target)
    elif entry.cells is not None and old.target_hash != entry.target_hash:
        written += _update_row(entry, target)
    return written + _update_map(entry, target)


def rewrite(entry: Entry, target: Target) -> int:
    """Write the row of an entry as it was derived, whatever stands there now, and bring its map entry up to date.

    What stood there is kept in the rollback archive. Returns the number of rows written.
    """
    written = _update_row(entry, target) if current_hash(entry, target) else _insert_row(entry, target)
    return written + _update_map(entry, target)


def _insert_row(entry: Entry, target: Target) -> int:
    from entities.engine.validate import encoding_of

    assert entry.mapping is not None and entry.cells is not None
    connection = target.connection
    vendors.of(connection).insert(
        connection, entry.mapping.table, encoding_of(entry.mapping).names, [entry.cells]
    )
    return 1


def _update_row(entry: Entry, target: Target) -> int:
    from entities.engine.validate import encoding_of

    assert entry.mapping is not None and entry.cells is not None
    names, quote = encoding_of(entry.mapping).names, vendors.of(target.connection).quote
    key = key_of(entry)
    pairs = [(name, cell) for name, cell in zip(names, entry.cells, strict=True) if name not in key]
    if not pairs:
        return 0
    assignments = ", ".join(f"{quote(name)} = %s" for name, _ in pairs)
    where = " AND ".join(f"{quote(name)} = %s" for name in key)
    before.keep(
        target, RollbackArchive.UPDATED, entry.mapping.table, where, list(key.values()), map_id=entry.existing.id,
        written=dict(pairs), v5_id=str(int(entry.existing.v5_id)),
    )  # fmt: skip
    with target.connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(entry.mapping.table)} SET {assignments} WHERE {where}",
            [*(cell for _, cell in pairs), *key.values()],
        )
    return 1


def key_of(entry: Entry) -> dict[str, str | None]:
    """The columns and cells that tell the entry's V5 row: `id`, or the mapping's key where there is none."""
    from entities.engine.validate import encoding_of

    assert entry.mapping is not None and entry.cells is not None
    cells = dict(zip(encoding_of(entry.mapping).names, entry.cells, strict=True))
    return {name: cells[name] for name in entry.mapping.key}


def current_hash(entry: Entry, target: Target) -> str:
    """The hash of the V5 row as it stands now, or as the dry run left it; "" when it is gone."""
    from entities.engine.validate import encoding_of

    assert entry.mapping is not None
    encoding, key = encoding_of(entry.mapping), key_of(entry)
    for alias in dict.fromkeys((target.alias, "v5")):
        table = source.of(entry.mapping.target, alias)
        quote = vendors.of(table.connection).quote
        where = " AND ".join(f"t.{quote(name)} = %s" for name in key)
        if rows := table.query(where, list(key.values()), order=""):
            return encoding.hash(cells_of(rows[0], entry.mapping))
    return ""


def cells_of(row: Any, mapping: Any) -> list[str | None]:
    """A V5 row as read, in the canonical text in which it would be written."""
    from entities.engine.validate import encoding_of

    encoding = encoding_of(mapping)
    kinds = {field.column: field.get_internal_type() for field in mapping.target._meta.concrete_fields}
    return [
        encode(_canonical_json(getattr(row, name)) if kinds[name] == "JSONField" else getattr(row, name))
        for name, encode in zip(encoding.names, encoding.encoders, strict=True)
    ]


def _canonical_json(value: Any) -> Any:
    """MySQL stores JSON in a form of its own; MariaDB and SQLite keep the text."""
    return to_json(json.loads(value)) if isinstance(value, str) and value else value


def forget_former_parts(units: Iterable[Unit], target: Target) -> int:
    """Remove entries without a V5 row whose legacy row now has other parts: it was rejected or left out as a
    whole and moves in pieces since somebody corrected it. Returns the number of entries removed."""
    former: list[int] = []
    for unit in units:
        existing = unit.env.existing
        if not existing:
            continue
        parts: dict[tuple[str, int], set[str]] = {}
        for entry in unit.entries:
            if entry.legacy_id:
                parts.setdefault((entry.entity, entry.legacy_id), set()).add(entry.part)
        for (entity, legacy_id), now in parts.items():
            old = existing.get((entity, legacy_id, ""))
            if old is not None and old.v5_id is None and "" not in now:
                former.append(old.id)
    if former:
        with target.connection.cursor() as cursor:
            marks = ", ".join(["%s"] * len(former))
            before.keep(target, RollbackArchive.FORGOTTEN, MAP_TABLE, f"t.id IN ({marks})", former)
            cursor.execute(f"DELETE FROM {MAP_TABLE} WHERE id IN ({marks})", former)
    return len(former)


def apply_patches(patches: Iterable[Patch], target: Target) -> int:
    """Set the columns that differ; returns the number of rows changed."""
    quote, written = vendors.of(target.connection).quote, 0
    with target.connection.cursor() as cursor:
        for patch in patches:
            column = quote(patch.column)
            before.keep(
                target, RollbackArchive.UPDATED, patch.table, f"t.id = %s AND (t.{column} IS NULL OR t.{column} <> %s)",
                [patch.v5_id, patch.value], written={patch.column: None if patch.value is None else str(patch.value)},
            )  # fmt: skip
            cursor.execute(
                f"UPDATE {quote(patch.table)} SET {column} = %s WHERE id = %s AND ({column} IS NULL OR {column} <> %s)",
                [patch.value, patch.v5_id, patch.value],
            )
            written += cursor.rowcount
    return written


def _update_map(entry: Entry, target: Target) -> int:
    quote = vendors.of(target.connection).quote
    values = {
        "v5_table": entry.v5_table, "v5_id": entry.v5_id, "disposition": entry.disposition, "reason": entry.reason,
        "school_id": entry.school_id, "source_hash": entry.source_hash, "target_hash": entry.target_hash,
        "run_id": target.run_id, "batch_id": target.batch_id,
        "additional_data": to_json(entry.additional) if entry.additional else None, "updated_at": target.now,
    }  # fmt: skip
    assignments = ", ".join(f"{quote(name)} = %s" for name in values)
    before.keep(
        target, RollbackArchive.ENTRY, MAP_TABLE, "t.id = %s", [entry.existing.id], map_id=entry.existing.id
    )
    with target.connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {MAP_TABLE} SET {assignments} WHERE id = %s", [*values.values(), entry.existing.id]
        )
    return 1

"""One window on its way out, in the transaction of its step: rows that nothing holds go, those that people touched stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from typing import Any

from django.db import connections

from entities.engine.errors import Refused
from entities.rollback import archive, checkpoint, keep, tables, undo, window
from entities.rollback.archive import Out, listed
from entities.rollback.references import KEYLESS
from entities.rollback.scope import Scope
from entities.rollback.tables import ARCHIVE, MAP, quote
from entities.rollback.window import Hanging, Window
from entities.rollback.written import is_as_written
from tracking.models import Rollback, RollbackFinding

Finding = RollbackFinding.Kind


def touched_rows(rollback: Rollback, found: Window, wanted: Scope, stays: set[int], out: Out) -> set[int]:
    """Rows that may not go after all: edited or used since the look; people's rows on them go where that was decided."""
    table, touched = found.table, set(found.used)
    going = keep.may_go(rollback, Finding.EDITED, ((table, v5_id) for v5_id in found.edited))
    touched |= {v5_id for v5_id in found.edited if (table, v5_id) not in going}
    left = found.owned - found.gone - stays - touched
    hanging = window.hanging(table, left, wanted) + _unindexed(rollback, table, left, wanted)
    going = keep.may_go(rollback, Finding.CHILD, ((one.table, one.id) for one in hanging))
    touched |= {one.parent for one in hanging if one.ours or (one.table, one.id) not in going}
    for one in hanging:
        if one.parent not in touched:
            _take_out_child(one, wanted, out)
    return touched


def _unindexed(rollback: Rollback, table: str, ids: set[int], wanted: Scope) -> list[Hanging]:
    """Of children without an index: those that the look found, as they are now."""
    found = RollbackFinding.objects.filter(rollback=rollback, parent_table=table, kind=Finding.CHILD)
    columns = {(one.table, one.columns[0]) for one in found if one.parent_id in ids and one.columns}
    return [
        one
        for child, column in columns
        if not tables.indexed(child, column)
        for one in window.hanging_at(child, column, ids, wanted)
    ]


def _take_out_child(one: Hanging, wanted: Scope, out: Out) -> None:
    """A row of people that goes because it was decided, and what hangs on it before it."""
    key = window.key_of(one.table, one.column)
    if key == "id":
        for deeper in window.hanging(one.table, [one.id], wanted):
            if deeper.ours:
                raise Refused(
                    f"{one.table} {one.id} is written by people, yet {deeper.table} {deeper.id} of a migration needs it"
                )
            _take_out_child(deeper, wanted, out)
    where = f"t.{quote(one.column)} = {int(one.parent)} AND t.{quote(key)} = {int(one.id)}"
    out.rows_where(one.table, where, reason=archive.PEOPLE)


def take_out(rollback: Rollback, found: Window, stays: set[int], wanted: Scope, out: Out) -> Counter[str]:
    """Rows that nothing holds, and every entry whose row is gone or was never ours."""
    going = found.owned - found.gone - stays
    entries = [entry for entry in found.entries if entry.v5_id not in stays]
    former = undo.former_entries([entry.id for entry in entries], wanted)
    rows = paired = 0
    if going and found.table in KEYLESS:
        rows = _take_out_listed(found, going, out)
    elif going:
        pairs = _pairs(rollback, found, going, former)
        paired = _take_out_pairs(rollback, found.table, pairs, out)
        entries = [entry for entry in entries if entry.v5_id not in pairs]
        owners = [entry.id for entry in entries if entry.owns and entry.v5_id in going]
        rows = out.rows(found.table, going - pairs, entries=owners) if going - pairs else 0
    forgotten = forget(entries, former, out)
    take_out_payloads(found.entries, stays, out)
    return Counter(
        rows=rows + paired, entries=forgotten + paired, stays=len(stays & found.owned), gone=len(found.gone)
    )


def _pairs(rollback: Rollback, found: Window, going: set[int], former: Container[int]) -> set[int]:
    """V5 ids of rows with one entry, which goes with them, and that stand as the figures before have them."""
    several = {
        v5_id for v5_id, number in Counter(entry.v5_id for entry in found.entries).items() if number > 1
    }
    kept = {entry.v5_id for entry in found.entries if entry.id in former}
    return going - several - kept - undo.put_back(rollback, found.table, going)


def _take_out_pairs(rollback: Rollback, table: str, ids: set[int], out: Out) -> int:
    """The figures before say what these rows count: gone is gone, whatever they hold by now."""
    if not ids:
        return 0
    assert rollback.before is not None
    out.figures(table, checkpoint.sums_of(rollback.before, table, ids, -1))
    return out.pairs(table, lambda column: archive.among(column, ids), len(ids))


def _take_out_listed(found: Window, going: set[int], out: Out) -> int:
    """Of a list without ids only the rows that are as they were written: others are not ours."""
    _key, names = KEYLESS[found.table]
    taken = 0
    for v5_id in sorted(going):
        entries = [entry for entry in found.entries if entry.v5_id == v5_id and entry.owns]
        for row in found.rows.get(v5_id, ()):
            owner = next(
                (e for e in entries if is_as_written(found.table, e.entity, row, e.target_hash)), None
            )
            if owner is not None:
                where = " AND ".join(f"t.{quote(name)} = {_literal(getattr(row, name))}" for name in names)
                taken += out.rows_where(found.table, where, entries=[owner.id])
    return taken


def _literal(value: Any) -> str:
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("'", "''")
    if connections["v5"].vendor != "sqlite":
        text = text.replace("\\", "\\\\")
    return f"'{text}'"


def forget(entries: list[Any], former: dict[int, dict[str, Any]], out: Out) -> int:
    """Entries go to the archive; one that an earlier run had written becomes again what it was."""
    ids = [entry.id for entry in entries]
    for map_id, values in former.items():
        archive.put_back_entry(map_id, values)
    return out.entries([one for one in ids if one not in former]) + len(former)


def take_out_payloads(entries: list[Any], stays: Container[int], out: Out) -> None:
    """The kept payload of legacy rows that were left out goes with their entries."""
    by_table: dict[str, set[int]] = {}
    for entry in entries:
        if entry.disposition == "skipped" and entry.v5_id not in stays:
            by_table.setdefault(entry.legacy_table, set()).add(entry.legacy_id)
    for name, ids in by_table.items():
        out.rows_where(
            ARCHIVE,
            f"t.legacy_table = '{name}' AND t.legacy_id IN ({listed(ids)}) AND NOT EXISTS (SELECT 1 FROM {MAP} m"
            " WHERE m.legacy_id = t.legacy_id AND m.legacy_table = t.legacy_table AND m.disposition = 'skipped'"
            f" AND m.entity_type IN ({_kinds_of(name)}))",
        )


def _kinds_of(legacy_table: str) -> str:
    """The entity types of a legacy table as SQL: the map is looked up by entity type and id."""
    from entities.operations.story import kinds_of

    return ", ".join(f"'{kind}'" for kind in kinds_of(legacy_table)) or "''"

"""Rolling back, step by step: look at V5 as it is, take changes back, empty the tables, look again, prove.

First comes a second look where the first one is old (`again`), then the figures of every table, then changes are taken
back, then come the tables, those that point at others first, one stage for each depth; then entries without a row and
the archive of legacy rows; then the figures again.
A step keeps, deletes and forgets in one V5 transaction: done twice, it finds nothing left to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from entities.engine import failpoints, runner
from entities.engine.errors import Refused
from entities.rollback import (
    again,
    archive,
    checkpoint,
    figures,
    keep,
    proof,
    scope,
    tables,
    undo,
    whole,
    window,
)
from entities.rollback.archive import Out, listed
from entities.rollback.preview import entries_to_go, rollback_of
from entities.rollback.references import KEYLESS
from entities.rollback.scope import Scope
from entities.rollback.tables import ARCHIVE, MAP, content_tables, fetch, quote
from entities.rollback.window import Hanging, Window
from tracking import rollbacks
from tracking.models import Part, Rollback, RollbackFinding, Sweep
from tracking.sweeps import PartPlan, Step

KIND = "rollback"
LOOK, BEFORE, UNDO, FIRST, REST, AFTER = 0, 2, undo.UNDO, 4, 100, 200
CHANGES, PATCHES, FORGOTTEN, WITHOUT_ROW = (
    "changed entries",
    "second pass",
    "former entries",
    "entries without a row",
)
UNDONE, ENTRIES_OUT = "rollback_undone", "rollback_entries_out"  # failpoints
PIECE = 100_000  # entries of one part: parts of a stage run side by side
Finding = RollbackFinding.Kind


class Rolling:
    """The sweep of a rollback."""

    def plan(self, sweep: Sweep) -> list[PartPlan]:
        rollback = rollback_of(sweep)
        checkpoint.refuse_moving()
        archive.refuse_missing()
        keep.settle(rollback)
        counted = entries_to_go(rollback)
        return [
            *again.parts(rollback, counted, LOOK, timezone.now()), *figures.parts(BEFORE, content_tables()),
            PartPlan(CHANGES, UNDO), PartPlan(PATCHES, UNDO),
            *_pieces(counted),
            PartPlan(WITHOUT_ROW, REST, total=counted.get("", 0)), PartPlan(FORGOTTEN, REST + 1),
            *figures.parts(AFTER, content_tables()),
        ]  # fmt: skip

    def step(self, part: Part, sweep: Sweep) -> Step:
        rollback = rollback_of(sweep)
        if part.stage < BEFORE:
            return again.step(rollback, part)
        if part.stage == BEFORE:
            return figures.step(part, partial(checkpoint.take_slice, rollback.before), content_tables())
        if part.stage == AFTER:
            return figures.step(part, proof.take_slice, content_tables())
        wanted = scope.load(rollback.scope)
        if part.stage == UNDO:
            return _undo(rollback, wanted, part)
        if part.name == FORGOTTEN:
            back = undo.forgotten(wanted, rollback)
            undo.settle(wanted, rollback)
            return Step(None, True, back, {"entries": back})
        return _rest(rollback, wanted, part) if part.stage == REST else _table(rollback, wanted, part)

    def end(self, sweep: Sweep) -> dict[str, Any]:
        rollback = rollback_of(sweep)
        parts = Part.objects.filter(sweep=sweep)
        before = figures.collected(parts.filter(stage=BEFORE))
        after = figures.collected(parts.filter(stage=AFTER))
        assert rollback.before is not None
        checkpoint.close(rollback.before, before)
        result = proof.prove(rollback, before, after)
        rollbacks.finished(rollback, result, timezone.now())
        return {"rollback": rollback.pk, "proven": result["proven"]}


def _pieces(counted: dict[str, int]) -> list[PartPlan]:
    """One part a table, several for a long one, cut at V5 ids."""
    plans = []
    deepest = max((tables.depth(name) for name in counted if name), default=0)
    for table, number in counted.items():
        if not table:
            continue
        stage = FIRST + deepest - tables.depth(table)
        cuts = _cuts(table, number)
        for low, high in zip([0, *cuts], [*cuts, None], strict=True):
            name = table if not cuts else f"{table}:{low}-{'' if high is None else high}"
            plans.append(PartPlan(name, stage, total=number // (len(cuts) + 1)))
    return plans


def _cuts(table: str, number: int) -> list[int]:
    """V5 ids between which there are about as many ids each."""
    pieces = -(-number // PIECE)
    if pieces < 2:
        return []
    low, high = fetch(f"SELECT MIN(m.v5_id), MAX(m.v5_id) FROM {MAP} m WHERE m.v5_table = %s", [table])[0]
    return sorted({low + (high - low) * piece // pieces for piece in range(1, pieces)})


def _undo(rollback: Rollback, wanted: Scope, part: Part) -> Step:
    now = _now()
    if part.name == CHANGES:
        last, over, number = undo.entries(rollback, wanted, part.cursor or 0, now)
    else:
        last, over, number = undo.patches(rollback, wanted, part.cursor, now)
    failpoints.visit(UNDONE)
    failpoints.visit(failpoints.AFTER_V5_COMMIT)
    return Step(last, over, number, dict(Counter(part.figures) + Counter(changes=number)))


def _table(rollback: Rollback, wanted: Scope, part: Part) -> Step:
    """The next entries of a table, with their rows."""
    table, _, between = part.name.partition(":")
    low, _, high = between.partition("-")
    after = part.cursor if part.cursor is not None else int(low or 0)
    late: set[int] = set()
    upto = int(high) if high else None
    stretch = whole.take_out(rollback, wanted, table, after, upto, _now())
    if stretch is not None:
        failpoints.visit(failpoints.AFTER_V5_COMMIT)
        counted = Counter(part.figures) + Counter(rows=stretch.rows, entries=stretch.rows)
        return Step(stretch.upto, stretch.over, stretch.rows, dict(counted))
    out = Out(rollback.pk, _now(), rollback.reason, 4 * window.ENTRIES)
    with transaction.atomic(using="v5"):
        found = window.read(table, wanted, after, upto)
        window.look(found, wanted, lock=True)
        stays = keep.staying(rollback, table, found.owned)
        touched = _touched(rollback, found, wanted, stays, out)
        late = touched - stays
        counts = _take_out(rollback, found, stays | touched, wanted, out)
        failpoints.visit(whole.ROWS_OUT)
    failpoints.visit(failpoints.AFTER_V5_COMMIT)
    counted = Counter(part.figures) + counts + Counter(late=len(late))
    return Step(
        found.upto, found.over, len(found.entries), dict(counted), record=lambda: _note_late(rollback, table, late)
    )  # fmt: skip


def _note_late(rollback: Rollback, table: str, ids: set[int]) -> None:
    if ids:
        keep.late(rollback, table, ids)


def _touched(rollback: Rollback, found: Window, wanted: Scope, stays: set[int], out: Out) -> set[int]:
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


def _take_out(rollback: Rollback, found: Window, stays: set[int], wanted: Scope, out: Out) -> Counter[str]:
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
    forgotten = _forget(entries, former, out)
    _archive_of(found.entries, stays, out)
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
    from entities.rollback.written import is_as_written

    key, names = KEYLESS[found.table]
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
    from django.db import connections

    if connections["v5"].vendor != "sqlite":
        text = text.replace("\\", "\\\\")
    return f"'{text}'"


def _forget(entries: list[Any], former: dict[int, dict[str, Any]], out: Out) -> int:
    """Entries go to the archive; one that an earlier run had written becomes again what it was."""
    ids = [entry.id for entry in entries]
    for map_id, values in former.items():
        archive.put_back_entry(map_id, values)
    return out.entries([one for one in ids if one not in former]) + len(former)


def _archive_of(entries: list[Any], stays: Container[int], out: Out) -> None:
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


def _rest(rollback: Rollback, wanted: Scope, part: Part) -> Step:
    """Entries without a row: skipped, rejected; the archived payload of the former with them."""
    out = Out(rollback.pk, _now(), rollback.reason, 4 * window.ENTRIES)
    names = ", ".join(f"m.{name}" for name in window.COLUMNS)
    sql = (
        f"SELECT {names} FROM {MAP} m WHERE m.v5_table = '' AND m.v5_id IS NULL AND m.id > %s AND {wanted.where()}"
        f" ORDER BY m.id LIMIT {window.ENTRIES}"
    )
    with transaction.atomic(using="v5"):
        entries = [window.Mapped(*row) for row in fetch(sql, [part.cursor or 0])]
        former = undo.former_entries([entry.id for entry in entries], wanted)
        number = _forget(entries, former, out)
        _archive_of(entries, (), out)
        failpoints.visit(ENTRIES_OUT)
    failpoints.visit(failpoints.AFTER_V5_COMMIT)
    return Step(
        entries[-1].id if entries else part.cursor, len(entries) < window.ENTRIES, len(entries),
        dict(Counter(part.figures) + Counter(entries=number)),
    )  # fmt: skip


def _now() -> str:
    return runner.iso(timezone.now())

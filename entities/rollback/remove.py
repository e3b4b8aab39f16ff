"""Rolling back, step by step: look at V5 as it is, take changes back, empty the tables, look again, prove.

First comes a second look where the first one is old (`again`), then the figures of every table, then changes are taken
back, then come the tables, those that point at others first, one stage for each depth; then entries without a row and
the archive of legacy rows; then the figures again.
A step keeps, deletes and forgets in one V5 transaction: done twice, it finds nothing left to do.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from entities.engine import failpoints, runner
from entities.rollback import (
    again,
    archive,
    checkpoint,
    figures,
    keep,
    proof,
    scope,
    tables,
    takeout,
    undo,
    whole,
    window,
)
from entities.rollback.archive import Out
from entities.rollback.preview import entries_to_go, rollback_of
from entities.rollback.scope import Scope
from entities.rollback.tables import MAP, content_tables, fetch
from tracking import rollbacks
from tracking.models import Part, Rollback, Sweep
from tracking.sweeps import PartPlan, Step

KIND = "rollback"
LOOK, BEFORE, UNDO, FIRST, REST, AFTER = 0, 2, undo.UNDO, 4, 100, 200
CHANGES, PATCHES = "changed entries", "second pass"
FORGOTTEN, WITHOUT_ROW = "former entries", "entries without a row"
UNDONE, ENTRIES_OUT = "rollback_undone", "rollback_entries_out"  # failpoints
PIECE = 100_000  # entries of one part: parts of a stage run side by side


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
            *figures.parts(AFTER, content_tables(), counted),
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
        touched = takeout.touched_rows(rollback, found, wanted, stays, out)
        late = touched - stays
        counts = takeout.take_out(rollback, found, stays | touched, wanted, out)
        failpoints.visit(whole.ROWS_OUT)
    failpoints.visit(failpoints.AFTER_V5_COMMIT)
    counted = Counter(part.figures) + counts + Counter(late=len(late))
    return Step(
        found.upto, found.over, len(found.entries), dict(counted), record=lambda: _note_late(rollback, table, late)
    )  # fmt: skip


def _note_late(rollback: Rollback, table: str, ids: set[int]) -> None:
    if ids:
        keep.late(rollback, table, ids)


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
        number = takeout.forget(entries, former, out)
        takeout.take_out_payloads(entries, (), out)
        failpoints.visit(ENTRIES_OUT)
    failpoints.visit(failpoints.AFTER_V5_COMMIT)
    return Step(
        entries[-1].id if entries else part.cursor, len(entries) < window.ENTRIES, len(entries),
        dict(Counter(part.figures) + Counter(entries=number)),
    )  # fmt: skip


def _now() -> str:
    return runner.iso(timezone.now())

"""Foresight: what would go, what people did to it since, what hangs on it. Nothing goes while it looks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from entities.engine import schema
from entities.rollback import keep, scope, tables, window
from entities.rollback.references import KEYLESS
from entities.rollback.scope import Scope
from entities.rollback.tables import MAP, fetch
from entities.rollback.window import Mapped, Window
from entities.rollback.written import is_as_written
from tracking import sweeps
from tracking.models import Part, Rollback, RollbackFinding, Sweep
from tracking.sweeps import PartPlan, Step

KIND = "rollback look"
CHILD_ROWS = 20_000
APART = ("roots", "batch", "exported")  # figures of a rollback that are not about a table
Finding = RollbackFinding.Kind
Keep = Callable[[Rollback, list[RollbackFinding]], None]


class Looking:
    """Looks at every table in scope, children first, then from the children whose column has no index."""

    def plan(self, sweep: Sweep) -> list[PartPlan]:
        return parts(entries_by_table(scope.load(rollback_of(sweep).scope)))

    def step(self, part: Part, sweep: Sweep) -> Step:
        return step(rollback_of(sweep), part, save)

    def end(self, sweep: Sweep) -> dict[str, Any]:
        rollback = rollback_of(sweep)
        parts = Part.objects.filter(sweep=sweep, stage__lt=sweeps.LAST)
        figures = {part.name: part.figures for part in parts if part.figures and ">" not in part.name}
        counted = entries_by_table(scope.load(rollback.scope))
        figures |= {name: rollback.figures[name] for name in ("roots", "batch") if name in rollback.figures}
        figures[""] = {"entries": counted.get("", 0)}
        if kept := _payloads(scope.load(rollback.scope)):
            figures[tables.ARCHIVE] = {"rows": kept}
        Rollback.objects.filter(pk=rollback.pk).update(figures=figures)
        rollback.refresh_from_db()
        keep.settle(rollback)
        Rollback.objects.filter(pk=rollback.pk, state=Rollback.State.LOOKING).update(
            state=Rollback.State.LOOKED
        )
        return {"tables": len(parts)}


def parts(counted: dict[str, int], stage: int = 0) -> list[PartPlan]:
    """What is to be looked at: every table with entries in scope, and children whose column has no index."""
    rows = {table: number for table, number in counted.items() if table}
    plans = [PartPlan(table, stage, total=number) for table, number in rows.items()]
    for parent in rows:
        for child, column in tables.references_to(parent):
            if not tables.indexed(child, column) and "id" in schema.live("v5").columns(child):
                plans.append(PartPlan(f"{child}.{column}>{parent}", stage))
    return plans


def step(rollback: Rollback, part: Part, keep_them: Keep) -> Step:
    """The next rows of such a part; `keep_them` writes what was found."""
    look = _from_children if ">" in part.name else _table
    return look(rollback, part, keep_them)


def rollback_of(sweep: Sweep) -> Rollback:
    return Rollback.objects.select_related("wave").get(pk=sweep.params["rollback"])


def entries_by_table(wanted: Scope) -> dict[str, int]:
    """Entries in scope by the V5 table of their row, deepest table first; "" for those without a row."""
    sql = f"SELECT m.v5_table, COUNT(*) FROM {MAP} m WHERE {wanted.where()} GROUP BY m.v5_table"
    counted = {row[0]: int(row[1]) for row in fetch(sql)}
    return {name: counted[name] for name in tables.children_first(counted)}


def entries_to_go(rollback: Rollback) -> dict[str, int]:
    """The same as the look found it; counted by table anew only when there are more or fewer by now."""
    wanted = scope.load(rollback.scope)
    looked = {name: found for name, found in rollback.figures.items() if name not in APART}
    known = {name: found["entries"] for name, found in looked.items() if found.get("entries")}
    now = fetch(f"SELECT COUNT(*) FROM {MAP} m WHERE {wanted.where()}")[0][0]
    if sum(known.values()) != now:
        return entries_by_table(wanted)
    return {name: known[name] for name in tables.children_first(known)}


def _table(rollback: Rollback, part: Part, keep_them: Keep) -> Step:
    wanted = scope.load(rollback.scope)
    found = window.look(window.read(part.name, wanted, part.cursor or 0), wanted)
    there = found.owned - found.gone
    hanging = window.hanging(part.name, there, wanted)
    findings = [*_of_rows(found), *(_of_child(part.name, one) for one in hanging)]
    counts = Counter(part.figures) + Counter(
        entries=len(found.entries), rows=_rows(found, there), edited=len(found.edited), gone=len(found.gone),
        used=len(found.used), children=len(hanging),
    )  # fmt: skip
    return Step(
        found.upto, found.over, len(found.entries), dict(counts), record=lambda: keep_them(rollback, findings)
    )


def _rows(found: Window, there: set[int]) -> int:
    """How many rows would go: of a list without ids several stand under one key, and those of people stay."""
    if found.table not in KEYLESS:
        return len(there)
    owners: dict[int, list[Mapped]] = {}
    for one in found.entries:
        if one.owns and one.v5_id in there:
            owners.setdefault(one.v5_id, []).append(one)
    return sum(
        any(is_as_written(found.table, one.entity, row, one.target_hash) for one in some)
        for v5_id, some in owners.items()
        for row in found.rows.get(v5_id, ())
    )


def _payloads(wanted: Scope) -> int:
    """Kept payloads of legacy rows that were left out: they go with their entries."""
    archived = f"{tables.ARCHIVE} a ON a.legacy_table = m.legacy_table AND a.legacy_id = m.legacy_id"
    sql = (
        f"SELECT COUNT(DISTINCT a.id) FROM {MAP} m JOIN {archived}"
        f" WHERE m.v5_id IS NULL AND m.disposition = 'skipped' AND {wanted.where()}"
    )
    return int(fetch(sql)[0][0])


def _from_children(rollback: Rollback, part: Part, keep_them: Keep) -> Step:
    """Child rows with ids in the next range that point at a row in scope through a column without an index."""
    child, _, rest = part.name.partition(".")
    column, _, parent = rest.partition(">")
    after = part.cursor or 0
    sql = f"SELECT MAX(id) FROM (SELECT id FROM {tables.quote(child)} WHERE id > %s ORDER BY id LIMIT {CHILD_ROWS}) s"
    upto = fetch(sql, [after])[0][0]
    if upto is None:
        return Step(after, True)
    found = window.hanging_between(child, column, parent, scope.load(rollback.scope), after, upto)
    findings = [_of_child(parent, one) for one in found]
    return Step(upto, False, figures=part.figures, record=lambda: keep_them(rollback, findings))


def _of_rows(found: Window) -> Iterable[RollbackFinding]:
    """One finding for each row that is not as it was written, with the record it stems from."""
    kinds = ((Finding.EDITED, found.edited), (Finding.GONE, found.gone), (Finding.USED, found.used))
    for kind, ids in kinds:
        seen: set[int] = set()
        for entry in found.entries:
            if entry.v5_id in ids and entry.owns and entry.v5_id not in seen:
                seen.add(entry.v5_id)
                yield RollbackFinding(
                    kind=kind, table=found.table, v5_id=entry.v5_id, entity_type=entry.entity,
                    legacy_id=entry.legacy_id, school_id=entry.school_id, stays=kind == Finding.USED,
                )  # fmt: skip


def _of_child(parent: str, one: window.Hanging) -> RollbackFinding:
    kind = Finding.USED if one.ours else Finding.CHILD
    return RollbackFinding(
        kind=kind, table=one.table, v5_id=one.id, parent_table=parent, parent_id=one.parent, columns=[one.column]
    )  # fmt: skip


def save(rollback: Rollback, findings: Iterable[RollbackFinding]) -> None:
    """Keep findings; those that are kept already stay as they are."""
    listed = list(findings)
    for one in listed:
        one.rollback = rollback
    RollbackFinding.objects.bulk_create(listed, batch_size=1_000, ignore_conflicts=True)

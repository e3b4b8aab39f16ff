"""The proof of a rollback: rows and hashes are what they were, less exactly what was taken out (R-92, R-83).

1. Against V5 as it was right before: every table and every school differs by the rows that went, by those that people
   changed meanwhile and that stayed for that, and by nothing else.
2. Against the checkpoint to which it leads back: what still differs is named by its key and has a reason: it stays by
   decision, people wrote it, another run did. A difference without a reason is a failure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any

from entities.engine.content import Figures, Reading
from entities.engine.lineage import RollbackArchive
from entities.rollback import archive, keep, scope, undo
from entities.rollback.checkpoint import Schools, added_up, as_schools, kept_rows, next_slice, sums_of, total
from entities.rollback.references import KEYLESS
from entities.rollback.tables import ARCHIVE, MAP, ROLLBACK, fetch, school_of
from tracking.models import Checkpoint, CheckpointTable, Part, Rollback, RollbackFinding
from tracking.sweeps import Step

MOST_KEYS = 20
PAGE = 20_000
Tables = dict[str, Schools]


def take_slice(part: Part) -> Step:
    """One step of the figures after it all; the same figures as a checkpoint's, without the rows."""
    after = part.cursor if part.cursor is not None else -(2**62)
    rows, over = next_slice(part.name, after)
    return Step(rows[-1][0] if rows else after, over, len(rows), added_up(part.figures, rows))


def prove(rollback: Rollback, before: Tables, after: Tables) -> dict[str, Any]:
    """What the comparison says: `proven`, R-92 and R-83 with their differences, and what was taken out."""
    noted = noted_figures(rollback.pk)
    for table, figures in late_changes(rollback).items():
        _add(noted.setdefault(table, {}), figures)
    tables = list(_by_table(before, after, noted))
    schools = list(_by_school(rollback, before, after, noted))
    left = entries_left(rollback)
    against = against_checkpoint(rollback, after) if rollback.checkpoint else {}
    unexplained = [one for one in against.get("tables", ()) if one["unexplained"]]
    return {
        "proven": not tables and not schools and not left and not unexplained,
        "tables compared": len(after), "schools compared": len({key for one in after.values() for key in one}),
        "R-92": {"differences": tables, "entries left": left, "checkpoint": against},
        "R-83": {"differences": schools},
        "taken out": archive.taken_out(rollback.pk), "stays": keep.stays_by_table(rollback),
    }  # fmt: skip


def noted_figures(rollback: int) -> Tables:
    """The figures that the steps kept beside what they took out or changed, added up; rows that went count below zero."""
    sql = f"SELECT v5_table, payload FROM {ROLLBACK} WHERE rollback_id = %s AND kind = '{RollbackArchive.FIGURES}'"
    found: Tables = {}
    for table, payload in fetch(sql, [rollback]):
        _add(found.setdefault(table, {}), json.loads(payload))
    return found


def late_changes(rollback: Rollback) -> Tables:
    """By how much the rows differ that people changed while it ran, and that stayed for that: each of them is named."""
    assert rollback.before is not None
    found: Tables = {}
    late = RollbackFinding.objects.filter(rollback=rollback, kind=RollbackFinding.Kind.LATE)
    for table in set(late.values_list("table", flat=True)) - KEYLESS.keys():
        ids = set(late.filter(table=table).values_list("v5_id", flat=True))
        ids -= undo.put_back(rollback, table, ids)  # their change has been noted
        if ids:
            sums = sums_of(rollback.before, table, ids, -1)
            for _, hash, school in Reading("v5", table).stream(
                archive.among("t.id", ids), extra=[school_of(table)]
            ):
                mine = sums.setdefault(str(school or 0), [0, 0])
                mine[0], mine[1] = mine[0] + 1, mine[1] + hash
            found[table] = as_schools(sums)
    return found


def _add(to: Schools, figures: Schools) -> None:
    for school, more in figures.items():
        to[school] = list(Figures(*to.get(school, Figures())) + Figures(*more))


def _by_table(before: Tables, after: Tables, noted: Tables) -> Iterator[dict[str, Any]]:
    for table in sorted(before.keys() | after.keys()):
        expected = total(before.get(table, {})) + total(noted.get(table, {}))
        found = total(after.get(table, {}))
        if expected != found:
            yield {"table": table, "expected": list(expected), "found": list(found)}


def _by_school(rollback: Rollback, before: Tables, after: Tables, noted: Tables) -> Iterator[dict[str, Any]]:
    """Schools whose rows differ by more than what went; of a rollback of one school also what went of another."""
    only = rollback.scope.get("v5_school")
    for table in sorted(after.keys() | before.keys()):
        was, now, went = (one.get(table, {}) for one in (before, after, noted))
        for school in sorted(was.keys() | now.keys() | went.keys()):
            expected = Figures(*was.get(school, Figures())) + Figures(*went.get(school, Figures()))
            found = Figures(*now.get(school, Figures()))
            foreign = (
                only is not None and table != ARCHIVE and school not in ("0", str(only)) and school in went
            )
            if expected != found or foreign:
                yield {"table": table, "school": int(school), "expected": list(expected), "found": list(found)}  # fmt: skip


def entries_left(rollback: Rollback) -> dict[str, int]:
    """Entries in scope that are still in the map though nothing holds their row."""
    wanted, left, after = scope.load(rollback.scope), {}, 0
    sql = f"SELECT m.id, m.v5_table, m.v5_id FROM {MAP} m WHERE m.id > %s AND {wanted.where()} ORDER BY m.id LIMIT {PAGE}"
    by_table: dict[str, set[int]] = {}
    while rows := fetch(sql, [after]):
        for _, table, v5_id in rows:
            by_table.setdefault(table, set()).add(v5_id or 0)
        after = rows[-1][0]
    for table, ids in by_table.items():
        if lost := ids - keep.staying(rollback, table, ids):
            left[table] = len(lost)
    return left


def against_checkpoint(rollback: Rollback, after: Tables) -> dict[str, Any]:
    """Tables that differ from the checkpoint, each with the keys and reasons; equal ones are counted."""
    checkpoint = rollback.checkpoint
    assert checkpoint is not None
    kept: dict[str, Figures] = {}
    for one in CheckpointTable.objects.filter(checkpoint=checkpoint):
        kept[one.table] = kept.get(one.table, Figures()) + Figures(one.rows, one.hash)
    differing = [table for table, figures in sorted(kept.items()) if total(after.get(table, {})) != figures]
    return {
        "name": checkpoint.name, "equal": len(kept) - len(differing),
        "tables": [explain(rollback, checkpoint, table) for table in differing],
    }  # fmt: skip


def explain(rollback: Rollback, checkpoint: Checkpoint, table: str) -> dict[str, Any]:
    """Every row of a table that is not as the checkpoint has it, by reason; `unexplained` must be empty."""
    fresh, lost = _differing(checkpoint, table)
    here, there = {key for key, _ in fresh}, {key for key, _ in lost}
    if table in KEYLESS or 0 in here | there:
        return _of_list(table, fresh, lost)
    reasons: dict[str, set[int]] = {}
    stays = keep.staying(rollback, table, here)
    mapped, in_scope = _in_map(rollback, table, here | there)
    went = _went(rollback, table, there)
    for key in here | there:
        reasons.setdefault(_reason(key, here, there, stays, mapped, in_scope, went), set()).add(key)
    unexplained = sorted(reasons.pop("", ()))
    return {
        "table": table, "unexplained": unexplained[:MOST_KEYS],
        "explained": {why: {"rows": len(keys), "first": sorted(keys)[:MOST_KEYS]} for why, keys in sorted(reasons.items())},
    }  # fmt: skip


def _differing(checkpoint: Checkpoint, table: str) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """(id, hash) of rows that only V5 has, and of those that only the checkpoint has; equal rows are not held."""
    reading, kept = Reading("v5", table), kept_rows(checkpoint, table)
    standing = ((id or 0, hash) for id, hash in reading.stream())
    if not reading.numbered:
        now, then = set(standing), set(kept)
        return now - then, then - now
    fresh, lost = set[tuple[int, int]](), set[tuple[int, int]]()
    for _, rows in groupby(
        merge(((*row, 1) for row in standing), ((*row, 0) for row in kept)), key=itemgetter(0)
    ):
        sides: tuple[set[tuple[int, int]], ...] = (set(), set())
        for id, hash, side in rows:
            sides[side].add((id, hash))
        fresh |= sides[1] - sides[0]
        lost |= sides[0] - sides[1]
    return fresh, lost


def _reason(key: int, here: set[int], there: set[int], stays: set[int], mapped: set[int], in_scope: set[int],
            went: dict[int, str]) -> str:  # fmt: skip
    if key in stays:
        return "stays by decision"
    if key in went:
        return "went by decision" if went[key] == archive.PEOPLE else ""
    if key in here and key in in_scope:
        return ""
    if key in mapped and key not in there:
        return "written by another run"
    if key in here and key in there:
        return "edited by people"
    return "written by people" if key in here else "deleted by people"


def _of_list(table: str, here: set[tuple[int, int]], there: set[tuple[int, int]]) -> dict[str, Any]:
    """A table without ids: rows are told by their hash; what is new was written by people, the map has none of it."""
    explained = {
        why: {"rows": len(rows), "first": sorted(key for key, _ in rows)[:MOST_KEYS]}
        for why, rows in (("written by people", here), ("deleted by people", there))
        if rows
    }
    return {"table": table, "unexplained": [], "explained": explained}


def _in_map(rollback: Rollback, table: str, ids: set[int]) -> tuple[set[int], set[int]]:
    """Those of the rows that the map knows, and those of them that are in scope."""
    if not ids:
        return set(), set()
    wanted = scope.load(rollback.scope)
    inside = f"m.v5_table = %s AND m.v5_id IN ({archive.listed(ids)})"
    known = {row[0] for row in fetch(f"SELECT DISTINCT m.v5_id FROM {MAP} m WHERE {inside}", [table])}
    ours = fetch(f"SELECT DISTINCT m.v5_id FROM {MAP} m WHERE {inside} AND {wanted.where()}", [table])
    return known, {row[0] for row in ours}


def _went(rollback: Rollback, table: str, ids: set[int]) -> dict[int, str]:
    """Rows that this rollback took out, with the reason kept for each."""
    sql = (
        f"SELECT v5_id, reason FROM {ROLLBACK} WHERE rollback_id = %s AND v5_table = %s"
        f" AND kind = '{RollbackArchive.DELETED}' AND v5_id IN ({archive.listed(ids)})"
    )
    return {row[0]: row[1] for row in fetch(sql, [rollback.pk, table])}

"""The short way through a long table: windows in which all goes.

Where every entry of the map is in scope, owns one row that stands as it was written, and nothing else stands there or
hangs on it, rows and entries go by a range of ids, without travelling to the worker. The statement that keeps them also
looks whether they stand: if one does not, all is taken back. Any other window is gone through entry by entry (`window`).
"""

from __future__ import annotations

from typing import NamedTuple

from django.db import transaction

from entities.engine import digests, failpoints
from entities.rollback import checkpoint, undo, window, written
from entities.rollback.archive import Out
from entities.rollback.references import KEYLESS
from entities.rollback.scope import OWN, Scope
from entities.rollback.tables import MAP, fetch, quote
from tracking.models import Rollback, RollbackFinding

FEWEST, MOST = 20, 20_000  # entries that are worth the question, and those of one window
OWN_RECORDS = 2  # the layout and the figures of a window
ROWS_OUT = "rollback_rows_out"  # failpoint


class Stretch(NamedTuple):
    """Rows with ids in (after, upto] that went or may go, each with its entry; `over` when there are none behind."""

    after: int
    upto: int
    rows: int

    @property
    def over(self) -> bool:
        return self.rows < MOST

    @property
    def dense(self) -> bool:
        """Whether no id in between is missing."""
        return self.upto - self.after == self.rows

    def within(self, column: str) -> str:
        """SQL: the column is in the stretch."""
        return f"{column} > {self.after} AND {column} <= {self.upto}"


class _NotAll(Exception):
    """A row does not stand as it was written, or another one is there."""


def take_out(
    rollback: Rollback, scope: Scope, table: str, after: int, upto: int | None, now: str
) -> Stretch | None:
    """Take the next window out as a whole; None, and nothing done, where it has to be gone through."""
    standing = _standing(table)
    if not standing or not scope.is_whole or undo.took_back(rollback) or undo.any_former(scope):
        return None
    found = _next(table, scope, after, upto)
    if found is None or _noted(rollback, table, found):
        return None
    out = Out(rollback.pk, now, rollback.reason, found.rows + OWN_RECORDS)
    try:
        with transaction.atomic(using="v5"):
            _take_out(rollback, scope, table, found, standing, out)
            failpoints.visit(ROWS_OUT)
    except _NotAll:
        return None
    return found


def _take_out(rollback: Rollback, scope: Scope, table: str, found: Stretch, standing: str, out: Out) -> None:
    if window.hangs_between(table, scope, found.after, found.upto):
        raise _NotAll
    assert rollback.before is not None
    sums = checkpoint.sums_between(rollback.before, table, found.after, found.upto, -1)
    there = fetch(f"SELECT COUNT(*) FROM {quote(table)} t WHERE {found.within('t.id')}")[0][0]
    if not there == -sum(rows for rows, _ in sums.values()) == found.rows:
        raise _NotAll
    out.figures(table, sums)
    low = found.after + 1 if found.dense else None
    if out.keep_pairs(table, found.within, found.rows, low=low, standing=standing) != found.rows:
        raise _NotAll
    out.drop_pairs(table, found.within, found.rows)


def _standing(table: str) -> str:
    """SQL that is 1 for an entry `m` whose row `t` is as it was written; empty where the server cannot tell."""
    if table in KEYLESS:
        return ""
    cases = []
    for entity, mappings in written.mappings_of(table).items():
        hashes = [digests.as_written(mapping) for mapping in mappings]
        if any(sql is None for sql in hashes):
            return ""
        same = " OR ".join(f"CAST(m.target_hash AS BINARY) = CAST({sql} AS BINARY)" for sql in hashes)
        cases.append(f"WHEN '{entity}' THEN {same}")
    return f"CASE m.entity_type {' '.join(cases)} ELSE 0 END" if cases else ""


def _next(table: str, scope: Scope, after: int, upto: int | None) -> Stretch | None:
    """The next entries, when they are worth it, each of them goes, and each has a row of its own."""
    owning = ", ".join(f"'{name}'" for name in OWN if name != "skipped")
    bound = f" AND m.v5_id <= {int(upto)}" if upto is not None else ""
    some = (
        f"SELECT m.v5_id, COALESCE(({scope.where()}), 0) AND m.disposition IN ({owning}) AS goes FROM {MAP} m"
        f" WHERE m.v5_table = %s AND m.v5_id > %s{bound} ORDER BY m.v5_id LIMIT {MOST}"
    )
    sql = f"SELECT MAX(k.v5_id), COUNT(*), COUNT(DISTINCT k.v5_id), SUM(k.goes) FROM ({some}) k"
    last, number, ids, going = fetch(sql, [table, after])[0]
    return Stretch(after, last, number) if number == ids == going and number >= FEWEST else None


def _noted(rollback: Rollback, table: str, between: Stretch) -> bool:
    """Whether the look found anything about these rows, or about what hangs on them."""
    found, after, upto = RollbackFinding.objects.filter(rollback=rollback), between.after, between.upto
    return (
        found.filter(table=table, v5_id__gt=after, v5_id__lte=upto).exists()
        or found.filter(parent_table=table, parent_id__gt=after, parent_id__lte=upto).exists()
    )

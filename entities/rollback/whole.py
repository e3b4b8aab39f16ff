"""The short way through a long table: windows in which all goes.

Where every entry of the map is in scope, owns one row that stands as it was written, and nothing else stands there or
hangs on it, rows and entries go by a range of ids, without travelling to the worker. One statement tells whether a
window is like that. Any other window is gone through entry by entry (`window`).
"""

from __future__ import annotations

from typing import NamedTuple

from entities.engine import digests
from entities.rollback import checkpoint, undo, window, written
from entities.rollback.archive import Out
from entities.rollback.references import KEYLESS
from entities.rollback.scope import OWN, Scope
from entities.rollback.tables import MAP, fetch, quote
from tracking.models import Rollback, RollbackFinding

FEWEST, MOST = 20, 20_000  # entries that are worth the question, and those of one window


class Stretch(NamedTuple):
    """Rows with ids up to `upto` that went, each with its entry; `over` when there are none behind."""

    upto: int
    over: bool
    rows: int


def take_out(
    rollback: Rollback, scope: Scope, table: str, after: int, upto: int | None, out: Out
) -> Stretch | None:
    """Take the next window out as a whole; None, and nothing done, where it has to be gone through."""
    standing = _standing(table)
    if not standing or not scope.is_whole or undo.took_back(rollback) or undo.any_former(scope):
        return None
    last, number = _window(table, after, upto)
    if number < FEWEST or _noted(rollback, table, after, last):
        return None
    if not _all_go(table, scope, standing, after, last) or window.hangs_between(table, scope, after, last):
        return None
    assert rollback.before is not None
    sums = checkpoint.sums_between(rollback.before, table, after, last, -1)
    if -sum(rows for rows, _ in sums.values()) != number:
        return None
    out.figures(table, sums)
    dense = last - after == number
    out.pairs(
        table,
        lambda column: f"{column} > {after} AND {column} <= {last}",
        number,
        low=after + 1 if dense else None,
    )
    return Stretch(last, number < MOST, number)


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


def _window(table: str, after: int, upto: int | None) -> tuple[int, int]:
    """The V5 id at the end of the next entries, and how many there are."""
    bound = f" AND m.v5_id <= {int(upto)}" if upto is not None else ""
    some = (
        f"SELECT m.v5_id FROM {MAP} m WHERE m.v5_table = %s AND m.v5_id > %s{bound}"
        f" ORDER BY m.v5_id LIMIT {MOST}"
    )
    last, number = fetch(f"SELECT MAX(k.v5_id), COUNT(*) FROM ({some}) k", [table, after])[0]
    return last or after, number


def _noted(rollback: Rollback, table: str, after: int, upto: int) -> bool:
    """Whether the look found anything about these rows, or about what hangs on them."""
    found = RollbackFinding.objects.filter(rollback=rollback)
    return (
        found.filter(table=table, v5_id__gt=after, v5_id__lte=upto).exists()
        or found.filter(parent_table=table, parent_id__gt=after, parent_id__lte=upto).exists()
    )


def _all_go(table: str, scope: Scope, standing: str, after: int, upto: int) -> bool:
    """Whether each of the entries goes and has its own row as written, and no other row is there; locks both."""
    owning = ", ".join(f"'{name}'" for name in OWN if name != "skipped")
    counted = fetch(
        f"SELECT COUNT(*), COUNT(DISTINCT m.v5_id), SUM(COALESCE(({scope.where()}), 0)), SUM(m.disposition IN ({owning})),"
        f" SUM(COALESCE({standing}, 0)) FROM {MAP} m LEFT JOIN {quote(table)} t ON t.id = m.v5_id"
        f" WHERE m.v5_table = %s AND m.v5_id > {after} AND m.v5_id <= {upto} FOR UPDATE",
        [table],
    )[0]
    rows = fetch(f"SELECT COUNT(*) FROM {quote(table)} t WHERE t.id > {after} AND t.id <= {upto}")[0]
    return len({*map(int, counted), *rows}) == 1

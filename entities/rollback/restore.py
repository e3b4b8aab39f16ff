"""Rows come back from the rollback archive: where they are gone as they were, where they exist only what was lost.

A selection is a rollback, a table, ids, a record, a school, a span of time or values of columns; what hangs on the
rows and what they point at comes along when it went as well. Nothing that stands in V5 is overwritten.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from entities.engine import failpoints, runner, schema, vendors
from entities.engine.errors import Refused
from entities.engine.load import database_message
from entities.rollback import archive, selection, tables
from entities.rollback.archive import execute, listed
from entities.rollback.layout import cells
from entities.rollback.references import KEYLESS, LOOSE
from entities.rollback.tables import MAP, ROLLBACK, as_dict, fetch, key_column, quote, to_dict
from entities.rollback.undo import same
from tracking import sweeps
from tracking.models import Part, Rollback, Sweep
from tracking.sentences import sentence
from tracking.sweeps import PartPlan, Step

KIND = "restore"
AT_ONCE, MOST_LISTED = 500, 50
ENTRIES, LAST = "map entries", 100
BACK, MERGED, THERE, AGAIN, ORPHAN, WRONG = (
    "back",
    "merged",
    "there already",
    "moved again",
    "parent missing",
    "refused",
)


@dataclass
class Kept:
    """A row of the archive: what it was, and the id of its entry in the map."""

    id: int
    table: str
    v5_id: int
    values: dict[str, Any]
    map_id: int | None
    outcome: str = ""
    said: str = ""


class Restoring:
    """The sweep of a restore: parents first, then the entries of the map."""

    def plan(self, sweep: Sweep) -> list[PartPlan]:
        archive.refuse_missing()
        if other := Rollback.objects.filter(state=Rollback.State.ROLLING).first():
            raise Refused(sentence("rollback %(other)s is under way: wait for its end", other=str(other)))
        chosen = selection.load(sweep.params)
        if chosen.narrow:
            chosen = selection.spelled_out(chosen)
            sweep.params = {**sweep.params, "rows": chosen.rows}
            sweep.save(update_fields=["params"])
        counted = selection.counted(chosen)
        if not counted:
            raise Refused("the archive has no row of this selection that is not back already")
        plans = [PartPlan(table, tables.depth(table), total=number) for table, number in counted.items()]
        return [*plans, PartPlan(ENTRIES, LAST)]

    def step(self, part: Part, sweep: Sweep) -> Step:
        chosen = selection.load(sweep.params)
        if part.name == ENTRIES:
            return _entries(chosen, part)
        rows = _kept(chosen, part.name, part.cursor or 0)
        with transaction.atomic(using="v5"):
            _bring_back(rows, part.name)
            failpoints.visit(failpoints.INSIDE_V5_TRANSACTION)
        failpoints.visit(failpoints.AFTER_V5_COMMIT)
        return Step(
            rows[-1].id if rows else part.cursor, len(rows) < AT_ONCE, len(rows), _told(part.figures, rows)
        )

    def end(self, sweep: Sweep) -> dict[str, Any]:
        """How many came back, by table; counted in V5, whatever died in between."""
        found: dict[str, Any] = {"tables": {}, "not back": []}
        for part in Part.objects.filter(sweep=sweep, stage__lt=sweeps.LAST).order_by("stage", "position"):
            found["tables"][part.name] = {
                name: number for name, number in part.figures.items() if name != "listed"
            }
            found["not back"] += part.figures.get("listed", [])
        found["not back"] = found["not back"][:MOST_LISTED]
        return found


def _told(figures: dict[str, Any], rows: Iterable[Kept]) -> dict[str, Any]:
    counted = Counter({name: number for name, number in figures.items() if name != "listed"})
    named = list(figures.get("listed", []))
    for row in rows:
        counted[row.outcome] += 1
        if row.outcome not in (BACK, MERGED, THERE) and len(named) < MOST_LISTED:
            named.append({"table": row.table, "id": row.v5_id, "why": row.outcome, "said": row.said})
    return {**counted, "listed": named}


def _kept(chosen: selection.Selection, table: str, after: int) -> list[Kept]:
    sql = (
        f"SELECT a.id, a.v5_table, a.v5_id, a.map_id, a.payload, a.sealed FROM {ROLLBACK} a WHERE {chosen.where()}"
        f" AND a.v5_table = %s AND a.id > %s ORDER BY a.id LIMIT {AT_ONCE}"
    )
    return [
        Kept(row[0], row[1], row[2], to_dict(table, row[4], row[5]), row[3])
        for row in fetch(sql, [table, after])
    ]


def _bring_back(rows: list[Kept], table: str) -> None:
    """Decide for each row and write; in the transaction of the step."""
    if not rows:
        return
    entries = _entries_of(rows)
    taken = _moved_again(entries)
    standing = _standing(table, rows)
    parents = _Parents(table, rows)
    fresh = []
    for row in rows:
        if row.id in standing:
            _merge(row, standing[row.id])
        elif any(entry["id"] in taken for entry in entries.get(row.id, ())):
            row.outcome = AGAIN
        elif missing := parents.missing(row):
            row.outcome, row.said = ORPHAN, missing
        else:
            fresh.append(row)
    _insert(table, fresh)
    _mark([row for row in rows if row.outcome in (BACK, MERGED, THERE)], entries)


def _insert(table: str, rows: list[Kept]) -> None:
    """All at once; where the database refuses, one by one, so that only those stay away that it refuses."""
    if not rows:
        return
    connection, live = connections["v5"], schema.live("v5").columns(table)
    names = [name for name in rows[0].values if name in live]
    insert = vendors.of(connection).insert
    try:
        with transaction.atomic(using="v5"):
            insert(connection, table, names, [[row.values.get(name) for name in names] for row in rows])
            _verify(table, rows)
    except (DatabaseError, Refused) as error:
        if isinstance(error, DatabaseError) and vendors.of(connection).is_transient(error):
            raise
    else:
        for row in rows:
            row.outcome = BACK
        return
    for row in rows:
        try:
            with transaction.atomic(using="v5"):
                insert(connection, table, names, [[row.values.get(name) for name in names]])
                _verify(table, [row])
            row.outcome = BACK
        except DatabaseError as error:
            row.outcome, row.said = WRONG, database_message(error)
        except Refused as error:
            row.outcome, row.said = WRONG, str(error)


def _verify(table: str, rows: Sequence[Kept]) -> None:
    """Every row reads back as it was kept, cell by cell."""
    if table in KEYLESS:
        return
    sql = f"SELECT t.id, {as_dict(table)} FROM {quote(table)} t WHERE t.id IN ({listed(row.v5_id for row in rows)})"
    there = {row[0]: to_dict(table, row[1], row[2]) for row in fetch(sql)}
    for row in rows:
        now = there.get(row.v5_id, {})
        wrong = [name for name, value in row.values.items() if name in now and not same(now[name], value)]
        if not now or wrong:
            raise Refused(
                f"{table} {row.v5_id} would not come back as it was: {', '.join(wrong) or 'it is missing'}"
            )


def _standing(table: str, rows: list[Kept]) -> dict[int, dict[str, Any]]:
    """Those of the rows that stand in V5, as they are now, by archive id."""
    key, names = key_column(table), KEYLESS[table][1] if table in KEYLESS else ("id",)
    sql = f"SELECT {as_dict(table)} FROM {quote(table)} t WHERE t.{quote(key)} IN ({listed(row.v5_id for row in rows)})"
    there = {
        tuple(values[name] for name in names): values
        for values in (to_dict(table, *row) for row in fetch(sql))
    }
    found = {}
    for row in rows:
        place = tuple(row.values[name] for name in names)
        if place in there:
            found[row.id] = there[place]
    return found


def _merge(row: Kept, now: dict[str, Any]) -> None:
    """A record that exists gets back only what it lost: columns that are empty now and were not."""
    lost = {
        name: value
        for name, value in row.values.items()
        if value not in (None, "") and name in now and now[name] in (None, "")
    }
    row.outcome = MERGED if lost else THERE
    if lost and row.table not in KEYLESS:
        assignments = ", ".join(f"{quote(name)} = %s" for name in lost)
        execute(f"UPDATE {quote(row.table)} SET {assignments} WHERE id = %s", [*lost.values(), row.v5_id])
        row.said = ", ".join(lost)


class _Parents:
    """Which of the rows that these rows point at stand in V5."""

    def __init__(self, table: str, rows: list[Kept]) -> None:
        self.columns = [
            (column, parent)
            for column, parent in tables.references_of(table)
            if parent != table and parent not in KEYLESS
        ]
        wanted: dict[str, set[int]] = {}
        for row in rows:
            for column, parent in self.columns:
                if row.values.get(column) not in (None, ""):
                    wanted.setdefault(parent, set()).add(int(row.values[column]))
        self.there = {
            parent: {row[0] for row in fetch(f"SELECT id FROM {quote(parent)} WHERE id IN ({listed(ids)})")}
            for parent, ids in wanted.items()
        }

    def missing(self, row: Kept) -> str:
        for column, parent in self.columns:
            value = row.values.get(column)
            if (
                value not in (None, "", "0")
                and int(value) not in self.there[parent]
                and (row.table, column) not in LOOSE
            ):
                return f"{column}: {parent} {value}"
        return ""


def _entries_of(rows: list[Kept]) -> dict[int, list[dict[str, Any]]]:
    """The kept map entries of each row, by archive id of the row."""
    places = {(row.table, row.v5_id): row.id for row in rows}
    if not places:
        return {}
    ids = listed(row.v5_id for row in rows)
    sql = (
        f"SELECT a.id, a.v5_id, {archive.ENTRY} FROM {ROLLBACK} a WHERE a.v5_table = %s AND a.v5_id IN ({ids})"
        f" AND {archive.WITH_ENTRY} ORDER BY a.id DESC"
    )
    found: dict[int, list[dict[str, Any]]] = {}
    seen: set[str] = set()
    for archive_id, v5_id, payload in fetch(sql, [rows[0].table]):
        values = cells(payload)
        if values["id"] in seen:
            continue  # it went more than once: as it went last
        seen.add(values["id"])
        found.setdefault(places[rows[0].table, v5_id], []).append({**values, "archived": archive_id})
    return found


def _moved_again(entries: dict[int, list[dict[str, Any]]]) -> set[str]:
    """Ids of kept entries whose legacy record lives in another row by now: it was moved again since."""
    all_of = [entry for some in entries.values() for entry in some]
    there = _live(all_of)
    return {entry["id"] for entry in all_of if there.get(entry["id"], entry["v5_id"]) != entry["v5_id"]}


def _live(entries: list[dict[str, Any]]) -> dict[str, str]:
    """The V5 id that the map has now for the keys of kept entries, by the id of the kept entry."""
    by_kind: dict[str, dict[tuple[int, str], str]] = {}
    for entry in entries:
        by_kind.setdefault(entry["entity_type"], {})[int(entry["legacy_id"]), entry["part"] or ""] = entry[
            "id"
        ]
    there: dict[str, str] = {}
    for entity, keys in by_kind.items():
        ids = listed(key[0] for key in keys)
        sql = f"SELECT legacy_id, part, v5_id FROM {MAP} WHERE entity_type = %s AND legacy_id IN ({ids})"
        there |= {
            keys[row[0], row[1]]: str(row[2]) for row in fetch(sql, [entity]) if (row[0], row[1]) in keys
        }
    return there


def _mark(rows: list[Kept], entries: dict[int, list[dict[str, Any]]]) -> None:
    """Rows that stand again are marked, and their entries stand in the map again where their key is free."""
    if not rows:
        return
    mine = [entry for row in rows for entry in entries.get(row.id, ())]
    there = _live(mine)
    _insert_entries([entry for entry in mine if entry["id"] not in there])
    marked = listed([*(row.id for row in rows), *(entry["archived"] for entry in mine)])
    execute(f"UPDATE {ROLLBACK} SET restored_at = %s WHERE id IN ({marked})", [runner.iso(timezone.now())])


def _insert_entries(entries: list[dict[str, Any]]) -> None:
    if entries:
        names = list(schema.live("v5").columns(MAP))
        vendors.of(connections["v5"]).insert(
            connections["v5"], MAP, names, [[entry.get(name) for name in names] for entry in entries]
        )


def _entries(chosen: selection.Selection, part: Part) -> Step:
    """Entries without a row of their own: left out, rejected or merged records, as far as their key is free.

    Of a narrow selection only those that live in a row which is back.
    """
    sql = (
        f"SELECT a.id, a.v5_table, a.v5_id, a.payload FROM {ROLLBACK} a WHERE {chosen.of_entries()} AND a.id > %s"
        f" ORDER BY a.id LIMIT {AT_ONCE}"
    )
    with transaction.atomic(using="v5"):
        rows = fetch(sql, [part.cursor or 0])
        entries = [{**cells(row[3]), "archived": row[0]} for row in rows if _has_row(row[1], row[2])]
        taken = _live(entries)
        free = [entry for entry in entries if entry["id"] not in taken]
        _insert_entries(free)
        if free:
            marks = listed(entry["archived"] for entry in free)
            execute(
                f"UPDATE {ROLLBACK} SET restored_at = %s WHERE id IN ({marks})", [runner.iso(timezone.now())]
            )
        failpoints.visit(failpoints.INSIDE_V5_TRANSACTION)
    figures = Counter({name: n for name, n in part.figures.items() if name != "listed"}) + Counter(
        {BACK: len(free)}
    )
    return Step(rows[-1][0] if rows else part.cursor, len(rows) < AT_ONCE, len(rows), dict(figures))


def _has_row(table: str, v5_id: int | None) -> bool:
    if v5_id is None or not table:
        return True
    return bool(
        fetch(f"SELECT 1 FROM {quote(table)} t WHERE t.{quote(key_column(table))} = %s LIMIT 1", [v5_id])
    )

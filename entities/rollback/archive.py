"""The rollback archive: rows and map entries on their way out of V5, in the transaction that takes them out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import connections

from entities.engine import before, schema
from entities.engine import ids as reserved_ids
from entities.engine.content import Reading
from entities.engine.errors import Refused
from entities.engine.lineage import RollbackArchive
from entities.engine.values import to_json
from entities.rollback import layout
from entities.rollback.checkpoint import as_schools
from entities.rollback.references import KEYLESS
from entities.rollback.tables import ARCHIVE, MAP, ROLLBACK, as_dict, fetch, key_column, quote, school_of

PEOPLE = "written by people"
NAMES = (
    "id, kind, v5_table, v5_id, payload, sealed, rollback_id, map_id, run_id, school_id, reason, created_at"
)
# Entries of the map under the alias `a`: kept by themselves, or together with the row that they alone are about.
WITH_ENTRY = "(a.kind = 'map' OR (a.kind = 'deleted' AND a.entry IS NOT NULL))"
ENTRY = "COALESCE(a.entry, a.payload)"
BLOCK = 20_000
STRETCH, MOST_STRETCHES = 50, 40  # ids without a gap that are worth a range, and ranges of one statement


def refuse_missing() -> None:
    """Nothing is taken out of a V5 that cannot keep it."""
    schema.forget("v5")
    if ROLLBACK not in schema.live("v5").tables:
        raise Refused(f"V5 has no table {ROLLBACK}, so nothing could be kept: run prepare_v5 --apply first")


class Out:
    """Takes rows and entries out in the transaction of one step. Make it before that transaction begins: it takes
    `need` ids for the archive, and opening a region of ids is DDL. Ids left over stay unused: a V5 that was brought back
    from a backup must not meet ids that somebody still holds."""

    def __init__(self, rollback: int, now: str, reason: str, need: int) -> None:
        self.rollback, self.now, self.reason = rollback, now, reason[:200]
        self._free = reserved_ids.reserve(ROLLBACK, need)

    def rows(self, table: str, ids: Iterable[int], *, entries: Iterable[int] = (), reason: str = "") -> int:
        """Keep and delete rows by the key that the map has; `entries` are map ids of those that own them."""
        where = among(f"t.{quote(key_column(table))}", ids)
        return self.rows_where(table, where, entries=entries, reason=reason)

    def rows_where(self, table: str, where: str, *, entries: Iterable[int] = (), reason: str = "") -> int:
        """The same for the rows that fulfil SQL under the alias `t`; their figures are kept with them."""
        count = self.note(table, where, -1)
        if not count:
            return 0
        key, owners = quote(key_column(table)), list(entries)
        join = f" LEFT JOIN ({_owners(owners)}) o ON o.v5_id = t.{key}" if owners else ""
        owner = "o.id, o.run_id, o.school_id" if owners else "NULL, NULL, NULL"
        order = ", ".join(f"t.{quote(name)}" for name in (KEYLESS[table][1] if table in KEYLESS else ("id",)))
        execute(
            f"INSERT INTO {ROLLBACK} ({NAMES}) SELECT {self._ids(count)} - 1 + ROW_NUMBER() OVER (ORDER BY {order}),"
            f" '{RollbackArchive.DELETED}', %s, t.{key}, {as_dict(table)}, %s, {owner}, %s, %s"
            f" FROM {quote(table)} t{join} WHERE {where}",
            [table, self.rollback, reason or self.reason, self.now],
        )
        self._all(table, count, delete(table, where))
        return count

    def pairs(self, table: str, within: Callable[[str], str], number: int) -> int:
        """Keep and delete rows that have one entry in the map, with that entry: one record of the archive for both.

        `within` makes SQL of a column with V5 ids, `number` is how many rows it is about. Their figures are not noted
        here: the checkpoint before the rollback has them (`figures`).
        """
        kept = self.keep_pairs(table, within, number)
        self._all(table, kept, number)
        self.drop_pairs(table, within, kept)
        return kept

    def keep_pairs(
        self,
        table: str,
        within: Callable[[str], str],
        number: int,
        *,
        low: int | None = None,
        standing: str = "",
    ) -> int:
        """Keep such rows, with `standing` only those that it is true of (SQL of an entry `m` and its row `t`), and lock
        them; how many there are. `low` is the first id when no id is missing."""
        name, layout_id, first = quote(table), self._layout(table), self._ids(number)
        rows, place = name, f"{first} + t.id - {low}"
        if low is None:
            rows = f"(SELECT t.id, ROW_NUMBER() OVER (ORDER BY t.id) AS place FROM {name} t WHERE {within('t.id')}) k"
            rows, place = f"{rows} JOIN {name}", f"{first} - 1 + k.place"
        where = within("t.id") if low is not None else "t.id = k.id"
        if standing:
            where = f"{where} AND {standing} FOR UPDATE"
        return execute(
            f"INSERT INTO {ROLLBACK} ({NAMES}, entry) SELECT {place}, '{RollbackArchive.DELETED}', %s, t.id,"
            f" {layout.as_text(table, layout_id)}, {before.secrets_as_text('v5', table)}, %s, m.id, m.run_id, m.school_id,"
            f" %s, %s, {layout.as_text(MAP, layout_id, 'm')}"
            f" FROM {rows} t JOIN {MAP} m ON m.v5_table = '{table}' AND m.v5_id = t.id WHERE {where}",
            [table, self.rollback, self.reason, self.now],
        )

    def drop_pairs(self, table: str, within: Callable[[str], str], kept: int) -> None:
        """Delete the rows and the entries that were kept."""
        self._all(MAP, kept, execute(f"DELETE FROM {MAP} WHERE v5_table = '{table}' AND {within('v5_id')}"))
        self._all(table, kept, execute(f"DELETE FROM {quote(table)} WHERE {within('id')}"))

    def note(self, table: str, where: str, sign: int, params: Sequence[Any] = ()) -> int:
        """Keep the figures of some rows by school beside them in V5: they add up whatever dies in between."""
        counted: dict[str, list[int]] = {}
        extra = ["t.school_id" if table == ARCHIVE else school_of(table)]
        rows = 0
        for _, hash, school in Reading("v5", table).stream(where, params, extra=extra):
            found = counted.setdefault(str(school or 0), [0, 0])
            found[0] += sign
            found[1] += sign * hash
            rows += 1
        self.figures(table, counted)
        return rows

    def _layout(self, table: str) -> int:
        """Keep how rows of the table and their entries are laid out; the archive id of it."""
        return self._own(RollbackArchive.LAYOUT, table, [layout.of(table), layout.of(MAP)])

    def figures(self, table: str, counted: Mapping[str, Sequence[int]]) -> None:
        """Keep rows and sum of hashes by school, as they change by this step (less than zero: they went)."""
        if counted:
            self._own(RollbackArchive.FIGURES, table, as_schools(counted))

    def _own(self, kind: str, table: str, document: Any) -> int:
        """Keep what the rollback itself needs to know; the archive id of it."""
        archive_id = self._ids(1)
        execute(
            f"INSERT INTO {ROLLBACK} (id, kind, v5_table, payload, rollback_id, created_at) VALUES (%s, %s, %s, %s, %s, %s)",
            [archive_id, kind, table, to_json(document), self.rollback, self.now],
        )
        return archive_id

    def entries(self, map_ids: Sequence[int]) -> int:
        """Keep and delete entries of the map."""
        if not map_ids:
            return 0
        some = listed(map_ids)
        execute(
            f"INSERT INTO {ROLLBACK} ({NAMES}) SELECT {self._ids(len(map_ids))} - 1 + ROW_NUMBER() OVER (ORDER BY t.id),"
            f" '{RollbackArchive.MAP}', t.v5_table, t.v5_id, {as_dict(MAP)}, %s, t.id, t.run_id, t.school_id, %s, %s"
            f" FROM {MAP} t WHERE t.id IN ({some})",
            [self.rollback, self.reason, self.now],
        )
        gone = execute(f"DELETE FROM {MAP} WHERE id IN ({some})")
        self._all(MAP, len(map_ids), gone)
        return gone

    def _ids(self, count: int) -> int:
        """The first of `count` ids in a row that nobody else gets."""
        first, end = self._free
        if end - first < count:
            first, end = reserved_ids.reserve(ROLLBACK, max(BLOCK, count))
        self._free = (first + count, end)
        return first

    @staticmethod
    def _all(table: str, kept: int, deleted: int) -> None:
        if kept != deleted:
            raise Refused(
                f"{table}: {kept} rows were kept and {deleted} deleted; nothing was changed, try again"
            )


def _owners(map_ids: Iterable[int]) -> str:
    """SQL with one entry for each V5 row."""
    return (
        f"SELECT m.v5_id, MIN(m.id) AS id, MIN(m.run_id) AS run_id, MIN(m.school_id) AS school_id FROM {MAP} m"
        f" WHERE m.id IN ({listed(map_ids)}) GROUP BY m.v5_id"
    )


def delete(table: str, where: str) -> int:
    """Delete the rows that fulfil SQL under the alias `t`."""
    if connections["v5"].vendor == "sqlite":
        return execute(f"DELETE FROM {quote(table)} AS t WHERE {where}")
    return execute(f"DELETE t FROM {quote(table)} t WHERE {where}")


def put_back_entry(map_id: int, values: dict[str, Any]) -> None:
    """An entry of the map becomes again what it was."""
    names = [name for name in values if name != "id"]
    assignments = ", ".join(f"{quote(name)} = %s" for name in names)
    execute(f"UPDATE {MAP} SET {assignments} WHERE id = %s", [*(values[name] for name in names), map_id])


def taken_out(rollback: int) -> dict[str, int]:
    """Rows that a rollback took out, by table."""
    sql = (
        f"SELECT v5_table, COUNT(*) FROM {ROLLBACK} WHERE rollback_id = %s AND kind = '{RollbackArchive.DELETED}'"
        " GROUP BY v5_table ORDER BY v5_table"
    )
    return {row[0]: int(row[1]) for row in fetch(sql, [rollback])}


def execute(sql: str, params: Sequence[Any] = ()) -> int:
    with connections["v5"].cursor() as cursor:
        cursor.execute(sql, list(params))
        return int(cursor.rowcount)


def among(column: str, ids: Iterable[int]) -> str:
    """SQL: the column is one of the ids; stretches without a gap become ranges, which servers go through faster."""
    ordered, stretches, single = sorted(set(ids)), list[str](), list[int]()
    start = 0
    for end in range(1, len(ordered) + 1):
        if end < len(ordered) and ordered[end] == ordered[end - 1] + 1:
            continue
        if end - start >= STRETCH and len(stretches) < MOST_STRETCHES:
            stretches.append(f"{column} BETWEEN {ordered[start]} AND {ordered[end - 1]}")
        else:
            single += ordered[start:end]
        start = end
    if single or not stretches:
        stretches.append(f"{column} IN ({listed(single)})")
    return f"({' OR '.join(stretches)})"


def listed(ids: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(set(ids)))) or "NULL"

"""Which rows of the rollback archive are to come back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from entities.engine.errors import Refused
from entities.rollback import tables
from entities.rollback.archive import ENTRY, WITH_ENTRY, listed
from entities.rollback.layout import cells
from entities.rollback.references import PARTS, TWINS
from entities.rollback.tables import ROLLBACK, fetch, quote

MOST, PAGE = 100_000, 2_000
NAMES = ("rollback", "table", "ids", "entity", "legacy_ids", "school", "since", "until", "values", "rows")


@dataclass(frozen=True)
class Selection:
    """All that is given must hold. `since` and `until` are about the creation time of the record itself (ISO text),
    `values` about columns of the row; `rows` are archive ids, spelled out."""

    rollback: int | None = None
    table: str = ""
    ids: list[int] = field(default_factory=list)
    entity: str = ""
    legacy_ids: list[int] = field(default_factory=list)
    school: int | None = None
    since: str = ""
    until: str = ""
    values: dict[str, str] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)

    @property
    def narrow(self) -> bool:
        """Whether it is about some records only, with what hangs on them; else about all that a rollback took out."""
        return bool(
            self.table or self.ids or self.entity or self.school is not None or self.since or self.until
        )

    def where(self, alias: str = "a") -> str:
        """SQL on archived rows: those spelled out, else all of a rollback that are not back."""
        if self.rows or self.narrow:
            return f"{alias}.kind = 'deleted' AND {alias}.id IN ({listed(self.rows)})"
        return f"{alias}.kind = 'deleted' AND {alias}.restored_at IS NULL AND {alias}.rollback_id = {int(self.rollback or 0)}"

    def of_entries(self, alias: str = "a") -> str:
        """SQL on archived map entries: those of the rows spelled out, else all of a rollback that are not back."""
        if self.rows or self.narrow:
            places = f"SELECT b.v5_table, b.v5_id FROM {ROLLBACK} b WHERE b.id IN ({listed(self.rows)})"
            return f"{alias}.kind = 'map' AND ({alias}.v5_table, {alias}.v5_id) IN ({places})"
        base = f"{alias}.kind = 'map' AND {alias}.restored_at IS NULL"
        return f"{base} AND {alias}.rollback_id = {int(self.rollback or 0)}"


def load(params: Mapping[str, Any]) -> Selection:
    return Selection(**{name: params[name] for name in NAMES if name in params})


def dump(chosen: Selection) -> dict[str, Any]:
    return asdict(chosen)


def counted(chosen: Selection) -> dict[str, int]:
    """Rows that may come back, by table, parents first."""
    sql = f"SELECT a.v5_table, COUNT(*) FROM {ROLLBACK} a WHERE {chosen.where()} GROUP BY a.v5_table"
    found = {row[0]: int(row[1]) for row in fetch(sql)}
    return {table: found[table] for table in reversed(tables.children_first(found))}


def spelled_out(chosen: Selection) -> Selection:
    """The selection as archive ids, with parts, children, twins, and parents that went too."""
    if chosen.table and chosen.table not in _tables(chosen):
        raise Refused(f"the archive has no row of {chosen.table}")
    grown = _Grown(chosen)
    for row in _roots(chosen):
        grown.add(*row)
    grown.grow()
    return Selection(**{**asdict(chosen), "rows": sorted(grown.rows)})


def _base(chosen: Selection) -> str:
    inside = f" AND a.rollback_id = {int(chosen.rollback)}" if chosen.rollback is not None else ""
    return f"a.kind = 'deleted'{inside}"


def _tables(chosen: Selection) -> set[str]:
    return {row[0] for row in fetch(f"SELECT DISTINCT a.v5_table FROM {ROLLBACK} a WHERE {_base(chosen)}")}


Row = tuple[int, str, int, dict[str, Any]]  # archive id, table, v5 id, values


def _roots(chosen: Selection) -> Iterator[Row]:
    where = _base(chosen)
    if chosen.table:
        where += f" AND a.v5_table = '{chosen.table}'"
    if chosen.ids:
        where += f" AND a.v5_id IN ({listed(chosen.ids)})"
    if chosen.school is not None:
        where += f" AND a.school_id = {int(chosen.school)}"
    if chosen.entity:
        maps = f"SELECT b.v5_table, b.v5_id FROM {ROLLBACK} b WHERE b.id IN ({listed(_maps(chosen))})"
        where += f" AND (a.v5_table, a.v5_id) IN ({maps})"
    for row in _pages(where):
        values = row[3]
        made = str(values.get("created_at") or "")
        if chosen.since and made < chosen.since or chosen.until and made > chosen.until:
            continue
        if all(str(values.get(name)) == str(value) for name, value in chosen.values.items()):
            yield row


def _maps(chosen: Selection) -> list[int]:
    """Archive ids of the map entries of some legacy records."""
    found = []
    inside = f" AND a.rollback_id = {int(chosen.rollback)}" if chosen.rollback is not None else ""
    for archive_id, entry in _entry_pages(f"a.v5_id IS NOT NULL{inside}"):
        values = cells(entry)
        if values["entity_type"] == chosen.entity and (
            not chosen.legacy_ids or int(values["legacy_id"]) in chosen.legacy_ids
        ):
            found.append(archive_id)
    return found


def _pages(where: str) -> Iterator[Row]:
    after = 0
    while rows := fetch(
        f"SELECT a.id, a.v5_table, a.v5_id, a.payload FROM {ROLLBACK} a WHERE {where} AND a.id > %s ORDER BY a.id LIMIT {PAGE}",
        [after],
    ):
        for row in rows:
            yield row[0], row[1], row[2], cells(row[3])
        after = rows[-1][0]


def _entry_pages(where: str) -> Iterator[tuple[int, str]]:
    """Archive id and document of each kept entry of the map."""
    after = 0
    while rows := fetch(
        f"SELECT a.id, {ENTRY} FROM {ROLLBACK} a WHERE {WITH_ENTRY} AND {where} AND a.id > %s ORDER BY a.id LIMIT {PAGE}",
        [after],
    ):
        yield from rows
        after = rows[-1][0]


class _Grown:
    """Rows of the archive, growing by what belongs to them."""

    def __init__(self, chosen: Selection) -> None:
        self.chosen = chosen
        self._newest: dict[tuple[str, int], int] = {}
        self._fresh: dict[str, dict[int, dict[str, Any]]] = {}

    def add(self, archive_id: int, table: str, v5_id: int, values: dict[str, Any]) -> None:
        """A row that went more than once comes back as it went last."""
        if archive_id > self._newest.get((table, v5_id), 0):
            self._newest[table, v5_id] = archive_id
            self._fresh.setdefault(table, {})[v5_id] = values
            if len(self._newest) > MOST:
                raise Refused(f"more than {MOST:,} rows: bring back the rollback as a whole")

    @property
    def rows(self) -> set[int]:
        return set(self._newest.values())

    def grow(self) -> None:
        """Down to parts and children, across to twins, up to parents, until nothing is added."""
        while self._fresh:
            fresh, self._fresh = self._fresh, {}
            for table, rows in fresh.items():
                for (child, column), parent in PARTS.items():
                    if parent == table:
                        self._children(child, column, rows)
                self._twins(table, rows)
                self._parents(table, rows)

    def _children(self, child: str, column: str, parents: Iterable[int]) -> None:
        wanted = {str(one) for one in parents}
        for row in _pages(f"{_base(self.chosen)} AND a.v5_table = '{child}'"):
            if str(row[3].get(column)) in wanted:
                self.add(*row)

    def _parents(self, table: str, rows: dict[int, dict[str, Any]]) -> None:
        for column, parent in tables.references_of(table):
            ids = {int(values[column]) for values in rows.values() if values.get(column) not in (None, "")}
            there = {
                row[0]
                for row in fetch(f"SELECT {quote('id')} FROM {quote(parent)} WHERE id IN ({listed(ids)})")
            }
            if gone := ids - there:
                for row in _pages(
                    f"{_base(self.chosen)} AND a.v5_table = '{parent}' AND a.v5_id IN ({listed(gone)})"
                ):
                    self.add(*row)

    def _twins(self, table: str, rows: Iterable[int]) -> None:
        """The other row of the same legacy record."""
        if table not in ("bookings", "v5_bookings"):
            return
        own = f"a.v5_table = '{table}' AND a.v5_id IN ({listed(rows)})"
        keys = {
            (value["entity_type"], value["legacy_id"])
            for value in (cells(one[1]) for one in _entry_pages(own))
        }
        for pair in TWINS:
            for mine, other in (pair, pair[::-1]):
                ids = {legacy_id for entity, legacy_id in keys if entity == mine}
                if ids:
                    self._of_records(other, ids)

    def _of_records(self, entity: str, legacy_ids: set[str]) -> None:
        found = set()
        for _, entry in _entry_pages("a.v5_table IN ('bookings', 'v5_bookings')"):
            values = cells(entry)
            if values["entity_type"] == entity and values["legacy_id"] in legacy_ids and values["v5_id"]:
                found.add((values["v5_table"], int(values["v5_id"])))
        for table in {place[0] for place in found}:
            ids = listed(place[1] for place in found if place[0] == table)
            for row in _pages(f"{_base(self.chosen)} AND a.v5_table = '{table}' AND a.v5_id IN ({ids})"):
                self.add(*row)

"""Extract: a key range becomes aggregates, one query per table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from entities.engine import source
from entities.engine.definition import Child, Segment
from entities.engine.environment import Scope
from entities.engine.values import Aggregate, Row
from entities.engine.vendors import of as vendor_of


@dataclass
class RowBatch:
    """The rows of one key range: roots in key order, children grouped by the key of their parent."""

    roots: list[Row]
    children: dict[str, dict[int, list[Row]]]

    def __iter__(self) -> Iterator[Aggregate]:
        return (Aggregate(root, self.children) for root in self.roots)

    def all(self, name: str) -> Iterator[Row]:
        """Every child row of a relation, whatever its parent."""
        return (row for rows in self.children.get(name, {}).values() for row in rows)

    def by_table(self) -> dict[str, list[Row]]:
        """All rows by legacy table."""
        tables: dict[str, list[Row]] = defaultdict(list)
        for row in self.roots:
            tables[row._table].append(row)
        for name in self.children:
            for row in self.all(name):
                tables[row._table].append(row)
        return tables

    def count(self) -> int:
        return len(self.roots) + sum(
            len(rows) for groups in self.children.values() for rows in groups.values()
        )


def key_range(segment: Segment, scope: Scope, after: int, size: int) -> int | None:
    """The last key of the next `size` rows after `after`; None when no row is left. Keyset, never OFFSET."""
    table = source.of(segment.model)
    quote = vendor_of(table.connection).quote
    where = segment.where(scope)
    sql = (
        f"SELECT MAX(k.id) FROM (SELECT t.id FROM {quote(table.table)} t WHERE t.id > %s"
        f"{f' AND {where}' if where else ''} ORDER BY t.id LIMIT {int(size)}) k"
    )
    with table.connection.cursor() as cursor:
        cursor.execute(sql, [after])
        found: int | None = cursor.fetchone()[0]
    return found


def total(segment: Segment, scope: Scope) -> int:
    """Number of root rows of a segment: counted once, at the start of a run."""
    return _of_roots("COUNT(*)", segment, scope)


def last_key(segment: Segment, scope: Scope) -> int:
    """The key of the last root row of a segment; 0 when there is none."""
    return _of_roots("MAX(t.id)", segment, scope)


def _of_roots(figure: str, segment: Segment, scope: Scope) -> int:
    table, where = source.of(segment.model), segment.where(scope)
    with table.connection.cursor() as cursor:
        quoted = vendor_of(table.connection).quote(table.table)
        cursor.execute(f"SELECT {figure} FROM {quoted} t{f' WHERE {where}' if where else ''}")
        return int(cursor.fetchone()[0] or 0)


def extract(
    segment: Segment, scope: Scope, after: int, to: int, keys: Sequence[int] | None = None
) -> RowBatch:
    """The aggregates with keys in (after, to], or with exactly `keys`."""
    where = segment.where(scope)
    table = source.of(segment.model)
    if keys is not None:
        roots = table.within("id", keys, where)
    else:
        roots = table.query(f"t.id > %s AND t.id <= %s{f' AND {where}' if where else ''}", [after, to])
    return RowBatch(roots, _children(segment.children, [root.id for root in roots]))


def _children(relations: dict[str, Child], root_ids: list[int]) -> dict[str, dict[int, list[Row]]]:
    found: dict[str, dict[int, list[Row]]] = {}
    for name, child in relations.items():
        parents: Iterable[int] = (
            root_ids if not child.of else (row.id for rows in found[child.of].values() for row in rows)
        )
        found[name] = group(source.of(child.model).within(child.key, set(parents), child.where), child.key)
    return found


def group(rows: Iterable[Row], column: str) -> dict[Any, list[Row]]:
    """Rows by the value of a column, each list in the order of the rows."""
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, column)].append(row)
    return dict(groups)

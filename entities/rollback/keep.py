"""What stays: rows that people touched, the parts of such a record, and everything that a row that stays points at.

A decision per group of findings (`edited:bookings`, `child:payments`) is `keep`, or `export` or `anyway`: then they go,
into the rollback archive like everything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count

from entities.engine import schema
from entities.rollback import scope, tables
from entities.rollback.references import KEYLESS, PARTS, TWINS
from entities.rollback.scope import Scope
from entities.rollback.tables import MAP, fetch, quote
from tracking.models import Rollback, RollbackFinding

KEEP, EXPORT, ANYWAY = "keep", "export", "anyway"
Finding = RollbackFinding.Kind
DECIDED = (Finding.EDITED, Finding.CHILD)
PAGE = 5_000


def group_of(kind: str, table: str) -> str:
    return f"{kind}:{table}"


def decision(rollback: Rollback, kind: str, table: str) -> str:
    """What was decided for a group; nothing goes that nobody decided about."""
    return str(rollback.decisions.get(group_of(kind, table), KEEP))


def groups(rollback: Rollback) -> list[dict[str, Any]]:
    """The groups that a person decides: kind, table, rows, decision."""
    counted = (
        RollbackFinding.objects.filter(rollback=rollback, kind__in=DECIDED)
        .values("kind", "table").annotate(rows=Count("v5_id", distinct=True)).order_by("kind", "table")
    )  # fmt: skip
    return [{**one, "decision": decision(rollback, one["kind"], one["table"])} for one in counted]


def settle(rollback: Rollback) -> dict[str, int]:
    """Work out anew what stays after the decisions as they are; rows that stay, by table."""
    staying = _Staying(rollback)
    with transaction.atomic(using="default"):
        found = RollbackFinding.objects.filter(rollback=rollback)
        found.filter(kind__in=(Finding.PART, Finding.ANCESTOR)).delete()
        for kind in DECIDED:
            for table in found.filter(kind=kind).values_list("table", flat=True).distinct():
                stays = kind == Finding.EDITED and decision(rollback, kind, table) == KEEP
                found.filter(kind=kind, table=table).update(stays=stays)
        staying.collect()
        staying.save()
    return staying.counted()


def shown(rollback: Rollback, kind: str, rows: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
    """Those of the rows (table, V5 id) that the look found, so that somebody could decide about them."""
    by_table: dict[str, set[int]] = {}
    for table, v5_id in rows:
        by_table.setdefault(table, set()).add(v5_id)
    found = RollbackFinding.objects.filter(rollback=rollback, kind=kind)
    return {
        (table, v5_id)
        for table, ids in by_table.items()
        for v5_id in found.filter(table=table, v5_id__gte=min(ids), v5_id__lte=max(ids)).values_list(
            "v5_id", flat=True
        )
        if v5_id in ids
    }


def may_go(rollback: Rollback, kind: str, rows: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
    """Those of the rows that people touched, that the look found, and that go by a decision."""
    listed = list(rows)
    going = {table for table in {table for table, _ in listed} if decision(rollback, kind, table) != KEEP}
    return shown(rollback, kind, [row for row in listed if row[0] in going])


def staying(rollback: Rollback, table: str, ids: Iterable[int]) -> set[int]:
    """Those of the rows that stay."""
    found: set[int] = set()
    listed = sorted(ids)
    for start in range(0, len(listed), PAGE):
        some = listed[start : start + PAGE]
        between = RollbackFinding.objects.filter(
            rollback=rollback, table=table, stays=True, v5_id__gte=some[0], v5_id__lte=some[-1]
        )
        found.update(between.values_list("v5_id", flat=True))
    return found.intersection(listed)


def late(rollback: Rollback, table: str, ids: Iterable[int]) -> None:
    """Rows that turned out to be touched while the rollback ran: they stay, and what they point at too."""
    added = _Staying(rollback)
    RollbackFinding.objects.bulk_create(
        [RollbackFinding(rollback=rollback, kind=Finding.LATE, table=table, v5_id=one, stays=True) for one in ids],
        ignore_conflicts=True,
    )  # fmt: skip
    added.ancestors(table, set(ids))
    added.save()


def stays_by_table(rollback: Rollback) -> dict[str, int]:
    counted = RollbackFinding.objects.filter(rollback=rollback, stays=True).values("table")
    return {
        one["table"]: one["n"] for one in counted.annotate(n=Count("v5_id", distinct=True)).order_by("table")
    }


@dataclass
class _Staying:
    """Collects rows that stay: `why` by table and id."""

    rollback: Rollback
    why: dict[str, dict[int, str]] = field(default_factory=dict)

    @property
    def scope(self) -> Scope:
        return scope.load(self.rollback.scope)

    def collect(self) -> None:
        for kind, table, ids, parent in self._roots():
            whole = kind in (Finding.EDITED, Finding.CHILD, Finding.LATE)
            if not parent:
                self.why.setdefault(table, {}).update(dict.fromkeys(ids, ""))
                self._follow(table, ids, whole)
            else:
                self.add(table, ids, Finding.ANCESTOR, whole)

    def _roots(self) -> Iterator[tuple[str, str, set[int], bool]]:
        """(kind, table, ids, whether they are parents of what was found) of everything that makes rows stay."""
        found = RollbackFinding.objects.filter(rollback=self.rollback)
        own = found.filter(stays=True, parent_table="").order_by("table", "v5_id")
        for kind, table in set(own.values_list("kind", "table")):
            yield kind, table, set(own.filter(kind=kind, table=table).values_list("v5_id", flat=True)), False
        hanging = found.filter(kind__in=(Finding.CHILD, Finding.USED)).exclude(parent_table="")
        for kind, table, parent in set(hanging.values_list("kind", "table", "parent_table")):
            if kind == Finding.USED or decision(self.rollback, kind, table) == KEEP:
                rows = hanging.filter(kind=kind, table=table, parent_table=parent)
                yield kind, parent, set(rows.values_list("parent_id", flat=True)), True

    def add(self, table: str, ids: set[int], why: str, whole: bool) -> None:
        """Let rows in scope stay, with what they point at, and as a whole record with its parts."""
        known = self.why.setdefault(table, {})
        fresh = self._in_scope(table, ids - known.keys())
        known.update(dict.fromkeys(fresh, why))
        if fresh:
            self._follow(table, fresh, whole)

    def _follow(self, table: str, ids: set[int], whole: bool) -> None:
        self.ancestors(table, ids)
        if whole:
            for (child, column), parent in PARTS.items():
                if parent == table:
                    self.add(child, _ids(child, f"t.{quote(column)}", ids), Finding.PART, True)
            for other, twins in self._twins(table, ids):
                self.add(other, twins, Finding.PART, True)

    def ancestors(self, table: str, ids: set[int]) -> None:
        for column, parent in tables.references_of(table):
            if parent not in KEYLESS:
                self.add(parent, _pointed_at(table, column, ids), Finding.ANCESTOR, False)

    def _twins(self, table: str, ids: set[int]) -> Iterator[tuple[str, set[int]]]:
        for pair in TWINS:
            for entity, other in (pair, pair[::-1]):
                sql = (
                    f"SELECT DISTINCT b.v5_table, b.v5_id FROM {MAP} a JOIN {MAP} b ON b.entity_type = '{other}'"
                    f" AND b.legacy_id = a.legacy_id WHERE a.v5_table = %s AND a.entity_type = '{entity}'"
                    f" AND a.v5_id IN ({_listed(ids)}) AND b.v5_id IS NOT NULL"
                )
                by_table: dict[str, set[int]] = {}
                for name, v5_id in fetch(sql, [table]):
                    by_table.setdefault(name, set()).add(v5_id)
                yield from by_table.items()

    def _in_scope(self, table: str, ids: set[int]) -> set[int]:
        if not ids:
            return set()
        where = f"m.v5_table = %s AND m.v5_id IN ({_listed(ids)}) AND {self.scope.where()}"
        sql = f"SELECT DISTINCT m.v5_id FROM {MAP} m WHERE {where}"
        return {row[0] for row in fetch(sql, [table])}

    def save(self) -> None:
        RollbackFinding.objects.bulk_create(
            [
                RollbackFinding(rollback=self.rollback, kind=why, table=table, v5_id=one, stays=True)
                for table, ids in self.why.items() for one, why in ids.items() if why
            ],
            batch_size=1_000, ignore_conflicts=True,
        )  # fmt: skip

    def counted(self) -> dict[str, int]:
        return {table: len(ids) for table, ids in self.why.items() if ids}


def _ids(table: str, column: str, ids: set[int]) -> set[int]:
    if not ids or table not in schema.live("v5").tables:
        return set()
    sql = (
        f"SELECT t.{quote(tables.key_column(table))} FROM {quote(table)} t WHERE {column} IN ({_listed(ids)})"
    )
    return {row[0] for row in fetch(sql)}


def _pointed_at(table: str, column: str, ids: set[int]) -> set[int]:
    if not ids:
        return set()
    name = quote(column)
    key = quote(tables.key_column(table))
    sql = f"SELECT DISTINCT t.{name} FROM {quote(table)} t WHERE t.{key} IN ({_listed(ids)}) AND t.{name} IS NOT NULL"
    return {row[0] for row in fetch(sql)}


def _listed(ids: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(ids))) or "NULL"

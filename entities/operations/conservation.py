"""Row conservation after a migration: every legacy row has one outcome, and the sums add up (R-01, R-02).

Counted by SQL on both sides, and not from the counters of the runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connections

from entities import registry
from entities.engine import balance, source
from entities.engine.lineage import LegacyIdMapping
from entities.engine.values import DISPOSITIONS, SYNTHESISED

OUTCOMES = tuple(name for name in DISPOSITIONS if name != SYNTHESISED)


@dataclass
class Line:
    """One entity type of one legacy table: distinct legacy rows by disposition.

    `legacy_rows` is what legacy holds for this entity type; `difference` must be 0. `made` counts V5 rows without
    a legacy row of their own.
    """

    entity: str
    table: str
    legacy_rows: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    made: int = 0

    @property
    def accounted(self) -> int:
        return sum(self.counts.get(name, 0) for name in OUTCOMES)

    @property
    def difference(self) -> int:
        return self.legacy_rows - self.accounted


def lines(migrations: Iterable[str] | None = None, alias: str = "v5") -> list[Line]:
    """One line per entity type, in dependency order, for the tables of these migrations (default: all).

    A legacy row that leads to several kinds of record (a user who is also a client) is counted once in each; the
    difference of its table stands in the line of the entity type that covers most of it. For a whole
    migration only: with a list of schools the rows outside are nobody's.
    """
    found = _from_map(alias)
    result: list[Line] = []
    for table, entities in _tables(list(migrations or registry.MIGRATIONS)).items():
        mine = [found[(entity, table)] for entity in entities if (entity, table) in found]
        result += _with_legacy_rows(table, entities, mine, alias)
    return result


def _tables(names: Sequence[str]) -> dict[str, list[str]]:
    """Entity types by the legacy table whose rows they account for."""
    tables: dict[str, list[str]] = {}
    for name in names:
        migration = registry.get(name)
        for segment in migration.segments():
            models = [
                (segment.entity, segment.model),
                *((one.entity, one.model) for one in segment.children.values()),
            ]
            for entity, model in models:
                if entity:
                    table = model._meta.db_table
                    tables.setdefault(table, balance.entities_of(table))
    return tables


def _from_map(alias: str) -> dict[tuple[str, str], Line]:
    """Distinct legacy ids by entity type, table and disposition: one pass over the map."""
    lines_: dict[tuple[str, str], Line] = {}
    sql = (
        "SELECT entity_type, legacy_table, disposition, COUNT(DISTINCT legacy_id), COUNT(*) "
        f"FROM {LegacyIdMapping._meta.db_table} GROUP BY entity_type, legacy_table, disposition"
    )
    with connections[alias].cursor() as cursor:
        cursor.execute(sql)
        for entity, table, disposition, rows, entries in cursor.fetchall():
            line = lines_.setdefault((entity, table), Line(entity, table))
            if disposition == SYNTHESISED:
                line.made += entries
            else:
                line.counts[disposition] = rows
    return lines_


def _with_legacy_rows(table: str, entities: Sequence[str], mine: list[Line], alias: str) -> list[Line]:
    """Give each line its legacy rows; rows that nothing accounts for go to the line that covers most."""
    if not mine:
        mine = [Line(entities[0], table)]
    for line in mine:
        line.legacy_rows = _distinct(alias, table, [line.entity])
    rest = count(table) - _distinct(alias, table, entities)
    max(mine, key=lambda line: line.legacy_rows).legacy_rows += rest
    return [line for line in mine if line.legacy_rows or line.made or line.accounted]


def _distinct(alias: str, table: str, entities: Sequence[str]) -> int:
    marks = ", ".join(["%s"] * len(entities))
    with connections[alias].cursor() as cursor:
        cursor.execute(
            f"SELECT COUNT(DISTINCT legacy_id) FROM {LegacyIdMapping._meta.db_table} "
            f"WHERE entity_type IN ({marks}) AND legacy_table = %s AND disposition <> %s",
            [*entities, table, SYNTHESISED],
        )
        return int(cursor.fetchone()[0])


def count(table: str) -> int:
    """Rows of a legacy table, whatever its spelling on the live server."""
    model = _model(table)
    reader = source.of(model)
    quoted = reader.connection.ops.quote_name(reader.table)
    with reader.connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {quoted}")
        return int(cursor.fetchone()[0])


def _model(table: str) -> type:
    from django.apps import apps

    for model in apps.get_app_config("entities").get_models():
        if getattr(model, "database", "") == "legacy" and model._meta.db_table == table:
            return model
    raise KeyError(f"no legacy model of table {table}")


def totals(found: Iterable[Line]) -> dict[str, int]:
    """Sums over all lines."""
    sums: dict[str, int] = defaultdict(int)
    for line in found:
        sums["legacy rows"] += line.legacy_rows
        sums["synthesised"] += line.made
        sums["difference"] += abs(line.difference)
        for name in OUTCOMES:
            sums[name] += line.counts.get(name, 0)
    return dict(sums)

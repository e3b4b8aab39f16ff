"""Reading for facts: legacy rows, V5 rows, and V5 rows through the id map.

In a dry run V5 is read together with the forecast database, so that a later phase sees what an earlier
one would have written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connections

from entities.engine import source, vendors
from entities.engine.environment import MapEntry
from entities.engine.lineage import LegacyIdMapping

ENTRY = "legacy_id, part, id, v5_table, v5_id, disposition, reason, source_hash, target_hash, additional_data, run_id"

FEW = 200  # ids; so few are looked up in one statement, whatever kinds of record they are of


class Reader:
    """Reads both databases in a fixed number of queries; `v5_aliases` are searched in order, the last one wins."""

    def __init__(self, v5_aliases: Sequence[str] = ("v5",)) -> None:
        self.v5_aliases = tuple(v5_aliases)

    def legacy(self, model: Any, column: str, ids: Iterable[int], extra: str = "") -> list[Any]:
        """Legacy rows of a table whose `column` is one of `ids`, ordered by id."""
        return source.of(model).within(column, {one for one in ids if one is not None}, extra)

    def legacy_sql(
        self, sql: str, ids: Iterable[Any] = (), params: Sequence[Any] = ()
    ) -> list[tuple[Any, ...]]:
        """Raw rows of a query on legacy; `{ids}` in the text becomes the id list. Temporal columns need a CAST.

        An empty id list gives no rows.
        """
        return self._sql("legacy", sql, ids, params)

    def v5(self, model: Any, column: str, ids: Iterable[Any], extra: str = "") -> list[Any]:
        """V5 rows of a table whose `column` is one of `ids`, ordered by id."""
        wanted = {one for one in ids if one is not None}
        rows: dict[Any, Any] = {}
        for alias in self.v5_aliases:
            rows |= {row[0]: row for row in source.of(model, alias).within(column, wanted, extra)}
        return [rows[key] for key in sorted(rows)]

    def v5_all(self, model: Any, where: str = "", params: Sequence[Any] = ()) -> list[Any]:
        """All V5 rows of a small table."""
        return [row for alias in self.v5_aliases for row in source.of(model, alias).query(where, params)]

    def v5_sql(self, sql: str, ids: Iterable[Any] = (), params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Raw rows of a query on V5 (and on the forecast in a dry run); never join the map with old rows."""
        return [row for alias in self.v5_aliases for row in self._sql(alias, sql, ids, params)]

    def known(self, entity: str, ids: Iterable[int]) -> dict[int, int]:
        """V5 ids of legacy records (part '') that have one."""
        return {
            key: entry.v5_id
            for (key, part), entry in self.entries(entity, ids).items()
            if entry.v5_id and not part
        }

    def entries(self, entity: str, ids: Iterable[int]) -> dict[tuple[int, str], MapEntry]:
        """Map entries of an entity type by (legacy id, part)."""
        return {key[1:]: entry for key, entry in self.entries_of({entity: ids}).items()}

    def entries_of(self, wanted: Mapping[str, Iterable[int | None]]) -> dict[tuple[str, int, str], MapEntry]:
        """Map entries of several entity types by (entity type, legacy id, part).

        One statement per type, and one in all for few ids: a page is about one record and has many kinds around it.
        """
        asked = {entity: {one for one in ids if one is not None} for entity, ids in wanted.items()}
        remembered = source.remembered("map", self.v5_aliases)
        if remembered is None:
            return self._entries(asked)
        missing = {
            entity: {one for one in ids if (entity, one) not in remembered} for entity, ids in asked.items()
        }
        remembered |= {(entity, one): {} for entity, ids in missing.items() for one in ids}
        for key, entry in self._entries(missing).items():
            remembered[key[:2]][key] = entry
        found: dict[tuple[str, int, str], MapEntry] = {}
        for entity, ids in asked.items():
            for one in ids:
                found |= remembered[entity, one]
        return found

    def _entries(self, asked: Mapping[str, set[int]]) -> dict[tuple[str, int, str], MapEntry]:
        asked = {entity: ids for entity, ids in asked.items() if ids}
        few = sum(map(len, asked.values())) <= FEW
        if few and len(asked) > 1:
            return self._few_entries(asked)
        return {
            (entity, row[0], row[1]): MapEntry._make(row[2:])
            for entity, ids in asked.items()
            for row in self._entries_of_one(entity, ids)
            if row[0] in ids
        }

    def _entries_of_one(self, entity: str, ids: set[int]) -> Iterator[tuple[Any, ...]]:
        """Rows of the map for these legacy ids, and perhaps for some between them."""
        for part in source.chunks(sorted(ids)):
            condition, params = source.near("legacy_id", part)
            sql = (
                f"SELECT {ENTRY} FROM {LegacyIdMapping._meta.db_table} WHERE entity_type = %s AND {condition}"
            )
            yield from self.v5_sql(sql, params=[entity, *params])

    def _few_entries(self, asked: Mapping[str, set[int]]) -> dict[tuple[str, int, str], MapEntry]:
        listed = {entity: source.listed(sorted(ids)) for entity, ids in asked.items()}
        where = " OR ".join(
            f"(entity_type = %s AND legacy_id IN ({marks}))" for marks, _values in listed.values()
        )
        params = [one for entity, (_marks, values) in listed.items() for one in (entity, *values)]
        sql = f"SELECT entity_type, {ENTRY} FROM {LegacyIdMapping._meta.db_table} WHERE {where}"
        return {(row[0], row[1], row[2]): MapEntry._make(row[3:]) for row in self.v5_sql(sql, params=params)}

    def mapped(self, entity: str, ids: Iterable[int], model: Any) -> dict[tuple[int, str], Any]:
        """The V5 rows (of table `model`) behind legacy records, by (legacy id, part)."""
        entries = self.entries(entity, ids)
        rows = {
            row.id: row
            for row in self.v5(model, "id", {entry.v5_id for entry in entries.values() if entry.v5_id})
        }
        return {key: rows[entry.v5_id] for key, entry in entries.items() if entry.v5_id in rows}

    def _sql(self, alias: str, sql: str, ids: Iterable[Any], params: Sequence[Any]) -> list[tuple[Any, ...]]:
        connection = connections[alias]
        if "{ids}" not in sql:
            return self._fetch(connection, sql, params)
        rows: list[tuple[Any, ...]] = []
        for part in source.chunks(sorted({one for one in ids if one is not None})):
            marks, values = source.listed(part)
            places = sql.count("{ids}")
            rows += self._fetch(connection, sql.replace("{ids}", marks), [*params, *values * places])
        return rows

    @staticmethod
    def _fetch(connection: Any, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
        return list(source.fetched(connection, sql, params))


def text_of(alias: str, column: str) -> str:
    """SQL that reads a temporal column as ISO text, for `legacy_sql` and `v5_sql`."""
    return str(vendors.of(connections[alias]).text_of(column)).replace("(t.", "(")

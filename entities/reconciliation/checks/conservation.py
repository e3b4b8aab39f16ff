"""Conservation of rows (reconciliation section 2): nothing lost, nothing doubled, nothing beside the map."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.engine import source
from entities.engine.ids import REGION
from entities.reconciliation.check import Check, Kind, Looked, Ranged, Seen, Severity
from entities.reconciliation.reading import LAST, Reading
from entities.reconciliation.tables import PerTable, entities_of, marks, with_id
from tracking import codes
from tracking.models import IdReservation

MADE = ("migrated", "split", "synthesised")
INSIDE = " AND legacy_id > %s AND legacy_id <= %s"
UNTOUCHED = frozenset({"migrations"})


class _Legacy(PerTable):
    """Legacy tables beside the map entries of their rows."""

    def tables(self, read: Reading) -> list[str]:
        names = read.rows("legacy", "SELECT 1 AS one") and with_id(read, "legacy")
        return [name for name in names if name not in UNTOUCHED]

    def pair(self, read: Reading, table: str, after: int, upto: int) -> tuple[set[int], dict[int, list[Any]]]:
        """Legacy ids of a range that belong to the wave, and the map entries of the range by legacy id."""
        quoted = f'"{table}"' if source.connections["legacy"].vendor == "sqlite" else f"`{table}`"
        keys = {
            row.id
            for row in read.legacy(f"SELECT id FROM {quoted} WHERE id > %s AND id <= %s", [after, upto])
        }
        entities = entities_of(read).get(table, [])
        rows = read.v5(
            "SELECT legacy_id, entity_type, part, disposition, reason, school_id FROM legacy_id_mappings"
            f" WHERE entity_type IN ({marks(entities)}) AND legacy_table = %s{INSIDE}",
            [*entities, table, after, upto],
        )
        entries: dict[int, list[Any]] = defaultdict(list)
        for row in rows:
            if row.disposition != "synthesised":
                entries[row.legacy_id].append(row)
        if read.scope.schools is not None or read.scope.excluded:
            keys &= entries.keys() | self._of_the_wave(read, table, keys - entries.keys())
        return keys, entries

    @staticmethod
    def _of_the_wave(read: Reading, table: str, ids: set[int]) -> set[int]:
        """Rows without an entry that the wave should have taken: those whose own school column says so (R 1.10)."""
        columns = with_id(read, "legacy")[table]
        column = "id" if table == "schools" else "school_id" if "school_id" in columns else ""
        if not column or not ids:
            return set()
        sql = (
            f"SELECT id FROM {table} WHERE id IN ({{ids}}) AND {column} IS NOT NULL AND {read.scoped(column)}"
        )
        return {row.id for row in read.within("legacy", sql, ids)}


class Coverage(_Legacy):
    id, title = "R-01", _("Every legacy row has an outcome, and every outcome a legacy row")
    how = _("The ids of every legacy table are held against the map, both ways.")
    severity, phase, rule = Severity.B, 4, "R-01"

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        ids, entries = self.pair(read, table, after, upto)
        for legacy_id in ids:
            school = entries[legacy_id][0].school_id if legacy_id in entries else None
            figures = looked.of(school)
            figures.examined += 1
            figures.legacy += 1
            if legacy_id in entries:
                figures.target += 1
            else:
                looked.find(Seen(Kind.MISSING, None, "", table, legacy_id, message="no outcome in the map"))
        for legacy_id in entries.keys() - ids:
            one = entries[legacy_id][0]
            looked.find(
                Seen(
                    Kind.EXTRA,
                    one.school_id,
                    one.entity_type,
                    table,
                    legacy_id,
                    message="the legacy row is gone",
                )
            )


class OneOutcome(_Legacy):
    id, title = "R-02", _("Legacy rows = migrated + merged + split + skipped + rejected")
    how = _("Rows per table and school by outcome; a row of one kind with two outcomes is named.")
    severity, phase, rule = Severity.B, 4, "R-02"

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        ids, entries = self.pair(read, table, after, upto)
        self._balance(entries, looked)
        for legacy_id in ids:
            some = entries.get(legacy_id, [])
            figures = looked.of(some[0].school_id if some else None)
            figures.examined += 1
            figures.legacy += 1
            if any(one.disposition in MADE for one in some):
                figures.target += 1
            elif some:
                figures.explained[some[0].reason or some[0].disposition] += 1
            else:
                looked.find(Seen(Kind.MISSING, None, "", table, legacy_id, message="no outcome in the map"))
            self._contradictions(table, legacy_id, some, looked)

    @staticmethod
    def _balance(entries: dict[int, list[Any]], looked: Looked) -> None:
        """Rows by kind of record and outcome, for the balance sheet of each school."""
        rows = {
            (one.school_id, one.entity_type, one.disposition, legacy_id)
            for legacy_id, some in entries.items()
            for one in some
        }
        for (school, entity, outcome), number in Counter(row[:3] for row in rows).items():
            looked.of(school).amount(f"{entity} · {outcome}", number)

    @staticmethod
    def _contradictions(table: str, legacy_id: int, entries: list[Any], looked: Looked) -> None:
        by_entity: dict[str, set[str]] = defaultdict(set)
        for one in entries:
            by_entity[one.entity_type].add(one.disposition)
        for entity, outcomes in by_entity.items():
            if len(outcomes) > 1 and outcomes != {"split", "merged"}:
                said = ", ".join(sorted(outcomes))
                looked.find(
                    Seen(Kind.VIOLATION, entries[0].school_id, entity, table, legacy_id, found=said,
                         message="one legacy row has several outcomes")
                )  # fmt: skip


class _Targets(PerTable):
    """V5 tables into which the map points."""

    side = "v5"

    def tables(self, read: Reading) -> list[str]:
        rows = read.v5("SELECT v5_table FROM legacy_id_mappings WHERE v5_table IS NOT NULL GROUP BY v5_table")
        return sorted(row.v5_table for row in rows if row.v5_table in with_id(read, "v5"))

    @staticmethod
    def mapped(read: Reading, table: str, after: int, upto: int) -> dict[int, Any]:
        """The entry that made each V5 row of a range, else one that was merged into it."""
        rows = read.v5(
            "SELECT v5_id, entity_type, legacy_table, legacy_id, part, disposition, school_id FROM legacy_id_mappings"
            " WHERE v5_table = %s AND v5_id > %s AND v5_id <= %s"
            " ORDER BY CASE disposition WHEN 'merged' THEN 0 ELSE 1 END",
            [table, after, upto],
        )
        return {row.v5_id: row for row in rows}

    @staticmethod
    def rows(read: Reading, table: str, after: int, upto: int) -> set[int]:
        return {
            row.id for row in read.v5(f"SELECT id FROM {table} WHERE id > %s AND id <= %s", [after, upto])
        }


class Creation(_Targets):
    id, title = "R-03", _("V5 holds the rows that the map says were made, and no others of ours")
    how = _(
        "Rows of each V5 table in the ids reserved for the migration against distinct target ids of the map."
    )
    severity, phase, rule = Severity.B, 2, "R-03"

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        low, high = _reserved(read, table)
        made = {
            v5_id: one
            for v5_id, one in self.mapped(read, table, after, upto).items()
            if one.disposition in MADE
        }
        there = {one for one in self.rows(read, table, after, upto) if low <= one <= high or one in made}
        for v5_id, one in made.items():
            figures = looked.of(one.school_id)
            figures.examined += 1
            figures.legacy += 1
            if v5_id in there:
                figures.target += 1
            else:
                looked.find(
                    Seen(Kind.MISSING, one.school_id, one.entity_type, one.legacy_table, one.legacy_id, one.part, table,
                         v5_id, message="the map names a row that V5 does not hold")
                )  # fmt: skip
        for v5_id in there - made.keys() - self.mapped(read, table, after, upto).keys():
            looked.of(None).examined += 1
            looked.of(None).target += 1
            looked.find(
                Seen(Kind.EXTRA, None, v5_table=table, v5_id=v5_id, message="no map entry made this row")
            )


class Unmapped(_Targets):
    id, title = "R-05", _("No row was written beside the map")
    how = _("Rows whose id was reserved for the migration and that no map entry names.")
    severity, phase, rule = Severity.B, 2, "R-05"

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        low, high = _reserved(read, table)
        entries = self.mapped(read, table, after, upto)
        for v5_id in sorted(self.rows(read, table, after, upto)):
            if low <= v5_id <= high:
                looked.examined(entries[v5_id].school_id if v5_id in entries else None)
                if v5_id not in entries:
                    looked.find(
                        Seen(
                            Kind.EXTRA,
                            None,
                            v5_table=table,
                            v5_id=v5_id,
                            message="no map entry names this row",
                        )
                    )


def _reserved(read: Reading, table: str) -> tuple[int, int]:
    """The first and last id of a table that only the migration hands out: people's own rows stand above (section 6)."""
    key = f"reserved {table}"
    if key not in read.memory:
        row = read.v5(
            "SELECT MIN(v5_id) AS low, MAX(v5_id) AS high FROM legacy_id_mappings WHERE v5_table = %s"
            " AND disposition IN ('migrated', 'split', 'synthesised')",
            [table],
        )[0]
        low, high = row.low or LAST, row.high or -LAST
        region = IdReservation.objects.filter(table=table, forecast="").first()
        if region is not None:
            low, high = min(low, region.region_end - REGION), max(high, region.next_id - 1)
        read.memory[key] = (low, high)
    return read.memory[key]  # type: ignore[no-any-return]


class Existing(_Targets):
    id, title = "R-04", _("Every map entry points at a V5 row that is there")
    how = _("The V5 ids of the map against the ids of each V5 table.")
    severity, phase, rule = Severity.B, 2, "R-04"

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        there = self.rows(read, table, after, upto)
        for v5_id, one in self.mapped(read, table, after, upto).items():
            looked.examined(one.school_id)
            if v5_id not in there:
                looked.find(
                    Seen(Kind.MISSING, one.school_id, one.entity_type, one.legacy_table, one.legacy_id, one.part, table,
                         v5_id, message="the V5 row is gone")
                )  # fmt: skip


class _Map(Ranged):
    side, table = "v5", "legacy_id_mappings"
    columns = (
        "id, entity_type, legacy_table, legacy_id, part, v5_table, v5_id, disposition, reason, school_id"
    )

    def entries(self, read: Reading, after: int, upto: int) -> list[Any]:
        return read.v5(
            f"SELECT {self.columns} FROM legacy_id_mappings WHERE id > %s AND id <= %s", [after, upto]
        )

    @staticmethod
    def seen(one: Any, message: str, found: Any = None) -> Seen:
        return Seen(Kind.VIOLATION, one.school_id, one.entity_type, one.legacy_table, one.legacy_id, one.part,
                    one.v5_table or "", one.v5_id, "", None, found, message)  # fmt: skip


class MapKey(_Map):
    id, title = "R-06", _("One map entry per record and part, and the parts of a split are told apart")
    how = _("The keys of the map; a record with several parts has no part without a name.")
    severity, phase, rule = Severity.B, 2, "R-06"

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        some = self.entries(read, after, upto)
        for one in some:
            looked.examined(one.school_id)
        split = {(one.entity_type, one.legacy_id) for one in some if one.disposition in ("migrated", "split")}
        by_entity: dict[str, set[int]] = defaultdict(set)
        for entity, legacy_id in split:
            by_entity[entity].add(legacy_id)
        for entity, ids in by_entity.items():
            for legacy_id, entries in read.entries(entity, ids).items():
                self._parts(entity, legacy_id, entries, looked)

    @staticmethod
    def _parts(entity: str, legacy_id: int, entries: list[Any], looked: Looked) -> None:
        made = [one for one in entries if one.disposition in ("migrated", "split")]
        parts = [one.part for one in made]
        bad = len(parts) > 1 and ("" in parts or any(one.disposition != "split" for one in made))
        if bad or len(set(parts)) < len(parts):
            looked.find(
                Seen(Kind.VIOLATION, made[0].school_id, entity, "", legacy_id, found=", ".join(sorted(parts)),
                     message="two entries stand for one record, or the parts of a split have no names")
            )  # fmt: skip


class Cardinality(_Map):
    id, title = "R-07", _("No V5 row stands for two legacy records")
    how = _(
        "Two records of one kind that are both called migrated into one V5 row; merged ones name their winner."
    )
    severity, phase, rule = Severity.B, 2, "R-07"

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        by_table: dict[str, set[int]] = defaultdict(set)
        mine = {}
        for one in self.entries(read, after, upto):
            looked.examined(one.school_id)
            if one.disposition in ("migrated", "split") and one.v5_id:
                by_table[one.v5_table].add(one.v5_id)
                mine[(one.v5_table, one.v5_id, one.entity_type, one.legacy_id, one.part)] = one
        for table, ids in by_table.items():
            for v5_id, entries in read.origins(table, ids).items():
                winners = [one for one in entries if one.disposition in ("migrated", "split")]
                for one in winners:
                    others = [two for two in winners if two.entity_type == one.entity_type and two is not one]
                    entry = mine.get((table, v5_id, one.entity_type, one.legacy_id, one.part))
                    if others and entry is not None:
                        looked.find(
                            self.seen(
                                entry,
                                "another record of this kind claims the same V5 row",
                                others[0].legacy_id,
                            )
                        )


class Reasons(_Map):
    id, title = "R-09", _("Every row that was left out has a reason of the catalogue")
    how = _("The reason codes of rejected, skipped and merged entries against the list of codes.")
    severity, phase, rule = Severity.B, 2, "R-09"

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        for one in self.entries(read, after, upto):
            looked.examined(one.school_id)
            if one.disposition in ("rejected", "skipped") and not _known(one.reason):
                looked.find(self.seen(one, "no reason, or one that the catalogue does not know", one.reason))


class RejectedShare(_Map):
    id, title = "R-09w", _("Rows that were kept back wait for nobody")
    how = _(
        "Rejected rows by kind and school; a person acknowledges each group. Blocking above the limit of Q-45."
    )
    severity, phase, rule = Severity.W, 2, "R-09"

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        for one in self.entries(read, after, upto):
            looked.examined(one.school_id)
            if one.disposition == "rejected":
                looked.find(self.seen(one, one.reason, one.reason))


def _known(reason: str) -> bool:
    return reason in codes.ALL


CHECKS: tuple[type[Check], ...] = (
    Coverage, OneOutcome, Creation, Existing, Unmapped, MapKey, Cardinality, Reasons, RejectedShare,
)  # fmt: skip

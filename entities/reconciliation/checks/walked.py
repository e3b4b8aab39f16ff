"""Checks that walk through several legacy tables, one after the other, and hold each row against its V5 record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from entities.reconciliation.check import STEP, Check, Kind, Looked, Seen
from entities.reconciliation.reading import LAST, Reading

Wrong = tuple[Any, ...]  # field, expected, found, and True where legacy has the same fault


@dataclass(frozen=True)
class Line:
    """One table: its rows (`legacy`: columns of `t`, `id` and `school` among them) and what V5 has (`v5`: columns of `v`).

    `wrong` gets a legacy row and a V5 row and says what contradicts the rules. Only V5 records that were made for the
    row are looked at, not those it was merged into, unless `merged`. `whole`: every row of the table belongs to the
    entity, so that a row without any entry in the map is lost.
    """

    entity: str
    table: str
    v5_table: str
    legacy: str
    v5: str
    wrong: Callable[[Any, Any, Reading], Iterable[Wrong]]
    joins: str = ""
    where: str = ""
    merged: bool = False
    whole: bool = False

    @property
    def legacy_sql(self) -> str:
        more = f" AND {self.where}" if self.where else ""
        return f"SELECT t.id, {self.legacy} FROM {self.table} t {self.joins} WHERE t.id > %s AND t.id <= %s{more}"

    @property
    def v5_sql(self) -> str:
        made = "'migrated', 'split', 'synthesised'" + (", 'merged'" if self.merged else "")
        return (
            f"SELECT m.legacy_id, m.part, m.v5_id, m.additional_data, {self.v5} FROM legacy_id_mappings m"
            f" JOIN {self.v5_table} v ON v.id = m.v5_id WHERE m.entity_type = '{self.entity}'"
            f" AND m.v5_table = '{self.v5_table}' AND m.disposition IN ({made}) AND m.legacy_id > %s AND m.legacy_id <= %s"
        )


class Walked(Check):
    """Write `lines`. Every pair of a legacy row and a V5 record counts once; a pair that fits counts on both sides."""

    lines: ClassVar[tuple[Line, ...]] = ()

    def total(self, read: Reading) -> int:
        return len(self.lines)

    def step(self, read: Reading, cursor: Any, looked: Looked) -> Any:
        """The cursor is [number of the line, key]."""
        number, after = cursor or (0, -LAST)
        line = self.lines[number]
        upto = read.upto("legacy", line.table, after, STEP)
        self.slice(read, line, after, LAST if upto is None else upto, looked)
        if upto is not None:
            return [number, upto]
        return [number + 1, -LAST] if number + 1 < len(self.lines) else None

    def slice(self, read: Reading, line: Line, after: int, upto: int, looked: Looked) -> None:
        made = defaultdict(list)
        for row in read.v5(line.v5_sql, [after, upto]):
            made[row.legacy_id].append(row)
        if not made and not line.whole:
            return
        noted = self._noted(read, line, after, upto)
        for row in read.legacy(line.legacy_sql, [after, upto]):
            if not (row.school is None or read.scope.has(row.school)):
                continue
            for found in made.get(row.id, ()):
                self._hold(read, line, row, found, looked)
            if (
                line.whole
                and row.id not in noted
                and not (row.school is None and read.scope.schools is not None)
            ):
                looked.of(row.school).examined += 1
                looked.of(row.school).legacy += 1
                looked.find(
                    Seen(
                        Kind.MISSING,
                        row.school,
                        line.entity,
                        line.table,
                        row.id,
                        message="no entry in the map",
                    )
                )

    @staticmethod
    def _noted(read: Reading, line: Line, after: int, upto: int) -> set[int]:
        """Legacy rows that the map knows."""
        if not line.whole:
            return set()
        sql = "SELECT DISTINCT legacy_id FROM legacy_id_mappings WHERE entity_type = %s AND legacy_id > %s AND legacy_id <= %s"
        return {row.legacy_id for row in read.v5(sql, [line.entity, after, upto])}

    def _hold(self, read: Reading, line: Line, row: Any, found: Any, looked: Looked) -> None:
        figures, wrong = looked.of(row.school), list(line.wrong(row, found, read))
        figures.examined += 1
        figures.legacy += 1
        figures.target += all(one[3:] for one in wrong)
        for name, expected, seen, *inherited in wrong:
            looked.find(
                Seen(Kind.DIFFERS, row.school, line.entity, line.table, row.id, found.part, line.v5_table, found.v5_id,
                     name, expected, seen, inherited=bool(inherited))
            )  # fmt: skip

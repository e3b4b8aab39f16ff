"""V5 rows that break a rule, and whether legacy broke it already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from entities.reconciliation.base import Kind, Looked, Ranged, Seen
from entities.reconciliation.reading import LAST, Reading


class Scanned(Ranged):
    """V5 rows that break a rule, and whether their legacy counterparts break it too (R 1.3).

    `side` is "v5" and `table` the V5 table that is walked. Write `violations`: (V5 id, field, message, found) for bad
    rows with ids in (after, upto]; and for a twin `legacy_violations`: the legacy ids among `ids` (None: all in the
    range) that break the same rule, and `legacy_table`. Rows that no map entry made are left to their owners unless
    `foreign`.
    """

    side: ClassVar[str] = "v5"
    entity: ClassVar[str] = ""
    legacy_table: ClassVar[str] = ""
    foreign: ClassVar[bool] = False

    def violations(self, read: Reading, after: int, upto: int) -> Iterable[tuple[int, str, str, Any]]:
        raise NotImplementedError

    def legacy_violations(
        self, read: Reading, ids: Iterable[int] | None, after: int, upto: int
    ) -> Mapping[int, int | None]:
        """Legacy ids (of `ids`, or in (after, upto] when None) that break the rule, with their school."""
        raise NotImplementedError(f"check {self.id} has no twin")

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        self._count(read, after, upto, looked)
        bad = list(self.violations(read, after, upto))
        origins = read.origins(self.table, {one[0] for one in bad})
        mine = {v5_id: self._origin(some) for v5_id, some in origins.items()}
        twins: Mapping[int, Any] = {}
        if self.twin and mine:
            twins = self.legacy_violations(read, {one.legacy_id for one in mine.values()}, 0, 0)
        for v5_id, name, message, value in bad:
            origin = mine.get(v5_id)
            if origin is None and not self.foreign:
                continue
            if origin is not None and not (origin.school_id is None or read.scope.has(origin.school_id)):
                continue
            looked.find(
                Seen(
                    Kind.VIOLATION, origin.school_id if origin else None, origin.entity_type if origin else "",
                    origin.legacy_table if origin else "", origin.legacy_id if origin else None,
                    origin.part if origin else "", self.table, v5_id, name, None, value, message,
                    origin is not None and origin.legacy_id in twins,
                )
            )  # fmt: skip

    def _origin(self, entries: list[Any]) -> Any:
        wanted = [one for one in entries if not self.entity or one.entity_type == self.entity]
        return (wanted or entries)[0]

    def _count(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        """Rows of ours in the range, by school."""
        sql = ("SELECT school_id, COUNT(DISTINCT v5_id) AS n FROM legacy_id_mappings WHERE v5_table = %s AND v5_id > %s"
               " AND v5_id <= %s GROUP BY school_id")  # fmt: skip
        for row in read.v5(sql, [self.table, after, upto]):
            if row.school_id is None or read.scope.has(row.school_id):
                looked.examined(row.school_id, row.n)

    def baseline(self, read: Reading, cursor: int | None, looked: Looked) -> int | None:
        after = -LAST if cursor is None else cursor
        upto = read.upto("legacy", self.legacy_table, after, self.size)
        end = LAST if upto is None else upto
        looked.examined(
            None,
            len(read.legacy(f"SELECT id FROM {self.legacy_table} WHERE id > %s AND id <= %s", [after, end])),
        )
        for legacy_id, school in self.legacy_violations(read, None, after, end).items():
            if school is None or read.scope.has(school):
                looked.find(
                    Seen(Kind.VIOLATION, school, self.entity, self.legacy_table, legacy_id, inherited=True)
                )
        return upto

"""Checks that scan several V5 tables under one id, and those that are one statement per side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from entities.reconciliation.check import Looked, Scanned
from entities.reconciliation.reading import LAST, Reading
from entities.reconciliation.tables import PerTable


class Scan(Scanned):
    """`bad` on V5 gives (id, field, message, found), `bad_in_legacy` (id, school_id); both hold `{keys}`.

    The alias of the table that is walked is `t`.
    """

    bad: ClassVar[str] = ""
    bad_in_legacy: ClassVar[str] = ""
    messages: ClassVar[Mapping[str, Any]] = {}

    def violations(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        for row in read.v5(self.bad.replace("{keys}", "t.id > %s AND t.id <= %s"), [after, upto]):
            yield row.id, row.field, self.messages[row.field], row.found

    def legacy_violations(
        self, read: Reading, ids: Iterable[int] | None, after: int, upto: int
    ) -> Mapping[int, int | None]:
        if not self.bad_in_legacy:
            return {}
        if ids is None:
            sql = self.bad_in_legacy.replace("{keys}", "t.id > %s AND t.id <= %s")
            return {row.id: row.school_id for row in read.legacy(sql, [after, upto])}
        sql = self.bad_in_legacy.replace("{keys}", "t.id IN ({ids})")
        return {row.id: row.school_id for row in read.within("legacy", sql, ids)}


class Several(PerTable):
    """The parts one after the other; a cursor is [part, key]. A part without `legacy_table` has no twin of its own."""

    side = "v5"
    parts: ClassVar[Sequence[Scanned]] = ()

    def tables(self, read: Reading) -> Sequence[str]:
        return [part.table for part in self.parts]

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        next(part for part in self.parts if part.table == table).slice(read, after, upto, looked)

    def baseline(self, read: Reading, cursor: Any, looked: Looked) -> Any:
        twins = [part for part in self.parts if part.legacy_table]
        place, after = cursor or (0, -LAST)
        upto = twins[place].baseline(read, after, looked)
        if upto is not None:
            return [place, upto]
        return [place + 1, -LAST] if place + 1 < len(twins) else None

"""R-10: what legacy rows must become one V5 record each, and whether they did, counted by key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from entities.reconciliation.check import Figures, Kind, Looked, Ranged, Seen
from entities.reconciliation.reading import Reading

LEFT_OUT = ("rejected", "skipped")


@dataclass(frozen=True)
class Ask:
    """A legacy row and the V5 record that the rules want for it.

    Rows with one `label` share a record; None = the rules want none. `may` are reasons for which the row may be
    skipped beside those of its line.
    """

    label: Hashable
    school: int | None
    legacy_id: int
    part: str = ""
    may: frozenset[str] = frozenset()


class Counted(Ranged):
    """One line of section 3: as many V5 records as legacy asks for, each asked for by somebody.

    Write `asks`: an Ask for every row whose key of `table` lies in (after, upto]. `any_part` for records that may be
    split: one part is enough. Rejected rows are explained by their reason, skipped ones by those of `skips` alone.
    """

    rule = "R-10"
    entity: ClassVar[str] = ""
    v5_table: ClassVar[str] = ""
    legacy_table: ClassVar[str] = ""  # of the rows, where it is not the one that is walked
    any_part: ClassVar[bool] = False
    skips: ClassVar[frozenset[str]] = frozenset({"OUT_OF_SCOPE_SCHOOL", "BEFORE_HISTORY_CUT"})

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        raise NotImplementedError(f"check {self.id} looks at nothing")

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        asks = [ask for ask in self.asks(read, after, upto) if self._is_due(read, ask)]
        entries = read.entries(self.entity, {ask.legacy_id for ask in asks})
        mine = {
            key: [one for one in some if one.v5_table in ("", self.v5_table)] for key, some in entries.items()
        }
        there = existing(read, self.v5_table, (one.v5_id for some in mine.values() for one in some))
        counting = _Counting(self, mine, there, looked, read.scope.schools is not None)
        groups: dict[Hashable, list[Ask]] = defaultdict(list)
        for ask in asks:
            if ask.label is not None:
                groups[ask.label].append(ask)
        for label, asking in groups.items():
            counting.group(label, asking)
        counting.beyond(asks)

    @staticmethod
    def _is_due(read: Reading, ask: Ask) -> bool:
        return ask.school is None or read.scope.has(ask.school)


def existing(read: Reading, table: str, ids: Iterable[int | None]) -> set[int]:
    """Those of the ids that the V5 table has."""
    return {row.id for row in read.within("v5", f"SELECT id FROM {table} WHERE id IN ({{ids}})", ids)}


class _Counting:
    """The records of one range. In a wave of some schools a person without any may belong to another wave."""

    def __init__(
        self,
        check: Counted,
        entries: Mapping[int, Sequence[Any]],
        there: set[int],
        looked: Looked,
        some: bool,
    ) -> None:
        self.check, self.entries, self.there, self.looked, self.some_schools = (
            check,
            entries,
            there,
            looked,
            some,
        )
        self.taken: dict[int, Hashable] = {}

    def group(self, label: Hashable, asking: list[Ask]) -> None:
        """One record that the rules want."""
        first, found = asking[0], self._targets(asking)
        if not found and self.some_schools and first.school is None:
            return
        figures = self.looked.of(first.school)
        figures.examined += 1
        figures.legacy += 1
        if not found:
            self._missing(figures, asking)
            return
        own = []
        for v5_id, ask in sorted(found.items()):
            if self.taken.setdefault(v5_id, label) != label:
                self._say(Kind.MISSING, ask, v5_id, "shares the V5 record of another one")
                continue
            own.append(v5_id)
            if len(own) > 1 and not self.check.any_part:
                self._say(Kind.EXTRA, ask, v5_id, "a second V5 record of the same one")
        figures.target += min(1, len(own)) if self.check.any_part else len(own)

    def _targets(self, asking: list[Ask]) -> dict[int, Ask]:
        return {
            one.v5_id: ask
            for ask in asking
            for one in self.entries.get(ask.legacy_id, ())
            if (self.check.any_part or one.part == ask.part) and one.v5_id in self.there
            and one.disposition not in LEFT_OUT
        }  # fmt: skip

    def _missing(self, figures: Figures, asking: list[Ask]) -> None:
        reasons = [self._reason(ask) for ask in asking]
        if all(reasons):
            figures.explained[reasons[0]] += 1
            return
        self._say(Kind.MISSING, asking[reasons.index("")], None, "no V5 record, and no reason why")

    def _reason(self, ask: Ask) -> str:
        for one in self.entries.get(ask.legacy_id, ()):
            if one.part not in ("", ask.part) and not self.check.any_part:
                continue
            if one.disposition == "rejected" or (
                one.disposition == "skipped" and one.reason in self.check.skips | ask.may
            ):
                return str(one.reason or one.disposition)
        return ""

    def beyond(self, asks: list[Ask]) -> None:
        """V5 records of these rows that nobody asked for."""
        asked = {
            (ask.legacy_id, "" if self.check.any_part else ask.part) for ask in asks if ask.label is not None
        }
        rows = {ask.legacy_id: ask for ask in asks}
        for legacy_id, some in self.entries.items():
            for one in some:
                part = "" if self.check.any_part else one.part
                if (legacy_id, part) in asked or one.v5_id not in self.there or one.disposition in LEFT_OUT:
                    continue
                if one.v5_id in self.taken:
                    continue  # merged into a record that is wanted
                figures = self.looked.of(rows[legacy_id].school)
                figures.examined += 1
                figures.target += 1
                self._say(Kind.EXTRA, rows[legacy_id], one.v5_id, "no rule wants this V5 record")

    def _say(self, kind: Kind, ask: Ask, v5_id: int | None, message: str) -> None:
        table = self.check.legacy_table or self.check.table
        self.looked.find(
            Seen(kind, ask.school, self.check.entity, table, ask.legacy_id, ask.part, self.check.v5_table, v5_id,
                 message=message)
        )  # fmt: skip


class Owned(Counted):
    """Records that V5 holds by keys of its own, counted from both ends: what legacy calls for, what V5 has.

    `asks` give labels as `held` gives them; `held` gives (label, legacy school, V5 id) of the V5 rows in the range.
    """

    def held(self, read: Reading, after: int, upto: int) -> Iterable[tuple[Hashable, int | None, int]]:
        raise NotImplementedError

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        asks = [
            ask for ask in self.asks(read, after, upto) if ask.label is not None and self._is_due(read, ask)
        ]
        held = [one for one in self.held(read, after, upto) if read.scope.has(one[1])]
        wanted: dict[Hashable, list[Ask]] = defaultdict(list)
        for ask in asks:
            wanted[ask.label].append(ask)
        found: dict[Hashable, list[int]] = defaultdict(list)
        schools = {label: school for label, school, _ in held}
        for label, _, v5_id in held:
            found[label].append(v5_id)
        lost = [ask for label, some in wanted.items() if label not in found for ask in some]
        entries = read.entries(self.entity, {ask.legacy_id for ask in lost if ask.legacy_id})
        counting = _Counting(self, entries, set(), looked, False)
        for label, some in wanted.items():
            if label not in found and some[0].school is None and read.scope.schools is not None:
                continue  # the person may belong to another wave
            figures = looked.of(some[0].school)
            figures.examined += 1
            figures.legacy += 1
            if label not in found:
                counting._missing(figures, some)
        others = [one for label, ids in found.items() for one in sorted(ids)[label in wanted :]]
        self._count(found, wanted, schools, read.origins(self.v5_table, others), looked)

    def _count(
        self, found: Mapping[Hashable, list[int]], wanted: Mapping[Hashable, list[Ask]],
        schools: Mapping[Hashable, int | None], ours: Mapping[int, Any], looked: Looked,
    ) -> None:  # fmt: skip
        """Rows that people of V5 made themselves are theirs."""
        for label, ids in found.items():
            for number, v5_id in enumerate(sorted(ids)):
                if label in wanted and not number:
                    looked.of(schools[label]).target += 1
                    continue
                if v5_id not in ours:
                    continue
                looked.of(schools[label]).target += 1
                ask = wanted[label][0] if label in wanted else None
                message = (
                    "a second V5 record of the same one"
                    if ask
                    else "nothing in legacy calls for this V5 record"
                )
                looked.find(
                    Seen(Kind.EXTRA, schools[label], self.entity, (self.legacy_table or self.table) if ask else "",
                         (ask.legacy_id or None) if ask else None, "", self.v5_table, v5_id, message=message)
                )  # fmt: skip


class Multiplied(Ranged):
    """A legacy row becomes several V5 records; how many, the rules say.

    Write `numbers`: (legacy id, school, number) for every row in (after, upto].
    """

    rule = "R-10"
    entity: ClassVar[str] = ""
    v5_table: ClassVar[str] = ""
    skips: ClassVar[frozenset[str]] = Counted.skips

    def numbers(self, read: Reading, after: int, upto: int) -> Iterable[tuple[int, int | None, int]]:
        raise NotImplementedError(f"check {self.id} looks at nothing")

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        wanted = [one for one in self.numbers(read, after, upto) if one[1] is None or read.scope.has(one[1])]
        entries = read.entries(self.entity, {one[0] for one in wanted})
        there = existing(read, self.v5_table, (one.v5_id for some in entries.values() for one in some))
        for legacy_id, school, number in wanted:
            some = entries.get(legacy_id, [])
            if not some and school is None and read.scope.schools is not None:
                continue  # it may belong to another wave
            found = len({one.v5_id for one in some if one.v5_id in there and one.disposition not in LEFT_OUT})
            figures = looked.of(school)
            figures.examined += 1
            figures.legacy += number
            figures.target += found
            why = [one.reason or one.disposition for one in some if self._is_left_out(one)]
            if not found and why:
                figures.explained[why[0]] += number
            elif found != number:
                looked.find(
                    Seen(Kind.DIFFERS, school, self.entity, self.table, legacy_id, v5_table=self.v5_table,
                         expected=number, found=found, message=f"{number} V5 records expected, {found} found")
                )  # fmt: skip

    def _is_left_out(self, entry: Any) -> bool:
        return entry.disposition == "rejected" or (
            entry.disposition == "skipped" and entry.reason in self.skips
        )

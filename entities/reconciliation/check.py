"""What a check is (reconciliation sections 1 and 2–11): a small declared class in the `checks.py` of its aggregate.

`Compared` holds legacy against V5 by key, `Scanned` looks for keys that break a rule, `Summed` holds figures by
group against each other, `Whole` does as it likes in one step. Expected figures come from SQL on legacy and from
the rules written down once more, never from functions of the loader (R 1.6).
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from entities.reconciliation.reading import LAST, Reading

STEP = 5_000  # rows of the driving table that one step looks at


class Severity(StrEnum):
    """B = no go-live while it fails, W = a named person acknowledges, I = a figure without verdict (R 1.4)."""

    B = "B"
    W = "W"
    I = "I"  # noqa: E741 - the letter of the rules


class Kind(StrEnum):
    MISSING = "missing"
    EXTRA = "extra"
    DIFFERS = "differs"
    VIOLATION = "violation"


@dataclass(frozen=True)
class Seen:
    """One finding, still to be stored. `school` is a legacy id; `expected` and `found` are shown masked by role."""

    kind: Kind
    school: int | None = None
    entity: str = ""
    legacy_table: str = ""
    legacy_id: int | None = None
    part: str = ""
    v5_table: str = ""
    v5_id: int | None = None
    field: str = ""
    expected: Any = None
    found: Any = None
    message: str = ""
    inherited: bool = False

    @property
    def key(self) -> tuple[Any, ...]:
        """What the fingerprint of a violating key list is made of."""
        return (self.kind.value, self.legacy_table, self.legacy_id, self.part, self.v5_table, self.v5_id, self.field,
                self.expected if self.legacy_id is None and self.v5_id is None else None)  # fmt: skip


@dataclass
class Figures:
    """What one check saw of one school. `difference` = legacy − target − explained must be 0 (R 1.2).

    `sums` are amounts by name and currency: (legacy, target, explained).
    """

    examined: int = 0
    legacy: int = 0
    target: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    inherited: int = 0
    introduced: int = 0
    digest: int = 0  # of the violating keys, whatever their order
    sample: list[str] = field(default_factory=list)
    sums: dict[str, list[Decimal]] = field(default_factory=dict)

    @property
    def difference(self) -> int:
        return self.legacy - self.target - sum(self.explained.values())

    def add(self, seen: Seen) -> None:
        if seen.inherited:
            self.inherited += 1
        else:
            self.introduced += 1
            self.digest = (self.digest + _number(seen.key)) % 2**128
        if len(self.sample) < 50:
            named = (
                f"{seen.legacy_table}:{seen.legacy_id}"
                if seen.legacy_id is not None
                else f"{seen.v5_table}:{seen.v5_id}"
            )
            self.sample.append(f"{named} {seen.field}".strip())

    def amount(self, name: str, legacy: Any = 0, target: Any = 0, explained: Any = 0) -> None:
        """Add to a sum; `name` says what and in which currency."""
        sums = self.sums.setdefault(name, [Decimal(0), Decimal(0), Decimal(0)])
        for index, value in enumerate((legacy, target, explained)):
            sums[index] += Decimal(value or 0)


def _number(key: Any) -> int:
    return int.from_bytes(hashlib.blake2b(repr(key).encode(), digest_size=16).digest(), "big")


class Looked:
    """What a check notes down while it looks: figures by school and findings."""

    def __init__(self) -> None:
        self.schools: dict[int | None, Figures] = defaultdict(Figures)
        self.findings: list[Seen] = []

    def of(self, school: int | None) -> Figures:
        return self.schools[school]

    def examined(self, school: int | None = None, count: int = 1) -> None:
        """Rows that were looked at: a check that examined nothing reports "nothing to check", never a pass."""
        self.schools[school].examined += count

    def find(self, seen: Seen) -> None:
        self.findings.append(seen)
        self.schools[seen.school].add(seen)


class Check:
    """Write `id`, `title`, `severity`, `phase` and `step` (or derive from one of the classes below).

    `when` holds the moments: P pre-flight on legacy alone, B after each batch, E end of phase, F final, D after each
    delta, K after a rollback. `phase` is the first phase after which it makes sense. `rule` names the source.
    `tables` are V5 tables that it needs: one that is missing makes the check red. `how` says in a sentence, for
    people, what is compared with what.
    """

    id: ClassVar[str] = ""
    title: ClassVar[Any] = ""
    how: ClassVar[Any] = ""
    severity: ClassVar[Severity] = Severity.B
    when: ClassVar[str] = "EFD"
    phase: ClassVar[int] = 4
    rule: ClassVar[str] = ""
    twin: ClassVar[bool] = False

    def total(self, read: Reading) -> int:
        """What progress is measured in; 1 for a check that is done in one step."""
        return 1

    def step(self, read: Reading, cursor: int | None, looked: Looked) -> int | None:
        """Look at one slice from `cursor` (None at first); the next cursor, None at the end."""
        raise NotImplementedError(f"check {self.id} looks at nothing")

    def baseline(self, read: Reading, cursor: int | None, looked: Looked) -> int | None:
        """The same question on legacy alone, before the load (P): twins only."""
        raise NotImplementedError(f"check {self.id} has no twin")


class Whole(Check):
    """A check that is done in one step: small tables, or groups that SQL adds up. Write `look`."""

    def step(self, read: Reading, cursor: int | None, looked: Looked) -> int | None:
        self.look(read, looked)
        return None

    def look(self, read: Reading, looked: Looked) -> None:
        raise NotImplementedError(f"check {self.id} looks at nothing")


class Ranged(Check):
    """A check that walks along the key of one table of one side: write `slice`, which looks at keys in (after, upto]."""

    side: ClassVar[str] = "legacy"
    table: ClassVar[str] = ""
    size: ClassVar[int] = STEP

    def total(self, read: Reading) -> int:
        return max(1, read.highest(self.side, self.table))

    def step(self, read: Reading, cursor: int | None, looked: Looked) -> int | None:
        after = -LAST if cursor is None else cursor
        upto = read.upto(self.side, self.table, after, self.size)
        self.slice(read, after, LAST if upto is None else upto, looked)
        return upto

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        raise NotImplementedError(f"check {self.id} looks at nothing")


@dataclass(frozen=True)
class Item:
    """One side's answer for a key: its school and the values that are compared, by field name."""

    school: int | None
    values: Mapping[str, Any]
    v5_table: str = ""
    v5_id: int | None = None


class Compared(Ranged):
    """Legacy against V5, key by key, along the keys of the legacy table `table`.

    Write `expected` and `found`: both give (key, Item) for legacy ids in (after, upto]; a key is the legacy id or
    (legacy id, part). A key that V5 lacks is explained by the map where its entry (of `entity`) is rejected, skipped or
    merged, else it is a finding; so is a key that only V5 has, and each field that differs. `amounts` names fields
    that are summed, with the field of their currency ("" for none).
    """

    entity: ClassVar[str] = ""
    amounts: ClassVar[Mapping[str, str]] = {}
    explaining: ClassVar[frozenset[str]] = frozenset({"rejected", "skipped", "merged"})

    def expected(self, read: Reading, after: int, upto: int) -> Iterable[tuple[Hashable, Item]]:
        raise NotImplementedError

    def found(self, read: Reading, after: int, upto: int) -> Iterable[tuple[Hashable, Item]]:
        raise NotImplementedError

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        expected, found = dict(self.expected(read, after, upto)), dict(self.found(read, after, upto))
        reasons = self._reasons(read, [key for key in expected if key not in found])
        for key, item in expected.items():
            self._one(key, item, found.get(key), reasons, looked)
        for key, item in found.items():
            if key not in expected:
                looked.examined(item.school)
                looked.of(item.school).target += 1
                self._amounts(looked.of(item.school), item, 1)
                looked.find(self._seen(Kind.EXTRA, key, item, item))

    def _reasons(self, read: Reading, keys: list[Any]) -> dict[Any, str]:
        """Why keys have no counterpart: the reason code in the map, by key and by legacy id."""
        entries = read.entries(self.entity, {_id(key) for key in keys}) if keys else {}
        return {
            legacy_id: one.reason or one.disposition
            for legacy_id, some in entries.items()
            for one in some
            if one.disposition in self.explaining
        }

    def _one(
        self, key: Any, item: Item, other: Item | None, reasons: Mapping[Any, str], looked: Looked
    ) -> None:
        figures = looked.of(item.school)
        figures.examined += 1
        figures.legacy += 1
        self._amounts(figures, item, 0)
        if other is None:
            if reason := reasons.get(_id(key)):
                figures.explained[reason] += 1
                self._amounts(figures, item, 2)
            else:
                looked.find(self._seen(Kind.MISSING, key, item, None))
            return
        looked.of(item.school).target += 1
        self._amounts(figures, other, 1)
        for name, value in item.values.items():
            if value != other.values.get(name):
                looked.find(self._seen(Kind.DIFFERS, key, item, other, name))

    def _amounts(self, figures: Figures, item: Item, place: int) -> None:
        for name, currency in self.amounts.items():
            label = f"{name} {item.values.get(currency) or ''}".strip() if currency else name
            value = [0, 0, 0]
            value[place] = item.values.get(name) or 0
            figures.amount(label, *value)

    def _seen(self, kind: Kind, key: Any, item: Item, other: Item | None, name: str = "") -> Seen:
        both = name and other is not None
        return Seen(
            kind, item.school, self.entity, self.table, _id(key), _part(key),
            other.v5_table if other else "", other.v5_id if other else None, name,
            item.values.get(name) if both else None, other.values.get(name) if both and other else None,
        )  # fmt: skip


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


class Summed(Whole):
    """Figures by group, computed on both sides by independent SQL (R-100 ff., totals of money).

    Write `legacy_figures`, `target_figures` and, where rows were left out, `explained_figures`: each gives
    {group: number}; a group is (legacy school id, …) and `groups` names its parts. Every group with
    legacy − target − explained ≠ 0 is a finding.
    """

    groups: ClassVar[tuple[str, ...]] = ("school",)
    unit: ClassVar[str] = ""

    def legacy_figures(self, read: Reading) -> Mapping[tuple[Any, ...], Any]:
        raise NotImplementedError

    def target_figures(self, read: Reading) -> Mapping[tuple[Any, ...], Any]:
        raise NotImplementedError

    def explained_figures(self, read: Reading) -> Mapping[tuple[Any, ...], Any]:
        return {}

    def look(self, read: Reading, looked: Looked) -> None:
        legacy, target = self.legacy_figures(read), self.target_figures(read)
        explained = self.explained_figures(read)
        for group in sorted(legacy.keys() | target.keys() | explained.keys(), key=repr):
            school = group[0]
            if not (school is None or read.scope.has(school)):
                continue
            left, right, why = (Decimal(side.get(group, 0) or 0) for side in (legacy, target, explained))
            looked.examined(school)
            label = " · ".join("–" if one is None else str(one) for one in group[1:]) or self.unit or "total"
            looked.of(school).amount(label, left, right, why)
            if left - right - why:
                expected = left - why
                looked.find(
                    Seen(Kind.DIFFERS, school, field=label[:64], expected=expected, found=right,
                         message=f"{label}: legacy {left}, V5 {right}, explained {why}")
                )  # fmt: skip


def _id(key: Any) -> int:
    return int(key[0] if isinstance(key, tuple) else key)


def _part(key: Any) -> str:
    return " ".join(map(str, key[1:])) if isinstance(key, tuple) else ""


def walk(check: Check, read: Reading, *, baseline: bool = False) -> Looked:
    """The whole check in this process."""
    looked, cursor = Looked(), None
    step = check.baseline if baseline else check.step
    while True:
        cursor = step(read, cursor, looked)
        if cursor is None:
            return looked


def keys_of(looked: Looked) -> Iterator[tuple[str, int | None]]:
    """(table, id) of each finding: legacy where it has one, else V5."""
    for one in looked.findings:
        yield (one.legacy_table, one.legacy_id) if one.legacy_id is not None else (one.v5_table, one.v5_id)

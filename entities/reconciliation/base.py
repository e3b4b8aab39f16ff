"""What every check has: its declaration, what it notes down while it looks, and how it walks along a key."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
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

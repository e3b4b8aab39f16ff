"""What a transform may know: choices, scope, cut-over, parents from the map, existing entries, new ids."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from tracking.choices import Choices


class MapEntry(NamedTuple):
    """A map entry as it stands in V5."""

    id: int
    v5_table: str
    v5_id: int | None
    disposition: str
    reason: str
    source_hash: str
    target_hash: str
    additional: str | None
    run_id: int | None


class Ids(Protocol):
    """Gives out target ids that nobody else will use."""

    def take(self, table: str) -> int: ...

    def ready(self, table: str, count: int) -> None: ...


class CountingIds:
    """Ids from 1 (or `start`) upward per table, without a database: for tests and try-outs."""

    def __init__(self, start: int = 1) -> None:
        self._tables: dict[str, Iterator[int]] = defaultdict(lambda: itertools.count(start))

    def take(self, table: str) -> int:
        return next(self._tables[table])

    def ready(self, table: str, count: int) -> None:
        """There are always enough."""


@dataclass(frozen=True)
class Scope:
    """Which schools move, by legacy id; None = all of them but `excluded`, the test schools left out (Q-10)."""

    schools: frozenset[int] | None = None
    excluded: frozenset[int] = frozenset()

    def where(self, column: str) -> str:
        """SQL that keeps rows whose `column` is a school of the scope; "" for all schools."""
        if self.schools is not None:
            return f"{column} IN ({_listed(self.schools - self.excluded)})"
        if self.excluded:
            return f"({column} IS NULL OR {column} NOT IN ({_listed(self.excluded)}))"
        return ""

    def has(self, school_id: int | None) -> bool:
        return school_id not in self.excluded and (self.schools is None or school_id in self.schools)


def _listed(ids: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(ids))) or "NULL"


@dataclass
class Env:
    """The surroundings of one batch. Times are ISO text; `cutover` is what the rules call cut-over.

    `known[entity][legacy_id]` is the V5 id of a parent; `existing` the map entries of the batch's own
    records; `facts` what the migration's `facts` returned.
    """

    choices: Choices
    scope: Scope
    cutover: str
    now: str
    ids: Ids
    known: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    existing: dict[tuple[str, int, str], MapEntry] = field(default_factory=dict)
    facts: Any = None
    answers: Any = None  # people's corrections of this batch, see `corrections`
    left_out: dict[int, list[tuple[str, Any]]] = field(default_factory=dict)
    dry_run: bool = False

    @property
    def today(self) -> str:
        """Date of the cut-over, `YYYY-MM-DD`."""
        return self.cutover[:10]

"""What the full comparison reads of one key range, read while the range before is still worked out.

The databases and this process then work at the same time. It happens in a thread with connections of its own, which
are closed when the range is read; nothing is left behind when nobody asks for it.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connections

from entities.engine.definition import Mapping, Migration
from entities.engine.extract import key_range
from entities.engine.values import MIGRATED, SPLIT, SYNTHESISED, Entry
from entities.operations.comparison import Gathered, RederivingMany
from entities.reconciliation import standing

MADE = frozenset({MIGRATED, SPLIT, SYNTHESISED})
ALIASES = ("default", "legacy", "v5")
TURN = 0.0005  # seconds


@dataclass
class Stands:
    """Hashes of V5 rows by mapping and key; what was not asked for yet is asked now."""

    known: dict[type[Mapping], dict[Any, str]] = field(default_factory=dict)
    asked: dict[type[Mapping], set[Any]] = field(default_factory=dict)

    def ask(self, mapping: type[Mapping], keys: set[Any]) -> None:
        missing = keys - self.asked.setdefault(mapping, set())
        if missing:
            self.known.setdefault(mapping, {}).update(standing.hashes(mapping, missing))
            self.asked[mapping] |= missing

    def of(self, mapping: type[Mapping], entries: list[Entry]) -> dict[Any, str]:
        """The hashes of the rows of some entries; a key without one has no row."""
        self.ask(mapping, {standing.key_of(entry, mapping) for entry in entries})
        return self.known.get(mapping, {})


@dataclass(frozen=True)
class Range:
    """One key range (after, upto] with all that is read for it; `upto` None when no key is left."""

    after: int
    upto: int | None
    gathered: Gathered | None = None
    stands: Stands = field(default_factory=Stands)


def read(pipeline: RederivingMany, after: int, size: int) -> Range:
    """The next `size` aggregates behind `after`, and the hashes of the V5 rows that the map has of them."""
    upto = key_range(pipeline.segments[""], pipeline.scope, after, size)
    if upto is None:
        return Range(after, None)
    found = Range(after, upto, pipeline.gather(after, upto))
    assert found.gathered is not None
    for mapping, ids in _written(pipeline.migration, found.gathered).items():
        found.stands.ask(mapping, ids)
    return found


def _written(migration: Migration, gathered: Gathered) -> dict[type[Mapping], set[Any]]:
    """The V5 ids that the map has of each mapping's rows."""
    by_entity: dict[str, dict[str, set[Any]]] = defaultdict(lambda: defaultdict(set))
    for (entity, _, _), entry in gathered.env.existing.items():
        if entry.v5_id and entry.disposition in MADE:
            by_entity[entity][entry.v5_table].add(entry.v5_id)
    keyed = (mapping for mapping in migration.mappings if mapping.keyed)
    return {mapping: by_entity[mapping.entity][mapping.table] for mapping in keyed}


class Ahead:
    """Reads ranges in their order; the next one is under way while the last one is worked out."""

    def __init__(self, pipeline: RederivingMany, size: int) -> None:
        self.pipeline, self.size = pipeline, size
        self._next: tuple[int, Future[Range]] | None = None

    def take(self, after: int) -> Range:
        """The range behind `after`."""
        begun, self._next = self._next, None
        if begun is not None and begun[0] == after:
            found = begun[1].result()
        else:
            found = read(self.pipeline, after, self.size)
        if found.upto is not None and _worth_it():
            following = found.upto
            self._next = (following, _apart(lambda: read(self.pipeline, following, self.size)))
        return found


@contextmanager
def short_turns() -> Iterator[None]:
    """Meanwhile threads take turns more often: one that got its answer from a server waits ten times less to go on."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _worth_it() -> bool:
    """Only where a server does the work, and where nothing is open that another connection would not see."""
    if any(connections[alias].in_atomic_block for alias in ALIASES):
        return False
    return bool(connections["v5"].vendor == "mysql")


def _apart(work: Callable[[], Range]) -> Future[Range]:
    """Do it in a thread of its own; its connections end with it."""

    def closing() -> Range:
        try:
            return work()
        finally:
            connections.close_all()

    with_it = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead")
    try:
        return with_it.submit(closing)
    finally:
        with_it.shutdown(wait=False)

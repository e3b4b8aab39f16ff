"""Records that V5 may hold already: matched by a natural key, else created (4.1 to 4.5).

The winner of equal legacy rows is the one with the lowest id; the others are merged into its V5 row. A V5 row
that was there before the migration takes all of them.
"""

from __future__ import annotations

from typing import Any, ClassVar

from entities.engine import source
from entities.engine.definition import Mapping, Migration
from entities.engine.environment import Env
from entities.engine.errors import Transient
from entities.engine.extract import RowBatch
from entities.engine.read import Reader
from entities.engine.values import MERGED, Aggregate, Entry, Unit
from tracking.sentences import sentence


class NaturalKeyMigration(Migration):
    """Write `mapping`, `key` (of a legacy row), `target_key` (of a V5 row) and, if there are any, `satellites`."""

    mapping: ClassVar[type[Mapping]]
    duplicate_warning: ClassVar[str] = ""
    fast = False  # the outcome depends on other rows

    def key(self, row: Any, env: Env) -> Any:
        """The natural key of a legacy row; None when it has none (its own V5 row)."""
        raise NotImplementedError(f"{self.name} has no key")

    def target_key(self, row: Any) -> Any:
        """The natural key of a V5 row, comparable with `key`."""
        raise NotImplementedError(f"{self.name} has no target key")

    def satellites(self, aggregate: Aggregate, env: Env, unit: Unit, entry: Entry) -> None:
        """Entries of the children."""

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> dict[str, Any]:
        """V5 rows by key, the winner of each key among all legacy rows, and the winners' V5 ids."""
        targets: dict[Any, int] = {}
        for row in read.v5_all(self.mapping.target):
            targets.setdefault(self.target_key(row), row.id)
        rows = source.of(self.root).query(self.roots)
        winners: dict[Any, int] = {}
        for row in rows:
            winners.setdefault(self.key(row, env), row.id)
        return {
            "targets": targets,
            "winners": winners,
            "known": read.known(self.mapping.entity, winners.values()),
        }

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        entry = self._place(aggregate, env, unit)
        if entry.v5_id:
            env.facts["known"][aggregate.root.id] = entry.v5_id
        self.satellites(aggregate, env, unit, entry)

    def draft(self, aggregate: Aggregate, env: Env, unit: Unit) -> Entry:
        """The V5 row of a record that V5 does not hold yet."""
        return unit.draft(self.mapping, aggregate.root)

    def _place(self, aggregate: Aggregate, env: Env, unit: Unit) -> Entry:
        row = aggregate.root
        existing = env.existing.get((self.mapping.entity, row.id, ""))
        if existing is not None and existing.v5_id and existing.disposition == MERGED:
            return self._merged(
                unit, row, existing.v5_id, row.id != env.facts["winners"].get(self.key(row, env))
            )
        key = self.key(row, env)
        winner = env.facts["winners"].get(key) if key is not None else row.id
        if winner != row.id:
            into = env.facts["known"].get(winner)
            if into is None:
                raise Transient(f"{self.root._meta.db_table} {winner} comes first")
            return self._merged(unit, row, into, True)
        ours = existing is not None and existing.v5_id
        if not ours and key in env.facts["targets"]:
            return self._merged(unit, row, env.facts["targets"][key], False)
        return self.draft(aggregate, env, unit)

    def _merged(self, unit: Unit, row: Any, into: int, duplicate: bool) -> Entry:
        entry = unit.merge(self.mapping.entity, row, into, self.mapping.table)
        if duplicate and self.duplicate_warning:
            entry.warn(
                self.duplicate_warning,
                message=sentence("another legacy row means the same; both share one V5 record"),
            )
        return entry

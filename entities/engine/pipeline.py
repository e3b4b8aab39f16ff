"""One batch on its way through the stages, for one run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from entities import registry
from entities.engine import corrections, failpoints, forecast, report
from entities.engine import ids as reserved_ids
from entities.engine.definition import Mapping, Migration, Segment
from entities.engine.environment import CountingIds, Env, MapEntry, Scope
from entities.engine.errors import LostLease, Transient
from entities.engine.extract import RowBatch, extract, key_range
from entities.engine.load import Target, load
from entities.engine.read import Reader
from entities.engine.validate import validate
from entities.engine.values import Aggregate, Unit
from tracking import ledger, plan
from tracking.ledger import KeyRange, Outcome
from tracking.models import Batch, Correction, Run

log = structlog.get_logger("migration")
NO_ID_YET = 10**12


class Pipeline:
    """The stages for the batches of one run, with the wave's choices and scope."""

    unit, sealed = Unit, True  # what an aggregate becomes, and whether it carries the hash of its legacy rows

    def __init__(self, run: Run) -> None:
        self.run, wave = run, run.phase.wave
        self.migration: Migration = registry.get(run.entity_type)
        self.segments = {segment.name: segment for segment in self.migration.segments()}
        self.choices = plan.choices_of(wave)
        self.scope = scope_of(wave, self.choices)
        self.cutover = (wave.cutover_at or run.started_at or run.created_at).strftime("%Y-%m-%d %H:%M:%S")
        self.forecast: str = run.metadata.get("forecast", "") if run.dry_run else ""
        self.write_alias = forecast.alias_of(self.forecast) if run.dry_run else "v5"
        self.read = Reader(("v5", self.write_alias) if run.dry_run else ("v5",))
        self.fingerprint = str(run.metadata.get("fingerprint", ""))
        self._fingerprints: dict[int, str] = {run.pk: self.fingerprint}

    def next_range(self, run: Run) -> KeyRange | None:
        """The next keys behind the run's cursor; the next segment when this one is exhausted."""
        names = list(self.segments)
        for name in names[names.index(run.segment) :]:
            after = run.cursor if name == run.segment else 0
            to = key_range(self.segments[name], self.scope, after, run.batch_size)
            if to is not None:
                return KeyRange(name, after, to)
        return None

    def process(self, batch: Batch) -> Outcome:
        """Extract, transform, validate, load; returns what became of the batch, still to be recorded."""
        segment = self.segments[batch.segment]
        env = self._env()
        with transaction.atomic(using="legacy"):  # one consistent view of the source for the batch (GR-02)
            rows = extract(segment, self.scope, batch.key_after, batch.key_to, batch.keys)
            failpoints.visit(failpoints.AFTER_EXTRACT)
            rows = self._corrected(segment, rows, env)
            settled, rest = self._settled(segment, rows, env, fast=batch.fence == 1 and batch.keys is None)
            units = self._transform(segment, rest, env)
        validate(units)
        report.flag(units)
        loaded = load(units, self._target(batch, env), lambda: self._still_mine(batch))
        failpoints.visit(failpoints.AFTER_V5_COMMIT)
        return report.outcome_of(self.migration, segment, rows, settled, units, loaded)

    def try_out(self, name: str, keys: Sequence[int], proposed: Iterable[Correction] = ()) -> list[Unit]:
        """What would become of some aggregates with proposed corrections: the same path, rolled back at its end."""
        segment, env = self.segments[name], self._env()
        rows = extract(segment, self.scope, 0, 0, keys)
        rows = self._corrected(segment, rows, env, corrections.of(proposed, segment))
        self._load_existing(rows, env)
        units = self._transform(segment, rows, env)
        validate(units)
        for unit in units:
            unit.files.clear()  # a try leaves no picture behind
        with transaction.atomic(using=self.write_alias):
            load(units, self._target(None, env))
            transaction.set_rollback(True, using=self.write_alias)
        return units

    def look(self, name: str, keys: Sequence[int]) -> list[Unit]:
        """What the rules make of some aggregates as they are now; writes nothing, not even a reservation of ids.

        New V5 ids begin at `NO_ID_YET`: they only stand for "a new row".
        """
        segment, env = self.segments[name], self._env()
        env.ids = CountingIds(NO_ID_YET)
        rows = self._corrected(segment, extract(segment, self.scope, 0, 0, keys), env)
        self._load_existing(rows, env)
        units = self._transform(segment, rows, env)
        validate(units)
        return units

    def _corrected(
        self, segment: Segment, rows: RowBatch, env: Env, proposed: corrections.Answers = corrections.NONE
    ) -> RowBatch:
        """The rows as people answered for them."""
        env.answers = corrections.merged(corrections.load(self.run.phase.wave_id, segment, rows), proposed)
        rows, env.left_out = corrections.leave_out(corrections.apply(rows, env.answers), segment, env.answers)
        return rows

    def _env(self) -> Env:
        now = timezone.now().strftime("%Y-%m-%d %H:%M:%S")
        return Env(
            self.choices,
            self.scope,
            self.cutover,
            now,
            reserved_ids.of(self.forecast),
            dry_run=self.run.dry_run,
        )

    def _target(self, batch: Batch | None, env: Env) -> Target:
        order = tuple(dict.fromkeys(mapping.table for mapping in self.migration.mappings))
        return Target(self.write_alias, env.ids, self.run.pk, batch.pk if batch else None, env.now, order)

    def _still_mine(self, batch: Batch) -> None:
        if not ledger.holds(batch):
            raise LostLease(f"batch {batch.pk} was taken over by another worker")

    def _settled(
        self, segment: Segment, rows: RowBatch, env: Env, *, fast: bool
    ) -> tuple[list[MapEntry], RowBatch]:
        """Roots whose aggregate did not change since an equal run wrote it, without anything flagged: left alone.

        A redone batch takes the long way, so that its tallies and issues are complete.
        """
        if (
            fast
            and segment.entity
            and not self.read.entries(segment.entity, (root.id for root in rows.roots))
        ):
            return [], rows
        self._load_existing(rows, env)
        if not (fast and self.migration.fast):
            return [], rows
        settled, rest = [], []
        for aggregate in rows:
            entry = env.existing.get((segment.entity, aggregate.root.id, ""))
            if entry is not None and self._is_settled(segment, aggregate, entry):
                settled.append(entry)
            else:
                rest.append(aggregate.root)
        return settled, RowBatch(rest, rows.children)

    def _is_settled(self, segment: Segment, aggregate: Aggregate, entry: MapEntry) -> bool:
        if report.needs_another_look(entry) or not self._same_rules(entry):
            return False
        return report.aggregate_hash(segment, aggregate) == entry.source_hash

    def _same_rules(self, entry: MapEntry) -> bool:
        run_id = entry.run_id or 0
        if run_id not in self._fingerprints:
            metadata = Run.objects.filter(pk=run_id).values_list("metadata", flat=True).first() or {}
            self._fingerprints[run_id] = str(metadata.get("fingerprint", "gone"))
        return self._fingerprints[run_id] == self.fingerprint

    def _load_existing(self, rows: RowBatch, env: Env) -> None:
        wanted = self._own_ids(rows)
        for entity, row in (one for some in env.left_out.values() for one in some):
            wanted.setdefault(entity, set()).add(row.id)
        env.existing.update(self.read.entries_of(wanted))

    def _own_ids(self, rows: RowBatch) -> dict[str, set[int]]:
        """The legacy ids whose map entries this batch may write, by entity type."""
        tables = rows.by_table()
        wanted: dict[str, set[int]] = defaultdict(set)
        for mapping in self.migration.mappings:
            wanted[mapping.entity] |= {row.id for row in tables.get(mapping.source._meta.db_table, ())}
        for child in self.migration.children.values():
            if child.entity:
                wanted[child.entity] |= {row.id for row in tables.get(child.model._meta.db_table, ())}
        wanted[self.migration.root_entity] |= {root.id for root in rows.roots}
        for entity, ids in self.migration.known_ids(rows).items():
            wanted[entity] |= ids
        return {entity: ids for entity, ids in wanted.items() if entity and ids}

    def _transform(self, segment: Segment, rows: RowBatch, env: Env) -> list[Unit]:
        self._look_around(segment, rows, env)
        return [self._one(segment, aggregate, env) for aggregate in rows]

    def _look_around(self, segment: Segment, rows: RowBatch, env: Env) -> None:
        """What the transform needs beyond the rows themselves: all that it reads."""
        if rows.roots and not segment.name:
            self._look_up_parents(rows, env)
            env.facts = self.migration.facts(rows, self.read, env)

    def _look_up_parents(self, rows: RowBatch, env: Env) -> None:
        tables = rows.by_table()
        wanted: dict[str, set[int]] = defaultdict(set)
        for mapping in self.migration.mappings:
            source_rows = tables.get(mapping.source._meta.db_table, ())
            for entity, index in mapping.parents():
                wanted[entity] |= {row[index] for row in source_rows}
        for entity, ids in self.migration.needs(rows).items():
            wanted[entity] |= ids
        for (entity, legacy_id, part), entry in self.read.entries_of(wanted).items():
            if entry.v5_id and not part:
                env.known[entity][legacy_id] = entry.v5_id

    def _one(self, segment: Segment, aggregate: Aggregate, env: Env) -> Unit:
        """One aggregate; a crash in the transform quarantines this aggregate and no other."""
        unit = self.unit(aggregate.root, env, self.migration.school_of(aggregate.root))
        try:
            _decide(segment, aggregate, env, unit)
        except Transient:
            raise
        except Exception as error:
            log.exception(
                "transform crashed", legacy_table=aggregate.root._table, legacy_id=aggregate.root.id
            )
            unit = report.crashed(self.migration, segment, aggregate, env, error)
        if self.sealed and unit.root_entry is not None and not segment.name:
            report.seal(segment, aggregate, unit)
        return unit


def _decide(segment: Segment, aggregate: Aggregate, env: Env, unit: Unit) -> None:
    """What people left out is skipped; the transform decides the rest."""
    reason = env.answers.skip_of(aggregate.root) if env.answers else None
    if reason is not None:
        corrections.skip_root(segment, aggregate, unit, reason)
    else:
        segment.transform(aggregate, env, unit)
    for entity, row in env.left_out.get(aggregate.root.id, ()):
        unit.skip(entity, row, corrections.LEFT_OUT, under=unit.root_entry)


def scope_of(wave: Any, choices: Any) -> Scope:
    """The schools of a wave: its own list and Q-10 together; None = all of them.

    Test schools that the operator leaves out are excluded in either case.
    """
    chosen = choices.of("schools")
    migrate = getattr(chosen, "migrate", None) or []
    lists = [frozenset(map(int, names)) for names in (wave.schools, migrate) if names]
    excluded = frozenset(chosen.test) if chosen.test_action == "skip" else frozenset()
    return Scope(frozenset.intersection(*lists) if lists else None, excluded)


def mappings_of(migrations: Iterable[Migration]) -> list[type[Mapping]]:
    return [mapping for migration in migrations for mapping in migration.mappings]

"""A V5 row beside what its legacy row would give today: every field worked out again by the declarations.

Nothing is written: the aggregate is read, transformed and validated, and never loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from entities import registry
from entities.engine import source
from entities.engine.change import cells_of
from entities.engine.definition import Child, Mapping, Migration, Segment
from entities.engine.environment import CountingIds, Env
from entities.engine.errors import BadValue, Refused
from entities.engine.extract import RowBatch, extract
from entities.engine.lineage import LegacyIdMapping
from entities.engine.pipeline import Pipeline
from entities.engine.validate import encoding_of, validate
from entities.engine.values import Entry, Row, Unit
from entities.operations.story import legacy_row, section_of
from tracking.masking import masked
from tracking.models import Run

EQUAL, DIFFERS, DECLARED = "equal", "differs", "declared"
MOST_ROWS = 12


@dataclass(frozen=True)
class Cell:
    """One V5 column: what stands there, what the rules give today, and whether the two are equal.

    `declared`: there is nothing to compare with, only the declaration of how the value was made.
    """

    column: str
    state: str
    stands: Any
    derived: Any
    sources: tuple[str, ...]
    how: str
    rule: str


@dataclass
class Compared:
    """One V5 row; `verdict` says in words what the comparison means."""

    entity: str
    part: str
    v5_table: str
    v5_id: int
    cells: list[Cell] = field(default_factory=list)
    verdict: str = ""

    def count(self, state: str) -> int:
        return sum(one.state == state for one in self.cells)

    @property
    def differs(self) -> int:
        return self.count(DIFFERS)


@dataclass
class Comparison:
    """The V5 rows of one legacy record; `note` says why there are none or fewer."""

    rows: list[Compared] = field(default_factory=list)
    note: str = ""
    outcome: str = ""


class Gathered(NamedTuple):
    """Legacy rows as people corrected them, with everything that their transform needs."""

    segment: Segment
    rows: RowBatch
    env: Env


class Unhashed(Unit):
    """A unit whose legacy rows have no fingerprint."""

    __slots__ = ()

    def hash_of(self, row: Row) -> str:
        return ""


class Rederiving(Pipeline):
    """The stages up to validation, with ids that nobody has to reserve."""

    def _env(self) -> Env:
        env = super()._env()
        env.ids = CountingIds()
        return env

    def derive(self, root_id: int) -> list[Unit]:
        """What would become of one aggregate if it were moved now."""
        segment = self.segments[""]
        return self.decide(self._gathered(segment, extract(segment, self.scope, 0, 0, [root_id])))

    def gather(self, after: int, upto: int) -> Gathered:
        """All that is read for the aggregates with keys in (after, upto]."""
        segment = self.segments[""]
        return self._gathered(segment, extract(segment, self.scope, after, upto))

    def _gathered(self, segment: Segment, found: RowBatch) -> Gathered:
        env = self._env()
        rows = self._corrected(segment, found, env)
        self._load_existing(rows, env)
        self._look_around(segment, rows, env)
        return Gathered(segment, rows, env)

    def decide(self, gathered: Gathered) -> list[Unit]:
        """What would become of these aggregates if they were moved now; reads nothing."""
        segment, rows, env = gathered
        units = [self._one(segment, aggregate, env) for aggregate in rows]
        validate(units)
        return units


class RederivingMany(Rederiving):
    """The same for whole tables, where V5 rows are compared and legacy rows are not: without their fingerprints."""

    unit, sealed = Unhashed, False


def compare(entity: str, table: str, legacy_id: int, *, personal: bool = False) -> Comparison:
    """Field by field, for a record with a legacy row of its own."""
    row = legacy_row(table, legacy_id)
    if row is None:
        return Comparison(note=_("The legacy row is gone: nothing can be worked out again."))
    for migration in _candidates(entity, table):
        run = _run_of(migration, entity, legacy_id)
        root_id = _root_of(migration, table, row)
        if run is None or root_id is None:
            continue
        try:
            units = Rederiving(run).derive(root_id)
        except Refused as refusal:
            return Comparison(note=_("It cannot be worked out now: %(why)s.") % {"why": refusal})
        mine = [
            one
            for unit in units
            for one in unit.entries
            if (one.legacy_table, one.legacy_id) == (table, legacy_id)
        ]
        if any(one.entity == entity for one in mine):
            return _compared(sorted(mine, key=lambda one: one.entity != entity), personal)
    return Comparison(
        note=_("This record is made together with many others; it is not worked out again on a page.")
    )


def rederived(entity: str, table: str, legacy_id: int) -> tuple[int, list[Unit]] | None:
    """The run whose choices count and what a record's aggregate would become today; None when nothing can be said.

    Raises Refused when it cannot be worked out now.
    """
    row = legacy_row(table, legacy_id)
    for migration in _candidates(entity, table) if row is not None else ():
        run = _run_of(migration, entity, legacy_id)
        root_id = _root_of(migration, table, row)
        if run is not None and root_id is not None:
            units = Rederiving(run).derive(root_id)
            if any(
                (one.entity, one.legacy_id) == (entity, legacy_id) for unit in units for one in unit.entries
            ):
                return run.pk, units
    return None


def _candidates(entity: str, table: str) -> list[Migration]:
    """Migrations that may have made the record. Those that go through a whole school have no root of their own."""
    found = []
    for migration in registry.everything():
        children = {child.entity for child in migration.children.values()}
        kinds = {migration.root_entity, *children, *(one.entity for one in migration.mappings)}
        if migration.root_entity and entity in kinds:
            found.append(migration)
    return found


def _run_of(migration: Migration, entity: str, legacy_id: int) -> Run | None:
    """The run that wrote the record, else the newest of the migration: its wave has the choices that count."""
    entry = LegacyIdMapping.objects.using("v5").filter(entity_type=entity, legacy_id=legacy_id)
    wrote = entry.values_list("run_id", flat=True).first()
    runs = Run.objects.filter(entity_type=migration.name, dry_run=False).select_related("phase__wave")
    return runs.filter(pk=wrote).first() or runs.order_by("-pk").first()


def _root_of(migration: Migration, table: str, row: Any) -> int | None:
    """The key of the aggregate that a row belongs to; None when it belongs to none of this migration."""
    if migration.root._meta.db_table == table:
        return int(row.id)
    for child in migration.children.values():
        if child.model._meta.db_table == table:
            root_id = _climb(migration, child, row)
            if root_id is not None:
                return root_id
    return None


def _climb(migration: Migration, child: Child, row: Any) -> int | None:
    """From a child row to its root, parent by parent."""
    while child.of:
        child, key = migration.children[child.of], getattr(row, child.key)
        row = legacy_row(child.model._meta.db_table, key) if key else None
        if row is None:
            return None
    found = getattr(row, child.key)
    return int(found) if found else None


def _compared(entries: list[Entry], personal: bool) -> Comparison:
    made = [one for one in entries if one.cells is not None and one.mapping is not None and one.mapping.keyed]
    standing = [one for one in made if one.existing is not None and one.existing.v5_id]
    found = Comparison(outcome=_outcome(entries))
    rows = _v5_rows(standing[:MOST_ROWS])
    for entry in standing[:MOST_ROWS]:
        mapping = entry.mapping
        assert mapping is not None
        found.rows.append(
            _compare_one(entry, mapping, rows.get((mapping.table, entry.existing.v5_id)), personal)
        )
    if len(standing) > MOST_ROWS:
        found.note = _("%(n)s V5 rows in all; the first %(most)s are compared.") % {
            "n": len(standing), "most": MOST_ROWS,
        }  # fmt: skip
    elif not standing:
        found.note = _("Nothing of this record stands in V5 as a row of its own.")
    return found


def _outcome(entries: list[Entry]) -> str:
    """What would become of the record today, where that is not what the map says."""
    others = [
        one for one in entries if one.existing is not None and one.disposition != one.existing.disposition
    ]
    if not others:
        return ""
    one = others[0]
    return _("By the rules of today it would be %(now)s (%(why)s), and it is %(was)s.") % {
        "now": one.disposition, "why": one.reason or "–", "was": one.existing.disposition,
    }  # fmt: skip


def _v5_rows(entries: list[Entry]) -> dict[tuple[str, int], Any]:
    tables: dict[Any, set[int]] = {}
    for entry in entries:
        assert entry.mapping is not None
        tables.setdefault(entry.mapping.target, set()).add(entry.existing.v5_id)
    return {
        (target._meta.db_table, row.id): row
        for target, ids in tables.items()
        for row in source.of(target).within("id", ids)
    }


def _compare_one(entry: Entry, mapping: type[Mapping], row: Any, personal: bool) -> Compared:
    found = Compared(entry.entity, entry.part, mapping.table, entry.existing.v5_id)
    if row is None:
        found.verdict = _("The V5 row is gone: somebody removed it since it was written.")
        return found
    found.cells = list(_cells(entry, mapping, row, personal))
    found.verdict = _verdict(entry, mapping, row, found.differs)
    return found


def _cells(entry: Entry, mapping: type[Mapping], row: Any, personal: bool) -> Iterator[Cell]:
    names = encoding_of(mapping).names
    stands = dict(zip(names, _as_written(row, mapping), strict=True))
    derived = dict(zip(names, entry.cells or (), strict=True))
    for name, declared in mapping.fields.items():
        rule = declared.rule or section_of(mapping)
        if name not in stands:
            yield Cell(name, DECLARED, None, None, declared.sources, declared.describe(), rule)
            continue
        if name in mapping.volatile:
            state = DECLARED
        else:
            state = EQUAL if stands[name] == derived[name] else DIFFERS
        yield Cell(
            name, state, _shown(name, stands[name], mapping.table, personal),
            None if name in mapping.volatile else _shown(name, derived[name], mapping.table, personal),
            declared.sources, declared.describe(), rule,
        )  # fmt: skip


def _as_written(row: Any, mapping: type[Mapping]) -> list[str | None]:
    """The row in the text in which it would be written; what somebody put there since may have another form."""
    try:
        return cells_of(row, mapping)
    except (BadValue, TypeError, ValueError):
        values = (getattr(row, name) for name in encoding_of(mapping).names)
        return [None if value is None else str(value) for value in values]


def _shown(name: str, value: Any, table: str, personal: bool) -> Any:
    return masked({name: value}, table, personal=personal)[name]


def _verdict(entry: Entry, mapping: type[Mapping], row: Any, differs: int) -> str:
    if not differs:
        return _("Every field is what the rules give today.")
    old = entry.existing
    if encoding_of(mapping).hash(_as_written(row, mapping)) != old.target_hash:
        return _("The V5 row is no longer as the migration wrote it: somebody edited it since.")
    if entry.source_hash != old.source_hash:
        return _("The legacy row changed since it was moved; the next run brings V5 up to date.")
    return _("V5 stands as it was written; a parent, a choice, a correction or a rule has changed since.")

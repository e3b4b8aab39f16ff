"""Full comparison: every migrated record derived again from its legacy row and held against V5, field by field.

It walks the roots of a migration as a run does: read, transform, validate, and instead of the load both sides are
compared. Rows are first held against each other as text; only those that differ are looked at value by value, so
equal rows cost one query per table and range.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from entities import registry
from entities.engine import source
from entities.engine.definition import Mapping, Migration
from entities.engine.errors import BadValue
from entities.engine.extract import last_key
from entities.engine.runner import garbage_kept
from entities.engine.validate import encoding_of
from entities.engine.values import Entry, Unit
from entities.operations.comparison import RederivingMany
from entities.reconciliation import standing
from entities.reconciliation.ahead import Ahead, Stands, short_turns
from entities.reconciliation.check import Check, Kind, Looked, Seen, Severity
from entities.reconciliation.reading import Reading
from entities.reconciliation.standing import key_of
from tracking.models import Run

SIZE = 1_000  # aggregates that one step derives again


class Compare(Check):
    """The comparison of one migration. Whatever differs is a finding with both values, searchable by record."""

    severity, rule = Severity.B, "design section 5"
    how = _(
        "Every legacy record is worked out again by the rules and held against its V5 rows, field by field."
    )

    def __init__(self, migration: Migration) -> None:
        self.migration = migration
        self.id = f"C-{migration.name}"
        self.title = _Title(migration)
        self.phase = migration.phase

    def total(self, read: Reading) -> int:
        ahead = self._ahead(read)
        return last_key(ahead.pipeline.segments[""], ahead.pipeline.scope) if ahead else 1

    def _ahead(self, read: Reading) -> Ahead | None:
        """The ranges to compare, with the choices of the wave; None when the migration never ran in it."""
        if "ahead" not in read.memory:
            runs = Run.objects.filter(
                entity_type=self.migration.name, dry_run=False, started_at__isnull=False
            )
            run = runs.filter(phase__wave=read.wave).select_related("phase__wave").order_by("-pk").first()
            read.memory["ahead"] = Ahead(RederivingMany(run), SIZE) if run else None
        found: Ahead | None = read.memory["ahead"]
        return found

    def step(self, read: Reading, cursor: int | None, looked: Looked) -> int | None:
        ahead = self._ahead(read)
        if ahead is None:
            return None
        with garbage_kept(), short_turns():
            found = ahead.take(cursor or 0)
            if found.gathered is not None:
                compare_units(ahead.pipeline.decide(found.gathered), found.stands, looked)
        return found.upto


class _Title:
    """`Full comparison: <title of the migration>`, in the reader's language."""

    def __init__(self, migration: Migration) -> None:
        self.migration = migration

    def __str__(self) -> str:
        return str(_("Every field equal: %(what)s")) % {
            "what": gettext(self.migration.title or self.migration.name)
        }


def compare_units(units: Iterable[Unit], stands: Stands, looked: Looked) -> None:
    """Hold the derived rows of some aggregates against V5 and note every difference."""
    by_mapping: dict[type[Mapping], list[Entry]] = defaultdict(list)
    for unit in units:
        for entry in unit.entries:
            figures, old, mapping = looked.schools[entry.school_id], entry.existing, entry.mapping
            figures.examined += 1
            if old is None:
                late = "it is not in the map: it came after the last run"
                looked.find(_seen(Kind.MISSING, entry, None, message=late))
            elif entry.disposition != old.disposition:
                looked.find(
                    _seen(Kind.DIFFERS, entry, None, "disposition", entry.disposition, old.disposition)
                )
            elif entry.cells is not None and mapping is not None and (old.v5_id or not mapping.keyed):
                figures.legacy += 1
                by_mapping[mapping].append(entry)
    for mapping, entries in by_mapping.items():
        _compare(mapping, entries, stands.of(mapping, entries), looked)


def _compare(mapping: type[Mapping], entries: list[Entry], hashes: dict[Any, str], looked: Looked) -> None:
    """A row is equal when the hash of all its cells is; any other is looked at cell by cell."""
    doubtful = []
    for entry in entries:
        there = hashes.get(key_of(entry, mapping))
        if there is None:
            looked.find(_seen(Kind.MISSING, entry, mapping, message="the V5 row is gone"))
        elif there == entry.target_hash:
            looked.schools[entry.school_id].target += 1
        else:
            doubtful.append(entry)
    _look_closely(mapping, doubtful, looked)


def _look_closely(mapping: type[Mapping], doubtful: list[Entry], looked: Looked) -> None:
    """Rows whose text differs: `10.5` and `10.50` are one amount, and a document has more than one form."""
    if not doubtful:
        return
    names, keys = encoding_of(mapping).names, {key_of(entry, mapping) for entry in doubtful}
    values: dict[Any, Sequence[str | None]] = {}
    if mapping.keyed:
        values = {row.id: _cells(row, mapping) for row in source.of(mapping.target).within("id", keys)}
    else:
        values = dict(standing.texts(mapping, keys))
    for entry in doubtful:
        stands, derived = values[key_of(entry, mapping)], entry.cells or ()
        differing = [
            (name, cell, there)
            for name, cell, there in zip(names, derived, stands, strict=True)
            if name not in mapping.volatile and cell != there
        ]
        if not differing:
            looked.of(entry.school_id).target += 1
        for name, cell, there in differing:
            secret = name in source.SECRETS
            looked.find(
                _seen(Kind.DIFFERS, entry, mapping, name, "(hidden)" if secret else cell, "(other)" if secret else there,
                      _edited(entry, mapping, stands))
            )  # fmt: skip


def _cells(row: Any, mapping: type[Mapping]) -> Sequence[str | None]:
    from entities.engine.change import cells_of

    try:
        return cells_of(row, mapping)
    except (BadValue, TypeError, ValueError):  # somebody wrote what the rules never would
        return [
            None if (value := getattr(row, name)) is None else str(value)
            for name in encoding_of(mapping).names
        ]


def _edited(entry: Entry, mapping: type[Mapping], stands: Sequence[str | None]) -> str:
    old = entry.existing
    if old.target_hash and encoding_of(mapping).hash(list(stands)) == old.target_hash:
        return "V5 stands as it was written; legacy, a choice or a rule changed since"
    return "V5 is no longer as the migration wrote it"


def _seen(
    kind: Kind,
    entry: Entry,
    mapping: type[Mapping] | None,
    name: str = "",
    expected: Any = None,
    found: Any = None,
    message: str = "",
) -> Seen:
    old = entry.existing
    v5_id = old.v5_id if old is not None else None
    table = mapping.table if mapping else (old.v5_table or "" if old is not None else "")
    return Seen(kind, entry.school_id, entry.entity, entry.legacy_table, entry.legacy_id, entry.part, table, v5_id, name,
                expected, found, message)  # fmt: skip


CHECKS: tuple[Check, ...] = tuple(Compare(migration) for migration in registry.everything())

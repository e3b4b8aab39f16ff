"""Full comparison: every migrated record derived again from its legacy row and held against V5, field by field.

It walks the roots of a migration as a run does: read, transform, validate, and instead of the load both sides are
compared. Rows are first held against each other as text; only those that differ are looked at value by value, so
equal rows cost one query per table and range.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from entities import registry
from entities.engine import source, vendors
from entities.engine.definition import Mapping, Migration
from entities.engine.errors import BadValue
from entities.engine.extract import key_range, total
from entities.engine.validate import encoding_of
from entities.engine.values import Entry, Unit
from entities.reconciliation.check import Check, Kind, Looked, Seen, Severity
from entities.reconciliation.reading import Reading
from tracking.models import Run

SIZE = 1_000  # aggregates that one step derives again
LEFT_OUT = ("rejected", "skipped")


class Standing(NamedTuple):
    """One derived row that should stand in V5: its mapping, V5 id (or key) and canonical cells."""

    entry: Entry
    mapping: type[Mapping]
    key: Any
    cells: Sequence[str | None]


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
        pipeline = self._pipeline(read)
        return total(pipeline.segments[""], pipeline.scope) if pipeline else 1

    def _pipeline(self, read: Reading) -> Any:
        """The stages up to validation, with the choices of the wave; None when the migration never ran in it."""
        from entities.operations.comparison import Rederiving

        if "pipeline" not in read.memory:
            runs = Run.objects.filter(
                entity_type=self.migration.name, dry_run=False, started_at__isnull=False
            )
            run = runs.filter(phase__wave=read.wave).select_related("phase__wave").order_by("-pk").first()
            read.memory["pipeline"] = Rederiving(run) if run else None
        return read.memory["pipeline"]

    def step(self, read: Reading, cursor: int | None, looked: Looked) -> int | None:
        pipeline = self._pipeline(read)
        if pipeline is None:
            return None
        segment, after = pipeline.segments[""], cursor or 0
        upto = key_range(segment, pipeline.scope, after, SIZE)
        if upto is not None:
            compare_units(pipeline.derive_range(after, upto), looked)
        return upto


class _Title:
    """`Full comparison: <title of the migration>`, in the reader's language."""

    def __init__(self, migration: Migration) -> None:
        self.migration = migration

    def __str__(self) -> str:
        return str(_("Every field equal: %(what)s")) % {"what": self.migration.title or self.migration.name}


def compare_units(units: Iterable[Unit], looked: Looked) -> None:
    """Hold the derived rows of some aggregates against V5 and note every difference."""
    by_mapping: dict[type[Mapping], list[Standing]] = defaultdict(list)
    for unit in units:
        for entry in unit.entries:
            for one in _standing(entry, looked):
                by_mapping[one.mapping].append(one)
    for mapping, some in by_mapping.items():
        _compare(mapping, some, looked)


def _standing(entry: Entry, looked: Looked) -> Iterator[Standing]:
    """The row that an entry should have in V5; what has none today is noted when the map says otherwise."""
    old, mapping = entry.existing, entry.mapping
    figures = looked.of(entry.school_id)
    figures.examined += 1
    if old is None:
        looked.find(
            _seen(Kind.MISSING, entry, None, message="it is not in the map: it came after the last run")
        )
        return
    if entry.disposition != old.disposition:
        looked.find(_seen(Kind.DIFFERS, entry, None, "disposition", entry.disposition, old.disposition))
        return
    if entry.cells is None or mapping is None or (mapping.keyed and not old.v5_id):
        return
    figures.legacy += 1
    names = encoding_of(mapping).names
    key = old.v5_id if mapping.keyed else tuple(entry.cells[names.index(name)] for name in mapping.key)
    yield Standing(entry, mapping, key, entry.cells)


def _compare(mapping: type[Mapping], some: list[Standing], looked: Looked) -> None:
    texts = _texts(mapping, some)
    compared = [
        index for index, name in enumerate(encoding_of(mapping).names) if name not in mapping.volatile
    ]
    doubtful = []
    for one in some:
        text = texts.get(one.key)
        if text is None:
            looked.find(_seen(Kind.MISSING, one.entry, mapping, message="the V5 row is gone"))
        elif all(text[index] == one.cells[index] for index in compared):
            looked.of(one.entry.school_id).target += 1
        else:
            doubtful.append(one)
    _look_closely(mapping, doubtful, texts, looked)


def _texts(mapping: type[Mapping], some: list[Standing]) -> dict[Any, tuple[str | None, ...]]:
    """V5 rows as text by their key: the server turns them into text, which is what the cells are."""
    table = source.of(mapping.target)
    vendor = vendors.of(table.connection)
    quote, names = vendor.quote, encoding_of(mapping).names
    kind = "CHAR" if table.connection.vendor == "mysql" else "TEXT"
    listed = ", ".join(f"CAST(t.{quote(name)} AS {kind})" for name in names)
    first = "id" if mapping.keyed else mapping.key[0]
    wanted = {one.key if mapping.keyed else int(one.key[0]) for one in some}
    found: dict[Any, tuple[str | None, ...]] = {}
    for ids in source.chunks(sorted(wanted)):
        marks, params = source.listed(ids)
        with table.connection.cursor() as cursor:
            cursor.execute(
                f"SELECT t.{quote(first)}, {listed} FROM {quote(table.table)} t WHERE t.{quote(first)} IN ({marks})",
                params,
            )
            for row in cursor.fetchall():
                text = row[1:]
                key = row[0] if mapping.keyed else tuple(text[names.index(name)] for name in mapping.key)
                found[key] = text
    return found


def _look_closely(
    mapping: type[Mapping], doubtful: list[Standing], texts: dict[Any, Any], looked: Looked
) -> None:
    """Rows whose text differs: `10.5` and `10.50` are one amount, and a document has more than one form."""
    if not doubtful:
        return
    names = encoding_of(mapping).names
    values: dict[Any, Sequence[str | None]] = {}
    if mapping.keyed:
        values = {
            row.id: _cells(row, mapping)
            for row in source.of(mapping.target).within("id", {one.key for one in doubtful})
        }
    for one in doubtful:
        stands = values.get(one.key) or texts[one.key]
        differing = [
            (name, cell, there)
            for name, cell, there in zip(names, one.cells, stands, strict=True)
            if name not in mapping.volatile and cell != there
        ]
        if not differing:
            looked.of(one.entry.school_id).target += 1
        for name, cell, there in differing:
            secret = name in source.SECRETS
            looked.find(
                _seen(Kind.DIFFERS, one.entry, mapping, name, "(hidden)" if secret else cell, "(other)" if secret else there,
                      _edited(one, mapping, stands))
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


def _edited(one: Standing, mapping: type[Mapping], stands: Sequence[str | None]) -> str:
    old = one.entry.existing
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

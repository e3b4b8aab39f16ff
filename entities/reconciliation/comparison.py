"""Full comparison: every migrated record derived again from its legacy row and held against V5, field by field.

It walks the roots of a migration as a run does: read, transform, validate, and instead of the load both sides are
compared. Rows are first held against each other as text; only those that differ are looked at value by value, so
equal rows cost one query per table and range.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from hashlib import md5
from typing import Any, NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from entities import registry
from entities.engine import source, vendors
from entities.engine.definition import Mapping, Migration
from entities.engine.errors import BadValue
from entities.engine.extract import key_range, total
from entities.engine.runner import garbage_kept
from entities.engine.validate import encoding_of
from entities.engine.values import Entry, Unit
from entities.reconciliation.check import Check, Kind, Looked, Seen, Severity
from entities.reconciliation.reading import Reading
from tracking.models import Run

BETWEEN, NOTHING = "\x1f", "\x1e"  # between two cells, and in the place of NULL
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
            with garbage_kept():
                compare_units(pipeline.derive_range(after, upto), looked)
        return upto


class _Title:
    """`Full comparison: <title of the migration>`, in the reader's language."""

    def __init__(self, migration: Migration) -> None:
        self.migration = migration

    def __str__(self) -> str:
        return str(_("Every field equal: %(what)s")) % {
            "what": gettext(self.migration.title or self.migration.name)
        }


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
    digests = _digests(mapping, some)
    compared = compared_of(mapping)
    doubtful = []
    for one in some:
        digest = digests.get(one.key)
        if digest is None:
            looked.find(_seen(Kind.MISSING, one.entry, mapping, message="the V5 row is gone"))
        elif digest == digest_of([one.cells[index] for index in compared]):
            looked.of(one.entry.school_id).target += 1
        else:
            doubtful.append(one)
    _look_closely(mapping, doubtful, looked)


def compared_of(mapping: type[Mapping]) -> list[int]:
    """The places of the cells that count: moments that every run writes anew do not."""
    return [index for index, name in enumerate(encoding_of(mapping).names) if name not in mapping.volatile]


def digest_of(cells: Sequence[str | None]) -> str:
    """The digest of a row's text, as the server takes it."""
    text = BETWEEN.join([NOTHING if cell is None else cell for cell in cells])
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def _digests(mapping: type[Mapping], some: list[Standing]) -> dict[Any, str]:
    """Digests of V5 rows by their key. The server takes them, so that a row that is equal travels as 32 letters."""
    if source.of(mapping.target).connection.vendor != "mysql":
        compared = compared_of(mapping)
        texts = _texts(mapping, {one.key for one in some})
        return {key: digest_of([text[index] for index in compared]) for key, text in texts.items()}
    names = encoding_of(mapping).names
    cells = ", ".join(
        f"COALESCE(CAST(t.`{names[index]}` AS CHAR), '{NOTHING}')" for index in compared_of(mapping)
    )
    digest = f"MD5(CONVERT(CONCAT_WS('{BETWEEN}', {cells}) USING utf8mb4))"
    keys = ["id"] if mapping.keyed else list(mapping.key)
    return {
        row[0] if mapping.keyed else tuple(None if one is None else str(one) for one in row[:-1]): row[-1]
        for row in _rows(mapping, [*(f"t.`{key}`" for key in keys), digest], {one.key for one in some})
    }


def _texts(mapping: type[Mapping], keys: set[Any]) -> dict[Any, tuple[str | None, ...]]:
    """V5 rows as text by their key: what the server makes of them is nearly always what the cells are."""
    table = source.of(mapping.target)
    quote, names = vendors.of(table.connection).quote, encoding_of(mapping).names
    kind = "CHAR" if table.connection.vendor == "mysql" else "TEXT"
    first = "id" if mapping.keyed else mapping.key[0]
    wanted = [f"t.{quote(first)}", *(f"CAST(t.{quote(name)} AS {kind})" for name in names)]
    return {
        row[0] if mapping.keyed else tuple(row[1 + names.index(name)] for name in mapping.key): row[1:]
        for row in _rows(mapping, wanted, keys)
    }


def _rows(mapping: type[Mapping], wanted: list[str], keys: set[Any]) -> Iterator[Any]:
    """Some columns of the V5 rows with these keys, ten thousand at a time."""
    table = source.of(mapping.target)
    quote = vendors.of(table.connection).quote
    first = "id" if mapping.keyed else mapping.key[0]
    for ids in source.chunks(sorted({key if mapping.keyed else int(key[0]) for key in keys})):
        marks, params = source.listed(ids)
        with table.connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {', '.join(wanted)} FROM {quote(table.table)} t WHERE t.{quote(first)} IN ({marks})",
                params,
            )
            yield from cursor.fetchall()


def _look_closely(mapping: type[Mapping], doubtful: list[Standing], looked: Looked) -> None:
    """Rows whose text differs: `10.5` and `10.50` are one amount, and a document has more than one form."""
    if not doubtful:
        return
    names, keys = encoding_of(mapping).names, {one.key for one in doubtful}
    values: dict[Any, Sequence[str | None]] = {}
    if mapping.keyed:
        values = {row.id: _cells(row, mapping) for row in source.of(mapping.target).within("id", keys)}
    else:
        values = dict(_texts(mapping, keys))
    for one in doubtful:
        stands = values[one.key]
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

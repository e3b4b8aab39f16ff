"""What the transform of schools needs beyond their rows: a fixed number of queries per batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from entities.engine import resolvers, schema, source
from entities.engine.normalise import normal_key
from entities.engine.read import Reader, text_of
from entities.engine.tables import LegacyModel
from entities.reference.legacy import LegacySport
from entities.schools import rules
from entities.schools.legacy import LegacyMail, LegacySchool
from entities.schools.v5 import V5School, V5SchoolColor, V5SchoolSport, V5StationSchool

geography = resolvers.of("reference").geography


TEMPORAL = frozenset({"deleted_at"})
SCHOOL_EXTRAS = ("cancellation_insurance_percent", "inscription", "deleted_at")
MAIL_EXTRAS = ("lang", "title", "deleted_at")
WRITTEN = (
    "SELECT v5_id FROM legacy_id_mappings"
    " WHERE entity_type = 'school' AND disposition = 'migrated' AND v5_id IS NOT NULL"
)


@dataclass
class SchoolFacts:
    """Facts about all schools (slugs, sports, places) and about those of the batch."""

    places: geography.Places
    slugs: dict[int, str] = field(default_factory=dict)
    present: dict[str, int] = field(default_factory=dict)  # schools V5 held before, by slug
    present_names: dict[str, int] = field(default_factory=dict)
    sports: dict[int, str] = field(default_factory=dict)  # legacy names
    currencies: dict[int, dict[str | None, int]] = field(default_factory=dict)
    extras: dict[int, dict[str, Any]] = field(default_factory=dict)  # columns some dumps have, by school
    mail_extras: dict[int, dict[str, Any]] = field(default_factory=dict)
    satellites: dict[tuple[str, int], dict[Any, int]] = field(default_factory=dict)  # of present schools


def load(schools: list[Any], mails: Iterable[Any], read: Reader) -> SchoolFacts:
    """Everything for the schools of one batch."""
    present = _present(read)
    by_slug = {(row.slug or "").strip().lower(): row.id for row in reversed(present) if row.slug}
    ids = [row.id for row in schools]
    return SchoolFacts(
        places=geography.load(read),
        slugs=rules.slugs(source.of(LegacySchool).query(), by_slug),
        present=by_slug,
        present_names={normal_key(row.name): row.id for row in reversed(present)},
        sports={row.id: row.name for row in source.of(LegacySport).query()},
        currencies=_currencies(read, ids),
        extras=_extras(read, LegacySchool, SCHOOL_EXTRAS, ids),
        mail_extras=_extras(read, LegacyMail, MAIL_EXTRAS, [row.id for row in mails]),
        satellites=_satellites(read, [row.id for row in present]),
    )


def _present(read: Reader) -> list[Any]:
    """Schools that V5 held before the migration; the rows are read before the map, so that ours are known."""
    rows = {row.id: row for row in read.v5_all(V5School) if not row.deleted_at}
    ours = {row[0] for row in read.v5_sql(WRITTEN)}
    return [rows[key] for key in sorted(rows) if key not in ours]


def _currencies(read: Reader, ids: list[int]) -> dict[int, dict[str | None, int]]:
    counts: dict[int, dict[str | None, int]] = defaultdict(lambda: defaultdict(int))
    for table in ("courses2", "bookings2"):
        sql = f"SELECT school_id, currency, COUNT(*) FROM {table} WHERE school_id IN ({{ids}}) GROUP BY 1, 2"
        for school, currency, count in read.legacy_sql(sql, ids):
            counts[school][currency] += count
    return counts


def _extras(
    read: Reader, model: type[LegacyModel], names: tuple[str, ...], ids: list[int]
) -> dict[int, dict[str, Any]]:
    """Values of columns that only some dumps have, by row id."""
    table = source.of(model).table
    live = schema.live("legacy").columns(table)
    found = [name for name in names if name in live]
    if not found:
        return {}
    columns = ", ".join(text_of("legacy", name) if name in TEMPORAL else name for name in found)
    rows = read.legacy_sql(f"SELECT id, {columns} FROM {table} WHERE id IN ({{ids}})", ids)
    return {row[0]: dict(zip(found, row[1:], strict=True)) for row in rows}


def _satellites(read: Reader, schools: list[int]) -> dict[tuple[str, int], dict[Any, int]]:
    """Natural keys of the rows that V5 holds for schools that were there before."""
    keys = {
        V5SchoolColor: lambda row: (normal_key(row.name), normal_key(row.color)),
        V5StationSchool: lambda row: row.station_id,
        V5SchoolSport: lambda row: row.sport_id,
    }
    found: dict[tuple[str, int], dict[Any, int]] = defaultdict(dict)
    for model, key in keys.items():
        for row in read.v5(model, "school_id", schools):
            if not row.deleted_at:
                found[model._meta.db_table, row.school_id].setdefault(key(row), row.id)
    return found

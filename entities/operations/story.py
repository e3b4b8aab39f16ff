"""The story of one record: its legacy row, what became of it and why, the rules field by field, V5 rows, issues."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps

from entities import registry
from entities.engine import balance, source
from entities.engine.definition import Mapping
from entities.engine.environment import MapEntry
from entities.engine.errors import Refused
from entities.engine.read import Reader
from entities.engine.values import payload_of
from tracking import codes
from tracking.masking import masked
from tracking.models import Batch, Issue, Run

OUTCOMES = {
    "migrated": "became a record of its own in V5",
    "merged": "lives on in another V5 record",
    "split": "became several V5 records",
    "skipped": "was left out on purpose",
    "rejected": "is kept back until a person has looked",
    "synthesised": "was made new, without a legacy row of its own",
}


@dataclass
class Part:
    """One entry of the id map: the outcome in words, the V5 row, and how each of its fields was made."""

    entity: str
    part: str
    entry: MapEntry
    says: str
    target: dict[str, Any] | None = None
    fields: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Story:
    """Everything about one legacy record. Personal data is masked, secrets are left out."""

    entity: str
    legacy_id: int
    table: str
    legacy: dict[str, Any] | None
    parts: list[Part]
    issues: list[dict[str, Any]]
    work: list[dict[str, Any]]

    def as_data(self) -> dict[str, Any]:
        return {
            "record": f"{self.entity}:{self.legacy_id}", "legacy_table": self.table, "legacy_row": self.legacy,
            "outcomes": [
                {
                    "entity_type": one.entity, "part": one.part, "disposition": one.entry.disposition,
                    "reason": one.entry.reason, "says": one.says, "v5_table": one.entry.v5_table, "v5_id": one.entry.v5_id,
                    "v5_row": one.target, "fields": one.fields,
                }
                for one in self.parts
            ],
            "issues": self.issues, "work": self.work,
        }  # fmt: skip


def tell(record: str) -> Story:
    """The story of `entity:id`; refuses a word that names no record and a record that nobody knows."""
    entity, _, number = record.rpartition(":")
    if not entity or not number.isdigit():
        raise Refused(f"{record!r} names no record: write entity:id, for example client:42")
    tables = entity_tables()
    if entity not in tables:
        raise Refused(f"no entity type {entity!r}; there are {', '.join(sorted(tables))}")
    table, legacy_id = tables[entity], int(number)
    row = _legacy_row(table, legacy_id)
    parts = _parts(entity, table, legacy_id, row)
    if row is None and not parts:
        raise Refused(f"legacy has no {table} {legacy_id}, and the id map has no {entity}:{legacy_id}")
    shown = masked(payload_of(row), table) if row is not None else None
    return Story(entity, legacy_id, table, shown, parts, _issues(table, legacy_id), _work(parts))


def entity_tables() -> dict[str, str]:
    """The legacy table behind each entity type."""
    found: dict[str, str] = {}
    for migration in registry.everything():
        for mapping in migration.mappings:
            found.setdefault(mapping.entity, mapping.source._meta.db_table)
        for segment in migration.segments():
            declared = [
                (segment.entity, segment.model),
                *((one.entity, one.model) for one in segment.children.values()),
            ]
            found |= {
                entity: model._meta.db_table for entity, model in declared if entity and entity not in found
            }
    return found


def _legacy_row(table: str, legacy_id: int) -> Any:
    rows = source.of(_model("legacy", table)).within("id", [legacy_id])
    return rows[0] if rows else None


def _model(database: str, table: str) -> Any:
    for model in apps.get_app_config("entities").get_models():
        if getattr(model, "database", "") == database and model._meta.db_table == table:
            return model
    raise Refused(f"no model of the {database} table {table}")


def _parts(entity: str, table: str, legacy_id: int, row: Any) -> list[Part]:
    """Entries of the record, then of the other kinds of record that its legacy row led to."""
    read, parts = Reader(), []
    mappings = _mappings()
    others = [
        *balance.entities_of(table),
        *(one.entity for one in mappings if one.source._meta.db_table == table),
    ]
    for kind in dict.fromkeys([entity, *others]):
        for (_, part), entry in sorted(read.entries(kind, [legacy_id]).items()):
            parts.append(_part(kind, part, entry, table, row, mappings))
    return parts


def _mappings() -> list[type[Mapping]]:
    return [mapping for migration in registry.everything() for mapping in migration.mappings]


def _part(kind: str, part: str, entry: MapEntry, table: str, row: Any, mappings: list[type[Mapping]]) -> Part:
    told = Part(kind, part, entry, _says(entry))
    if not entry.v5_id or not entry.v5_table:
        return told
    found = source.of(_model("v5", entry.v5_table)).within("id", [entry.v5_id])
    if found:
        target = payload_of(found[0])
        told.target = masked(target, entry.v5_table)
        for mapping in mappings:
            if mapping.entity == kind and mapping.table == entry.v5_table and entry.disposition != "merged":
                told.fields = _fields(mapping, row, target, table)
    return told


def _says(entry: MapEntry) -> str:
    said = OUTCOMES.get(entry.disposition, entry.disposition)
    code = codes.ALL.get(entry.reason)
    return f"{said}: {code.sentence} {code.next_step}".strip() if code else said


def _fields(mapping: type[Mapping], row: Any, target: dict[str, Any], table: str) -> list[dict[str, Any]]:
    """How each V5 column was made: legacy columns with their values, the conversion, the V5 value, the rule."""
    told = []
    original = payload_of(row) if row is not None and mapping.source._meta.db_table == table else {}
    for name, one in mapping.fields.items():
        sources = {column: original[column] for column in one.sources if column in original}
        told.append(
            {
                "column": name,
                "from": list(one.sources),
                "legacy": masked(sources, table),
                "how": one.describe(),
                "v5": masked({name: target.get(name)}, mapping.table)[name],
                "rule": one.rule or _section(mapping),
            }
        )
    return told


def _section(mapping: type[Mapping]) -> str:
    """The section of the mapping rules that a mapping's docstring begins with, for example 4.3."""
    found = re.match(r"\s*(\d+(?:\.\d+)+)", mapping.__doc__ or "")
    return found[1] if found else ""


def _issues(table: str, legacy_id: int) -> list[dict[str, Any]]:
    """Issues of the legacy row, whatever kind of record they are about; without payloads."""
    entities = [
        *balance.entities_of(table),
        *(one.entity for one in _mappings() if one.source._meta.db_table == table),
    ]
    issues = Issue.objects.filter(
        entity_type__in=dict.fromkeys(entities), legacy_id=legacy_id
    ).select_related("wave")
    return [
        {
            "wave": issue.wave.name, "entity_type": issue.entity_type, "level": issue.level, "state": issue.state,
            "stage": issue.stage, "code": issue.code, "field": issue.field, "message": issue.message,
            "meaning": str(codes.ALL[issue.code].sentence) if issue.code in codes.ALL else "",
            "next_step": str(codes.ALL[issue.code].next_step) if issue.code in codes.ALL else "",
            "run": issue.run_id, "batch": issue.batch_id, "times_seen": issue.occurrences,
            "last_seen": issue.last_seen.isoformat(),
        }
        for issue in issues.order_by("level", "pk")
    ]  # fmt: skip


def _work(parts: list[Part]) -> list[dict[str, Any]]:
    """The runs that wrote the entries, as far as the record still knows them."""
    runs = Run.objects.filter(pk__in={one.entry.run_id for one in parts if one.entry.run_id}).select_related(
        "phase__wave"
    )
    return [
        {
            "run": run.pk, "migration": run.entity_type, "wave": run.phase.wave.name, "phase": run.phase.number,
            "status": run.status, "started_at": run.started_at and run.started_at.isoformat(),
            "batches": Batch.objects.filter(run=run).count(),
        }
        for run in runs.order_by("pk")
    ]  # fmt: skip

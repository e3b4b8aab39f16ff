"""The story of one record: its legacy row, what became of it and why, the rules field by field, V5 rows, issues."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from entities import registry
from entities.engine import balance, source
from entities.engine.definition import Mapping
from entities.engine.environment import MapEntry
from entities.engine.errors import Refused
from entities.engine.lineage import LegacyIdMapping
from entities.engine.read import ENTRY, Reader
from entities.engine.values import payload_of
from tracking import codes
from tracking.masking import masked
from tracking.models import Batch, Issue, Run

MAP_TABLE = LegacyIdMapping._meta.db_table
OUTCOMES = {
    "migrated": _("became a record of its own in V5"),
    "merged": _("lives on in another V5 record"),
    "split": _("became several V5 records"),
    "skipped": _("was left out on purpose"),
    "rejected": _("is kept back until a person has looked"),
    "synthesised": _("was made new, without a legacy row of its own"),
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
    """Everything about one legacy record. Personal data is masked, secrets are left out.

    `more` is the number of map entries beyond those that were asked for.
    """

    entity: str
    legacy_id: int
    table: str
    legacy: dict[str, Any] | None
    parts: list[Part]
    issues: list[dict[str, Any]]
    work: list[dict[str, Any]]
    more: int = 0

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


def tell(record: str, *, personal: bool = False, most: int | None = None, part: str | None = None) -> Story:
    """The story of `entity:id` with at most `most` map entries; `personal` data is shown only if asked for.

    Rows that were made new have the legacy id 0 and are told apart by their `part`.
    Refuses a word that names no record and a record that nobody knows.
    """
    entity, _, number = record.rpartition(":")
    if not entity or not number.isdigit():
        raise Refused(
            gettext("%(record)r names no record: write entity:id, for example client:42") % {"record": record}
        )
    tables = entity_tables()
    if entity not in tables:
        facts = {"entity": entity, "known": ", ".join(sorted(tables))}
        raise Refused(gettext("no entity type %(entity)r; there are %(known)s") % facts)
    table, legacy_id = tables[entity], int(number)
    row = legacy_row(table, legacy_id)
    entries = _entries(entity, table, legacy_id, part)
    if row is None and not entries:
        facts = {"table": table, "id": legacy_id, "entity": entity}
        raise Refused(
            gettext("legacy has no %(table)s %(id)s, and the id map has no %(entity)s:%(id)s") % facts
        )
    parts = _parts(entries[:most], table, row, personal)
    shown = masked(payload_of(row), table, personal=personal) if row is not None else None
    more = len(entries) - len(parts)
    return Story(
        entity, legacy_id, table, shown, parts, _issues(entity, table, legacy_id), _work(parts), more
    )


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


def legacy_row(table: str, legacy_id: int) -> Any:
    """The row of a legacy table, None when it is not there."""
    rows = source.of(model_of("legacy", table)).within("id", [legacy_id])
    return rows[0] if rows else None


def model_of(database: str, table: str) -> Any:
    """The model of a table of `legacy` or `v5`; refuses a table that no dictionary names."""
    for model in apps.get_app_config("entities").get_models():
        if getattr(model, "database", "") == database and model._meta.db_table == table:
            return model
    raise Refused(f"no model of the {database} table {table}")


def has_id(model: Any) -> bool:
    """Whether rows have an id of their own; the map names those of a connecting table by one of the things connected."""
    return any(field.column == "id" for field in model._meta.concrete_fields)


def kinds_of(table: str) -> list[str]:
    """Every entity type that a row of a legacy table may lead to."""
    others = (one.entity for one in _mappings() if one.source._meta.db_table == table)
    return list(dict.fromkeys([*balance.entities_of(table), *others]))


@dataclass(frozen=True)
class Found:
    """An entry of the id map with what it is about."""

    entity: str
    part: str
    table: str
    entry: MapEntry


def _entries(entity: str, table: str, legacy_id: int, part: str | None) -> list[Found]:
    """Entries of the record, then of the other kinds of record that its legacy row led to."""
    kinds = list(dict.fromkeys([entity, *kinds_of(table)])) if part is None else [entity]
    only = "" if part is None else " AND part = %s"
    sql = (
        f"SELECT entity_type, legacy_table, {ENTRY} FROM {MAP_TABLE} WHERE legacy_id = %s{only}"
        f" AND entity_type IN ({', '.join(['%s'] * len(kinds))})"
    )
    params = [legacy_id, *([] if part is None else [part]), *kinds]
    rows = Reader().v5_sql(sql, params=params)
    found = [Found(row[0], row[3], row[1], MapEntry(*row[4:])) for row in rows]
    mine = [one for one in found if one.entity == entity or one.table == table]
    return sorted(mine, key=lambda one: (kinds.index(one.entity), one.part))


def _parts(entries: list[Found], table: str, row: Any, personal: bool) -> list[Part]:
    """The entries told, their V5 rows read with one query per table."""
    wanted: dict[str, set[int]] = {}
    for one in entries:
        if one.entry.v5_id and one.entry.v5_table:
            wanted.setdefault(one.entry.v5_table, set()).add(one.entry.v5_id)
    targets = {
        (name, one.id): payload_of(one)
        for name, ids in wanted.items()
        if has_id(model := model_of("v5", name))
        for one in source.of(model).within("id", ids)
    }
    told = []
    for one in entries:
        part = Part(one.entity, one.part, one.entry, says(one.entry.disposition, one.entry.reason))
        target = targets.get((one.entry.v5_table, one.entry.v5_id or 0))
        if target is not None:
            part.target = masked(target, one.entry.v5_table, personal=personal)
            mapping = mapping_of(one)
            part.fields = _fields(mapping, row, target, table, personal) if mapping else []
        told.append(part)
    return told


def mapping_of(found: Found) -> type[Mapping] | None:
    """The mapping that made the V5 row of an entry; None when the row belongs to another entry."""
    if found.entry.disposition == "merged":
        return None
    fitting = [one for one in _mappings() if one.entity == found.entity and one.table == found.entry.v5_table]
    own = [one for one in fitting if one.source._meta.db_table == found.table]
    return (own or fitting or [None])[0]


def _mappings() -> list[type[Mapping]]:
    return [mapping for migration in registry.everything() for mapping in migration.mappings]


def says(disposition: str, reason: str) -> str:
    """An outcome in plain words, with what a person can do about it."""
    said = str(OUTCOMES.get(disposition, disposition))
    code = codes.ALL.get(reason)
    return f"{said}: {code.sentence} {code.next_step}".strip() if code else said


def _fields(
    mapping: type[Mapping], row: Any, target: dict[str, Any], table: str, personal: bool
) -> list[dict[str, Any]]:
    """How each V5 column was made: legacy columns with their values, the conversion, the V5 value, the rule."""
    told = []
    original = payload_of(row) if row is not None and mapping.source._meta.db_table == table else {}
    for name, one in mapping.fields.items():
        sources = {column: original[column] for column in one.sources if column in original}
        told.append(
            {
                "column": name,
                "from": list(one.sources),
                "legacy": masked(sources, table, personal=personal),
                "how": one.describe(),
                "v5": masked({name: target.get(name)}, mapping.table, personal=personal)[name],
                "rule": one.rule or section_of(mapping),
            }
        )
    return told


def section_of(mapping: type[Mapping]) -> str:
    """The section of the mapping rules that a mapping's docstring begins with, for example 4.3."""
    found = re.match(r"\s*(\d+(?:\.\d+)+)", mapping.__doc__ or "")
    return found[1] if found else ""


def issues_of(entity: str, table: str, legacy_id: int) -> QuerySet[Issue]:
    """Issues of the legacy row, whatever kind of record they are about."""
    mine = Q(entity_type=entity) | Q(legacy_table=table)
    found = Issue.objects.filter(mine, entity_type__in=[entity, *kinds_of(table)], legacy_id=legacy_id)
    return found.select_related("wave", "assignee")


def _issues(entity: str, table: str, legacy_id: int) -> list[dict[str, Any]]:
    """The same for people who read, without payloads."""
    issues = issues_of(entity, table, legacy_id)
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

"""What would become of records with an answer that nobody has applied yet: the whole path, rolled back at its end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from entities import registry
from entities.engine import source
from entities.engine.definition import Mapping, Migration
from entities.engine.errors import BadValue, Refused
from entities.engine.fields import Given, Parent
from entities.engine.pipeline import NO_ID_YET, Pipeline
from entities.engine.read import Reader
from entities.engine.report import short
from entities.engine.values import Entry, Unit, payload_of
from entities.operations import story
from tracking.masking import masked
from tracking.models import Correction, Issue, Run
from tracking.sentences import facts_of, sentence, told
from tracking.states import RunStatus
from tracking.triage import answers

FIXED, SAME, NEW, GONE = "fixed", "same", "new", "gone"
CHUNK = 200


@dataclass
class Verdict:
    """What an answer does to one issue. `before` and `after` are field rows as `made_of` gives them."""

    issue: int
    record: str
    outcome: str
    problems: list[dict[str, Any]] = field(default_factory=list)
    before: list[dict[str, Any]] = field(default_factory=list)
    after: list[dict[str, Any]] = field(default_factory=list)

    def changes(self) -> list[dict[str, Any]]:
        """V5 columns whose value differs, with both values."""
        old = {(one["table"], one["column"]): one["v5"] for one in self.before}
        return [
            {"table": one["table"], "column": one["column"], "before": old.get((one["table"], one["column"])), "after": one["v5"]}
            for one in self.after
            if one["v5"] != old.get((one["table"], one["column"])) and one["column"] != "id"
        ]  # fmt: skip

    def as_data(self) -> dict[str, Any]:
        plain = asdict(self)
        del plain["before"], plain["after"]
        return {**plain, "changes": self.changes()}


def migration_of(issue: Issue) -> Migration:
    """The migration that moves the record; refuses a record that nobody moves any more."""
    name = issue.root_entity.partition("/")[0]
    if name not in registry.MIGRATIONS:
        raise Refused(
            sentence(
                "no migration moves %(record)s any more", record=f"{issue.entity_type}:{issue.legacy_id}"
            )
        )
    return registry.get(name)


def pipeline_of(issue: Issue) -> Pipeline:
    """The pipeline of the latest real run that moves the record's aggregate in its wave."""
    name = migration_of(issue).name
    runs = Run.objects.filter(phase__wave=issue.wave_id, entity_type=name, dry_run=False)
    run = (
        runs.exclude(status__in=(RunStatus.PENDING, RunStatus.CANCELLED))
        .select_related("phase__wave")
        .order_by("-pk")
        .first()
    )
    if run is None:
        raise Refused(sentence("the wave has no run of %(name)s: start its phase first", name=name))
    return Pipeline(run)


def segment_of(issue: Issue) -> str:
    return issue.root_entity.partition("/")[2]


def look(issue: Issue, pipeline: Pipeline | None = None) -> Unit | None:
    """The aggregate of the record as the rules see it now, None when legacy or the scope has it no more."""
    if issue.root_id is None:
        return None
    pipeline = pipeline or pipeline_of(issue)
    if segment_of(issue) not in pipeline.segments:
        return None
    units = pipeline.look(segment_of(issue), [issue.root_id])
    return units[0] if units else None


def try_one(
    issue: Issue,
    values: dict[str, str | None],
    *,
    skip: bool = False,
    reason: str = "tried",
    personal: bool = False,
) -> Verdict:
    """One record with one answer, and what changes in its fields."""
    pipeline = pipeline_of(issue)
    before = look(issue, pipeline)
    verdict = next(try_many(pipeline, [issue], values, skip=skip, reason=reason, personal=personal))
    verdict.before = (
        made_of(before, issue, pipeline.migration, personal=personal) if before is not None else []
    )
    return verdict


def try_many(
    pipeline: Pipeline, issues: Sequence[Issue], values: dict[str, str | None], *, skip: bool = False,
    reason: str = "tried", personal: bool = False, fields: bool = True,
) -> Iterator[Verdict]:  # fmt: skip
    """The same answer for many issues of one migration; two issues of one aggregate are tried together."""
    former = answers.active(pipeline.run.phase.wave_id, {(one.legacy_table, one.legacy_id) for one in issues})
    by_segment: dict[str, list[Issue]] = defaultdict(list)
    for issue in issues:
        by_segment[segment_of(issue)].append(issue)
    for segment, some in by_segment.items():
        if segment not in pipeline.segments:
            yield from (Verdict(one.pk, record_of(one), GONE) for one in some)
            continue
        proposed = [_proposed(issue, former, values, skip, reason) for issue in some]
        keys = sorted({issue.root_id for issue in some if issue.root_id is not None})
        units = {unit.root.id: unit for unit in pipeline.try_out(segment, keys, proposed)}
        for issue in some:
            unit = units.get(issue.root_id)
            yield _verdict(issue, unit, pipeline.migration, personal, fields)


def record_of(issue: Issue) -> str:
    return f"{issue.entity_type}:{issue.legacy_id}" + (f" ({issue.part})" if issue.part else "")


def _proposed(
    issue: Issue,
    former: dict[tuple[str, int], Correction],
    values: dict[str, str | None],
    skip: bool,
    reason: str,
) -> Correction:
    in_force = former.get((issue.legacy_table, issue.legacy_id))
    return Correction(
        legacy_table=issue.legacy_table, legacy_id=issue.legacy_id, skip=skip, reason=reason,
        values={} if skip else answers.values_with(in_force, values),
    )  # fmt: skip


def _verdict(issue: Issue, unit: Unit | None, migration: Migration, personal: bool, fields: bool) -> Verdict:
    entries = entries_of(unit, issue) if unit is not None else []
    if not entries or unit is None:
        return Verdict(issue.pk, record_of(issue), GONE)
    problems = [problem for entry in entries for problem in entry.problems or ()]
    if any((problem.code, problem.field) == (issue.code, issue.field) for problem in problems):
        outcome = SAME
    elif any(entry.rejected for entry in entries):
        outcome = NEW
    else:
        outcome = FIXED
    told = [
        {"code": one.code, "field": one.field, "level": one.level, "message": one.message,
         "message_facts": facts_of(one.message)}
        for one in problems
    ]  # fmt: skip
    after = made_of(unit, issue, migration, personal=personal) if fields else []
    return Verdict(issue.pk, record_of(issue), outcome, told, after=after)


def entries_of(unit: Unit, issue: Issue) -> list[Entry]:
    return [
        entry for entry in unit.entries
        if (entry.entity, entry.legacy_id, entry.part) == (issue.entity_type, issue.legacy_id, issue.part)
    ]  # fmt: skip


def mapping_of(issue: Issue, migration: Migration) -> type[Mapping] | None:
    """The declaration that makes this kind of record from its legacy table."""
    kinds = [one for one in migration.mappings if one.entity == issue.entity_type]
    return next(
        (one for one in kinds if one.source._meta.db_table == issue.legacy_table), kinds[0] if kinds else None
    )


def made_of(
    unit: Unit, issue: Issue, migration: Migration, *, personal: bool = False
) -> list[dict[str, Any]]:
    """What the rules made of the record, V5 column by V5 column: legacy columns, conversion, value or fault, rule.

    A rejected record has no values: each field is then converted for itself, so that the good ones can be seen.
    """
    told: list[dict[str, Any]] = []
    for entry in entries_of(unit, issue):
        mapping = entry.mapping or mapping_of(issue, migration)
        if mapping is not None:
            told += _fields(mapping, entry, unit, issue, personal)
    return told


def _fields(
    mapping: type[Mapping], entry: Entry, unit: Unit, issue: Issue, personal: bool
) -> Iterator[dict[str, Any]]:
    row = (
        payload_of(entry.row)
        if entry.row is not None and entry.row._table == mapping.source._meta.db_table
        else {}
    )
    values = dict(zip(mapping.columns, entry.values, strict=False)) if entry.values is not None else None
    for (name, one), step in zip(mapping.fields.items(), mapping.steps, strict=True):
        value, fault, later = _value(values, name, one, step, entry, unit)
        sources = {column: row[column] for column in one.sources if column in row}
        yield {
            "table": mapping.table, "column": name, "from": list(one.sources),
            "legacy": short(masked(sources, issue.legacy_table, personal=personal)), "how": one.describe(),
            "v5": short(masked({name: value}, mapping.table, personal=personal))[name], "fault": fault, "later": later,
            "rule": one.rule or story.section_of(mapping), "is_parent": isinstance(one, Parent),
        }  # fmt: skip


def _value(
    values: dict[str, Any] | None, name: str, one: Any, step: Any, entry: Entry, unit: Unit
) -> tuple[Any, str, bool]:
    """(value, fault, whether it is worked out with the rest of the record, once nothing is wrong with it)."""
    fault = next((told(problem.message) for problem in entry.problems or () if problem.field == name), "")
    if values is not None:
        value = values[name]
        is_new = isinstance(value, int) and value >= NO_ID_YET
        return (_("(new id)") if is_new else value), fault, False
    if isinstance(one, Given):
        return None, fault, not fault
    try:
        return step(entry.row, {}, unit.env), fault, False
    except BadValue as error:
        return None, fault or str(error), False
    except (KeyError, AttributeError, TypeError):
        return None, fault, not fault


def stored(issue: Issue, *, personal: bool = False) -> list[dict[str, Any]]:
    """The V5 rows that stand for the record now, masked; empty when it was never written."""
    found = []
    for (_key, part), entry in sorted(Reader().entries(issue.entity_type, [issue.legacy_id]).items()):
        if entry.v5_id and entry.v5_table and part == issue.part:
            model = story.model_of("v5", entry.v5_table)
            has_key = any(one.column == "id" for one in model._meta.concrete_fields)
            rows = source.of(model).within("id", [entry.v5_id]) if has_key else []
            values = short(masked(payload_of(rows[0]), entry.v5_table, personal=personal)) if rows else {}
            found.append({"table": entry.v5_table, "id": entry.v5_id, "values": values})
    return found


def chunks(issues: Iterable[Issue], size: int = CHUNK) -> Iterator[list[Issue]]:
    some: list[Issue] = []
    for issue in issues:
        some.append(issue)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some

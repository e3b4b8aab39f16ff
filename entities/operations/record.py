"""What the page of one record needs from legacy and the declarations: its columns, its parents, whom it blocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models

from entities import registry
from entities.engine import corrections, source, vendors
from entities.engine.definition import Mapping, Migration
from entities.engine.fields import Parent
from entities.engine.read import Reader
from entities.engine.values import Unit, payload_of
from entities.operations import story, tryout
from tracking.masking import HIDDEN, is_personal, masked
from tracking.models import Issue
from tracking.states import IssueState

FOUND, LOOKED_AT = 20, 1_000
NAMES = ("name", "code", "first_name", "last_name", "email", "company")
ALSO_PERSONAL = ("first_name", "last_name", "email")


@dataclass(frozen=True)
class Column:
    """One legacy column that a person may answer with another value."""

    name: str
    value: Any  # as legacy holds it; hidden from whoever may not see personal data
    hidden: bool
    expects: str
    typed: bool
    nullable: bool
    guilty: bool  # the issue is about it
    used: bool  # a rule reads it
    parent: str  # the kind of record that its id names


def model_of(table: str) -> Any:
    """The model of a legacy table; refuses a name that is none."""
    return story.model_of("legacy", table)


def row_of(table: str, legacy_id: int) -> Any:
    """The legacy row as it stands, None when there is none."""
    rows = source.of(model_of(table)).within("id", [legacy_id])
    return rows[0] if rows else None


def check(table: str, column: str, text: str | None) -> None:
    """Raises BadValue (a ValueError) for what the column cannot hold."""
    corrections.parse(model_of(table), column, text)


def columns(issue: Issue, row: Any, migration: Migration, *, personal: bool) -> list[Column]:
    """The columns that can be corrected: the guilty first, then those that rules read, then the others."""
    mappings = [one for one in migration.mappings if one.source._meta.db_table == issue.legacy_table]
    parents = parents_of(mappings)
    used = {name for one in mappings for field in one.fields.values() for name in field.sources} | {
        name for one in mappings for name in one.inputs
    }
    guilty = guilty_columns(issue, mappings)
    found = [
        _column(kind, issue, row, personal, kind.column in guilty, kind.column in used, parents.get(kind.column, ""))
        for kind in model_of(issue.legacy_table)._meta.concrete_fields
        if kind.column != "id" and kind.column not in source.SECRETS
    ]
    return sorted(found, key=lambda one: (not one.guilty, not one.used))


def _column(
    kind: models.Field[Any, Any], issue: Issue, row: Any, personal: bool, guilty: bool, used: bool, parent: str
) -> Column:
    value = getattr(row, kind.column, None)
    shown = masked({kind.column: value}, issue.legacy_table, personal=personal)[kind.column]
    hidden = shown == HIDDEN or (not personal and is_personal(kind.column, issue.legacy_table))
    return Column(
        kind.column, None if hidden else shown, hidden, corrections.expects(kind), corrections.is_typed(kind),
        bool(kind.null), guilty, used, parent,
    )  # fmt: skip


def guilty_columns(issue: Issue, mappings: Iterable[type[Mapping]]) -> set[str]:
    """Legacy columns behind the field that an issue names: it may name a V5 column or a legacy one."""
    named = {issue.field} if issue.field else set()
    for one in mappings:
        if one.entity == issue.entity_type and issue.field in one.fields:
            named |= set(one.fields[issue.field].sources)
    return named


def parents_of(mappings: Iterable[type[Mapping]]) -> dict[str, str]:
    """Kind of parent by the legacy column that names it."""
    return {
        field.source: field.entity for one in mappings for field in one.fields.values() if isinstance(field, Parent)
    }


def find_parents(entity: str, term: str, *, personal: bool) -> list[dict[str, Any]]:
    """Legacy records of a kind that have a V5 record, by id or by the beginning of a name; at most 20.

    Names of people are searched and shown only for whoever may see personal data.
    """
    table = story.entity_tables().get(entity)
    if table is None or not term.strip():
        return []
    read, found = Reader(), []
    for row in _candidates(table, term.strip(), personal):
        entry = read.entries(entity, [row.id]).get((row.id, ""))
        if entry is not None and entry.v5_id:
            shown = masked(payload_of(row), table, personal=personal)
            says = " ".join(str(shown[name]) for name in NAMES if shown.get(name))
            found.append({"id": row.id, "says": says, "v5": f"{entry.v5_table} {entry.v5_id}"})
    return found


def _candidates(table: str, term: str, personal: bool) -> list[Any]:
    reader = source.of(model_of(table))
    if term.isdigit():
        return reader.within("id", [int(term)])
    live = {field.column for field in reader.fields}
    names = [
        name for name in NAMES if name in live and (personal or not is_personal(name, table))
    ]
    if not names:
        return []
    quote = vendors.of(reader.connection).quote
    where = " OR ".join(f"t.{quote(name)} LIKE %s ESCAPE '!'" for name in names)
    like = term.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
    return reader.query(f"({where})", [like] * len(names), limit=FOUND)


@dataclass
class Waiting:
    """Records that cannot move, or not completely, before this one does."""

    entity: str
    records: int
    more: bool
    issues: list[int]
    amounts: dict[str, Decimal]


def waiting_for(issue: Issue, unit: Unit | None) -> list[Waiting]:
    """Whom a record holds back: what hangs on it in its own aggregate, and the records that name it as their parent.

    Looks at no more than 1,000 legacy rows of each kind; `more` says that there are more. A warning holds nobody back.
    """
    if issue.level != Issue.ERROR:
        return []
    found: dict[str, set[int]] = {}
    if unit is not None:
        for entry in _under(unit, issue):
            found.setdefault(entry.entity, set()).add(entry.legacy_id)
    more: set[str] = set()
    for mapping, column in _naming(issue.entity_type):
        quote = vendors.of(source.of(mapping.source).connection).quote
        where = f"t.{quote(column)} = %s"
        rows = source.of(mapping.source).query(where, [issue.legacy_id], limit=LOOKED_AT + 1)
        if rows:
            found.setdefault(mapping.entity, set()).update(row.id for row in rows[:LOOKED_AT])
        if len(rows) > LOOKED_AT:
            more.add(mapping.entity)
    return [_waiting(issue, entity, ids, entity in more) for entity, ids in sorted(found.items())]


def _under(unit: Unit, issue: Issue) -> Iterable[Any]:
    """Rejected entries of the same aggregate below the record."""
    mine = tryout.entries_of(unit, issue)
    for entry in unit.entries:
        above = entry.under
        while above is not None and above not in mine:
            above = above.under
        if above is not None and entry.rejected and entry.legacy_id:
            yield entry


def _naming(entity: str) -> list[tuple[type[Mapping], str]]:
    """Declarations with a parent of this kind and the legacy column that names it; one per table and column."""
    found: dict[tuple[str, str], tuple[type[Mapping], str]] = {}
    for migration in registry.everything():
        for mapping in migration.mappings:
            for field in mapping.fields.values():
                if isinstance(field, Parent) and field.entity == entity and not mapping.projection:
                    found.setdefault((mapping.source._meta.db_table, field.source), (mapping, field.source))
    return list(found.values())


def _waiting(issue: Issue, entity: str, ids: set[int], more: bool) -> Waiting:
    rows = Issue.objects.filter(
        wave=issue.wave_id, entity_type=entity, legacy_id__in=sorted(ids)[:LOOKED_AT], state=IssueState.OPEN, level=Issue.ERROR
    ).values_list("pk", "legacy_id", "currency", "amount")  # fmt: skip
    amounts: dict[str, Decimal] = {}
    counted: set[int] = set()
    for _pk, legacy_id, currency, amount in rows:
        if amount is not None and legacy_id not in counted:
            counted.add(legacy_id)
            amounts[currency] = amounts.get(currency, Decimal(0)) + amount
    return Waiting(entity, len(ids), more, [row[0] for row in rows], amounts)



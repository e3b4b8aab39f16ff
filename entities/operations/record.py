"""What the page of one record needs from legacy and the declarations: its columns, its parents, whom it blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models

from entities.engine import corrections, source, vendors
from entities.engine.definition import Mapping, Migration
from entities.engine.read import Reader
from entities.engine.values import Unit, payload_of
from entities.operations import story, tryout
from entities.preflight.relations import RELATIONS
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
    parent: str  # the legacy table that its id names


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
    parents = parents_of(issue.legacy_table)
    used = {name for one in mappings for field in one.fields.values() for name in field.sources} | {
        name for one in mappings for name in one.inputs
    }
    guilty = guilty_columns(issue, mappings)
    found = [
        _column(
            kind,
            issue,
            row,
            personal,
            kind.column in guilty,
            kind.column in used,
            parents.get(kind.column, ""),
        )
        for kind in model_of(issue.legacy_table)._meta.concrete_fields
        if kind.column != "id" and kind.column not in source.SECRETS
    ]
    return sorted(found, key=lambda one: (not one.guilty, not one.used))


def _column(
    kind: models.Field[Any, Any],
    issue: Issue,
    row: Any,
    personal: bool,
    guilty: bool,
    used: bool,
    parent: str,
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


def parents_of(table: str) -> dict[str, str]:
    """Legacy table by the column that names a row of it, as far as rows of that table become V5 records."""
    return {column: parent for owner, column, parent in RELATIONS if owner == table and moved_kinds(parent)}


def moved_kinds(table: str) -> list[str]:
    """Kinds of record that a legacy table becomes."""
    return [kind for kind in story.kinds_of(table) if not kind.startswith("archive:")]


def find_parents(table: str, term: str, *, personal: bool) -> list[dict[str, Any]]:
    """Legacy rows of a table that have a V5 record, by id or by the beginning of a name; at most 20.

    Names of people are searched and shown only for whoever may see personal data.
    """
    if not term.strip():
        return []
    rows = {row.id: row for row in _candidates(table, term.strip(), personal)}
    found: dict[int, dict[str, Any]] = {}
    for kind in moved_kinds(table):
        for (key, _part), entry in Reader().entries(kind, rows).items():
            if entry.v5_id and key not in found:
                shown = masked(payload_of(rows[key]), table, personal=personal)
                says = " ".join(str(shown[name]) for name in NAMES if shown.get(name))
                found[key] = {"id": key, "says": says, "v5": f"{entry.v5_table} {entry.v5_id}"}
    return [found[key] for key in sorted(found)]


def _candidates(table: str, term: str, personal: bool) -> list[Any]:
    reader = source.of(model_of(table))
    if term.isdigit():
        return reader.within("id", [int(term)])
    live = {field.column for field in reader.fields}
    names = [name for name in NAMES if name in live and (personal or not is_personal(name, table))]
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
    """Whom a record holds back: what hangs on it in its own aggregate, and the rows that name it as their parent.

    Looks at no more than 1,000 legacy rows of each relation; `more` says that there are more. A warning holds nobody
    back.
    """
    if issue.level != Issue.ERROR:
        return []
    found: dict[str, set[int]] = {}
    for entry in _under(unit, issue) if unit is not None else ():
        found.setdefault(entry.entity, set()).add(entry.legacy_id)
    counted: Counter[str] = Counter()
    for table, _column, legacy_id in _naming(issue.legacy_table, issue.legacy_id):
        counted[table] += 1
        for kind in moved_kinds(table)[:1]:
            found.setdefault(kind, set()).add(legacy_id)
    more = {kind for table, n in counted.items() if n > LOOKED_AT for kind in moved_kinds(table)[:1]}
    issues = _open_issues(issue, found)
    return [
        _waiting(kind, ids, kind in more, issues.get(kind, []))
        for kind, ids in sorted(found.items())
        if kind in issues
    ]


def _under(unit: Unit, issue: Issue) -> Iterable[Any]:
    """Rejected entries of the same aggregate below the record."""
    mine = tryout.entries_of(unit, issue)
    for entry in unit.entries:
        above = entry.under
        while above is not None and above not in mine:
            above = above.under
        if above is not None and entry.rejected and entry.legacy_id:
            yield entry


def _naming(table: str, legacy_id: int) -> list[tuple[str, str, int]]:
    """(table, column, id) of the legacy rows that name a row, in one query."""
    parts, params = [], []
    for owner, column, parent in RELATIONS:
        if parent != table or not moved_kinds(owner):
            continue
        reader = source.of(model_of(owner))
        quote = vendors.of(reader.connection).quote
        parts.append(
            f"SELECT '{owner}', '{column}', id FROM (SELECT id FROM {quote(reader.table)} WHERE {quote(column)} = %s "
            f"LIMIT {LOOKED_AT + 1}) AS {quote(owner + '_' + column)}"
        )
        params.append(legacy_id)
    if not parts:
        return []
    return [tuple(row) for row in Reader().legacy_sql(" UNION ALL ".join(parts), params=params)]  # type: ignore[misc]


def _open_issues(
    issue: Issue, found: dict[str, set[int]]
) -> dict[str, list[tuple[int, int, str, Decimal | None]]]:
    """(issue, legacy id, currency, amount) of the open errors of these records, by kind, in one query."""
    wanted = models.Q(pk__in=[])
    for kind, ids in found.items():
        wanted |= models.Q(entity_type=kind, legacy_id__in=sorted(ids)[:LOOKED_AT])
    rows = Issue.objects.filter(
        wanted, wave=issue.wave_id, state=IssueState.OPEN, level=Issue.ERROR
    ).exclude(entity_type=issue.entity_type, legacy_id=issue.legacy_id)  # fmt: skip
    by_kind: dict[str, list[tuple[int, int, str, Decimal | None]]] = {}
    for kind, *rest in rows.values_list("entity_type", "pk", "legacy_id", "currency", "amount"):
        by_kind.setdefault(kind, []).append(tuple(rest))
    return by_kind


def _waiting(
    kind: str, ids: set[int], more: bool, issues: list[tuple[int, int, str, Decimal | None]]
) -> Waiting:
    amounts: dict[str, Decimal] = {}
    counted: set[int] = set()
    for _pk, legacy_id, currency, amount in issues:
        if amount is not None and legacy_id not in counted:
            counted.add(legacy_id)
            amounts[currency] = amounts.get(currency, Decimal(0)) + amount
    return Waiting(kind, len(ids), more, [one[0] for one in issues], amounts)

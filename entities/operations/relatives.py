"""What hangs together with a record: the rows it points at, the rows that point at it, and what shares its V5 row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from entities.engine import source, vendors
from entities.engine.lineage import LegacyIdMapping
from entities.engine.read import Reader
from entities.operations import places
from entities.operations.search import called
from entities.operations.story import kinds_of, legacy_row, model_of
from entities.preflight.relations import RELATIONS

MOST = 5
MOST_SHARING = 50


@dataclass(frozen=True)
class Outcome:
    """What became of a related row under one entity type."""

    entity: str
    legacy_id: int
    disposition: str
    reason: str = ""
    part: str = ""


@dataclass(frozen=True)
class Relative:
    """A related legacy row; without outcomes no run has reached it. `missing`: legacy has no such row."""

    table: str
    legacy_id: int
    shown: str = ""
    outcomes: tuple[Outcome, ...] = ()
    missing: bool = False


@dataclass
class Group:
    """Relatives through one column; `more` when there are more than are shown."""

    column: str
    table: str
    relatives: list[Relative] = field(default_factory=list)
    more: bool = False


@dataclass
class Kin:
    """Parents, children and records that share a V5 row; `notes` tell what was not looked up."""

    parents: list[Group] = field(default_factory=list)
    children: list[Group] = field(default_factory=list)
    sharing: list[Outcome] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def of(table: str, legacy_id: int, *, personal: bool = False) -> Kin:
    """The kin of a legacy row; names of people only if `personal` data may be seen."""
    kin, row = Kin(), legacy_row(table, legacy_id)
    found: list[tuple[Group, list[Any], set[int]]] = []
    if row is not None:
        found += _parents(kin, table, row)
    found += _children(kin, table, legacy_id)
    outcomes = _outcomes(found)
    for group, rows, missing in found:
        for one in rows:
            done = _main(outcomes.get((group.table, one.id), []))
            group.relatives.append(Relative(group.table, one.id, called(one, personal), done))
        group.relatives += [Relative(group.table, one, missing=True) for one in sorted(missing)]
    kin.sharing = _sharing(table, legacy_id)
    return kin


Rows = list[tuple[Group, list[Any], set[int]]]


def _parents(kin: Kin, table: str, row: Any) -> Rows:
    found: Rows = []
    wanted: dict[str, set[int]] = {}
    pointing = [(column, parent) for child, column, parent in RELATIONS if child == table]
    for column, parent in pointing:
        if getattr(row, column, None):
            wanted.setdefault(parent, set()).add(int(getattr(row, column)))
    rows = {
        parent: {one.id: one for one in source.of(model_of("legacy", parent)).within("id", ids)}
        for parent, ids in wanted.items()
    }
    for column, parent in pointing:
        key = getattr(row, column, None)
        if key:
            one = rows[parent].get(int(key))
            group = Group(column, parent)
            kin.parents.append(group)
            found.append((group, [one] if one is not None else [], set() if one is not None else {int(key)}))
    return found


def _children(kin: Kin, table: str, legacy_id: int) -> Rows:
    found: Rows = []
    for child, column, parent in RELATIONS:
        if parent != table:
            continue
        reader = source.of(model_of("legacy", child))
        if column not in places.leading("legacy", reader.table):
            kin.notes.append(
                _("%(table)s.%(column)s has no index: not looked up.") % {"table": child, "column": column}
            )
            continue
        rows = reader.query(
            f"t.{vendors.of(reader.connection).quote(column)} = %s", [legacy_id], limit=MOST + 1
        )
        if rows:
            group = Group(column, child, more=len(rows) > MOST)
            kin.children.append(group)
            found.append((group, rows[:MOST], set()))
    return found


def _outcomes(found: Rows) -> dict[tuple[str, int], list[Outcome]]:
    """Outcomes of all relatives with one query; pieces of a split row count as one."""
    wanted: dict[str, set[int]] = {}
    for group, rows, _missing in found:
        wanted.setdefault(group.table, set()).update(row.id for row in rows)
    kinds = sorted({kind for table in wanted for kind in kinds_of(table)})
    ids = {one for some in wanted.values() for one in some}
    if not ids:
        return {}
    sql = (
        "SELECT legacy_table, legacy_id, entity_type, MIN(disposition), MIN(reason) FROM legacy_id_mappings"
        f" WHERE entity_type IN ({', '.join(['%s'] * len(kinds))}) AND legacy_id IN ({{ids}})"
        " GROUP BY entity_type, legacy_id, legacy_table"
    )
    outcomes: dict[tuple[str, int], list[Outcome]] = {}
    for table, legacy_id, kind, disposition, reason in Reader().v5_sql(sql, ids, kinds):
        if legacy_id in wanted.get(table, ()):
            outcomes.setdefault((table, legacy_id), []).append(Outcome(kind, legacy_id, disposition, reason))
    return outcomes


def _main(outcomes: list[Outcome]) -> tuple[Outcome, ...]:
    """What was made in addition to a record is told on the record's own page."""
    own = [one for one in outcomes if one.disposition != "synthesised"]
    return tuple(own or outcomes)


def _sharing(table: str, legacy_id: int) -> list[Outcome]:
    """Other legacy rows that live on in the same V5 rows."""
    entries = LegacyIdMapping.objects.using("v5")
    own = entries.filter(entity_type__in=kinds_of(table), legacy_table=table, legacy_id=legacy_id).exclude(
        v5_id=None
    )
    rows: dict[str, set[int]] = {}
    for v5_table, v5_id in own.values_list("v5_table", "v5_id")[:MOST_SHARING]:
        rows.setdefault(v5_table, set()).add(v5_id)
    found: list[Outcome] = []
    for v5_table, ids in rows.items():
        others = entries.filter(v5_table=v5_table, v5_id__in=ids).exclude(
            legacy_table=table, legacy_id=legacy_id
        )
        for one in others.defer("additional_data")[: MOST_SHARING - len(found)]:
            found.append(Outcome(one.entity_type, one.legacy_id, one.disposition, one.reason, one.part))
    return found

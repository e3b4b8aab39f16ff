"""Column coverage (R-08): what becomes of every column of every legacy table, from the declarations alone.

The catalogue shows `table_of`; the pre-flight is red while `gaps` finds anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps

from entities import registry
from entities.engine.definition import Mapping, Migration
from entities.engine.tables import LegacyModel
from tracking.sentences import Sentence, joined, sentence

KEY, MAPPED, INPUT, KEPT, ARCHIVED, EXCLUDED = "key", "mapped", "input", "kept", "archived", "excluded"
STATES = (MAPPED, INPUT, KEPT, ARCHIVED, EXCLUDED, KEY)  # the first one that applies is shown
TIMES = frozenset({"created_at", "updated_at"})
SHAPING_TIMES = sentence("the row only shapes another record; when it was written shapes nothing")


@dataclass(frozen=True)
class Gap:
    """A legacy column of which no declaration says what becomes of it."""

    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


@dataclass(frozen=True)
class ColumnUse:
    """What becomes of a legacy column: a state of `STATES` and where it goes, or why it does not."""

    column: str
    state: str
    detail: str = ""


def legacy_models() -> list[Any]:
    """Every table of the legacy dictionary, by name."""
    models = [model for model in apps.get_models() if issubclass(model, LegacyModel)]
    return sorted(models, key=lambda model: model._meta.db_table)


def gaps(models: Iterable[Any] | None = None) -> list[Gap]:
    """Columns that are neither mapped, used, kept, archived nor excluded with a reason."""
    found = []
    for model in legacy_models() if models is None else models:
        covered = {use.column for use in table_of(model)}
        table = model._meta.db_table
        found += [Gap(table, name) for name in _columns(model) if name not in covered]
    return found


def table_of(model: Any) -> list[ColumnUse]:
    """The columns of a legacy table in their order; a column without any use is missing from the list."""
    uses = _uses().get(model._meta.db_table, {})
    return [
        ColumnUse(name, state, joined("; ", dict.fromkeys(uses[name][state])))
        for name in _columns(model)
        if name in uses and (state := next(state for state in STATES if state in uses[name]))
    ]


def unaccounted() -> list[str]:
    """Legacy tables whose rows no migration accounts for."""
    tables: set[str] = set()
    for migration in registry.everything():
        tables |= accounted_by(migration)
    return [model._meta.db_table for model in legacy_models() if model._meta.db_table not in tables]


def accounted_by(migration: Migration) -> set[str]:
    """Legacy tables whose rows get entries from this migration."""
    tables = {mapping.source._meta.db_table for mapping in migration.mappings if not mapping.projection}
    for segment in migration.segments():
        if segment.entity:
            tables.add(segment.model._meta.db_table)
        tables |= {child.model._meta.db_table for child in segment.children.values() if child.entity}
    return tables | set(migration.archived)


def _columns(model: Any) -> list[str]:
    return [field.column for field in model._meta.concrete_fields]


Uses = dict[str, dict[str, dict[str, list[Sentence]]]]  # table, column, state: details


@cache
def _uses() -> Uses:
    uses: Uses = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for model in legacy_models():
        uses[model._meta.db_table]["id"][KEY].append(sentence("key of the id map"))
    for migration in registry.everything():
        for mapping in migration.mappings:
            _add_mapping(uses, mapping)
        _add_children(uses, migration)
        for table, names in migration.reads.items():
            for name in names:
                uses[table][name][INPUT].append(sentence("read by %(what)s", what=sentence(migration.title)))
        _add_archived(uses, migration)
    return uses


def _add_mapping(uses: Uses, mapping: type[Mapping]) -> None:
    own = mapping.source._meta.db_table
    for target, field in mapping.fields.items():
        for name in field.sources:
            table, _, column = name.rpartition(".")
            state = INPUT if table and table != own else MAPPED
            uses[table or own][column][state].append(
                joined(": ", [f"{mapping.table}.{target}", field.describe()])
            )
    for name in mapping.inputs:
        uses[own][name][INPUT].append(sentence("decides about %(table)s", table=mapping.table))
    for name in mapping.kept:
        uses[own][name][KEPT].append(sentence("additional data of the map entry"))
    for name, reason in mapping.excluded.items():
        uses[own][name][EXCLUDED].append(sentence(reason))


def _add_children(uses: Uses, migration: Migration) -> None:
    for segment in migration.segments():
        if segment.entity.startswith("archive:"):
            _excuse_times(uses, segment.model)
        for child in segment.children.values():
            table = child.model._meta.db_table
            uses[table][child.key][INPUT].append(
                sentence("names its parent (%(what)s)", what=sentence(migration.title))
            )
            for name in child.inputs:
                uses[table][name][INPUT].append(
                    sentence("shapes records of %(what)s", what=sentence(migration.title))
                )
            if child.entity.startswith("archive:"):
                _excuse_times(uses, child.model)


def _excuse_times(uses: Uses, model: Any) -> None:
    for name in TIMES & set(_columns(model)):
        uses[model._meta.db_table][name][EXCLUDED].append(SHAPING_TIMES)


def _add_archived(uses: Uses, migration: Migration) -> None:
    models = {model._meta.db_table: model for model in legacy_models()}
    for table, reason in migration.archived.items():
        state, detail = (
            (EXCLUDED, sentence("never copied"))
            if reason == "SENSITIVE"
            else (ARCHIVED, sentence("whole row in the archive"))
        )
        for name in _columns(models[table]):
            if name in models[table].sensitive and name in _secrets():
                uses[table][name][EXCLUDED].append(sentence("secret, never copied (GR-17)"))
            else:
                uses[table][name][state].append(joined(": ", [reason, detail]))


def _secrets() -> frozenset[str]:
    from entities.engine.source import SECRETS

    return SECRETS

"""Legacy rows and surroundings built by hand, for transforms tested as the pure functions they are."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from entities.engine import source
from entities.engine.definition import Migration
from entities.engine.environment import CountingIds, Env, Scope
from entities.engine.extract import group
from entities.engine.values import Aggregate, Entry, Unit
from tracking.choices import Choices


def row(model: Any, **values: Any) -> Any:
    """A row of a table as the engine reads it; columns that are not given are None, `id` is 1."""
    columns = [field.column for field in model._meta.concrete_fields]
    if unknown := set(values) - set(columns):
        raise TypeError(f"{model.__name__} has no column {sorted(unknown)}")
    return source.of(model).row_class(
        **{name: values.get(name, 1 if name == "id" else None) for name in columns}
    )


def environment(choices: dict[str, dict[int | None, Any]] | None = None, *, cutover: str = "2026-01-15 00:00:00",
                schools: frozenset[int] | None = None, facts: Any = None, **known: dict[int, int]) -> Env:  # fmt: skip
    """An Env with choices by key, and parents by entity type: `environment(client={7: 70})`."""
    env = Env(
        Choices.defaults().with_values(choices or {}),
        Scope(schools),
        cutover,
        "2026-01-15 12:00:00",
        CountingIds(1000),
    )
    env.known = defaultdict(dict, known)
    env.facts = facts
    return env


def transformed(migration: Migration, env: Env, root: Any, **children: list[Any]) -> list[Entry]:
    """The entries of one aggregate; children by relation name, in any order."""
    groups = {
        name: group(sorted(children.get(name, []), key=lambda one: one.id), child.key)
        for name, child in migration.children.items()
    }
    unit = Unit(root, env, migration.school_of(root))
    migration.transform(Aggregate(root, groups), env, unit)
    return unit.entries


def values(entry: Entry) -> dict[str, Any]:
    """The V5 row of an entry by column name."""
    assert entry.mapping is not None and entry.values is not None, f"{entry} writes no row"
    return dict(zip(entry.mapping.columns, entry.values, strict=True))


def outcome(entries: list[Entry]) -> list[tuple[str, int, str, str, str]]:
    """(entity, legacy id, part, disposition, reason) of each entry."""
    return [(one.entity, one.legacy_id, one.part, one.disposition, one.reason) for one in entries]


def warnings(entry: Entry) -> list[str]:
    return list((entry.additional or {}).get("warnings", ()))

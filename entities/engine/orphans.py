"""Orphans: child rows whose parent does not exist in legacy. They get an outcome like every other row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from entities.engine import source
from entities.engine.definition import Child, Segment
from entities.engine.environment import Env, Scope
from entities.engine.values import Aggregate, Unit
from tracking.sentences import sentence

if TYPE_CHECKING:
    from entities.engine.definition import Migration


def orphan_segments(migration: Migration) -> list[Segment]:
    """One segment per child relation that declares an entity."""
    return [
        Segment(f"orphans:{name}", child.model, _where(migration, child), _transform(child), {}, child.entity)
        for name, child in migration.children.items()
        if child.entity
    ]


def _where(migration: Migration, child: Child) -> Callable[[Scope], str]:
    parent = migration.children[child.of].model if child.of else migration.root

    def where(scope: Scope) -> str:
        quote = '"' if source.of(parent).connection.vendor == "sqlite" else "`"
        table = f"{quote}{source.of(parent).table}{quote}"
        own = f"({child.where}) AND " if child.where else ""
        more = f" AND ({child.parent_where})" if child.parent_where else ""
        if scope.schools is None:
            return f"{own}NOT EXISTS (SELECT 1 FROM {table} p WHERE p.id = t.{child.key}{more})"
        if "school_id" not in {field.column for field in child.model._meta.concrete_fields}:
            return "1 = 0"  # a row without parent and school belongs to the waves of all schools
        missing = f"NOT EXISTS (SELECT 1 FROM {table} p WHERE p.id = t.{child.key}{more})"
        return f"{own}{scope.where('t.school_id')} AND {missing}"

    return where


def _transform(child: Child) -> Callable[[Aggregate, Env, Unit], None]:
    def transform(aggregate: Aggregate, env: Env, unit: Unit) -> None:
        row = aggregate.root
        if child.entity.startswith("archive:"):
            unit.skip(child.entity, row, "NO_TARGET")  # it would only have shaped a record that is not there
            return
        missing = getattr(row, child.key)
        unit.reject(
            child.entity,
            row,
            child.orphan,
            child.key,
            sentence(
                "its parent, %(key)s %(missing)s, does not exist in legacy", key=child.key, missing=missing
            ),
        )

    return transform

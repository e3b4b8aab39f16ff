"""Entries of the id map by entity type and disposition: what a phase's evidence rests on."""

from __future__ import annotations

from django.db import connections

from entities.engine.definition import Migration
from entities.engine.environment import Scope
from entities.engine.lineage import LegacyIdMapping


def counted(migration: Migration, scope: Scope) -> dict[str, dict[str, int]]:
    """Entries of the migration's entity types, of the schools in scope and of no school; one pass over the map."""
    names = sorted(entity_types(migration))
    if not names:
        return {}
    marks = ", ".join(["%s"] * len(names))
    schools = scope.where("school_id")
    within = f" AND (school_id IS NULL OR {schools})" if schools else ""
    sql = (
        f"SELECT entity_type, disposition, COUNT(*) FROM {LegacyIdMapping._meta.db_table} "
        f"WHERE entity_type IN ({marks}){within} GROUP BY entity_type, disposition ORDER BY entity_type, disposition"
    )
    found: dict[str, dict[str, int]] = {}
    with connections["v5"].cursor() as cursor:
        cursor.execute(sql, names)
        for entity, disposition, number in cursor.fetchall():
            found.setdefault(entity, {})[disposition] = int(number)
    return found


def entity_types(migration: Migration) -> set[str]:
    """Every entity type under which the migration enters rows in the map."""
    names = {mapping.entity for mapping in migration.mappings}
    for segment in migration.segments():
        names |= {segment.entity, *(child.entity for child in segment.children.values())}
    return {name for name in names if name}

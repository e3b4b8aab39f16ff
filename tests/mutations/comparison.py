"""Planted defects for the full comparison: one changed value in one row of every migration."""

from __future__ import annotations

from collections.abc import Mapping

from entities import registry
from entities.engine import outcomes, schema
from entities.engine.definition import Migration
from entities.engine.schema import TEXT_TYPES
from tests.mutations import Keys, Mutation, Plant
from tracking.models import Run


def changed(migration: Migration) -> Mutation:
    """One text (else the moment of creation) of one row that the migration made; else an outcome in the map."""

    def plant(p: Plant) -> Mapping[str, Keys | None]:
        for mapping in migration.mappings:
            live = schema.live("v5").columns(mapping.table)
            texts = [name for name in mapping.fields if name in live and live[name].type in TEXT_TYPES]
            plain = [name for name in texts if name not in mapping.volatile and not name.endswith("_type")]
            column = (plain or [name for name in ("created_at",) if name in mapping.fields] or [""])[0]
            found = p.v5(
                "SELECT v5_id, legacy_table, legacy_id FROM legacy_id_mappings WHERE entity_type = %s AND v5_table = %s"
                f" AND disposition IN ('migrated', 'split', 'synthesised') AND {_of(migration)} ORDER BY id LIMIT 1",
                [mapping.entity, mapping.table],
            )
            if column and found and mapping.keyed:
                v5_id, table, legacy_id = found[0]
                value = "2001-01-01 00:00:00" if column == "created_at" else "Z"
                p.v5(f"UPDATE {mapping.table} SET {column} = %s WHERE id = %s", [value, v5_id])
                return {f"C-{migration.name}": {(table, legacy_id)}}
        return other_outcome(migration, p)

    return Mutation(f"a value changed after {migration.name}", plant)


def _of(migration: Migration) -> str:
    """Several migrations make records of one kind: those of this one's runs."""
    runs = Run.objects.filter(entity_type=migration.name).values_list("pk", flat=True)
    return f"run_id IN ({', '.join(map(str, runs))})"


def other_outcome(migration: Migration, p: Plant) -> Mapping[str, Keys | None]:
    kinds = sorted(outcomes.entity_types(migration))
    entry, table, legacy_id = p.one(
        "SELECT id, legacy_table, legacy_id FROM legacy_id_mappings"
        f" WHERE entity_type IN ({', '.join(['%s'] * len(kinds))}) AND disposition <> 'rejected' AND {_of(migration)}"
        " ORDER BY id LIMIT 1",
        kinds,
    )
    p.v5("UPDATE legacy_id_mappings SET disposition = 'rejected' WHERE id = %s", [entry])
    return {f"C-{migration.name}": {(table, legacy_id)}}


MUTATIONS = tuple(changed(migration) for migration in registry.everything())

"""Planted defects (reconciliation.md section 12): each turns its checks red, and they name exactly what was planted.

One module per group of aggregates, each with `MUTATIONS`. A defect is planted in V5 or in the record inside
transactions that are rolled back afterwards; what it changes in legacy it undoes itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction

from entities.reconciliation import registry, sweep
from entities.reconciliation.check import Looked, walk
from tests.world import World
from tracking.models import Wave

Keys = set[tuple[str, int | None]]


class Plant:
    """What a defect is planted with: SQL on V5 and a look at legacy."""

    def __init__(self, world: World) -> None:
        self.world = world

    def v5(self, sql: str, params: Sequence[Any] = ()) -> list[Any]:
        with connections["v5"].cursor() as cursor:
            cursor.execute(sql, list(params))
            return list(cursor.fetchall()) if cursor.description else []

    def one(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """The first row of a V5 query; its only value when it has one column. A demo without it is a mistake."""
        rows = self.v5(sql, params)
        assert rows, f"the demo has no row for: {sql}"
        return rows[0] if len(rows[0]) > 1 else rows[0][0]

    def legacy(self, sql: str) -> list[Any]:
        return self.world.legacy_sql(sql)

    def target(self, entity: str, legacy_id: int, part: str = "") -> int:
        """The V5 id of a legacy record."""
        return int(
            self.one(
                "SELECT v5_id FROM legacy_id_mappings WHERE entity_type = %s AND legacy_id = %s AND part = %s",
                [entity, legacy_id, part],
            )
        )

    def origin(self, table: str, v5_id: int) -> int:
        """The legacy id behind a V5 row."""
        return int(
            self.one(
                "SELECT legacy_id FROM legacy_id_mappings WHERE v5_table = %s AND v5_id = %s"
                " AND disposition <> 'merged'",
                [table, v5_id],
            )
        )


@dataclass(frozen=True)
class Mutation:
    """`plant` plants the defect and returns, for each check that must turn red, the keys it must newly name.

    A key is (legacy table, legacy id) or, where no legacy row stands behind, (V5 table, V5 id); for checks on groups
    ("", None) with `None` as the set: any new finding will do.
    """

    name: str
    plant: Callable[[Plant], Mapping[str, Keys | None]]


def looked(check_id: str) -> Looked:
    """What a check sees now, in this process."""
    return walk(registry.get(check_id), sweep.reading(Wave.objects.get(name="Rehearsal")))


def named(found: Looked) -> dict[tuple[Any, ...], tuple[str, int | None]]:
    """Findings by all that tells one from another, with the key that a person is shown."""
    return {
        (one.key, str(one.expected), str(one.found), one.inherited): (
            (one.legacy_table, one.legacy_id) if one.legacy_id is not None else (one.v5_table, one.v5_id)
        )
        for one in found.findings
    }


@contextmanager
def undone() -> Any:
    """V5 and the record as they were before, whatever happens inside."""
    with transaction.atomic(using="v5"), transaction.atomic(using="default"):
        try:
            yield
        finally:
            transaction.set_rollback(True, using="v5")
            transaction.set_rollback(True, using="default")


def faults(mutation: Mutation, world: World, before: dict[str, dict[Any, Any]]) -> list[str]:
    """Why a mutation was not caught as it should be; empty when it was. `before` remembers the undisturbed findings."""
    said = []
    with undone():
        wanted = mutation.plant(Plant(world))
        after = {check_id: named(looked(check_id)) for check_id in wanted}
    for check_id, keys in wanted.items():
        if check_id not in before:
            before[check_id] = named(looked(check_id))
        new = {shown for finding, shown in after[check_id].items() if finding not in before[check_id]}
        if not new:
            said.append(f"{mutation.name}: {check_id} stayed green")
        elif keys is not None and new != keys:
            said.append(f"{mutation.name}: {check_id} named {sorted(new)[:6]}, planted {sorted(keys)[:6]}")
    return said

"""A migration of the tests' own, with records that poison each stage: from legacy `service_type` to V5's.

The name of a legacy row says what happens to it: `poison:<kind>` for a kind of POISONS, anything else goes
through. All else is the engine as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db import connections

from entities import registry
from entities.engine import schema, vendors
from entities.engine.definition import Mapping, Migration
from entities.engine.environment import Env
from entities.engine.errors import BadValue
from entities.engine.fields import Copy, Given
from entities.engine.normalise import timestamp
from entities.engine.values import Aggregate, Unit
from entities.reference.legacy import LegacyServiceType
from entities.reference.v5 import V5ServiceType
from tests.world import World

NAME, TABLE = "toys", "service_type"
SECRET = "Jeanne Dupont jeanne@example.org"  # personal data that must not get into messages


def _bad(value: str) -> str:
    raise BadValue("NAME_MISSING", "the name is none")


POISONS: dict[str, Callable[[str], Any]] = {
    "bad": _bad,
    "long": lambda value: "x" * 101,
    "empty": lambda value: None,
    "letters": lambda value: "Łódź",
    "taken": lambda value: "Taken",
    "parentless": lambda value: value,
    "lost": lambda value: value,
    "part": lambda value: value,
    "crash": lambda value: {}[SECRET],
}


def poisonable(value: str) -> Any:
    kind = value.partition(":")[2] if value.startswith("poison:") else ""
    return POISONS[kind](value) if kind else value


class ToyMapping(Mapping):
    entity = "toy"
    source, target = LegacyServiceType, V5ServiceType

    name = Copy(convert=poisonable)
    created_at = Copy(convert=timestamp)
    updated_at = Copy(convert=timestamp)
    old_id = Given("the legacy id, or one that nothing has")


class ToyMigration(Migration):
    name, title, phase = NAME, "Toys", 2
    root, root_entity = LegacyServiceType, "toy"
    mappings = (ToyMapping,)
    after = ()

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        row = aggregate.root
        if row.name == "poison:lost":
            return
        part = "p" * 70 if row.name == "poison:part" else ""
        unit.draft(ToyMapping, row, {"old_id": -1 if row.name == "poison:parentless" else row.id}, part=part)


def register(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.MIGRATIONS, NAME, "tests.toys.ToyMigration")
    registry.get.cache_clear()


def column(monkeypatch: pytest.MonkeyPatch, table: str, name: str, **changes: Any) -> None:
    """The server says something else about one V5 column: another length, another character set."""
    vendor = vendors.of(connections["v5"])
    read = vendor.columns

    def columns(connection: Any, asked: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = read(connection, asked)
        mine = connection.alias == "v5" and asked == table
        return [{**one, **changes} if mine and one["name"] == name else one for one in found]

    monkeypatch.setattr(vendor, "columns", columns)
    schema.forget("v5")


def rows(world: World, names: Iterable[str], first: int = 1) -> None:
    """Legacy rows with these names and ids from `first` on."""
    stamp = "'2024-01-01 08:00:00'"
    values = ", ".join(f"({first + place}, '{name}', {stamp}, {stamp})" for place, name in enumerate(names))
    world.legacy_sql(f"INSERT INTO service_type (id, name, created_at, updated_at) VALUES {values}")


def many(count: int, **poisons: int) -> list[str]:
    """`count` names, some of them poisoned: `many(10, bad=3)` poisons the third."""
    names = [f"Toy {number}" for number in range(1, count + 1)]
    for kind, place in poisons.items():
        names[place - 1] = f"poison:{kind}"
    return names


def in_v5(world: World) -> list[tuple[Any, ...]]:
    """(legacy id, name) of the toys in V5."""
    return world.v5_sql("SELECT old_id, name FROM service_type WHERE old_id IS NOT NULL ORDER BY old_id")


def entries(world: World) -> dict[int, tuple[str, str]]:
    """(disposition, reason) by legacy id."""
    found = world.v5_sql(
        "SELECT legacy_id, disposition, reason FROM legacy_id_mappings WHERE entity_type = 'toy'"
    )
    return {legacy_id: (disposition, reason) for legacy_id, disposition, reason in found}

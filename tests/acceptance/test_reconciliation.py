"""The checks on a finished migration of the dirty demo: green as it is, red for everything that is planted."""

from __future__ import annotations

from importlib import import_module

import pytest

from entities.reconciliation import registry
from entities.reconciliation.check import Severity
from tests import mutations
from tests.world import World

GROUPS = ("conservation", "people", "teaching", "money", "integrity", "properties", "comparison")
ELSEWHERE: dict[str, str] = {}  # checks whose defect no statement can plant, with the test that plants it
caught: set[str] = set()
pytestmark = pytest.mark.slow


def group(name: str) -> list[mutations.Mutation]:
    return list(import_module(f"tests.mutations.{name}").MUTATIONS)


def test_an_undisturbed_migration_passes_every_blocking_check(migrated: World) -> None:
    red = {}
    for check in registry.everything():
        found = mutations.looked(check.id)
        introduced = [one for one in found.findings if not one.inherited]
        differing = {school: one.difference for school, one in found.schools.items() if one.difference}
        if check.severity == Severity.B and (introduced or differing):
            red[check.id] = (introduced[:3], differing)
    assert red == {}, "\n".join(f"{check_id}: {why}" for check_id, why in red.items())


@pytest.mark.parametrize("name", GROUPS)
def test_every_planted_defect_is_named(migrated: World, name: str) -> None:
    before: dict[str, dict[object, object]] = {}
    said = [line for mutation in group(name) for line in mutations.faults(mutation, migrated, before)]
    caught.update(before)
    assert said == [], "\n".join(said)


def test_every_check_was_turned_red_by_something(request: pytest.FixtureRequest) -> None:
    """Behind the tests of the groups, in one process with them: a check that nothing turns red is not trusted."""
    here = [item for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    chosen = {item.callspec.params["name"] for item in here}
    if chosen != set(GROUPS):
        pytest.skip("only some groups were chosen")
    assert {check.id for check in registry.everything()} - caught - ELSEWHERE.keys() == set()

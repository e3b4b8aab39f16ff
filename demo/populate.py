"""Fills the legacy database: first what everything refers to, then season after season, then the dirt."""

from __future__ import annotations

from typing import Any

from demo import bookings, leftovers, reference, schools, staff
from demo.dirt import plant
from demo.world import School, World

BLOCK = 400


def populate(world: World, *, dirt: bool) -> list[dict[str, Any]]:
    """Returns what was planted, in the form of the planted list; empty for a clean database."""
    reference.fill(world)
    schools.fill(world)
    staff.fill(world)
    for season, school, amount in shares(world):
        bookings.fill(world, school, season, amount)
    leftovers.fill(world)
    return plant(world) if dirt else []


def shares(world: World) -> list[tuple[int, School, int]]:
    """(season, school, bookings) in blocks of at most 400, oldest season first; the sum is exact."""
    cells = [
        (season, school, school.weight * (0.14 + 0.03 * place))
        for place, season in enumerate(world.seasons)
        for school in world.schools
    ]
    total = sum(weight for *_, weight in cells)
    blocks: list[tuple[int, School, int]] = []
    reached = 0.0
    given = 0
    for season, school, weight in cells:
        reached += world.bookings * weight / total
        amount = round(reached) - given
        given += amount
        while amount > 0:
            blocks.append((season, school, min(amount, BLOCK)))
            amount -= BLOCK
    return blocks

"""Planted dirt: every kind of bad data the rules name, each recorded with what must become of it.

An area is a module of planting functions; importing it registers its kinds.
"""

from __future__ import annotations

from typing import Any

from demo.dirt import (  # noqa: F401  (importing registers the kinds)
    accounts,
    archive,
    booking_lines,
    bookings,
    classes,
    courses,
    derived,
    levels,
    links,
    money,
    people,
    reference,
    schools,
    staff,
)
from demo.dirt.planting import PLANTERS, Planter
from demo.world import World

# Reason codes that no content of a legacy database can bring about, and why.
CANNOT_BE_PLANTED = {
    "OUT_OF_SCOPE_SCHOOL": "needs a list of schools (Q-10)",
    "BEFORE_HISTORY_CUT": "needs a history cut (Q-25)",
    "INACTIVE_MEMBERSHIP": "needs the choice to skip inactive memberships (Q-17)",
    "TEXT_NOT_ENCODABLE": "needs V5 text columns left in latin1 and no transliteration (Q-02)",
    "DUPLICATE_KEY": "needs a row in V5 that already holds the unique value",
    "CONSTRAINT": "needs a refusal by the V5 server that no check foresaw",
    "SEASON_OVERLAP": "needs overlapping seasons in V5 before the run",
    "GATEWAY_DIFFERENCE": "needs the legacy application key to read gateway amounts (Q-04)",
}


def plant(world: World) -> list[dict[str, Any]]:
    """Plants every kind once, in the order of registration, and returns the list of items."""
    planter = Planter(world)
    for name in list(PLANTERS):
        planter.run(name)
    return planter.items

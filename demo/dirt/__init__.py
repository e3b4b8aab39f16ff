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
    private_courses,
    reference,
    schools,
    staff,
)
from demo.dirt.planting import PLANTERS, Planter
from demo.world import World

# Reason codes without a kind of dirt, and why there is none.
WITHOUT_KIND = {
    "LEFT_OUT_BY_PERSON": "is the answer of a person to an issue",
    "OUT_OF_SCOPE_SCHOOL": "needs a list of schools (Q-10)",
    "BEFORE_HISTORY_CUT": "needs a history cut (Q-25)",
    "INACTIVE_MEMBERSHIP": "needs the choice to skip inactive memberships (Q-17)",
    "TEXT_NOT_ENCODABLE": "needs V5 text columns left in latin1 and no transliteration (Q-02)",
    "DUPLICATE_KEY": "needs a row in V5 that already holds the unique value",
    "CONSTRAINT": "needs a refusal by the V5 server that no check foresaw",
    "SEASON_OVERLAP": "needs overlapping seasons in V5 before the run",
    "GATEWAY_DIFFERENCE": "needs the legacy application key to read gateway amounts (Q-04)",
    "UNEXPECTED_ERROR": "needs a fault in the migration itself",
    "TARGET_EDITED": "needs somebody who edits V5 between two runs",
    "TRANSLITERATED": "needs the choice to transliterate (Q-02)",
    "MOJIBAKE": "is counted by the pre-flight; the text moves as it is unless the repair is on (Q-03)",
    "PRICE_UNKNOWN": "legacy prices cannot be empty where V5 needs one",
    "VALUE_MISSING": "legacy forbids NULL wherever V5 needs a value the rules do not supply",
    "VALUE_INVALID": "needs a value outside the rules' own cases",
    "JSON_CORRUPT": "the only legacy JSON that is read has its own code, SESSIONS_UNREADABLE",
    "ZERO_DATE": "a zero date in an optional column simply means none",
    "CATCH_ALL_SEASON": "stands on a season, which has no legacy row; see booking_without_any_date",
    "RESTRICTED_ADMIN": "the rules put the restriction in the season role; see administrator_restricted",
    "CANCELLED_IN_LEGACY": "is written to the booking as its cancellation reason, not to the map",
}


def plant(world: World) -> list[dict[str, Any]]:
    """Plants every kind once, in the order of registration, and returns the list of items."""
    planter = Planter(world)
    for name in list(PLANTERS):
        planter.run(name)
    return planter.items

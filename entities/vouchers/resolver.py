"""Who owns a voucher, pays or takes part: the client of a legacy user, or the school's stand-in (Q-35)."""

from __future__ import annotations

from entities.engine.environment import Env
from entities.engine.errors import BadValue
from entities.engine.read import Reader
from tracking.sentences import sentence


def stand_ins(read: Reader) -> dict[int, int]:
    """The placeholder client of each legacy school (Q-35), by legacy school id."""
    entries = read.entries("client", {0})
    return {
        int(part.split(":")[1]): entry.v5_id
        for (_, part), entry in entries.items()
        if part.startswith("placeholder:") and entry.v5_id
    }


def owner(
    user_id: int | None, school_id: int, env: Env, known: dict[int, int], stand_in_of: dict[int, int]
) -> tuple[int, bool]:
    """The V5 client of a legacy user, or the school's stand-in (Q-35); the second value tells which.

    Raises BadValue(CLIENT_UNKNOWN) when neither may be used.
    """
    if user_id is not None and user_id in known:
        return known[user_id], False
    if env.choices.of("missing_client", school=school_id) == "placeholder" and school_id in stand_in_of:
        return stand_in_of[school_id], True
    raise BadValue(
        "CLIENT_UNKNOWN", sentence("user %(user)s is no client and the school has no stand-in", user=user_id)
    )

"""To which school a note belongs that names none (Q-21): notes may be medical, so to one school at most."""

from __future__ import annotations

from typing import Any

from entities.engine.environment import Env
from entities.users import people
from entities.users.activity import Booked

TEXTS = ("general", "notes", "historical")


def is_blank(row: Any) -> bool:
    """Whether all three texts are empty or blanks."""
    return not any((getattr(row, name) or "").strip() for name in TEXTS)


def school_of(person: int, busy: dict[int, Booked], env: Env) -> int | None:
    """The legacy school of a person's notes; None when nothing tells, or when Q-21 leaves it to a person.

    `busy` counts what the person does per school: books, or for a monitor teaches.
    """
    answer = env.choices.of("observation_school")
    if answer == "reject":
        return None
    usable = {school: booked for school, booked in busy.items() if _may_hold(school, env)}
    if usable and answer == "most_bookings":
        return min(usable, key=lambda school: (-usable[school].number, school))
    memberships = env.facts.people.memberships.get(person, ())
    newest = people.latest(row for row in memberships if _may_hold(row.school_id, env))
    return None if newest is None else newest.school_id


def _may_hold(school: int, env: Env) -> bool:
    """A school that V5 has, or one that moves in another wave: the note waits for that one."""
    return school in env.known["school"] or people.is_left_out(env, school)

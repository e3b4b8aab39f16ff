"""Levels of clients (4.12.3)."""

from __future__ import annotations

from collections.abc import Sequence

from entities.clients.mappings import ClientSportMapping
from entities.engine import resolvers
from entities.engine.environment import Env
from entities.engine.values import Entry, Row, Unit
from tracking.sentences import sentence

levels = resolvers.of("users").levels
people = resolvers.of("users").people


def settle(
    unit: Unit, env: Env, client: Entry, person: Row, rows: Sequence[Row], member_of: Sequence[int]
) -> None:
    """One level per school and sport; rows without school hold for the person's schools (Q-19).

    `member_of` are the schools that were only added: they count for persons whom legacy gives no school.
    """
    moving = []
    for row in rows:
        if row.school_id is not None and people.is_left_out(env, row.school_id):
            unit.skip("client_sport", row, "OUT_OF_SCOPE_SCHOOL", archive=False).school_id = row.school_id
        else:
            moving.append(row)
    schools = [
        one
        for one in env.facts.people.schools(person.id)
        if one in env.known["school"] or people.is_left_out(env, one)
    ]
    plan = levels.plan(moving, schools or sorted(member_of))
    written: dict[levels.Place, Entry] = {}
    for row in plan.in_order(moving):
        _settle_one(unit, env, client, row, plan, written)


def _settle_one(
    unit: Unit, env: Env, client: Entry, row: Row, plan: levels.Plan, written: dict[levels.Place, Entry]
) -> None:
    places = plan.places[row.id]
    if places[0][0] is None:
        unit.skip(
            "client_sport", row, "NO_TARGET", under=client
        )  # a level has to belong to a school, and there is none
        return
    wins = [place for place in plan.wins.get(row.id, ()) if not people.is_left_out(env, place[0])]
    for place in wins:
        written[place] = _draft(unit, env, client, row, plan, place)
    if wins:
        return
    into = next((written[place] for place in places if place in written), None)
    if into is None:
        unit.skip("client_sport", row, "OUT_OF_SCOPE_SCHOOL", archive=False, under=client)
    else:
        unit.merge("client_sport", row, into, under=client).school_id = into.school_id


def _draft(unit: Unit, env: Env, client: Entry, row: Row, plan: levels.Plan, place: levels.Place) -> Entry:
    school, part = place[0], plan.part(row, place)
    v5_school = None if school is None else env.known["school"].get(school)
    if v5_school is None:
        return unit.reject(
            "client_sport",
            row,
            "SCHOOL_UNKNOWN",
            "school_id",
            sentence("school %(school)s has no V5 record", school=school),
            part=part,
            under=client,
        )
    degree, flags = env.facts.degrees.find(school, row.sport_id, row.degree_id)
    given = {"client_id": client.v5_id, "school_id": v5_school, "degree_id": degree}
    entry = unit.draft(
        ClientSportMapping, row, given, part=part, disposition=plan.disposition(row), under=client
    )
    entry.school_id = school
    if not entry.rejected:
        for code in flags:
            entry.warn(
                code,
                "degree_id",
                sentence("level %(degree)s at this school", degree=row.degree_id),
                row.degree_id,
            )
    return entry

"""At which schools a person is a client (4.12.2): what legacy says, and what bookings and the like call for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from entities.clients.facts import added_part
from entities.clients.mappings import AddedMembershipMapping, ClientSchoolMapping
from entities.engine import resolvers
from entities.engine.environment import Env
from entities.engine.values import SYNTHESISED, Entry, Row, Unit

people = resolvers.of("users").people


class Cause(NamedTuple):
    """Why a membership is added, and since when."""

    reason: str
    since: str | None


def settle(
    unit: Unit, env: Env, client: Entry, person: Row, links: Sequence[Row], levels: Sequence[Row]
) -> dict[int, Entry]:
    """The memberships of a client by legacy school; every row of `links` gets its entry."""
    written: dict[int, Entry] = {}
    for link in sorted(links, key=lambda one: (one.active_school != 1, one.id)):
        entry = _settle_one(unit, env, client, person, link, written)
        entry.school_id = link.school_id
    for school, cause in _causes(env, person, levels):
        if school not in written and school in env.known["school"] and not people.is_left_out(env, school):
            written[school] = _add(unit, env, client, person, school, cause)
    return written


def _settle_one(
    unit: Unit, env: Env, client: Entry, person: Row, link: Row, written: dict[int, Entry]
) -> Entry:
    answer = env.choices.of("inactive_membership", school=link.school_id).clients
    inactive = link.active_school != 1
    if people.is_left_out(env, link.school_id):
        return unit.skip("client_school", link, "OUT_OF_SCOPE_SCHOOL", archive=False)
    if link.school_id in written:
        return unit.merge("client_school", link, written[link.school_id], under=client)
    if inactive and answer == "skip":
        return unit.skip("client_school", link, "INACTIVE_MEMBERSHIP")
    ended = people.moment_of(link.status_updated_at, link.updated_at, link.created_at) or people.LONG_AGO
    given = {
        "client_id": client.v5_id,
        "accepted_at": people.moment_of(
            link.created_at, link.status_updated_at, link.updated_at, person.created_at
        )
        or people.LONG_AGO,
        "deleted_at": ended if inactive and answer == "soft_delete" else None,
    }
    entry = unit.draft(ClientSchoolMapping, link, given, under=client)
    if not entry.rejected:
        written[link.school_id] = entry
    return entry


def _causes(env: Env, person: Row, levels: Sequence[Row]) -> Iterator[tuple[int, Cause]]:
    """What calls for a membership, the strongest cause of a school first."""
    facts = env.facts
    for school, booked in sorted(facts.people.bookings.get(person.id, {}).items()):
        yield school, Cause("MEMBERSHIP_FROM_BOOKING", people.moment_of(booked.first))
    if person.user_type == people.CLIENT:
        for school, since in sorted(facts.of_mains.get(person.id, {}).items()):
            yield school, Cause("MEMBERSHIP_FROM_MAIN", since)
    for school, since in sorted(facts.of_vouchers.get(person.id, {}).items()):
        yield school, Cause("MEMBERSHIP_FROM_VOUCHER", since)
    for row in levels:
        if row.school_id is not None:
            yield row.school_id, Cause("MEMBERSHIP_FROM_LEVEL", people.moment_of(row.created_at))


def _add(unit: Unit, env: Env, client: Entry, person: Row, school: int, cause: Cause) -> Entry:
    """A level alone gives a membership that nobody accepted, which V5 does not list."""
    accepted = cause.since or people.moment_of(person.created_at) or people.LONG_AGO
    given: dict[str, Any] = {
        "client_id": client.v5_id,
        "school_id": env.known["school"][school],
        "created_at": cause.since,
        "updated_at": cause.since,
        "accepted_at": None if cause.reason == "MEMBERSHIP_FROM_LEVEL" else accepted,
    }
    entry = unit.draft(
        AddedMembershipMapping, person, given, part=added_part(person.id, school), legacy_id=0, disposition=SYNTHESISED,
        reason=cause.reason, under=client,
    )  # fmt: skip
    entry.school_id = school
    return entry

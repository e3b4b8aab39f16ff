"""What the account, the client and the monitor of one person have in common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from entities.engine import normalise, resolvers
from entities.engine.environment import Env
from entities.engine.errors import BadValue
from entities.engine.extract import group
from entities.engine.read import Reader
from entities.engine.values import Entry, Unit
from entities.users import activity, name_order
from entities.users.legacy import LegacyUserSchool
from tracking.sentences import sentence

geography = resolvers.of("reference").geography
v5_countries = resolvers.of("reference").v5_countries


CLIENT, MONITOR, SUPERADMIN, CHAT = 2, 3, 4, 6
Flag = tuple[str, str, str]  # code, column, message

# Where V5 needs a time and nothing tells one: before the platform began, and within what a TIMESTAMP can hold.
LONG_AGO = "2000-01-01 00:00:00"

KINDS = {1: "admin", 2: "client", 3: "monitor", 4: "superadmin", 5: "viewer"}


@dataclass
class People:
    """Facts about the persons of a batch, by legacy `users.id`. `left_out` are schools that do not move (Q-10)."""

    bookings: activity.PerSchool = field(default_factory=lambda: defaultdict(dict))
    memberships: dict[int, list[Any]] = field(default_factory=dict)
    reversed: frozenset[int] = frozenset()
    left_out: frozenset[int] = frozenset()
    places: geography.Places = field(default_factory=lambda: geography.Places({}, {}, {}))
    countries: dict[str, int] = field(default_factory=dict)

    def schools(self, person: int) -> list[int]:
        """Legacy schools of a person's memberships, lowest id first."""
        return sorted({row.school_id for row in self.memberships.get(person, ())})

    def main_school(self, person: int) -> int | None:
        """The school with most of the person's bookings, else the lowest of the memberships (Q-08)."""
        booked = self.bookings.get(person)
        if booked:
            return min(booked, key=lambda school: (-booked[school].number, school))
        return next(iter(self.schools(person)), None)


def load(read: Reader, env: Env, people: Iterable[int], named: Iterable[int | None] = ()) -> People:
    """The facts of these persons; `env.known` learns the schools of their memberships and bookings, and those `named`."""
    ids = set(people)
    memberships = group(read.legacy(LegacyUserSchool, "user_id", ids), "user_id")
    facts = People(
        activity.bookings_of(read, ids),
        memberships,
        places=geography.load(read),
        countries=v5_countries.load(),
    )
    probe = name_order.probe(read)
    order = {person: name_order.is_reversed(env.choices, probe, facts.main_school(person)) for person in ids}
    facts.reversed = frozenset(person for person, swap in order.items() if swap)
    schools = {row.school_id for rows in memberships.values() for row in rows}
    schools |= {school for booked in facts.bookings.values() for school in booked}
    facts.left_out = learn_schools(read, env, {*schools, *named})
    return facts


def learn_schools(read: Reader, env: Env, schools: Iterable[int | None]) -> frozenset[int]:
    """Look these legacy schools up in the map; returns those that were left out on purpose."""
    entries = read.entries("school", {school for school in schools if school is not None})
    env.known["school"] |= {
        key: entry.v5_id for (key, part), entry in entries.items() if entry.v5_id and not part
    }
    return frozenset(key for (key, _), entry in entries.items() if entry.disposition == "skipped")


def is_left_out(env: Env, school: int | None) -> bool:
    """Whether rows of this legacy school stay behind on purpose."""
    return school is not None and (not env.scope.has(school) or school in env.facts.people.left_out)


def name_of(row: Any, env: Env) -> tuple[str, str]:
    """First and last name as V5 gets them (Q-08)."""
    return normalise.person_name(row.first_name, row.last_name, swap=row.id in env.facts.people.reversed)


def first_name(row: Any, env: Env) -> str:
    """first name, exchanged with the last where the school's names are reversed (Q-08)"""
    return name_of(row, env)[0]


def last_name(row: Any, env: Env) -> str:
    """last name, exchanged with the first where the school's names are reversed (Q-08)"""
    return name_of(row, env)[1]


def birth_date(row: Any, env: Env) -> str:
    """date of birth up to the cut-over; unknown ones per Q-06"""
    day = normalise.birth_date(row.birth_date, env.today)
    if day == normalise.BIRTH_DATE_SENTINEL:
        raise BadValue("BIRTH_DATE_UNKNOWN", sentence("The date of birth is the mark for an unknown one."))
    return day


def unknown_birth_date(row: Any, env: Env) -> str | None:
    """What stands for an unknown date of birth (Q-06)."""
    return normalise.BIRTH_DATE_SENTINEL if env.choices.of("missing_birth_date") == "sentinel" else None


def country_number(country_id: int | None, env: Env) -> int | None:
    """A legacy country as V5's own number, through the ISO code; COUNTRY_UNKNOWN when there is none."""
    if not country_id:
        return None
    people = env.facts.people
    number: int | None = people.countries.get(people.places.iso.get(country_id, ""))
    if number is None:
        said = sentence("Country %(id)s does not exist.", id=country_id)
        if country_id in people.places.iso:
            said = sentence("Country %(id)s is not in the list of the new system.", id=country_id)
        raise BadValue("COUNTRY_UNKNOWN", said)
    return number


def country(row: Any, env: Env) -> int | None:
    """V5's number of the country, through its ISO code"""
    return country_number(row.country_id, env)


def province(row: Any, env: Env) -> None:
    """always empty: V5's list of provinces is part of its front end and has no common code"""
    if row.province_id:
        raise BadValue(
            "PROVINCE_UNKNOWN",
            sentence("Province %(province)s has no number in the new system.", province=row.province_id),
        )


def deleted_at(row: Any, env: Env) -> tuple[str | None, bool]:
    """When a person's row was deleted, None while it lives; and whether that time had to be assumed.

    A deletion whose time nothing tells counts from the row's creation, else from long ago: nobody comes back to life.
    """
    try:
        return normalise.deleted_at(row.deleted_at, row.updated_at), False
    except BadValue:
        return _timestamp_or_none(row.created_at) or LONG_AGO, True


def _timestamp_or_none(value: Any) -> str | None:
    try:
        return normalise.timestamp(value)
    except BadValue:
        return None


def moment_of(*values: Any) -> str | None:
    """The first usable one of several timestamps."""
    return next((found for found in map(_timestamp_or_none, values) if found), None)


def given_of(row: Any, env: Env, unit: Unit) -> tuple[dict[str, Any], list[Flag]]:
    """Picture and deletion of a person as `Given` values, and the warnings they call for."""
    flags: list[Flag] = []
    deleted, assumed = deleted_at(row, env)
    if assumed:
        flags.append(
            ("DATE_INVALID", "deleted_at", sentence("The record is deleted, but nothing tells when."))
        )
    try:
        image = unit.image(row.image)
    except BadValue as error:
        image = None
        flags.append((error.code, "image", error.message))
    if normalise.is_unknown(name_of(row, env)):
        flags.append(("NAME_UNKNOWN", "first_name", sentence("Both names are empty.")))
    return {"image": image, "deleted_at": deleted}, flags


def flag(entry: Entry, flags: Iterable[Flag]) -> Entry:
    """Warn of everything that `given_of` found."""
    for code, column, message in flags:
        entry.warn(code, column, message)
    return entry


def latest(memberships: Iterable[Any]) -> Any:
    """The membership that was changed last; equal times: the highest id. None without any."""
    return max(memberships, key=_changed, default=None)


def _changed(row: Any) -> tuple[str, int]:
    return moment_of(row.status_updated_at, row.updated_at, row.created_at) or "", row.id

"""Who gets which role in which seasons of which school (4.14): gathered for a batch of accounts, then settled.

A grant stands for one membership and one season. Several grants of one account in one season become one role:
the strongest, since V5 reads the first row it finds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from entities.engine.environment import Env
from entities.engine.read import Reader
from entities.monitors.v5 import V5MonitorSchool
from entities.seasons import resolver, work
from entities.seasons.resolver import Season, Seasons
from entities.users.legacy import LegacyAdminRestriction, LegacyUser, LegacyUserSchool
from entities.users.v5 import V5SchoolUser

ADMIN, MANAGER, VIEWER, MONITOR = "admin", "manager", "viewer", "monitor"
STRENGTH = (ADMIN, MANAGER, VIEWER, MONITOR)  # strongest first
ADMINISTRATOR, TEACHER, READER = 1, 3, 5  # users.user_type
EDIT, DELETE = 2, 4  # admin_restrictions.action_id

KIN = (
    "SELECT v5_id, legacy_id FROM legacy_id_mappings WHERE entity_type = 'user' AND v5_table = 'users'"
    " AND part = '' AND v5_id IN ({ids})"
)
SCHOOLS = "SELECT v5_id, legacy_id FROM legacy_id_mappings WHERE entity_type = 'school' AND part = '' AND v5_id IS NOT NULL"


@dataclass(frozen=True)
class Membership:
    """An account's place in a school, as V5 holds it; `school` is the legacy id."""

    school: int
    role: str
    active: bool
    since: str | None
    changed: str | None


@dataclass(frozen=True)
class Grant:
    """One role of one account in one season."""

    season: Season
    membership: Membership


@dataclass(frozen=True)
class Accounts:
    """Legacy accounts of the batch's V5 users that can hold a role, and which one speaks for each V5 user."""

    v5_of: dict[int, int]  # by legacy id
    types: dict[int, int]  # user_type by legacy id
    anchors: dict[int, int]  # V5 user by the legacy id that speaks for it

    @cached_property
    def teachers(self) -> dict[int, list[int]]:
        """Legacy ids of the monitors behind each V5 user."""
        found: dict[int, list[int]] = defaultdict(list)
        for legacy_id in self.of_type(TEACHER):
            found[self.v5_of[legacy_id]].append(legacy_id)
        return found

    def of_type(self, *types: int) -> list[int]:
        return [legacy_id for legacy_id, kind in self.types.items() if kind in types]


def accounts(roots: Iterable[Any], read: Reader) -> Accounts:
    """The lowest legacy id that shares a V5 user speaks for it, so that each user is settled once."""
    own = set(read.known("user", {row.id for row in roots}).values())
    kin = {legacy_id: v5_id for v5_id, legacy_id in read.v5_sql(KIN, own)}
    rows = read.legacy(LegacyUser, "id", kin)
    types = {row.id: row.user_type for row in rows if row.user_type in (ADMINISTRATOR, TEACHER, READER)}
    speaker: dict[int, int] = {}
    for legacy_id in sorted(types):
        speaker.setdefault(kin[legacy_id], legacy_id)
    return Accounts(kin, types, {legacy_id: v5_id for v5_id, legacy_id in speaker.items()})


def restricted(people: Accounts, read: Reader) -> dict[int, list[list[int]]]:
    """Live restrictions of administrators, as (area, action), by legacy id (Q-18)."""
    found: dict[int, list[list[int]]] = defaultdict(list)
    for row in read.legacy(LegacyAdminRestriction, "user_id", people.of_type(ADMINISTRATOR)):
        if not row.deleted_at:
            found[row.user_id].append([row.type_id, row.action_id])
    return {user: sorted(rows) for user, rows in found.items()}


def memberships(
    people: Accounts, limits: dict[int, list[list[int]]], read: Reader
) -> dict[int, list[Membership]]:
    """Memberships by V5 user: the back office's from `school_users`, the monitors' from `monitors_schools`."""
    schools = {v5_id: legacy_id for v5_id, legacy_id in sorted(read.v5_sql(SCHOOLS), reverse=True)}
    found: dict[int, list[Membership]] = defaultdict(list)
    links = read.legacy(LegacyUserSchool, "user_id", people.of_type(ADMINISTRATOR, READER))
    rows = read.mapped("school_user", {link.id for link in links}, V5SchoolUser)
    for link in links:
        row = rows.get((link.id, ""))
        if row is not None and row.school_id in schools:
            role = _office_role(people.types[link.user_id], limits.get(link.user_id, ()))
            place = Membership(
                schools[row.school_id], role, not row.deleted_at, row.created_at, row.updated_at
            )
            found[people.v5_of[link.user_id]].append(place)
    teachers = {
        v5_id: legacy_id for legacy_id, v5_id in read.known("monitor", people.of_type(TEACHER)).items()
    }
    for row in read.v5(V5MonitorSchool, "monitor_id", teachers):
        if row.school_id in schools:
            active = bool(row.active_school) and not row.deleted_at
            place = Membership(schools[row.school_id], MONITOR, active, row.created_at, row.updated_at)
            found[people.v5_of[teachers[row.monitor_id]]].append(place)
    return dict(found)


def _office_role(user_type: int, limits: Iterable[list[int]]) -> str:
    """Administrators who may not edit or delete something become managers (Q-18); viewers stay viewers."""
    if user_type == READER:
        return VIEWER
    return MANAGER if any(action in (EDIT, DELETE) for _, action in limits) else ADMIN


@dataclass(frozen=True)
class Facts:
    """All that settles the roles of a batch."""

    people: Accounts
    limits: dict[int, list[list[int]]]
    places: dict[int, list[Membership]]
    seasons: Seasons
    worked: work.Work
    taken: frozenset[tuple[int, int]]  # (V5 user, season) of rows that V5 held before
    roles: frozenset[str]  # the application's list of roles


def load(roots: list[Any], read: Reader, env: Env) -> Facts:
    """A fixed number of queries for the accounts of one batch."""
    people = accounts(roots, read)
    limits = restricted(people, read)
    places = memberships(people, limits, read)
    schools = {one.school for found in places.values() for one in found}
    taken = read.v5_sql(
        "SELECT user_id, season_id FROM user_season_roles WHERE user_id IN ({ids})", set(places)
    )
    return Facts(
        people, limits, places,
        seasons=resolver.load(read, schools),
        worked=work.load(read, people.of_type(TEACHER)),
        taken=frozenset((user, season) for user, season in taken),
        roles=frozenset(row[0] for row in read.v5_sql("SELECT DISTINCT name FROM roles")),
    )  # fmt: skip


def settle(v5_user: int, facts: Facts, env: Env) -> list[Grant]:
    """One grant per season, the strongest role; active if any membership of that role is; by school and season."""
    best: dict[int, Grant] = {}
    teachers = facts.people.teachers.get(v5_user, [])
    for place in facts.places.get(v5_user, ()):
        if env.scope.has(place.school):
            for season in _seasons(place, teachers, facts, env):
                grant = Grant(season, place)
                if season.id not in best or _rank(grant) < _rank(best[season.id]):
                    best[season.id] = grant
    return sorted(best.values(), key=lambda one: (one.membership.school, one.season.start, one.season.id))


def _rank(grant: Grant) -> tuple[int, bool, str]:
    place = grant.membership
    return STRENGTH.index(place.role), not place.active, place.since or ""


def _seasons(place: Membership, teachers: list[int], facts: Facts, env: Env) -> list[Season]:
    """Back office: every season of the school. Monitors: those they worked in, and the running one (Q-24)."""
    seasons = facts.seasons.of(place.school)
    if place.role != MONITOR:
        return seasons
    return [
        season
        for season in seasons
        if season.holds(env.today)
        or any(facts.worked.within(one, place.school, season.start, season.end) for one in teachers)
    ]

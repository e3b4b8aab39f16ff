"""Monitors with memberships, levels, absences and notes: one unit per person (4.13.1 to 4.13.6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from entities.clients.legacy import LegacyUserObservation, LegacyUserSport
from entities.engine import resolvers
from entities.engine.definition import Child, Migration
from entities.engine.environment import Env, Scope
from entities.engine.errors import BadValue
from entities.engine.extract import RowBatch
from entities.engine.read import Reader
from entities.engine.values import Aggregate, Entry, Row, Unit
from entities.monitors import absences, facts, mappings
from entities.monitors.legacy import LegacyAuthorizedDegree, LegacyUserNwd, LegacyUserWorkDetail
from entities.monitors.levels import Levels
from entities.users.legacy import LegacyUser, LegacyUserSchool
from tracking.sentences import sentence

address_of = resolvers.of("users").address_of
notes = resolvers.of("users").notes
people = resolvers.of("users").people
people_where = resolvers.of("users").people_where


_OF_MONITORS = "EXISTS (SELECT 1 FROM users u WHERE u.id = t.user_id AND u.user_type = 3)"
_IS_MONITOR = "p.user_type = 3"
_LEVEL_OF_MONITOR = "EXISTS (SELECT 1 FROM users u WHERE u.id = p.user_id AND u.user_type = 3)"


class MonitorMigration(Migration):
    """Monitors; what they have at schools that do not move stays behind."""

    name, title, phase, after = "monitors", "Monitors", 3, ("users", "lazy_degrees")
    root, root_entity, roots = LegacyUser, "monitor", "t.user_type = 3"
    children = {
        "memberships": Child(LegacyUserSchool, "user_id", "monitor_school", where=_OF_MONITORS),
        "work": Child(LegacyUserWorkDetail, "user_id", "archive:user_work_details", parent_where=_IS_MONITOR),
        "levels": Child(LegacyUserSport, "user_id", "monitor_sport_degree", where=_OF_MONITORS),
        "authorised": Child(
            LegacyAuthorizedDegree, "user_sport_id", "monitor_authorized_degree", of="levels", parent_where=_LEVEL_OF_MONITOR
        ),
        "absences": Child(LegacyUserNwd, "user_id", "monitor_nwd", orphan="NWD_NOT_MONITOR", parent_where=_IS_MONITOR),
        "notes": Child(LegacyUserObservation, "user_id", "monitor_observation", where=_OF_MONITORS),
    }  # fmt: skip
    mappings = (
        mappings.MonitorMapping,
        mappings.MonitorSchoolMapping,
        mappings.MonitorSportDegreeMapping,
        mappings.AuthorizedDegreeMapping,
        mappings.NwdMapping,
        mappings.MonitorObservationMapping,
    )
    child_reason = "PERSON_REJECTED"
    fast = False  # bookings and families decide about names and notes

    def scope_where(self, scope: Scope) -> str:
        return people_where(scope)

    def needs(self, batch: RowBatch) -> dict[str, set[int]]:
        return {"user": {root.id for root in batch.roots}}

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> facts.MonitorFacts:
        return facts.load(batch, read, env)

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        monitor = _monitor(unit, env, aggregate)
        _memberships(unit, env, monitor, aggregate.rows("memberships"))
        Levels(unit, env, monitor, aggregate).settle()
        absences.settle(unit, env, monitor, aggregate.rows("absences"))
        _notes(unit, env, monitor, aggregate)


def _monitor(unit: Unit, env: Env, aggregate: Aggregate) -> Entry:
    person, work = aggregate.root, _latest_work(aggregate.rows("work"))
    given, flags = people.given_of(person, env, unit)
    given |= {name: getattr(work, name, None) for name in mappings.WORK}
    given |= _home(env, aggregate.rows("memberships"))
    given["user_id"] = env.known["user"].get(person.id)
    try:
        given["world_country"] = None if work is None else people.country_number(work.country_id, env)
    except BadValue as error:
        given["world_country"] = None
        flags.append((error.code, "world_country", error.message))
    entry = people.flag(unit.draft(mappings.MonitorMapping, person, given), flags)
    if given["world_country"] is None and work is not None and work.country_id:
        entry.keep(world_country=work.country_id)
    if given["user_id"] is None and address_of(person.email):
        entry.keep(recheck=True)  # the account was rejected; once it moves, the monitor finds it
    for row in aggregate.rows("work"):
        if row is work:
            unit.merge("archive:user_work_details", row, entry)
        else:
            unit.skip("archive:user_work_details", row, "NO_TARGET")
    return entry


def _latest_work(rows: Sequence[Row]) -> Any:
    return max(
        rows, key=lambda row: (people.moment_of(row.updated_at, row.created_at) or "", row.id), default=None
    )


def _home(env: Env, memberships: Sequence[Row]) -> dict[str, int | None]:
    """`active_school` and `active_station`: those of the latest active membership in a school that V5 has."""
    known = env.known["school"]
    home = people.latest(row for row in memberships if row.active_school == 1 and row.school_id in known)
    if home is None:
        return {"active_school": None, "active_station": None}
    return {
        "active_school": known[home.school_id],
        "active_station": env.known["station"].get(home.station_id),
    }


def _memberships(unit: Unit, env: Env, monitor: Entry, links: Sequence[Row]) -> None:
    """One membership per school: an active row before an inactive one, then the lowest id."""
    written: dict[int, Entry] = {}
    for link in sorted(links, key=lambda one: (one.active_school != 1, one.id)):
        if people.is_left_out(env, link.school_id):
            entry = unit.skip("monitor_school", link, "OUT_OF_SCOPE_SCHOOL", archive=False)
        elif link.school_id in written:
            entry = unit.merge("monitor_school", link, written[link.school_id], under=monitor)
        else:
            began = people.moment_of(link.created_at) if link.active_school == 1 else None
            given = {"monitor_id": monitor.v5_id, "accepted_at": began}
            entry = written[link.school_id] = unit.draft(
                mappings.MonitorSchoolMapping, link, given, under=monitor
            )
        entry.school_id = link.school_id


def _notes(unit: Unit, env: Env, monitor: Entry, aggregate: Aggregate) -> None:
    """Notes go to the member school where the monitor taught most, else to that of the latest membership (Q-21)."""
    person = aggregate.root.id
    member_of = env.facts.people.schools(person)
    taught = {
        school: busy for school, busy in env.facts.taught.get(person, {}).items() if school in member_of
    }
    school = notes.school_of(person, taught, env)
    for row in aggregate.rows("notes"):
        if notes.is_blank(row):
            entry = unit.skip("monitor_observation", row, "EMPTY", archive=False, under=monitor)
        elif school is None:
            message = sentence("the monitor belongs to no school")
            entry = unit.reject(
                "monitor_observation", row, "NOTE_WITHOUT_SCHOOL", message=message, under=monitor
            )
        elif people.is_left_out(env, school):
            entry = unit.skip("monitor_observation", row, "OUT_OF_SCOPE_SCHOOL", archive=False, under=monitor)
        else:
            given = {"monitor_id": monitor.v5_id, "school_id": env.known["school"][school]}
            entry = unit.draft(mappings.MonitorObservationMapping, row, given, under=monitor)
        entry.school_id = school

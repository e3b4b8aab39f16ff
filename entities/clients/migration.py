"""Clients with their memberships, levels, notes and evaluations: one unit per person (4.12.1 to 4.12.7)."""

from __future__ import annotations

from entities.clients import evaluations, facts, levels, mappings, memberships, notes
from entities.clients.legacy import (
    LegacyBlock,
    LegacyEvaluation,
    LegacyEvaluationFile,
    LegacyEvaluationGoal,
    LegacyUserChild,
    LegacyUserObservation,
    LegacyUserSport,
)
from entities.clients.roots import EVALUATED_CLIENT, HAS_CLIENT, OF_CLIENTS, is_client
from entities.engine import resolvers
from entities.engine.definition import Child, Migration
from entities.engine.environment import Env, Scope
from entities.engine.extract import RowBatch
from entities.engine.read import Reader
from entities.engine.values import MIGRATED, SYNTHESISED, Aggregate, Entry, Row, Unit
from entities.users.legacy import LegacyUser, LegacyUserSchool

address_of = resolvers.of("users").address_of
people = resolvers.of("users").people
people_where = resolvers.of("users").people_where


class ClientMigration(Migration):
    """Clients, and people of other kinds who pay, take part or own vouchers (CLIENT_FROM_OTHER_TYPE)."""

    name, title, phase, after = "clients", "Clients", 3, ("users", "lazy_degrees")
    root, root_entity, roots = LegacyUser, "client", is_client("t")
    children = {
        "memberships": Child(LegacyUserSchool, "user_id", "client_school", orphan="PERSON_REJECTED", where=OF_CLIENTS),
        "levels": Child(LegacyUserSport, "user_id", "client_sport", orphan="PERSON_REJECTED", where=OF_CLIENTS),
        "notes": Child(LegacyUserObservation, "user_id", "client_observation", orphan="PERSON_REJECTED", where=OF_CLIENTS),
        "blocks": Child(
            LegacyBlock, "client_id", "archive:blocks", parent_where=HAS_CLIENT, inputs=("deleted_at",)
        ),
        "children": Child(LegacyUserChild, "user_id", "archive:user_childrens", parent_where=HAS_CLIENT),
        "evaluations": Child(
            LegacyEvaluation, "user_id", "evaluation", orphan="CLIENT_UNKNOWN", parent_where=HAS_CLIENT
        ),
        "goals": Child(
            LegacyEvaluationGoal, "evaluation_id", "evaluation_goal", of="evaluations", parent_where=EVALUATED_CLIENT
        ),
        "files": Child(
            LegacyEvaluationFile, "evaluation_id", "evaluation_file", of="evaluations", parent_where=EVALUATED_CLIENT
        ),
    }  # fmt: skip
    mappings = (
        mappings.ClientMapping,
        mappings.ClientSchoolMapping,
        mappings.AddedMembershipMapping,
        mappings.ClientSportMapping,
        mappings.ClientObservationMapping,
        mappings.BlockNoteMapping,
        mappings.EvaluationMapping,
        mappings.EvaluationGoalMapping,
        mappings.EvaluationFileMapping,
    )
    child_reason = "PERSON_REJECTED"
    archived = {"user_childrens": "NO_TARGET"}
    fast = False  # bookings, vouchers and families decide about memberships, notes and names

    def scope_where(self, scope: Scope) -> str:
        return people_where(scope)

    def needs(self, batch: RowBatch) -> dict[str, set[int]]:
        return {"user": {root.id for root in batch.roots}}

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> facts.ClientFacts:
        return facts.load(batch, read, env)

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        person, rows = aggregate.root, aggregate.rows("levels")
        client = _client(unit, env, person)
        members = memberships.settle(unit, env, client, person, aggregate.rows("memberships"), rows)
        levels.settle(unit, env, client, person, rows, sorted(members))
        notes.settle(
            unit, env, client, person, aggregate.rows("notes"), aggregate.rows("blocks"), set(members)
        )
        evaluations.settle(unit, env, client, aggregate)
        for child in aggregate.rows("children"):
            unit.skip("archive:user_childrens", child, "NO_TARGET", under=client)


def _client(unit: Unit, env: Env, person: Row) -> Entry:
    given, flags = people.given_of(person, env, unit)
    given["user_id"] = env.known["user"].get(person.id)
    own_kind = person.user_type == people.CLIENT
    entry = unit.draft(
        mappings.ClientMapping, person, given,
        disposition=MIGRATED if own_kind else SYNTHESISED, reason="" if own_kind else "CLIENT_FROM_OTHER_TYPE",
    )  # fmt: skip
    people.flag(entry, flags)
    if given["user_id"] is None and address_of(person.email) and person.user_type != people.CHAT:
        entry.keep(recheck=True)  # the account was rejected; once it moves, the client finds it
    return entry

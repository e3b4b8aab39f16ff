"""Season roles: what lets a person into a season of V5 (4.14); legacy has nothing like it."""

from __future__ import annotations

from typing import Any

from entities.engine.definition import Mapping, Migration
from entities.engine.environment import Env
from entities.engine.extract import RowBatch
from entities.engine.fields import Const, Given
from entities.engine.normalise import timestamp
from entities.engine.read import Reader
from entities.engine.values import SYNTHESISED, Aggregate, Row, Unit
from entities.seasons import grants, rules
from entities.seasons.v5 import V5UserSeasonRole
from entities.users.legacy import LegacyUser
from tracking.sentences import sentence

TABLE = "user_season_roles"


class SeasonRoleMapping(Mapping):
    """4.14: exactly one row per V5 user and season."""

    entity = "user_season_role"
    source, target = LegacyUser, V5UserSeasonRole
    keyed = False
    key = ("user_id", "season_id")
    inputs = ("id", "user_type")

    user_id = Given("V5 id of the account", uses=("id",))
    season_id = Given("V5 id of the season")
    role = Given("strongest role at the school", uses=("user_type",), rule="4.14, Q-18, Q-24")
    is_active = Given("1 when the membership is active")
    assigned_at = Given("when the membership was made")
    assigned_by = Const(None)
    created_at = Given("when the membership was made")
    updated_at = Given("when the membership was changed")


class SeasonRoleMigration(Migration):
    """Roles of administrators, viewers and monitors in the seasons of their schools."""

    name, title, phase = "season_roles", "Season roles", 4
    after = ("seasons", "users", "monitors", "courses", "bookings")
    root, root_entity = LegacyUser, ""
    roots = "t.user_type IN (1, 3, 5)"
    mappings = (SeasonRoleMapping,)
    reads = {"admin_restrictions": ("type_id", "action_id", "deleted_at")}
    fast = False

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> grants.Facts:
        return grants.load(batch.roots, read, env)

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        v5_user = env.facts.people.anchors.get(aggregate.root.id)
        if v5_user is None:
            return  # no account, or another legacy row speaks for it
        for number, grant in enumerate(grants.settle(v5_user, env.facts, env)):
            _write(grant, v5_user, aggregate.root, unit, first=number == 0)


def _write(grant: grants.Grant, v5_user: int, row: Row, unit: Unit, *, first: bool) -> None:
    place, facts = grant.membership, unit.env.facts
    part = rules.part_of(place.school, grant.season.name)
    ours = unit.env.existing.get(("user_season_role", row.id, part))
    if (v5_user, grant.season.id) in facts.taken and (ours is None or ours.disposition != SYNTHESISED):
        entry = unit.merge("user_season_role", row, v5_user, TABLE, part=part)
    elif facts.roles and place.role not in facts.roles:
        message = sentence(
            "the application has no role %(role)s: create it, then queue the record again", role=place.role
        )
        entry = unit.reject("user_season_role", row, "VALUE_INVALID", "role", message, part=part)
    else:
        given = _values(grant, v5_user)
        entry = unit.draft(
            SeasonRoleMapping, row, given, part=part, disposition=SYNTHESISED, reason="SEASON_ROLE"
        )
        if place.role == grants.MANAGER and first:
            entry.warn(
                "RESTRICTED_ADMIN", "role", sentence("may not edit or delete everything; the role is manager")
            )
    entry.school_id = place.school


def _values(grant: grants.Grant, v5_user: int) -> dict[str, Any]:
    place = grant.membership
    since = timestamp(place.since)
    return {
        "v5_id": v5_user,
        "user_id": v5_user,
        "season_id": grant.season.id,
        "role": place.role,
        "is_active": int(place.active),
        "assigned_at": since,
        "created_at": since,
        "updated_at": timestamp(place.changed),
    }

"""Accounts and the back office (4.10, 4.11)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from entities.clients.legacy import LegacyUserObservation, LegacyUserSport
from entities.engine.definition import Child, Mapping, Migration
from entities.engine.environment import Env, Scope
from entities.engine.extract import RowBatch
from entities.engine.fields import Computed, Const, Copy, Fallback, Given, Parent, Stamp
from entities.engine.normalise import email, timestamp
from entities.engine.read import Reader
from entities.engine.values import Aggregate, Entry, Row, Unit
from entities.users import accounts, facts, people
from entities.users.back_office import BackOffice
from entities.users.legacy import LegacyAdminRestriction, LegacyUser, LegacyUserPermission, LegacyUserSchool
from entities.users.scope import people_where
from entities.users.v5 import V5ModelHasRole, V5SchoolUser, V5User
from tracking.sentences import sentence

_UNDATED = Fallback(None, "DATE_INVALID")
_STAFF = "EXISTS (SELECT 1 FROM users u WHERE u.id = t.user_id AND u.user_type NOT IN (2, 3))"

# Particulars that an account of V5 has no column for; those of clients and monitors move with these.
PARTICULARS = ("birth_date", "phone", "telephone", "address", "cp", "city", "province_id", "country_id",
               "language1_id", "language2_id", "language3_id")  # fmt: skip


class UserMapping(Mapping):
    """4.10: the winning row of an address becomes the account."""

    entity = "user"
    source, target = LegacyUser, V5User
    inputs = ("birth_date",)
    kept = ("user_collective",)
    excluded = {"logout": "sessions end with the move"}

    username = Copy()
    first_name = Computed(people.first_name, uses=("first_name", "last_name"), rule="Q-08")
    last_name = Computed(people.last_name, uses=("last_name", "first_name"), rule="Q-08")
    email = Copy(convert=email, bad=Fallback(None, "EMAIL_INVALID"))
    password = Copy(
        convert=accounts.password, bad=Fallback(accounts.UNUSABLE, "PASSWORD_UNUSABLE", keep=False)
    )
    image = Given("URL of the picture, which becomes a file (GR-16)", uses=("image",))
    type = Given("kind of user in V5's notation (Q-05)", uses=("user_type",))
    active = Given("1 when active and, for super-administrators, approved", uses=("active", "user_type"))
    recover_token = Const(None)
    created_at = Copy(convert=timestamp, bad=_UNDATED)
    updated_at = Copy(convert=timestamp, bad=_UNDATED)
    deleted_at = Given(
        "empty while any row of the account is alive", uses=("deleted_at", "updated_at", "created_at")
    )
    old_id = Copy("id")
    logout = Const(0)
    school_id = Given("V5 school of the latest active membership", uses=("user_schools.active_school",))
    season_id = Given("season of the newest service date at that school")
    legacy_id = Copy("id")
    migrated_at = Stamp()


class RoleMapping(Mapping):
    """Q-05: the application role of an approved super-administrator."""

    entity = "user"
    source, target = LegacyUser, V5ModelHasRole
    keyed = False

    role_id = Given("V5 role `superadmin`", uses=("user_type",))
    model_type = Const("App\\Models\\User")
    model_id = Given("V5 id of the account", uses=("id",))


class SchoolUserMapping(Mapping):
    """4.11: membership of the back office."""

    entity = "school_user"
    source, target = LegacyUserSchool, V5SchoolUser

    school_id = Parent("school", missing="SCHOOL_UNKNOWN")
    user_id = Given("V5 id of the account", uses=("user_id",))
    created_at = Copy(convert=timestamp, bad=_UNDATED)
    updated_at = Copy(convert=timestamp, bad=_UNDATED)
    deleted_at = Given(
        "when the membership ended (Q-17)", uses=("active_school", "status_updated_at", "updated_at")
    )
    old_id = Copy("id")


class UserMigration(Migration):
    """Log-in accounts, one per address, with the memberships of the back office."""

    name, title, phase, after = "users", "Accounts", 3, ("schools", "seasons")
    root, root_entity = LegacyUser, "user"
    children = {
        "memberships": Child(LegacyUserSchool, "user_id", "school_user", where=_STAFF),
        "restrictions": Child(LegacyAdminRestriction, "user_id", "archive:admin_restrictions"),
        "permissions": Child(LegacyUserPermission, "user_id", "archive:user_permis"),
        "levels": Child(LegacyUserSport, "user_id", "archive:user_sports", where=_STAFF),
        "notes": Child(LegacyUserObservation, "user_id", "archive:user_observations", where=_STAFF),
    }
    mappings = (UserMapping, RoleMapping, SchoolUserMapping)
    archived = {"user_permis": "NO_TARGET"}
    child_reason = "PERSON_REJECTED"
    fast = False  # rows with the same address decide together

    def scope_where(self, scope: Scope) -> str:
        return people_where(scope)

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> facts.UserFacts:
        return facts.load(self, batch, read, env)

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        members = env.facts.clusters.of(aggregate.root)
        if env.facts.clusters.anchor(members) != aggregate.root.id:
            return
        rows = [env.facts.rows[one] for one in members if one in env.facts.rows]
        holders = [row for row in rows if row.user_type in people.KINDS and not has_no_login(row, env)]
        for row in rows:
            if row not in holders:
                _leave_out(unit, row, env)
        if holders:
            _account(unit, holders, env)
        BackOffice(unit, env, SchoolUserMapping).settle(rows)
        if len(members) > 1:
            unit.root_entry = (
                None  # each row keeps its own hash: in a wave of other schools another row speaks
            )


def has_no_login(row: Row, env: Env) -> bool:
    """A client without a usable address gets no account unless Q-15 says so."""
    if row.user_type != people.CLIENT or env.choices.of("dependant_accounts") == "all":
        return False
    return facts.address_of(row.email) is None


def _leave_out(unit: Unit, row: Row, env: Env) -> None:
    if row.user_type == people.CHAT:
        unit.skip("user", row, "SYSTEM_ACCOUNT")
    elif accounts.is_known_kind(row):
        unit.skip("user", row, "NO_LOGIN", archive=False)  # the client keeps every column
    else:
        message = sentence("kind of user %(user_type)s is unknown", user_type=row.user_type)
        unit.reject("user", row, "UNKNOWN_USER_TYPE", "user_type", message, value=row.user_type)


def _account(unit: Unit, rows: Sequence[Row], env: Env) -> Entry:
    """The V5 account of rows that share an address; the others are merged into the winner's."""
    best = accounts.winner(rows, env)
    before = env.facts.before.get(facts.address_of(best.email) or "")
    if before is not None and not any(accounts.owns_account(row, env) for row in rows):
        return [_merge(unit, row, before.id, same_name(row, before), env) for row in rows][0]
    entry = _draft(unit, best, rows, env)
    for row in rows:
        if row.id != best.id:
            _merge(unit, row, entry, accounts.same_person(row, best), env)
    return entry


def _draft(unit: Unit, best: Row, rows: Sequence[Row], env: Env) -> Entry:
    given, flags = people.given_of(best, env, unit)
    school, season = env.facts.home_of([best.id, *(row.id for row in rows)], env)
    given |= {
        "type": accounts.kind_of(best, env),
        "active": int(best.active == 1 and not accounts.is_unapproved(best, env)),
        "deleted_at": accounts.deletion(rows, best, env),
        "school_id": school,
        "season_id": season,
    }
    entry = people.flag(unit.draft(UserMapping, best, given), flags)
    if best.user_type not in (people.CLIENT, people.MONITOR):
        _keep_particulars(entry, best)
    _flag(entry, best, env)
    if accounts.is_approved(best, env) and env.facts.superadmin_role is not None:
        role = {"v5_id": entry.v5_id, "role_id": env.facts.superadmin_role, "model_id": entry.v5_id}
        unit.draft(RoleMapping, best, role, part="role", under=entry)
    return entry


def _merge(unit: Unit, row: Row, into: Entry | int, same: bool, env: Env) -> Entry:
    entry = unit.merge("user", row, into, UserMapping.table)
    if not same:
        entry.warn(
            "EMAIL_SHARED",
            "email",
            sentence("the account belongs to somebody with another name and date of birth"),
        )
    _flag(entry, row, env)
    return entry


def _flag(entry: Entry, row: Row, env: Env) -> None:
    if accounts.is_unapproved(row, env):
        entry.warn(
            "SUPERADMIN_NOT_APPROVED", "user_type", sentence("nobody approved this super-administrator")
        )
    if row.user_type not in (1, 5):
        return
    memberships = env.facts.children["memberships"].get(row.id, [])
    active = {one.school_id for one in memberships if one.active_school == 1}
    if not memberships:
        entry.warn("NO_SCHOOL", message=sentence("the account has no membership in any school"))
    if row.user_type == 1 and len(active) > 1:
        entry.warn("SEVERAL_ACTIVE_SCHOOLS", message=sentence("active in %(n)s schools", n=len(active)))


def _keep_particulars(entry: Entry, row: Row) -> None:
    kept = {name: getattr(row, name) for name in PARTICULARS if getattr(row, name) not in (None, "")}
    if not entry.rejected and kept:
        entry.keep(particulars=kept)


def same_name(row: Row, before: Any) -> bool:
    """Whether the account that V5 had before has the row's names, in whatever order."""
    theirs = sorted((facts.normal_key(before.first_name), facts.normal_key(before.last_name)))
    return theirs == sorted((facts.normal_key(row.first_name), facts.normal_key(row.last_name)))

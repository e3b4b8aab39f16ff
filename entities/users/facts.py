"""What the transform of accounts needs: whole clusters, earlier V5 accounts, home schools."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from entities.engine import resolvers
from entities.engine.environment import Env
from entities.engine.extract import RowBatch, group
from entities.engine.normalise import normal_key
from entities.engine.read import Reader
from entities.users import activity, people
from entities.users.clusters import Clusters, address_of
from entities.users.clusters import load as load_clusters
from entities.users.legacy import LegacyUser
from entities.users.v5 import V5Role, V5SchoolUser, V5User

Seasons = resolvers.of("seasons").Seasons
load_seasons = resolvers.of("seasons").load


if TYPE_CHECKING:
    from entities.engine.definition import Migration

__all__ = ["Earlier", "UserFacts", "address_of", "load", "normal_key"]


@dataclass(frozen=True)
class Earlier:
    """An account that V5 had before the migration."""

    id: int
    first_name: str | None
    last_name: str | None


@dataclass
class UserFacts:
    """Rows and children of a batch's clusters by `users.id`; accounts from before by address."""

    people: people.People
    clusters: Clusters = field(default_factory=Clusters)
    rows: dict[int, Any] = field(default_factory=dict)
    children: dict[str, dict[int, list[Any]]] = field(default_factory=dict)
    before: dict[str, Earlier] = field(default_factory=dict)
    before_schools: dict[tuple[int, int], int] = field(
        default_factory=dict
    )  # V5 id by (account, school), V5 ids
    newest: dict[tuple[int, int], str] = field(default_factory=dict)
    seasons: Seasons = field(default_factory=Seasons)
    superadmin_role: int | None = None

    def home_of(self, ids: Sequence[int], env: Env) -> tuple[int | None, int | None]:
        """V5 school of the latest active membership of the first of these rows that has one, and the season of
        the newest service date there."""
        for person in ids:
            rows = [row for row in self.people.memberships.get(person, ()) if row.active_school == 1]
            home = people.latest(row for row in rows if row.school_id in env.known["school"])
            if home is not None:
                days = [
                    self.newest[one, home.school_id] for one in ids if (one, home.school_id) in self.newest
                ]
                season = self.seasons.find(home.school_id, max(days))[0] if days else None
                return env.known["school"][home.school_id], season
        return None, None


def load(migration: Migration, batch: RowBatch, read: Reader, env: Env) -> UserFacts:
    """All facts of a batch; the rest of its clusters is read along with their children and map entries."""
    clusters = load_clusters(read, env.scope) if env.choices.of("merge_users") == "merge" else Clusters()
    rows = {root.id: root for root in batch.roots}
    others = {one for root in batch.roots for one in clusters.of(root)} - rows.keys()
    rows |= {row.id: row for row in read.legacy(LegacyUser, "id", others)}
    children = _children(migration, batch, read, env, others)
    persons = people.load(read, env, rows)
    found = UserFacts(persons, clusters, rows, children)
    _learn(migration, read, env, found, others)
    found.before = {
        key: one
        for key, one in _before(read).items()
        if key in {address_of(row.email) for row in rows.values()}
    }
    found.before_schools = _schools_before(read, found.before.values())
    found.newest = activity.newest_dates(read, rows)
    found.seasons = load_seasons(
        read, {row.school_id for owned in persons.memberships.values() for row in owned}
    )
    found.superadmin_role = _superadmin_role(read, env)
    return found


def _children(
    migration: Migration, batch: RowBatch, read: Reader, env: Env, others: set[int]
) -> dict[str, dict[int, list[Any]]]:
    """The batch's own children together with those of the other cluster members."""
    return {
        name: {
            **batch.children.get(name, {}),
            **group(read.legacy(child.model, child.key, others, child.where), child.key),
        }
        for name, child in migration.children.items()
    }


def _learn(migration: Migration, read: Reader, env: Env, found: UserFacts, others: set[int]) -> None:
    """Map entries of the rows that this batch's anchors speak for."""
    wanted = {"user": others}
    for name, child in migration.children.items():
        wanted[child.entity] = {row.id for one in others for row in found.children[name].get(one, ())}
    for entity, ids in wanted.items():
        for (legacy_id, part), entry in read.entries(entity, ids).items():
            env.existing[entity, legacy_id, part] = entry


_earlier: WeakKeyDictionary[Any, dict[str, Earlier]] = WeakKeyDictionary()


def _before(read: Reader) -> dict[str, Earlier]:
    """Living V5 accounts that no legacy row made, by address; the lowest id wins. Kept as long as the reader."""
    if read not in _earlier:
        sql = (
            f"SELECT id, email, first_name, last_name FROM {V5User._meta.db_table} "
            "WHERE legacy_id IS NULL AND deleted_at IS NULL AND email IS NOT NULL"
        )
        accounts: dict[str, Earlier] = {}
        for key, raw, first, last in sorted(read.v5_sql(sql), key=lambda row: row[0]):
            if address := address_of(raw):
                accounts.setdefault(address, Earlier(key, first, last))
        _earlier[read] = accounts
    return _earlier[read]


def _schools_before(read: Reader, accounts: Iterable[Earlier]) -> dict[tuple[int, int], int]:
    """Memberships of those accounts. Ones that the migration wrote itself are recognised by their `old_id`."""
    rows = read.v5(V5SchoolUser, "user_id", {account.id for account in accounts})
    return {
        (row.user_id, row.school_id): row.id
        for row in reversed(rows)
        if row.old_id is None and not row.deleted_at
    }


def _superadmin_role(read: Reader, env: Env) -> int | None:
    if not env.choices.of("user_types").superadmins:
        return None
    return min((row.id for row in read.v5_all(V5Role) if row.name == "superadmin"), default=None)

"""Accounts with one e-mail address: found once per reader, so that one row of each cluster speaks for all (Q-16).

The anchor, the row with the lowest id among those in scope, leads to the entries of the whole cluster; the
others lead to none. So two workers never write the same account.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from entities.engine import normalise
from entities.engine.environment import Scope
from entities.engine.errors import BadValue
from entities.engine.read import Reader
from entities.users.scope import people_where

PAGE = 50_000
_PAGE = (
    "SELECT id, email FROM users WHERE id > %s AND user_type BETWEEN 1 AND 5 AND email IS NOT NULL AND email <> '' "
    f"ORDER BY id LIMIT {PAGE}"
)


def address_of(value: Any) -> str | None:
    """The normalised address; None when there is none or it is invalid."""
    try:
        return normalise.email(value)
    except BadValue:
        return None


@dataclass(frozen=True)
class Clusters:
    """Addresses that several accounts share: ids in rising order, and which of them are in scope."""

    members: dict[str, list[int]] = field(default_factory=dict)
    in_scope: frozenset[int] | None = None

    def of(self, row: Any) -> list[int]:
        """The accounts that share the row's address, itself included."""
        address = address_of(row.email) if self.members else None
        return self.members.get(address, [row.id]) if address else [row.id]

    def anchor(self, members: list[int]) -> int:
        """The row that speaks for the cluster."""
        if len(members) == 1 or self.in_scope is None:
            return members[0]
        return next((one for one in members if one in self.in_scope), members[0])


_found: WeakKeyDictionary[Any, dict[Scope, Clusters]] = WeakKeyDictionary()


def load(read: Reader, scope: Scope) -> Clusters:
    """All clusters of the legacy database, read page by page; kept as long as the reader."""
    known = _found.setdefault(read, {})
    if scope not in known:
        members = _members(read)
        ids = [one for group in members.values() for one in group]
        known[scope] = Clusters(members, _in_scope(read, scope, ids))
    return known[scope]


def _members(read: Reader) -> dict[str, list[int]]:
    shared = _shared(_accounts(read))
    rows = read.legacy_sql("SELECT id, email FROM users WHERE id IN ({ids})", shared)
    groups: dict[str, list[int]] = defaultdict(list)
    for key, raw in sorted(rows):
        if address := address_of(raw):
            groups[address].append(key)
    return {address: ids for address, ids in groups.items() if len(ids) > 1}


def _shared(accounts: Iterable[tuple[int, str]]) -> set[int]:
    """Ids of accounts whose address occurs again; only hashes are kept, since there may be very many."""
    first: dict[int, int] = {}
    shared: set[int] = set()
    for key, raw in accounts:
        if address := address_of(raw):
            earlier = first.setdefault(hash(address), key)
            if earlier != key:
                shared |= {earlier, key}
    return shared


def _accounts(read: Reader) -> Iterator[tuple[int, str]]:
    after = 0
    while rows := read.legacy_sql(_PAGE, params=[after]):
        yield from ((row[0], row[1]) for row in rows)
        after = rows[-1][0]


def _in_scope(read: Reader, scope: Scope, ids: list[int]) -> frozenset[int] | None:
    where = people_where(scope)
    if not where:
        return None
    return frozenset(
        row[0]
        for row in read.legacy_sql(f"SELECT t.id FROM users t WHERE t.id IN ({{ids}}) AND ({where})", ids)
    )

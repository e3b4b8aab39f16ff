"""What the transform of clients needs beyond their own rows, in a fixed number of queries per batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from entities.clients.legacy import LegacyUserGroup
from entities.engine import resolvers
from entities.engine.environment import Env, MapEntry
from entities.engine.extract import RowBatch, group
from entities.engine.read import ENTRY, Reader
from entities.users.legacy import LegacyUserSchool

Degrees = resolvers.of("degrees").Degrees
load_degrees = resolvers.of("degrees").load
people = resolvers.of("users").people


Since = dict[int, str | None]  # when something began, by legacy school

_VOUCHERS = (
    "SELECT user_id, school_id, MIN(CAST(created_at AS CHAR)) "
    "FROM vouchers WHERE user_id IN ({ids}) GROUP BY user_id, school_id"
)
_ACTIVE_CLIENT = (
    "t.active_school = 1 AND EXISTS (SELECT 1 FROM users m WHERE m.id = t.user_id AND m.user_type = 2)"
)
_SCHOOL_OF_DEGREE = "SELECT id, school_id FROM degrees_school_sport WHERE id IN ({ids})"


@dataclass
class ClientFacts:
    """By `users.id`: schools of the active memberships of main clients, of vouchers; degrees of the schools."""

    people: people.People
    degrees: Degrees = field(default_factory=Degrees)
    of_mains: dict[int, Since] = field(default_factory=dict)
    of_vouchers: dict[int, Since] = field(default_factory=dict)
    school_of_degree: dict[int, int | None] = field(default_factory=dict)


def load(batch: RowBatch, read: Reader, env: Env) -> ClientFacts:
    """All facts of a batch of persons; `env.known` learns every school that is named."""
    ids = [root.id for root in batch.roots]
    of_mains, of_vouchers = _of_mains(read, ids), _of_vouchers(read, ids)
    asked = {row.degrees_school_sport_id for row in batch.all("evaluations")}
    school_of_degree = {row[0]: row[1] for row in read.legacy_sql(_SCHOOL_OF_DEGREE, asked)}
    named = {row.school_id for name in ("levels", "blocks") for row in batch.all(name)} | set(
        school_of_degree.values()
    )
    named |= {school for since in (*of_mains.values(), *of_vouchers.values()) for school in since}
    facts = ClientFacts(
        people.load(read, env, ids, named), Degrees(), of_mains, of_vouchers, school_of_degree
    )
    facts.degrees = load_degrees(read, _wanted(batch, env))
    _learn_added(batch, read, env, facts)
    return facts


def _of_mains(read: Reader, ids: Iterable[int]) -> dict[int, Since]:
    """Schools at which the main clients of these persons are active (MEMBERSHIP_FROM_MAIN)."""
    links = [
        one
        for one in read.legacy(LegacyUserGroup, "user_secondary_id", ids)
        if one.user_main_id != one.user_secondary_id
    ]
    mains = {link.user_main_id for link in links}
    active = group(read.legacy(LegacyUserSchool, "user_id", mains, _ACTIVE_CLIENT), "user_id")
    found: dict[int, Since] = defaultdict(dict)
    for link in links:
        for row in active.get(link.user_main_id, ()):
            found[link.user_secondary_id].setdefault(row.school_id, people.moment_of(row.created_at))
    return found


def _of_vouchers(read: Reader, ids: Iterable[int]) -> dict[int, Since]:
    found: dict[int, Since] = defaultdict(dict)
    for person, school, made in read.legacy_sql(_VOUCHERS, ids):
        found[person][school] = people.moment_of(made)
    return found


def _wanted(batch: RowBatch, env: Env) -> set[tuple[int | None, int, int]]:
    """Every level that may be asked for: rows without school may hold for each school that is known."""
    rows = list(batch.all("levels"))
    wanted = {(row.school_id, row.sport_id, row.degree_id) for row in rows if row.school_id is not None}
    return wanted | {
        (school, row.sport_id, row.degree_id)
        for row in rows
        if row.school_id is None
        for school in env.known["school"]
    }


def added_part(person: int, school: int) -> str:
    """The map's part of a membership without a legacy row."""
    return f"{person}:{school}"


def block_part(person: int, school: int) -> str:
    """The map's part of a note that only a block led to."""
    return f"block:{person}:{school}"


def _learn_added(batch: RowBatch, read: Reader, env: Env, facts: ClientFacts) -> None:
    """Map entries of rows that an earlier run added for these persons."""
    parts: dict[str, set[str]] = {"client_school": set(), "client_observation": set()}
    levels = group(batch.all("levels"), "user_id")
    for root in batch.roots:
        schools = {
            *facts.people.bookings.get(root.id, ()),
            *facts.of_mains.get(root.id, ()),
            *facts.of_vouchers.get(root.id, ()),
        }
        schools |= {row.school_id for row in levels.get(root.id, ()) if row.school_id is not None}
        parts["client_school"] |= {added_part(root.id, school) for school in schools}
    parts["client_observation"] = {block_part(row.client_id, row.school_id) for row in batch.all("blocks")}
    for entity, wanted in parts.items():
        env.existing |= {
            (entity, 0, part): entry for part, entry in entries_of_parts(read, entity, wanted).items()
        }


def entries_of_parts(read: Reader, entity: str, parts: Iterable[str]) -> dict[str, MapEntry]:
    """Map entries without a legacy id, by part; reading all of them for each batch would take too long."""
    sql = f"SELECT {ENTRY} FROM legacy_id_mappings WHERE entity_type = %s AND legacy_id = 0 AND part IN ({{ids}})"
    rows: list[tuple[Any, ...]] = read.v5_sql(sql, set(parts), [entity])
    return {row[1]: MapEntry(*row[2:]) for row in rows}

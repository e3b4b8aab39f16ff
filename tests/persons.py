"""People built by hand, and a look at what became of one of them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from entities.clients.facts import ClientFacts
from entities.clients.migration import ClientMigration
from entities.degrees.resolver import Degrees
from entities.users import people
from entities.users.legacy import LegacyUser, LegacyUserSchool
from tests.rows import environment, outcome, row, transformed

HASH = "$2y$10$" + "a" * 53
DEGREES = Degrees({(3, 1, 8): [80], (4, 1, 8): [81, 82]}, {80: 800, 81: 801}, {}, frozenset({8}))


def person(key: int = 1, kind: int = 2, **given: Any) -> Any:
    facts = {
        "email": f"p{key}@example.org", "password": HASH, "first_name": f"First{key}", "last_name": f"Last{key}",
        "birth_date": f"19{60 + key % 40}-05-06", "image": "", "active": 1, "user_collective": 0, "logout": 0, "telephone": "",
        "updated_at": "2024-01-01 08:00:00", "created_at": "2020-01-01 08:00:00",
    }  # fmt: skip
    return row(LegacyUser, id=key, user_type=kind, **{**facts, **given})


def link(key: int, user: int, school: int = 3, **given: Any) -> Any:
    facts = {"active_school": 1, "created_at": "2021-01-01 08:00:00", "updated_at": "2022-01-01 08:00:00"}
    return row(LegacyUserSchool, id=key, user_id=user, school_id=school, **{**facts, **given})


def one(entries: list[Any], entity: str, key: int, part: str = "") -> Any:
    found = [entry for entry in entries if (entry.entity, entry.legacy_id, entry.part) == (entity, key, part)]
    assert len(found) == 1, f"{entity}:{key} in {entries}"
    return found[0]


def of(entries: list[Any], entity: str) -> list[tuple[int, str, str, str]]:
    return [
        (key, part, disposition, reason)
        for name, key, part, disposition, reason in outcome(entries)
        if name == entity
    ]


def client_moved(root: Any, *, choices: Any = None, schools: Any = None, user: dict[int, int] | None = None, facts: Any = None,
          bookings: Any = None, left_out: frozenset[int] = frozenset(), **children: list[Any]) -> list[Any]:  # fmt: skip
    """The entries of one person; schools 3 and 4 are 30 and 40 in V5, sport 1 is 10, level 8 is known."""
    memberships = {root.id: children.get("memberships", [])}
    found = ClientFacts(
        people.People(defaultdict(dict, bookings or {}), memberships, left_out=left_out),
        DEGREES,
        **(facts or {}),
    )
    env = environment(choices, facts=found, school={3: 30, 4: 40}, sport={1: 10}, degree={80: 800}, degree_goal={6: 60},
                      user={} if user is None else user, schools=schools)  # fmt: skip
    return transformed(ClientMigration(), env, root, **children)

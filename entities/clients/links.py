"""Dependants of main clients (4.12.4)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from entities.clients.legacy import LegacyUserGroup
from entities.clients.v5 import V5ClientUtilizer
from entities.engine import resolvers
from entities.engine.definition import Mapping, Migration
from entities.engine.environment import Env, MapEntry, Scope
from entities.engine.extract import RowBatch
from entities.engine.fields import Const, Copy, Fallback, Parent
from entities.engine.normalise import timestamp
from entities.engine.read import Reader
from entities.engine.values import Aggregate, Entry, Row, Unit
from tracking.sentences import sentence

any_of_them_where = resolvers.of("users").any_of_them_where


_UNDATED = Fallback(None, "DATE_INVALID")
Pair = tuple[int, int]  # main, dependant


class ClientUtilizerMapping(Mapping):
    """4.12.4: both ends are clients."""

    entity = "client_utilizer"
    source, target = LegacyUserGroup, V5ClientUtilizer

    main_id = Parent("client", "user_main_id", missing="UTILIZER_NOT_CLIENT")
    client_id = Parent("client", "user_secondary_id", missing="UTILIZER_NOT_CLIENT")
    created_at = Copy(convert=timestamp, bad=_UNDATED)
    updated_at = Copy(convert=timestamp, bad=_UNDATED)
    deleted_at = Const(None)
    old_id = Copy("id")


@dataclass
class Families:
    """All links around a batch: rows by pair, lowest id first, and the mains of each dependant."""

    rows: dict[Pair, list[Any]] = field(default_factory=lambda: defaultdict(list))
    mains: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    clients: dict[int, MapEntry] = field(default_factory=dict)

    def add(self, link: Row) -> None:
        pair = (link.user_main_id, link.user_secondary_id)
        self.rows[pair].append(link)
        if pair[0] != pair[1]:
            self.mains[pair[1]].add(pair[0])


class ClientLinkMigration(Migration):
    """Family links; of equal ones the lowest id leads to the entries of all."""

    name, title, phase, after = "client_links", "Families", 3, ("clients",)
    root, root_entity = LegacyUserGroup, "client_utilizer"
    mappings = (ClientUtilizerMapping,)
    fast = False  # other links decide about warnings

    def scope_where(self, scope: Scope) -> str:
        return any_of_them_where("t.user_main_id, t.user_secondary_id", scope)

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> Families:
        families = Families()
        people = {one for root in batch.roots for one in (root.user_main_id, root.user_secondary_id)}
        links = {
            row.id: row
            for column in ("user_main_id", "user_secondary_id")
            for row in read.legacy(LegacyUserGroup, column, people)
        }
        for key in sorted(links):
            families.add(links[key])
        families.clients = {
            key: entry for (key, part), entry in read.entries("client", people).items() if not part
        }
        equal = {
            row.id for root in batch.roots for row in families.rows[root.user_main_id, root.user_secondary_id]
        }
        for (key, part), entry in read.entries(
            "client_utilizer", equal - {root.id for root in batch.roots}
        ).items():
            env.existing["client_utilizer", key, part] = entry
        return families

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        row, families = aggregate.root, env.facts
        pair = (row.user_main_id, row.user_secondary_id)
        equal = families.rows[pair]
        if equal[0].id != row.id:
            return
        if pair[0] == pair[1]:
            for one in equal:
                unit.skip("client_utilizer", one, "SELF_LINK")
            return
        fault = _fault(pair, families, env)
        entry = _refused(unit, row, fault) if fault else unit.draft(ClientUtilizerMapping, row)
        for one in equal[1:]:
            _refused(unit, one, fault) if fault else unit.merge("client_utilizer", one, entry)
        if not fault:
            _flag(entry, pair, families)


def _fault(pair: Pair, families: Families, env: Env) -> str:
    """Why a link cannot move: one end is no client, was rejected, or moves with other schools; "" if it can."""
    for person in pair:
        entry = families.clients.get(person)
        if entry is None:
            return "UTILIZER_NOT_CLIENT" if env.scope.schools is None else "OUT_OF_SCOPE_SCHOOL"
        if entry.v5_id is None:
            return "PERSON_REJECTED"
    return ""


def _refused(unit: Unit, row: Row, fault: str) -> Entry:
    if fault == "OUT_OF_SCOPE_SCHOOL":
        return unit.skip("client_utilizer", row, fault, archive=False)
    return unit.reject(
        "client_utilizer", row, fault, message=sentence("one of the two persons has no client record in V5")
    )


def _flag(entry: Entry, pair: Pair, families: Families) -> None:
    main, dependant = pair
    if len(families.mains[dependant]) > 1:
        entry.warn(
            "SEVERAL_MAINS",
            "user_secondary_id",
            sentence("%(n)s main clients", n=len(families.mains[dependant])),
        )
    if dependant in families.mains[main]:
        entry.warn(
            "UTILIZER_CYCLE",
            "user_secondary_id",
            sentence(
                "persons %(main)s and %(dependant)s depend on each other", main=main, dependant=dependant
            ),
        )

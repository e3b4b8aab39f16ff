"""Q-35: one stand-in per school for unknown payers, participants and voucher owners, when something is at stake."""

from __future__ import annotations

from entities.clients.facts import entries_of_parts
from entities.clients.v5 import V5Client, V5ClientSchool
from entities.engine import resolvers
from entities.engine.definition import Mapping, Migration
from entities.engine.environment import Env, Scope
from entities.engine.extract import RowBatch
from entities.engine.fields import Const, Given
from entities.engine.normalise import BIRTH_DATE_SENTINEL, UNKNOWN_NAME
from entities.engine.read import Reader
from entities.engine.values import SYNTHESISED, Aggregate, Row, Unit
from entities.schools.legacy import LegacySchool

people = resolvers.of("users").people


_NOBODY = "NOT EXISTS (SELECT 1 FROM users u WHERE u.id = {0} AND u.user_type BETWEEN 1 AND 6)"
_PAYER = """SELECT DISTINCT b.school_id FROM bookings2 b
    WHERE {0} AND (b.price_total <> 0 OR EXISTS (SELECT 1 FROM booking_users2 l WHERE l.booking2_id = b.id))"""
_PARTICIPANT = (
    """SELECT DISTINCT b.school_id FROM booking_users2 l JOIN bookings2 b ON b.id = l.booking2_id WHERE {0}"""
)
_OWNER = "SELECT DISTINCT v.school_id FROM vouchers v WHERE {0}"
_USES = ((_PAYER, "b.user_main_id"), (_PARTICIPANT, "l.user_id"), (_OWNER, "v.user_id"))

_REJECTED = (
    "SELECT legacy_id FROM legacy_id_mappings WHERE entity_type = 'client' AND disposition = 'rejected'"
)


def part_of(school: int) -> str:
    """The map's part of a school's stand-in; its legacy id is 0."""
    return f"placeholder:{school}"


class PlaceholderMapping(Mapping):
    """A client who stands in for unknown people of a school."""

    entity = "client"
    source, target = LegacySchool, V5Client

    email = Const(None)
    first_name = Const(UNKNOWN_NAME)
    last_name = Given("`client` and the name of the school", uses=("name",))
    birth_date = Const(BIRTH_DATE_SENTINEL, rule="Q-06")
    user_id = Const(None)
    created_at = Const(None)
    updated_at = Const(None)
    deleted_at = Const(None)
    old_id = Const(None)


class PlaceholderMembershipMapping(Mapping):
    """The stand-in belongs to its school."""

    entity = "client_school"
    source, target = LegacySchool, V5ClientSchool

    client_id = Given("V5 id of the stand-in")
    school_id = Given("V5 id of the school", uses=("id",))
    created_at = Const(None)
    updated_at = Const(None)
    deleted_at = Const(None)
    old_id = Const(None)
    status_updated_at = Const(None)
    accepted_at = Const(people.LONG_AGO)  # the back office lists only accepted clients


class PlaceholderClientMigration(Migration):
    """Stand-ins of the schools that need one; the map knows them as (`client`, 0, `placeholder:<legacy school>`)."""

    name, title, phase, after = "placeholder_clients", "Stand-in clients", 3, ("clients",)
    root, root_entity = LegacySchool, ""
    mappings = (PlaceholderMapping, PlaceholderMembershipMapping)
    fast = False  # bookings and vouchers decide

    def scope_where(self, scope: Scope) -> str:
        return scope.where("t.id")

    def school_of(self, root: Row) -> int | None:
        return int(root.id)

    def needs(self, batch: RowBatch) -> dict[str, set[int]]:
        return {"school": {root.id for root in batch.roots}}

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> set[int]:
        """Legacy schools that need a stand-in."""
        parts = {part_of(root.id) for root in batch.roots}
        for entity in ("client", "client_school"):
            env.existing |= {
                (entity, 0, part): entry for part, entry in entries_of_parts(read, entity, parts).items()
            }
        return _schools_of_unknown_people(read)

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        school, part = aggregate.root, part_of(aggregate.root.id)
        place = env.known["school"].get(school.id)
        needed = (
            school.id in env.facts and env.choices.of("missing_client", school=school.id) == "placeholder"
        )
        if place is None or not (needed or ("client", 0, part) in env.existing):
            return
        name = {"last_name": f"client, {school.name}"[:255]}
        client = unit.draft(PlaceholderMapping, school, name, part=part, legacy_id=0, disposition=SYNTHESISED,
                            reason="PLACEHOLDER_CLIENT")  # fmt: skip
        client.keep(
            warnings=["BIRTH_DATE_UNKNOWN"]
        )  # counted with the other sentinels, but no issue for a person
        given = {"client_id": client.v5_id, "school_id": place}
        unit.draft(PlaceholderMembershipMapping, school, given, part=part, legacy_id=0, disposition=SYNTHESISED,
                   reason="PLACEHOLDER_CLIENT", under=client)  # fmt: skip


def _schools_of_unknown_people(read: Reader) -> set[int]:
    """Schools with a booking, line or voucher of somebody who is in no table, of no known kind, or rejected."""
    rejected = {row[0] for row in read.v5_sql(_REJECTED)}
    found: set[int] = set()
    for sql, column in _USES:
        found |= {row[0] for row in read.legacy_sql(sql.format(_NOBODY.format(column)))}
        found |= {row[0] for row in read.legacy_sql(sql.format(f"{column} IN ({{ids}})"), rejected)}
    return found

"""Counts of accounts, clients and monitors with what belongs to them (section 3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.reconciliation.check import Check
from entities.reconciliation.checks.counted import Ask, Counted, Multiplied, Owned
from entities.reconciliation.checks.plainly import (
    INVISIBLE,
    address,
    day,
    is_plain,
    school_of,
    schools,
    targets,
)
from entities.reconciliation.reading import Reading

HOW_ONE = _("Every legacy row must have a V5 record of its own, or a reason why not.")
HOW_BOTH = _(
    "Worked out from legacy and looked up in V5 through the V5 records' own references, from both ends."
)
# Somebody who is no client by kind becomes one by paying, taking part or owning a voucher.
USED = " OR ".join(
    f"EXISTS (SELECT 1 FROM {table} x WHERE x.{column} = u.id)"
    for table, column in (
        ("bookings2", "user_main_id"),
        ("booking_users2", "user_id"),
        ("vouchers", "user_id"),
    )
)


def shared_addresses(read: Reading) -> dict[str, list[int]]:
    """Accounts by address, for addresses that several of them have; the database finds the candidates."""
    if "shared" not in read.memory:
        bare = "email"
        for _one in INVISIBLE:
            bare = f"REPLACE({bare}, %s, '')"
        key = f"LOWER(TRIM({bare}))"
        of_kind = "user_type BETWEEN 1 AND 5 AND email IS NOT NULL AND email <> ''"
        keys = [row.address for row in read.legacy(
            f"SELECT {key} AS address FROM users WHERE {of_kind} GROUP BY {key} HAVING COUNT(*) > 1", [*INVISIBLE, *INVISIBLE]
        )]  # fmt: skip
        found: dict[str, list[int]] = defaultdict(list)
        sql = f"SELECT id, email FROM users WHERE {of_kind} AND {key} IN ({{ids}})"
        for row in read.within("legacy", sql, keys, list(INVISIBLE)):
            if one := address(row.email):
                found[one].append(row.id)
        read.memory["shared"] = {one: sorted(ids) for one, ids in found.items() if len(ids) > 1}
    known: dict[str, list[int]] = read.memory["shared"]
    return known


class _People(Counted):
    phase, how = 3, HOW_ONE
    table = "users"


class Users(_People):
    """One account per address; without an address only for those who work (4.10, Q-15, Q-16)."""

    id, title = "R-10-users", _("Accounts: one per e-mail address, none for clients without one")
    how = _(
        "Legacy accounts are put together by e-mail address and held against the V5 accounts they led to."
    )
    entity, v5_table = "user", "users"

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        merging = read.choices.of("merge_users") == "merge"
        shared = shared_addresses(read) if merging else {}
        rows = read.legacy("SELECT id, email, user_type FROM users WHERE id > %s AND id <= %s", [after, upto])
        leaders = {ids[0]: one for one, ids in shared.items()}
        later = {key for ids in shared.values() for key in ids[1:]}
        for row in rows:
            if row.id in leaders:
                for key in shared[leaders[row.id]]:
                    yield Ask(leaders[row.id], None, key)
            elif row.id not in later:
                yield self._alone(row, read)

    @staticmethod
    def _alone(row: Any, read: Reading) -> Ask:
        found = address(row.email)
        works = row.user_type in (1, 3, 4, 5) or read.choices.of("dependant_accounts") == "all"
        wanted = works if row.user_type != 2 or works else found is not None
        if row.user_type not in (1, 2, 3, 4, 5) or not wanted:
            return Ask(None, None, row.id)
        return Ask(
            row.id, None, row.id, may=frozenset() if works or is_plain(found) else frozenset({"NO_LOGIN"})
        )


class SchoolUsers(_People):
    id, title = "R-10-school-users", _("Members of the back office: one per account and school")
    entity, v5_table, legacy_table = "school_user", "school_users", "user_schools"

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        rows = read.legacy(
            "SELECT m.id, m.user_id, m.school_id, m.active_school FROM user_schools m JOIN users u ON u.id = m.user_id"
            " WHERE u.user_type IN (1, 5) AND m.user_id > %s AND m.user_id <= %s", [after, upto]
        )  # fmt: skip
        accounts = targets(read, "user", {row.user_id for row in rows})
        for row in rows:
            skip = (
                frozenset({"INACTIVE_MEMBERSHIP"})
                if _may_stay_behind(read, row, "school_users")
                else frozenset()
            )
            yield Ask(
                (accounts.get(row.user_id, -row.user_id), row.school_id), row.school_id, row.id, may=skip
            )


def _may_stay_behind(read: Reading, row: Any, who: str) -> bool:
    answer = read.choices.of("inactive_membership", school=row.school_id)
    return row.active_school != 1 and getattr(answer, who) == "skip"


class Clients(_People):
    id, title = (
        "R-10-clients",
        _("Clients: one per client of legacy, and per other person who books or takes part"),
    )
    entity, v5_table = "client", "clients"

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        sql = ("SELECT u.id, CASE WHEN u.user_type = 2 OR u.user_type BETWEEN 1 AND 6 AND (" + USED + ") THEN 1 ELSE 0"
               " END AS is_client FROM users u WHERE u.id > %s AND u.id <= %s")  # fmt: skip
        for row in read.legacy(sql, [after, upto]):
            yield Ask(row.id if row.is_client else None, None, row.id)


OF_CLIENTS = (
    "(u.user_type = 2 OR u.id IS NULL)"  # rows of nobody are counted, and explained, with the clients
)
CAUSES = (
    "SELECT b.user_main_id AS person, b.school_id FROM bookings2 b WHERE b.user_main_id > %s AND b.user_main_id <= %s",
    "SELECT l.user_id AS person, b.school_id FROM booking_users2 l JOIN bookings2 b ON b.id = l.booking2_id"
    " WHERE l.user_id > %s AND l.user_id <= %s",
    "SELECT v.user_id AS person, v.school_id FROM vouchers v WHERE v.user_id > %s AND v.user_id <= %s",
    "SELECT g.user_secondary_id AS person, m.school_id FROM user_groups g JOIN users d ON d.id = g.user_secondary_id"
    " AND d.user_type = 2 JOIN users u ON u.id = g.user_main_id AND u.user_type = 2 JOIN user_schools m"
    " ON m.user_id = u.id AND m.active_school = 1 WHERE u.id <> d.id AND g.user_secondary_id > %s"
    " AND g.user_secondary_id <= %s",
    "SELECT s.user_id AS person, s.school_id FROM user_sports s JOIN users u ON u.id = s.user_id AND u.user_type = 2"
    " WHERE s.school_id IS NOT NULL AND s.user_id > %s AND s.user_id <= %s",
)


def called_for(read: Reading, after: int, upto: int) -> dict[int, set[int]]:
    """Schools that have to do with a person although no membership says so, by legacy person (4.12.2)."""
    found: dict[int, set[int]] = defaultdict(set)
    for sql in CAUSES:
        for row in read.legacy(f"SELECT DISTINCT person, school_id FROM ({sql}) x", [after, upto]):
            if row.school_id in schools(read):
                found[row.person].add(row.school_id)
    return found


class ClientSchools(Owned):
    """Memberships, and those that bookings, vouchers, families and levels call for."""

    id, title = (
        "R-10-client-schools",
        _("Memberships of clients: one per person and school that have to do with each other"),
    )
    how, phase = HOW_BOTH, 3
    entity, table, v5_table, legacy_table = "client_school", "users", "clients_schools", "user_schools"

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        rows = read.legacy(
            "SELECT m.id, m.user_id, m.school_id, m.active_school FROM user_schools m LEFT JOIN users u"
            f" ON u.id = m.user_id WHERE {OF_CLIENTS} AND m.user_id > %s AND m.user_id <= %s", [after, upto]
        )  # fmt: skip
        for row in rows:
            skip = (
                frozenset({"INACTIVE_MEMBERSHIP"}) if _may_stay_behind(read, row, "clients") else frozenset()
            )
            yield Ask((row.user_id, row.school_id), row.school_id, row.id, may=skip)
        more = called_for(read, after, upto)
        known = targets(read, "client", more)
        for person, places in more.items():
            if person in known:
                yield from (Ask((person, school), school, 0) for school in sorted(places))

    def held(self, read: Reading, after: int, upto: int) -> Iterable[tuple[Hashable, int | None, int]]:
        sql = held_sql("client", "s.id, s.school_id", "clients_schools s ON s.client_id = m.v5_id")
        back = school_of(read)
        for row in read.v5(sql, [after, upto]):
            yield (row.person, back.get(row.school_id)), back.get(row.school_id), row.id


def held_sql(entity: str, columns: str, join: str) -> str:
    """V5 rows of the persons in a range of legacy ids."""
    return (
        f"SELECT DISTINCT m.legacy_id AS person, {columns} FROM legacy_id_mappings m JOIN {join} WHERE m.entity_type ="
        f" '{entity}' AND m.v5_table = '{entity}s' AND m.part = '' AND m.legacy_id > %s AND m.legacy_id <= %s"
    )


class ClientLinks(_People):
    id, title = "R-10-client-links", _("Families: one link per payer and dependant")
    how = _("Equal pairs of payer and dependant must have led to one V5 link; nobody depends on himself.")
    entity, v5_table, legacy_table = "client_utilizer", "clients_utilizers", "user_groups"

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        sql = "SELECT id, user_main_id, user_secondary_id FROM user_groups WHERE user_main_id > %s AND user_main_id <= %s"
        for row in read.legacy(sql, [after, upto]):
            pair = (row.user_main_id, row.user_secondary_id)
            yield Ask(None if pair[0] == pair[1] else pair, None, row.id)


class Monitors(_People):
    id, title = "R-10-monitors", _("Monitors: one per monitor of legacy")
    entity, v5_table = "monitor", "monitors"

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        for row in read.legacy("SELECT id, user_type FROM users WHERE id > %s AND id <= %s", [after, upto]):
            yield Ask(row.id if row.user_type == 3 else None, None, row.id)


class MonitorSchools(_People):
    id, title = "R-10-monitor-schools", _("Memberships of monitors: one per person and school")
    entity, v5_table, legacy_table = "monitor_school", "monitors_schools", "user_schools"

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        rows = read.legacy(
            "SELECT m.id, m.user_id, m.school_id FROM user_schools m JOIN users u ON u.id = m.user_id"
            " WHERE u.user_type = 3 AND m.user_id > %s AND m.user_id <= %s", [after, upto]
        )  # fmt: skip
        return [Ask((row.user_id, row.school_id), row.school_id, row.id) for row in rows]


class AbsenceDays(Multiplied):
    """Days from the first to the last, both included; one record where Q-23 keeps periods."""

    id, title = "R-13", _("Absences of monitors: as many V5 records as days")
    how = _(
        "The number of days between the first and the last of each legacy absence is held against its V5 records."
    )
    rule, phase = "R-13, 4.13.5", 3
    entity, table, v5_table = "monitor_nwd", "user_nwd", "monitor_nwd"

    def numbers(self, read: Reading, after: int, upto: int) -> Iterable[tuple[int, int | None, int]]:
        per_day = read.choices.of("absence_rows").rows == "per_day"
        sql = ("SELECT id, school_id, TEXT(start_date) AS first, TEXT(end_date) AS last FROM user_nwd"
               " WHERE id > %s AND id <= %s")  # fmt: skip
        for row in read.legacy(sql, [after, upto]):
            first, last = day(row.first), day(row.last)
            known = per_day and first and last and last >= first
            yield row.id, row.school_id, (last - first).days + 1 if known and first and last else 1


PEOPLE: tuple[type[Check], ...] = (
    Users, SchoolUsers, Clients, ClientSchools, ClientLinks, Monitors, MonitorSchools, AbsenceDays,
)  # fmt: skip

"""R-27: who gets into which season, worked out again from memberships and from what monitors had to do (4.14)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from entities.reconciliation.check import Kind, Looked, Ranged, Seen
from entities.reconciliation.checks.plainly import deleted, school_of, today
from entities.reconciliation.reading import Reading

STRONGEST = ("admin", "manager", "viewer", "monitor")
WORK = (
    "SELECT s.monitor_id AS person, c.school_id, TEXT(d.date) AS first, TEXT(d.date) AS last FROM course_groups_subgroups2 s"
    " JOIN course_groups2 g ON g.id = s.course_group2_id JOIN courses2 c ON c.id = g.course2_id JOIN course_dates2 d"
    " ON d.course2_id = c.id WHERE s.monitor_id IN ({ids})",
    "SELECT r.monitor_id AS person, c.school_id, TEXT(r.date) AS first, TEXT(r.date) AS last FROM subgroups_monitor_dates r"
    " JOIN course_groups_subgroups2 s ON s.id = r.subgroup_id JOIN course_groups2 g ON g.id = s.course_group2_id"
    " JOIN courses2 c ON c.id = g.course2_id WHERE r.monitor_id IN ({ids})",
    "SELECT l.monitor_id AS person, b.school_id, TEXT(l.date) AS first, TEXT(l.date) AS last FROM booking_users2 l"
    " JOIN bookings2 b ON b.id = l.booking2_id WHERE l.monitor_id IN ({ids})",
    "SELECT user_id AS person, school_id, TEXT(start_date) AS first, TEXT(end_date) AS last FROM user_nwd"
    " WHERE user_id IN ({ids})",
)
SEASONS = "SELECT id, school_id, name, TEXT(start_date) AS first, TEXT(end_date) AS last FROM seasons WHERE deleted_at IS NULL"


class Wanted(NamedTuple):
    role: str
    school: int


class SeasonRoles(Ranged):
    """The back office has one role in every season of its school; monitors in those they worked in and the running one.

    Several roles of a person in a season become the strongest. Roles that V5 had before stay as they are.
    """

    id, title = "R-27", _("Everybody has exactly one role in each season he or she works in")
    how = _(
        "The role that each V5 membership and the monitor's legacy work call for is held against the V5 season roles."
    )
    rule, phase, table = "R-27, 4.14", 4, "users"

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        people = self._people(read, after, upto)
        if not people:
            return
        wanted = self._wanted(read, people)
        roles, ours = self._found(read, set(people))
        refused = self._entries(read, "legacy_id", {min(some) for some in people.values()}, "rejected")
        known = {row.name for row in read.v5("SELECT DISTINCT name FROM roles")}
        back, places = school_of(read), {row.id: row.school_id for row in read.v5(SEASONS)}
        for account, some in people.items():
            person, asked = min(some), wanted.get(account, {})
            for season, one in asked.items():
                if not read.scope.has(one.school):
                    continue
                role = roles[account].get(season)
                if role is None and (person, season) in refused:
                    looked.of(one.school).legacy += 1
                    looked.of(one.school).explained["VALUE_INVALID"] += 1
                else:
                    self._one(person, season, one, role, (account, season) in ours, known, looked)
            for season, role in roles[account].items():
                school = back.get(places.get(season, 0))
                if season not in asked and (account, season) in ours and read.scope.has(school):
                    looked.of(school).target += 1
                    looked.find(
                        _seen(
                            Kind.EXTRA,
                            school,
                            person,
                            season,
                            None,
                            role,
                            "no membership calls for this role",
                        )
                    )

    @staticmethod
    def _people(read: Reading, after: int, upto: int) -> dict[int, dict[int, int]]:
        """Kinds by legacy person, by the V5 account they share; each account where its first person is."""
        sql = (
            "SELECT legacy_id, v5_id FROM legacy_id_mappings WHERE entity_type = 'user' AND v5_table = 'users' AND part = ''"
            " AND v5_id IS NOT NULL"
        )
        mine = {row.v5_id for row in read.v5(f"{sql} AND legacy_id > %s AND legacy_id <= %s", [after, upto])}
        account = {
            row.legacy_id: row.v5_id for row in read.within("v5", f"{sql} AND v5_id IN ({{ids}})", mine)
        }
        rows = read.within(
            "legacy",
            "SELECT id, user_type FROM users WHERE user_type IN (1, 3, 5) AND id IN ({ids})",
            account,
        )
        found: dict[int, dict[int, int]] = defaultdict(dict)
        for row in rows:
            found[account[row.id]][row.id] = row.user_type
        return {key: some for key, some in found.items() if after < min(some) <= upto}

    def _wanted(self, read: Reading, people: dict[int, dict[int, int]]) -> dict[int, dict[int, Wanted]]:
        back = school_of(read)
        seasons: dict[int, list[Any]] = defaultdict(list)
        for row in read.v5(SEASONS):
            seasons[back.get(row.school_id, 0)].append(row)
        found: dict[int, dict[int, Wanted]] = defaultdict(dict)
        for account, school, role in self._office(read, people):
            for season in seasons[school]:
                self._grant(found[account], season.id, Wanted(role, school))
        teachers = {
            key: account for account, some in people.items() for key, kind in some.items() if kind == 3
        }
        work, now = self._work(read, teachers), today(read)
        for person, school in self._teaching(read, teachers):
            for season in seasons[school]:
                first, last = season.first[:10], season.last[:10]
                if first <= now <= last or any(
                    one <= last and end >= first for one, end in work[person, school]
                ):
                    self._grant(found[teachers[person]], season.id, Wanted("monitor", school))
        return found

    @staticmethod
    def _grant(given: dict[int, Wanted], season: int, one: Wanted) -> None:
        if season not in given or STRONGEST.index(one.role) < STRONGEST.index(given[season].role):
            given[season] = one

    @staticmethod
    def _office(read: Reading, people: dict[int, dict[int, int]]) -> list[tuple[int, int, str]]:
        """(account, legacy school, role) of the legacy back office; who may not edit or delete all is a manager (Q-18)."""
        staff = {key: account for account, some in people.items() for key, kind in some.items() if kind != 3}
        rows = read.within(
            "legacy", "SELECT user_id, action_id, TEXT(deleted_at) AS deleted FROM admin_restrictions WHERE user_id IN ({ids})",
            staff,
        )  # fmt: skip
        limited = {row.user_id for row in rows if row.action_id in (2, 4) and not deleted(row.deleted)}
        links = read.within(
            "legacy",
            "SELECT user_id, school_id, active_school FROM user_schools WHERE user_id IN ({ids})",
            staff,
        )
        found = []
        for link in links:
            leaves = read.choices.of("inactive_membership", school=link.school_id).school_users == "skip"
            if link.active_school != 1 and leaves:
                continue
            account = staff[link.user_id]
            role = (
                "viewer"
                if people[account][link.user_id] == 5
                else "manager"
                if link.user_id in limited
                else "admin"
            )
            found.append((account, link.school_id, role))
        return found

    @staticmethod
    def _teaching(read: Reading, teachers: dict[int, int]) -> list[tuple[int, int]]:
        """(legacy person, legacy school) of the monitors' V5 memberships, added ones too."""
        back = school_of(read)
        rows = read.within(
            "v5", "SELECT m.legacy_id, s.school_id FROM legacy_id_mappings m JOIN monitors_schools s ON s.monitor_id = m.v5_id"
            " WHERE m.entity_type = 'monitor' AND m.v5_table = 'monitors' AND m.part = '' AND m.legacy_id IN ({ids})", teachers,
        )  # fmt: skip
        return [(row.legacy_id, back[row.school_id]) for row in rows if row.school_id in back]

    @staticmethod
    def _work(read: Reading, teachers: dict[int, int]) -> dict[tuple[int, int], set[tuple[str, str]]]:
        """Days and periods by legacy person and school; an absence of no school counts at all of them."""
        found: dict[tuple[int, int], set[tuple[str, str]]] = defaultdict(set)
        for sql in WORK:
            distinct = sql.replace("SELECT ", "SELECT DISTINCT ", 1)
            for row in read.within("legacy", distinct, teachers):
                places = school_of(read).values() if row.school_id is None else (row.school_id,)
                if row.first and row.last:
                    for school in places:
                        found[row.person, school].add((row.first[:10], row.last[:10]))
        return found

    def _found(
        self, read: Reading, accounts: set[int]
    ) -> tuple[dict[int, dict[int, str]], set[tuple[int, int]]]:
        """Roles by account and season, and which of them the migration wrote."""
        roles: dict[int, dict[int, str]] = defaultdict(dict)
        sql = "SELECT user_id, season_id, role FROM user_season_roles WHERE deleted_at IS NULL AND user_id IN ({ids})"
        for row in read.within("v5", sql, accounts):
            roles[row.user_id][row.season_id] = row.role
        return roles, self._entries(read, "v5_id", accounts, "synthesised")

    @staticmethod
    def _entries(read: Reading, column: str, ids: set[int], disposition: str) -> set[tuple[int, int]]:
        """(account or person, V5 season) of the map's entries of a disposition."""
        rows = read.within(
            "v5", f"SELECT {column} AS who, part FROM legacy_id_mappings WHERE entity_type = 'user_season_role'"
            f" AND disposition = %s AND {column} IN ({{ids}})", ids, [disposition],
        )  # fmt: skip
        back = school_of(read)
        seasons = {f"{back.get(row.school_id)}:{row.name}"[:64]: row.id for row in read.v5(SEASONS)}
        return {(row.who, seasons[row.part]) for row in rows if row.part in seasons}

    @staticmethod
    def _one(
        person: int,
        season: int,
        wanted: Wanted,
        role: str | None,
        ours: bool,
        known: set[str],
        looked: Looked,
    ) -> None:
        """Roles that V5 had before stay as they are."""
        figures = looked.of(wanted.school)
        figures.examined += 1
        figures.legacy += 1
        if role is None:
            looked.find(
                _seen(
                    Kind.MISSING, wanted.school, person, season, wanted.role, None, "no role in this season"
                )
            )
            return
        figures.target += 1
        if role != wanted.role and ours:
            looked.find(_seen(Kind.DIFFERS, wanted.school, person, season, wanted.role, role, "another role"))
        elif known and role not in known:
            looked.find(
                _seen(
                    Kind.VIOLATION,
                    wanted.school,
                    person,
                    season,
                    None,
                    role,
                    "the application has no such role",
                )
            )


def _seen(
    kind: Kind, school: int | None, person: int, season: int, expected: Any, found: Any, message: str
) -> Seen:
    return Seen(kind, school, "user_season_role", "users", person, str(season), "user_season_roles", None, "role",
                expected, found, message)  # fmt: skip

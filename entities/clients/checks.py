"""Checks of clients and of memberships of all kinds (reconciliation section 4, R-81, R-82)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from entities.clients.checks_families import Dependants
from entities.reconciliation.check import Check, Kind, Looked, Ranged, Seen, Whole
from entities.reconciliation.checks.counts_levels import ClientSports
from entities.reconciliation.checks.plainly import school_of, schools, targets
from entities.reconciliation.reading import Reading

# entity of the person, table of the membership, its column, columns that tell whether it stands
PLACES: dict[int, tuple[str, str, str, str]] = {
    1: ("user", "school_users", "user_id", "deleted_at IS NULL"),
    2: ("client", "clients_schools", "client_id", "deleted_at IS NULL AND accepted_at IS NOT NULL"),
    3: ("monitor", "monitors_schools", "monitor_id", "deleted_at IS NULL AND active_school = 1"),
    5: ("user", "school_users", "user_id", "deleted_at IS NULL"),
}
ENTITIES = {"user": "school_user", "client": "client_school", "monitor": "monitor_school"}


class StillReachable(Ranged):
    """R-23: a membership of legacy is found in V5 by the person and the school, whatever the map says of the row.

    An active one stands in V5; an inactive one is there as Q-17 wants it, unless another row of the same person keeps
    it alive.
    """

    id, title = "R-23", _("Everybody is still a member of every school of before")
    how = _(
        "For every legacy membership the V5 person and the V5 school must have a V5 membership, active as before."
    )
    rule, phase, table = "R-23, Q-17", 3, "user_schools"

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        rows = read.legacy(
            "SELECT m.id, m.user_id, m.school_id, m.active_school, u.user_type FROM user_schools m JOIN users u"
            " ON u.id = m.user_id WHERE u.user_type IN (1, 2, 3, 5) AND m.id > %s AND m.id <= %s", [after, upto]
        )  # fmt: skip
        for entity, membership in ENTITIES.items():
            some = [
                row for row in rows if PLACES[row.user_type][0] == entity and read.scope.has(row.school_id)
            ]
            if some:
                self._of_kind(read, entity, membership, some, looked)

    def _of_kind(self, read: Reading, entity: str, membership: str, rows: list[Any], looked: Looked) -> None:
        _kind, table, column, stands = next(place for place in PLACES.values() if place[0] == entity)
        people, places = targets(read, entity, {row.user_id for row in rows}), schools(read)
        sql = (
            f"SELECT {column} AS person, school_id, CASE WHEN {stands} THEN 1 ELSE 0 END AS stands FROM {table}"
            f" WHERE {column} IN ({{ids}})"
        )
        found: dict[tuple[int, int], set[int]] = defaultdict(set)
        for one in read.within("v5", sql, people.values()):
            found[one.person, one.school_id].add(one.stands)
        wrong = []
        for row in rows:
            looked.examined(row.school_id)
            there = found.get((people.get(row.user_id, 0), places.get(row.school_id, 0)), set())
            if not there or (row.active_school == 1 and 1 not in there):
                wrong.append((row, bool(there)))
        entries = read.entries(membership, {row.id for row, _there in wrong})
        for row, is_there in wrong:
            if not self._is_explained(read, entity, row, entries.get(row.id, ())):
                message = "the membership is not active in V5" if is_there else "no membership in V5"
                looked.find(
                    Seen(
                        Kind.MISSING,
                        row.school_id,
                        membership,
                        "user_schools",
                        row.id,
                        v5_table=table,
                        message=message,
                    )
                )

    @staticmethod
    def _is_explained(read: Reading, entity: str, row: Any, entries: Iterable[Any]) -> bool:
        """Rejected, or left out because Q-17 or the scope says so."""
        answer = read.choices.of("inactive_membership", school=row.school_id)
        choices = {"client": answer.clients, "user": answer.school_users}
        skips = row.active_school != 1 and choices.get(entity) == "skip"
        return any(
            one.disposition == "rejected"
            or one.disposition == "skipped" and (one.reason == "OUT_OF_SCOPE_SCHOOL" or skips)
            for one in entries
        )  # fmt: skip


class _Doubles(Whole):
    """Live V5 rows with equal keys; those that V5 had before among themselves are not ours."""

    phase = 3
    tables: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = ()

    def look(self, read: Reading, looked: Looked) -> None:
        back = school_of(read)
        for table, columns in self.tables:
            keys, school = ", ".join(columns), "t.school_id" if "school_id" in columns else "NULL"
            looked.examined(None, read.v5(f"SELECT COUNT(*) AS n FROM {table} WHERE deleted_at IS NULL")[0].n)
            same = " AND ".join(
                f"(k.{one} = t.{one} OR k.{one} IS NULL AND t.{one} IS NULL)" for one in columns
            )
            rows = read.v5(
                f"SELECT t.id, {school} AS school, k.first_id FROM {table} t JOIN (SELECT {keys}, MIN(id) AS first_id"
                f" FROM {table} WHERE deleted_at IS NULL GROUP BY {keys} HAVING COUNT(*) > 1) k ON {same}"
                " WHERE t.deleted_at IS NULL AND t.id <> k.first_id"
            )
            origins = read.origins(table, {row.id for row in rows} | {row.first_id for row in rows})
            for row in rows:
                made = origins.get(row.id)
                if made is None and row.first_id not in origins or not read.scope.has(back.get(row.school)):
                    continue
                one = made[0] if made else None
                looked.find(
                    Seen(Kind.VIOLATION, back.get(row.school), one.entity_type if one else "",
                         one.legacy_table if one else "", one.legacy_id if one else None, one.part if one else "", table,
                         row.id, columns[-1], None, row.first_id, f"the same as {table} {row.first_id}: {keys}")
                )  # fmt: skip


class OneLevel(_Doubles):
    id, title = "R-24", _("One level per person, school and sport")
    how = _("Live levels of clients and monitors in V5 must differ in person, school or sport.")
    rule = "R-24"
    tables = (
        ("clients_sports", ("client_id", "school_id", "sport_id")),
        ("monitor_sports_degrees", ("monitor_id", "school_id", "sport_id")),
    )


class OneMembership(_Doubles):
    id, title = "R-25", _("One membership per person and school, one link per family")
    how = _("Live memberships of clients, monitors and the back office, and family links, must differ in V5.")
    rule = "R-25"
    tables = (
        ("clients_schools", ("client_id", "school_id")),
        ("monitors_schools", ("monitor_id", "school_id")),
        ("school_users", ("user_id", "school_id")),
        ("clients_utilizers", ("main_id", "client_id")),
    )


LEVELS = "SELECT id, school_id FROM clients_sports WHERE id IN ({ids})"


class LevelsAtTheirSchool(Ranged):
    """R-81: a level stays at the school that legacy names, or at one of the person's where it names none."""

    id, title = "R-81", _("No level of a client moved to another school")
    how = _(
        "The school of every V5 level of a client is held against the school that the legacy level holds for."
    )
    rule, phase, table = "R-81, GR-19", 3, "users"

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        allowed: dict[int, set[int | None]] = defaultdict(set)
        rows: dict[int, Any] = {}
        for row, school in ClientSports().places(read, after, upto):
            allowed[row.id].add(school)
            rows[row.id] = row
        made = read.entries("client_sport", rows)
        ids = {one.v5_id for some in made.values() for one in some if one.disposition != "merged"}
        held = {row.id: row.school_id for row in read.within("v5", LEVELS, ids)}
        back = school_of(read)
        for legacy_id, some in made.items():
            for one in some:
                if one.v5_id not in held or one.disposition == "merged":
                    continue
                wanted = {int(one.part)} if one.part.isdigit() else allowed[legacy_id]
                found = back.get(held[one.v5_id])
                if not read.scope.has(one.school_id):
                    continue
                looked.examined(one.school_id)
                if found not in wanted & allowed[legacy_id]:
                    expected = next(iter(wanted), None)
                    looked.find(
                        Seen(Kind.DIFFERS, expected, "client_sport", "user_sports", legacy_id, one.part, "clients_sports",
                             one.v5_id, "school_id", expected, found, "the level stands at another school")
                    )  # fmt: skip


NOTES = (
    ("client_observations", "client_id", "clients_schools"),
    ("monitor_observations", "monitor_id", "monitors_schools"),
)


class NotesAtTheirSchool(Whole):
    """R-82: notes may be medical, and schools are strangers to each other."""

    id, title = "R-82", _("Every note stands at a school of the person, and at no other")
    how = _(
        "The school of every V5 note must be one where the person has a membership, and each legacy note stands once."
    )
    rule, phase = "R-82, Q-21", 3

    def look(self, read: Reading, looked: Looked) -> None:
        back = school_of(read)
        for table, column, memberships in NOTES:
            entity = table.removesuffix("s")
            looked.examined(None, read.v5(f"SELECT COUNT(*) AS n FROM {table}")[0].n)
            strangers = read.v5(
                f"SELECT o.id, o.school_id FROM {table} o WHERE NOT EXISTS (SELECT 1 FROM {memberships} m"
                f" WHERE m.{column} = o.{column} AND m.school_id = o.school_id)"
            )
            origins = read.origins(table, {row.id for row in strangers})
            for row in strangers:
                if row.id in origins and read.scope.has(back.get(row.school_id)):
                    one = origins[row.id][0]
                    looked.find(
                        Seen(Kind.VIOLATION, back.get(row.school_id), entity, one.legacy_table, one.legacy_id or None,
                             one.part, table, row.id, "school_id", None, row.school_id,
                             "the person has nothing to do with this school")
                    )  # fmt: skip
            twice = read.v5(
                "SELECT legacy_id, COUNT(DISTINCT v5_id) AS n FROM legacy_id_mappings WHERE entity_type = %s AND legacy_id > 0"
                " AND v5_id IS NOT NULL GROUP BY legacy_id HAVING COUNT(DISTINCT v5_id) > 1", [entity]
            )  # fmt: skip
            for row in twice:
                looked.find(
                    Seen(Kind.EXTRA, None, entity, "user_observations", row.legacy_id, v5_table=table, found=row.n,
                         message="the note stands at several schools")
                )  # fmt: skip


CHECKS: tuple[type[Check], ...] = (
    StillReachable, OneLevel, OneMembership, Dependants, LevelsAtTheirSchool, NotesAtTheirSchool,
)  # fmt: skip

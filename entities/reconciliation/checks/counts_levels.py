"""Counts of the levels of clients and monitors (section 3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from entities.reconciliation.checks.counted import Ask, Owned
from entities.reconciliation.checks.counts_people import HOW_BOTH, OF_CLIENTS, called_for, held_sql
from entities.reconciliation.checks.plainly import school_of, schools, targets
from entities.reconciliation.reading import Reading


class _Levels(Owned):
    """Levels per person, sport and school; rows without school hold for each school of the person (4.12.3, Q-19)."""

    how, phase = HOW_BOTH, 3
    table, legacy_table = "users", "user_sports"
    person: ClassVar[str] = ""
    kind: ClassVar[str] = ""  # SQL that keeps the rows of such persons

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        for row, school in self.places(read, after, upto):
            label = (row.user_id, self.sport(read, row.sport_id), school)
            part = "" if row.school_id is not None or school is None else str(school)
            yield Ask(label if self.has_place(school) else None, school, row.id, part)

    def has_place(self, school: int | None) -> bool:
        return school is not None

    def places(self, read: Reading, after: int, upto: int) -> Iterable[tuple[Any, int | None]]:
        """Each row of the range with each school that it speaks for."""
        rows = read.legacy(
            "SELECT s.id, s.user_id, s.sport_id, s.school_id FROM user_sports s LEFT JOIN users u ON u.id = s.user_id"
            f" WHERE {self.kind} AND s.user_id > %s AND s.user_id <= %s", [after, upto]
        )  # fmt: skip
        members: dict[int, set[int]] = defaultdict(set)
        for link in read.legacy(
            "SELECT user_id, school_id FROM user_schools WHERE user_id > %s AND user_id <= %s", [after, upto]
        ):
            if link.school_id in schools(read):
                members[link.user_id].add(link.school_id)
        guests = self.guests(read, after, upto)
        for row in rows:
            if row.school_id is not None:
                yield row, row.school_id
                continue
            own = members.get(row.user_id) or guests.get(row.user_id)
            yield from ((row, school) for school in (sorted(own) if own else [None]))

    def guests(self, read: Reading, after: int, upto: int) -> dict[int, set[int]]:
        """Schools of persons whom no membership ties to one."""
        return {}

    @staticmethod
    def sport(read: Reading, legacy_id: int) -> int:
        """V5 sport; one that V5 lacks is told by its legacy number."""
        if "sports" not in read.memory:
            rows = read.legacy("SELECT id FROM sports")
            read.memory["sports"] = targets(read, "sport", {row.id for row in rows})
        return int(read.memory["sports"].get(legacy_id, -legacy_id))

    def held(self, read: Reading, after: int, upto: int) -> Iterable[tuple[Hashable, int | None, int]]:
        column = f"{self.person}_id"
        sql = held_sql(
            self.person, "s.id, s.school_id, s.sport_id", f"{self.v5_table} s ON s.{column} = m.v5_id"
        )
        back = school_of(read)
        for row in read.v5(sql, [after, upto]):
            yield (row.person, row.sport_id, back.get(row.school_id)), back.get(row.school_id), row.id


class ClientSports(_Levels):
    id, title = "R-10-client-sports", _("Levels of clients: one per person, sport and school")
    entity, v5_table, person, kind = "client_sport", "clients_sports", "client", OF_CLIENTS

    def guests(self, read: Reading, after: int, upto: int) -> dict[int, set[int]]:
        return called_for(read, after, upto)


class MonitorSports(_Levels):
    id, title = "R-10-monitor-sports", _("Levels of monitors: one per person, sport and school")
    entity, v5_table, person, kind = (
        "monitor_sport_degree",
        "monitor_sports_degrees",
        "monitor",
        "u.user_type = 3",
    )

    def has_place(self, school: int | None) -> bool:
        return True  # a monitor of no school keeps his level without one


class AuthorisedDegrees(_Levels):
    """Levels that a monitor may teach, by the ladder's own level: per monitor, sport, school and level."""

    id, title = (
        "R-10-authorised-degrees",
        _("Levels that monitors may teach: one per monitor, sport, school and level"),
    )
    entity, v5_table, legacy_table = (
        "monitor_authorized_degree",
        "monitor_sport_authorized_degrees",
        "user_sport_authorized_degrees",
    )
    person, kind = "monitor", "u.user_type = 3"

    def asks(self, read: Reading, after: int, upto: int) -> Iterable[Ask]:
        spoken: dict[int, list[tuple[Any, int | None]]] = defaultdict(list)
        for row, school in self.places(read, after, upto):
            spoken[row.id].append((row, school))
        sql = ("SELECT a.id, a.user_sport_id, d.degree_id FROM user_sport_authorized_degrees a LEFT JOIN degrees_school_sport d"
               " ON d.id = a.degree_id WHERE a.user_sport_id IN ({ids})")  # fmt: skip
        for one in read.within("legacy", sql, spoken):
            for row, school in spoken[one.user_sport_id]:
                degree = -one.id if one.degree_id is None else one.degree_id
                part = "" if row.school_id is not None or school is None else str(school)
                yield Ask((row.user_id, self.sport(read, row.sport_id), school, degree), school, one.id, part)

    def held(self, read: Reading, after: int, upto: int) -> Iterable[tuple[Hashable, int | None, int]]:
        sql = held_sql("monitor", "a.id, s.school_id, s.sport_id, a.degree_id", "monitor_sports_degrees s ON s.monitor_id ="
                       " m.v5_id JOIN monitor_sport_authorized_degrees a ON a.monitor_sport_id = s.id")  # fmt: skip
        rows, back = read.v5(sql, [after, upto]), school_of(read)
        ladder = global_degrees(read, {row.degree_id for row in rows})
        for row in rows:
            school = back.get(row.school_id)
            yield (row.person, row.sport_id, school, ladder.get(row.degree_id)), school, row.id


def global_degrees(read: Reading, v5_ids: Iterable[int]) -> dict[int, int]:
    """The ladder's level behind V5 levels, through the map and legacy."""
    made = {v5_id: some[0] for v5_id, some in read.origins("degrees", v5_ids).items()}
    rows = read.within(
        "legacy", "SELECT id, degree_id FROM degrees_school_sport WHERE id IN ({ids})",
        {one.legacy_id for one in made.values() if one.legacy_id},
    )  # fmt: skip
    named = {row.id: row.degree_id for row in rows}
    return {
        v5_id: named.get(one.legacy_id, -1) if one.legacy_id else int(one.part.rpartition(":")[2])
        for v5_id, one in made.items()
    }

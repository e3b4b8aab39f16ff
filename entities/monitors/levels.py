"""Sports, own levels and authorised levels of monitors (4.13.3, 4.13.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from entities.engine import resolvers
from entities.engine.environment import Env
from entities.engine.values import Aggregate, Entry, Row, Unit
from entities.monitors.mappings import AuthorizedDegreeMapping, MonitorSportDegreeMapping
from tracking.sentences import sentence

levels = resolvers.of("users").levels
people = resolvers.of("users").people


class Slot(NamedTuple):
    """A V5 row for an authorised level: the monitor's sport it belongs to, and the level."""

    place: levels.Place
    sport: Entry
    degree: int

    @property
    def key(self) -> tuple[Any, int]:
        return self.sport.v5_id, self.degree


class Levels:
    """The levels of one monitor; every row of both tables gets its entry."""

    def __init__(self, unit: Unit, env: Env, monitor: Entry, aggregate: Aggregate) -> None:
        self.unit, self.env, self.monitor, self.aggregate = unit, env, monitor, aggregate
        self.written: dict[levels.Place, Entry] = {}
        self.slots: dict[tuple[Any, int], Entry] = {}
        self.plan = levels.Plan()

    def settle(self) -> None:
        rows = self.aggregate.rows("levels")
        moving = [
            row for row in rows if row.school_id is None or not people.is_left_out(self.env, row.school_id)
        ]
        known = self.env.known["school"]
        schools = self.env.facts.people.schools(self.aggregate.root.id)
        self.plan = levels.plan(
            moving, [one for one in schools if one in known or people.is_left_out(self.env, one)]
        )
        for row in self.plan.in_order(moving):
            self._settle(row)
        for row in rows:
            if row not in moving:
                self._leave_out(row)

    def _leave_out(self, row: Row) -> None:
        self.unit.skip(
            "monitor_sport_degree", row, "OUT_OF_SCOPE_SCHOOL", archive=False
        ).school_id = row.school_id
        for authorised in self.aggregate.rows("authorised", of=row.id):
            self.unit.skip("monitor_authorized_degree", authorised, "OUT_OF_SCOPE_SCHOOL", archive=False)

    def _settle(self, row: Row) -> None:
        wins = [
            place for place in self.plan.wins.get(row.id, ()) if not people.is_left_out(self.env, place[0])
        ]
        for place in wins:
            self.written[place] = self._draft(row, place)
        into = [(place, self.written[place]) for place in self.plan.places[row.id] if place in self.written]
        if not into:
            self._leave_out(row)
            return
        if not wins:
            self.unit.merge("monitor_sport_degree", row, into[0][1], under=self.monitor).school_id = into[0][
                0
            ][0]
        for authorised in self.aggregate.rows("authorised", of=row.id):
            self._authorise(authorised, row, into)

    def _draft(self, row: Row, place: levels.Place) -> Entry:
        school, part = place[0], self.plan.part(row, place)
        v5_school = None if school is None else self.env.known["school"].get(school)
        degree, flags = self.env.facts.degree(school, row.sport_id, row.degree_id)
        if school is not None and v5_school is None:
            entry = self._reject(
                row,
                part,
                "SCHOOL_UNKNOWN",
                "school_id",
                sentence("school %(school)s has no V5 record", school=school),
            )
        elif row.sport_id not in self.env.known["sport"]:
            entry = self._reject(
                row,
                part,
                "SPORT_UNKNOWN",
                "sport_id",
                sentence("sport %(sport)s has no V5 record", sport=row.sport_id),
            )
        elif degree is None:
            entry = self._reject(
                row,
                part,
                "DEGREE_UNKNOWN",
                "degree_id",
                sentence("level %(degree)s does not exist", degree=row.degree_id),
            )
        else:
            entry = self._written(row, place, part, v5_school, degree, flags)
        entry.school_id = school
        return entry

    def _reject(self, row: Row, part: str, code: str, column: str, message: str) -> Entry:
        return self.unit.reject(
            "monitor_sport_degree", row, code, column, message, part=part, under=self.monitor
        )

    def _written(
        self, row: Row, place: levels.Place, part: str, school: int | None, degree: int, flags: Sequence[str]
    ) -> Entry:
        salary = self._salary(row, place[0])
        given = {
            "school_id": school,
            "degree_id": degree,
            "monitor_id": self.monitor.v5_id,
            "salary_level": salary,
        }
        disposition = self.plan.disposition(row)
        entry = self.unit.draft(
            MonitorSportDegreeMapping, row, given, part=part, disposition=disposition, under=self.monitor
        )
        for code in flags:
            entry.warn(
                code,
                "degree_id",
                sentence("level %(degree)s at this school", degree=row.degree_id),
                row.degree_id,
            )
        if row.salary_level and salary is None:
            said = sentence("salary level %(id)s is none of this school", id=row.salary_level)
            entry.warn("SALARY_LEVEL_FOREIGN", "salary_level", said, row.salary_level)
        return entry

    def _salary(self, row: Row, school: int | None) -> int | None:
        owner, v5_id = self.env.facts.salaries.get(row.salary_level, (None, None))
        return v5_id if school is not None and owner == school else None

    def _authorise(self, row: Row, level: Row, into: list[tuple[levels.Place, Entry]]) -> None:
        usable = [(place, entry) for place, entry in into if not entry.rejected]
        found = [slot for place, entry in usable if (slot := self._slot(row, place, entry))]
        fresh = {slot.key: slot for slot in found if slot.key not in self.slots}
        if not usable:
            self._refuse(
                row, into[0][1], "PARENT_REJECTED", "user_sport_id", sentence("its level was rejected")
            )
        elif not found:
            self._refuse(
                row,
                self.monitor,
                "DEGREE_UNKNOWN",
                "degree_id",
                sentence("level %(degree)s has no V5 record", degree=row.degree_id),
            )
        elif not fresh:
            self.unit.merge("monitor_authorized_degree", row, self.slots[found[0].key])
        # Like its sport, whichever of the schools move in this wave.
        disposition = "split" if len(self.plan.places[level.id]) > 1 else "migrated"
        for slot in fresh.values():
            self._fill(row, level, slot, disposition)

    def _refuse(self, row: Row, under: Entry, code: str, column: str, message: str) -> None:
        self.unit.reject("monitor_authorized_degree", row, code, column, message, under=under)

    def _slot(self, row: Row, place: levels.Place, sport: Entry) -> Slot | None:
        """The level as the school of the monitor's sport names it; that of another school goes by its global degree."""
        named = self.env.facts.school_degrees.get(row.degree_id)
        if named is None:
            return None
        if (named.school_id, named.sport_id) == place:
            degree = self.env.facts.degrees.of_school_degree(named.id)
        else:
            degree = self.env.facts.degree(place[0], place[1], named.degree_id)[0]
        return None if degree is None else Slot(place, sport, degree)

    def _fill(self, row: Row, level: Row, slot: Slot, disposition: str) -> None:
        given = {"monitor_sport_id": slot.sport.v5_id, "degree_id": slot.degree}
        entry = self.unit.draft(AuthorizedDegreeMapping, row, given, part=self.plan.part(level, slot.place),
                                disposition=disposition, under=slot.sport)  # fmt: skip
        entry.school_id = slot.place[0]
        self.slots[slot.key] = entry

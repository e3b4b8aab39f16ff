"""Groups and subgroups of a course on each of their dates, with the monitor of the day (4.18, 4.19)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from entities.courses.facts import Facts
from entities.courses.family import Family
from entities.courses.mappings import GroupMapping, SubgroupMapping
from entities.engine import normalise
from entities.engine.environment import Env
from entities.engine.errors import BadValue
from entities.engine.values import MIGRATED, SPLIT, Entry, Unit
from tracking.sentences import sentence


class Slot(NamedTuple):
    """A V5 date of a member, as its groups see it."""

    date: str
    hour: str
    entry: Entry


@dataclass
class Classes:
    """Writes the classes of one course into a unit."""

    unit: Unit
    family: Family
    facts: Facts
    env: Env
    course: Entry
    school: int
    sport: int

    def write(self, member: Any, slots: list[Slot], made: bool) -> None:
        """All groups of a member on its dates; `made`: the date was made for them (GROUP_WITHOUT_DATE)."""
        parts = parts_of(slots)
        for group in self.family.rows("groups", member):
            degree, flags = self.facts.degrees.find(self.school, self.sport, group.degree_id)
            if degree is None:
                self._refuse(
                    group,
                    "DEGREE_UNKNOWN",
                    "degree_id",
                    sentence("level %(degree)s is unknown", degree=group.degree_id),
                )
                continue
            entries = [
                self._group(group, slot, part, degree, flags, made)
                for slot, part in zip(slots, parts, strict=True)
            ]
            for subgroup in self.family.rows("subgroups", group):
                self._subgroup(member, subgroup, list(zip(slots, parts, entries, strict=True)), degree)

    def _group(self, row: Any, slot: Slot, part: str, degree: int, flags: Iterable[str], made: bool) -> Entry:
        least, _ = self.facts.degrees.find(self.school, self.sport, row.teacher_min_degree)
        given = {
            "course_id": self.course.v5_id, "course_date_id": slot.entry.v5_id, "degree_id": degree, "teacher_min_degree": least,
        }  # fmt: skip
        disposition = SPLIT if part else MIGRATED
        entry = self.unit.draft(
            GroupMapping, row, given, part=part, under=self.course, disposition=disposition
        )
        for code in flags:
            entry.warn(
                code,
                "degree_id",
                sentence("the school has level %(degree)s more than once", degree=row.degree_id),
            )
        if row.teacher_min_degree is not None and least is None:
            entry.keep(teacher_min_degree=row.teacher_min_degree)
        if made:
            entry.warn(
                "GROUP_WITHOUT_DATE",
                "course2_id",
                sentence("the group had no date; the first day of its course was taken"),
            )
        return entry

    def _subgroup(self, member: Any, row: Any, places: list[tuple[Slot, str, Entry]], degree: int) -> None:
        replacements = self.family.rows("replacements", row)
        used: dict[int, Entry] = {}
        first: Entry | None = None
        limit = row.max_participants if row.max_participants is not None else member.max_participants
        for slot, part, group in places:
            monitor, by = self._monitor(row, replacements, slot)
            v5_monitor = self.env.known["monitor"].get(monitor) if monitor is not None else None
            given = {
                "course_id": self.course.v5_id, "course_date_id": slot.entry.v5_id, "degree_id": degree,
                "course_group_id": group.v5_id, "monitor_id": self._allowed(v5_monitor), "max_participants": limit,
            }  # fmt: skip
            entry = self.unit.draft(
                SubgroupMapping, row, given, part=part, under=group, disposition=SPLIT if part else MIGRATED
            )
            if monitor is not None and given["monitor_id"] is None:
                entry.warn(
                    "MONITOR_UNKNOWN",
                    "monitor_id",
                    sentence("monitor %(monitor)s cannot be assigned", monitor=monitor),
                    monitor,
                )
            self._check_room(row, limit, entry)
            used |= {one: entry for one in by if one not in used}
            first = first or entry
        for replacement in replacements:
            self._account(replacement, used.get(replacement.id), first)

    def _monitor(self, row: Any, replacements: list[Any], slot: Slot) -> tuple[int | None, list[int]]:
        """monitor_for(): the replacement of that date (and hour, if it has one), else the subgroup's own."""
        fitting = [
            one for one in replacements if str(one.date)[:10] == slot.date and _same_hour(one.hour, slot.hour)
        ]
        if not fitting:
            return row.monitor_id, []
        # The exact hour outweighs a replacement for the whole day; the newest of equals is the one legacy shows.
        best = max(fitting, key=lambda one: (_clock(one.hour) is not None, one.id))
        return best.monitor_id, [best.id]

    def _allowed(self, monitor: int | None) -> int | None:
        """Q-32: with `null`, a monitor who is no member of the school is not assigned."""
        if monitor is None or self.env.choices.of("foreign_monitor", school=self.school) != "null":
            return monitor
        return (
            monitor
            if (monitor, self.env.known["school"].get(self.school)) in self.facts.memberships
            else None
        )

    def _check_room(self, row: Any, limit: int | None, entry: Entry) -> None:
        taken = self.facts.participants.get(row.id, 0)
        if limit is not None and taken > limit and row.deleted_at is None:
            entry.warn(
                "OVER_CAPACITY",
                "max_participants",
                sentence("%(taken)s participants, %(limit)s places", taken=taken, limit=limit),
                limit,
            )

    def _account(self, replacement: Any, entry: Entry | None, first: Entry | None) -> None:
        """A replacement that shaped a class is merged into it; one for no date of the class has no home."""
        if entry is not None:
            self.unit.merge("archive:subgroups_monitor_dates", replacement, entry)
        else:
            self.unit.skip("archive:subgroups_monitor_dates", replacement, "NO_TARGET", under=first)

    def _refuse(self, group: Any, code: str, field: str, message: str) -> None:
        refuse_group(self.unit, self.family, group, code, field, message)


def parts_of(slots: list[Slot]) -> list[str]:
    """The map's `part` per date: empty for one date, else the ISO date, with the hour where a day has several."""
    if len(slots) == 1:
        return [""]
    per_day = Counter(slot.date for slot in slots)
    return [slot.date if per_day[slot.date] == 1 else f"{slot.date}T{slot.hour[:5]}" for slot in slots]


def refuse_group(
    unit: Unit, family: Family, group: Any, code: str, field: str = "", message: str = ""
) -> None:
    """A group that cannot be written takes its classes along."""
    unit.reject("course_group", group, code, field, message)
    for subgroup in family.rows("subgroups", group):
        unit.reject(
            "course_subgroup",
            subgroup,
            "GROUP_REJECTED",
            message=sentence("course group %(id)s was rejected: %(code)s", id=group.id, code=code),
        )
        for replacement in family.rows("replacements", subgroup):
            unit.skip("archive:subgroups_monitor_dates", replacement, "NO_TARGET")


def _clock(value: Any) -> str | None:
    try:
        return normalise.time(value)
    except BadValue:
        return None


def _same_hour(stored: Any, hour: str) -> bool:
    return _clock(stored) in (None, hour)

"""When and where legacy monitors had something to do: classes, lessons, absences (4.14)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from entities.engine.read import Reader, text_of
from entities.seasons.dates import text

GROUP_DAYS = """
    SELECT DISTINCT s.monitor_id, c.school_id, {day} FROM course_groups_subgroups2 s
    JOIN course_groups2 g ON g.id = s.course_group2_id JOIN courses2 c ON c.id = g.course2_id
    JOIN course_dates2 d ON d.course2_id = c.id WHERE s.monitor_id IN ({{ids}})"""
REPLACEMENTS = """
    SELECT DISTINCT m.monitor_id, c.school_id, {day} FROM subgroups_monitor_dates m
    JOIN course_groups_subgroups2 s ON s.id = m.subgroup_id
    JOIN course_groups2 g ON g.id = s.course_group2_id JOIN courses2 c ON c.id = g.course2_id
    WHERE m.monitor_id IN ({{ids}})"""
LESSONS = """
    SELECT DISTINCT l.monitor_id, b.school_id, {day} FROM booking_users2 l
    JOIN bookings2 b ON b.id = l.booking2_id WHERE l.monitor_id IN ({{ids}})"""
ABSENCES = "SELECT user_id, school_id, {start}, {end} FROM user_nwd WHERE user_id IN ({{ids}})"


@dataclass(frozen=True)
class Work:
    """Days by (legacy monitor, legacy school), and absences, whose school may be None for all of them."""

    days: dict[tuple[int, int], set[str]] = field(default_factory=dict)
    absences: dict[int, list[tuple[int | None, str, str]]] = field(default_factory=dict)

    def within(self, monitor: int, school: int, start: str, end: str) -> bool:
        """Whether the monitor had something to do at the school from `start` to `end`, both included."""
        if any(start <= day <= end for day in self.days.get((monitor, school), ())):
            return True
        return any(
            where in (None, school) and first <= end and last >= start
            for where, first, last in self.absences.get(monitor, ())
        )


def load(read: Reader, monitors: Iterable[int]) -> Work:
    """Four queries for these legacy monitors."""
    ids = set(monitors)
    days: dict[tuple[int, int], set[str]] = defaultdict(set)
    for sql, table in ((GROUP_DAYS, "d"), (REPLACEMENTS, "m"), (LESSONS, "l")):
        for monitor, school, day in read.legacy_sql(sql.format(day=text(table, "date")), ids):
            if day:
                days[monitor, school].add(day[:10])
    absences: dict[int, list[tuple[int | None, str, str]]] = defaultdict(list)
    ranges = ABSENCES.format(start=text_of("legacy", "start_date"), end=text_of("legacy", "end_date"))
    for monitor, school, first, last in read.legacy_sql(ranges, ids):
        if first and last:
            absences[monitor].append((school, first[:10], last[:10]))
    return Work(dict(days), dict(absences))

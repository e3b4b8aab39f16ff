"""Where a booking line takes place in V5: class or private day, for a whole batch in a fixed number of queries.

lessons = resolver.load(read, lines, school_of, env.choices)
for place in lessons.subgroups(line.course_groups_subgroup2_id): ...
answer = lessons.private(line)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from entities.courses import directory, relink, v5_rows
from entities.courses.booked import readable
from entities.courses.directory import CourseRow, Directory, Found
from entities.courses.placeholders import course_part
from entities.courses.sessions import minutes_of
from entities.courses.v5_rows import CourseV5, DateV5, SubgroupV5
from entities.courses.windows import OPENS, Window, clock, window_of
from entities.engine import normalise
from entities.engine.errors import BadValue
from entities.engine.read import Reader
from tracking.choices import Choices


class Place(NamedTuple):
    """One date of one course in V5, for classes with group and subgroup. All ids are V5 ids.

    `trashed`: the subgroup, its group, its date or its course is deleted. `date_live`: the date is not.
    `course_type` 1 collective, 2 private, 3 activity. Dates and hours are ISO text.
    """

    course_id: int
    course_date_id: int
    date: str
    hour_start: str
    hour_end: str
    group_id: int | None
    subgroup_id: int | None
    degree_id: int | None
    monitor_id: int | None
    school_id: int
    course_type: int
    trashed: bool
    date_live: bool
    max_participants: int | None


class PrivateAnswer(NamedTuple):
    """The place of a private line, or the reason code why there is none.

    `hour_start` and `duration` (minutes) are those of the line, else of its course; None when nobody tells them.
    `placeholder`: the course is the school's "Legacy course" (Q-41).
    """

    place: Place | None
    reason: str = ""
    warnings: tuple[str, ...] = ()
    hour_start: str | None = None
    duration: int | None = None
    placeholder: bool = False


@dataclass
class Lessons:
    """What `load` found."""

    school_of: Mapping[int, int]
    choices: Choices
    places: dict[int, list[Place]] = field(default_factory=dict)  # by legacy subgroup
    reasons: dict[int, str] = field(default_factory=dict)  # by legacy subgroup
    directory: Directory = field(default_factory=Directory)
    days: dict[tuple[int, str], list[Place]] = field(default_factory=dict)  # by V5 course and date
    stand_ins: dict[str, int] = field(default_factory=dict)  # V5 course by part
    moves: dict[tuple[int, int], Place] = field(default_factory=dict)  # by legacy line and V5 subgroup
    _windows: dict[int, Window | None] = field(default_factory=dict)

    def subgroups(self, subgroup_id: int) -> list[Place]:
        """The class of a legacy subgroup on each of its dates, in their order; empty when it has no V5 record."""
        return self.places.get(subgroup_id, [])

    def rejected(self, subgroup_id: int) -> str:
        """Reason code of a legacy subgroup that has no place: that of its own entry, "" when nobody knows it."""
        return self.reasons.get(subgroup_id, "")

    def relinked(self, line: Any, place: Place) -> Place | None:
        """A live class with room for a live line whose class is deleted (Q-33): same date, else same day."""
        if self.choices.of("orphan_lines", school=self.school_of.get(line.booking2_id)) != "relink":
            return None
        return self.moves.get((line.id, place.subgroup_id or 0))

    def private(self, line: Any) -> PrivateAnswer:
        """The day of a private line: own course, recovered course or placeholder."""
        date = readable(normalise.date, line.date)
        if date is None:
            return PrivateAnswer(None, "LINE_WITHOUT_DATE")
        school = self.school_of.get(line.booking2_id)
        found = self.directory.find(line.course2_id, school)
        if found.v5_id is not None and found.row is not None:
            return self._own(line, date, found, found.row)
        return self._stand_in(line, date, found, school)

    def _own(self, line: Any, date: str, found: Found, row: CourseRow) -> PrivateAnswer:
        window = self._window(row)
        opens = window.opens if window else clock(row.hour_min) or OPENS
        hour, minutes = readable(normalise.time, line.hour) or opens, _minutes(line, row)
        days = self.days.get((found.v5_id or 0, date), [])
        place = _at(days, hour) or (days[0] if days else None)
        codes = ["COURSE_REF_RECOVERED"] * found.recovered
        if window is not None and not window.has(date):
            codes.append("DATE_OUTSIDE_RANGE")
        return PrivateAnswer(place, "" if place else _why(hour, minutes), tuple(codes), hour, minutes)

    def _stand_in(self, line: Any, date: str, found: Found, school: int | None) -> PrivateAnswer:
        hour, minutes = readable(normalise.time, line.hour) or OPENS, _minutes(line, found.row)
        course = self.stand_ins.get(course_part(school or 0, found.sport or 0))
        if course is None or self.choices.of("unknown_private_course", school=school) != "placeholder":
            return PrivateAnswer(None, "COURSE_REJECTED" if found.row else "LINE_WITHOUT_COURSE")
        place = _at(self.days.get((course, date), []), hour)
        return PrivateAnswer(place, "" if place else _why(hour, minutes), (), hour, minutes, True)

    def _window(self, row: CourseRow) -> Window | None:
        if row.id not in self._windows:
            try:
                self._windows[row.id] = window_of(row, self.choices)
            except BadValue:
                self._windows[row.id] = None
        return self._windows[row.id]


def _minutes(line: Any, row: CourseRow | None) -> int | None:
    return readable(normalise.duration, line.duration) or (minutes_of(row) if row is not None else None)


def _at(days: list[Place], hour: str) -> Place | None:
    return next((place for place in days if place.hour_start == hour), None)


def _why(hour: str, minutes: int | None) -> str:
    """Why a line has no day although its course is known: no day is made for a lesson that ends tomorrow."""
    try:
        normalise.end_time(hour, minutes)
    except BadValue as error:
        return error.code
    return "COURSE_REJECTED"


def load(read: Reader, lines: Iterable[Any], school_of: Mapping[int, int], choices: Choices) -> Lessons:
    """Read what the lines need; `school_of` gives the legacy school id of each line's booking (`booking2_id`)."""
    lines = list(lines)
    lessons = Lessons(school_of, choices)
    private = [line for line in lines if line.course2_id and not line.course_groups_subgroup2_id]
    schools = set(school_of.values())
    lessons.directory = directory.load(read, {line.course2_id for line in private}, schools)
    lessons.stand_ins = _stand_ins(read, private)
    subgroups = _subgroups(read, lessons, {line.course_groups_subgroup2_id for line in lines} - {None, 0})
    dates = v5_rows.dates(read, {one.course_date_id for found in subgroups.values() for one in found})
    days = _days(read, lessons, private)
    courses = v5_rows.courses(read, {*(one.course_id for found in subgroups.values() for one in found),
                                     *(one.course_id for one in days)})  # fmt: skip
    groups = v5_rows.trashed_groups(read, {one.group_id for found in subgroups.values() for one in found})
    for legacy_id, found in subgroups.items():
        places = [
            _class(one, dates[one.course_date_id], courses[one.course_id], one.group_id in groups)
            for one in found
        ]
        lessons.places[legacy_id] = sorted(
            places, key=lambda place: (place.date, place.hour_start, place.subgroup_id)
        )
    for day in days:
        lessons.days.setdefault((day.course_id, day.date), []).append(_day(day, courses[day.course_id]))
    _relink(read, lessons, lines)
    return lessons


def _stand_ins(read: Reader, private: list[Any]) -> dict[str, int]:
    if not private:
        return {}
    return {part: entry.v5_id for (_, part), entry in read.entries("course", {0}).items() if entry.v5_id}


def _subgroups(read: Reader, lessons: Lessons, wanted: set[int]) -> dict[int, list[SubgroupV5]]:
    entries = read.entries("course_subgroup", wanted)
    rows = v5_rows.subgroups(read, "id", {entry.v5_id for entry in entries.values() if entry.v5_id})
    found: dict[int, list[SubgroupV5]] = defaultdict(list)
    for (legacy_id, _), entry in entries.items():
        if entry.v5_id in rows and entry.disposition != "rejected":
            found[legacy_id].append(rows[entry.v5_id])
        else:
            lessons.reasons[legacy_id] = entry.reason
    return found


def _days(read: Reader, lessons: Lessons, private: list[Any]) -> list[DateV5]:
    """The dates of the courses of private lines on the days of these lines."""
    courses = {*lessons.stand_ins.values()} if private else set()
    wanted: set[str] = set()
    for line in private:
        date = readable(normalise.date, line.date)
        if date is not None:
            wanted.add(date)
            found = lessons.directory.find(line.course2_id, lessons.school_of.get(line.booking2_id))
            courses.add(found.v5_id or 0)
    return v5_rows.dates_of(read, courses - {0}, wanted)


def _class(one: SubgroupV5, date: DateV5, course: CourseV5, group_trashed: bool) -> Place:
    trashed = one.trashed or group_trashed or date.trashed or course.trashed
    return Place(
        one.course_id, one.course_date_id, date.date, date.hour_start, date.hour_end, one.group_id, one.id, one.degree_id,
        one.monitor_id, course.school_id, course.type, trashed, not date.trashed, one.max_participants,
    )  # fmt: skip


def _day(day: DateV5, course: CourseV5) -> Place:
    return Place(
        day.course_id, day.id, day.date, day.hour_start, day.hour_end, None, None, None, None, course.school_id, course.type,
        day.trashed or course.trashed, not day.trashed, None,
    )  # fmt: skip


def _relink(read: Reader, lessons: Lessons, lines: list[Any]) -> None:
    """Classes to move to, for live lines whose class is deleted while its course is not (Q-33)."""
    courses = {
        place.course_id for line in lines if line.deleted_at is None
        for place in lessons.places.get(line.course_groups_subgroup2_id, ()) if place.trashed
    }  # fmt: skip
    if not courses:
        return
    rows = v5_rows.subgroups(read, "course_id", courses)
    dates = v5_rows.dates(read, {one.course_date_id for one in rows.values()})
    parents = v5_rows.courses(read, courses)
    groups = v5_rows.trashed_groups(read, {one.group_id for one in rows.values()})
    places = {one.id: _class(one, dates[one.course_date_id], parents[one.course_id], one.group_id in groups)
              for one in rows.values()}  # fmt: skip
    origins = {one.id: one.old_id for one in rows.values()}
    moves = relink.moves(places, origins, relink.live_lines(read, set(origins.values())))
    lessons.moves = {key: places[target] for key, target in moves.items()}

"""Stand-ins for private courses that are gone: one "Legacy course" per school and sport, inactive (Q-41)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from entities.courses import booked, directory, facts, kind, sessions
from entities.courses.directory import Directory
from entities.courses.v5 import V5Course, V5CourseDate
from entities.courses.windows import OPENS
from entities.engine import normalise, resolvers
from entities.engine.definition import Mapping, Migration
from entities.engine.environment import Env, Scope
from entities.engine.errors import BadValue
from entities.engine.extract import RowBatch
from entities.engine.fields import Const, Given, Stamp
from entities.engine.read import Reader
from entities.engine.values import SYNTHESISED, Aggregate, Entry, Unit
from entities.schools.legacy import LegacySchool

seasons = resolvers.of("seasons")


NAME = "Legacy course"


def course_part(school: int, sport: int) -> str:
    """The map's `part` of a placeholder course; its legacy id is 0."""
    return f"placeholder:{school}:{sport}"


def day_part(school: int, sport: int, date: str, hour: str) -> str:
    """The map's `part` of a date of a placeholder course; its legacy id is 0."""
    return f"placeholder:{school}:{sport}:{date}T{hour[:5]}"


class PlaceholderCourseMapping(Mapping):
    """4.21, Q-41: what a paid lesson hangs on when its course is gone."""

    entity = "course"
    source, target = LegacySchool, V5Course
    projection = True  # a school's row is accounted by the schools

    course_type = Const(kind.PRIVATE)
    is_flexible = Const(0)
    sport_id = Given("sport of the lost course, else the first one that the school offers")
    school_id = Given("V5 id of the school", uses=("id",))
    station_id = Const(None)
    user_id = Const(None)
    name = Const(NAME)
    short_description = Const("")
    description = Const("")
    price = Const(normalise.NOTHING)
    currency = Given("currency of the school", rule="Q-07")
    max_participants = Const(1)
    duration = Const(None)
    date_start = Given("first booked date")
    date_end = Given("last booked date")
    date_start_res = Const(None)
    date_end_res = Const(None)
    hour_min = Given("earliest booked hour")
    hour_max = Given("latest booked hour")
    age_min = Const(1)
    age_max = Const(99)
    confirm_attendance = Const(0)
    active = Const(0)
    online = Const(0)
    unique = Const(0)
    options = Const(0)
    highlighted = Const(0)
    claim_text = Const(None)
    image = Const(None)
    translations = Const(None)
    price_range = Const(None)
    discounts = Const(None)
    settings = Given("empty")
    created_at = Const(None)
    updated_at = Const(None)
    deleted_at = Const(None)
    old_id = Const(None)
    season_id = Given("season of most dates", rule="Q-28")
    legacy_id = Const(None)
    migrated_at = Stamp()


class PlaceholderDayMapping(Mapping):
    """A date of a placeholder course."""

    entity = "course_day"
    source, target = LegacySchool, V5CourseDate
    projection = True

    course_id = Given("V5 id of the placeholder")
    date = Given("booked date")
    hour_start = Given("booked hour")
    hour_end = Given("booked hour plus duration")
    active = Given("1 when a live lesson is booked")
    created_at = Const(None)
    updated_at = Const(None)
    deleted_at = Const(None)
    old_id = Const(None)
    interval_id = Const(None)
    order = Const(None)


@dataclass
class Lost:
    """The days that the lost lessons of one school and sport need: end and liveness by (date, hour)."""

    days: dict[tuple[str, str], tuple[str, bool, bool]] = field(default_factory=dict)

    def add(self, date: str, hour: str, end: str, live: bool, sure: bool) -> None:
        other = self.days.get((date, hour), (end, False, True))
        self.days[(date, hour)] = (max(other[0], end), other[1] or live, other[2] and sure)


class PlaceholderCourseMigration(Migration):
    """Per school, the placeholders its private lines need, each with its dates."""

    name, title, phase, after = "placeholder_courses", "Stand-ins for lost courses", 4, ("courses",)
    root, root_entity = LegacySchool, ""
    mappings = (PlaceholderCourseMapping, PlaceholderDayMapping)
    fast = False  # bookings decide

    def scope_where(self, scope: Scope) -> str:
        return scope.where("t.id")

    def school_of(self, root: Any) -> int | None:
        return int(root.id)

    def needs(self, batch: RowBatch) -> dict[str, set[int]]:
        return {"school": {row.id for row in batch.roots}}

    def known_ids(self, batch: RowBatch) -> dict[str, set[int]]:
        return {"course": {0}, "course_day": {0}}

    def facts(self, batch: RowBatch, read: Reader, env: Env) -> dict[str, Any]:
        schools = {row.id for row in batch.roots}
        lines = lost_lines(read, schools)
        found = directory.load(read, {number for number, _ in lines}, schools)
        return {
            "lost": lost_days(lines, found), "sports": found.sports, "seasons": seasons.load(read, schools),
            "currencies": facts.currencies_of(read, env, schools),
        }  # fmt: skip

    def transform(self, aggregate: Aggregate, env: Env, unit: Unit) -> None:
        school = aggregate.root
        v5_school = env.known["school"].get(school.id)
        if v5_school is None or env.choices.of("unknown_private_course", school=school.id) != "placeholder":
            return
        for sport, lost in sorted(env.facts["lost"].get(school.id, {}).items()):
            course = self._course(school, sport, lost, env, unit)
            self._days(school, sport, lost, course, unit)

    @staticmethod
    def _course(school: Any, sport: int, lost: Lost, env: Env, unit: Unit) -> Entry:
        dates = sorted(date for date, _ in lost.days)
        season, _ = env.facts["seasons"].find(school.id, max(dates, key=dates.count))
        given = {
            "school_id": env.known["school"][school.id], "sport_id": env.facts["sports"][sport], "season_id": season,
            "currency": env.facts["currencies"].get(school.id) or env.choices.of("default_currency", school=school.id),
            "date_start": dates[0], "date_end": dates[-1], "settings": {},
            "hour_min": min(hour for _, hour in lost.days), "hour_max": max(end for end, _, _ in lost.days.values()),
        }  # fmt: skip
        return unit.draft(
            PlaceholderCourseMapping,
            school,
            given,
            part=course_part(school.id, sport),
            legacy_id=0,
            disposition=SYNTHESISED,
            reason="PLACEHOLDER_COURSE",
        )

    @staticmethod
    def _days(school: Any, sport: int, lost: Lost, course: Entry, unit: Unit) -> None:
        for (date, hour), (end, live, sure) in sorted(lost.days.items()):
            given = {
                "course_id": course.v5_id,
                "date": date,
                "hour_start": hour,
                "hour_end": end,
                "active": int(live),
            }
            unit.draft(
                PlaceholderDayMapping,
                school,
                given,
                part=day_part(school.id, sport, date, hour),
                legacy_id=0,
                disposition=SYNTHESISED,
                reason="DATE_FOR_BOOKING",
                under=course,
                warnings=() if sure else ("DURATION_UNKNOWN",),
            )


def lost_lines(read: Reader, schools: Iterable[int]) -> list[tuple[int, booked.BookedLine]]:
    """(course2_id, line) of private lines whose course may not be theirs; `Directory.find` decides."""
    schools = set(schools)
    private = kind.IS_PRIVATE.replace("t.", "c.")
    rows = read.legacy_sql(
        f"SELECT t.course2_id, {booked.BOOKED} {booked.LINES} LEFT JOIN courses2 c ON c.id = t.course2_id"
        f" WHERE {booked.PRIVATE_LINE} AND t.course2_id > 0 AND b.school_id IN ({{ids}})"
        f" AND (c.id IS NULL OR c.school_id <> b.school_id OR NOT {private})",
        schools,
    )
    refused = {row[0] for row in read.v5_sql(
        "SELECT legacy_id FROM legacy_id_mappings WHERE entity_type = 'course' AND v5_id IS NULL AND school_id IN ({ids})",
        schools)}  # fmt: skip
    rows += read.legacy_sql(
        f"SELECT t.course2_id, {booked.BOOKED} {booked.LINES} WHERE {booked.PRIVATE_LINE} AND t.course2_id IN ({{ids}})",
        refused,
    )
    lines = [
        (number, booked.booked_line(*rest)) for number, *rest in sorted(set(rows), key=lambda row: row[1])
    ]
    return [(number, line) for number, line in lines if line is not None and line.school_id in schools]


def lost_days(lines: Iterable[tuple[int, booked.BookedLine]], found: Directory) -> dict[int, dict[int, Lost]]:
    """What is needed, by legacy school and sport."""
    lost: dict[int, dict[int, Lost]] = defaultdict(dict)
    for number, line in lines:
        target = found.find(number, line.school_id)
        if target.v5_id is None and target.sport is not None:
            hour = line.hour or OPENS
            minutes = line.minutes or (sessions.minutes_of(target.row) if target.row else None)
            try:
                end = normalise.end_time(hour, minutes)
            except BadValue:
                continue  # the line will be rejected with CROSSES_MIDNIGHT
            lost[line.school_id].setdefault(target.sport, Lost()).add(
                line.date, hour, end or hour, line.live, end is not None
            )
    return lost

"""Writes one course into a unit: the course, its dates, its classes, and what becomes of every row around it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from entities.courses import product, sessions
from entities.courses.booked import extra_days, widen
from entities.courses.builder import Product, majority, optional_date
from entities.courses.classes import Classes, Slot, refuse_group
from entities.courses.facts import Facts
from entities.courses.family import Family
from entities.courses.mappings import CourseMapping, DateMapping, DayMapping, SessionMapping, UmbrellaMapping
from entities.courses.sessions import Calendar, Day
from entities.courses.windows import OPENS, Window, clock, window_of
from entities.engine import normalise
from entities.engine.environment import Env
from entities.engine.errors import BadValue
from entities.engine.values import SYNTHESISED, Entry, Unit
from tracking.sentences import sentence

FIRST_DAY = "2015-01-01"  # 4.9: service dates before it, or more than three years ahead, are implausible


class Writer:
    """One course at a time."""

    def __init__(self, unit: Unit, family: Family, facts: Facts, env: Env) -> None:
        self.unit, self.family, self.facts, self.env = unit, family, facts, env
        self.school = majority(row.school_id for row in family.members)[0]
        self.sport = majority(row.sport_id for row in family.members)[0]
        self.dates: dict[str, list[Slot]] = defaultdict(list)  # by day
        self.of_row: dict[int, Slot] = {}  # by id of course_dates2
        self.course: Entry
        unit.school_id = self.school

    def grouped(self, discount_rows: list[Any]) -> None:
        """Shape A: the umbrella, or without it the member with the lowest id, is the winner (GR-08)."""
        calendar = sessions.grouped(
            self.family.members,
            lambda row: self.family.rows("dates", row),
            self.family.umbrella.dates_global if self.family.umbrella else None,
        )
        if self._left_out(max((day.date for day in calendar.days), default=None), discount_rows):
            return
        made = product.grouped(self.family, calendar, self.facts, self.env, self.unit.image, discount_rows)
        umbrella, first = self.family.umbrella, self.family.members[0]
        if not self._course(UmbrellaMapping if umbrella else CourseMapping, umbrella or first, made):
            self._refuse(calendar)
        for row in self.family.members if umbrella else self.family.members[1:]:
            self.unit.merge("course", row, self.course)
        if not self.course.rejected:
            self._calendar(calendar)
            self._classes()
        self._prices(discount_rows, made.used_prices)

    def alone(self) -> None:
        """Shape B."""
        row = self.family.members[0]
        calendar = sessions.alone(row, self.family.rows("dates", row))
        if self._left_out(max((day.date for day in calendar.days), default=None)):
            return
        made = product.alone(self.family, calendar, self.facts, self.env, self.unit.image)
        if self._course(CourseMapping, row, made):
            self._calendar(calendar)
            self._classes()
        else:
            self._refuse(calendar)
        self._prices([], made.used_prices)

    def private(self) -> None:
        """4.16 and 4.17: the course, a date for each day of its window, and those that bookings need."""
        row = self.family.members[0]
        calendar = sessions.alone(row, self.family.rows("dates", row))
        lines = [line for line in self.facts.booked.get(row.id, ()) if line.school_id == row.school_id]
        try:
            window = window_of(row, self.env.choices)
        except BadValue as error:
            self.course = self.unit.reject("course", row, error.code, "date_start", error.message)
            self._refuse(calendar)
            self._prices([], set())
            return
        if self._left_out(max([window.last, *(line.date for line in lines)])):
            return
        booked = {line.date for line in lines if line.live}
        made = product.private(self.family, window, self.facts, self.env, self.unit.image, booked)
        extra = extra_days(row, window, {day.date for day in calendar.days}, lines)
        widen(made, [day.date for day in (*extra, *calendar.range_days)], self.env, row.school_id)
        if self._course(CourseMapping, row, made):
            self._window(row, window)
            self._extra(row, extra)
            self._calendar(calendar)
            self._classes()
        else:
            self._refuse(calendar)
        self._prices([], made.used_prices)

    # The course itself

    def _course(self, mapping: Any, row: Any, made: Product) -> bool:
        """Whether the course can be written."""
        if made.problem is not None:
            self.course = self.unit.reject(mapping.entity, row, *made.problem)
            return False
        self.course = self.unit.draft(mapping, row, made.values)
        for code, name, message in made.warnings:
            self.course.warn(code, name, message)
        if made.keep:
            self.course.keep(**made.keep)
        return not self.course.rejected

    def _left_out(self, last: str | None, discount_rows: list[Any] | None = None) -> bool:
        """Skips the whole course when its school is out of scope or its last day lies before the history cut (Q-25)."""
        cut = self.env.choices.of("history_from", school=self.school)
        if not self.env.scope.has(self.school):
            reason, archive = "OUT_OF_SCOPE_SCHOOL", False
        elif cut is not None and last is not None and last < str(cut)[:10]:
            reason, archive = "BEFORE_HISTORY_CUT", True
        else:
            return False
        self._skip_all(reason, archive, discount_rows or [])
        return True

    def _skip_all(self, reason: str, archive: bool, discount_rows: list[Any]) -> None:
        family, skip = self.family, self.unit.skip
        if family.umbrella:
            skip("course_global", family.umbrella, reason, archive=archive)
        for row in discount_rows:
            skip("archive:price_ranges", row, reason, archive=archive)
        for member in family.members:
            skip("course", member, reason, archive=archive)
            for name, entity in (
                ("dates", "course_date"),
                ("prices", "archive:price_ranges"),
                ("groups", "course_group"),
            ):
                for row in family.rows(name, member):
                    skip(entity, row, reason, archive=archive)
        for _, row in family.all_subgroups():
            skip("course_subgroup", row, reason, archive=archive)
            for replacement in family.rows("replacements", row):
                skip("archive:subgroups_monitor_dates", replacement, reason, archive=archive)

    def _refuse(self, calendar: Calendar) -> None:
        """Everything below a rejected course."""
        message = sentence(
            "%(entity)s %(id)s was rejected: %(code)s",
            entity=self.course.entity,
            id=self.course.legacy_id,
            code=self.course.reason,
        )
        for member in self.family.members:
            for row in self.family.rows("dates", member):
                self.unit.reject("course_date", row, "COURSE_REJECTED", message=message)
            for row in self.family.rows("groups", member):
                refuse_group(self.unit, self.family, row, "COURSE_REJECTED", message=message)

    def _prices(self, discount_rows: list[Any], used: set[int]) -> None:
        """Rows of price_ranges: merged into the course they shaped, else left out."""
        for row in [
            *discount_rows,
            *(one for member in self.family.members for one in self.family.rows("prices", member)),
        ]:
            if row.id in used and not self.course.rejected:
                self.unit.merge("archive:price_ranges", row, self.course)
            else:
                self.unit.skip("archive:price_ranges", row, "NO_TARGET")

    # Dates

    def _calendar(self, calendar: Calendar) -> None:
        for bad in calendar.bad:
            self.unit.reject("course_date", bad.row, bad.code, bad.field, bad.message)
        for day in calendar.days:
            entry = self._date(day)
            slot = Slot(day.date, day.hour_start, entry)
            if slot not in self.dates[day.date]:
                self.dates[day.date].append(slot)
            for row in day.sources:
                self.of_row[row.id] = slot

    def _date(self, day: Day) -> Entry:
        given = {
            "course_id": self.course.v5_id, "date": day.date, "hour_start": day.hour_start, "hour_end": day.hour_end,
            "active": day.active, "deleted_at": day.deleted_at,
        }  # fmt: skip
        if not day.sources:
            part = f"{day.date}T{day.hour_start[:5]}"
            return self.unit.draft(
                SessionMapping,
                self.family.umbrella,
                given,
                part=part,
                disposition=SYNTHESISED,
                reason="SESSION_ONLY",
                under=self.course,
                warnings=self._implausible(day),
            )
        first, *others = day.sources
        own = next((slot.entry for slot in self.dates[day.date] if slot.entry.entity == "course_day"), None)
        if own is not None:  # a private course has the day already
            entry, others = own, day.sources
        else:
            codes = [*day.warnings, *self._implausible(day)]
            entry = self.unit.draft(DateMapping, first, given, under=self.course, warnings=codes)
        for row in others:
            self.unit.merge("course_date", row, entry)
        return entry

    def _implausible(self, day: Day) -> list[str]:
        latest = f"{int(self.env.today[:4]) + 3:04}{self.env.today[4:]}"
        return [] if FIRST_DAY <= day.date <= latest else ["DATE_IMPLAUSIBLE"]

    def _window(self, row: Any, window: Window) -> None:
        given = {
            "course_id": self.course.v5_id,
            "hour_start": window.opens,
            "hour_end": window.closes,
            "deleted_at": None,
        }
        for date, active in window.days():
            entry = self.unit.draft(
                DayMapping,
                row,
                {**given, "date": date, "active": int(active)},
                part=date,
                disposition=SYNTHESISED,
                reason="PRIVATE_DAY",
                under=self.course,
            )
            self.dates[date].append(Slot(date, window.opens, entry))

    def _extra(self, row: Any, extra: list[Day]) -> None:
        """Days that only exist because somebody booked them."""
        for day in extra:
            self._made(row, day, "DATE_FOR_BOOKING", ("DATE_OUTSIDE_RANGE", *day.warnings))

    def _made(self, row: Any, day: Day, reason: str, codes: tuple[str, ...] = ()) -> Slot:
        given = {
            "course_id": self.course.v5_id, "date": day.date, "hour_start": day.hour_start, "hour_end": day.hour_end,
            "active": day.active, "deleted_at": day.deleted_at,
        }  # fmt: skip
        entry = self.unit.draft(
            DayMapping,
            row,
            given,
            part=day.date,
            disposition=SYNTHESISED,
            reason=reason,
            under=self.course,
            warnings=codes,
        )
        slot = Slot(day.date, day.hour_start, entry)
        self.dates[day.date].append(slot)
        return slot

    # Classes

    def _classes(self) -> None:
        classes = Classes(self.unit, self.family, self.facts, self.env, self.course, self.school, self.sport)
        for member in self.family.members:
            if not self.family.rows("groups", member):
                continue
            found = {
                self.of_row[row.id].entry.v5_id: self.of_row[row.id]
                for row in self.family.rows("dates", member)
                if row.id in self.of_row
            }
            slots = sorted(found.values(), key=lambda slot: (slot.date, slot.hour))
            classes.write(member, slots or [self._date_for_groups(member)], made=not slots)

    def _date_for_groups(self, member: Any) -> Slot:
        """4.18: groups of a member without dates hang on the first day of the course."""
        date = optional_date(member.date_start) or self.course_start()
        if self.dates.get(date):
            return self.dates[date][0]
        start = clock(member.hour_min) or OPENS
        try:
            end = normalise.end_time(start, sessions.minutes_of(member)) or start
        except BadValue:
            end = start
        deleted = normalise.timestamp(member.deleted_at)
        day = Day(date, start, end, int(bool(member.active) and deleted is None), deleted)
        return self._made(member, day, "DATE_FOR_GROUP")

    def course_start(self) -> str:
        """The first day of the course as it is written."""
        assert self.course.mapping is not None and self.course.values is not None
        return str(self.course.values[self.course.mapping.columns.index("date_start")])

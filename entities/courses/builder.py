"""What the courses of every shape have in common: place, kind, currency, picture, period, season (4.15, 4.16)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from entities.courses import kind
from entities.courses.facts import Facts
from entities.courses.family import Family
from entities.courses.sessions import Calendar, minutes_of
from entities.courses.windows import clock
from entities.engine import normalise
from entities.engine.environment import Env
from entities.engine.errors import BadValue
from tracking.sentences import sentence


@dataclass
class Product:
    """The `Given` values of a course mapping, what to flag, and why it cannot be written (`problem`)."""

    values: dict[str, Any] = field(default_factory=dict)
    warnings: list[tuple[str, str, str]] = field(default_factory=list)
    keep: dict[str, Any] = field(default_factory=dict)
    problem: tuple[str, str, str] | None = None
    used_prices: set[int] = field(default_factory=set)

    def warn(self, code: str, name: str = "", message: str = "") -> None:
        self.warnings.append((code, name, message))


def majority(values: Iterable[Any]) -> tuple[Any, bool]:
    """The most frequent value that is not None, the earliest of equals; and whether there was another one."""
    counts = Counter(value for value in values if value is not None)
    if not counts:
        return None, False
    return counts.most_common(1)[0][0], len(counts) > 1


class Builder:
    """Works out one product; the parts that all shapes share are here."""

    def __init__(self, family: Family, facts: Facts, env: Env, image: Callable[[Any], str | None]) -> None:
        self.family, self.facts, self.env, self.image_of = family, facts, env, image
        self.first, self.members = family.members[0], family.members
        self.product = Product()
        self.school, self.sport = self._place()

    def _place(self) -> tuple[int, int]:
        """Legacy school and sport; unknown ones refuse the course, an unknown station leaves the column empty."""
        names = ("school_id", "sport_id", "station_id")
        found = {name: majority(getattr(row, name) for row in self.members) for name in names}
        if any(disagree for _, disagree in found.values()):
            self.product.warn(
                "MEMBERS_DISAGREE",
                ", ".join(name for name in names if found[name][1]),
                sentence("the members differ; the value of most of them was taken"),
            )
        school, sport, station = (found[name][0] for name in names)
        known = self.env.known
        for entity, legacy_id in (("sport", sport), ("school", school)):
            if known[entity].get(legacy_id) is None:
                self.product.problem = (
                    f"{entity.upper()}_UNKNOWN",
                    f"{entity}_id",
                    sentence("%(entity)s %(id)s has no V5 record", entity=sentence(entity), id=legacy_id),
                )
        if station is not None and known["station"].get(station) is None:
            self.product.warn(
                "STATION_UNKNOWN",
                "station_id",
                sentence("station %(station)s has no V5 record", station=station),
            )
        self.product.values |= {
            "school_id": known["school"].get(school), "sport_id": known["sport"].get(sport),
            "station_id": known["station"].get(station),
        }  # fmt: skip
        return school, sport

    def common(self, calendar: Calendar) -> None:
        """What every shape has: kind, currency, places, duration, picture, period and hours of its dates."""
        types = [kind.kind_of(row, self.family.has_groups) for row in self.members]
        course_type, _ = majority(one.type for one in types)
        if any(one.conflict for one in types):
            self.product.warn(
                "COURSE_KIND_CONFLICT",
                "course_type_id",
                sentence("supertype and type disagree; the supertype counts"),
            )
        minutes = next((found for found in map(minutes_of, self.members) if found), None)
        if minutes is None:
            self.product.warn(
                "DURATION_UNKNOWN", "duration", sentence("the duration is missing or cannot be read")
            )
        self.product.values |= {
            "course_type": course_type, "currency": self._currency(), "duration": normalise.duration_label(minutes),
            "max_participants": max(row.max_participants or 0 for row in self.members), "image": self._image(),
        }  # fmt: skip
        self._period(calendar)

    def _currency(self) -> str:
        found = normalise.currency(*(row.currency for row in self.members))
        if found is None:
            self.product.warn(
                "CURRENCY_ASSUMED",
                "currency",
                sentence("the course has no currency; that of the school was taken"),
            )
            found = self.facts.currencies.get(self.school) or self.env.choices.of(
                "default_currency", school=self.school
            )
        return str(found)

    def _image(self) -> str | None:
        """The first picture; an unreadable one refuses the course, unless another member has a good one."""
        error = None
        for row in self.members:
            if row.image not in (None, ""):
                try:
                    return self.image_of(row.image)
                except BadValue as bad:
                    error = bad
        if error is not None:
            self.product.problem = self.product.problem or (error.code, "image", error.message)
        return self.first.image

    def _period(self, calendar: Calendar) -> None:
        days = calendar.range_days
        if days:
            self.product.values |= {
                "date_start": days[0].date, "date_end": max(day.date for day in days),
                "hour_min": min(day.hour_start for day in days), "hour_max": max(day.hour_end for day in days),
            }  # fmt: skip
            return
        self.product.warn("NO_DATES", "date_start", sentence("the course has no date"))
        self.product.values |= {
            "date_start": self._edge(min, "date_start"), "date_end": self._edge(max, "date_end"),
            "hour_min": clock(self.first.hour_min), "hour_max": clock(self.first.hour_max),
        }  # fmt: skip

    def _edge(self, pick: Callable[..., Any], name: str) -> str | None:
        """min or max of a column over the members; refuses the course when no member has a date."""
        found = [date for date in (optional_date(getattr(row, name)) for row in self.members) if date]
        if not found:
            self.product.problem = self.product.problem or (
                "DATE_INVALID",
                name,
                sentence("the course has no date at all"),
            )
            return None
        return str(pick(found))

    def booking_window(self) -> None:
        """Bookable from … until: NULL is open, and open wins."""
        for name, pick in (("date_start_res", min), ("date_end_res", max)):
            found = [optional_date(getattr(row, name)) for row in self.members]
            self.product.values[name] = None if None in found else pick(date for date in found if date)

    def stamps(self, *rows: Any) -> None:
        """Earliest creation and latest change."""
        made = [
            stamp for stamp in (self.read(normalise.timestamp, row, "created_at") for row in rows) if stamp
        ]
        changed = [
            stamp for stamp in (self.read(normalise.timestamp, row, "updated_at") for row in rows) if stamp
        ]
        gone = [self.read(normalise.timestamp, row, "deleted_at") for row in self.members]
        self.product.values |= {
            "created_at": min(made, default=None), "updated_at": max(changed, default=None),
            "deleted_at": None if None in gone else max(gone),
        }  # fmt: skip

    def read(self, convert: Callable[[Any], Any], row: Any, name: str) -> Any:
        """A converted column; what cannot be read refuses the course."""
        try:
            return convert(getattr(row, name))
        except BadValue as error:
            self.product.problem = self.product.problem or (error.code, name, error.message)
            return None

    def flags(self) -> None:
        """1 if any live member has 1; a course of its own copies its row."""
        counted = (
            self.members
            if len(self.members) == 1
            else [row for row in self.members if row.deleted_at is None]
        )
        for name in ("online", "active", "confirm_attendance"):
            self.product.values[name] = int(any(getattr(row, name) for row in counted))

    def season(self, dates: Iterable[str]) -> None:
        """The season of most of these dates, the earliest of equals (Q-28); more than one is flagged."""
        found: list[tuple[int, str]] = []
        for date in sorted(dates):
            season_id, warnings = self.facts.seasons.find(self.school, date)
            for code in warnings:
                if code not in [warning[0] for warning in self.product.warnings]:
                    self.product.warn(code, "season_id", sentence("see the seasons of the school"))
            if season_id is not None:
                found.append((season_id, date))
        counts = Counter(season_id for season_id, _ in found)
        if len(counts) > 1:
            self.product.warn(
                "SPANS_SEASONS", "season_id", sentence("the course has dates in more than one season")
            )
        first_date = self.env.choices.of("course_season", school=self.school) == "first_date"
        self.product.values["season_id"] = (
            None if not found else found[0][0] if first_date else counts.most_common(1)[0][0]
        )


def optional_date(value: Any) -> str | None:
    """A date, None when it is missing or no date."""
    try:
        return normalise.date(value)
    except BadValue:
        return None


def text(row: Any, name: str) -> str:
    """A text column, "" for nothing."""
    value = getattr(row, name, None) if row is not None else None
    return str(value) if value and str(value).strip() else ""

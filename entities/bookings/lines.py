"""Booking lines: who takes part where and when (4.21). Pure decisions; the rows are drafted in `migration`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from entities.bookings.facts import Facts
from entities.engine import resolvers
from entities.engine.environment import Env
from entities.engine.errors import BadValue
from entities.engine.normalise import end_time, spread
from tracking.sentences import sentence

Place = resolvers.of("courses").Place
owner = resolvers.of("vouchers").owner


ACTIVE, CANCELLED = 1, 2
Warning = tuple[str, str, str]  # code, field, message


@dataclass(slots=True)
class Part:
    """One target row of a line: a place with the line's own hours, price and level."""

    place: Place
    part: str
    price: Decimal
    date: str
    hour_start: str
    hour_end: str
    degree_id: int | None
    monitor_id: int | None
    attended: int
    group_id: int = 0
    entry: Any = None  # the drafted booking_user

    @property
    def start(self) -> str:
        return f"{self.date} {self.hour_start}"

    @property
    def end(self) -> str:
        return f"{self.date} {self.hour_end}"


@dataclass(slots=True)
class Line:
    """A legacy line with what was decided for it. `problem` rejects it, the booking stays."""

    row: Any
    status: int
    client_id: int = 0
    stood_in: bool = False
    private: bool = False
    parts: list[Part] = field(default_factory=list)
    warnings: list[Warning] = field(default_factory=list)
    problem: BadValue | None = None
    split: bool = False

    @property
    def live(self) -> bool:
        return self.status == ACTIVE and self.problem is None


def decide(row: Any, booking: Any, school_id: int, env: Env) -> Line:
    """Everything about one line; bad data ends as `line.problem`.

    1. kind (collective or private), 2. the person, 3. the places, 4. hours, prices, levels, monitors.
    """
    line = Line(row, CANCELLED if row.deleted_at or booking.deleted_at else ACTIVE)
    facts: Facts = env.facts
    try:
        line.private = _is_private(row, line)
        line.client_id, line.stood_in = owner(
            row.user_id, booking.school_id, env, env.known["client"], facts.stand_ins
        )
        if line.stood_in:
            line.warnings.append(
                (
                    "PLACEHOLDER_CLIENT",
                    "user_id",
                    sentence("the participant is unknown; the school's stand-in took the place"),
                )
            )
        if (row.user_id, booking.school_id) in facts.strangers:
            line.warnings.append(
                (
                    "PARTICIPANT_OTHER_SCHOOL",
                    "user_id",
                    sentence("the participant is no member of the school in legacy"),
                )
            )
        if line.private:
            line.parts = [_private_part(line, school_id, env)]
        else:
            line.parts = _collective_parts(line, booking, school_id, env)
    except BadValue as error:
        line.problem, line.parts = error, []
    return line


def _is_private(row: Any, line: Line) -> bool:
    if row.course_groups_subgroup2_id:
        if row.course2_id:
            line.warnings.append(
                (
                    "BOTH_REFERENCES",
                    "course2_id",
                    sentence("the line names a class and a private course; the class counts"),
                )
            )
        return False
    if row.course2_id:
        return True
    raise BadValue("LINE_WITHOUT_COURSE", sentence("the line names neither a class nor a private course"))


def _collective_parts(line: Line, booking: Any, school_id: int, env: Env) -> list[Part]:
    row, facts = line.row, env.facts
    places = facts.lessons.subgroups(row.course_groups_subgroup2_id)
    if not places:
        known = facts.lessons.rejected(row.course_groups_subgroup2_id)
        named = row.course_groups_subgroup2_id
        said = sentence("class %(id)s does not exist in legacy", id=named)
        if known:
            said = sentence("class %(id)s was rejected: %(code)s", id=named, code=known)
        raise BadValue("SUBGROUP_UNKNOWN", said)
    if places[0].school_id != school_id:
        raise BadValue("TENANT_MISMATCH", sentence("the class belongs to another school than the booking"))
    parts = _part_names(places)
    chosen = _dates_of(places, row)
    line.split = len(chosen) > 1
    names = [parts[place.course_date_id] for place in chosen]
    chosen = [_standing(place, line, env) for place in chosen]
    prices = _prices(row.price, len(chosen), env, booking.school_id)
    return [
        Part(
            place, name, price, place.date, place.hour_start, place.hour_end, place.degree_id,
            place.monitor_id, _attended(line, place, facts),
        )
        for place, name, price in zip(chosen, names, prices, strict=True)
    ]  # fmt: skip


def _part_names(places: list[Place]) -> dict[int, str]:
    """Part of the map key by V5 course date: '' for a class of one date, else the date, with its hour when a day
    has several sessions."""
    if len(places) == 1:
        return {places[0].course_date_id: ""}
    days = Counter(place.date for place in places)
    return {
        place.course_date_id: place.date if days[place.date] == 1 else f"{place.date}T{place.hour_start[:5]}"
        for place in places
    }


def _attended(line: Line, place: Place, facts: Facts) -> int:
    """The attendance of that date if there is one, else what the line says."""
    row = line.row
    return facts.attended.get(
        (row.course_groups_subgroup2_id, place.date, row.user_id), int(bool(row.attended))
    )


def _dates_of(places: list[Place], row: Any) -> list[Place]:
    """The line's own date if it has one; else every live date; else the first (decisions: split lines)."""
    if len(places) == 1:
        return places
    own = [place for place in places if row.date and place.date == row.date[:10]]
    if own:
        return [place for place in own if row.hour and place.hour_start == row.hour][:1] or own[:1]
    return [place for place in places if place.date_live] or places[:1]


def _standing(place: Place, line: Line, env: Env) -> Place:
    """Q-33: a live line in a trashed class moves to a live one of the same date and level, or is flagged."""
    if line.status != ACTIVE or not place.trashed:
        return place
    other = env.facts.lessons.relinked(line.row, place)
    if other is not None:
        line.warnings.append(
            (
                "LINE_RELINKED",
                "course_groups_subgroup2_id",
                sentence("the class was deleted; moved to a live one of the same date and level"),
            )
        )
        return other
    line.warnings.append(
        (
            "ORPHAN_KEPT",
            "course_groups_subgroup2_id",
            sentence("the class was deleted and no other fits; the reference was kept"),
        )
    )
    return place


def _prices(price: Decimal, parts: int, env: Env, school: int) -> list[Decimal]:
    """Q-40: all on the first date, or spread; the sum is the line's price to the cent."""
    if parts == 1:
        return [price]
    if env.choices.of("split_price", school=school) == "spread":
        return spread(price, parts)
    return [price, *[Decimal("0.00")] * (parts - 1)]


def _private_part(line: Line, school_id: int, env: Env) -> Part:
    row, facts = line.row, env.facts
    answer = facts.private[row.id]
    line.warnings += [(code, "course2_id", "") for code in answer.warnings]
    place = answer.place
    if place is None:
        raise BadValue(answer.reason or "LINE_WITHOUT_DATE", sentence("the private lesson has no day in V5"))
    if place.school_id != school_id:
        raise BadValue(
            "TENANT_MISMATCH", sentence("the private course belongs to another school than the booking")
        )
    start = answer.hour_start or place.hour_start
    end = end_time(start, answer.duration) if answer.duration else place.hour_end
    level = facts.levels.get((line.client_id, school_id, facts.sports.get(place.course_id, 0)))
    return Part(
        place,
        "",
        row.price,
        place.date,
        start,
        end or place.hour_end,
        level,
        _monitor(line, env),
        int(bool(row.attended)),
    )


def _monitor(line: Line, env: Env) -> int | None:
    if line.row.monitor_id is None:
        return None
    found = env.known["monitor"].get(line.row.monitor_id)
    if found is None:
        line.warnings.append(
            (
                "MONITOR_UNKNOWN",
                "monitor_id",
                sentence("user %(user)s has no V5 monitor", user=line.row.monitor_id),
            )
        )
    return found


def number_activities(lines: list[Line]) -> None:
    """4.21 `group_id`: which lines are one activity, numbered from 1 in the order of the lines.

    Collective: same course and same set of dates (cancelled ones included); private: same course, date,
    start, end and monitor.
    """
    dates: dict[tuple[int, int], set[str]] = {}
    for line in lines:
        if not line.private:
            for part in line.parts:
                dates.setdefault((line.client_id, part.place.course_id), set()).add(part.date)
    numbers: dict[Any, int] = {}
    for line in lines:
        for part in line.parts:
            key: Any = (part.place.course_id, part.date, part.hour_start, part.hour_end, part.monitor_id)
            if not line.private:
                key = (part.place.course_id, frozenset(dates[(line.client_id, part.place.course_id)]))
            part.group_id = numbers.setdefault(key, len(numbers) + 1)

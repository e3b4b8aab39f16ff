"""Row by row, as a loop over an ORM does it: look up one parent, save one object, one transaction per booking.

The decisions are the engine's own pure functions, so that the rows are the same; what differs is the way of
reading (one query per record and per parent) and of writing (one INSERT per row and per map entry).
"""

from __future__ import annotations

import json
import time
import warnings
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from benchmarks.arena import CUTOVER
from entities.bookings import payments
from entities.bookings.facts import Facts
from entities.bookings.legacy import LegacyAttendance, LegacyBooking, LegacyBookingLine
from entities.bookings.lines import decide, number_activities
from entities.bookings.migration import IN_FULL, BookingMigration
from entities.bookings.writing import Writer
from entities.clients.v5 import V5Client, V5ClientSport
from entities.courses.legacy import LegacyCourse, LegacyCourseDate
from entities.courses.resolver import Place, PrivateAnswer
from entities.courses.v5 import V5Course, V5CourseDate, V5CourseSubgroup
from entities.degrees.v5 import V5Degree
from entities.engine import normalise, schema, source
from entities.engine.environment import CountingIds, Env, Scope
from entities.engine.lineage import LegacyIdMapping
from entities.engine.pipeline import scope_of
from entities.engine.report import seal
from entities.engine.validate import validate
from entities.engine.values import Aggregate, Unit
from entities.seasons.resolver import Season, Seasons
from entities.seasons.v5 import V5Season
from entities.vouchers.legacy import LegacyVoucherLog
from entities.vouchers.v5 import V5Voucher
from tracking import plan
from tracking.models import Wave

ABOVE = 80_000_000  # ids of this way, above all others


def mapped(entity: str, legacy_id: int | None) -> int | None:
    """The V5 id of one parent: one query."""
    if legacy_id is None:
        return None
    found = rows_of(LegacyIdMapping).filter(entity_type=entity, legacy_id=legacy_id, part="")
    return found.values_list("v5_id", flat=True).first()


def rows_of(model: Any) -> Any:
    """The objects of a V5 table, without the columns that only some installations have (GR-23)."""
    return model.objects.using("v5").defer(*model.conditional)


class Parents(dict[str, Any]):
    """`env.known` of one booking: each parent is asked for once, when it is needed."""

    class Of(dict[int, int | None]):
        def __init__(self, entity: str) -> None:
            super().__init__()
            self.entity = entity

        def __missing__(self, legacy_id: int) -> int | None:
            self[legacy_id] = mapped(self.entity, legacy_id)
            return self[legacy_id]

        def get(self, legacy_id: Any, default: Any = None) -> Any:
            return self[legacy_id]

    def __missing__(self, entity: str) -> Parents.Of:
        self[entity] = self.Of(entity)
        return self[entity]


class Lessons:
    """Where the lines of one booking take place, one object after the other."""

    def __init__(self) -> None:
        self._known: dict[int, list[Place]] = {}

    def subgroups(self, subgroup_id: int) -> list[Place]:
        if subgroup_id not in self._known:
            self._known[subgroup_id] = self._places(subgroup_id)
        return self._known[subgroup_id]

    def _places(self, subgroup_id: int) -> list[Place]:
        entries = rows_of(LegacyIdMapping).filter(entity_type="course_subgroup", legacy_id=subgroup_id)
        found = [
            self._class(rows_of(V5CourseSubgroup).get(pk=entry.v5_id)) for entry in entries if entry.v5_id
        ]
        return sorted(found, key=lambda place: (place.date, place.hour_start, place.subgroup_id))

    def _class(self, one: V5CourseSubgroup) -> Place:
        date = rows_of(V5CourseDate).get(pk=one.course_date_id)
        course = rows_of(V5Course).get(pk=one.course_id)
        return Place(
            course.pk, date.pk, str(date.date), str(date.hour_start), str(date.hour_end), one.course_group_id, one.pk,
            one.degree_id, one.monitor_id, course.school_id, course.course_type, False, date.deleted_at is None,
            one.max_participants,
        )  # fmt: skip

    def relinked(self, line: Any, place: Place) -> None:
        return None

    def rejected(self, subgroup_id: int) -> str:
        return ""


def private(line: Any, known: Parents) -> PrivateAnswer:
    """The day of a private line, as `Lessons.private` of the engine answers in clean data."""
    course = rows_of(V5Course).get(pk=known["course"][line.course2_id])
    days = list(
        rows_of(V5CourseDate).filter(course_id=course.pk, date=line.date).order_by("hour_start", "id")
    )
    day = next((one for one in days if str(one.hour_start) == line.hour), days[0])
    place = Place(
        course.pk, day.pk, str(day.date), str(day.hour_start), str(day.hour_end), None, None, None, None, course.school_id,
        course.course_type, False, True, None,
    )  # fmt: skip
    legacy = LegacyCourse.objects.using("legacy").only("duration")
    minutes = normalise.duration(line.duration or legacy.get(pk=line.course2_id).duration)
    return PrivateAnswer(place, "", (), line.hour or place.hour_start, minutes)


def facts_of(booking: Any, lines: list[Any], logs: list[Any], known: Parents) -> Facts:
    """What the decisions need, gathered object by object; an object that several lines share is read once."""
    answers = {
        line.id: private(line, known)
        for line in lines
        if line.course2_id and not line.course_groups_subgroup2_id
    }
    lessons, levels = Lessons(), dict[tuple[int, int, int], int | None]()
    for client in {known["client"][line.user_id] for line in lines if line.id in answers}:
        for level in rows_of(V5ClientSport).filter(client_id=client, deleted_at=None):
            levels[(client, level.school_id, level.sport_id)] = level.degree_id
    wanted = {one for one in levels.values() if one}
    for line in lines:
        if line.id not in answers:
            wanted |= {place.degree_id for place in lessons.subgroups(line.course_groups_subgroup2_id)}
    courses = {answer.place.course_id for answer in answers.values() if answer.place}
    return Facts(
        lessons=lessons, private=answers, sports={one: rows_of(V5Course).get(pk=one).sport_id for one in courses},
        seasons=seasons_of(known["school"][booking.school_id], booking.school_id), stand_ins={},
        people={client: person(client) for client in {known["client"][line.user_id] for line in lines}},
        levels=levels, strangers=set(), degree_names={one: rows_of(V5Degree).get(pk=one).name for one in wanted},
        attended=attended(lines), currencies={},
        voucher_schools={voucher: rows_of(V5Voucher).get(pk=voucher).school_id
                         for voucher in {known["voucher"][log.voucher_id] for log in logs}},
    )  # type: ignore[arg-type]  # fmt: skip


def person(client: int) -> tuple[str, str, str | None]:
    row = rows_of(V5Client).get(pk=client)
    birth = str(row.birth_date)
    return row.first_name, row.last_name, None if birth == normalise.BIRTH_DATE_SENTINEL else birth


def attended(lines: list[Any]) -> dict[tuple[int, str, int], int]:
    found = {}
    for line in lines:
        rows = LegacyAttendance.objects.using("legacy")
        for row in rows.filter(subgroup_id=line.course_groups_subgroup2_id, user_id=line.user_id).order_by(
            "pk"
        ):
            date = LegacyCourseDate.objects.using("legacy").get(pk=row.date_id).date
            found[(row.subgroup_id, str(date), row.user_id)] = int(bool(row.attendance))
    return found


def seasons_of(v5_school: int, school: int) -> Seasons:
    rows = rows_of(V5Season).filter(school_id=v5_school, deleted_at=None).order_by("start_date", "id")
    return Seasons(
        {school: [Season(row.pk, row.name, str(row.start_date), str(row.end_date)) for row in rows]}
    )


def move(booking: Any, lines: list[Any], logs: list[Any], env: Env) -> int:
    """One booking: decide, then save each row and each map entry; the number of rows."""
    env.known = Parents()
    env.facts = facts_of(booking, lines, logs, env.known)
    unit = Unit(booking, env, booking.school_id)
    school = env.known["school"].get(booking.school_id)
    decided = [decide(line, booking, school, env) for line in lines]
    number_activities(decided)
    checked = BookingMigration._vouchers(logs, school, env)
    received = sum((log.amount for log, _ in checked if not log.deleted_at), Decimal("0.00"))
    cancellation = BookingMigration._cancellation(booking, lines)
    money = payments.derive(booking, received, cancellation == IN_FULL, env)
    payer = env.known["client"].get(booking.user_main_id)
    Writer(unit, booking, school, booking.currency, payer, cancellation, decided, checked, money).write()
    segment = BookingMigration().segments()[0]
    seal(segment, Aggregate(booking, {"lines": {booking.id: lines}, "logs": {booking.id: logs}}), unit)
    validate([unit])
    return save(unit, env.now)


@cache
def defaults(model: Any) -> dict[str, Any]:
    """What the server would put into columns that may not be empty: `save` names every column."""
    live = schema.live("v5").columns(model._meta.db_table)
    return {name: column.default for name, column in live.items() if column.default is not None}


def save(unit: Unit, now: str) -> int:
    with transaction.atomic(using="v5"):
        for entry in unit.entries:
            if entry.mapping is not None and entry.values is not None:
                values = defaults(entry.mapping.target) | dict(
                    zip(entry.mapping.columns, entry.values, strict=True)
                )
                entry.mapping.target(**values).save(using="v5", force_insert=True)
            LegacyIdMapping(
                entity_type=entry.entity, legacy_table=entry.legacy_table, legacy_id=entry.legacy_id, part=entry.part,
                v5_table=entry.v5_table, v5_id=entry.v5_id, disposition=entry.disposition, reason=entry.reason,
                school_id=entry.school_id, source_hash=entry.source_hash, target_hash=entry.target_hash, run_id=0, batch_id=0,
                additional_data=json.loads(json.dumps(entry.additional)), created_at=now, updated_at=now,
            ).save(using="v5", force_insert=True)  # fmt: skip
    return sum(1 + (entry.values is not None) for entry in unit.entries)


def run(*, lines: int) -> dict[str, Any]:
    """Bookings in the order of their ids until at least that many lines are moved."""
    # Times in V5 are local and without a zone; saying so once per column and row would only cost time here.
    warnings.filterwarnings("ignore", message="DateTimeField .* received a naive datetime")
    wave = Wave.objects.get(name="Benchmark")
    choices = plan.choices_of(wave)
    now = timezone.now().strftime("%Y-%m-%d %H:%M:%S")
    scope: Scope = scope_of(wave, choices)
    env = Env(choices, scope, CUTOVER, now, CountingIds(ABOVE))
    last = LegacyBooking.objects.using("legacy").aggregate(last=Max("pk"))["last"]
    began, moved, rows, key = time.monotonic(), 0, 0, 0
    while moved < lines and key < last:
        booking = source.of(LegacyBooking).query("t.id > %s", [key], limit=1)[0]
        children = source.of(LegacyBookingLine).query("t.booking2_id = %s", [booking.id])
        logs = source.of(LegacyVoucherLog).query("t.booking_id = %s", [booking.id])
        rows += move(booking, children, logs, env)
        key, moved = booking.id, moved + len(children)
    return {"lines": moved, "rows": rows, "seconds": time.monotonic() - began}

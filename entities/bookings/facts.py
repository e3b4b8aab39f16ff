"""What the bookings of one batch need beyond their own rows: a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from entities.engine import resolvers
from entities.engine.environment import Env
from entities.engine.extract import RowBatch
from entities.engine.normalise import BIRTH_DATE_SENTINEL
from entities.engine.read import Reader, text_of

courses = resolvers.of("courses")
seasons = resolvers.of("seasons")
stand_ins = resolvers.of("vouchers").stand_ins


@dataclass(slots=True)
class Facts:
    """Parents and context of a batch, keyed by legacy ids unless said otherwise."""

    lessons: courses.Lessons
    private: dict[int, courses.PrivateAnswer]  # by legacy line id
    sports: dict[int, int]  # V5 course id: V5 sport id, of private courses
    seasons: seasons.Seasons
    stand_ins: dict[int, int]
    people: dict[int, tuple[str, str, str | None]]  # V5 client id: first name, last name, birth date
    levels: dict[tuple[int, int, int], int | None]  # (V5 client, V5 school, V5 sport): V5 degree
    degree_names: dict[int, str]  # V5 degree id: name
    attended: dict[tuple[int, str, int], int]  # (subgroup, date, user): 0 or 1
    strangers: set[tuple[int, int]]  # (user, school) whose membership was only made for a booking
    voucher_schools: dict[int, int]  # V5 voucher id: V5 school id
    currencies: dict[int, str]  # V5 school id: currency of its settings


def load(batch: RowBatch, read: Reader, env: Env) -> Facts:
    """Everything for one batch."""
    school_of = {booking.id: booking.school_id for booking in batch.roots}
    lines = list(batch.all("lines"))
    lessons = courses.load(read, lines, school_of, env.choices)
    private = {
        line.id: lessons.private(line)
        for line in lines
        if line.course2_id and not line.course_groups_subgroup2_id
    }
    stands = stand_ins(read)
    client_ids = {env.known["client"].get(line.user_id) for line in lines} | set(stands.values())
    levels = _levels(read, {env.known["client"].get(line.user_id) for line in lines if line.id in private})
    return Facts(
        lessons=lessons,
        private=private,
        sports=_sports(read, {answer.place.course_id for answer in private.values() if answer.place}),
        seasons=seasons.load(read, {booking.school_id for booking in batch.roots}),
        stand_ins=stands,
        people=_people(read, client_ids),
        levels=levels,
        degree_names=_degree_names(read),
        attended=_attended(read, {line.course_groups_subgroup2_id for line in lines}),
        strangers=_strangers(read, {(line.user_id, school_of[line.booking2_id]) for line in lines}),
        voucher_schools=_voucher_schools(read, batch, env),
        currencies=_currencies(read),
    )


def _people(read: Reader, clients: set[int | None]) -> dict[int, tuple[str, str, str | None]]:
    birth = text_of("v5", "birth_date")
    rows = read.v5_sql(
        f"SELECT id, first_name, last_name, {birth} FROM clients WHERE id IN ({{ids}})", clients
    )
    return {row[0]: (row[1], row[2], None if row[3] == BIRTH_DATE_SENTINEL else row[3]) for row in rows}


def _levels(read: Reader, clients: set[int | None]) -> dict[tuple[int, int, int], int | None]:
    sql = "SELECT client_id, school_id, sport_id, degree_id FROM clients_sports WHERE deleted_at IS NULL AND client_id IN ({ids})"
    return {(row[0], row[1], row[2]): row[3] for row in sorted(read.v5_sql(sql, clients), key=str)}


def _degree_names(read: Reader) -> dict[int, str]:
    return {row[0]: row[1] or "" for row in read.v5_sql("SELECT id, name FROM degrees")}


def _sports(read: Reader, courses_: set[int]) -> dict[int, int]:
    return dict(read.v5_sql("SELECT id, sport_id FROM courses WHERE id IN ({ids})", courses_))


def _attended(read: Reader, subgroups: set[int | None]) -> dict[tuple[int, str, int], int]:
    date = text_of("legacy", "date")
    rows = read.legacy_sql(
        f"SELECT a.subgroup_id, {date.replace('(', '(d.', 1)}, a.user_id, a.attendance FROM user_course_attendances a"
        " JOIN course_dates2 d ON d.id = a.date_id WHERE a.subgroup_id IN ({ids}) ORDER BY a.id",
        subgroups,
    )
    return {(row[0], row[1], row[2]): int(bool(row[3])) for row in rows}


def _strangers(read: Reader, people: set[tuple[int, int]]) -> set[tuple[int, int]]:
    sql = (
        "SELECT part FROM legacy_id_mappings WHERE entity_type = 'client_school' AND legacy_id = 0"
        " AND reason = 'MEMBERSHIP_FROM_BOOKING' AND part IN ({ids})"
    )
    parts = (row[0].split(":") for row in read.v5_sql(sql, {f"{user}:{school}" for user, school in people}))
    return {(int(user), int(school)) for user, school in parts}


def _voucher_schools(read: Reader, batch: RowBatch, env: Env) -> dict[int, int]:
    vouchers = {env.known["voucher"].get(log.voucher_id) for log in batch.all("logs")}
    return {
        row[0]: row[1]
        for row in read.v5_sql("SELECT id, school_id FROM vouchers WHERE id IN ({ids})", vouchers)
    }


def _currencies(read: Reader) -> dict[int, str]:
    import json

    found: dict[int, Any] = {}
    for school, settings in read.v5_sql("SELECT id, settings FROM schools"):
        data = json.loads(settings) if isinstance(settings, str) and settings.startswith("{") else {}
        found[school] = (data.get("taxes") or {}).get("currency") or ""
    return found

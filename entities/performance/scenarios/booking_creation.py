"""New booking: payer, membership, course and free places; V5 also writes the booking, and always rolls it back.

Legacy is never written, so that both sides are compared by the reading; the whole transaction of V5 is shown beside it.
What is written is a copy of a booking that is there, under reserved ids: nothing of the server's own numbering is used up.
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from django.db import connections, transaction

from entities.engine import ids, schema, vendors
from entities.performance.samples import by_id, each, pairs, rows

MOST = 200
WRITTEN = ("bookings", "booking_users", "v5_bookings")


class Booking(NamedTuple):
    """A booking that was moved: whoever books the same again does the same work."""

    legacy_payer: int
    legacy_school: int
    legacy_subgroup: int
    payer: int
    school: int
    course: int
    subgroup: int
    course_date: int
    day: str
    booking: int
    line: int
    projection: int


def samples() -> list[Booking]:
    """Bookings with a class, as both sides hold them."""
    found = pairs("booking", MOST)
    old = by_id("legacy", "bookings2", "user_main_id, school_id", [one for one, _ in found])
    new = by_id(
        "v5", "bookings", "client_main_id, school_id", [two for _, two in found], "client_main_id IS NOT NULL"
    )
    projections = _projections([one for one, _ in found])
    classes = _classes(list(old))
    lines: dict[int, Any] = _lines(list(new))
    return [
        Booking._make(
            (*old[one], classes[one], *new[two], *lines[two][1:], two, lines[two][0], projections[one])
        )
        for one, two in found
        if one in old and two in new and one in classes and two in lines and one in projections
    ]


def _projections(legacy_ids: list[int]) -> dict[int, int]:
    if not legacy_ids:
        return {}
    marks = ", ".join(["%s"] * len(legacy_ids))
    query = (
        f"SELECT legacy_id, v5_id FROM legacy_id_mappings WHERE entity_type = 'v5_booking' AND legacy_id IN ({marks})"
        " AND v5_id IS NOT NULL"
    )
    return dict(rows("v5", query, legacy_ids))


def _classes(bookings: list[int]) -> dict[int, int]:
    if not bookings:
        return {}
    marks = ", ".join(["%s"] * len(bookings))
    query = (
        "SELECT booking2_id, MIN(course_groups_subgroup2_id) FROM booking_users2"
        f" WHERE booking2_id IN ({marks}) AND course_groups_subgroup2_id IS NOT NULL GROUP BY booking2_id"
    )
    return dict(rows("legacy", query, bookings))


def _lines(bookings: list[int]) -> dict[int, tuple[Any, ...]]:
    """(line, course, subgroup, course date, day) of the first line with a class, by booking."""
    if not bookings:
        return {}
    marks = ", ".join(["%s"] * len(bookings))
    query = (
        "SELECT booking_id, id, course_id, course_subgroup_id, course_date_id, date FROM booking_users"
        f" WHERE booking_id IN ({marks}) AND course_subgroup_id IS NOT NULL AND date IS NOT NULL ORDER BY id DESC"
    )
    return {row[0]: (*row[1:5], str(row[5])) for row in rows("v5", query, bookings)}


def legacy(connection: Any, sample: Booking, user: int) -> None:
    each(
        connection,
        ("SELECT id, first_name, last_name, active FROM users WHERE id = %s AND deleted_at IS NULL", [sample.legacy_payer]),
        ("SELECT active_school FROM user_schools WHERE user_id = %s AND school_id = %s",
         [sample.legacy_payer, sample.legacy_school]),
        ("SELECT s.max_participants, g.degree_id, c.id, c.price, c.currency FROM course_groups_subgroups2 s"
         " JOIN course_groups2 g ON g.id = s.course_group2_id JOIN courses2 c ON c.id = g.course2_id WHERE s.id = %s",
         [sample.legacy_subgroup]),
        ("SELECT COUNT(*) FROM booking_users2 WHERE course_groups_subgroup2_id = %s AND deleted_at IS NULL",
         [sample.legacy_subgroup]),
        ("SELECT id, remaining_balance FROM vouchers WHERE user_id = %s AND school_id = %s AND deleted_at IS NULL",
         [sample.legacy_payer, sample.legacy_school]),
    )  # fmt: skip


def v5(connection: Any, sample: Booking, user: int) -> float:
    """Seconds of the reading; the writing comes on top and is rolled back whatever happens."""
    began = time.perf_counter()
    _read(connection, sample)
    read = time.perf_counter() - began
    with transaction.atomic(using=connection.alias):
        try:
            _write(connection, sample, user)
        finally:
            transaction.set_rollback(True, using=connection.alias)
    return read


def _read(connection: Any, sample: Booking) -> None:
    each(
        connection,
        ("SELECT id, first_name, last_name FROM clients WHERE id = %s AND deleted_at IS NULL", [sample.payer]),
        ("SELECT id FROM clients_schools WHERE client_id = %s AND school_id = %s AND deleted_at IS NULL",
         [sample.payer, sample.school]),
        ("SELECT s.max_participants, s.degree_id, c.id, c.price, c.currency FROM course_subgroups s"
         " JOIN courses c ON c.id = s.course_id WHERE s.id = %s", [sample.subgroup]),
        ("SELECT COUNT(*) FROM booking_users WHERE course_subgroup_id = %s AND status = 1 AND deleted_at IS NULL",
         [sample.subgroup]),
        ("SELECT id, remaining_balance FROM vouchers WHERE client_id = %s AND school_id = %s AND deleted_at IS NULL",
         [sample.payer, sample.school]),
        ("SELECT id FROM seasons WHERE school_id = %s AND start_date <= %s AND end_date >= %s",
         [sample.school, sample.day, sample.day]),
    )  # fmt: skip


def _write(connection: Any, sample: Booking, user: int) -> None:
    booking, line, projection = (_reserved[table] + user for table in WRITTEN)
    _copy(connection, "bookings", sample.booking, {"id": booking})
    _copy(connection, "booking_users", sample.line, {"id": line, "booking_id": booking})
    _copy(
        connection,
        "v5_bookings",
        sample.projection,
        {"id": projection, "booking_reference": f"PERF-{projection}"},
    )


def _copy(connection: Any, table: str, source: int, changed: dict[str, Any]) -> None:
    """The row `source` once more, with other values in some columns."""
    quote = vendors.of(connections["v5"]).quote
    kept = [quote(name) for name in schema.live("v5").columns(table) if name not in changed]
    names = [*(quote(name) for name in changed), *kept]
    chosen = [*(["%s"] * len(changed)), *kept]
    statement = f"INSERT INTO {quote(table)} ({', '.join(names)}) SELECT {', '.join(chosen)} FROM {quote(table)} WHERE id = %s"
    with connection.cursor() as cursor:
        cursor.execute(statement, [*changed.values(), source])


_reserved: dict[str, int] = {}


def prepare(users: int, known: dict[str, int]) -> dict[str, int]:
    """One id a user and table, reserved once per measurement; `known` are those of an earlier step."""
    found = known or {table: ids.reserve(table, users)[0] for table in WRITTEN}
    _reserved.clear()
    _reserved.update(found)
    return found

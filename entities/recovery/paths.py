"""The reads without which nobody can work in V5: the strategy's business processes, as the application asks for them.

Each takes its values from what V5 holds. `sample` gives them; no row means that there is nothing to try.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections

Row = Sequence[Any]


@dataclass(frozen=True)
class Path:
    """`sample` is SQL that gives the values of `read`, in their order; `read` must answer with a row at least."""

    id: str
    title: str
    tables: tuple[str, ...]
    sample: str
    read: str

    def samples(self, most: int) -> list[Row]:
        return fetch(f"{self.sample} LIMIT {int(most)}")

    def run(self, values: Row) -> list[Row]:
        return fetch(self.read, values)


PATHS: tuple[Path, ...] = (
    Path(
        "RV-11", "a person logs in", ("users",),
        "SELECT email FROM users WHERE email IS NOT NULL AND active = 1 AND deleted_at IS NULL ORDER BY id DESC",
        "SELECT id, password, active FROM users WHERE email = %s AND deleted_at IS NULL",
    ),
    Path(
        "RV-12", "a booking is opened with its lines", ("bookings", "booking_users", "clients", "course_dates"),
        "SELECT booking_id FROM booking_users WHERE deleted_at IS NULL ORDER BY id DESC",
        "SELECT b.id, b.price_total, l.price, c.id, d.date FROM bookings b JOIN booking_users l ON l.booking_id = b.id "
        "JOIN clients c ON c.id = l.client_id JOIN course_dates d ON d.id = l.course_date_id WHERE b.id = %s",
    ),
    Path(
        "RV-13", "courses of a school are searched", ("courses", "course_dates"),
        "SELECT c.school_id, d.date FROM course_dates d JOIN courses c ON c.id = d.course_id "
        "WHERE c.deleted_at IS NULL AND d.deleted_at IS NULL ORDER BY d.id DESC",
        "SELECT c.id, c.name, c.price FROM courses c JOIN course_dates d ON d.course_id = c.id "
        "WHERE c.school_id = %s AND d.date = %s AND c.deleted_at IS NULL",
    ),
    Path(
        "RV-14", "the day of a school is planned", ("booking_users", "course_dates"),
        "SELECT l.school_id, d.date FROM booking_users l JOIN course_dates d ON d.id = l.course_date_id "
        "WHERE l.deleted_at IS NULL ORDER BY l.id DESC",
        "SELECT l.id, l.client_id, l.monitor_id FROM booking_users l JOIN course_dates d ON d.id = l.course_date_id "
        "WHERE l.school_id = %s AND d.date = %s AND l.deleted_at IS NULL",
    ),
    Path(
        "RV-15", "money of a booking is looked up", ("payments", "bookings"),
        "SELECT booking_id FROM payments WHERE deleted_at IS NULL ORDER BY id DESC",
        "SELECT b.paid_total, p.amount, p.status FROM bookings b JOIN payments p ON p.booking_id = b.id WHERE b.id = %s",
    ),
    Path(
        "RV-16", "a school's turnover is reported", ("bookings",),
        "SELECT id FROM schools WHERE EXISTS (SELECT 1 FROM bookings b WHERE b.school_id = schools.id) ORDER BY id",
        "SELECT currency, status, COUNT(*), SUM(price_total), SUM(paid_total) FROM bookings WHERE school_id = %s "
        "AND deleted_at IS NULL GROUP BY currency, status",
    ),
)  # fmt: skip


def fetch(sql: str, params: Sequence[Any] = ()) -> list[Row]:
    with connections["v5"].cursor() as cursor:
        cursor.execute(sql, list(params))
        return list(cursor.fetchall())


def first(sql: str, params: Sequence[Any] = ()) -> Any:
    """The first value of the first row."""
    return fetch(sql, params)[0][0]

"""Reports: a school's bookings, sales and participants by month over one year."""

from __future__ import annotations

from typing import Any, NamedTuple

from entities.performance.samples import each, pairs, rows


class Year(NamedTuple):
    legacy_school: int
    school: int
    first: str
    last: str


def samples() -> list[Year]:
    found = []
    for old, new in pairs("school"):
        query = "SELECT MIN(created_at), MAX(created_at) FROM bookings WHERE school_id = %s"
        [(first, last)] = rows("v5", query, [new])
        if first is not None:
            years = range(int(str(first)[:4]), int(str(last)[:4]) + 1)
            found += [Year(old, new, f"{year}-01-01 00:00:00", f"{year}-12-31 23:59:59") for year in years]
    return found


def legacy(connection: Any, sample: Year, user: int) -> None:
    span = [sample.legacy_school, sample.first, sample.last]
    each(
        connection,
        ("SELECT SUBSTR(b.created_at, 1, 7), b.currency, COUNT(*), SUM(b.price_total) FROM bookings2 b"
         " WHERE b.school_id = %s AND b.created_at BETWEEN %s AND %s AND b.deleted_at IS NULL GROUP BY 1, 2", span),
        ("SELECT COUNT(*), COUNT(DISTINCT l.user_id), SUM(l.price) FROM bookings2 b"
         " JOIN booking_users2 l ON l.booking2_id = b.id"
         " WHERE b.school_id = %s AND b.created_at BETWEEN %s AND %s AND l.deleted_at IS NULL", span),
    )  # fmt: skip


def v5(connection: Any, sample: Year, user: int) -> None:
    span = [sample.school, sample.first, sample.last]
    each(
        connection,
        ("SELECT SUBSTR(b.created_at, 1, 7), b.currency, COUNT(*), SUM(b.price_total) FROM bookings b"
         " WHERE b.school_id = %s AND b.created_at BETWEEN %s AND %s AND b.status <> 2 AND b.deleted_at IS NULL"
         " GROUP BY 1, 2", span),
        ("SELECT COUNT(*), COUNT(DISTINCT l.client_id), SUM(l.price) FROM bookings b"
         " JOIN booking_users l ON l.booking_id = b.id"
         " WHERE b.school_id = %s AND b.created_at BETWEEN %s AND %s AND l.status = 1 AND l.deleted_at IS NULL", span),
    )  # fmt: skip

"""The two booking tables and their references: one V5 booking per operational one, season, references (R-40, R-68, R-78)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connections
from django.utils.translation import gettext_lazy as _

from entities.bookings.checks.dates import NONE, first_days, season_label, seasons
from entities.bookings.checks.ground import (
    IN_FULL,
    LIVE,
    Fault,
    Ground,
    Judged,
    by,
    cents,
    ground_of,
    schools,
    warnings,
)
from entities.engine import vendors
from entities.reconciliation.check import Compared, Item, Kind, Looked, Ranged, Scanned, Seen
from entities.reconciliation.reading import Reading
from tracking.sentences import sentence

REPEATED = """
    SELECT legacy_id, COUNT(*) AS n FROM v5_bookings WHERE legacy_id > %s AND legacy_id <= %s AND deleted_at IS NULL
    GROUP BY legacy_id HAVING COUNT(*) > 1"""


class Paired(Ranged):
    id, rule, table = "R-40", "R-40, Q-34", "bookings2"
    title = _("The two booking tables of V5")
    how = _(
        "Each operational booking has exactly one V5 booking, with the same school, client, total, currency and time of"
        " creation; no V5 booking stands alone."
    )

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        ground = Ground(read, after, upto)
        repeated = {row.legacy_id for row in read.v5(REPEATED, [after, upto])}
        for key in sorted(ground.v5.keys() | ground.projected.keys()):
            school = self._school(ground, key)
            if school is not None and not read.scope.has(school):
                continue
            left, right = ground.v5.get(key), ground.projected.get(key)
            if left is not None and right is None and not ground.projects(school):
                continue
            figures = looked.of(school)
            figures.examined += 1
            figures.legacy += left is not None
            figures.target += right is not None
            for kind, name, expected, found in self._faults(left, right, key in repeated):
                looked.find(Seen(kind, school, "booking", "bookings2", key, "", "v5_bookings", right.id if right else None,
                                 name, expected, found))  # fmt: skip

    @staticmethod
    def _school(ground: Ground, key: int) -> int | None:
        if key in ground.bookings:
            return int(ground.bookings[key].school_id)
        return ground.entries[key].school_id if key in ground.entries else None

    @staticmethod
    def _faults(left: Any, right: Any, repeated: bool) -> Iterator[tuple[Kind, str, Any, Any]]:
        if right is None:
            yield Kind.MISSING, "", None, None
            return
        if left is None or repeated:
            yield Kind.EXTRA, "", None, None
        if left is None:
            return
        pairs = {
            "school_id": (left.school_id, right.school_id), "client_id": (left.client, right.client),
            "total_price": (cents(left.price_total), cents(right.total_price)),
            "currency": (left.currency, right.currency), "created_at": (left.created_at, right.created_at),
        }  # fmt: skip
        for name, (expected, found) in pairs.items():
            if expected != found:
                yield Kind.DIFFERS, name, expected, found


SEASONED = """
    SELECT v.id, v.school_id, TEXT(v.created_at) AS created_at, b.v5_id AS booking, s.name, s.school_id AS season_school,
        TEXT(s.start_date) AS start_date, TEXT(s.end_date) AS end_date, b.additional_data
    FROM v5_bookings v LEFT JOIN seasons s ON s.id = v.season_id
    JOIN legacy_id_mappings m ON m.v5_table = 'v5_bookings' AND m.v5_id = v.id AND m.entity_type = 'v5_booking'
    LEFT JOIN legacy_id_mappings b ON b.entity_type = 'booking' AND b.legacy_id = m.legacy_id
    WHERE v.id > %s AND v.id <= %s"""
DAYS = (
    "SELECT booking_id AS booking, status, TEXT(date) AS date FROM booking_users WHERE booking_id IN ({ids})"
)


class SeasonHolds(Scanned):
    id, rule, table, entity = "R-68", "R-68, 3.2 season()", "v5_bookings", "v5_booking"
    title = _("Season of each booking")
    how = _(
        "The season of each V5 booking belongs to its school and holds the earliest date of its live lines; the catch-all"
        " season stands only where that was flagged."
    )

    def violations(self, read: Reading, after: int, upto: int) -> Iterable[tuple[int, str, str, Any]]:
        rows = read.v5(SEASONED, [after, upto])
        days = by(read.within("v5", DAYS, (row.booking for row in rows)), "booking")
        for row in rows:
            if row.season_school is None:
                yield row.id, "season_id", sentence("there is no such season"), None
            elif row.season_school != row.school_id:
                yield row.id, "season_id", sentence("the season belongs to another school"), row.name
            elif (date := self._outside(row, days[row.booking])) and "SEASON_FALLBACK" not in warnings(row):
                yield row.id, "season_id", sentence("the season does not hold %(date)s", date=date), row.name

    @staticmethod
    def _outside(row: Any, lines: list[Any]) -> str:
        """The day that counts, when the season does not hold it."""
        dated = [line for line in lines if line.date]
        counted = [line.date for line in dated if line.status == LIVE] or [line.date for line in dated]
        day = min(counted, default=(row.created_at or "")[:10])
        return "" if not day or row.start_date <= day <= row.end_date else day


class SeasonByDate(Compared):
    id, rule, entity, table = "R-68b", "R-68, Q-13, GR-22", "booking", "bookings2"
    title = _("Season worked out from the legacy dates")
    how = _(
        "The season year of the earliest service date of each booking, taken from legacy and never from the time of"
        " creation, against the season of the V5 booking."
    )

    def expected(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, Item]]:
        ground, days = ground_of(read, after, upto), first_days(read, after, upto)
        for booking in ground.bookings.values():
            if ground.projects(booking.school_id):
                day = days.get(booking.id) or (booking.created_at or "")[:10]
                yield (
                    booking.id,
                    Item(booking.school_id, {"season_id": season_label(read, booking.school_id, day)}),
                )

    def found(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, Item]]:
        ground, names = ground_of(read, after, upto), seasons(read)
        for key, row in ground.projected.items():
            school = ground.bookings[key].school_id if key in ground.bookings else None
            if key in ground.bookings:
                yield key, Item(school, {"season_id": names.get(row.season_id, NONE)}, "v5_bookings", row.id)


LIVE_PAID = "b.paid = 1 AND b.status <> %s AND b.deleted_at IS NULL AND b.payrexx_reference"
REPEATED_REFERENCES = f"""
    SELECT b.payrexx_reference AS reference FROM bookings b WHERE {LIVE_PAID} <> '' GROUP BY b.payrexx_reference
    HAVING COUNT(*) > 1"""
SHARING = f"SELECT b.id FROM bookings b WHERE {LIVE_PAID} IN ({{ids}})"


class References(Judged):
    id, rule = "R-78", "R-78, GR-18"
    title = _("References and next ids")
    how = _(
        "Booking and payment references have the agreed form and stand once; references of the payment provider are those of"
        " legacy and stand once among paid bookings; new bookings and vouchers get ids above all of legacy."
    )

    def faults(self, ground: Ground, booking: Any, target: Any) -> Iterator[Fault]:
        if (target.reference or None) != (booking.reference or None):
            yield Fault("payrexx_reference", booking.reference, target.reference)
        for row in ground.payments.get(target.id, ()):
            if (row.reference or None) != (booking.reference or None):
                yield Fault("payrexx_reference", booking.reference, row.reference, "", "payments", row.id)
        projected = ground.projected.get(booking.id)
        if projected is None:
            return
        expected = f"LEG-{schools(ground.read).get(booking.school_id)}-{booking.id}"
        if projected.booking_reference != expected:
            yield Fault(
                "booking_reference", expected, projected.booking_reference, "", "v5_bookings", projected.id
            )
        yield from self._payments(booking, ground.projected_payments.get(projected.id, ()))

    @staticmethod
    def _payments(booking: Any, rows: Iterable[Any]) -> Iterator[Fault]:
        for number, row in enumerate(rows, start=1):
            expected = f"LEGPAY-{booking.id}-{number}"
            if row.payment_reference != expected:
                yield Fault(
                    "payment_reference", expected, row.payment_reference, "", "v5_booking_payments", row.id
                )
            if row.gateway == "payrexx" and (row.gateway_reference or None) != (booking.reference or None):
                yield Fault("gateway_reference", booking.reference, row.gateway_reference, "", "v5_booking_payments",
                            row.id)  # fmt: skip

    def step(self, read: Reading, cursor: int | None, looked: Looked) -> int | None:
        upto = super().step(read, cursor, looked)
        if upto is None:
            self._once(read, looked)
            for table, legacy in (("bookings", "bookings2"), ("vouchers", "vouchers")):
                self._next(read, looked, table, legacy)
        return upto

    @staticmethod
    def _once(read: Reading, looked: Looked) -> None:
        """References that several live, paid bookings share: inherited where legacy shares them too."""
        repeated = (row.reference for row in read.v5(REPEATED_REFERENCES, [IN_FULL]))
        rows = read.within("v5", SHARING, repeated, [IN_FULL])
        origins = read.origins("bookings", {row.id for row in rows})
        mine = {
            row.id: one for row in rows for one in origins.get(row.id, ()) if one.entity_type == "booking"
        }
        sql = ("SELECT id, payrexx_reference AS reference FROM bookings2 WHERE paid = 1 AND deleted_at IS NULL"
               " AND id IN ({ids})")  # fmt: skip
        before = read.within("legacy", sql, (one.legacy_id for one in mine.values()))
        shared: dict[Any, int] = defaultdict(int)
        for row in before:
            shared[row.reference] += 1
        known = {row.id: row.reference for row in before}
        for v5_id, one in mine.items():
            if one.school_id is None or read.scope.has(one.school_id):
                inherited = shared[known.get(one.legacy_id)] > 1
                looked.find(
                    Seen(Kind.VIOLATION, one.school_id, "booking", "bookings2", one.legacy_id, "", "bookings", v5_id,
                         "payrexx_reference", message=sentence("shared by several paid bookings"), inherited=inherited)
                )  # fmt: skip

    @staticmethod
    def _next(read: Reading, looked: Looked, table: str, legacy: str) -> None:
        """R-78b: what the server keeps as the next id, and the largest one that is taken."""
        largest = read.highest("legacy", legacy)
        upcoming = vendors.of(connections["v5"]).next_id(connections["v5"], table)
        looked.examined(None)
        if upcoming <= largest:
            looked.find(Seen(Kind.VIOLATION, v5_table=table, field="id", expected=largest + 1, found=upcoming,
                             message=sentence("the next id repeats one of legacy")))  # fmt: skip


CHECKS = (Paired, SeasonHolds, SeasonByDate, References)

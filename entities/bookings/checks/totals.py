"""Money of bookings and lines: totals, each booking and its lines, currencies (R-30 to R-32, R-39)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.bookings.checks.dates import NONE, first_days, season_label, seasons
from entities.bookings.checks.ground import (
    NOTHING,
    Fault,
    Ground,
    Judged,
    cents,
    ground_of,
)
from entities.reconciliation.check import Compared, Item, Kind, Looked, Ranged, Seen
from entities.reconciliation.reading import Reading, money

KNOWN_METHODS = (1, 2, 3, 4, 5)


class Totalled(Ranged):
    """Sums by school and label, gathered range by range and compared when all ranges were seen."""

    table = "bookings2"

    def step(self, read: Reading, cursor: int | None, looked: Looked) -> int | None:
        upto = super().step(read, cursor, looked)
        if upto is None:
            self._compare(looked)
        return upto

    def _compare(self, looked: Looked) -> None:
        for school, figures in list(looked.schools.items()):
            for label, (legacy, target, explained) in sorted(figures.sums.items()):
                if money(legacy - target - explained):
                    said = f"{label}: legacy {legacy}, V5 {target}, explained {explained}"
                    looked.find(Seen(Kind.DIFFERS, school, "booking", field=label[:64], expected=legacy - explained,
                                     found=target, message=said))  # fmt: skip


class Totals(Totalled):
    id, rule = "R-30", "R-30, GR-13"
    title = _("Totals of bookings by school and currency")
    how = _(
        "Totals in legacy, less those of bookings left out, against both booking tables of V5: altogether, by season,"
        " month of creation and payment method."
    )

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        ground, days, of_season = Ground(read, after, upto), first_days(read, after, upto), seasons(read)
        for booking in ground.bookings.values():
            figures, currency = looked.of(booking.school_id), ground.currency(booking)
            looked.examined(booking.school_id)
            figures.legacy += 1
            day = days.get(booking.id) or (booking.created_at or "")[:10]
            method = booking.method if booking.method in KNOWN_METHODS else None
            total, target = cents(booking.price_total), ground.v5.get(booking.id)
            for label in _labels(
                "bookings", currency, booking, method, season_label(read, booking.school_id, day)
            ):
                figures.amount(label, total)
            if ground.projects(booking.school_id):
                figures.amount(f"V5 bookings {currency}", total)
            if target is None:
                self._left_out(ground, booking, looked, day, method)
                continue
            figures.target += 1
            projected = ground.projected.get(booking.id)
            season = (
                of_season.get(projected.season_id, NONE)
                if projected
                else season_label(read, booking.school_id, day)
            )
            for label in _labels("bookings", target.currency, target, target.method, season):
                figures.amount(label, 0, cents(target.price_total))
            if projected is not None:
                figures.amount(f"V5 bookings {projected.currency}", 0, cents(projected.total_price))

    @staticmethod
    def _left_out(ground: Ground, booking: Any, looked: Looked, day: str, method: int | None) -> None:
        entry, figures, currency = (
            ground.entries.get(booking.id),
            looked.of(booking.school_id),
            ground.currency(booking),
        )
        if entry is None or entry.disposition not in ("rejected", "skipped"):
            looked.find(Seen(Kind.MISSING, booking.school_id, "booking", "bookings2", booking.id, field="price_total",
                             expected=booking.price_total))  # fmt: skip
            return
        figures.explained[entry.reason or entry.disposition] += 1
        total, season = cents(booking.price_total), season_label(ground.read, booking.school_id, day)
        for label in _labels("bookings", currency, booking, method, season):
            figures.amount(label, 0, 0, total)
        if ground.projects(booking.school_id):
            figures.amount(f"V5 bookings {currency}", 0, 0, total)


def _labels(what: str, currency: str, row: Any, method: int | None, season: str) -> tuple[str, ...]:
    month = (row.created_at or "")[:7]
    month = "–" if month in ("", "0000-00") else month
    return (f"{what} {currency}", f"{what} {currency} · {season}", f"{what} {currency} · {month}",
            f"{what} {currency} · method {method or '–'}")  # fmt: skip


class EachBooking(Compared):
    id, rule, entity, table = "R-31", "R-31, M 4.20", "booking", "bookings2"
    title = _("Money of each booking")
    how = _(
        "Total, insurance, currency, paid mark and payment method of each booking in legacy and in both V5 tables."
    )
    amounts = {"price_total": "currency"}

    def expected(self, read: Reading, after: int, upto: int) -> Iterable[tuple[int, Item]]:
        ground = ground_of(read, after, upto)
        for booking in ground.bookings.values():
            insured, currency = int(bool(booking.insured)), ground.currency(booking)
            values = {
                "price_total": money(booking.price_total), "has_cancellation_insurance": insured,
                "price_cancellation_insurance": money(booking.insurance), "currency": currency,
                "paid": int(bool(booking.paid)),
                "payment_method_id": booking.method if booking.method in KNOWN_METHODS else None,
            }  # fmt: skip
            if ground.projects(booking.school_id):
                insurance = money(booking.insurance) if insured else NOTHING
                values |= {"total_price": values["price_total"], "has_insurance": insured,
                           "insurance_price": insurance, "v5_bookings.currency": currency}  # fmt: skip
            yield booking.id, Item(booking.school_id, values)

    def found(self, read: Reading, after: int, upto: int) -> Iterable[tuple[int, Item]]:
        ground = ground_of(read, after, upto)
        for key, row in ground.v5.items():
            values = {
                "price_total": money(row.price_total), "has_cancellation_insurance": int(bool(row.insured)),
                "price_cancellation_insurance": money(row.insurance), "currency": row.currency,
                "paid": int(bool(row.paid)), "payment_method_id": row.method,
            }  # fmt: skip
            projected, entry = ground.projected.get(key), ground.entries.get(key)
            if projected is not None:
                values |= {"total_price": money(projected.total_price), "has_insurance": int(projected.has_insurance),
                           "insurance_price": money(projected.insurance_price),
                           "v5_bookings.currency": projected.currency}  # fmt: skip
            school = entry.school_id if entry else None
            if school is None or read.scope.has(school):
                yield key, Item(school, values, "bookings", row.id)


LINE_PRICES = """
    SELECT l.id, b.school_id, l.price FROM booking_users2 l LEFT JOIN bookings2 b ON b.id = l.booking2_id
    WHERE l.id > %s AND l.id <= %s AND {scope}"""
V5_LINE_PRICES = """
    SELECT m.legacy_id, MAX(m.school_id) AS school_id, SUM(u.price) AS price, MIN(u.id) AS v5_id
    FROM legacy_id_mappings m JOIN booking_users u ON u.id = m.v5_id
    WHERE m.entity_type = 'booking_user' AND m.legacy_id > %s AND m.legacy_id <= %s AND {scope} GROUP BY m.legacy_id"""


class LinePrices(Compared):
    id, rule, entity, table = "R-32a", "R-32, Q-40", "booking_user", "booking_users2"
    title = _("Price of each line")
    how = _("The price of each booking line in legacy against the sum of the V5 rows that were made of it.")

    def expected(self, read: Reading, after: int, upto: int) -> Iterable[tuple[int, Item]]:
        for row in read.legacy(LINE_PRICES.replace("{scope}", read.scoped("b.school_id")), [after, upto]):
            yield row.id, Item(row.school_id, {"price": money(row.price)})

    def found(self, read: Reading, after: int, upto: int) -> Iterable[tuple[int, Item]]:
        for row in read.v5(V5_LINE_PRICES.replace("{scope}", read.scoped("m.school_id")), [after, upto]):
            yield row.legacy_id, Item(row.school_id, {"price": money(row.price)}, "booking_users", row.v5_id)


class LineSums(Judged):
    id, rule = "R-32b", "R-32"
    title = _("Sum of the lines of each booking")
    how = _(
        "The prices of all lines of a booking in legacy, less those of rejected lines, against all rows that stand under"
        " the V5 booking, whoever wrote them."
    )

    def faults(self, ground: Ground, booking: Any, target: Any) -> Iterator[Fault]:
        lines = [line for line in ground.lines.get(booking.id, ()) if line.id not in ground.lost_lines]
        expected = sum((cents(line.price) for line in lines), NOTHING)
        found = sum((cents(row.price) for row in ground.v5_lines.get(target.id, ())), NOTHING)
        if expected != found:
            yield Fault("price", expected, found)


class Currencies(Judged):
    id, rule = "R-39", "R-39, GR-13, Q-07"
    title = _("Currency on every level")
    how = _(
        "The currency of each booking in legacy (that of its lines or of the school where it has none) against the V5"
        " booking, its lines, its projection and its payments."
    )

    def faults(self, ground: Ground, booking: Any, target: Any) -> Iterator[Fault]:
        expected = ground.currency(booking)
        if target.currency != expected:
            yield Fault("currency", expected, target.currency)
        for row in ground.v5_lines.get(target.id, ()):
            if row.currency != expected:
                yield Fault(
                    "currency",
                    expected,
                    row.currency,
                    "",
                    "booking_users",
                    row.id,
                    ground.origins.get(row.id),
                )
        projected = ground.projected.get(booking.id)
        if projected is None:
            return
        if projected.currency != expected:
            yield Fault("currency", expected, projected.currency, "", "v5_bookings", projected.id)
        for row in ground.projected_payments.get(projected.id, ()):
            if row.currency != expected:
                yield Fault("currency", expected, row.currency, "", "v5_booking_payments", row.id)


CHECKS = (Totals, EachBooking, LinePrices, LineSums, Currencies)

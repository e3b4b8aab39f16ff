"""Bookings by state, income, and who owes what (R-100, R-104, R-107)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.bookings.business.figured import Figured, Tally, month
from entities.bookings.checks.dates import NONE, first_days, season_label, seasons
from entities.bookings.checks.ground import (
    ACTIVE,
    IN_FULL,
    IN_PART,
    LIVE,
    NOTHING,
    Ground,
    by,
    cents,
    in_full,
    three_letters,
)
from entities.reconciliation.check import Compared, Item, Looked
from entities.reconciliation.checks.lessons import Lessons
from entities.reconciliation.checks.plainly import today
from entities.reconciliation.reading import Reading

STATES = {ACTIVE: "active", IN_PART: "cancelled in part", IN_FULL: "cancelled in full"}
DATED = """
    SELECT u.id, u.booking_id AS booking, u.status, u.price, u.currency, TEXT(u.date) AS date FROM booking_users u
    WHERE u.deleted_at IS NULL AND u.booking_id IN ({ids})"""
DETAILS = """
    SELECT l.id, l.booking2_id AS booking, b.school_id AS school, l.user_id, l.price, l.currency, l.monitor_id,
        l.course_groups_subgroup2_id AS subgroup, l.course2_id AS course, TEXT(l.date) AS date, TEXT(l.hour) AS hour,
        TEXT(l.duration) AS duration, CASE WHEN l.deleted_at IS NULL AND b.deleted_at IS NULL THEN 1 ELSE 0 END AS live
    FROM booking_users2 l JOIN bookings2 b ON b.id = l.booking2_id WHERE l.booking2_id > %s AND l.booking2_id <= %s"""


class Sold:
    """The bookings of one range with their days on both sides."""

    def __init__(self, read: Reading, after: int, upto: int) -> None:
        self.read, self.range = read, (after, upto)
        self.ground = Ground(read, after, upto)
        self.days = first_days(read, after, upto)

    @cached_property
    def rows(self) -> dict[int, list[Any]]:
        """V5 lines by V5 booking."""
        return by(self.read.within("v5", DATED, (row.id for row in self.ground.v5.values())), "booking")

    def season(self, booking: Any) -> str:
        return season_label(
            self.read, booking.school_id, self.days.get(booking.id) or (booking.created_at or "")[:10]
        )

    def v5_season(self, key: int, target: Any) -> str:
        projected = self.ground.projected.get(key)
        if projected is not None:
            return seasons(self.read).get(projected.season_id, NONE)
        return season_label(self.read, self.ground.bookings[key].school_id, self.v5_day(target))

    def v5_day(self, target: Any) -> str:
        """The earliest day of live lines, else of all, else that of creation."""
        rows = [row for row in self.rows.get(target.id, ()) if row.date]
        counted = [row.date for row in rows if row.status == LIVE] or [row.date for row in rows]
        return min(counted, default=(target.created_at or "")[:10])

    def is_lost(self, key: int) -> bool:
        entry = self.ground.entries.get(key)
        return entry is not None and entry.disposition in ("rejected", "skipped")

    @cached_property
    def details(self) -> dict[int, list[Any]]:
        return by(self.read.legacy(DETAILS, self.range), "booking")

    @cached_property
    def lessons(self) -> Lessons:
        return Lessons(self.read, [line for some in self.details.values() for line in some])

    def last_day(self, key: int) -> str:
        """The last day of the live lines that were moved."""
        lines = (
            line for line in self.details.get(key, ()) if line.live and line.id not in self.ground.lost_lines
        )
        return max((one.date for line in lines for one in self.lessons.of(line)), default="")


class States(Figured):
    id, rule, title = "R-100", "R-100", _("Bookings by state")
    how = _(
        "Active bookings and those cancelled in part or in full, by season and month of the first lesson, counted in legacy"
        " and in V5."
    )

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        sold, tally = Sold(read, after, upto), Tally(read, looked)
        for booking in sold.ground.bookings.values():
            lines = sold.ground.lines.get(booking.id, [])
            gone = [bool(line.deleted_at) for line in lines]
            state = IN_FULL if in_full(booking, lines) else IN_PART if any(gone) else ACTIVE
            moved = any(line.id not in sold.ground.lost_lines for line in lines)
            day = sold.days.get(booking.id) if moved else None
            parts = (STATES[state], sold.season(booking), month(day or booking.created_at))
            tally.legacy(booking.school_id, parts, lost=sold.is_lost(booking.id))
        for key, target in sold.ground.v5.items():
            if key in sold.ground.bookings:
                said = STATES.get(target.status, str(target.status))
                when = month(sold.v5_day(target))
                tally.v5(sold.ground.bookings[key].school_id, (said, sold.v5_season(key, target), when))


class Income(Figured):
    id, rule, title = "R-104", "R-104", _("Income by month and way of payment")
    how = _(
        "Prices of live lines by month of the lesson; totals of bookings that are not cancelled by month of booking; paid"
        " totals by way of payment; insurance. By season and currency, on both sides."
    )

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        sold, tally = Sold(read, after, upto), Tally(read, looked)
        for booking in sold.ground.bookings.values():
            self._legacy(sold, booking, tally)
        for key, target in sold.ground.v5.items():
            if key in sold.ground.bookings:
                self._v5(sold, key, target, tally)

    @staticmethod
    def _legacy(sold: Sold, booking: Any, tally: Tally) -> None:
        school, currency = booking.school_id, sold.ground.currency(booking)
        end, lost = (sold.season(booking), currency), sold.is_lost(booking.id)
        for line in sold.details.get(booking.id, ()):
            if line.live and line.price:
                day = min((one.date for one in sold.lessons.of(line)), default=line.date)
                own = (sold.season(booking), three_letters(line.currency) or currency)
                gone = lost or line.id in sold.ground.lost_lines
                tally.legacy(school, ("lessons", month(day), *own), cents(line.price), lost=gone)
        total = cents(booking.price_total)
        if not in_full(booking, sold.ground.lines.get(booking.id, [])):
            tally.legacy(school, ("booked", month(booking.created_at), *end), total, lost=lost)
        if booking.paid:
            method = booking.method if booking.method in (1, 2, 3, 4, 5) else None
            tally.legacy(school, ("paid by method", method, *end), total, lost=lost)
        if booking.insured:
            tally.legacy(school, ("insurance", *end), cents(booking.insurance), lost=lost)

    @staticmethod
    def _v5(sold: Sold, key: int, target: Any, tally: Tally) -> None:
        school, season = sold.ground.bookings[key].school_id, sold.v5_season(key, target)
        lines: dict[Any, list[Any]] = defaultdict(list)
        for row in sold.rows.get(target.id, ()):
            if row.status == LIVE:
                lines[sold.ground.origins.get(row.id, -row.id)].append(row)
        for some in lines.values():
            price, day = sum((cents(row.price) for row in some), NOTHING), min(row.date or "" for row in some)
            if price:
                tally.v5(school, ("lessons", month(day), season, some[0].currency), price)
        end, total = (season, target.currency), cents(target.price_total)
        if target.status != IN_FULL:
            tally.v5(school, ("booked", month(target.created_at), *end), total)
        if target.paid:
            tally.v5(school, ("paid by method", target.method, *end), total)
        if target.insured:
            tally.v5(school, ("insurance", *end), cents(target.insurance))


class Open(Compared):
    """Unpaid bookings with a lesson still to come: total less vouchers, and who owes it."""

    id, rule, title = "R-107", "R-107", _("Open amounts")
    how = _(
        "For each unpaid booking with a lesson on or after the day of the cut-over: what is still to pay, in which currency,"
        " and by whom, on both sides."
    )
    entity, table, size = "booking", "bookings2", 2_000
    amounts = {"open": "currency"}

    def expected(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, Item]]:
        sold = _sold(read, after, upto)
        people = _people(read, {row.user_main_id for row in sold.ground.bookings.values()})
        for booking in sold.ground.bookings.values():
            lines = sold.ground.lines.get(booking.id, [])
            if booking.paid or in_full(booking, lines) or sold.last_day(booking.id) < today(read):
                continue
            due = cents(booking.price_total) - sold.ground.vouchers(booking.id)
            who = booking.user_main_id if booking.user_main_id in people else 0
            if due:
                yield booking.id, Item(booking.school_id, _owed(due, sold.ground.currency(booking), who))

    def found(self, read: Reading, after: int, upto: int) -> Iterator[tuple[int, Item]]:
        sold = _sold(read, after, upto)
        payers = read.origins("clients", {row.client for row in sold.ground.v5.values()})
        for key, target in sold.ground.v5.items():
            days = [row.date or "" for row in sold.rows.get(target.id, ()) if row.status == LIVE]
            if target.paid or target.status == IN_FULL or max(days, default="") < today(read):
                continue
            used = sum((cents(log.amount) for log in sold.ground.v5_logs.get(target.id, ())), NOTHING)
            due, who = cents(target.price_total) - used, None
            for one in payers.get(target.client, ()):
                who = one.legacy_id if one.entity_type == "client" else who
            if due and key in sold.ground.bookings:
                school = sold.ground.bookings[key].school_id
                yield key, Item(school, _owed(due, target.currency, who), "bookings", target.id)


def _owed(due: Decimal, currency: str, who: int | None) -> dict[str, Any]:
    return {"open": due, "currency": currency, "client_main_id": who}


def _sold(read: Reading, after: int, upto: int) -> Sold:
    if read.memory.get("sold_range") != (after, upto):
        read.memory |= {"sold_range": (after, upto), "sold": Sold(read, after, upto)}
    found: Sold = read.memory["sold"]
    return found


def _people(read: Reading, users: set[int]) -> set[int]:
    """Users who can be clients; a stand-in takes the place of the others (Q-35)."""
    entries = read.entries("client", {user for user in users if user})
    lost = {
        key
        for key, some in entries.items()
        if any(one.disposition in ("rejected", "skipped") for one in some)
    }
    sql = "SELECT id FROM users WHERE user_type BETWEEN 1 AND 6 AND id IN ({ids})"
    return {row.id for row in read.within("legacy", sql, users)} - lost


CHECKS = (States, Income, Open)

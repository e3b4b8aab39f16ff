"""Prices of courses: grid of private ones, discounts for several days, price and way of selling (R-69)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.courses.checks.chain import parsed
from entities.reconciliation.check import Kind, Looked, Ranged, Seen
from entities.reconciliation.checks.counts_seasons import COLLECTIVE
from entities.reconciliation.reading import Reading, money

TARGETS = """
    SELECT c.id, c.price, c.is_flexible, c.price_range, c.discounts, m.entity_type, m.legacy_id, m.school_id
    FROM courses c JOIN legacy_id_mappings m ON m.v5_table = 'courses' AND m.v5_id = c.id
    WHERE m.disposition <> 'merged' AND m.legacy_id <> 0 AND c.id > %s AND c.id <= %s AND {scope}"""
COURSES = f"""
    SELECT c.id, c.school_id, c.group_id, c.price, c.duration_flexible AS flexible,
        CASE WHEN {COLLECTIVE} THEN 1 ELSE 0 END AS collective FROM courses2 c WHERE c.id IN ({{ids}})"""
MEMBERS = f"SELECT c.id, c.group_id, c.price FROM courses2 c WHERE c.group_id IN ({{ids}}) AND {COLLECTIVE} ORDER BY c.id"
UMBRELLAS = (
    "SELECT id, price_global AS price, is_definitive AS definitive FROM course_globals WHERE id IN ({ids})"
)
PRICES = """
    SELECT p.id, p.course_id AS course, p.group_id, p.time_interval AS span, p.num_pax AS people, p.price, p.percentage
    FROM price_ranges p WHERE p.deleted_at IS NULL AND p.time_interval > 0 AND {of} ORDER BY p.id"""
DEFAULTS = """
    SELECT p.id, p.school_id, p.time_interval AS span, p.num_pax AS people, p.price FROM price_ranges p
    WHERE p.deleted_at IS NULL AND p.time_interval > 0 AND p.num_pax > 0 AND p.is_default = 1 AND p.course_id IS NULL
    AND p.group_id IS NULL AND p.school_id IS NOT NULL ORDER BY p.id"""
LIVE_DATES = """
    SELECT course_id AS id, SUM(CASE WHEN deleted_at IS NULL THEN 1 ELSE 0 END) AS live, COUNT(*) AS n FROM course_dates
    WHERE course_id IN ({ids}) GROUP BY course_id"""
Fault = tuple[str, Any, Any]


class Priced:
    """The V5 courses of one range and the legacy rows that tell their prices."""

    def __init__(self, read: Reading, after: int, upto: int) -> None:
        self.read = read
        sql = TARGETS.replace("{scope}", read.scoped("m.school_id"))
        self.rows = read.v5(sql, [after, upto])
        self.groups = {row.legacy_id for row in self.rows if row.entity_type == "course_global"}
        own = {row.legacy_id for row in self.rows if row.entity_type == "course"}
        self.courses = {row.id: row for row in read.within("legacy", COURSES, own)}

    @cached_property
    def umbrellas(self) -> dict[int, Any]:
        return {row.id: row for row in self.read.within("legacy", UMBRELLAS, self.groups)}

    @cached_property
    def first(self) -> dict[int, Any]:
        """The first member of each group."""
        found: dict[int, Any] = {}
        for row in self.read.within("legacy", MEMBERS, self.groups):
            found.setdefault(row.group_id, row)
        return found

    @cached_property
    def dates(self) -> dict[int, int]:
        """Number of dates by V5 course: the live ones, else all."""
        rows = self.read.within("v5", LIVE_DATES, (row.id for row in self.rows))
        return {row.id: int(row.live or row.n) for row in rows}

    @cached_property
    def shares(self) -> dict[int, dict[int, Decimal]]:
        """Discount on N days by group; of equal ones the newest counts."""
        sql = PRICES.replace("{of}", "p.group_id IN ({ids}) AND p.percentage <> 0")
        found: dict[int, dict[int, Decimal]] = defaultdict(dict)
        for row in self.read.within("legacy", sql, self.groups):
            found[row.group_id][row.span] = Decimal(row.price or 0)
        return found

    @cached_property
    def grids(self) -> dict[int, list[Any]]:
        sql = PRICES.replace("{of}", "p.num_pax > 0 AND p.group_id IS NULL AND p.course_id IN ({ids})")
        return _by(self.read.within("legacy", sql, self.courses), "course")

    @cached_property
    def defaults(self) -> dict[int, list[Any]]:
        return _by(self.read.legacy(DEFAULTS), "school_id")


def _by(rows: Iterable[Any], name: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


class Prices(Ranged):
    id, rule, title = "R-69", "R-69, 4.15, 4.16, Q-26, Q-27", _("Prices of courses")
    how = _(
        "Each price of a duration and a number of people against the V5 grid, with no other cells; the total for each number"
        " of days with its discount, to the cent; the price of the course, and whether it is sold as a whole or by the day."
    )
    side, table, size = "v5", "courses", 1_000

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        priced = Priced(read, after, upto)
        for row in priced.rows:
            looked.examined(row.school_id)
            table = "course_globals" if row.entity_type == "course_global" else "courses2"
            for name, expected, found in self._faults(priced, row):
                looked.find(Seen(Kind.DIFFERS, row.school_id, row.entity_type, table, row.legacy_id, "", "courses", row.id,
                                 name, expected, found))  # fmt: skip

    def _faults(self, priced: Priced, row: Any) -> Iterator[Fault]:
        if row.legacy_id in priced.groups and row.entity_type == "course_global":
            umbrella, first = priced.umbrellas.get(row.legacy_id), priced.first.get(row.legacy_id)
            if umbrella is None or first is None:
                return  # tell
            price = first.price if umbrella.price is None else umbrella.price
            yield from _sold(row, price, int(not umbrella.definitive))
            shares = {} if umbrella.definitive else priced.shares[row.legacy_id]
            yield from self._discounts(priced, row, shares)
            yield from _grid(row, {})
        elif (course := priced.courses.get(row.legacy_id)) is not None:
            yield from _sold(row, course.price, self._flexible(priced.read, course))
            cells = {} if course.collective else _cells(priced, course)
            yield from _grid(row, cells)
            yield from self._discounts(priced, row, {})

    @staticmethod
    def _flexible(read: Reading, course: Any) -> int:
        """Private courses as their flexible mark says, others by Q-26; those of a group without umbrella not."""
        if course.collective:
            by_mark = read.choices.of("standalone_flexible", school=course.school_id) == "duration_flexible"
            return int(bool(by_mark and course.flexible and not course.group_id))
        return int(bool(course.flexible))

    @staticmethod
    def _discounts(priced: Priced, row: Any, shares: dict[int, Decimal]) -> Iterator[Fault]:
        """Totals for 1, 2, … days; with Q-27 `copy` the shares as they stand."""
        stored = {one.get("day"): Decimal(str(one.get("reduccion") or 0)) for one in parsed(row.discounts, [])
                  if isinstance(one, dict)}  # fmt: skip
        days = priced.dates.get(row.id, 0)
        if priced.read.choices.of("discounts") == "copy":
            wanted = {day: share for day, share in shares.items() if share and day <= days}
            if wanted != {day: share for day, share in stored.items() if share}:
                yield "discounts", _shares(wanted), _shares(stored)
            return
        price, off, share = Decimal(row.price or 0), Decimal(0), Decimal(0)
        for day in range(1, days + 1):
            share = shares.get(day, share)
            off += 100 - stored.get(day, Decimal(0))
            expected, found = money(day * price * (100 - share) / 100), money(price * off / 100)
            if expected != found:
                yield "discounts", f"{day}: {expected}", f"{day}: {found}"
        if beyond := {day: one for day, one in stored.items() if day not in range(1, days + 1) and one}:
            yield "discounts", None, _shares(beyond)


def _sold(row: Any, price: Any, flexible: int) -> Iterator[Fault]:
    if money(row.price) != money(price):
        yield "price", money(price), money(row.price)
    if row.is_flexible != flexible:
        yield "is_flexible", flexible, row.is_flexible


def _cells(priced: Priced, course: Any) -> dict[tuple[str, str], str]:
    """Price by duration and people; a flexible course without prices of its own has those of its school."""
    rows = priced.grids.get(course.id) or (priced.defaults.get(course.school_id) if course.flexible else None)
    found = {(_label(row.span), str(row.people)): money(row.price) for row in rows or ()}
    return {key: f"{price:f}" for key, price in found.items() if price}


def _grid(row: Any, cells: dict[tuple[str, str], str]) -> Iterator[Fault]:
    stored = {
        (str(line.get("intervalo")), people): str(price)
        for line in parsed(row.price_range, [])
        if isinstance(line, dict)
        for people, price in line.items()
        if people != "intervalo" and price is not None
    }
    for key in sorted(cells.keys() | stored.keys()):
        if cells.get(key) != stored.get(key):
            yield (
                "price_range",
                f"{' × '.join(key)}: {cells.get(key)}",
                f"{' × '.join(key)}: {stored.get(key)}",
            )


def _label(minutes: int) -> str:
    """`45m`, `1h`, `1h 15m`."""
    hours, rest = divmod(minutes, 60)
    return " ".join([f"{hours}h"] * bool(hours) + [f"{rest}m"] * bool(rest or not hours))


def _shares(shares: dict[Any, Decimal]) -> str:
    return ", ".join(f"{day}: {share.normalize():f} %" for day, share in sorted(shares.items(), key=str))


CHECKS = (Prices,)

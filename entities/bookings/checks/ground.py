"""The bookings of one range of keys on both sides, read once for a check; nothing here asks the loader.

`Judged` is the check that walks along the legacy bookings and says what is wrong with each one that was moved.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

from entities.reconciliation.check import Kind, Looked, Ranged, Seen
from entities.reconciliation.reading import LAST, Reading, money

ACTIVE, IN_FULL, IN_PART = 1, 2, 3  # bookings.status (mapping-rules section 2)
LIVE, CANCELLED = 1, 2  # booking_users.status
NOTHING = Decimal("0.00")
GONE = ("rejected", "skipped")

BOOKINGS = """
    SELECT b.id, b.school_id, b.user_main_id, b.price_total, b.has_cancellation_insurance AS insured,
        b.price_cancellation_insurance AS insurance, b.currency, b.payment_method_id AS method, b.paid,
        b.payrexx_reference AS reference, TEXT(b.created_at) AS created_at, TEXT(b.deleted_at) AS deleted_at
    FROM bookings2 b WHERE b.id > %s AND b.id <= %s AND {scope} ORDER BY b.id"""
LINES = """
    SELECT l.id, l.booking2_id AS booking, l.user_id, l.price, l.currency, l.course_groups_subgroup2_id AS subgroup,
        l.course2_id AS course, TEXT(l.date) AS date, TEXT(l.deleted_at) AS deleted_at
    FROM booking_users2 l WHERE l.booking2_id > %s AND l.booking2_id <= %s ORDER BY l.id"""
LOGS = """
    SELECT g.id, g.booking_id AS booking, g.voucher_id, g.amount, TEXT(g.deleted_at) AS deleted_at
    FROM vouchers_log g WHERE g.booking_id > %s AND g.booking_id <= %s ORDER BY g.id"""
ENTRIES = """
    SELECT legacy_id, part, v5_id, disposition, reason, school_id, additional_data FROM legacy_id_mappings
    WHERE entity_type = %s AND legacy_id > %s AND legacy_id <= %s"""
V5_BOOKINGS = """
    SELECT m.legacy_id, b.id, b.school_id, b.client_main_id AS client, b.price_total,
        b.has_cancellation_insurance AS insured, b.price_cancellation_insurance AS insurance, b.currency,
        b.payment_method_id AS method, b.paid, b.paid_total, b.status, b.payrexx_reference AS reference,
        TEXT(b.created_at) AS created_at, TEXT(b.deleted_at) AS deleted_at
    FROM legacy_id_mappings m JOIN bookings b ON b.id = m.v5_id
    WHERE m.entity_type = 'booking' AND m.legacy_id > %s AND m.legacy_id <= %s"""
PROJECTED = """
    SELECT m.legacy_id, b.id, b.booking_reference, b.season_id, b.school_id, b.client_id AS client, b.status,
        b.participants, b.base_price, b.extras_price, b.equipment_price, b.insurance_price, b.tax_amount,
        b.discount_amount, b.total_price, b.currency, b.has_insurance, b.metadata, TEXT(b.created_at) AS created_at,
        TEXT(b.cancelled_at) AS cancelled_at, TEXT(b.deleted_at) AS deleted_at
    FROM legacy_id_mappings m JOIN v5_bookings b ON b.id = m.v5_id
    WHERE m.entity_type = 'v5_booking' AND m.legacy_id > %s AND m.legacy_id <= %s"""
V5_LINES = """
    SELECT id, booking_id AS booking, client_id AS client, price, currency, status, TEXT(deleted_at) AS deleted_at
    FROM booking_users WHERE booking_id IN ({ids})"""
V5_LOGS = """
    SELECT id, booking_id AS booking, amount FROM vouchers_log
    WHERE deleted_at IS NULL AND booking_id IN ({ids})"""
PAYMENTS = """
    SELECT id, booking_id AS booking, amount, status, payrexx_reference AS reference
    FROM payments WHERE deleted_at IS NULL AND booking_id IN ({ids})"""
PROJECTED_PAYMENTS = """
    SELECT id, booking_id AS booking, payment_reference, payment_method AS method, amount, currency, status,
        gateway, gateway_reference
    FROM v5_booking_payments WHERE booking_id IN ({ids}) ORDER BY id"""


def cents(value: Any) -> Decimal:
    """An amount with two places, nothing for none."""
    return money(value) or NOTHING


def three_letters(value: Any) -> str:
    """A currency in upper case, "" when the value is none (M 3.1)."""
    text = str(value or "").strip()
    return text.upper() if len(text) == 3 and text.isalpha() else ""


def warnings(entry: Any) -> frozenset[str]:
    """The warning codes of a map entry."""
    data = json.loads(entry.additional_data) if entry.additional_data else {}
    return frozenset(
        one if isinstance(one, str) else one.get("code", "") for one in data.get("warnings") or ()
    )


def parsed(text: Any, otherwise: Any) -> Any:
    """A JSON column as Python value; `otherwise` for nothing and for what cannot be read (R-71 tells)."""
    try:
        found = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return otherwise
    return found if isinstance(found, type(otherwise)) else otherwise


def in_full(booking: Any, lines: list[Any]) -> bool:
    """Cancelled in full: the booking is trashed, or it has lines and all of them are (M 4.20)."""
    return bool(booking.deleted_at) or bool(lines) and all(line.deleted_at for line in lines)


def by(rows: Iterable[Any], name: str) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


class Ground:
    """One range of legacy bookings with everything that hangs on them, on both sides; read when it is needed."""

    def __init__(self, read: Reading, after: int, upto: int) -> None:
        self.read, self.range = read, [after, upto]

    @cached_property
    def bookings(self) -> dict[int, Any]:
        sql = BOOKINGS.replace("{scope}", self.read.scoped("b.school_id"))
        return {row.id: row for row in self.read.legacy(sql, self.range)}

    @cached_property
    def lines(self) -> dict[int, list[Any]]:
        return by(self.read.legacy(LINES, self.range), "booking")

    @cached_property
    def logs(self) -> dict[int, list[Any]]:
        return by(self.read.legacy(LOGS, self.range), "booking")

    @cached_property
    def entries(self) -> dict[int, Any]:
        return {row.legacy_id: row for row in self.read.v5(ENTRIES, ["booking", *self.range])}

    def flags(self, booking: int) -> frozenset[str]:
        """Warnings of a booking."""
        entry = self.entries.get(booking)
        return warnings(entry) if entry is not None else frozenset()

    @cached_property
    def v5(self) -> dict[int, Any]:
        """Operational bookings by legacy id."""
        return {row.legacy_id: row for row in self.read.v5(V5_BOOKINGS, self.range)}

    @cached_property
    def projected(self) -> dict[int, Any]:
        """V5 bookings by legacy id."""
        return {row.legacy_id: row for row in self.read.v5(PROJECTED, self.range)}

    @cached_property
    def v5_lines(self) -> dict[int, list[Any]]:
        """By operational booking."""
        return by(self.read.within("v5", V5_LINES, (row.id for row in self.v5.values())), "booking")

    @cached_property
    def v5_logs(self) -> dict[int, list[Any]]:
        """Live voucher logs by operational booking."""
        return by(self.read.within("v5", V5_LOGS, (row.id for row in self.v5.values())), "booking")

    @cached_property
    def payments(self) -> dict[int, list[Any]]:
        """By operational booking."""
        return by(self.read.within("v5", PAYMENTS, (row.id for row in self.v5.values())), "booking")

    @cached_property
    def projected_payments(self) -> dict[int, list[Any]]:
        """By V5 booking."""
        ids = (row.id for row in self.projected.values())
        return by(self.read.within("v5", PROJECTED_PAYMENTS, ids), "booking")

    @cached_property
    def origins(self) -> dict[int, int]:
        """Legacy line of each V5 line."""
        found = self.read.origins(
            "booking_users", (row.id for rows in self.v5_lines.values() for row in rows)
        )
        return {key: some[0].legacy_id for key, some in found.items()}

    @cached_property
    def lost_lines(self) -> set[int]:
        """Legacy lines that the ledger left out."""
        return self._lost("booking_user", (line.id for some in self.lines.values() for line in some))

    @cached_property
    def lost_logs(self) -> set[int]:
        return self._lost("voucher_log", (log.id for some in self.logs.values() for log in some))

    def _lost(self, entity: str, ids: Iterable[int]) -> set[int]:
        entries = self.read.entries(entity, ids)
        return {key for key, some in entries.items() if any(one.disposition in GONE for one in some)}

    def vouchers(self, booking: int) -> Decimal:
        """V: live voucher logs of a booking that were moved (decision on 4.24)."""
        live = (
            log for log in self.logs.get(booking, ()) if not log.deleted_at and log.id not in self.lost_logs
        )
        return sum((money(log.amount) or NOTHING for log in live), NOTHING)

    def currency(self, booking: Any) -> str:
        """The booking's, else its first line's, else the school's in V5, else Q-07."""
        own = [booking.currency, *(line.currency for line in self.lines.get(booking.id, ()))]
        found = next(filter(None, map(three_letters, own)), "")
        return found or currency_of_school(self.read, booking.school_id)

    def projects(self, school: int | None) -> bool:
        """Whether bookings of a school go to the V5 bookings too (Q-34)."""
        return bool(self.read.choices.of("booking_targets", school=school) != "operational")


def ground_of(read: Reading, after: int, upto: int) -> Ground:
    """The same ground for both sides of one range."""
    if read.memory.get("range") != (after, upto):
        read.memory |= {"range": (after, upto), "ground": Ground(read, after, upto)}
    found: Ground = read.memory["ground"]
    return found


def currency_of_school(read: Reading, school: int | None) -> str:
    """The currency in the settings of the school's V5 row, else the operator's choice (Q-07)."""
    if "currencies" not in read.memory:
        rows = read.v5("SELECT m.legacy_id, s.settings FROM schools s JOIN legacy_id_mappings m ON m.v5_id = s.id"
                       " WHERE m.entity_type = 'school'")  # fmt: skip
        read.memory["currencies"] = {
            row.legacy_id: (parsed(row.settings, {}).get("taxes") or {}).get("currency") for row in rows
        }
    found = read.memory["currencies"].get(school) or read.choices.of("default_currency", school=school)
    return three_letters(found)


def schools(read: Reading) -> dict[int, int]:
    """V5 school by legacy school."""
    if "schools" not in read.memory:
        sql = "SELECT legacy_id, v5_id FROM legacy_id_mappings WHERE entity_type = 'school' AND v5_id IS NOT NULL"
        read.memory["schools"] = {row.legacy_id: row.v5_id for row in read.v5(sql)}
    found: dict[int, int] = read.memory["schools"]
    return found


def bounds(check: Ranged, read: Reading, cursor: int | None) -> tuple[int, int | None]:
    """(after, upto) of the step of a check that begins at a cursor; `upto` is None for the last one."""
    after = -LAST if cursor is None else cursor
    return after, read.upto(check.side, check.table, after, check.size)


class Fault(NamedTuple):
    """What is wrong; `line` is a legacy line when it is not the booking as a whole."""

    field: str
    expected: Any = None
    found: Any = None
    message: str = ""
    v5_table: str = "bookings"
    v5_id: int | None = None
    line: int | None = None
    inherited: bool = False


class Judged(Ranged):
    """Walks along `bookings2`; write `faults`, asked for every booking in scope that has a V5 record."""

    table: ClassVar[str] = "bookings2"
    kind: ClassVar[Kind] = Kind.DIFFERS

    def faults(self, ground: Ground, booking: Any, target: Any) -> Iterator[Fault]:
        raise NotImplementedError(f"check {self.id} looks at nothing")

    def slice(self, read: Reading, after: int, upto: int, looked: Looked) -> None:
        ground = Ground(read, after, upto)
        for booking in ground.bookings.values():
            target = ground.v5.get(booking.id)
            if target is None:
                continue  # count what is missing
            looked.examined(booking.school_id)
            for fault in self.faults(ground, booking, target):
                looked.find(self._found(booking, target, fault))

    def _found(self, booking: Any, target: Any, fault: Fault) -> Seen:
        entity, table, key = "booking", "bookings2", booking.id
        if fault.line is not None:
            entity, table, key = "booking_user", "booking_users2", fault.line
        own = target.id if fault.v5_table == "bookings" else None
        return Seen(
            self.kind, booking.school_id, entity, table, key, "", fault.v5_table, fault.v5_id or own, fault.field,
            fault.expected, fault.found, fault.message, fault.inherited,
        )  # fmt: skip

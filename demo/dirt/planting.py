"""How dirt is planted: small functions, one per kind, that add rows and say what must become of them.

An expectation names the map entry by entity type and legacy id. The entity type `*` stands for "whatever
type the row's table has", where the rules do not say which. Synthesised rows without a legacy row of
their own have the legacy id 0.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from demo import bookings, courses, staff
from demo.world import School, World, iso

Expectation = dict[str, Any]
PLANTERS: dict[str, Callable[[Planter], None]] = {}

NOWHERE = 987_654_321  # an id that no row has


def kind(name: str) -> Callable[[Callable[[Planter], None]], Callable[[Planter], None]]:
    """Registers a planting function; refuses a kind that exists already."""

    def register(function: Callable[[Planter], None]) -> Callable[[Planter], None]:
        if name in PLANTERS:
            raise ValueError(f"The kind of dirt {name} is planted twice.")
        PLANTERS[name] = function
        return function

    return register


def becomes(entity_type: str, legacy_id: int, disposition: str, reason: str = "", **more: Any) -> Expectation:
    """One expected map entry; `more` may hold `part` and `warnings` (which must be among those found)."""
    found: Expectation = {"entity_type": entity_type, "legacy_id": legacy_id, "disposition": disposition}
    if reason:
        found["reason"] = reason
    return {**found, **more}


def migrated(entity_type: str, legacy_id: int, *warnings: str, **more: Any) -> Expectation:
    return becomes(
        entity_type, legacy_id, "migrated", **({"warnings": list(warnings)} if warnings else {}), **more
    )


def merged(entity_type: str, legacy_id: int, *warnings: str) -> Expectation:
    return becomes(entity_type, legacy_id, "merged", **({"warnings": list(warnings)} if warnings else {}))


def rejected(entity_type: str, legacy_id: int, reason: str) -> Expectation:
    return becomes(entity_type, legacy_id, "rejected", reason)


def skipped(entity_type: str, legacy_id: int, reason: str) -> Expectation:
    return becomes(entity_type, legacy_id, "skipped", reason)


def synthesised(entity_type: str, reason: str, legacy_id: int = 0) -> Expectation:
    return becomes(entity_type, legacy_id, "synthesised", reason)


class Planter:
    """The world plus shortcuts for fresh rows that belong to nobody else's story."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.school, self.other = world.schools[0], world.schools[1]
        self.items: list[dict[str, Any]] = []
        self.kind = ""
        self.past = world.today - timedelta(days=400)
        self.soon = world.today + timedelta(days=30)

    def run(self, name: str) -> None:
        self.kind = name
        PLANTERS[name](self)

    def note(self, table: str, key: int, *expect: Expectation) -> None:
        """Records that the row `key` of `table` is planted, and what must become of it."""
        self.items.append({"kind": self.kind, "table": table, "id": key, "expect": list(expect)})

    def add(self, table: str, **values: Any) -> int:
        """A row with plausible timestamps where the table has them."""
        if "created_at" in self.world.sink.tables[table].column_names:
            values = {**self.stamps, **values}
        return self.world.add(table, **values)

    @property
    def stamps(self) -> dict[str, str]:
        return {"created_at": f"{iso(self.past)} 09:00:00", "updated_at": f"{iso(self.past)} 10:00:00"}

    # People

    def person(self, user_type: int, **given: Any) -> int:
        return staff.account(self.world, user_type, self.school.locale, self.past, **given)

    def client(self, *schools: School, **given: Any) -> int:
        """A client with a log-in who belongs to the main school, or to the schools named."""
        key = self.person(2, **given)
        for school in schools or (self.school,):
            self.member(key, school)
        return key

    def member(self, user: int, school: School | int, **given: Any) -> int:
        return staff.membership(self.world, user, school, self.past, **given)

    def level(self, user: int, **given: Any) -> int:
        values = {"sport_id": 1, "school_id": self.school.id, "degree_id": self.world.degrees[0], **given}
        return self.add("user_sports", user_id=user, **values)

    def monitor(self, school: School | None = None, **given: Any) -> int:
        school = school or self.school
        key = self.person(3, **given)
        self.member(key, school, station_id=school.stations[0])
        return key

    # Courses

    def course(self, **given: Any) -> int:
        """A stand-alone collective course of one past day, without its date."""
        day = iso(self.past)
        values = {"date_start": day, "date_end": day, **self.stamps, **given}
        return courses.course_row(self.world, self.school, **values)

    def private(self, **given: Any) -> int:
        values = {
            "course_supertype_id": 2,
            "course_type_id": 2,
            "name": "Privé",
            "duration": "01:00:00",
            "date_start": iso(self.past - timedelta(days=10)),
            "date_end": iso(self.past + timedelta(days=10)),
            "day_start_res": "monday",
            "day_end_res": "sunday",
            "hour_min": "9:00",
            "hour_max": "17:00",
        }
        return self.course(**{**values, **given})

    def session(self, course: int, day: date | None = None, **given: Any) -> int:
        values = {"date": iso(day or self.past), "hour": "10:00:00", **given}
        return self.add("course_dates2", course2_id=course, **values)

    def group(self, course: int, **given: Any) -> int:
        values = {"degree_id": self.world.degrees[1], "teachers_min": 1, "teachers_max": 3, **given}
        return self.add("course_groups2", course2_id=course, **values)

    def subgroup(self, group: int, **given: Any) -> int:
        return self.add("course_groups_subgroups2", course_group2_id=group, **given)

    def classes(self, **given: Any) -> tuple[int, int, int, int]:
        """(course, date, group, subgroup) of a stand-alone course of one day."""
        course = self.course(**given)
        date_id = self.session(course)
        group = self.group(course)
        return course, date_id, group, self.subgroup(group)

    def umbrella(self, days: list[date], **given: Any) -> tuple[int, list[int]]:
        """A grouped course: (umbrella, members), one member a day, each with its date."""
        values = {
            "name_global": "Cours groupé",
            "price_global": "50.00",
            "is_definitive": 1,
            "date_start_global": iso(days[0]),
            "date_end_global": iso(days[-1]),
            "dates_global": courses.sessions(days, "10:00:00"),
            **given,
        }
        key = self.add("course_globals", **values)
        return key, [self.part_of(key, day) for day in days]

    def part_of(self, umbrella: int, day: date, **given: Any) -> int:
        """One member of a grouped course, with its date."""
        member = self.course(group_id=umbrella, date_start=iso(day), date_end=iso(day), **given)
        self.session(member, day)
        return member

    def days(self, amount: int) -> list[date]:
        return [self.past + timedelta(days=place) for place in range(amount)]

    # Bookings

    def booking(self, payer: int | None = None, **given: Any) -> int:
        """A paid booking of 50.00 in cash, without its lines."""
        values = {
            "school_id": self.school.id,
            "price_total": "50.00",
            "payment_method_id": 1,
            "paid": 1,
            "is_past": 1,
            "paxes": 1,
            "user_main_id": payer or self.client(),
            **given,
        }
        return self.add("bookings2", **values)

    def line(self, booking: int, user: int, **given: Any) -> int:
        values = {"price": "50.00", "currency": self.school.currency, **given}
        return self.add("booking_users2", booking2_id=booking, user_id=user, **values)

    def lesson(self, booking: int, user: int, course: int, **given: Any) -> int:
        """A private line of one hour on the planter's past day."""
        values = {
            "course2_id": course,
            "date": iso(self.past),
            "hour": "11:00:00",
            "duration": "01:00:00",
            **given,
        }
        return self.line(booking, user, **values)

    def booked(self, **given: Any) -> tuple[int, int, int]:
        """(booking, line, client): a private lesson in order, with the header changed by `given`."""
        client = self.client()
        booking = self.booking(client, **given)
        return booking, self.lesson(booking, client, self.shared_private), client

    @cached_property
    def shared_private(self) -> int:
        """One private course in order, around the past day, for all bookings that need one."""
        return self.private()

    def voucher(self, owner: int, quantity: int, left: int, **given: Any) -> int:
        """Amounts in cents."""
        school = given.pop("school_id", self.school.id)
        return bookings.voucher(self.world, school, owner, quantity, left, self.stamps, **given)

    def spent(self, voucher: int, booking: int, amount: str, **given: Any) -> int:
        return self.add("vouchers_log", voucher_id=voucher, booking_id=booking, amount=amount, **given)

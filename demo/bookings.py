"""Bookings with their lines, insurance, cancellations, vouchers, reminders and attendances.

Money is counted in cents here and written as text with two decimals, so that a total is exact.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from demo import courses, families, pools
from demo.courses import DISCOUNT, Private, Product, Slot
from demo.world import Family, Person, School, World, iso, moment

# The number in the text is that of the row itself, as the application makes it (GR-18).
REFERENCE = "Boukii #{id}"
HOURS = ("09:00:00", "10:30:00", "13:00:00", "15:00:00")


@dataclass
class Line:
    """A line before it is written; `cents` is its price."""

    person: Person
    day: date
    cents: int
    values: dict[str, Any]
    cancelled: bool = False


@dataclass
class Block:
    """What one block of bookings of a school and season draws from."""

    world: World
    school: School
    season: int
    private: list[Private]
    open: list[Product] = field(default_factory=list)


def money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def fill(world: World, school: School, season: int, amount: int) -> None:
    """Adds `amount` bookings of that season, with the families and courses they need."""
    draw = world.draw("bookings")
    begun = min(date(season, 10, 1), world.today - timedelta(days=60))
    for _ in range(max(1, round(amount * 0.5 / 2.4))):
        school.families.append(families.family(world, school, begun))
    block = Block(
        world,
        school,
        season,
        [courses.private(world, school, season, flexible) for flexible in (False, True)],
    )
    for _ in range(amount):
        family = draw.choice(school.families)
        lines, rebate = (_collective if draw.random() < 0.43 else _private)(block, family)
        _write(block, family, lines, rebate)


def _collective(block: Block, family: Family) -> tuple[list[Line], int]:
    """Lines of one or two participants in one product, and the discount on the total in cents."""
    world, draw = block.world, block.world.draw("bookings")
    people = draw.sample(family.members, min(len(family.members), draw.choice((1, 1, 1, 2))))
    product, slot = _place(block, people)
    slot.seat(people)
    lines: list[Line] = []
    rebate = 0
    for person in people:
        days = 1 if product.shape == "B" else len(product.dates)
        if product.day_price is not None:
            days = draw.choice((1, 2, 2, days))
        cents = round(100 * (product.day_price or product.price))
        for place in range(days):
            price = cents if product.day_price is not None or place == 0 else 0
            lines.append(_group_line(world, block.school, product, slot, person, place, price))
        if product.day_price is not None:
            rebate += round(cents * days * DISCOUNT[days])
    return lines, rebate


def _place(block: Block, people: list[Person]) -> tuple[Product, Slot]:
    draw = block.world.draw("bookings")
    block.open = [product for product in block.open if any(slot.free >= 2 for slot in product.slots)]
    found = [(product, slot) for product in block.open for slot in product.slots if slot.takes(people)]
    if not found or (len(block.open) < 3 and draw.random() < 0.06):
        block.open.append(courses.collective(block.world, block.school, block.season))
        return block.open[-1], draw.choice(block.open[-1].slots)
    return draw.choice(found)


def _group_line(
    world: World, school: School, product: Product, slot: Slot, person: Person, place: int, cents: int
) -> Line:
    draw = world.draw("bookings")
    past = product.dates[-1] < world.today
    values = {
        "course_groups_subgroup2_id": slot.subgroups[place],
        "attended": int(past and draw.random() < 0.8),
    }
    if past and product.shape == "A" and draw.random() < 0.15:
        world.add(
            "user_course_attendances",
            subgroup_id=slot.subgroups[place],
            date_id=product.date_ids[place],
            user_id=person.id,
            attendance=values["attended"],
            **world.stamps(product.dates[place]),
        )
    day = product.dates[-1] if product.shape == "B" else product.dates[place]
    return Line(person, day, cents, values)


def _private(block: Block, family: Family) -> tuple[list[Line], int]:
    draw = block.world.draw("bookings")
    course = draw.choice(block.private)
    people = draw.sample(family.members, min(len(family.members), draw.choice((1, 1, 1, 2))))
    lines: list[Line] = []
    for _ in range(draw.choice((1, 1, 2, 2))):
        day = _workday(course.first + timedelta(days=draw.randrange((course.last - course.first).days - 3)))
        minutes = draw.choice((60, 90, 120)) if course.flexible else 120
        cents = round(100 * course.price * minutes / 15) if course.flexible else round(100 * course.price)
        monitor = draw.choice(block.school.monitors) if draw.random() < 0.7 else None
        values = {
            "course2_id": course.id,
            "date": iso(day),
            "hour": draw.choice(HOURS),
            "monitor_id": monitor,
            "duration": f"{minutes // 60:02d}:{minutes % 60:02d}:00" if course.flexible else None,
            "attended": int(day < block.world.today),
        }
        if not any(line.day == day for line in lines):
            lines += [Line(person, day, cents // len(people), dict(values)) for person in people]
    return lines, 0


def _workday(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))


def _write(block: Block, family: Family, lines: list[Line], rebate: int) -> None:
    """Header, lines, voucher and reminder, with the money as legacy leaves it after cancellations."""
    world, school = block.world, block.school
    draw = world.draw("bookings")
    cancelled = _cancel(draw, lines)
    last = max(line.day for line in lines)
    method, paid = _payment(world, draw, last, cancelled)
    if method == 5:
        for line in lines:
            line.cents = 0
    insurance, total = _total(draw, lines, rebate if method != 5 else 0, cancelled)
    lead = min(line.day for line in lines) - timedelta(days=draw.randrange(2, 45))
    booked = min(lead, world.today - timedelta(days=draw.randrange(1, 30)))
    stamps = world.stamps(booked, "bookings")
    ended = moment(min(booked + timedelta(days=1), world.today), draw, late=True)
    key = world.add(
        "bookings2",
        school_id=school.id,
        user_main_id=family.payer.id,
        price_total=money(total),
        has_cancellation_insurance=int(insurance > 0),
        price_cancellation_insurance=money(insurance),
        currency=school.currency,
        is_past=int(last < world.today),
        paxes=len({line.person.id for line in lines}),
        deleted_at=ended if cancelled else None,
        **_particulars(world, method, paid),
        **stamps,
    )
    written = [_line(world, school, key, line, stamps, ended) for line in lines]
    if paid and not cancelled and method != 5:
        _voucher(world, school, family, key, total, stamps)
    if method == 3 and draw.random() < 0.3:
        world.add(
            "booking_payment_notice_log",
            booking2_id=key,
            booking_user2_id=written[0],
            date=stamps["updated_at"],
        )


def _cancel(draw: random.Random, lines: list[Line]) -> bool:
    """Marks the lines of a cancelled booking, or the last one of a booking cancelled in part."""
    cancelled = draw.random() < 0.05
    if not cancelled and len(lines) > 1 and draw.random() < 0.06:
        lines[-1].cancelled = True
    for line in lines if cancelled else ():
        line.cancelled = True
    return cancelled


def _total(draw: random.Random, lines: list[Line], rebate: int, cancelled: bool) -> tuple[int, int]:
    """(insurance, price_total): live lines plus insurance; of a cancelled booking the insurance alone, or
    the old total where it was not insured.
    """
    base = sum(line.cents for line in lines)
    insurance = round(base * 0.1) if base and draw.random() < 0.2 else 0
    if cancelled:
        return insurance, insurance or base - rebate
    live = sum(line.cents for line in lines if not line.cancelled)
    return insurance, live + insurance - min(rebate, live)


def _particulars(world: World, method: int, paid: int) -> dict[str, Any]:
    draw = world.draw("bookings")
    by_card = method in (2, 3)
    opened = by_card and paid and draw.random() < 0.5
    return {
        "payment_method_id": method,
        "paid": paid,
        "payrexx_reference": REFERENCE if by_card else None,
        "payrexx_transaction": draw.choice(world.envelopes) if opened else None,
        "notes": draw.choice(pools.NOTES) if draw.random() < 0.08 else "",
        "color": draw.choice((None, "#F9B233", "#2FAC66")),
    }


def _payment(world: World, draw: random.Random, last: date, cancelled: bool) -> tuple[int, int]:
    """(method, paid): what is over is paid; what lies ahead may wait for cash or another way."""
    method = draw.choices((1, 2, 3, 4, 5), (35, 30, 20, 13, 2))[0]
    if method == 5 or last < world.today or method in (2, 3):
        return method, 1
    return method, int(not cancelled and draw.random() < 0.6)


def _line(world: World, school: School, booking: int, line: Line, stamps: dict, ended: str) -> int:
    return world.add(
        "booking_users2",
        booking2_id=booking,
        user_id=line.person.id,
        price=money(line.cents),
        currency=school.currency,
        deleted_at=ended if line.cancelled else None,
        **line.values,
        **stamps,
    )


def _voucher(world: World, school: School, family: Family, booking: int, total: int, stamps: dict) -> None:
    """Some bookings are paid in part by a voucher; some customers hold one they have not used."""
    draw = world.draw("vouchers")
    chance = draw.random()
    if chance > 0.06:
        return
    spent = min(total, draw.randrange(20, 120) * 100) if chance < 0.05 else 0
    quantity = spent + draw.choice((0, 0, 2500, 6000)) or 5000
    key = voucher(world, school.id, family.payer.id, quantity, quantity - spent, stamps)
    if spent:
        world.add("vouchers_log", voucher_id=key, booking_id=booking, amount=money(spent), **stamps)


def voucher(
    world: World, school: int, owner: int, quantity: int, left: int, stamps: dict, **given: Any
) -> int:
    """A voucher in cents; the code is unique because it scrambles a running number reversibly."""
    number = (world.sink.peek("vouchers") * 387420489 + 123456789012) % 10**12
    digits = f"{number:012d}"
    return world.add(
        "vouchers",
        user_id=owner,
        school_id=school,
        quantity=money(quantity),
        remaining_balance=money(left),
        **{"code": f"{digits[:4]}.{digits[4:8]}.{digits[8:]}", "payed": 1, **stamps, **given},
    )

"""Courses: grouped ones under an umbrella (shape A), stand-alone ones (shape B), private ones."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from demo.world import Person, School, World, iso

CAPACITY = 8
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass
class Slot:
    """One class of a product: the subgroup of each day (one and the same in shape B), and free places."""

    degree: int
    subgroups: list[int]
    monitors: list[int | None]
    free: int = CAPACITY
    taken: set[int] = field(default_factory=set)

    def takes(self, people: list[Person]) -> bool:
        """There is room, and nobody of them has a place already."""
        return self.free >= len(people) and self.taken.isdisjoint(person.id for person in people)

    def seat(self, people: list[Person]) -> None:
        self.free -= len(people)
        self.taken.update(person.id for person in people)


@dataclass
class Product:
    """A collective course as a customer sees it. `day_price` is None when it is sold as a whole."""

    shape: str
    price: float
    day_price: float | None
    dates: list[date]
    date_ids: list[int]
    hour: str
    slots: list[Slot] = field(default_factory=list)


@dataclass
class Private:
    id: int
    sport: int
    price: float
    flexible: bool
    first: date
    last: date


def course_row(world: World, school: School, **given: Any) -> int:
    """A row of `courses2` with plausible values for everything not given."""
    values: dict[str, Any] = {
        "course_supertype_id": 1,
        "course_type_id": 1,
        "sport_id": school.sports[0],
        "name": "Cours collectif",
        "short_description": "<p>Cours en groupe</p>",
        "description": "<p>Deux heures par jour, tous niveaux.</p>",
        "price": "60.00",
        "currency": school.currency,
        "max_participants": CAPACITY,
        "duration": "02:00:00",
        "school_id": school.id,
        "station_id": school.stations[0],
        "online": 1,
        "active": 1,
        "day_start_res": None,
        "day_end_res": None,
        "hour_min": None,
        "hour_max": None,
    }
    return world.add("courses2", **{**values, **given})


def collective(world: World, school: School, season: int) -> Product:
    """A new product of three to five days somewhere in the winter that began in `season`."""
    draw = world.draw("collective")
    first = date(season, 12, 8) + timedelta(days=draw.randrange(0, 112))
    dates = [first + timedelta(days=place) for place in range(draw.choice((3, 4, 4, 5)))]
    hour = draw.choice(("09:15:00", "10:00:00", "13:30:00"))
    price = float(draw.choice((42, 55, 60.5, 68, 75)))
    sport = draw.choice(school.sports[:2])
    grouped = draw.random() < (0.3 if season < world.current_season - 2 else 0.9)
    build = _grouped if grouped else _alone
    return build(world, school, sport, dates, hour, price)


def _grouped(world: World, school: School, sport: int, dates: list[date], hour: str, price: float) -> Product:
    draw = world.draw("collective")
    whole = draw.random() < 0.4
    stamps = world.stamps(dates[0] - timedelta(days=70))
    name = f"Cours collectif {world.sink.peek('course_globals')} – {len(dates)} jours"
    total = price * len(dates) * 0.9 if whole else price
    umbrella = world.add(
        "course_globals",
        name_global=name,
        price_global=f"{total:.2f}",
        is_definitive=int(whole),
        date_start_global=iso(dates[0]),
        date_end_global=iso(dates[-1]),
        short_description_global="<p>Petits groupes</p>",
        description_global="<p>Rendez-vous à l'école.</p>",
        dates_global=sessions(dates, hour),
        **stamps,
    )
    if not whole:
        _discounts(world, school, umbrella, len(dates))
    product = Product("A", total, None if whole else price, dates, [], hour)
    levels = draw.sample(world.degrees[:8], 2)
    product.slots = [Slot(level, [], []) for level in levels for _ in range(2)]
    for day in dates:
        member = course_row(
            world,
            school,
            sport_id=sport,
            name=name,
            price=f"{price:.2f}",
            group_id=umbrella,
            date_start=iso(day),
            date_end=iso(day),
            **stamps,
        )
        product.date_ids.append(
            world.add("course_dates2", course2_id=member, date=iso(day), hour=hour, **stamps)
        )
        _classes(world, school, member, product, levels, day, stamps)
    return product


def _alone(world: World, school: School, sport: int, dates: list[date], hour: str, price: float) -> Product:
    draw = world.draw("collective")
    stamps = world.stamps(dates[0] - timedelta(days=70))
    total = price * len(dates) * 0.9
    product = Product("B", total, None, dates, [], hour)
    levels = draw.sample(world.degrees[:8], 2)
    product.slots = [Slot(level, [], []) for level in levels for _ in range(2)]
    course = course_row(
        world,
        school,
        sport_id=sport,
        name=f"Kurs {world.sink.peek('courses2')}",
        price=f"{total:.2f}",
        date_start=iso(dates[0]),
        date_end=iso(dates[-1]),
        course_type_id=draw.choice((1, 1, 1, 3)),
        **stamps,
    )
    for day in dates:
        product.date_ids.append(
            world.add("course_dates2", course2_id=course, date=iso(day), hour=hour, **stamps)
        )
    _classes(world, school, course, product, levels, dates[0], stamps)
    return product


def _classes(
    world: World, school: School, course: int, product: Product, levels: list[int], day: date, stamps: dict
) -> None:
    """Two level groups with two classes each; now and then somebody replaces the monitor of a day."""
    draw = world.draw("classes")
    for place, level in enumerate(levels):
        group = world.add(
            "course_groups2",
            course2_id=course,
            degree_id=level,
            recommended_age=draw.choice((1, 2, 3, 4, 5)),
            age_min=draw.choice((1, 1, 4)),
            age_max=draw.choice((99, 99, 12)),
            teachers_min=1,
            teachers_max=2,
            teacher_min_degree=draw.choice((None, level)),
            **stamps,
        )
        for slot in product.slots[2 * place : 2 * place + 2]:
            monitor = draw.choice(school.monitors) if draw.random() < 0.9 else None
            subgroup = world.add(
                "course_groups_subgroups2",
                course_group2_id=group,
                monitor_id=monitor,
                max_participants=draw.choice((None, CAPACITY)),
                **stamps,
            )
            if draw.random() < 0.06:
                monitor = draw.choice(school.monitors)
                world.add(
                    "subgroups_monitor_dates",
                    monitor_id=monitor,
                    date=iso(day),
                    hour=product.hour,
                    subgroup_id=subgroup,
                    **stamps,
                )
            slot.subgroups.append(subgroup)
            slot.monitors.append(monitor)


def sessions(dates: list[date], hour: str, duration: str = "02:00") -> str:
    """`dates_global` as legacy stores it: the ordered list of sessions."""
    return json.dumps([{"date": iso(day), "hour": hour[:5], "duration": duration} for day in dates])


def _discounts(world: World, school: School, umbrella: int, days: int) -> None:
    for count, share in ((1, "0.00"), (2, "5.00"), (3, "10.00"), (4, "12.50"), (5, "15.00"))[:days]:
        world.add(
            "price_ranges",
            school_id=school.id,
            group_id=umbrella,
            time_interval=count,
            num_pax=1,
            price=share,
            percentage="1.00" if count > 1 else "0.00",
            **world.stamps(world.today - timedelta(days=400)),
        )


DISCOUNT = {1: 0.0, 2: 0.05, 3: 0.10, 4: 0.125, 5: 0.15}


def private(world: World, school: School, season: int, flexible: bool) -> Private:
    """A private course of one winter, bookable on any day or on working days only."""
    draw = world.draw("private")
    sport = draw.choice(school.sports)
    first, last = date(season, 12, 1), date(season + 1, 4, 20)
    price = 18.5 if flexible else float(draw.choice((85, 95, 120)))
    stamps = world.stamps(first - timedelta(days=80))
    till = draw.choice(("sunday", "friday"))
    key = course_row(
        world,
        school,
        course_supertype_id=2,
        course_type_id=2,
        sport_id=sport,
        name=f"Privé {season}/{season + 1}",
        price=f"{price:.2f}",
        max_participants=4,
        duration="01:00:00" if flexible else "02:00:00",
        duration_flexible=int(flexible),
        date_start=iso(first),
        date_end=iso(last),
        day_start_res="monday",
        day_end_res=till,
        hour_min=draw.choice(("9", "9:00", "09:00:00")),
        hour_max="17:00",
        **stamps,
    )
    if flexible:
        _grid(world, key, school, price, stamps)
    return Private(key, sport, price, flexible, first, last)


def _grid(world: World, course: int, school: School, price: float, stamps: dict) -> None:
    for minutes in (60, 90, 120):
        for people in (1, 2, 3, 4):
            amount = price * minutes / 15 * (1 + 0.25 * (people - 1))
            world.add(
                "price_ranges",
                course_id=course,
                school_id=school.id,
                time_interval=minutes,
                num_pax=people,
                price=f"{amount:.2f}" if (minutes, people) != (60, 4) else "0.00",
                **stamps,
            )

"""Tables that V5 has no place for: the superseded first generation, bookmarks, announcements, card data."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from demo.world import School, World


def fill(world: World) -> None:
    stamps = world.stamps(date(world.today.year - 4, 3, 1))
    _first_generation(world, stamps)
    _announcements(world, stamps)
    _sensitive(world, stamps)


def _first_generation(world: World, stamps: dict[str, str]) -> None:
    draw = world.draw("leftovers")
    for place in range(3 + world.bookings // 400):
        school = draw.choice(world.served)
        client = draw.choice(school.families).payer.id
        _old_group_booking(world, school, client, place, stamps)
        _old_private_booking(world, school, client, place, stamps)
    for degree in world.degrees[:4]:
        world.add("degrees_school_type", degree_id=degree, school_type_id=1, name="Ancien niveau")


def _old_course(world: World, school: School) -> dict[str, Any]:
    day = date(world.today.year - 5, 2, 7)
    return {
        "sport_id": 1,
        "price": "45.00",
        "duration": "02:00:00",
        "max_participants": 8,
        "school_id": school.id,
        "date_start": day.isoformat(),
        "date_end": (day + timedelta(days=4)).isoformat(),
        "active": 0,
    }


def _old_group_booking(world: World, school: School, client: int, place: int, stamps: dict) -> None:
    facts = _old_course(world, school)
    course = world.add("courses", course_type_id=1, name=f"Ancien cours {place}", **facts, **stamps)
    world.add("course_dates", course_id=course, date=facts["date_start"], hour="10:00:00", **stamps)
    level = world.degrees[0]
    group = world.add(
        "course_groups", course_id=course, degree_id=level, teachers_min=1, teachers_max=2, **stamps
    )
    subgroup = world.add(
        "course_groups_subgroups", course_group_id=group, monitor_id=school.monitors[0], **stamps
    )
    booking = world.add("bookings", course_group_subgroup_id=subgroup, payment_method_id=1, paid=1, **stamps)
    world.add("booking_users", booking_id=booking, client_id=client, attended=1, **stamps)


def _old_private_booking(world: World, school: School, client: int, place: int, stamps: dict) -> None:
    facts = _old_course(world, school)
    course = world.add("courses_libres", course_type_id=2, name=f"Ancien privé {place}", **facts, **stamps)
    booking = world.add(
        "bookings_libres",
        course_libre_id=course,
        monitor_id=school.monitors[0],
        date=facts["date_start"],
        hour="11:00:00",
        payment_method_id=1,
        paid=1,
        **stamps,
    )
    world.add("bookings_libres_users", booking_libre_id=booking, client_id=client, attended=1, **stamps)


def _announcements(world: World, stamps: dict[str, str]) -> None:
    for school in world.served[:3]:
        key = world.add(
            "communications",
            title="Ouverture de la saison",
            text="Les remontées ouvrent samedi.",
            communication_reason_id=1,
            communication_receiver_id=1,
            communication_school_id=school.id,
            **stamps,
        )
        world.add("communication_readeds", communication_id=key, school_id=school.id, **stamps)
        family = school.families[0]
        world.add("user_favorite_schools", user_id=family.payer.id, school_id=school.id, **stamps)
        world.add("user_favorite_stations", user_id=family.payer.id, station_id=school.stations[0], **stamps)
    for station in world.stations[:2]:
        facts = {
            "name": "Descente aux flambeaux",
            "description": "Place du village",
            "station_id": station,
            **stamps,
        }
        world.add("activities", date="2022-02-12", time="18:30:00", **facts)
        world.add("events", date="2022-03-05", time="20:00:00", **facts)
    world.add("offers", title="Semaine blanche", description="-10 %", **stamps)
    world.add("archives", name="plan.pdf", path="/storage/plan.pdf", **stamps)


def _sensitive(world: World, stamps: dict[str, str]) -> None:
    """Card data in the form legacy holds it; the numbers are the networks' published test numbers."""
    for school, number in zip(world.served, ("4111111111111111", "5555555555554444"), strict=False):
        world.add(
            "user_cards",
            name="Carte",
            number=number,
            date="12/24",
            cvv="123",
            user_id=school.families[0].payer.id,
            **stamps,
        )

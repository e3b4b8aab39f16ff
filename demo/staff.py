"""Administrators, viewers and monitors."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from demo.pools import COUNTRY_OF, LANGUAGE_OF
from demo.world import School, World

DOMAINS = ("example.org", "example.net", "example.com")


def account(world: World, kind: int, locale: str, begun: date, **given: Any) -> int:
    """One row of `users` with a unique address, a bcrypt-like password and the pool's particulars.

    `first_name` holds the family name, as legacy data does.
    """
    draw = world.draw("accounts")
    pool = world.pools[locale]
    key = given.pop("id", None) or world.sink.peek("users") + draw.choice((1, 1, 1, 1, 2, 5))
    values: dict[str, Any] = {
        "username": f"user{key}",
        "email": f"user{key}@{DOMAINS[key % 3]}",
        "password": draw.choice(world.passwords),
        "first_name": draw.choice(pool.family),
        "last_name": draw.choice(pool.given),
        "birth_date": f"{draw.randrange(1958, 2004)}-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}",
        "phone": f"+41 79 {draw.randrange(100, 999)} {draw.randrange(10, 99)} {draw.randrange(10, 99)}",
        "address": draw.choice(pool.streets),
        "cp": str(draw.randrange(1000, 9658)),
        "city": draw.choice(pool.cities),
        "country_id": COUNTRY_OF[locale],
        "language1_id": LANGUAGE_OF[locale],
        "language2_id": draw.choice((None, 1, 2, 3)),
        "user_type": kind,
        "user_collective": int(kind == 2),
        **world.stamps(begun, "accounts"),
    }
    values.update(given)
    return world.add("users", id=key, **values)


def membership(world: World, user: int, school: School | int, begun: date, **given: Any) -> int:
    school_id = school if isinstance(school, int) else school.id
    return world.add("user_schools", user_id=user, school_id=school_id, **{**world.stamps(begun), **given})


def fill(world: World) -> None:
    begun = date(world.today.year - 5, 8, 1)
    for school in world.schools:
        _office(world, school, begun)
        for _ in range(6 + int(world.bookings * school.weight / 250)):
            school.monitors.append(monitor(world, school, begun))


def _office(world: World, school: School, begun: date) -> None:
    for place in range(2):
        key = account(world, 1, school.locale, begun)
        school.administrators.append(key)
        membership(world, key, school, begun)
        world.add("user_permis", user_id=key, permis27=place, **world.stamps(begun))
        if place:
            for area, action in ((2, 4), (4, 2)):
                world.add(
                    "admin_restrictions", user_id=key, type_id=area, action_id=action, **world.stamps(begun)
                )
    viewer = account(world, 5, school.locale, begun)
    membership(world, viewer, school, begun)


def monitor(world: World, school: School, begun: date, **given: Any) -> int:
    """A monitor with membership, payroll details, levels, authorised levels and absences."""
    draw = world.draw("monitors")
    locale = school.locale if draw.random() < 0.7 else draw.choice(sorted(world.pools))
    key = account(world, 3, locale, begun, **given)
    membership(world, key, school, begun, station_id=school.stations[0])
    world.add(
        "user_work_details",
        user_id=key,
        avs=f"756.{draw.randrange(1000, 9999)}.{draw.randrange(1000, 9999)}.{draw.randrange(10, 99)}",
        work_license=draw.choice(("B", "C", "L", "")),
        bank_details="CH9300762011623852957",
        country_id=COUNTRY_OF[locale],
        children=draw.randrange(4),
        civil_status=draw.choice(("0", "1", "2")),
        family_allowance=draw.randrange(2),
        partner_works=draw.randrange(2),
        partner_percentaje=draw.choice((0, 50, 100)),
        **world.stamps(begun),
    )
    for place, sport in enumerate(school.sports[: draw.randrange(1, 3)]):
        _level(world, school, key, sport, begun, is_default=int(place == 0))
    _absences(world, school, key)
    return key


def _level(world: World, school: School, user: int, sport: int, begun: date, **given: Any) -> int:
    draw = world.draw("monitors")
    rank = draw.randrange(3, len(world.degrees))
    key = world.add(
        "user_sports",
        user_id=user,
        sport_id=sport,
        school_id=school.id,
        degree_id=world.degrees[rank],
        salary_level=draw.choice(school.salary_levels),
        allow_adults=draw.randrange(2),
        **{**world.stamps(begun), **given},
    )
    for degree in draw.sample(world.degrees[:rank], min(rank, draw.randrange(1, 4))):
        world.add(
            "user_sport_authorized_degrees",
            user_sport_id=key,
            degree_id=school.degrees[sport, degree],
            **world.stamps(begun),
        )
    if draw.random() < 0.4:
        world.add(
            "user_sports_monitor",
            user_id=user,
            sport_id=sport,
            degree_id=world.degrees[rank],
            **world.stamps(begun),
        )
    return key


def _absences(world: World, school: School, user: int) -> None:
    draw = world.draw("absences")
    for season in world.seasons:
        if draw.random() < 0.5:
            continue
        start = date(season, 12, 10) + timedelta(days=draw.randrange(110))
        days = draw.choice((0, 0, 1, 2, 4, 6))
        whole = draw.random() < 0.6
        world.add(
            "user_nwd",
            user_id=user,
            school_id=draw.choice((school.id, None)),
            station_id=school.stations[0],
            user_nwd_subtype_id=draw.choice((1, 1, 2, 3)),
            start_date=start.isoformat(),
            end_date=(start + timedelta(days=days)).isoformat(),
            full_day=int(whole),
            start_time=None if whole else "10:00:00",
            end_time=None if whole else "12:30:00",
            color="#E2A76F",
            description=draw.choice((None, "Rendez-vous médical", "Kurs J+S", "Отпуск")),
            **world.stamps(start - timedelta(days=20)),
        )

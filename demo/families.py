"""Clients: a payer with a log-in and the dependants he books for."""

from __future__ import annotations

from datetime import date

from demo import pools
from demo.staff import account, membership
from demo.world import Family, Person, School, World


def family(world: World, school: School, begun: date) -> Family:
    """A new family of the school: accounts, links, memberships, levels, some notes and evaluations."""
    draw = world.draw("families")
    locale = school.locale if draw.random() < 0.65 else draw.choice(sorted(world.pools))
    surname = draw.choice(world.pools[locale].family)
    payer = Person(
        account(world, 2, locale, begun, first_name=surname), locale, draw.choice(world.degrees[:9])
    )
    members = [payer]
    for _ in range(draw.choice((0, 1, 1, 2, 3))):
        members.append(_dependant(world, locale, surname, begun))
        world.add(
            "user_groups", user_main_id=payer.id, user_secondary_id=members[-1].id, **world.stamps(begun)
        )
    for person in members:
        membership(world, person.id, school, begun)
        _level(world, school, person, begun)
        _papers(world, school, person, begun)
    return Family(payer, members)


def _dependant(world: World, locale: str, surname: str, begun: date) -> Person:
    """Dependants have an empty address and a password nobody knows; families share `first_name`."""
    draw = world.draw("families")
    born = max(1990, begun.year - draw.randrange(3, 17))
    key = account(
        world,
        2,
        locale,
        begun,
        first_name=surname,
        email="",
        username=None,
        user_collective=0,
        phone=None,
        birth_date=f"{born}-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}",
    )
    return Person(key, locale, draw.choice(world.degrees[:7]))


def _level(world: World, school: School, person: Person, begun: date) -> None:
    draw = world.draw("families")
    if draw.random() < 0.85:
        world.add(
            "user_sports",
            user_id=person.id,
            sport_id=school.sports[0],
            school_id=school.id,
            degree_id=person.level,
            is_default=1,
            **world.stamps(begun),
        )


def _papers(world: World, school: School, person: Person, begun: date) -> None:
    draw = world.draw("papers")
    if draw.random() < 0.05:
        world.add(
            "user_observations",
            user_id=person.id,
            general=draw.choice(pools.NOTES),
            notes=draw.choice(("", None, draw.choice(pools.NOTES))),
            historical="",
            **world.stamps(begun),
        )
    if draw.random() < 0.04:
        _evaluation(world, school, person, begun)
    if draw.random() < 0.02:
        world.add("user_favorite_schools", user_id=person.id, school_id=school.id, **world.stamps(begun))
        world.add(
            "user_favorite_stations", user_id=person.id, station_id=school.stations[0], **world.stamps(begun)
        )


def _evaluation(world: World, school: School, person: Person, begun: date) -> None:
    draw = world.draw("papers")
    degree = school.degrees[school.sports[0], person.level]
    key = world.add(
        "evaluations",
        user_id=person.id,
        degrees_school_sport_id=degree,
        observations=draw.choice(
            ("Bons progrès, prêt pour le niveau suivant.", "Übt noch die Kurven.", "Ottimo!")
        ),
        **world.stamps(begun),
    )
    for goal in school.goals.get(degree, ())[: draw.randrange(0, 3)]:
        world.add(
            "evaluation_fulfilled_goals",
            evaluation_id=key,
            degrees_school_sport_goals_id=goal,
            **world.stamps(begun),
        )
    if draw.random() < 0.5:
        world.add(
            "evaluation_files",
            evaluation_id=key,
            image=f"https://assets.boukii.example/evaluations/{key}.jpg",
            **world.stamps(begun),
        )

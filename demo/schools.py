"""Schools with their satellites and their naming of the levels."""

from __future__ import annotations

from datetime import date

from demo.world import School, World

# name, slug, locale, currency, share of the bookings, stations, sports, province, country
SCHOOLS = (
    ("École de Ski Val Chamois", "val-chamois", "fr_CH", "CHF", 0.34, (0, 5), (1, 2, 3, 8), 11, 365),
    ("Skischule Edelgrat", "edelgrat", "de_CH", "CHF", 0.25, (1,), (1, 2, 3), 14, 365),
    ("Scuola Sci Cima Chiara", "cima-chiara", "it_IT", "CHF", 0.16, (2,), (1, 2), 21, 118),
    ("Escuela de Esquí Sierra Blanca", "sierra-blanca", "es_ES", "EUR", 0.12, (3,), (1, 2), 51, 209),
    ("Szkoła Narciarska Łabędzia Góra", "labedzia-gora", "pl_PL", "EUR", 0.10, (4,), (1, 8), 61, 181),
    ("TEST Boukii Demo", "test-boukii", "en_GB", "CHF", 0.03, (0,), (1,), 12, 365),
)
LEVELS = (("Junior", "24.50"), ("Patenté", "31.00"), ("Expert", "38.75"))
COLORS = (("Matin", "#F9B233"), ("Après-midi", "#2FAC66"), ("Privé", "#1C73B4"))
GOALS = ("Freiner en chasse-neige", "Enchaîner dix virages", "Kurven mit Stockeinsatz")
NAMED_LEVELS = 10


def fill(world: World) -> None:
    begun = date(world.today.year - 5, 7, 1)
    default_list(world, begun)
    for facts in SCHOOLS:
        school = _school(world, facts, begun)
        _satellites(world, school, begun)
        _degrees(world, school, begun)
        world.schools.append(school)


def default_list(world: World, begun: date) -> None:
    """The levels of each sport that a school without own names starts from (school_id NULL)."""
    for sport in (1, 2, 3, 8):
        for degree in world.degrees:
            world.add(
                "degrees_school_sport",
                school_id=None,
                sport_id=sport,
                degree_id=degree,
                name="",
                annotation=None,
                **world.stamps(begun),
            )


def _school(world: World, facts: tuple, begun: date) -> School:
    name, slug, locale, currency, weight, stations, sports, province, country = facts
    draw = world.draw("schools")
    pool = world.pools[locale]
    key = world.add(
        "schools",
        name=name,
        description=f"{name}, depuis 1987",
        slug=slug,
        active=1,
        contact_email=f"contact@{slug}.example",
        contact_phone=f"+41 24 {draw.randrange(100, 999)} 10 10",
        contact_address=draw.choice(pool.streets),
        contact_cp=str(draw.randrange(1000, 3999)),
        contact_city=draw.choice(pool.cities),
        contact_province_id=province,
        contact_country_id=country,
        fiscal_name=f"{name} SA"[:100],
        fiscal_id=f"CHE-{draw.randrange(100, 999)}.{draw.randrange(100, 999)}",
        fiscal_address=draw.choice(pool.streets),
        fiscal_cp="1000",
        fiscal_city=draw.choice(pool.cities),
        fiscal_province_id=province,
        fiscal_country_id=country,
        iban="CH9300762011623852957",
        logo=f"https://assets.boukii.example/logos/{slug}.png",
        conditions_url=f"https://{slug}.example/cg",
        bookings_comission_cash="4.00",
        bookings_comission_boukii_pay="5.50",
        bookings_comission_other="4.25",
        school_rate="2.50",
        type="1",
        payrexx_instance=draw.choice(world.envelopes),
        payrexx_key=draw.choice(world.envelopes),
        **world.stamps(begun),
    )
    return School(
        key, name, locale, currency, weight, [world.stations[place] for place in stations], list(sports)
    )


def _satellites(world: World, school: School, begun: date) -> None:
    for name, color in COLORS:
        world.add("school_colors", school_id=school.id, name=name, color=color, **world.stamps(begun))
    for name, pay in LEVELS:
        key = world.add(
            "school_salary_levels", school_id=school.id, name=name, pay=pay, **world.stamps(begun)
        )
        school.salary_levels.append(key)
    for station in school.stations:
        world.add("stations_schools", station_id=station, school_id=school.id)
    for sport in school.sports:
        world.add("school_sports", school_id=school.id, sport_id=sport, **world.stamps(begun))
    for place, name in enumerate(
        ("Commander les dossards", "Préparer la piste enfants 🎿", "Skipässe bestellen")
    ):
        task = world.add(
            "tasks",
            name=name,
            date=world.day(20 * place - 25),
            time=f"{9 + place:02d}:30:00",
            school_id=school.id,
            **world.stamps(world.today),
        )
        for text in ("appeler", "vérifier")[: place + 1]:
            world.add("task_checks", text=text, checked=place % 2, task_id=task, **world.stamps(world.today))
    for kind in ("booking_confirm", "booking_cancel"):
        world.add(
            "mails",
            type=kind,
            subject=f"{school.name[:80]}: {kind}",
            body="<p>Merci et à bientôt !</p>",
            school_id=school.id,
            **world.stamps(begun),
        )


def _degrees(world: World, school: School, begun: date) -> None:
    for sport in school.sports:
        for place, degree in enumerate(world.degrees):
            named = place < NAMED_LEVELS
            key = world.add(
                "degrees_school_sport",
                school_id=school.id,
                sport_id=sport,
                degree_id=degree,
                name=f"Niveau {place + 1}" if named else "",
                annotation=f"N{place + 1}" if named else None,
                **world.stamps(begun),
            )
            school.degrees[sport, degree] = key
            if sport == 1 and named:
                school.goals[key] = [
                    world.add(
                        "degrees_school_sport_goals",
                        degrees_school_sport_id=key,
                        name=goal,
                        **world.stamps(begun),
                    )
                    for goal in GOALS[: 1 + place % 3]
                ]

"""Lookups with the codes of the dictionary, stations and what stands around them."""

from __future__ import annotations

from datetime import date

from demo.world import World

LANGUAGES = (
    "en English,fr French,de German,it Italian,es Spanish,chi Chinese,rus Russian,bul Bulgarian,hr Croatian,"
    "cze Czech,dan Danish,nl Dutch,et Estonian,fi Finnish,gre Greek,hun Hungarian,ga Irish,lat Latvian,"
    "lit Lithuanian,mal Maltese,pol Polish,por Portuguese,rom Romanian,sk Slovak,slo Slovenian,swe Swedish"
)
SPORTS = (
    "Ski,Snowboard,Telemark,S. Rando,Ski de fond classique,Ski de fond skatting,Ski de randonné,"
    "Raquettes de neige,Hockey sur glace,Patinage artistique,Parapente à ski,VTT,Randonné,Ski nautique,"
    "Canoë/ kayak,Plongé,Voile,Kite surf,Wakeboard,Padel,Escalade,Windsurf,Natation,Tyrolienne,Ciclysme,"
    "Velo de route,Motocyclisme,Golf,Tennis,Volley,Natation,Skate,Padel tennis,Equitation,Boxe,Art marcials,"
    "Parapente,Football,Basketball,Handball,Ping pong,Badmintton,Softball,Gym,Gymdanse,Chute libre,Rugby,"
    "Fitness"
)
COUNTRIES = {
    365: ("Suisse", "CH"),
    118: ("Italie", "IT"),
    85: ("France", "FR"),
    93: ("Allemagne", "DE"),
    209: ("Espagne", "ES"),
    181: ("Pologne", "PL"),
    187: ("Russie", "RU"),
    235: ("Royaume-Uni", "GB"),
    24: ("Autriche", "AT"),
    31: ("Belgique", "BE"),
    160: ("Pays-Bas", "NL"),
    183: ("Portugal", "PT"),
}
PROVINCES = {
    11: ("Vaud", 365),
    12: ("Valais", 365),
    13: ("Fribourg", 365),
    14: ("Graubünden", 365),
    15: ("Bern", 365),
    21: ("Valle d'Aosta", 118),
    22: ("Trento", 118),
    31: ("Haute-Savoie", 85),
    41: ("Bayern", 93),
    51: ("Granada", 209),
    61: ("Małopolskie", 181),
    71: ("Московская область", 187),
}
NAMED = {
    "user_types": ["administrator", "client", "monitor", "superadmin", "visualizer", "school chat"],
    "course_supertypes": ["definite", "loose"],
    "course_types": ["collectif", "prive", "speciaux"],
    "payment_methods": ["cash", "BoukiiPay", "online", "other", "no payment"],
    "user_nwd_aubtypes": ["simple NWD", "paid blockage", "unpaid blockage"],
    "admin_restriction_types": ["course", "booking", "client", "teacher"],
    "admin_restriction_actions": ["create", "edit", "show", "delete"],
    "sport_types": ["Hiver", "Été", "Autres"],
    "service_type": ["Vente", "Location", "Reparation", "Restaurant", "Hotel", "Autre"],
    "nationalities": ["Suisse", "Française", "Deutsche", "Italiana", "Española", "Polska", "Русская"],
}
DEGREES = (
    ("SKV", "Mini", 3, "#FFFFFF"),
    ("BLEU", "Bleu", 4, "#1C73B4"),
    ("ROUGE", "Rouge", 3, "#C9233B"),
    ("NOIR", "Noir", 2, "#000000"),
    ("Academy", "Academy", 1, "#7E7E7E"),
)
STATIONS = (
    ("Val Chamois", 365, 11, "46.3261", "7.1562"),
    ("Edelgrat", 365, 14, "46.8012", "9.8345"),
    ("Cima Chiara", 118, 21, "45.9369", "7.6291"),
    ("Sierra Blanca", 209, 51, "37°05'12\"N", "3°23'48\"W"),
    ("Łabędzia Góra", 181, 61, "49.2711", "19.9800"),
    ("Les Mélèzes", 365, 12, "46.0965", "7.2286"),
)

FORECAST = '{"LocationKey":"KEY","12HoursForecast":[],"5DaysForecast":[]}'


def fill(world: World) -> None:
    _names(world)
    _sports(world)
    _degrees(world)
    _stations(world)


def _names(world: World) -> None:
    for place, entry in enumerate(LANGUAGES.split(","), start=1):
        code, name = entry.split(" ", 1)
        world.add("languages", id=place, code=code, name=name)
    for key, (name, iso) in sorted(COUNTRIES.items()):
        world.add("countries", id=key, name=name, iso=iso)
    for key, (name, country) in PROVINCES.items():
        world.add("provinces", id=key, name=name, country_id=country, contry_iso=COUNTRIES[country][1])
    for table, names in NAMED.items():
        for place, name in enumerate(names, start=1):
            more = {"description": f"Account of a {name}"} if table == "user_types" else {}
            world.add(table, id=place, name=name, **more)


def _sports(world: World) -> None:
    for place, name in enumerate(SPORTS.split(","), start=1):
        kind = 1 if place <= 11 else 2 if place <= 28 else 3
        picture = f"https://assets.boukii.example/sports/{place}"
        world.add(
            "sports",
            id=place,
            name=name,
            sport_type=kind,
            icon_selected=f"{picture}-on.png",
            icon_unselected=f"{picture}-off.png",
        )
        for course_type in (1, 2, 3) if place <= 8 else ():
            world.add(
                "courses_icons",
                sport_id=place,
                course_type_id=course_type,
                icon=f"{picture}-{course_type}.png",
            )


def _degrees(world: World) -> None:
    rank = 0
    for league, name, steps, color in DEGREES:
        for step in range(1, steps + 1):
            rank += 1
            key = world.add(
                "degrees",
                name=f"{name} {step}",
                league=league,
                level=f"{league}{step}",
                degree_order=rank,
                progress=round(100 * step / steps),
                color=color,
            )
            world.degrees.append(key)


def _stations(world: World) -> None:
    draw = world.draw("stations")
    begun = date(world.today.year - 5, 7, 1)
    for name, country, province, latitude, longitude in STATIONS:
        key = world.add(
            "stations",
            name=name,
            address=f"Route de la Gare {draw.randrange(1, 90)}",
            cp=str(draw.randrange(1000, 3999)),
            city=name,
            country_id=country,
            province_id=province,
            latitude=latitude,
            longitude=longitude,
            image=f"https://assets.boukii.example/stations/{province}.jpg",
            percha=draw.randrange(9),
            telesilla=draw.randrange(12),
            cabina=draw.randrange(5),
            cabina_grande=draw.randrange(2),
            fonicular=draw.randrange(2),
            show_details=1,
            active=1,
            accuweather=FORECAST.replace("KEY", str(draw.randrange(10**6))),
            **world.stamps(begun),
        )
        world.stations.append(key)
        for service in draw.sample(range(1, 7), 2):
            world.add(
                "station_services",
                station_id=key,
                service_type_id=service,
                name=f"{name} Sport {service}",
                url="https://sport.example",
                telephone="+41 24 000 00 00",
                email="sport@example.org",
                active=1,
                **world.stamps(begun),
            )

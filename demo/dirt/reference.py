"""Dirt in lookups, stations and levels."""

from demo.dirt.planting import NOWHERE, Planter, kind, merged, migrated, rejected, skipped


@kind("language_code_twice")
def language_code_twice(plant: Planter) -> None:
    """V5 knows French already, so both rows are merged; of two unknown to V5, the first one wins."""
    french = plant.add("languages", code="FR", name="Français")
    plant.note("languages", french, merged("language", french, "LANGUAGE_DUPLICATE"), merged("language", 2))
    polish = plant.add("languages", code=" POL ", name="Polski")
    plant.note(
        "languages", polish, merged("language", polish, "LANGUAGE_DUPLICATE"), migrated("language", 21)
    )


@kind("sport_type_name_twice")
def sport_type_name_twice(plant: Planter) -> None:
    key = plant.add("sport_types", name=" hiver ")
    plant.note("sport_types", key, merged("sport_type", key))


@kind("sport_name_twice")
def sport_name_twice(plant: Planter) -> None:
    key = plant.add("sports", name="SKI", icon_selected="", icon_unselected="", sport_type=1)
    plant.note("sports", key, merged("sport", key))


@kind("sport_type_unknown")
def sport_type_unknown(plant: Planter) -> None:
    key = plant.add("sports", name="Curling", icon_selected="", icon_unselected="", sport_type=99)
    plant.note("sports", key, rejected("sport", key, "SPORT_TYPE_UNKNOWN"))


@kind("service_type_name_twice")
def service_type_name_twice(plant: Planter) -> None:
    key = plant.add("service_type", name="VENTE")
    plant.note("service_type", key, merged("service_type", key), migrated("service_type", 1))


def _station(plant: Planter, **given) -> int:
    values = {
        "name": "Petit Lac",
        "address": "Rue 1",
        "country_id": 365,
        "province_id": 11,
        "latitude": "46.1",
        "longitude": "7.1",
        "image": "",
        **given,
    }
    return plant.add("stations", **values)


@kind("station_twice")
def station_twice(plant: Planter) -> None:
    first, second = _station(plant), _station(plant, name="  PETIT lac ")
    plant.note("stations", second, merged("station", second), migrated("station", first))


@kind("station_country_unknown")
def station_country_unknown(plant: Planter) -> None:
    key = _station(plant, name="Ailleurs", country_id=9999, province_id=9999)
    plant.note("stations", key, migrated("station", key))


@kind("station_service_orphan")
def station_service_orphan(plant: Planter) -> None:
    key = plant.add("station_services", station_id=NOWHERE, service_type_id=1, name="Sport")
    plant.note("station_services", key, rejected("station_service", key, "STATION_UNKNOWN"))


@kind("station_service_type_unknown")
def station_service_type_unknown(plant: Planter) -> None:
    key = plant.add("station_services", station_id=plant.world.stations[0], service_type_id=99, name="Sport")
    plant.note("station_services", key, rejected("station_service", key, ""))


def _named(plant: Planter, **given) -> int:
    values = {
        "school_id": plant.school.id,
        "sport_id": 1,
        "degree_id": plant.world.degrees[0],
        "name": "Niveau",
        **given,
    }
    return plant.add("degrees_school_sport", **values)


@kind("degree_without_base")
def degree_without_base(plant: Planter) -> None:
    key = _named(plant, degree_id=9999)
    goal = plant.add("degrees_school_sport_goals", degrees_school_sport_id=key, name="But")
    plant.note(
        "degrees_school_sport",
        key,
        rejected("degree", key, "DEGREE_BASE_MISSING"),
        rejected("degree_goal", goal, "PARENT_REJECTED"),
    )


@kind("degree_school_unknown")
def degree_school_unknown(plant: Planter) -> None:
    key = _named(plant, school_id=NOWHERE)
    plant.note("degrees_school_sport", key, rejected("degree", key, "SCHOOL_UNKNOWN"))


@kind("degree_sport_unknown")
def degree_sport_unknown(plant: Planter) -> None:
    key = _named(plant, sport_id=9999)
    plant.note("degrees_school_sport", key, rejected("degree", key, "SPORT_UNKNOWN"))


@kind("degree_goal_orphan")
def degree_goal_orphan(plant: Planter) -> None:
    key = plant.add("degrees_school_sport_goals", degrees_school_sport_id=NOWHERE, name="But")
    plant.note("degrees_school_sport_goals", key, rejected("degree_goal", key, "PARENT_REJECTED"))


@kind("degree_twice")
def degree_twice(plant: Planter) -> None:
    """The school named one level of snowshoeing twice: the lower id is taken, with a warning."""
    degree = plant.world.degrees[2]
    again = _named(plant, sport_id=8, degree_id=degree, name="Encore")
    person = plant.client()
    level = plant.level(person, sport_id=8, degree_id=degree)
    plant.note(
        "degrees_school_sport",
        again,
        migrated("degree", again),
        migrated("client_sport", level, "DEGREE_DUPLICATE"),
    )


@kind("degree_trashed")
def degree_trashed(plant: Planter) -> None:
    key = _named(plant, sport_id=8, degree_id=plant.world.degrees[4], deleted_at="2024-01-10 08:00:00")
    plant.note("degrees_school_sport", key, migrated("degree", key))


@kind("station_weather_damaged")
def station_weather_damaged(plant: Planter) -> None:
    """A cache that anybody may drop never keeps a station back."""
    key = _station(plant, name="Nuages", accuweather='{"LocationKey": "12')
    plant.note("stations", key, migrated("station", key))


@kind("sport_icon_orphan")
def sport_icon_orphan(plant: Planter) -> None:
    key = plant.add(
        "courses_icons", sport_id=9999, course_type_id=1, icon="https://assets.boukii.example/none.png"
    )
    plant.note("courses_icons", key, skipped("archive:courses_icons", key, "NO_TARGET"))

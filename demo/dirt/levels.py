"""Dirt in the levels of clients and monitors."""

from demo.dirt.planting import NOWHERE, Planter, becomes, kind, merged, migrated, rejected, skipped


@kind("level_without_school")
def level_without_school(plant: Planter) -> None:
    """From before levels belonged to schools: one row for each school of the person (Q-19)."""
    key = plant.level(plant.client(plant.school, plant.other), school_id=None)
    plant.note("user_sports", key, becomes("client_sport", key, "split"))


@kind("level_without_school_covered")
def level_without_school_covered(plant: Planter) -> None:
    """Every school of the person has its own row already; nothing is overwritten."""
    person = plant.client()
    own = plant.level(person)
    key = plant.level(person, school_id=None, degree_id=plant.world.degrees[5])
    plant.note("user_sports", key, merged("client_sport", key), migrated("client_sport", own))


@kind("level_twice")
def level_twice(plant: Planter) -> None:
    """The row changed last is kept."""
    person = plant.client()
    newer = plant.level(person, updated_at="2024-02-01 08:00:00")
    older = plant.level(person, updated_at="2023-02-01 08:00:00", degree_id=plant.world.degrees[3])
    plant.note("user_sports", older, migrated("client_sport", newer), merged("client_sport", older))


@kind("level_degree_unknown")
def level_degree_unknown(plant: Planter) -> None:
    """A client's level may be empty in V5; a monitor's may not."""
    client = plant.level(plant.client(), degree_id=9999)
    plant.note("user_sports", client, migrated("client_sport", client, "DEGREE_UNKNOWN"))
    monitor = plant.level(plant.monitor(), degree_id=9999)
    plant.note("user_sports", monitor, rejected("monitor_sport_degree", monitor, "DEGREE_UNKNOWN"))


@kind("level_sport_unknown")
def level_sport_unknown(plant: Planter) -> None:
    key = plant.level(plant.client(), sport_id=9999)
    plant.note("user_sports", key, rejected("client_sport", key, "SPORT_UNKNOWN"))


@kind("level_school_unknown")
def level_school_unknown(plant: Planter) -> None:
    key = plant.level(plant.client(), school_id=NOWHERE)
    plant.note("user_sports", key, rejected("client_sport", key, "SCHOOL_UNKNOWN"))


@kind("level_of_nobody")
def level_of_nobody(plant: Planter) -> None:
    key = plant.level(NOWHERE)
    plant.note("user_sports", key, rejected("*", key, "PERSON_REJECTED"))


@kind("level_of_administrator")
def level_of_administrator(plant: Planter) -> None:
    key = plant.level(plant.school.administrators[0])
    plant.note("user_sports", key, skipped("archive:user_sports", key, "NO_TARGET"))


@kind("level_trashed")
def level_trashed(plant: Planter) -> None:
    key = plant.level(plant.client(), deleted_at="2024-01-05 08:00:00")
    plant.note("user_sports", key, migrated("client_sport", key))


@kind("salary_level_of_other_school")
def salary_level_of_other_school(plant: Planter) -> None:
    key = plant.level(plant.monitor(), salary_level=plant.other.salary_levels[0])
    plant.note("user_sports", key, migrated("monitor_sport_degree", key, "SALARY_LEVEL_FOREIGN"))


@kind("monitor_level_without_school")
def monitor_level_without_school(plant: Planter) -> None:
    """Two schools: two rows, and the authorised level is resolved for each of them."""
    monitor = plant.monitor()
    plant.member(monitor, plant.other)
    level = plant.level(monitor, school_id=None, degree_id=plant.world.degrees[6])
    allowed = _authorised(plant, level, plant.school.degrees[1, plant.world.degrees[1]])
    plant.note(
        "user_sports",
        level,
        becomes("monitor_sport_degree", level, "split"),
        becomes("monitor_authorized_degree", allowed, "split"),
    )


@kind("monitor_level_without_any_school")
def monitor_level_without_any_school(plant: Planter) -> None:
    """A monitor of no school keeps one row without school."""
    key = plant.level(plant.person(3), school_id=None)
    plant.note("user_sports", key, migrated("monitor_sport_degree", key))


@kind("sport_self_declared")
def sport_self_declared(plant: Planter) -> None:
    key = plant.add(
        "user_sports_monitor", user_id=plant.monitor(), sport_id=2, degree_id=plant.world.degrees[2]
    )
    plant.note("user_sports_monitor", key, skipped("archive:user_sports_monitor", key, "SELF_DECLARED"))


def _authorised(plant: Planter, level: int, degree: int) -> int:
    return plant.add("user_sport_authorized_degrees", user_sport_id=level, degree_id=degree)


@kind("authorised_degree_unknown")
def authorised_degree_unknown(plant: Planter) -> None:
    key = _authorised(plant, plant.level(plant.monitor()), NOWHERE)
    plant.note(
        "user_sport_authorized_degrees", key, rejected("monitor_authorized_degree", key, "DEGREE_UNKNOWN")
    )


@kind("authorised_degree_orphan")
def authorised_degree_orphan(plant: Planter) -> None:
    key = _authorised(plant, NOWHERE, plant.school.degrees[1, plant.world.degrees[0]])
    plant.note(
        "user_sport_authorized_degrees", key, rejected("monitor_authorized_degree", key, "PARENT_REJECTED")
    )


@kind("authorised_degree_twice")
def authorised_degree_twice(plant: Planter) -> None:
    level = plant.level(plant.monitor())
    degree = plant.school.degrees[1, plant.world.degrees[0]]
    first, second = _authorised(plant, level, degree), _authorised(plant, level, degree)
    plant.note(
        "user_sport_authorized_degrees",
        second,
        migrated("monitor_authorized_degree", first),
        merged("monitor_authorized_degree", second),
    )


@kind("authorised_degree_several")
def authorised_degree_several(plant: Planter) -> None:
    """All of them move, not only the first."""
    level = plant.level(plant.monitor(), degree_id=plant.world.degrees[8])
    keys = [_authorised(plant, level, plant.school.degrees[1, degree]) for degree in plant.world.degrees[:3]]
    for key in keys:
        plant.note("user_sport_authorized_degrees", key, migrated("monitor_authorized_degree", key))

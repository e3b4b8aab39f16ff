"""Dirt in the links between people, and between people and schools."""

from demo.dirt.planting import NOWHERE, Planter, kind, merged, migrated, rejected, skipped, synthesised


def _link(plant: Planter, main: int, other: int) -> int:
    return plant.add("user_groups", user_main_id=main, user_secondary_id=other)


@kind("family_self_link")
def family_self_link(plant: Planter) -> None:
    person = plant.client()
    key = _link(plant, person, person)
    plant.note("user_groups", key, skipped("client_utilizer", key, "SELF_LINK"))


@kind("family_end_not_client")
def family_end_not_client(plant: Planter) -> None:
    key = _link(plant, plant.school.monitors[0], plant.client())
    plant.note("user_groups", key, rejected("client_utilizer", key, "UTILIZER_NOT_CLIENT"))


@kind("family_end_missing")
def family_end_missing(plant: Planter) -> None:
    key = _link(plant, plant.client(), NOWHERE)
    plant.note("user_groups", key, rejected("client_utilizer", key, "UTILIZER_NOT_CLIENT"))


@kind("family_link_twice")
def family_link_twice(plant: Planter) -> None:
    main, other = plant.client(), plant.client(email="")
    first, second = _link(plant, main, other), _link(plant, main, other)
    plant.note("user_groups", second, migrated("client_utilizer", first), merged("client_utilizer", second))


@kind("family_several_mains")
def family_several_mains(plant: Planter) -> None:
    child = plant.client(email="")
    _link(plant, plant.client(), child)
    key = _link(plant, plant.client(), child)
    plant.note("user_groups", key, migrated("client_utilizer", key, "SEVERAL_MAINS"))


@kind("family_cycle")
def family_cycle(plant: Planter) -> None:
    first, second = plant.client(), plant.client()
    _link(plant, first, second)
    key = _link(plant, second, first)
    plant.note("user_groups", key, migrated("client_utilizer", key, "UTILIZER_CYCLE"))


# Memberships


@kind("membership_twice")
def membership_twice(plant: Planter) -> None:
    person = plant.person(2)
    first, second = plant.member(person, plant.school), plant.member(person, plant.school)
    plant.note("user_schools", second, merged("client_school", second), migrated("client_school", first))


@kind("membership_inactive_client")
def membership_inactive_client(plant: Planter) -> None:
    """An inactive client stays in the list of his school (Q-17)."""
    key = plant.member(plant.person(2), plant.school, active_school=0)
    plant.note("user_schools", key, migrated("client_school", key))


@kind("membership_inactive_monitor")
def membership_inactive_monitor(plant: Planter) -> None:
    key = plant.member(
        plant.person(3), plant.school, active_school=0, status_updated_at="2024-04-01 08:00:00"
    )
    plant.note("user_schools", key, migrated("monitor_school", key))


@kind("membership_school_unknown")
def membership_school_unknown(plant: Planter) -> None:
    key = plant.member(plant.person(2), NOWHERE)
    plant.note("user_schools", key, rejected("client_school", key, "SCHOOL_UNKNOWN"))


@kind("membership_of_nobody")
def membership_of_nobody(plant: Planter) -> None:
    key = plant.member(NOWHERE, plant.school)
    plant.note("user_schools", key, rejected("*", key, "PERSON_REJECTED"))


@kind("membership_station_unknown")
def membership_station_unknown(plant: Planter) -> None:
    key = plant.member(plant.person(3), plant.school, station_id=NOWHERE)
    plant.note("user_schools", key, migrated("monitor_school", key, "STATION_UNKNOWN"))


@kind("membership_from_booking")
def membership_from_booking(plant: Planter) -> None:
    """A client of another school takes part in a booking of this one."""
    payer, guest = plant.client(), plant.client(plant.other)
    line = plant.lesson(plant.booking(payer), guest, plant.shared_private)
    plant.note(
        "booking_users2",
        line,
        migrated("booking_user", line, "PARTICIPANT_OTHER_SCHOOL"),
        synthesised("client_school", "MEMBERSHIP_FROM_BOOKING"),
    )


@kind("membership_from_main")
def membership_from_main(plant: Planter) -> None:
    """Legacy gives dependants the schools of their main client."""
    main, child = plant.client(), plant.person(2, email="")
    key = _link(plant, main, child)
    plant.note(
        "user_groups",
        key,
        migrated("client_utilizer", key),
        synthesised("client_school", "MEMBERSHIP_FROM_MAIN"),
    )


@kind("membership_from_voucher")
def membership_from_voucher(plant: Planter) -> None:
    key = plant.voucher(plant.client(plant.other), 3000, 3000)
    plant.note(
        "vouchers", key, migrated("voucher", key), synthesised("client_school", "MEMBERSHIP_FROM_VOUCHER")
    )


@kind("membership_from_level")
def membership_from_level(plant: Planter) -> None:
    """Inactive, because nothing but the level speaks for it."""
    key = plant.level(plant.client(plant.other))
    plant.note(
        "user_sports",
        key,
        migrated("client_sport", key),
        synthesised("client_school", "MEMBERSHIP_FROM_LEVEL"),
    )

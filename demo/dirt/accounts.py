"""Dirt in accounts: kinds of user, addresses shared or broken, passwords, deletion marks."""

from datetime import timedelta

from demo.dirt.planting import (
    NOWHERE,
    Planter,
    becomes,
    kind,
    merged,
    migrated,
    rejected,
    skipped,
    synthesised,
)


@kind("user_type_superadmin")
def user_type_superadmin(plant: Planter) -> None:
    """Nobody becomes super-administrator without a tick (Q-05)."""
    key = plant.person(4)
    plant.note("users", key, migrated("user", key, "SUPERADMIN_NOT_APPROVED"))


@kind("user_type_viewer_without_school")
def user_type_viewer_without_school(plant: Planter) -> None:
    key = plant.person(5)
    plant.note("users", key, migrated("user", key, "NO_SCHOOL"))


@kind("user_type_chat")
def user_type_chat(plant: Planter) -> None:
    key = plant.person(6, email="")
    plant.note("users", key, skipped("user", key, "SYSTEM_ACCOUNT"))


@kind("user_type_unknown")
def user_type_unknown(plant: Planter) -> None:
    key = plant.person(9)
    link = plant.member(key, plant.school)
    plant.note(
        "users",
        key,
        rejected("user", key, "UNKNOWN_USER_TYPE"),
        rejected("school_user", link, "PERSON_REJECTED"),
    )


@kind("administrator_without_school")
def administrator_without_school(plant: Planter) -> None:
    key = plant.person(1)
    plant.note("users", key, migrated("user", key, "NO_SCHOOL"))


@kind("administrator_of_two_schools")
def administrator_of_two_schools(plant: Planter) -> None:
    key = plant.person(1)
    links = [plant.member(key, school) for school in (plant.school, plant.other)]
    plant.note(
        "users",
        key,
        migrated("user", key, "SEVERAL_ACTIVE_SCHOOLS"),
        *(migrated("school_user", link) for link in links),
    )


@kind("administrator_inactive")
def administrator_inactive(plant: Planter) -> None:
    """An inactive membership of the back office is kept, soft-deleted (Q-17)."""
    key = plant.person(1)
    link = plant.member(key, plant.school, active_school=0, status_updated_at="2024-03-01 08:00:00")
    plant.note("user_schools", link, migrated("school_user", link))


@kind("dependant_without_address")
def dependant_without_address(plant: Planter) -> None:
    for address in ("", "   ", None):
        key = plant.client(email=address, user_collective=0)
        plant.note("users", key, skipped("user", key, "NO_LOGIN"), migrated("client", key))


@kind("address_invalid")
def address_invalid(plant: Planter) -> None:
    """A client without usable address gets no account; a monitor gets one without address."""
    key = plant.client(email="anna@@nowhere")
    plant.note("users", key, skipped("user", key, "NO_LOGIN"), migrated("client", key, "EMAIL_INVALID"))
    taught = plant.monitor(email="monitor at example.org")
    plant.note("users", taught, migrated("user", taught, "EMAIL_INVALID"), migrated("monitor", taught))


@kind("address_with_blanks_and_capitals")
def address_with_blanks_and_capitals(plant: Planter) -> None:
    key = plant.client(email="  Lena.BERG@Example.ORG\u200b ")
    plant.note("users", key, migrated("user", key), migrated("client", key))


@kind("address_same_person_twice")
def address_same_person_twice(plant: Planter) -> None:
    """One account; the row changed last wins. Both clients stay."""
    facts = {"email": "twice@example.org", "first_name": "Favre", "last_name": "Line"}
    older = plant.client(**facts, updated_at="2023-01-01 08:00:00")
    newer = plant.client(**{**facts, "email": "TWICE@example.org "}, updated_at="2024-01-01 08:00:00")
    plant.note(
        "users",
        newer,
        migrated("user", newer),
        merged("user", older),
        migrated("client", newer),
        migrated("client", older),
    )


@kind("address_of_different_persons")
def address_of_different_persons(plant: Planter) -> None:
    facts = {"email": "family@example.org", "first_name": "Rossi"}
    first = plant.client(
        **facts, last_name="Marco", birth_date="1980-02-03", updated_at="2024-02-01 08:00:00"
    )
    second = plant.client(
        **facts, last_name="Giulia", birth_date="1983-05-06", updated_at="2023-02-01 08:00:00"
    )
    plant.note(
        "users",
        second,
        migrated("user", first),
        merged("user", second, "EMAIL_SHARED"),
        migrated("client", second),
    )


@kind("address_of_administrator_and_client")
def address_of_administrator_and_client(plant: Planter) -> None:
    """The strongest role wins, whichever row is newer."""
    facts = {
        "email": "both@example.org",
        "first_name": "Keller",
        "last_name": "Urs",
        "birth_date": "1975-07-08",
    }
    administrator = plant.person(1, **facts, updated_at="2022-01-01 08:00:00")
    plant.member(administrator, plant.school)
    client = plant.client(**facts, updated_at="2024-01-01 08:00:00")
    plant.note(
        "users", client, migrated("user", administrator), merged("user", client), migrated("client", client)
    )


@kind("address_of_monitor_and_client")
def address_of_monitor_and_client(plant: Planter) -> None:
    facts = {
        "email": "skilehrer@example.org",
        "first_name": "Graf",
        "last_name": "Nina",
        "birth_date": "1991-01-02",
    }
    client = plant.client(plant.other, **facts)
    monitor = plant.monitor(**facts)
    plant.note(
        "users",
        client,
        migrated("user", monitor),
        merged("user", client),
        migrated("client", client),
        migrated("monitor", monitor),
    )


@kind("address_of_trashed_and_alive")
def address_of_trashed_and_alive(plant: Planter) -> None:
    """Of equal roles the living row wins over a newer trashed one, and the account lives."""
    facts = {"email": "returned@example.org", "first_name": "Blanc", "last_name": "Zoé"}
    alive = plant.client(**facts, updated_at="2022-06-01 08:00:00")
    trashed = plant.client(**facts, updated_at="2024-06-01 08:00:00", deleted_at=1)
    plant.note(
        "users", trashed, migrated("user", alive), merged("user", trashed), migrated("client", trashed)
    )


@kind("password_not_bcrypt")
def password_not_bcrypt(plant: Planter) -> None:
    for password in ("5f4dcc3b5aa765d61d8327deb882cf99", "", "$2y$10$tooshort"):
        key = plant.client(password=password)
        plant.note("users", key, migrated("user", key, "PASSWORD_UNUSABLE"))


@kind("deleted_at_is_a_number")
def deleted_at_is_a_number(plant: Planter) -> None:
    """0 is alive, 1 and an epoch are deleted; the account follows the client."""
    epoch = (plant.past - timedelta(days=3)).toordinal() - 719163
    for value in (0, 1, epoch * 86400):
        key = plant.client(deleted_at=value)
        plant.note("users", key, migrated("client", key), migrated("user", key))


@kind("superadmin_with_membership")
def superadmin_with_membership(plant: Planter) -> None:
    key = plant.person(4)
    link = plant.member(key, plant.school)
    plant.note("user_schools", link, becomes("school_user", link, "skipped"))


@kind("account_switched_off")
def account_switched_off(plant: Planter) -> None:
    key = plant.client(active=0)
    plant.note("users", key, migrated("user", key), migrated("client", key))


@kind("administrator_restricted")
def administrator_restricted(plant: Planter) -> None:
    """May not delete bookings, so the role in the seasons is manager (Q-18)."""
    key = plant.person(1)
    link = plant.member(key, plant.school)
    denied = plant.add("admin_restrictions", user_id=key, type_id=2, action_id=4)
    plant.note(
        "admin_restrictions",
        denied,
        merged("archive:admin_restrictions", denied),
        migrated("school_user", link),
        synthesised("user_season_role", "SEASON_ROLE", key),
    )


@kind("restriction_of_nobody")
def restriction_of_nobody(plant: Planter) -> None:
    key = plant.add("admin_restrictions", user_id=NOWHERE, type_id=1, action_id=1)
    plant.note("admin_restrictions", key, skipped("archive:admin_restrictions", key, "NO_TARGET"))

"""Dirt in schools and what belongs to them."""

from typing import Any

from demo.dirt.pictures import PIXEL
from demo.dirt.planting import NOWHERE, Planter, kind, merged, migrated, rejected, synthesised


def _school(plant: Planter, **given: Any) -> int:
    values = {
        "name": "École sans cours",
        "description": "Ouverture prochaine",
        "slug": f"sans-cours-{plant.kind}",
        **given,
    }
    return plant.add("schools", **values)


@kind("school_slug_twice")
def school_slug_twice(plant: Planter) -> None:
    key = _school(plant, slug="VAL-CHAMOIS")
    plant.note("schools", key, migrated("school", key, "SLUG_CLASH"))


@kind("school_province_too_long")
def school_province_too_long(plant: Planter) -> None:
    province = plant.add("provinces", name="Pays " + "d'En-Haut " * 12, country_id=365, contry_iso="CH")
    key = _school(plant, contact_province_id=province, contact_country_id=365)
    plant.note("schools", key, migrated("school", key, "TRUNCATED_COPY_KEPT"))


@kind("school_logo_inline")
def school_logo_inline(plant: Planter) -> None:
    key = _school(plant, logo=PIXEL)
    plant.note("schools", key, migrated("school", key))


@kind("color_twice")
def color_twice(plant: Planter) -> None:
    values = {"school_id": plant.school.id, "name": "Vacances", "color": "#00AA00"}
    first, second = plant.add("school_colors", **values), plant.add("school_colors", **values)
    plant.note("school_colors", second, migrated("school_color", first), merged("school_color", second))


@kind("color_school_unknown")
def color_school_unknown(plant: Planter) -> None:
    key = plant.add("school_colors", school_id=NOWHERE, name="Rouge")
    plant.note("school_colors", key, rejected("school_color", key, "SCHOOL_UNKNOWN"))


@kind("salary_level_trashed")
def salary_level_trashed(plant: Planter) -> None:
    key = plant.add(
        "school_salary_levels",
        school_id=plant.school.id,
        name="Ancien",
        pay="19.35",
        deleted_at="2023-05-01 08:00:00",
    )
    plant.note("school_salary_levels", key, migrated("school_salary_level", key))


@kind("salary_level_school_unknown")
def salary_level_school_unknown(plant: Planter) -> None:
    key = plant.add("school_salary_levels", school_id=NOWHERE, name="Perdu", pay="20.00")
    plant.note("school_salary_levels", key, rejected("school_salary_level", key, "SCHOOL_UNKNOWN"))


@kind("station_link_twice")
def station_link_twice(plant: Planter) -> None:
    key = plant.add("stations_schools", station_id=plant.school.stations[0], school_id=plant.school.id)
    plant.note("stations_schools", key, merged("station_school", key))


@kind("station_link_orphan")
def station_link_orphan(plant: Planter) -> None:
    lost = plant.add("stations_schools", station_id=NOWHERE, school_id=plant.school.id)
    plant.note("stations_schools", lost, rejected("station_school", lost, "STATION_UNKNOWN"))
    stray = plant.add("stations_schools", station_id=plant.world.stations[0], school_id=NOWHERE)
    plant.note("stations_schools", stray, rejected("station_school", stray, "SCHOOL_UNKNOWN"))


@kind("school_sport_twice")
def school_sport_twice(plant: Planter) -> None:
    key = plant.add("school_sports", school_id=plant.school.id, sport_id=1)
    plant.note("school_sports", key, merged("school_sport", key))


@kind("school_sport_unknown")
def school_sport_unknown(plant: Planter) -> None:
    key = plant.add("school_sports", school_id=plant.school.id, sport_id=9999)
    plant.note("school_sports", key, rejected("school_sport", key, "SPORT_UNKNOWN"))


@kind("school_sport_school_unknown")
def school_sport_school_unknown(plant: Planter) -> None:
    key = plant.add("school_sports", school_id=NOWHERE, sport_id=1)
    plant.note("school_sports", key, rejected("school_sport", key, "SCHOOL_UNKNOWN"))


@kind("task_without_date")
def task_without_date(plant: Planter) -> None:
    key = plant.add("tasks", name="Un jour", date=None, time=None, school_id=plant.school.id)
    plant.note("tasks", key, migrated("task", key, "TASK_DATE_UNKNOWN"))


@kind("task_school_unknown")
def task_school_unknown(plant: Planter) -> None:
    key = plant.add("tasks", name="Perdue", date="2024-01-10", time="09:00:00", school_id=NOWHERE)
    check = plant.add("task_checks", text="aussi", task_id=key)
    plant.note(
        "tasks",
        key,
        rejected("task", key, "SCHOOL_UNKNOWN"),
        rejected("task_check", check, "PARENT_REJECTED"),
    )


@kind("task_check_orphan")
def task_check_orphan(plant: Planter) -> None:
    key = plant.add("task_checks", text="sans tâche", task_id=NOWHERE)
    plant.note("task_checks", key, rejected("task_check", key, "PARENT_REJECTED"))


@kind("mail_twice")
def mail_twice(plant: Planter) -> None:
    """Mail templates move one to one, duplicates included."""
    key = plant.add(
        "mails", type="booking_confirm", subject="Confirmé", body="<p>Ok</p>", school_id=plant.school.id
    )
    plant.note("mails", key, migrated("mail", key))


@kind("mail_school_unknown")
def mail_school_unknown(plant: Planter) -> None:
    key = plant.add("mails", type="booking_confirm", school_id=NOWHERE)
    plant.note("mails", key, rejected("mail", key, "SCHOOL_UNKNOWN"))


@kind("degree_never_listed")
def degree_never_listed(plant: Planter) -> None:
    """The school never opened its list of levels for this sport, so the level is made for it."""
    school = plant.world.schools[3]
    person = plant.client(school)
    level = plant.level(person, school_id=school.id, sport_id=3, degree_id=plant.world.degrees[3])
    plant.note("user_sports", level, synthesised("degree", "LAZY_DEGREE"), migrated("client_sport", level))


@kind("school_credentials")
def school_credentials(plant: Planter) -> None:
    """Unreadable without the legacy key, so they are left out and listed (GR-17)."""
    key = _school(plant, payrexx_instance=plant.world.envelopes[0], payrexx_key=plant.world.envelopes[1])
    plant.note("schools", key, migrated("school", key, "CREDENTIALS_TO_REENTER"))

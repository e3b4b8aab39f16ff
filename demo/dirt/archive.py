"""Rows without a home in V5: skipped with a reason, kept in the archive unless they are secret."""

from demo.dirt.planting import Planter, kind, skipped


@kind("card_data")
def card_data(plant: Planter) -> None:
    key = plant.add(
        "user_cards", name="Carte", number="4111111111111111", date="01/27", cvv="000", user_id=plant.client()
    )
    plant.note("user_cards", key, skipped("archive:user_cards", key, "SENSITIVE"))


@kind("first_generation_course")
def first_generation_course(plant: Planter) -> None:
    key = plant.add("courses_libres", course_type_id=2, sport_id=1, name="Ancien", school_id=plant.school.id)
    plant.note("courses_libres", key, skipped("archive:courses_libres", key, "SUPERSEDED"))


@kind("first_generation_booking")
def first_generation_booking(plant: Planter) -> None:
    key = plant.add("bookings", course_group_subgroup_id=1, payment_method_id=1, paid=1)
    plant.note("bookings", key, skipped("archive:bookings", key, "SUPERSEDED"))


@kind("no_home_in_v5")
def no_home_in_v5(plant: Planter) -> None:
    rows = {
        "offers": {"title": "Offre 🎁"},
        "events": {"name": "Fête", "station_id": plant.world.stations[0]},
        "activities": {"name": "Luge", "station_id": plant.world.stations[0]},
        "communications": {"title": "Avis", "text": "Piste fermée"},
        "user_favorite_schools": {"user_id": plant.client(), "school_id": plant.school.id},
    }
    for table, values in rows.items():
        key = plant.add(table, **values)
        plant.note(table, key, skipped(f"archive:{table}", key, "NO_TARGET"))


@kind("lookup_row")
def lookup_row(plant: Planter) -> None:
    key = plant.add("countries", name="Liechtenstein", iso="LI")
    plant.note("countries", key, skipped("archive:countries", key, "LOOKUP_ONLY"))
    key = plant.add("nationalities", name="Liechtensteinische")
    plant.note("nationalities", key, skipped("archive:nationalities", key, "LOOKUP_ONLY"))

"""Dirt in private courses: their window, days, hours and prices."""

from datetime import timedelta

from demo.dirt.planting import NOWHERE, Planter, kind, migrated, rejected, skipped
from demo.world import iso


@kind("private_window_reversed")
def private_window_reversed(plant: Planter) -> None:
    key = plant.private(date_start=iso(plant.past), date_end=iso(plant.past - timedelta(days=1)))
    plant.note("courses2", key, rejected("course", key, "RANGE_REVERSED"))


@kind("private_window_too_long")
def private_window_too_long(plant: Planter) -> None:
    key = plant.private(date_start=iso(plant.past), date_end=iso(plant.past + timedelta(days=1104)))
    plant.note("courses2", key, migrated("course", key, "TOO_MANY_PRIVATE_DAYS"))


@kind("private_weekday_unknown")
def private_weekday_unknown(plant: Planter) -> None:
    key = plant.private(day_start_res="lundi", day_end_res="friday")
    plant.note("courses2", key, migrated("course", key, "WEEKDAY_UNKNOWN"))


@kind("private_weekdays_over_the_weekend")
def private_weekdays_over_the_weekend(plant: Planter) -> None:
    """Friday to Monday wraps; a missing pair means every day."""
    for first, last in (("Friday", "MONDAY"), (None, None), ("", "sunday")):
        key = plant.private(day_start_res=first, day_end_res=last)
        plant.note("courses2", key, migrated("course", key))


@kind("private_hours_in_any_form")
def private_hours_in_any_form(plant: Planter) -> None:
    for first, last in (("9", "17"), ("9.30", "16h45"), (" 8:05", "17:30:00")):
        key = plant.private(hour_min=first, hour_max=last)
        plant.note("courses2", key, migrated("course", key))


@kind("private_hours_missing")
def private_hours_missing(plant: Planter) -> None:
    """Empty, or the word null: 09:00 to 17:00."""
    for first, last in (("null", "null"), ("", None)):
        key = plant.private(hour_min=first, hour_max=last)
        plant.note("courses2", key, migrated("course", key, "HOURS_ASSUMED"))


def _price(plant: Planter, course: int | None, **given) -> int:
    values = {"school_id": plant.school.id, "time_interval": 60, "num_pax": 1, "price": "80.00", **given}
    return plant.add("price_ranges", course_id=course, **values)


@kind("private_price_twice")
def private_price_twice(plant: Planter) -> None:
    key = plant.private(duration_flexible=1)
    _price(plant, key)
    _price(plant, key, price="85.00")
    plant.note("courses2", key, migrated("course", key, "PRICE_DUPLICATE"))


@kind("price_of_no_course")
def price_of_no_course(plant: Planter) -> None:
    key = _price(plant, NOWHERE)
    plant.note("price_ranges", key, skipped("archive:price_ranges", key, "NO_TARGET"))


@kind("price_of_the_school")
def price_of_the_school(plant: Planter) -> None:
    """School-wide prices apply to flexible courses without a grid; the row itself has no one target."""
    key = _price(plant, None, is_default=1, price="75.00")
    course = plant.private(duration_flexible=1)
    plant.note("price_ranges", key, migrated("course", course))

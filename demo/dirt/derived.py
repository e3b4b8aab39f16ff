"""Rows in order, recorded for what V5 makes of them beyond the row itself."""

from datetime import timedelta

from demo.dirt.planting import Planter, becomes, kind, migrated, synthesised
from demo.world import iso


@kind("derived_payment_and_projection")
def derived_payment_and_projection(plant: Planter) -> None:
    """A paid booking gets a payment, and every booking a V5 view."""
    booking, line, _ = plant.booked()
    plant.note(
        "bookings2",
        booking,
        migrated("booking", booking),
        migrated("booking_user", line),
        synthesised("payment", "PAYMENT", booking),
        synthesised("v5_booking", "PROJECTION", booking),
    )


@kind("derived_private_days")
def derived_private_days(plant: Planter) -> None:
    """A private course gets one row for each calendar day."""
    course = plant.private(date_end=iso(plant.past + timedelta(days=1)), date_start=iso(plant.past))
    days = [
        becomes(
            "course_day", course, "synthesised", "PRIVATE_DAY", part=iso(plant.past + timedelta(days=place))
        )
        for place in range(2)
    ]
    plant.note("courses2", course, migrated("course", course), *days)


@kind("derived_season")
def derived_season(plant: Planter) -> None:
    course, day, *_ = plant.classes()
    plant.note("course_dates2", day, migrated("course_date", day), synthesised("season", "SEASON"))


@kind("derived_season_role")
def derived_season_role(plant: Planter) -> None:
    """A viewer works in every season of the school."""
    person = plant.person(5)
    link = plant.member(person, plant.school)
    plant.note(
        "user_schools",
        link,
        migrated("school_user", link),
        synthesised("user_season_role", "SEASON_ROLE", person),
    )

"""Dirt in monitors, their absences and payroll details."""

from datetime import timedelta
from typing import Any

from demo.dirt.planting import NOWHERE, Planter, becomes, kind, merged, migrated, rejected, skipped
from demo.world import iso


def _absence(plant: Planter, user: int, days: int = 0, **given: Any) -> int:
    values = {
        "user_id": user,
        "school_id": plant.school.id,
        "start_date": iso(plant.past),
        "end_date": iso(plant.past + timedelta(days=days)),
        "full_day": 1,
        **given,
    }
    return plant.add("user_nwd", **values)


@kind("absence_of_five_days")
def absence_of_five_days(plant: Planter) -> None:
    """One row a day, first and last day included (Q-23)."""
    key = _absence(plant, plant.monitor(), 4)
    parts = [
        becomes("monitor_nwd", key, "split", part=iso(plant.past + timedelta(days=place)))
        for place in range(5)
    ]
    plant.note("user_nwd", key, *parts)


@kind("absence_of_one_day")
def absence_of_one_day(plant: Planter) -> None:
    """A full day has no times, whatever the row says."""
    key = _absence(plant, plant.monitor(), start_time="10:00:00", end_time="11:00:00")
    plant.note("user_nwd", key, migrated("monitor_nwd", key, part=iso(plant.past)))


@kind("absence_not_of_a_monitor")
def absence_not_of_a_monitor(plant: Planter) -> None:
    for user in (plant.client(), NOWHERE):
        key = _absence(plant, user)
        plant.note("user_nwd", key, rejected("monitor_nwd", key, "NWD_NOT_MONITOR"))


@kind("absence_reversed")
def absence_reversed(plant: Planter) -> None:
    key = _absence(plant, plant.monitor(), -2)
    plant.note("user_nwd", key, rejected("monitor_nwd", key, "RANGE_REVERSED"))


@kind("absence_too_long")
def absence_too_long(plant: Planter) -> None:
    key = _absence(plant, plant.monitor(), 400)
    plant.note("user_nwd", key, rejected("monitor_nwd", key, "RANGE_TOO_LONG"))


@kind("absence_without_time")
def absence_without_time(plant: Planter) -> None:
    key = _absence(plant, plant.monitor(), full_day=0, start_time="10:00:00", end_time=None)
    plant.note("user_nwd", key, rejected("monitor_nwd", key, "MISSING_TIME"))


@kind("absence_zero_date")
def absence_zero_date(plant: Planter) -> None:
    key = _absence(plant, plant.monitor(), start_date="0000-00-00", end_date="0000-00-00")
    plant.note("user_nwd", key, rejected("monitor_nwd", key, "DATE_INVALID"))


@kind("absence_overlapping")
def absence_overlapping(plant: Planter) -> None:
    monitor = plant.monitor()
    _absence(plant, monitor, 3)
    key = _absence(plant, monitor, 1)
    plant.note("user_nwd", key, becomes("monitor_nwd", key, "split", warnings=["ABSENCES_OVERLAP"]))


@kind("absence_school_unknown")
def absence_school_unknown(plant: Planter) -> None:
    key = _absence(plant, plant.monitor(), school_id=NOWHERE)
    plant.note("user_nwd", key, rejected("monitor_nwd", key, "SCHOOL_UNKNOWN"))


@kind("absence_station_unknown")
def absence_station_unknown(plant: Planter) -> None:
    key = _absence(plant, plant.monitor(), station_id=NOWHERE)
    plant.note("user_nwd", key, migrated("monitor_nwd", key, "STATION_UNKNOWN"))


@kind("absence_trashed")
def absence_trashed(plant: Planter) -> None:
    key = _absence(plant, plant.monitor(), deleted_at="2024-12-12 08:00:00")
    plant.note("user_nwd", key, migrated("monitor_nwd", key))


@kind("monitor_trashed")
def monitor_trashed(plant: Planter) -> None:
    key = plant.monitor(deleted_at=1)
    plant.note("users", key, migrated("monitor", key), migrated("user", key))


@kind("monitor_active_in_two_schools")
def monitor_active_in_two_schools(plant: Planter) -> None:
    """The latest active membership names the active school."""
    monitor = plant.monitor()
    link = plant.member(monitor, plant.other)
    plant.note("users", monitor, migrated("monitor", monitor), migrated("monitor_school", link))


def _payroll(plant: Planter, user: int, **given: Any) -> int:
    return plant.add("user_work_details", user_id=user, avs="756.1111.2222.33", **given)


@kind("work_details_twice")
def work_details_twice(plant: Planter) -> None:
    """The latest row counts."""
    monitor = plant.monitor()
    older = _payroll(plant, monitor, updated_at="2022-01-01 08:00:00")
    latest = _payroll(plant, monitor, updated_at="2024-01-01 08:00:00", work_license="B")
    plant.note(
        "user_work_details",
        older,
        skipped("archive:user_work_details", older, "NO_TARGET"),
        merged("archive:user_work_details", latest),
        migrated("monitor", monitor),
    )


@kind("work_details_of_nobody")
def work_details_of_nobody(plant: Planter) -> None:
    key = _payroll(plant, NOWHERE)
    plant.note("user_work_details", key, skipped("archive:user_work_details", key, "NO_TARGET"))

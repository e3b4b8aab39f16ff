"""Dirt in course dates, groups, subgroups and replacements."""

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
from demo.world import iso


@kind("date_orphan")
def date_orphan(plant: Planter) -> None:
    key = plant.session(NOWHERE)
    plant.note("course_dates2", key, rejected("course_date", key, "COURSE_REJECTED"))


@kind("date_twice")
def date_twice(plant: Planter) -> None:
    course = plant.course()
    first, second = plant.session(course), plant.session(course)
    plant.note("course_dates2", second, migrated("course_date", first), merged("course_date", second))


@kind("date_zero")
def date_zero(plant: Planter) -> None:
    course = plant.course()
    plant.session(course)
    key = plant.add("course_dates2", course2_id=course, date="0000-00-00", hour="10:00:00")
    plant.note("course_dates2", key, rejected("course_date", key, "DATE_INVALID"), migrated("course", course))


@kind("date_far_away")
def date_far_away(plant: Planter) -> None:
    """No season is made for a day that cannot be meant."""
    course = plant.course()
    key = plant.add("course_dates2", course2_id=course, date="2099-12-24", hour="10:00:00")
    plant.note("course_dates2", key, migrated("course_date", key, "DATE_IMPLAUSIBLE"))


@kind("date_trashed")
def date_trashed(plant: Planter) -> None:
    course = plant.course()
    plant.session(course)
    key = plant.session(course, plant.days(2)[1], deleted_at="2024-10-01 08:00:00")
    plant.note("course_dates2", key, migrated("course_date", key))


@kind("date_past_midnight")
def date_past_midnight(plant: Planter) -> None:
    course = plant.course()
    plant.session(course)
    key = plant.session(course, hour="23:15:00")
    plant.note(
        "course_dates2", key, rejected("course_date", key, "CROSSES_MIDNIGHT"), migrated("course", course)
    )


@kind("group_orphan")
def group_orphan(plant: Planter) -> None:
    key = plant.group(NOWHERE)
    subgroup = plant.subgroup(key)
    plant.note(
        "course_groups2",
        key,
        rejected("course_group", key, "COURSE_REJECTED"),
        rejected("course_subgroup", subgroup, "GROUP_REJECTED"),
    )


@kind("group_degree_unknown")
def group_degree_unknown(plant: Planter) -> None:
    course, *_ = plant.classes()
    key = plant.group(course, degree_id=9999)
    subgroup = plant.subgroup(key)
    plant.note(
        "course_groups2",
        key,
        rejected("course_group", key, "DEGREE_UNKNOWN"),
        rejected("course_subgroup", subgroup, "GROUP_REJECTED"),
        migrated("course", course),
    )


@kind("group_minimum_degree_unknown")
def group_minimum_degree_unknown(plant: Planter) -> None:
    course, *_ = plant.classes()
    key = plant.group(course, teacher_min_degree=9999)
    plant.note("course_groups2", key, migrated("course_group", key))


@kind("group_without_date")
def group_without_date(plant: Planter) -> None:
    course = plant.course()
    key = plant.group(course)
    plant.note(
        "course_groups2",
        key,
        migrated("course_group", key, "GROUP_WITHOUT_DATE"),
        becomes("course_day", course, "synthesised", "DATE_FOR_GROUP", part=iso(plant.past)),
    )


@kind("group_trashed")
def group_trashed(plant: Planter) -> None:
    course, *_ = plant.classes()
    key = plant.group(course, deleted_at="2024-12-01 08:00:00")
    subgroup = plant.subgroup(key)
    plant.note("course_groups2", key, migrated("course_group", key), migrated("course_subgroup", subgroup))


@kind("group_of_several_dates")
def group_of_several_dates(plant: Planter) -> None:
    """The classes of a stand-alone course apply to all of its dates."""
    course, _, group, subgroup = plant.classes()
    plant.session(course, plant.days(2)[1])
    plant.note(
        "course_groups2",
        group,
        becomes("course_group", group, "split"),
        becomes("course_subgroup", subgroup, "split"),
    )


@kind("group_ages_own_and_by_code")
def group_ages_own_and_by_code(plant: Planter) -> None:
    course, *_ = plant.classes()
    for values in (
        {"age_min": 7, "age_max": 11, "recommended_age": 1},
        {"recommended_age": 4},
        {"recommended_age": 77},
    ):
        key = plant.group(course, **values)
        plant.note("course_groups2", key, migrated("course_group", key))


@kind("subgroup_orphan")
def subgroup_orphan(plant: Planter) -> None:
    key = plant.subgroup(NOWHERE)
    plant.note("course_groups_subgroups2", key, rejected("course_subgroup", key, "GROUP_REJECTED"))


@kind("subgroup_monitor_unknown")
def subgroup_monitor_unknown(plant: Planter) -> None:
    """Nobody, or somebody who is not a monitor."""
    _, _, group, _ = plant.classes()
    for user in (NOWHERE, plant.client()):
        key = plant.subgroup(group, monitor_id=user)
        plant.note("course_groups_subgroups2", key, migrated("course_subgroup", key, "MONITOR_UNKNOWN"))


@kind("subgroup_monitor_foreign")
def subgroup_monitor_foreign(plant: Planter) -> None:
    _, _, group, _ = plant.classes()
    key = plant.subgroup(group, monitor_id=plant.monitor(plant.other))
    plant.note(
        "course_groups_subgroups2",
        key,
        migrated("course_subgroup", key),
        synthesised("monitor_school", "MEMBERSHIP_FOREIGN_MONITOR"),
    )


@kind("subgroup_over_capacity")
def subgroup_over_capacity(plant: Planter) -> None:
    _, _, group, _ = plant.classes()
    key = plant.subgroup(group, max_participants=1)
    for client in (plant.client(), plant.client()):
        plant.line(plant.booking(client), client, course_groups_subgroup2_id=key)
    plant.note("course_groups_subgroups2", key, migrated("course_subgroup", key, "OVER_CAPACITY"))


@kind("replacement_of_a_day")
def replacement_of_a_day(plant: Planter) -> None:
    """The replacement, not the regular monitor, taught on that day."""
    _, _, group, _ = plant.classes()
    subgroup = plant.subgroup(group, monitor_id=plant.monitor())
    key = plant.add(
        "subgroups_monitor_dates",
        monitor_id=plant.monitor(),
        date=iso(plant.past),
        hour="10:00:00",
        subgroup_id=subgroup,
    )
    plant.note(
        "subgroups_monitor_dates",
        key,
        merged("archive:subgroups_monitor_dates", key),
        migrated("course_subgroup", subgroup),
    )


@kind("replacement_orphan")
def replacement_orphan(plant: Planter) -> None:
    key = plant.add(
        "subgroups_monitor_dates",
        monitor_id=plant.school.monitors[0],
        date=iso(plant.past),
        hour=None,
        subgroup_id=NOWHERE,
    )
    plant.note("subgroups_monitor_dates", key, skipped("archive:subgroups_monitor_dates", key, "NO_TARGET"))


@kind("attendance_of_a_day")
def attendance_of_a_day(plant: Planter) -> None:
    """The day's entry outweighs the line's own flag."""
    _, day, _, subgroup = plant.classes()
    client = plant.client()
    line = plant.line(plant.booking(client), client, course_groups_subgroup2_id=subgroup, attended=0)
    key = plant.add(
        "user_course_attendances", subgroup_id=subgroup, date_id=day, user_id=client, attendance=1
    )
    plant.note(
        "user_course_attendances",
        key,
        merged("archive:user_course_attendances", key),
        migrated("booking_user", line),
    )


@kind("attendance_orphan")
def attendance_orphan(plant: Planter) -> None:
    key = plant.add(
        "user_course_attendances", subgroup_id=NOWHERE, date_id=NOWHERE, user_id=NOWHERE, attendance=1
    )
    plant.note("user_course_attendances", key, skipped("archive:user_course_attendances", key, "NO_TARGET"))

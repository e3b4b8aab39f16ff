"""Dirt in booking lines."""

from datetime import timedelta
from typing import Any

from demo.dirt.planting import NOWHERE, Planter, becomes, kind, migrated, rejected, synthesised
from demo.world import iso


def _grouped(plant: Planter, subgroup: int | None, **given: Any) -> tuple[int, int, int]:
    """(line, booking, client) of a collective line."""
    client = plant.client()
    booking = plant.booking(client)
    return plant.line(booking, client, course_groups_subgroup2_id=subgroup, **given), booking, client


def _private(plant: Planter, course: int, **given: Any) -> tuple[int, int]:
    """(line, booking) of a private line."""
    client = plant.client()
    booking = plant.booking(client)
    return plant.lesson(booking, client, course, **given), booking


@kind("line_orphan")
def line_orphan(plant: Planter) -> None:
    key = plant.lesson(NOWHERE, plant.client(), plant.shared_private)
    plant.note("booking_users2", key, rejected("booking_user", key, "BOOKING_REJECTED"))


@kind("line_with_both_references")
def line_with_both_references(plant: Planter) -> None:
    """The class decides; the private course is ignored."""
    *_, subgroup = plant.classes()
    key, booking, _ = _grouped(
        plant, subgroup, course2_id=plant.shared_private, date=iso(plant.past), hour="10:00:00"
    )
    plant.note(
        "booking_users2", key, migrated("booking_user", key, "BOTH_REFERENCES"), migrated("booking", booking)
    )


@kind("line_without_course")
def line_without_course(plant: Planter) -> None:
    key, booking, _ = _grouped(plant, None)
    plant.note(
        "booking_users2",
        key,
        rejected("booking_user", key, "LINE_WITHOUT_COURSE"),
        migrated("booking", booking),
    )


@kind("line_subgroup_unknown")
def line_subgroup_unknown(plant: Planter) -> None:
    key, booking, _ = _grouped(plant, NOWHERE)
    plant.note(
        "booking_users2", key, rejected("booking_user", key, "SUBGROUP_UNKNOWN"), migrated("booking", booking)
    )


@kind("line_of_rejected_course")
def line_of_rejected_course(plant: Planter) -> None:
    *_, subgroup = plant.classes(sport_id=9999)
    key, booking, _ = _grouped(plant, subgroup)
    plant.note(
        "booking_users2", key, rejected("booking_user", key, "SUBGROUP_UNKNOWN"), migrated("booking", booking)
    )


@kind("line_of_other_school")
def line_of_other_school(plant: Planter) -> None:
    """The class belongs to another school than the booking (GR-19)."""
    other = plant.other
    *_, subgroup = plant.classes(school_id=other.id, station_id=other.stations[0], currency=other.currency)
    key, booking, _ = _grouped(plant, subgroup)
    plant.note(
        "booking_users2", key, rejected("booking_user", key, "TENANT_MISMATCH"), migrated("booking", booking)
    )


@kind("line_participant_missing")
def line_participant_missing(plant: Planter) -> None:
    key = plant.lesson(plant.booking(), NOWHERE, plant.shared_private)
    plant.note(
        "booking_users2", key, migrated("booking_user", key), synthesised("client", "PLACEHOLDER_CLIENT")
    )


@kind("line_of_all_dates")
def line_of_all_dates(plant: Planter) -> None:
    """A stand-alone course of three dates: the line becomes three rows, the price stays on the first."""
    course, *_, subgroup = plant.classes()
    for day in plant.days(3)[1:]:
        plant.session(course, day)
    key, *_ = _grouped(plant, subgroup, price="100.00")
    parts = [becomes("booking_user", key, "split", part=iso(day)) for day in plant.days(3)]
    plant.note("booking_users2", key, *parts)


@kind("line_of_the_one_live_date")
def line_of_the_one_live_date(plant: Planter) -> None:
    """Only live dates count; none alive: one row on the first."""
    course, *_, subgroup = plant.classes()
    plant.session(course, plant.days(2)[1], deleted_at="2024-10-01 08:00:00")
    key, *_ = _grouped(plant, subgroup)
    plant.note("booking_users2", key, migrated("booking_user", key))
    dead = plant.course()
    plant.session(dead, deleted_at="2024-10-01 08:00:00")
    key, *_ = _grouped(plant, plant.subgroup(plant.group(dead)))
    plant.note("booking_users2", key, migrated("booking_user", key))


@kind("line_in_trashed_class_with_room_beside")
def line_in_trashed_class_with_room_beside(plant: Planter) -> None:
    """The participant moves to the living class of the same date and level (Q-33)."""
    course, _, group, _ = plant.classes()
    trashed = plant.subgroup(group, deleted_at="2024-12-01 08:00:00")
    key, *_ = _grouped(plant, trashed)
    plant.note("booking_users2", key, migrated("booking_user", key, "LINE_RELINKED"))


@kind("line_in_trashed_class_alone")
def line_in_trashed_class_alone(plant: Planter) -> None:
    """No other class takes the place of it; nobody is moved to another day."""
    course = plant.course()
    plant.session(course)
    trashed = plant.subgroup(plant.group(course), deleted_at="2024-12-01 08:00:00")
    key, *_ = _grouped(plant, trashed)
    plant.note("booking_users2", key, migrated("booking_user", key, "ORPHAN_KEPT"))


# Private lines


@kind("line_date_missing")
def line_date_missing(plant: Planter) -> None:
    for value in (None, "0000-00-00"):
        key, booking = _private(plant, plant.shared_private, date=value)
        plant.note(
            "booking_users2",
            key,
            rejected("booking_user", key, "LINE_WITHOUT_DATE"),
            migrated("booking", booking),
        )


@kind("line_hour_missing")
def line_hour_missing(plant: Planter) -> None:
    """Hour and duration come from the course."""
    key, _ = _private(plant, plant.shared_private, hour=None, duration=None)
    plant.note("booking_users2", key, migrated("booking_user", key))


@kind("line_past_midnight")
def line_past_midnight(plant: Planter) -> None:
    key, booking = _private(plant, plant.shared_private, hour="23:30:00", duration="02:00:00")
    plant.note(
        "booking_users2", key, rejected("booking_user", key, "CROSSES_MIDNIGHT"), migrated("booking", booking)
    )


@kind("line_outside_course_range")
def line_outside_course_range(plant: Planter) -> None:
    """The day is made and the course widened (Q-31)."""
    course, day = plant.private(), iso(plant.past + timedelta(days=25))
    key, _ = _private(plant, course, date=day)
    plant.note(
        "booking_users2",
        key,
        migrated("booking_user", key, "DATE_OUTSIDE_RANGE"),
        becomes("course_day", course, "synthesised", "DATE_FOR_BOOKING", part=day),
    )


@kind("line_private_course_gone")
def line_private_course_gone(plant: Planter) -> None:
    """The paid lesson is kept in a placeholder course of the school (Q-41)."""
    key, _ = _private(plant, NOWHERE)
    plant.note(
        "booking_users2", key, migrated("booking_user", key), synthesised("course", "PLACEHOLDER_COURSE")
    )


@kind("line_private_course_is_a_date")
def line_private_course_is_a_date(plant: Planter) -> None:
    """The number is that of a session; its course is private and of the school, so it is the one."""
    number = max(plant.world.sink.peek("courses2"), plant.world.sink.peek("course_dates2")) + 3000
    plant.session(plant.shared_private, id=number)
    key, _ = _private(plant, number)
    plant.note("booking_users2", key, migrated("booking_user", key, "COURSE_REF_RECOVERED"))


@kind("line_private_course_is_a_group_date")
def line_private_course_is_a_group_date(plant: Planter) -> None:
    """The session belongs to a group course, so it proves nothing: placeholder."""
    number = max(plant.world.sink.peek("courses2"), plant.world.sink.peek("course_dates2")) + 3000
    plant.session(plant.course(), id=number)
    key, _ = _private(plant, number)
    plant.note(
        "booking_users2", key, migrated("booking_user", key), synthesised("course", "PLACEHOLDER_COURSE")
    )


@kind("line_private_course_is_superseded")
def line_private_course_is_superseded(plant: Planter) -> None:
    """The number is that of a first-generation course, which is no private course in V5."""
    number = max(plant.world.sink.peek("courses2"), plant.world.sink.peek("course_dates2")) + 20000
    plant.add("courses", id=number, course_type_id=1, sport_id=1, name="Ancien", school_id=plant.school.id)
    key, _ = _private(plant, number)
    plant.note(
        "booking_users2", key, migrated("booking_user", key), synthesised("course", "PLACEHOLDER_COURSE")
    )


@kind("line_monitor_unknown")
def line_monitor_unknown(plant: Planter) -> None:
    key, _ = _private(plant, plant.shared_private, monitor_id=NOWHERE)
    plant.note("booking_users2", key, migrated("booking_user", key, "MONITOR_UNKNOWN"))


@kind("line_monitor_of_other_school")
def line_monitor_of_other_school(plant: Planter) -> None:
    key, _ = _private(plant, plant.shared_private, monitor_id=plant.monitor(plant.other))
    plant.note("booking_users2", key, migrated("booking_user", key))


@kind("notice_orphan")
def notice_orphan(plant: Planter) -> None:
    key = plant.add("booking_payment_notice_log", booking2_id=NOWHERE, booking_user2_id=NOWHERE, date=None)
    plant.note("booking_payment_notice_log", key, rejected("payment_notice", key, "BOOKING_REJECTED"))


@kind("notice_of_rejected_line")
def notice_of_rejected_line(plant: Planter) -> None:
    line, booking, _ = _grouped(plant, None)
    key = plant.add(
        "booking_payment_notice_log",
        booking2_id=booking,
        booking_user2_id=line,
        date=f"{iso(plant.past)} 08:00:00",
    )
    plant.note("booking_payment_notice_log", key, rejected("payment_notice", key, "PARENT_REJECTED"))

"""Dirt in courses: umbrellas, members, sessions, private windows, prices."""

from datetime import date

from demo import courses
from demo.dirt.pictures import PNG
from demo.dirt.planting import NOWHERE, Planter, kind, merged, migrated, rejected, skipped, synthesised


@kind("umbrella_missing")
def umbrella_missing(plant: Planter) -> None:
    """The member with the lowest id stands for the course."""
    first, second = (plant.part_of(NOWHERE, day) for day in plant.days(2))
    plant.note("courses2", first, migrated("course", first, "UMBRELLA_MISSING"), merged("course", second))


@kind("umbrella_without_members")
def umbrella_without_members(plant: Planter) -> None:
    key, _ = plant.umbrella(plant.days(1), dates_global="[]")
    lonely = plant.add("course_globals", name_global="Sans jours", price_global="10.00", is_definitive=1)
    plant.note(
        "course_globals", lonely, skipped("course_global", lonely, "EMPTY"), migrated("course_global", key)
    )


@kind("umbrella_sessions_unreadable")
def umbrella_sessions_unreadable(plant: Planter) -> None:
    """The members' own dates are used."""
    for text in ('[{"date": "2024-', "null-and-void", '"[{}]"'):
        key, members = plant.umbrella(plant.days(2), dates_global=text)
        plant.note(
            "course_globals",
            key,
            migrated("course_global", key, "SESSIONS_UNREADABLE"),
            merged("course", members[0]),
        )


@kind("umbrella_session_without_member")
def umbrella_session_without_member(plant: Planter) -> None:
    """The date is made, without groups; nobody's groups are cloned for it."""
    days = plant.days(3)
    key, members = plant.umbrella(days[:2], dates_global=courses.sessions(days, "10:00:00"))
    plant.note(
        "course_globals",
        key,
        migrated("course_global", key, "SESSION_WITHOUT_GROUPS"),
        synthesised("course_session", "SESSION_ONLY", key),
        merged("course", members[0]),
    )


@kind("umbrella_member_without_session")
def umbrella_member_without_session(plant: Planter) -> None:
    days = plant.days(2)
    key, (_, stray) = plant.umbrella(days, dates_global=courses.sessions(days[:1], "10:00:00"))
    plant.note("courses2", stray, merged("course", stray), migrated("course_global", key))


@kind("umbrella_sessions_out_of_order")
def umbrella_sessions_out_of_order(plant: Planter) -> None:
    """Sessions are paired with members by date and hour, never by position."""
    days = plant.days(3)
    key, members = plant.umbrella(days, dates_global=courses.sessions(days[::-1], "10:00:00"))
    plant.note(
        "course_globals",
        key,
        migrated("course_global", key),
        *(merged("course", member) for member in members),
    )


@kind("umbrella_without_name")
def umbrella_without_name(plant: Planter) -> None:
    key, members = plant.umbrella(plant.days(1), name_global="", description_global=None, price_global=None)
    plant.note("course_globals", key, migrated("course_global", key), merged("course", members[0]))


@kind("members_disagree")
def members_disagree(plant: Planter) -> None:
    days = plant.days(3)
    key, members = plant.umbrella(days[:2], dates_global=courses.sessions(days, "10:00:00"))
    other = plant.part_of(key, days[2], sport_id=2)
    plant.note("courses2", other, merged("course", other), migrated("course_global", key, "MEMBERS_DISAGREE"))


@kind("members_trashed")
def members_trashed(plant: Planter) -> None:
    """One trashed member takes its date out; all of them trash the course."""
    days = plant.days(2)
    key, _ = plant.umbrella(days[:1], dates_global=courses.sessions(days, "10:00:00"))
    gone = plant.part_of(key, days[1], deleted_at="2024-11-01 08:00:00")
    plant.note("courses2", gone, merged("course", gone), migrated("course_global", key))
    key = plant.add(
        "course_globals", name_global="Annulé", price_global="20.00", is_definitive=0, dates_global="[]"
    )
    gone = plant.part_of(key, days[0], deleted_at="2024-11-02 08:00:00")
    plant.note("courses2", gone, merged("course", gone), migrated("course_global", key))


@kind("course_in_two_seasons")
def course_in_two_seasons(plant: Planter) -> None:
    days = [date(plant.world.current_season, 8, 30), date(plant.world.current_season, 9, 2)]
    key, members = plant.umbrella(days)
    plant.note(
        "course_globals", key, migrated("course_global", key, "SPANS_SEASONS"), merged("course", members[0])
    )


def _discounted(plant: Planter, *steps: tuple[int, str]) -> int:
    key, _ = plant.umbrella(plant.days(4), is_definitive=0)
    for days, share in steps:
        plant.add(
            "price_ranges",
            school_id=plant.school.id,
            group_id=key,
            time_interval=days,
            num_pax=1,
            price=share,
            percentage="1.00",
        )
    return key


@kind("discount_with_gap")
def discount_with_gap(plant: Planter) -> None:
    key = _discounted(plant, (2, "10.00"), (4, "20.00"))
    plant.note("course_globals", key, migrated("course_global", key, "DISCOUNT_GAP"))


@kind("discount_shrinking")
def discount_shrinking(plant: Planter) -> None:
    """10 % for two days and 5 % for three would make the third day dearer than its price."""
    key = _discounted(plant, (2, "10.00"), (3, "5.00"), (4, "5.00"))
    plant.note("course_globals", key, migrated("course_global", key, "DISCOUNT_SHAPE"))


@kind("course_kind_conflict")
def course_kind_conflict(plant: Planter) -> None:
    """The supertype decides the structure."""
    fixed = plant.course(course_type_id=2)
    plant.session(fixed)
    plant.note("courses2", fixed, migrated("course", fixed, "COURSE_KIND_CONFLICT"))
    loose = plant.private(course_type_id=1)
    plant.note("courses2", loose, migrated("course", loose, "COURSE_KIND_CONFLICT"))


@kind("course_without_dates")
def course_without_dates(plant: Planter) -> None:
    key = plant.course()
    plant.note("courses2", key, migrated("course", key, "NO_DATES"))


@kind("course_school_unknown")
def course_school_unknown(plant: Planter) -> None:
    course, day, group, subgroup = plant.classes(school_id=NOWHERE)
    plant.note(
        "courses2",
        course,
        rejected("course", course, "SCHOOL_UNKNOWN"),
        rejected("course_date", day, "COURSE_REJECTED"),
        rejected("course_group", group, "COURSE_REJECTED"),
        rejected("course_subgroup", subgroup, "GROUP_REJECTED"),
    )


@kind("course_sport_unknown")
def course_sport_unknown(plant: Planter) -> None:
    """The whole grouped course is kept back."""
    key = plant.add(
        "course_globals", name_global="Quidditch", price_global="20.00", is_definitive=1, dates_global="[]"
    )
    member = plant.part_of(key, plant.past, sport_id=9999)
    plant.note(
        "course_globals", key, rejected("course_global", key, "SPORT_UNKNOWN"), rejected("course", member, "")
    )


@kind("course_station_unknown")
def course_station_unknown(plant: Planter) -> None:
    key = plant.course(station_id=NOWHERE)
    plant.session(key)
    plant.note("courses2", key, migrated("course", key, "STATION_UNKNOWN"))


@kind("course_trashed_with_live_parts")
def course_trashed_with_live_parts(plant: Planter) -> None:
    """A trashed parent is moved as trashed, and its living parts with it."""
    course, day, group, subgroup = plant.classes(deleted_at="2025-01-01 08:00:00")
    client = plant.client()
    line = plant.line(plant.booking(client), client, course_groups_subgroup2_id=subgroup)
    plant.note(
        "courses2",
        course,
        migrated("course", course),
        migrated("course_group", group),
        migrated("course_subgroup", subgroup),
        migrated("booking_user", line),
    )


@kind("course_picture_inline")
def course_picture_inline(plant: Planter) -> None:
    """Two courses share one picture: the file is named by its content (GR-16)."""
    for _ in range(2):
        key = plant.course(image=PNG)
        plant.session(key)
        plant.note("courses2", key, migrated("course", key))


@kind("course_duration_zero")
def course_duration_zero(plant: Planter) -> None:
    key = plant.course(duration="00:00:00")
    plant.session(key)
    plant.note("courses2", key, migrated("course", key, "DURATION_UNKNOWN"))


@kind("course_booking_window_zero")
def course_booking_window_zero(plant: Planter) -> None:
    """Zero dates in optional columns mean: none."""
    key = plant.course(date_start_res="0000-00-00", date_end_res="0000-00-00")
    plant.session(key)
    plant.note("courses2", key, migrated("course", key))


@kind("course_currency_missing")
def course_currency_missing(plant: Planter) -> None:
    """Lower case is the same currency; none at all is that of the school."""
    small = plant.course(currency="chf")
    plant.session(small)
    plant.note("courses2", small, migrated("course", small))
    none = plant.course(currency="")
    plant.session(none)
    plant.note("courses2", none, migrated("course", none, "CURRENCY_ASSUMED"))

"""Planted defects: a record of every kind that lost its V5 record, and made-up or shared ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.mutations import Keys, Mutation, Plant

Planter = Callable[[Plant], Mapping[str, Keys | None]]

# check, entity, legacy table: the entry of a record that shares its V5 record with nobody is taken out of the map
ENTRIES = (
    ("R-10-languages", "language", "languages"),
    ("R-10-sport-types", "sport_type", "sport_types"),
    ("R-10-sports", "sport", "sports"),
    ("R-10-service-types", "service_type", "service_type"),
    ("R-10-stations", "station", "stations"),
    ("R-10-station-services", "station_service", "station_services"),
    ("R-10-schools", "school", "schools"),
    ("R-10-school-colors", "school_color", "school_colors"),
    ("R-10-station-schools", "station_school", "stations_schools"),
    ("R-10-school-sports", "school_sport", "school_sports"),
    ("R-10-salary-levels", "school_salary_level", "school_salary_levels"),
    ("R-10-tasks", "task", "tasks"),
    ("R-10-task-checks", "task_check", "task_checks"),
    ("R-10-mails", "mail", "mails"),
    ("R-10-degrees", "degree", "degrees_school_sport"),
    ("R-10-degree-goals", "degree_goal", "degrees_school_sport_goals"),
    ("R-10-users", "user", "users"),
    ("R-10-school-users", "school_user", "user_schools"),
    ("R-10-clients", "client", "users"),
    ("R-10-client-links", "client_utilizer", "user_groups"),
    ("R-10-client-notes", "client_observation", "user_observations"),
    ("R-10-monitor-notes", "monitor_observation", "user_observations"),
    ("R-10-evaluations", "evaluation", "evaluations"),
    ("R-10-evaluation-files", "evaluation_file", "evaluation_files"),
    ("R-10-evaluation-goals", "evaluation_goal", "evaluation_fulfilled_goals"),
    ("R-10-monitors", "monitor", "users"),
    ("R-10-monitor-schools", "monitor_school", "user_schools"),
    ("R-10-course-dates", "course_date", "course_dates2"),
    ("R-10-course-sessions", "course_session", "course_globals"),
    ("R-10-course-groups", "course_group", "course_groups2"),
    ("R-10-course-subgroups", "course_subgroup", "course_groups_subgroups2"),
    ("R-10-bookings", "booking", "bookings2"),
    ("R-10-v5-bookings", "v5_booking", "bookings2"),
    ("R-10-booking-lines", "booking_user", "booking_users2"),
    ("R-10-vouchers", "voucher", "vouchers"),
    ("R-10-voucher-logs", "voucher_log", "vouchers_log"),
    ("R-10-payment-notices", "payment_notice", "booking_payment_notice_log"),
    ("R-13", "monitor_nwd", "user_nwd"),
)
ALONE = (
    "SELECT m.legacy_id, m.v5_id FROM legacy_id_mappings m WHERE m.entity_type = %s AND m.legacy_table = %s AND m.legacy_id > 0"
    " AND m.v5_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM legacy_id_mappings o WHERE o.entity_type = m.entity_type"
    " AND o.v5_table = m.v5_table AND o.v5_id = m.v5_id AND o.id <> m.id) AND NOT EXISTS (SELECT 1 FROM"
    " legacy_id_mappings o WHERE o.entity_type = m.entity_type AND o.legacy_id = m.legacy_id AND o.id <> m.id)"
    " ORDER BY m.id LIMIT 1"
)


def without_entry(check: str, entity: str, table: str) -> Mutation:
    def plant(plant: Plant) -> Mapping[str, Keys | None]:
        legacy_id, _v5_id = plant.one(ALONE, [entity, table])
        plant.v5(
            "DELETE FROM legacy_id_mappings WHERE entity_type = %s AND legacy_id = %s", [entity, legacy_id]
        )
        return {check: {(table, legacy_id)}}

    return Mutation(f"a {entity} without its V5 record", plant)


# check, entity, legacy table of the key, V5 table, more that the row must fulfil
ROWS = (
    ("R-10-client-schools", "client_school", "user_schools", "clients_schools", ""),
    ("R-10-client-sports", "client_sport", "user_sports", "clients_sports", ""),
    ("R-10-monitor-sports", "monitor_sport_degree", "user_sports", "monitor_sports_degrees",
     "NOT EXISTS (SELECT 1 FROM monitor_sport_authorized_degrees a WHERE a.monitor_sport_id = m.v5_id)"),
    ("R-10-authorised-degrees", "monitor_authorized_degree", "user_sport_authorized_degrees",
     "monitor_sport_authorized_degrees", ""),
)  # fmt: skip


def without_row(check: str, entity: str, table: str, v5_table: str, more: str) -> Mutation:
    def plant(plant: Plant) -> Mapping[str, Keys | None]:
        sql = ALONE.replace(" ORDER BY", f" AND {more or '1 = 1'} ORDER BY")
        legacy_id, v5_id = plant.one(sql, [entity, table])
        plant.v5(f"DELETE FROM {v5_table} WHERE id = %s", [v5_id])
        plant.v5("DELETE FROM legacy_id_mappings WHERE entity_type = %s AND v5_id = %s", [entity, v5_id])
        return {check: {(table, legacy_id)}}

    return Mutation(f"a {entity} lost with its entry", plant)


def season_lost(plant: Plant) -> Mapping[str, Keys | None]:
    v5_id, part = plant.one(
        "SELECT v5_id, part FROM legacy_id_mappings WHERE entity_type = 'season' AND part LIKE '%%/%%' ORDER BY id LIMIT 1"
    )
    plant.v5("DELETE FROM legacy_id_mappings WHERE entity_type = 'season' AND v5_id = %s", [v5_id])
    plant.v5("UPDATE seasons SET deleted_at = '2026-01-15 03:00:00' WHERE id = %s", [v5_id])
    return {"R-10-seasons": {("schools", int(part.partition(":")[0]))}}


def persons_merged_into_one(plant: Plant) -> Mapping[str, Keys | None]:
    """Two clients of legacy on one V5 client, as matching by name does."""
    (first, kept), (second, _lost) = plant.v5(
        "SELECT legacy_id, v5_id FROM legacy_id_mappings WHERE entity_type = 'client' AND disposition = 'migrated'"
        " ORDER BY legacy_id LIMIT 2"
    )
    plant.v5(
        "UPDATE legacy_id_mappings SET v5_id = %s, disposition = 'merged' WHERE entity_type = 'client' AND legacy_id = %s",
        [kept, second],
    )
    assert first != second
    return {"R-10-clients": {("users", second)}}


def account_for_somebody_without_address(plant: Plant) -> Mapping[str, Keys | None]:
    person = plant.one(
        "SELECT legacy_id FROM legacy_id_mappings WHERE entity_type = 'user' AND reason = 'NO_LOGIN' ORDER BY id LIMIT 1"
    )
    account = plant.one("SELECT MAX(id) FROM users") + 1
    plant.v5(
        "INSERT INTO users (id, username, email, password, first_name, last_name, type, active, logout)"
        " SELECT %s, 'nobody', NULL, password, first_name, last_name, type, active, logout FROM users WHERE id = %s",
        [account, account - 1],
    )
    plant.v5(
        "UPDATE legacy_id_mappings SET v5_id = %s, v5_table = 'users', disposition = 'migrated' WHERE entity_type = 'user'"
        " AND legacy_id = %s",
        [account, person],
    )
    return {"R-10-users": {("users", person)}}


def level_made_twice(plant: Plant) -> Mapping[str, Keys | None]:
    """A level made for want of a row, although legacy lists it."""
    legacy_id, v5_id = plant.one(ALONE, ["degree", "degrees_school_sport"])
    school, sport, degree = plant.legacy(
        f"SELECT COALESCE(school_id, 0), sport_id, degree_id FROM degrees_school_sport WHERE id = {legacy_id}"
    )[0]
    plant.v5(
        "UPDATE legacy_id_mappings SET legacy_id = 0, part = %s, disposition = 'synthesised', reason = 'LAZY_DEGREE'"
        " WHERE entity_type = 'degree' AND legacy_id = %s",
        [f"{school}:{sport}:{degree}", legacy_id],
    )
    return {"R-10-added-degrees": {("degrees", v5_id)}, "R-10-degrees": {("degrees_school_sport", legacy_id)}}


def stand_in_nobody_needs(plant: Plant) -> Mapping[str, Keys | None]:
    """A made-up client at a school where everybody is known."""
    legacy_id, v5_id = plant.one(ALONE, ["client", "users"])
    used = [
        row[0]
        for row in plant.v5("SELECT school_id FROM legacy_id_mappings WHERE reason = 'PLACEHOLDER_CLIENT'")
    ]
    school = next(
        row[0] for row in plant.legacy("SELECT id FROM schools ORDER BY id DESC") if row[0] not in used
    )
    plant.v5(
        "UPDATE legacy_id_mappings SET legacy_id = 0, part = %s, school_id = %s, disposition = 'synthesised',"
        " reason = 'PLACEHOLDER_CLIENT' WHERE entity_type = 'client' AND legacy_id = %s",
        [f"placeholder:{school}", school, legacy_id],
    )
    return {"R-10-added-clients": {("clients", v5_id)}}


def skipped_without_cause(plant: Plant) -> Mapping[str, Keys | None]:
    """A booking with lines that was left out as empty."""
    legacy_id, _v5_id = plant.one(ALONE, ["booking", "bookings2"])
    plant.v5(
        "UPDATE legacy_id_mappings SET v5_id = NULL, disposition = 'skipped', reason = 'EMPTY' WHERE entity_type = 'booking'"
        " AND legacy_id = %s",
        [legacy_id],
    )
    return {"R-10-bookings": {("bookings2", legacy_id)}}


MUTATIONS: tuple[Mutation, ...] = (
    *(without_entry(*one) for one in ENTRIES),
    *(without_row(*one) for one in ROWS),
    Mutation("a season lost", season_lost),
    Mutation("two persons merged into one", persons_merged_into_one),
    Mutation("an account for a client without address", account_for_somebody_without_address),
    Mutation("a level made although legacy lists it", level_made_twice),
    Mutation("a stand-in that nobody needs", stand_in_nobody_needs),
    Mutation("a booking left out as empty although it has lines", skipped_without_cause),
)

"""Accounts, clients and monitors, moved for real: what only the two databases together can show."""

from __future__ import annotations

from typing import Any

import pytest

from entities.engine.read import Reader
from entities.users import name_order
from tests import moves
from tests.world import World

PEOPLE = (
    "user school_user client client_school client_sport client_observation client_utilizer"
    " evaluation evaluation_file evaluation_goal"
    " monitor monitor_school monitor_sport_degree monitor_authorized_degree monitor_nwd monitor_observation archive:blocks"
    " archive:user_work_details archive:user_permis archive:admin_restrictions archive:user_childrens archive:user_sports"
    " archive:user_observations"
).split()
UNIQUE = {
    "clients_schools": "client_id, school_id",
    "clients_sports": "client_id, school_id, sport_id",
    "clients_utilizers": "main_id, client_id",
    "monitors_schools": "monitor_id, school_id",
    "monitor_sports_degrees": "monitor_id, school_id, sport_id",
    "monitor_sport_authorized_degrees": "monitor_sport_id, degree_id",
    "school_users": "user_id, school_id",
}


def entries(world: World, entity: str, legacy_id: int) -> list[tuple[Any, ...]]:
    sql = "SELECT disposition, reason, v5_id, additional_data FROM legacy_id_mappings WHERE entity_type = %s AND legacy_id = %s"
    return world.v5_sql(sql, [entity, legacy_id])


def outcomes(world: World) -> dict[tuple[str, int, str], tuple[str, str]]:
    """Disposition and reason of everybody's entries, by key."""
    marks = ", ".join(["%s"] * len(PEOPLE))
    sql = f"SELECT entity_type, legacy_id, part, disposition, reason FROM legacy_id_mappings WHERE entity_type IN ({marks})"
    return {(row[0], row[1], row[2]): (row[3], row[4]) for row in world.v5_sql(sql, PEOPLE)}


def planted(world: World) -> list[dict[str, Any]]:
    found = [expected for item in world.report.planted for expected in item["expect"]]
    return [expected for expected in found if expected["entity_type"] in PEOPLE]


def test_everything_planted_on_people_becomes_what_the_rules_say(world: World) -> None:
    moves.move((2, 3))
    wrong = []
    for expected in planted(world):
        if expected.get("reason") == "MEMBERSHIP_FOREIGN_MONITOR":
            continue  # added with the courses
        rows = entries(world, expected["entity_type"], expected["legacy_id"])
        flags = expected.get("warnings", [])
        if not any(
            row[0] == expected["disposition"]
            and row[1] == expected.get("reason", row[1])
            and all(f'"{flag}"' in str(row[3]) for flag in flags)
            for row in rows
        ):
            wrong.append((expected, rows))
    assert wrong == []


def test_nobody_is_in_a_list_twice_and_no_address_has_two_accounts(world: World) -> None:
    moves.move((2, 3))
    for table, columns in UNIQUE.items():
        twice = world.v5_sql(
            f"SELECT {columns}, COUNT(*) FROM {table} GROUP BY {columns} HAVING COUNT(*) > 1"
        )
        assert twice == [], table
    shared = "SELECT email FROM users WHERE deleted_at IS NULL AND email IS NOT NULL GROUP BY email HAVING COUNT(*) > 1"
    assert world.v5_sql(shared) == []
    for table in ("users", "clients", "monitors"):
        assert world.v5_sql(f"SELECT COUNT(*) FROM {table} WHERE email = ''") == [(0,)]


def test_names_have_one_order_and_families_show_it(world: World) -> None:
    """The demo keeps family names in `first_name`."""
    moves.move((2, 3))
    probe = name_order.probe(Reader())
    assert probe.suggests_swap(None)
    different = world.v5_sql(
        "SELECT c.id FROM clients c JOIN users u ON u.id = c.user_id JOIN legacy_id_mappings m ON m.v5_table = 'users'"
        " AND m.v5_id = u.id AND m.disposition = 'migrated' AND m.part = '' AND m.legacy_id = c.old_id"
        " WHERE c.first_name <> u.first_name OR c.last_name <> u.last_name"
    )
    assert different == []


def test_payers_participants_and_owners_belong_to_the_school(world: World) -> None:
    moves.move((2, 3))
    members = set(
        world.v5_sql(
            "SELECT c.old_id, s.old_id FROM clients_schools x JOIN clients c ON c.id = x.client_id"
            " JOIN schools s ON s.id = x.school_id WHERE x.deleted_at IS NULL"
        )
    )
    clients = {person for person, _ in members}
    needed = world.legacy_sql(
        "SELECT user_main_id, school_id FROM bookings2 UNION SELECT user_id, school_id FROM vouchers"
        " UNION SELECT l.user_id, b.school_id FROM booking_users2 l JOIN bookings2 b ON b.id = l.booking2_id"
    )
    schools = {school for (school,) in world.v5_sql("SELECT old_id FROM schools")}
    missing = {one for one in needed if one[0] in clients and one[1] in schools} - members
    assert missing == set()


def test_an_account_that_v5_had_before_takes_the_rows_of_its_address(world: World) -> None:
    (key, address) = world.legacy_sql(
        "SELECT MIN(id), email FROM users WHERE user_type = 1 AND email LIKE 'user%%' GROUP BY email"
    )[0]
    world.v5_sql(
        "INSERT INTO users (id, email, password, first_name, last_name, type, active) VALUES (7, %s, 'x', 'A', 'B', 'admin', 1)",
        [address.upper()],
    )
    moves.move((2, 3))
    assert entries(world, "user", key)[0][:3] == ("merged", "", 7)
    assert world.v5_sql("SELECT COUNT(*) FROM school_users WHERE user_id = 7")[0][0] >= 1
    again = moves.move((2, 3))
    assert sum(run.written_rows for run in again if run.entity_type == "users") == 0


def test_a_second_run_writes_nothing(world: World) -> None:
    moves.move((2, 3))
    assert {run.entity_type: run.written_rows for run in moves.move((3,)) if run.written_rows} == {}


@pytest.mark.slow
def test_school_by_school_ends_like_all_at_once(world: World) -> None:
    """Shared people, notes of other schools and levels without school: the waves meet them more than once."""
    first, *others = [school for (school,) in world.legacy_sql("SELECT id FROM schools ORDER BY id")]
    moves.drive(moves.planned((2, 3), of=moves.wave("First", schools=[first])))
    moves.drive(moves.planned((2, 3), of=moves.wave("Others", schools=others)))
    moves.drive(moves.planned((2, 3), of=moves.wave("All")))
    by_waves = outcomes(world)
    assert [
        run.written_rows for run in moves.drive(moves.planned((3,), of=moves.wave("First", schools=[first])))
    ].count(0) >= 6
    assert outcomes(world) == by_waves
    kinds: dict[tuple[str, int], set[str]] = {}
    for (entity, key, _), (disposition, _) in by_waves.items():
        if key:
            kinds.setdefault((entity, key), set()).add(disposition)
    assert {key: found for key, found in kinds.items() if len(found) > 1} == {}
    for table in UNIQUE:
        mapped = f"SELECT v5_id FROM legacy_id_mappings WHERE v5_table = '{table}' AND v5_id IS NOT NULL"
        lost = f"SELECT COUNT(*) FROM {table} WHERE id NOT IN ({mapped})"
        assert world.v5_sql(lost) == [(0,)], table


def test_a_corrected_absence_leaves_no_rejection_behind(world: World) -> None:
    moves.move((2, 3))
    key = next(item["id"] for item in world.report.planted if item["kind"] == "absence_reversed")
    assert [row[:2] for row in entries(world, "monitor_nwd", key)] == [("rejected", "RANGE_REVERSED")]
    world.legacy_sql(
        "UPDATE user_nwd SET start_date = '2024-01-01', end_date = '2024-01-02' WHERE id = %s", [key]
    )
    moves.move((3,))
    assert [row[0] for row in entries(world, "monitor_nwd", key)] == ["split", "split"]

"""Who gets which role in which season (4.14)."""

from __future__ import annotations

import pytest

from entities.engine.environment import MapEntry, Scope
from entities.seasons import grants
from entities.seasons.grants import ADMIN, MANAGER, MONITOR, VIEWER, Accounts, Facts, Membership
from entities.seasons.resolver import Season, Seasons
from entities.seasons.roles import SeasonRoleMigration
from entities.seasons.work import Work
from entities.users.legacy import LegacyUser
from tests.rows import environment, outcome, row, transformed, values, warnings

SEASONS = Seasons({
    3: [Season(1, "2024/2025", "2024-09-01", "2025-08-31"), Season(2, "2025/2026", "2025-09-01", "2026-08-31")],
    4: [Season(9, "2024/2025", "2024-09-01", "2025-08-31")],
})  # fmt: skip
SINCE = "2021-08-01 08:00:00"


def place(role=ADMIN, school=3, active=True, since=SINCE):
    return Membership(school, role, active, since, "2022-01-01 08:00:00")


def facts(*places, types=None, worked=None, taken=(), roles=()):
    people = Accounts({5: 50, 6: 50}, types or {5: 1}, {5: 50})
    return Facts(
        people, {}, {50: list(places)}, SEASONS, worked or Work(), frozenset(taken), frozenset(roles)
    )


def move(*places, root=5, scope=None, existing=None, **more):
    env = environment(facts=facts(*places, **more))
    env.scope, env.existing = scope or Scope(), existing or {}
    return transformed(SeasonRoleMigration(), env, row(LegacyUser, id=root, user_type=1))


def roles(entries):
    return [(one.part, values(one)["role"], values(one)["is_active"]) for one in entries]


def test_the_back_office_works_in_every_season_of_the_school():
    entries = move(place())
    assert outcome(entries) == [
        ("user_season_role", 5, "3:2024/2025", "synthesised", "SEASON_ROLE"),
        ("user_season_role", 5, "3:2025/2026", "synthesised", "SEASON_ROLE"),
    ]  # fmt: skip
    first = values(entries[0])
    assert (first["user_id"], first["season_id"], first["role"], first["is_active"]) == (50, 1, "admin", 1)
    assert (first["assigned_at"], first["assigned_by"], first["created_at"]) == (SINCE, None, SINCE)
    assert (entries[0].v5_id, entries[0].school_id) == (50, 3)


def test_a_role_of_an_ended_membership_is_inactive():
    assert roles(move(place(VIEWER, active=False))) == [
        ("3:2024/2025", "viewer", 0),
        ("3:2025/2026", "viewer", 0),
    ]


def test_the_strongest_role_wins_and_an_active_membership_before_an_ended_one():
    entries = move(place(MONITOR), place(MANAGER), place(VIEWER), types={5: 1, 6: 3})
    assert {role for _, role, _ in roles(entries)} == {"manager"}
    assert warnings(entries[0]) == ["RESTRICTED_ADMIN"]
    assert warnings(entries[1]) == []
    assert {active for _, _, active in roles(move(place(active=False), place()))} == {1}


def test_monitors_work_in_the_seasons_of_their_lessons_and_in_the_running_one():
    idle = move(place(MONITOR), types={5: 3})
    assert [part for part, _, _ in roles(idle)] == ["3:2025/2026"]
    busy = move(place(MONITOR), types={5: 3, 6: 3}, worked=Work({(6, 3): {"2025-01-05"}}))
    assert [part for part, _, _ in roles(busy)] == ["3:2024/2025", "3:2025/2026"]
    elsewhere = move(place(MONITOR, school=4), types={5: 3}, worked=Work({(5, 3): {"2025-01-05"}}))
    assert elsewhere == []


@pytest.mark.parametrize(
    ("absence", "counts"),
    [
        ((None, "2025-08-30", "2025-10-01"), True),
        ((3, "2025-08-31", "2025-08-31"), True),
        ((4, "2025-01-01", "2025-01-31"), False),
        ((3, "2025-09-01", "2025-09-02"), False),
    ],
)
def test_absences_count_as_work(absence, counts):
    assert Work({}, {5: [absence]}).within(5, 3, "2024-09-01", "2025-08-31") is counts


def test_another_row_may_speak_for_the_account():
    assert move(place(), root=6) == []


def test_only_schools_of_the_wave_count():
    entries = move(place(), place(school=4), scope=Scope(frozenset({4})))
    assert [one.part for one in entries] == ["4:2024/2025"]


def test_a_role_that_v5_held_before_is_left_alone():
    entries = move(place(), taken=[(50, 1)])
    assert [(one.disposition, one.v5_id, one.v5_table) for one in entries][0] == (
        "merged",
        50,
        "user_season_roles",
    )
    ours = {
        ("user_season_role", 5, "3:2024/2025"): MapEntry(
            1, "user_season_roles", 50, "synthesised", "", "", "", None, None
        )
    }
    assert move(place(), taken=[(50, 1)], existing=ours)[0].disposition == "synthesised"


def test_a_role_that_the_application_does_not_know_is_not_written():
    assert {one.reason for one in move(place(MANAGER), roles=["admin"])} == {"VALUE_INVALID"}


@pytest.mark.parametrize(
    ("user_type", "limits", "role"),
    [
        (5, [[1, 4]], VIEWER),
        (1, [], ADMIN),
        (1, [[2, 1], [2, 3]], ADMIN),
        (1, [[2, 4]], MANAGER),
        (1, [[3, 2]], MANAGER),
    ],
)
def test_administrators_who_may_not_edit_or_delete_become_managers(user_type, limits, role):
    assert grants._office_role(user_type, limits) == role

"""Accounts and the back office: which rows make one account, and what becomes of the others (4.10, 4.11)."""

from __future__ import annotations

from typing import Any

import pytest

from entities.clients.legacy import LegacyUserObservation, LegacyUserSport
from entities.engine.environment import MapEntry
from entities.seasons.resolver import Season, Seasons
from entities.users import accounts, people
from entities.users.clusters import Clusters
from entities.users.facts import Earlier, UserFacts
from entities.users.legacy import LegacyAdminRestriction, LegacyUserPermission
from entities.users.migration import UserMigration
from tests.persons import HASH, link, one, person
from tests.rows import environment, outcome, row, transformed, values, warnings

CHILDREN = ("memberships", "restrictions", "permissions", "levels", "notes")


def moved(*rows: Any, choices: Any = None, members: dict[str, list[int]] | None = None, existing: Any = None, facts: Any = None,
          schools: Any = None, root: Any = None, **children: list[Any]) -> list[Any]:  # fmt: skip
    """The entries of the first row's aggregate; all rows are known, children by the user they belong to."""
    by_user = {
        name: {one.id: [c for c in children.get(name, []) if c.user_id == one.id] for one in rows}
        for name in CHILDREN
    }
    found = UserFacts(
        people.People(memberships=by_user["memberships"]),
        Clusters(members or {}),
        {one.id: one for one in rows},
        by_user,
        **(facts or {}),
    )
    env = environment(choices, facts=found, school={3: 30, 4: 40}, schools=schools)
    env.existing |= existing or {}
    return transformed(UserMigration(), env, root or rows[0])


def test_a_client_with_an_address_gets_an_account():
    entries = moved(person(7, username="anna", email=" ANNA@Example.org "))
    written = values(one(entries, "user", 7))
    assert outcome(entries) == [("user", 7, "", "migrated", "")]
    assert written["email"] == "anna@example.org"
    assert (written["type"], written["active"], written["logout"], written["recover_token"]) == (
        "client",
        1,
        0,
        None,
    )
    assert (written["old_id"], written["legacy_id"], written["username"]) == (7, 7, "anna")
    assert (written["password"], written["migrated_at"]) == (HASH, "2026-01-15 12:00:00")


@pytest.mark.parametrize(
    ("kind", "names", "digits"),
    [(1, "admin", "1"), (2, "client", "2"), (3, "monitor", "3"), (5, "viewer", "5")],
)
def test_kinds_are_written_in_the_chosen_notation(kind, names, digits):
    assert values(moved(person(1, kind))[0])["type"] == names
    assert (
        values(moved(person(1, kind), choices={"Q-05": {None: {"notation": "digits"}}})[0])["type"] == digits
    )


@pytest.mark.parametrize("address", ["", "   ", None, "anna@@nowhere"])
def test_a_client_without_usable_address_gets_no_account(address):
    assert outcome(moved(person(1, email=address))) == [("user", 1, "", "skipped", "NO_LOGIN")]


def test_dependants_get_accounts_when_chosen():
    entries = moved(person(1, email="broken"), choices={"Q-15": {None: "all"}})
    assert values(entries[0])["email"] is None
    assert "EMAIL_INVALID" in warnings(entries[0])


def test_a_monitor_with_a_broken_address_gets_an_account_without_one():
    entry = moved(person(1, 3, email="monitor at example.org"))[0]
    assert values(entry)["email"] is None
    assert warnings(entry) == ["EMAIL_INVALID"]
    assert entry.additional["original"] == {"email": "monitor at example.org"}


def test_the_chat_account_of_a_school_stays_behind_with_its_memberships():
    entries = moved(person(1, 6), memberships=[link(5, 1)])
    assert outcome(entries) == [
        ("user", 1, "", "skipped", "SYSTEM_ACCOUNT"),
        ("school_user", 5, "", "skipped", "SYSTEM_ACCOUNT"),
    ]


def test_an_unknown_kind_is_rejected_with_everything_it_has():
    entries = moved(
        person(1, 9), memberships=[link(5, 1)], levels=[row(LegacyUserSport, id=6, user_id=1)],
        notes=[row(LegacyUserObservation, id=7, user_id=1)], restrictions=[row(LegacyAdminRestriction, id=8, user_id=1)],
    )  # fmt: skip
    assert {(entry.entity, entry.reason) for entry in entries} == {
        ("user", "UNKNOWN_USER_TYPE"),
        ("school_user", "PERSON_REJECTED"),
        ("archive:user_sports", "PERSON_REJECTED"),
        ("archive:user_observations", "PERSON_REJECTED"),
        ("archive:admin_restrictions", "PERSON_REJECTED"),
    }


@pytest.mark.parametrize(
    "password", ["5f4dcc3b5aa765d61d8327deb882cf99", "", None, "$2y$10$short", "$2a$10$" + "a" * 53]
)
def test_a_password_that_is_no_bcrypt_becomes_one_that_nobody_has(password):
    entry = moved(person(1, password=password))[0]
    assert values(entry)["password"] == accounts.UNUSABLE
    assert (len(accounts.UNUSABLE), accounts.UNUSABLE[:4]) == (60, "$2y$")
    assert warnings(entry) == ["PASSWORD_UNUSABLE"]
    assert "password" not in str(entry.additional.get("original", {})), "no hash in the map"


# Super-administrators


def test_nobody_stays_super_administrator_without_a_tick():
    entry = moved(person(1, 4))[0]
    assert (values(entry)["type"], values(entry)["active"]) == ("viewer", 0)
    assert warnings(entry) == ["SUPERADMIN_NOT_APPROVED"]


def test_an_approved_super_administrator_gets_the_role():
    entries = moved(person(1, 4), choices={"Q-05": {None: {"superadmins": [1]}}}, facts={"superadmin_role": 9},
                    memberships=[link(5, 1)])  # fmt: skip
    account, role, membership = (
        one(entries, "user", 1),
        one(entries, "user", 1, "role"),
        one(entries, "school_user", 5),
    )
    assert (values(account)["type"], values(account)["active"]) == ("superadmin", 1)
    assert values(role) == {"role_id": 9, "model_type": "App\\Models\\User", "model_id": account.v5_id}
    assert (membership.disposition, membership.reason) == ("skipped", "NO_TARGET")


def test_an_unapproved_super_administrator_never_decides_about_a_shared_account():
    rows = person(1, 4, email="x@example.org"), person(2, 2, email="x@example.org")
    entries = moved(*rows, members={"x@example.org": [1, 2]})
    assert outcome(entries) == [("user", 2, "", "migrated", ""), ("user", 1, "", "merged", "")]
    assert set(warnings(entries[1])) == {"EMAIL_SHARED", "SUPERADMIN_NOT_APPROVED"}


# One address, several rows


SHARED = {"x@example.org": [1, 2]}


def pair(first: dict[str, Any], second: dict[str, Any], **given: Any) -> list[Any]:
    same = {"email": "x@example.org", "first_name": "Favre", "last_name": "Line", "birth_date": "1980-02-03"}
    return moved(person(1, **{**same, **first}), person(2, **{**same, **second}), members=SHARED, **given)


@pytest.mark.parametrize(
    ("first", "second", "winner"),
    [
        (
            {"kind": 2, "updated_at": "2025-01-01 00:00:00"},
            {"kind": 1, "updated_at": "2020-01-01 00:00:00"},
            2,
        ),
        ({"kind": 3}, {"kind": 5}, 2),
        ({"kind": 3}, {"kind": 2}, 1),
        ({"deleted_at": "1"}, {}, 2),
        ({"updated_at": "2023-01-01 00:00:00"}, {"updated_at": "2024-01-01 00:00:00"}, 2),
        ({"updated_at": None}, {"updated_at": None}, 1),
    ],
    ids=[
        "role before change",
        "viewer before monitor",
        "monitor before client",
        "alive",
        "latest change",
        "lowest id",
    ],
)
def test_the_winner_is_the_strongest_then_alive_then_latest_then_lowest(first, second, winner):
    entries = pair(first, second)
    assert one(entries, "user", winner).disposition == "migrated"
    loser = one(entries, "user", 3 - winner)
    assert (loser.disposition, loser.v5_id, warnings(loser)) == (
        "merged",
        one(entries, "user", winner).v5_id,
        [],
    )


def test_the_account_lives_while_any_of_its_rows_does():
    entries = pair({"kind": 1, "deleted_at": "2024-02-02 00:00:00"}, {"kind": 2})
    assert values(one(entries, "user", 1))["deleted_at"] is None
    entries = pair({"deleted_at": "2024-02-02 00:00:00"}, {"deleted_at": "1600000000"})
    assert values(one(entries, "user", 1))["deleted_at"] == "2024-02-02 00:00:00"


def test_different_people_share_the_account_and_are_listed():
    entries = pair({}, {"first_name": "Rossi", "birth_date": "1990-01-01"})
    assert warnings(one(entries, "user", 2)) == ["EMAIL_SHARED"]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({"first_name": " line", "last_name": "FAVRE", "birth_date": "0000-00-00"}, True),
        ({"first_name": "Line-Marie"}, True),
        ({"first_name": "Line-Marie", "birth_date": "0000-00-00"}, False),
        ({"first_name": "Line-Marie", "birth_date": "1900-01-01"}, False),
    ],
    ids=["names exchanged", "birth date", "neither", "unknown birth date"],
)
def test_the_same_person_has_equal_names_or_the_same_birth_date(other, same):
    base = {"first_name": "Favre", "last_name": "Line", "birth_date": "1980-02-03"}
    assert accounts.same_person(person(1, **base), person(2, **{**base, **other})) is same


def test_people_without_names_are_not_the_same_person():
    blank = {"first_name": " ", "last_name": "", "birth_date": None}
    assert not accounts.same_person(person(1, **blank), person(2, **blank))


def test_only_the_anchor_speaks_for_the_cluster():
    first, second = person(1, email="x@example.org"), person(2, email="x@example.org")
    assert moved(first, second, members=SHARED, root=second) == []


def test_accounts_stay_apart_when_chosen():
    entries = moved(person(1, email="x@example.org"), choices={"Q-16": {None: "separate"}})
    assert outcome(entries) == [("user", 1, "", "migrated", "")]


def entered(v5_id: int, disposition: str = "migrated", target_hash: str = "") -> MapEntry:
    return MapEntry(1, "users", v5_id, disposition, "", "", target_hash, None, None)


def test_an_account_that_v5_has_keeps_its_id_when_a_stronger_row_appears():
    entries = pair({"kind": 2}, {"kind": 1}, existing={("user", 1, ""): entered(77)})
    assert (one(entries, "user", 1).disposition, one(entries, "user", 1).v5_id) == ("migrated", 77)
    assert (one(entries, "user", 2).disposition, one(entries, "user", 2).v5_id) == ("merged", 77)


def test_the_account_changes_hands_between_rows_that_share_it_already():
    known = {("user", 1, ""): entered(77, target_hash="abc"), ("user", 2, ""): entered(77, "merged")}
    entries = pair(
        {"updated_at": "2023-01-01 00:00:00"}, {"updated_at": "2025-01-01 00:00:00"}, existing=known
    )
    heir = one(entries, "user", 2)
    assert (heir.disposition, heir.v5_id, heir.existing.target_hash) == ("migrated", 77, "abc")
    assert (one(entries, "user", 1).disposition, one(entries, "user", 1).v5_id) == ("merged", 77)


@pytest.mark.parametrize(("first_name", "flags"), [("last1", []), ("Somebody", ["EMAIL_SHARED"])])
def test_an_account_from_before_the_migration_takes_the_rows_of_its_address(first_name, flags):
    before = {"p1@example.org": Earlier(55, "FIRST1", first_name)}
    entries = moved(
        person(1, 1),
        facts={"before": before, "before_schools": {(55, 30): 66}},
        memberships=[link(5, 1), link(6, 1, 4)],
    )
    account = one(entries, "user", 1)
    assert (account.disposition, account.v5_id, account.v5_table) == ("merged", 55, "users")
    assert [code for code in warnings(account) if code == "EMAIL_SHARED"] == flags
    assert (one(entries, "school_user", 5).disposition, one(entries, "school_user", 5).v5_id) == (
        "merged",
        66,
    )
    assert values(one(entries, "school_user", 6))["user_id"] == 55


def test_an_account_that_we_made_is_not_given_to_one_that_appeared_in_v5_since():
    known = {("user", 1, ""): entered(77)}
    entries = moved(
        person(1), facts={"before": {"p1@example.org": Earlier(55, "First1", "Last1")}}, existing=known
    )
    assert outcome(entries) == [("user", 1, "", "migrated", "")]
    assert entries[0].v5_id == 77


# Memberships of the back office


def test_administrators_keep_their_schools():
    entries = moved(person(1, 1), memberships=[link(5, 1, 3), link(6, 1, 4)])
    assert warnings(one(entries, "user", 1)) == ["SEVERAL_ACTIVE_SCHOOLS"]
    written = values(one(entries, "school_user", 5))
    assert (written["school_id"], written["user_id"], written["deleted_at"]) == (
        30,
        one(entries, "user", 1).v5_id,
        None,
    )
    assert one(entries, "school_user", 6).school_id == 4


@pytest.mark.parametrize("kind", [1, 5])
def test_back_office_without_school_is_flagged(kind):
    assert warnings(moved(person(1, kind))[0]) == ["NO_SCHOOL"]


@pytest.mark.parametrize(
    ("choice", "given", "deleted"),
    [
        ("soft_delete", {"status_updated_at": "2024-03-01 08:00:00"}, "2024-03-01 08:00:00"),
        ("soft_delete", {"updated_at": None}, "2021-01-01 08:00:00"),
        ("soft_delete", {"updated_at": None, "created_at": None}, people.LONG_AGO),
        ("keep", {}, None),
    ],
)
def test_inactive_memberships_end_or_stay(choice, given, deleted):
    entries = moved(person(1, 1), memberships=[link(5, 1, active_school=0, **given)],
                    choices={"Q-17": {None: {"school_users": choice}}})  # fmt: skip
    assert values(one(entries, "school_user", 5))["deleted_at"] == deleted


def test_inactive_memberships_can_be_left_out():
    entries = moved(person(1, 1), memberships=[link(5, 1, active_school=0)], choices={"Q-17": {None: "skip"}})
    assert one(entries, "school_user", 5).reason == "INACTIVE_MEMBERSHIP"


def test_one_membership_per_account_and_school():
    rows = person(1, 1, email="x@example.org"), person(2, 5, email="x@example.org")
    links = [link(5, 1, active_school=0), link(6, 2), link(7, 1)]
    entries = moved(*rows, members=SHARED, memberships=links)
    assert [(key, one(entries, "school_user", key).disposition) for key in (5, 6, 7)] == [
        (5, "merged"), (6, "migrated"), (7, "merged"),
    ]  # fmt: skip


def test_schools_that_do_not_move_or_do_not_exist():
    entries = moved(person(1, 1), memberships=[link(5, 1, 3), link(6, 1, 99)], schools=frozenset({99}))
    assert one(entries, "school_user", 5).reason == "OUT_OF_SCOPE_SCHOOL"
    assert one(entries, "school_user", 6).reason == "SCHOOL_UNKNOWN"


def test_papers_of_the_back_office_are_archived_and_restrictions_kept():
    lifted = {"type_id": 1, "action_id": 1, "deleted_at": "2024-01-01 00:00:00"}
    forbidden = [
        row(LegacyAdminRestriction, id=8, user_id=1, type_id=2, action_id=4),
        row(LegacyAdminRestriction, id=9, user_id=1, **lifted),
    ]
    entries = moved(person(1, 1, phone="+41 1"), restrictions=forbidden, permissions=[row(LegacyUserPermission, id=3, user_id=1)],
                    notes=[row(LegacyUserObservation, id=7, user_id=1, general="Key")])  # fmt: skip
    account = one(entries, "user", 1)
    assert account.additional["restrictions"] == [[2, 4]]
    assert account.additional["particulars"]["phone"] == "+41 1"
    assert one(entries, "archive:admin_restrictions", 8).v5_id == account.v5_id
    assert one(entries, "archive:user_permis", 3).archive["user_id"] == 1
    assert one(entries, "archive:user_observations", 7).archive["general"] == "Key"


# Home school, pictures, deletion


def test_home_is_the_latest_active_membership_and_its_season():
    seasons = Seasons({4: [Season(400, "2024/2025", "2024-09-01", "2025-08-31")]})
    links = [link(5, 1, 3), link(6, 1, 4, updated_at="2023-01-01 00:00:00"), link(7, 1, 3, active_school=0)]
    entries = moved(
        person(1),
        memberships=links,
        facts={"seasons": seasons, "newest": {(1, 4): "2025-01-01", (1, 3): "2025-02-02"}},
    )
    written = values(one(entries, "user", 1))
    assert (written["school_id"], written["season_id"]) == (40, 400)


def test_without_service_dates_there_is_no_season():
    written = values(one(moved(person(1), memberships=[link(5, 1)]), "user", 1))
    assert (written["school_id"], written["season_id"]) == (30, None)


def test_a_damaged_picture_and_blank_names_are_flagged():
    entry = moved(person(1, image="data:image/png;base64,###", first_name=" ", last_name=""))[0]
    assert set(warnings(entry)) == {"IMAGE_UNREADABLE", "NAME_UNKNOWN"}
    assert (values(entry)["image"], values(entry)["first_name"]) == (None, "Unknown")


@pytest.mark.parametrize(
    ("deleted", "updated", "expected", "flags"),
    [
        ("0", "2024-01-01 00:00:00", None, []),
        (None, None, None, []),
        ("1", "2024-01-01 00:00:00", "2024-01-01 00:00:00", []),
        ("1", None, "2020-01-01 08:00:00", ["DATE_INVALID"]),
        ("86400", None, "1970-01-02 00:00:00", []),
    ],
)
def test_nobody_comes_back_to_life(deleted, updated, expected, flags):
    entry = moved(person(1, deleted_at=deleted, updated_at=updated))[0]
    assert values(entry)["deleted_at"] == expected
    assert warnings(entry) == flags

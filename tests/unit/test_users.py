"""Accounts and the back office: which rows make one account, and what becomes of the others (4.10, 4.11)."""

from __future__ import annotations

from typing import Any

import pytest

from entities.clients.legacy import LegacyUserObservation, LegacyUserSport
from entities.engine.environment import MapEntry
from entities.engine.errors import BadValue, Refused
from entities.reference import v5_countries
from entities.reference.geography import Places
from entities.seasons.resolver import Season, Seasons
from entities.users import accounts, levels, name_order, notes, people
from entities.users.activity import Booked
from entities.users.clusters import Clusters, address_of
from entities.users.facts import Earlier, UserFacts
from entities.users.legacy import LegacyAdminRestriction, LegacyUser, LegacyUserPermission, LegacyUserSchool
from entities.users.migration import UserMigration
from entities.users.scope import any_of_them_where, people_where
from tests.rows import environment, outcome, row, transformed, values, warnings
from tracking.choices import Choices

HASH = "$2y$10$" + "a" * 53
CHILDREN = ("memberships", "restrictions", "permissions", "levels", "notes")


def person(key: int = 1, kind: int = 2, **given: Any) -> Any:
    facts = {
        "email": f"p{key}@example.org", "password": HASH, "first_name": f"First{key}", "last_name": f"Last{key}",
        "birth_date": f"19{60 + key % 40}-05-06", "image": "", "active": 1, "user_collective": 0, "logout": 0, "telephone": "",
        "updated_at": "2024-01-01 08:00:00", "created_at": "2020-01-01 08:00:00",
    }  # fmt: skip
    return row(LegacyUser, id=key, user_type=kind, **{**facts, **given})


def link(key: int, user: int, school: int = 3, **given: Any) -> Any:
    facts = {"active_school": 1, "created_at": "2021-01-01 08:00:00", "updated_at": "2022-01-01 08:00:00"}
    return row(LegacyUserSchool, id=key, user_id=user, school_id=school, **{**facts, **given})


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


def one(entries: list[Any], entity: str, key: int, part: str = "") -> Any:
    found = [entry for entry in entries if (entry.entity, entry.legacy_id, entry.part) == (entity, key, part)]
    assert len(found) == 1, f"{entity}:{key} in {entries}"
    return found[0]


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


# Super-administrators (Q-05)


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


# One address, several rows (Q-16)


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


# Shared particulars


def facts_env(**given: Any) -> Any:
    return environment(
        given.pop("choices", None), facts=UserFacts(people.People(**given)), school={3: 30, 4: 40}
    )


def test_names_are_exchanged_for_persons_of_reversed_schools():
    env = facts_env(reversed=frozenset({1}))
    assert people.name_of(person(1), env) == ("Last1", "First1")
    assert people.name_of(person(2), env) == ("First2", "Last2")


def test_the_school_with_most_bookings_decides_then_the_lowest_membership():
    found = people.People(
        bookings={1: {4: Booked(2, None), 3: Booked(2, None), 9: Booked(1, None)}},
        memberships={2: [link(5, 2, 8), link(6, 2, 4)]},
    )
    assert [found.main_school(one) for one in (1, 2, 3)] == [3, 4, None]


@pytest.mark.parametrize(
    ("answer", "pairs", "school", "reversed_"),
    [
        ("probe", {3: (6, 4)}, 3, True),
        ("probe", {3: (59, 41)}, 3, False),
        ("probe", {3: (0, 0)}, 3, False),
        ("probe", {3: (6, 4), 4: (0, 9)}, None, False),
        ("probe", {4: (9, 0)}, 3, False),
        ("swap", {}, 3, True),
        ("keep", {3: (9, 0)}, 3, False),
    ],
)
def test_the_name_order_is_probed_per_school_unless_told(answer, pairs, school, reversed_):
    choices = Choices.defaults().with_values({"Q-08": {None: answer}})
    assert name_order.is_reversed(choices, name_order.Probe(pairs), school) is reversed_


@pytest.mark.parametrize("value", [None, "", "0000-00-00", "1850-01-01", "1900-01-01", "2030-01-01"])
def test_unknown_birth_dates(value):
    env = facts_env()
    with pytest.raises(BadValue, match=".") as caught:
        people.birth_date(person(1, birth_date=value), env)
    assert caught.value.code == "BIRTH_DATE_UNKNOWN"
    assert people.unknown_birth_date(person(1), env) == "1900-01-01"
    assert people.unknown_birth_date(person(1), facts_env(choices={"Q-06": {None: "null"}})) is None


def test_countries_go_through_the_operators_list():
    env = facts_env(places=Places({5: "Suisse"}, {}, {5: "CH", 6: "FR"}), countries={"CH": 41})
    assert people.country(person(1, country_id=5), env) == 41
    assert people.country(person(1, country_id=None), env) is None
    for unknown in (6, 7):
        with pytest.raises(BadValue) as caught:
            people.country(person(1, country_id=unknown), env)
        assert caught.value.code == "COUNTRY_UNKNOWN"


def test_the_list_of_countries_is_read_and_checked(settings, tmp_path):
    settings.V5_COUNTRIES = ""
    assert v5_countries.load() == {}
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text('{"ch ": "41"}')
    bad.write_text("[1]")
    settings.V5_COUNTRIES = str(good)
    assert v5_countries.load() == {"CH": 41}
    settings.V5_COUNTRIES = str(bad)
    with pytest.raises(Refused, match="V5_COUNTRIES"):
        v5_countries.load()


@pytest.mark.parametrize(
    ("raw", "address"), [(" A@B.CH", "a@b.ch"), ("a@@b", None), (None, None), ("", None)]
)
def test_addresses_are_compared_normalised(raw, address):
    assert address_of(raw) == address


def test_the_anchor_is_the_lowest_id_in_scope():
    assert Clusters({}, None).anchor([4, 7]) == 4
    assert Clusters({}, frozenset({7})).anchor([4, 7]) == 7
    assert Clusters({}, frozenset()).anchor([4, 7]) == 4
    assert Clusters({}, frozenset()).anchor([4]) == 4


def test_scope_reaches_members_payers_participants_owners_and_teachers():
    assert people_where(environment().scope) == ""
    assert any_of_them_where("t.a", environment().scope) == ""
    sql = people_where(environment(schools=frozenset({3})).scope)
    assert all(
        f"{table} x" in sql for table in ("user_schools", "bookings2", "vouchers", "user_sports", "courses2")
    )
    assert "x.user_id IN (t.a, t.b) AND x.school_id IN (3)" in any_of_them_where(
        "t.a, t.b", environment(schools=frozenset({3})).scope
    )


# Levels and notes, shared by clients and monitors


def level(key: int, school: int | None = 3, **given: Any) -> Any:
    return row(
        LegacyUserSport,
        id=key,
        user_id=1,
        school_id=school,
        sport_id=1,
        **{"updated_at": "2024-01-01 00:00:00", **given},
    )


def test_a_level_without_school_holds_where_no_own_row_is():
    plan = levels.plan([level(1, None), level(2, 3, deleted_at="2024-01-01 00:00:00")], [3, 4])
    assert dict(plan.wins) == {1: [(4, 1)], 2: [(3, 1)]}
    assert plan.part(level(1, None), (4, 1)) == "4"
    assert plan.disposition(level(1, None)) == "migrated"


@pytest.mark.parametrize(
    ("rivals", "winner"),
    [
        ([level(1), level(2, updated_at="2025-01-01 00:00:00")], 2),
        ([level(1), level(2, updated_at="2025-01-01 00:00:00", deleted_at="2025-01-01 00:00:00")], 1),
        ([level(1), level(2)], 1),
    ],
    ids=["latest", "alive", "lowest"],
)
def test_of_several_levels_one_wins(rivals, winner):
    assert levels.plan(rivals, [])
    assert levels.plan(rivals, []).winners[3, 1].id == winner


def test_without_any_school_a_level_has_no_place_but_its_sport():
    plan = levels.plan([level(1, None)], [])
    assert plan.places[1] == [(None, 1)]
    assert plan.part(level(1, None), (None, 1)) == ""


@pytest.mark.parametrize(
    ("answer", "busy", "school"),
    [
        ("most_bookings", {3: Booked(1, None), 4: Booked(5, None), 99: Booked(9, None)}, 4),
        ("most_bookings", {3: Booked(2, None), 4: Booked(2, None)}, 3),
        ("most_bookings", {}, 4),
        ("latest_membership", {3: Booked(9, None)}, 4),
        ("reject", {3: Booked(9, None)}, None),
    ],
)
def test_a_note_goes_to_one_school(answer, busy, school):
    links = [
        link(5, 1, 3),
        link(6, 1, 4, updated_at="2025-01-01 00:00:00"),
        link(7, 1, 99, updated_at="2026-01-01 00:00:00"),
    ]
    env = facts_env(choices={"Q-21": {None: answer}}, memberships={1: links})
    assert notes.school_of(1, busy, env) == school


def test_a_note_of_somebody_without_school_has_none():
    assert notes.school_of(1, {}, facts_env()) is None

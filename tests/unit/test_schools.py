"""Schools and their satellites as a pure transform (4.6, 4.7)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from demo.dirt.pictures import PIXEL
from entities.engine.environment import MapEntry, Scope
from entities.reference.geography import Places
from entities.schools import legacy, rules, satellites
from entities.schools.facts import SchoolFacts
from entities.schools.migration import SchoolMigration
from tests.rows import environment, outcome, row, transformed, values, warnings

PLACES = Places({365: "Suisse"}, {11: "Valais", 12: "x" * 130}, {365: "CH"})


def school(**more):
    base = {
        "id": 3, "name": "École du Lac", "description": "Depuis 1987", "slug": "Du-Lac", "active": 1, "iban": "CH93",
        "fiscal_name": "Lac SA", "fiscal_id": "1", "fiscal_address": "Rue 1", "fiscal_cp": "1000", "fiscal_city": "L",
        "logo": "https://x/logo.png", "conditions_url": "", "type": "1", "school_rate": Decimal("2.50"),
        "bookings_comission_cash": Decimal("4.00"), "bookings_comission_boukii_pay": Decimal("5.50"),
        "bookings_comission_other": Decimal("4.25"), "created_at": "0000-00-00 00:00:00",
    }  # fmt: skip
    return row(legacy.LegacySchool, **base | more)


def surroundings(one, choices=None, **facts):
    known = {"slugs": {one.id: rules.wanted_slug(one)}} | facts
    return environment(
        choices, facts=SchoolFacts(PLACES, **known), station={1: 10, 2: 10, 4: 40}, sport={1: 100}
    )


def move(one, choices=None, children=None, excluded=(), existing=None, **facts):
    env = surroundings(one, choices, **facts)
    env.scope = Scope(None, frozenset(excluded))
    env.existing = existing or {}
    return transformed(SchoolMigration(), env, one, **(children or {}))


def test_a_school_keeps_its_facts_and_gets_the_settings_v5_reads():
    (entry,) = move(school(), sports={1: "Ski"}, currencies={3: {"eur": 5, "CHF": 1}})
    written = values(entry)
    assert (written["name"], written["slug"], written["active"], written["old_id"]) == (
        "École du Lac",
        "du-lac",
        1,
        3,
    )
    assert written["settings"]["taxes"] == {"currency": "EUR", "cancellation_insurance_percent": 0.1}
    assert written["cancellation_insurance_percent"] == Decimal("10.00")
    assert written["feature_flags"] and not any(written["feature_flags"].values())
    assert (written["created_at"], written["deleted_at"], written["is_test_school"]) == (None, None, 0)
    assert entry.school_id == 3
    assert warnings(entry) == []


def test_columns_that_only_some_dumps_have_are_used():
    extras = {
        3: {"cancellation_insurance_percent": "7.50", "inscription": 1, "deleted_at": "2024-05-01 08:00:00"}
    }
    written = values(move(school(), extras=extras)[0])
    assert written["cancellation_insurance_percent"] == Decimal("7.50")
    assert written["settings"]["taxes"]["cancellation_insurance_percent"] == 0.075
    assert (written["inscription"], written["deleted_at"]) == (1, "2024-05-01 08:00:00")


@pytest.mark.parametrize(
    ("notation", "country", "province"),
    [("names", "Suisse", "Valais"), ("iso", "CH", "Valais"), ("ids", "365", "11")],
)
def test_places_become_text_as_the_operator_chose(notation, country, province):
    # only the default is open to operators; the rule itself knows all three
    assert PLACES.country(365, notation) == country
    assert PLACES.province(11, notation) == province


def test_unknown_places_are_left_empty_and_kept():
    (entry,) = move(school(contact_country_id=9, fiscal_province_id=8, contact_province_id=11))
    written = values(entry)
    assert (written["contact_country"], written["contact_province"], written["fiscal_province"]) == (
        None,
        "Valais",
        None,
    )
    assert sorted(warnings(entry)) == ["COUNTRY_UNKNOWN", "PROVINCE_UNKNOWN"]
    assert entry.additional["original"] == {"contact_country_id": 9, "fiscal_province_id": 8}


def test_long_texts_are_cut_and_the_whole_text_is_kept():
    (entry,) = move(school(description="d" * 101, contact_province_id=12))
    written = values(entry)
    assert (len(written["description"]), len(written["contact_province"])) == (100, 100)
    assert warnings(entry) == ["TRUNCATED_COPY_KEPT"]
    assert {name: len(text) for name, text in entry.additional["original"].items()} == {
        "description": 101, "contact_province": 130,
    }  # fmt: skip


def test_an_inline_logo_becomes_a_file_and_a_damaged_one_is_dropped():
    (entry,) = move(school(logo=PIXEL))
    assert values(entry)["logo"].endswith(".gif")
    (damaged,) = move(school(logo="data:image/png;base64,@@"))
    assert values(damaged)["logo"] == ""
    assert warnings(damaged) == ["IMAGE_UNREADABLE"]


def test_gateway_secrets_are_left_empty_and_listed():
    (entry,) = move(school(payrexx_instance="eyJpdiI6", payrexx_key="eyJpdiI6"))
    written = values(entry)
    assert (written["payrexx_instance"], written["payrexx_key"]) == (None, None)
    assert warnings(entry) == ["CREDENTIALS_TO_REENTER"]
    assert "eyJ" not in str(entry.additional)


def test_a_slug_with_a_number_is_flagged():
    (entry,) = move(school(), slugs={3: "du-lac-2"})
    assert values(entry)["slug"] == "du-lac-2"
    assert warnings(entry) == ["SLUG_CLASH"]


def test_the_lowest_id_keeps_its_slug_and_numbers_avoid_every_other():
    rows = [
        school(id=9, slug="A"),
        school(id=1, slug="a"),
        school(id=4, slug="a-2"),
        school(id=5, slug=None, name="À l'eau !"),
    ]
    assert rules.slugs(rows, {"a-3": 7}) == {1: "a", 4: "a-2", 5: "a-l-eau", 9: "a-4"}
    assert rules.wanted_slug(school(slug=" ", name="***")) == "school-3"
    long = [school(id=1, slug="x" * 100), school(id=2, slug="x" * 100)]
    assert len(rules.slugs(long, {})[2]) == 100


def test_a_school_that_v5_holds_is_found_by_its_slug():
    one = school()
    colors = [row(legacy.LegacySchoolColor, id=1, school_id=3, name="Rouge", color="#f00")]
    present = {("school_colors", 77): {("rouge", "#f00"): 5}}
    entries = move(one, children={"colors": colors}, present={"du-lac": 77}, satellites=present)
    assert [(each.disposition, each.v5_id, each.v5_table) for each in entries] == [
        ("merged", 77, "schools"), ("merged", 5, "school_colors"),
    ]  # fmt: skip
    known = {("school", 3, ""): MapEntry(1, "schools", 77, "merged", "", "", "", None, None)}
    assert move(one, existing=known)[0].v5_id == 77


def test_a_v5_school_with_the_same_name_only_waits_for_a_person():
    checks = [row(legacy.LegacyTaskCheck, id=8, task_id=7)]
    tasks = [row(legacy.LegacyTask, id=7, school_id=3)]
    found = outcome(
        move(school(), children={"tasks": tasks, "checks": checks}, present_names={"école du lac": 5})
    )
    assert found == [
        ("school", 3, "", "rejected", "DUPLICATE_KEY"), ("task", 7, "", "rejected", "PARENT_REJECTED"),
        ("task_check", 8, "", "rejected", "PARENT_REJECTED"),
    ]  # fmt: skip
    ours = {("school", 3, ""): MapEntry(1, "schools", 70, "migrated", "", "", "", None, None)}
    assert move(school(), existing=ours, present_names={"école du lac": 5})[0].disposition == "migrated"


def test_test_schools_are_flagged_or_left_out():
    flagged = move(school(), {"Q-10": {None: {"test": [3]}}})
    assert values(flagged[0])["is_test_school"] == 1
    mails = [row(legacy.LegacyMail, id=2, school_id=3, type="x")]
    left_out = move(school(), children={"mails": mails}, excluded=[3])
    assert outcome(left_out) == [
        ("school", 3, "", "skipped", "OUT_OF_SCOPE_SCHOOL"), ("mail", 2, "", "skipped", "OUT_OF_SCOPE_SCHOOL"),
    ]  # fmt: skip
    assert SchoolMigration().scope_where(Scope(frozenset({1}), frozenset({3}))) == "t.id IN (1, 3)"
    assert SchoolMigration().scope_where(Scope(None, frozenset({3}))) == ""


def test_one_colour_is_the_default_and_equal_ones_become_one():
    colors = [
        row(
            legacy.LegacySchoolColor,
            id=1,
            school_id=3,
            name="Bleu",
            color="#00F",
            deleted_at="2024-01-01 00:00:00",
        ),
        row(legacy.LegacySchoolColor, id=2, school_id=3, name="Vert", color="#0F0"),
        row(legacy.LegacySchoolColor, id=3, school_id=3, name=" vert", color="#0f0"),
        row(legacy.LegacySchoolColor, id=4, school_id=3, name="bleu", color="#00f"),
    ]
    _, *entries = move(school(), children={"colors": colors})
    assert {one.legacy_id: one.disposition for one in entries} == {
        2: "migrated",
        3: "merged",
        4: "migrated",
        1: "merged",
    }
    assert {one.legacy_id: values(one)["default"] for one in entries if one.values} == {2: 1, 4: 0}
    assert satellites.default_color(colors[:1]) is None


def test_pay_bands_are_active_unless_trashed():
    levels = [
        row(legacy.LegacySchoolSalaryLevel, id=1, school_id=3, name="A", pay=Decimal("24.5")),
        row(
            legacy.LegacySchoolSalaryLevel,
            id=2,
            school_id=3,
            name="B",
            pay=None,
            deleted_at="2024-01-01 00:00:00",
        ),
    ]
    _, alive, trashed = move(school(), children={"levels": levels})
    assert (values(alive)["active"], values(alive)["pay"]) == (1, Decimal("24.50"))
    assert (values(trashed)["active"], values(trashed)["pay"]) == (0, Decimal("0.00"))


def test_stations_and_sports_are_linked_once_and_unknown_ones_are_rejected():
    stations = [
        row(legacy.LegacyStationSchool, id=i, station_id=s, school_id=3)
        for i, s in ((1, 1), (2, 2), (3, 99), (4, 98))
    ]
    sports = [
        row(legacy.LegacySchoolSport, id=i, sport_id=s, school_id=3) for i, s in ((5, 1), (6, 1), (7, 99))
    ]
    _, *entries = move(school(), children={"stations": stations, "sports": sports})
    assert [(each.legacy_id, each.disposition, each.reason) for each in entries] == [
        (1, "migrated", ""), (2, "merged", ""), (3, "rejected", "STATION_UNKNOWN"), (4, "rejected", "STATION_UNKNOWN"),
        (5, "migrated", ""), (6, "merged", ""), (7, "rejected", "SPORT_UNKNOWN"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "date", "time", "flagged"),
    [
        ({"date": "2024-01-02", "time": "9:30"}, "2024-01-02", "09:30:00", False),
        ({"date": None, "time": None}, "2023-12-05", "00:00:00", True),
        ({"date": "0000-00-00", "time": "09:00:00"}, "2023-12-05", "09:00:00", True),
        ({"date": "2024-01-02", "time": "25:00"}, "2024-01-02", "00:00:00", True),
    ],
)
def test_tasks_without_date_or_time_get_the_day_they_were_written(given, date, time, flagged):
    task = row(legacy.LegacyTask, id=7, school_id=3, name="Piste", created_at="2023-12-05 10:00:00", **given)
    check = row(
        legacy.LegacyTaskCheck, id=8, task_id=7, text="ok", checked=1, created_at="2023-12-06 10:00:00"
    )
    _, entry, line = move(school(), children={"tasks": [task], "checks": [check]})
    assert (values(entry)["date"], values(entry)["time"]) == (date, time)
    assert ("TASK_DATE_UNKNOWN" in warnings(entry)) is flagged
    assert (values(line)["task_id"], values(line)["created_at"]) == (entry.v5_id, "2023-12-06 10:00:00")


def test_mails_move_one_to_one_in_the_operators_language_or_their_own():
    mails = [
        row(legacy.LegacyMail, id=1, school_id=3, type="a"),
        row(legacy.LegacyMail, id=2, school_id=3, type="a"),
    ]
    extras = {2: {"lang": "it", "title": "Ciao", "deleted_at": None}}
    _, first, second = move(school(), {"Q-11": {3: "de"}}, children={"mails": mails}, mail_extras=extras)
    assert (values(first)["lang"], values(first)["title"]) == ("de", None)
    assert (values(second)["lang"], values(second)["title"]) == ("it", "Ciao")


@pytest.mark.parametrize(
    ("counts", "currency"),
    [
        ({}, "CHF"),
        ({"": 9, None: 4, "eu": 2}, "CHF"),
        ({"EUR": 2, "CHF": 2}, "CHF"),
        ({"eur": 2, "EUR": 2, "USD": 3}, "EUR"),
    ],
)
def test_the_currency_of_the_settings_is_the_one_in_use(counts, currency):
    assert rules.main_currency(counts, "CHF") == currency


def test_marks_name_the_sports_of_the_school():
    assert rules.marks(["SKI", None, "Ski de randonné"]) == {
        "has_ski": 1, "has_snowboard": 0, "has_telemark": 0, "has_rando": 1,
    }  # fmt: skip

"""Reference data: matched by natural keys, never by id (4.1 to 4.5)."""

from __future__ import annotations

import pytest

from entities.engine.environment import MapEntry
from entities.engine.errors import Transient
from entities.reference import legacy
from entities.reference import migration as reference
from entities.reference.geography import Places
from tests.rows import environment, outcome, row, transformed, values, warnings

PLACES = Places({365: "Suisse"}, {11: "Valais"}, {365: "CH"})


def move(migration, one, *, winners=None, targets=None, known=None, existing=None, children=None, **more):
    env = environment(facts={}, **more)
    env.facts = {"places": PLACES}
    key = migration.key(one, env)
    env.facts |= {"winners": winners or {key: one.id}, "targets": targets or {}, "known": known or {}}
    env.existing = existing or {}
    return transformed(migration, env, one, **(children or {}))


def language(**more):
    return row(legacy.LegacyLanguage, **{"id": 3, "code": " FR ", "name": "Français"} | more)


def test_a_language_that_v5_does_not_hold_becomes_a_row():
    (entry,) = move(reference.LanguageMigration(), language())
    assert values(entry) == {"id": 1000, "code": "fr", "name": "Français", "old_id": 3}


def test_a_language_that_v5_holds_is_merged():
    (entry,) = move(reference.LanguageMigration(), language(), targets={"fr": 7})
    assert (entry.disposition, entry.v5_id, warnings(entry)) == ("merged", 7, [])


def test_the_lowest_id_of_equal_rows_wins():
    (entry,) = move(reference.LanguageMigration(), language(), winners={"fr": 1}, known={1: 70})
    assert (entry.disposition, entry.v5_id, warnings(entry)) == ("merged", 70, ["LANGUAGE_DUPLICATE"])
    with pytest.raises(Transient):
        move(reference.LanguageMigration(), language(), winners={"fr": 1})


def test_what_was_written_or_merged_before_stays_so():
    written = {("language", 3, ""): MapEntry(1, "languages", 70, "migrated", "", "", "", None, None)}
    assert (
        move(reference.LanguageMigration(), language(), targets={"fr": 70}, existing=written)[0].v5_id == 70
    )
    merged = {("language", 3, ""): MapEntry(1, "languages", 71, "merged", "", "", "", None, None)}
    assert move(reference.LanguageMigration(), language(), existing=merged)[0].v5_id == 71


def sport(**more):
    return row(
        legacy.LegacySport,
        **{"id": 5, "name": "Ski", "icon_selected": "a", "icon_unselected": "b", "sport_type": 1} | more,
    )


def icon(number, course_type):
    return row(
        legacy.LegacyCourseIcon, id=number, sport_id=5, course_type_id=course_type, icon=f"i{course_type}.png"
    )


def test_icons_of_the_course_types_shape_their_sport():
    icons = [icon(1, 1), icon(2, 2), icon(3, 3), icon(4, 9)]
    entry, *rest = move(reference.SportMigration(), sport(), children={"icons": icons}, sport_type={1: 10})
    written = values(entry)
    assert (written["sport_type"], written["icon_collective"], written["icon_prive"]) == (
        10,
        "i1.png",
        "i2.png",
    )
    assert written["icon_activity"] == "i3.png"
    assert [(one.legacy_id, one.disposition, one.reason) for one in rest] == [
        (1, "merged", ""), (2, "merged", ""), (3, "merged", ""), (4, "skipped", "NO_TARGET"),
    ]  # fmt: skip


def test_a_sport_that_v5_holds_keeps_its_icons():
    entries = move(
        reference.SportMigration(),
        sport(),
        targets={("ski", 10): 9},
        children={"icons": [icon(1, 1)]},
        sport_type={1: 10},
    )
    assert outcome(entries) == [
        ("sport", 5, "", "merged", ""),
        ("archive:courses_icons", 1, "", "skipped", "NO_TARGET"),
    ]


def test_a_sport_of_an_unknown_type_is_rejected():
    (entry,) = move(reference.SportMigration(), sport(sport_type=99))
    assert entry.reason == "SPORT_TYPE_UNKNOWN"


@pytest.mark.parametrize(
    ("migration", "model"),
    [
        (reference.SportTypeMigration(), legacy.LegacySportType),
        (reference.ServiceTypeMigration(), legacy.LegacyServiceType),
    ],
)
def test_names_are_compared_without_case_and_blanks(migration, model):
    one = row(model, id=2, name="  Hiver ")
    (entry,) = move(migration, one, targets={"hiver": 4})
    assert (entry.disposition, entry.v5_id) == ("merged", 4)
    assert migration.target_key(row(migration.mapping.target, name="HIVER")) == "hiver"
    assert values(move(migration, one)[0])["name"] == "  Hiver "


def station(**more):
    base = {
        "id": 6,
        "name": "Petit Lac",
        "country_id": 365,
        "province_id": 11,
        "percha": 3,
        "active": 1,
        "accuweather": "{}",
    }
    return row(legacy.LegacyStation, **base | more)


def test_a_station_gets_texts_for_country_and_province_and_zeros_for_nothing():
    written = values(move(reference.StationMigration(), station())[0])
    assert (written["country"], written["province"]) == ("Suisse", "Valais")
    assert (written["num_hanger"], written["num_cabin"], written["address"], written["image"]) == (
        3,
        0,
        "",
        "",
    )
    assert (written["accuweather"], written["old_id"]) == ("{}", 6)


def test_an_unknown_country_is_an_empty_text():
    written = values(move(reference.StationMigration(), station(country_id=9, province_id=None))[0])
    assert (written["country"], written["province"]) == ("", "")


def test_services_travel_with_their_station():
    services = [
        row(legacy.LegacyStationService, id=1, station_id=6, service_type_id=2, name="Sport", active=1),
        row(legacy.LegacyStationService, id=2, station_id=6, service_type_id=99, name="Sport"),
    ]
    entries = move(
        reference.StationMigration(), station(), children={"services": services}, service_type={2: 20}
    )
    assert [(one.entity, one.disposition, one.reason) for one in entries] == [
        ("station", "migrated", ""), ("station_service", "migrated", ""), ("station_service", "rejected", "PARENT_REJECTED"),
    ]  # fmt: skip
    assert values(entries[1])["station_id"] == entries[0].v5_id


@pytest.mark.parametrize(
    ("country_id", "notation", "text"),
    [
        (365, "names", "Suisse"),
        (365, "iso", "CH"),
        (365, "ids", "365"),
        (9, "names", None),
        (None, "names", None),
    ],
)
def test_countries_are_written_as_the_operator_chose(country_id, notation, text):
    assert PLACES.country(country_id, notation) == text


def test_provinces_have_no_code_of_their_own():
    assert (PLACES.province(11, "iso"), PLACES.province(11, "ids"), PLACES.province(9, "names")) == (
        "Valais",
        "11",
        None,
    )


def test_keys_of_v5_rows_are_comparable_with_those_of_legacy():
    assert reference.LanguageMigration.target_key(row(reference.LanguageMapping.target, code="FR")) == "fr"
    assert reference.SportMigration.target_key(
        row(reference.SportMapping.target, name="SKI ", sport_type=10)
    ) == ("ski", 10)
    found = reference.StationMigration.target_key(
        row(reference.StationMapping.target, name=" A ", country="CH")
    )
    assert found == ("a", "ch")

"""Levels, lazily made levels, and the resolver that everybody asks (4.8, 3.2)."""

from __future__ import annotations

import pytest

from entities.degrees.lazy import LazyDegreeMigration, LazyFacts
from entities.degrees.legacy import LegacyDegree, LegacyDegreeGoal, LegacyDegreeSchoolSport
from entities.degrees.migration import DegreeFacts, DegreeMigration
from entities.degrees.resolver import Degrees, best_of, grouped, part_of
from entities.engine.environment import MapEntry, Scope
from entities.schools.legacy import LegacySchool
from tests.rows import environment, outcome, row, transformed, values

BASE = row(
    LegacyDegree, id=4, name="Blue", league="BLEU", level="B1", degree_order=3, progress=25, color="#1C73B4"
)
KNOWN = {"school": {3: 30}, "sport": {1: 10}}


def level(**more):
    return row(
        LegacyDegreeSchoolSport,
        **{"id": 7, "school_id": 3, "sport_id": 1, "degree_id": 4, "name": "Renard"} | more,
    )


def move(one, goals=(), present=None, existing=None):
    env = environment(facts=DegreeFacts({4: BASE}, present or {}), **KNOWN)
    env.existing = existing or {}
    return transformed(DegreeMigration(), env, one, goals=list(goals))


def test_a_level_joins_the_schools_name_with_the_global_ladder():
    goal = row(LegacyDegreeGoal, id=2, degrees_school_sport_id=7, name="Virage")
    entry, target = move(level(annotation="N1", deleted_at="2024-01-01 00:00:00"), [goal])
    written = values(entry)
    assert {name: written[name] for name in ("league", "level", "degree_order", "progress", "color")} == {
        "league": "BLEU", "level": "B1", "degree_order": 3, "progress": 25, "color": "#1C73B4",
    }  # fmt: skip
    assert (written["school_id"], written["sport_id"], written["name"], written["old_id"]) == (
        30,
        10,
        "Renard",
        7,
    )
    assert (written["age_min"], written["age_max"], written["deleted_at"]) == (1, 99, "2024-01-01 00:00:00")
    assert values(target)["degree_id"] == entry.v5_id


@pytest.mark.parametrize(
    ("given", "active"),
    [
        ({"name": "Renard"}, 1),
        ({"name": None, "annotation": "N1"}, 1),
        ({"name": None}, 0),
        ({"name": " "}, 0),
    ],
)
def test_a_level_that_the_school_never_named_is_inactive(given, active):
    written = values(move(level(**given))[0])
    assert written["active"] == active
    assert written["name"] == (given["name"] or "")


def test_the_default_list_has_no_school():
    assert values(move(level(school_id=None))[0])["school_id"] is None


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"degree_id": 99}, "DEGREE_BASE_MISSING"),
        ({"school_id": 99}, "SCHOOL_UNKNOWN"),
        ({"sport_id": 99}, "SPORT_UNKNOWN"),
    ],
)
def test_levels_without_what_they_refer_to_take_their_goals_along(given, reason):
    goal = row(LegacyDegreeGoal, id=2, degrees_school_sport_id=7, name="Virage")
    assert outcome(move(level(**given), [goal])) == [
        ("degree", 7, "", "rejected", reason), ("degree_goal", 2, "", "rejected", "PARENT_REJECTED"),
    ]  # fmt: skip


def test_a_level_that_v5_held_before_takes_its_namesakes():
    present = {(30, 10, 3): 55, (None, 10, 3): 56}
    assert [(each.disposition, each.v5_id) for each in move(level(), present=present)] == [("merged", 55)]
    assert move(level(school_id=None), present=present)[0].v5_id == 56
    assert move(level(deleted_at="2024-01-01 00:00:00"), present=present)[0].disposition == "migrated"
    assert move(level(school_id=99), present=present)[0].disposition == "rejected"
    ours = {("degree", 7, ""): MapEntry(1, "degrees", 60, "migrated", "", "", "", None, None)}
    assert move(level(), present=present, existing=ours)[0].v5_id == 60
    merged = {("degree", 7, ""): MapEntry(1, "degrees", 61, "merged", "", "", "", None, None)}
    assert move(level(), existing=merged)[0].v5_id == 61


def test_the_default_list_belongs_to_every_wave():
    assert (
        DegreeMigration().scope_where(Scope(frozenset({3}))) == "(t.school_id IS NULL OR t.school_id IN (3))"
    )
    assert DegreeMigration().scope_where(Scope()) == ""


def lazily(missing, anchor=3, default=None, school=3):
    env = environment(facts=LazyFacts(missing, {4: BASE}, default or {}, anchor), **KNOWN)
    return transformed(LazyDegreeMigration(), env, row(LegacySchool, id=school))


def test_missing_levels_are_made_inactive_from_the_ladder():
    (entry,) = lazily({3: [(3, 1, 4)]})
    assert outcome([entry]) == [("degree", 0, "3:1:4", "synthesised", "LAZY_DEGREE")]
    written = values(entry)
    assert (written["name"], written["active"], written["school_id"], written["degree_order"]) == (
        "",
        0,
        30,
        3,
    )
    assert (written["old_id"], entry.school_id) == (None, 3)


def test_missing_levels_take_the_name_of_the_default_list():
    default = {(1, 4): level(school_id=None, name="Standard", annotation="S")}
    written = values(lazily({3: [(3, 1, 4)]}, default=default)[0])
    assert (written["name"], written["annotation"]) == ("Standard", "S")


def test_one_school_also_carries_the_default_list():
    missing = {None: [(None, 1, 4)], 3: []}
    (entry,) = lazily(missing)
    assert (entry.part, values(entry)["school_id"], entry.school_id) == ("0:1:4", None, None)
    assert lazily(missing, anchor=2) == []


def test_levels_of_unknown_sports_and_unmoved_schools_are_not_made():
    assert lazily({3: [(3, 99, 4)]}) == []
    assert lazily({8: [(8, 1, 4)]}, school=8) == []


ROWS = [
    level(id=9, deleted_at="2024-01-01 00:00:00"),
    level(id=12),
    level(id=11),
    level(id=20, degree_id=5),
    level(id=30, degree_id=6),
]
DEGREES = Degrees(
    named={key: [one.id for one in best_of(rows)] for key, rows in grouped(ROWS).items()},
    known={9: 90, 11: 110, 12: 120, 20: 200},
    lazy={"3:2:4": 500, "0:1:4": 600},
    ladder=frozenset({4, 5, 6}),
    names={110: "Renard"},
)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ((3, 1, 4), (110, ("DEGREE_DUPLICATE",))),
        ((3, 1, 5), (200, ())),
        ((3, 2, 4), (500, ())),
        ((None, 1, 4), (600, ())),
        ((3, 1, None), (None, ())),
        ((3, None, 4), (None, ("DEGREE_UNKNOWN",))),
        ((3, 1, 6), (None, ("DEGREE_UNKNOWN",))),
        ((3, 1, 99), (None, ("DEGREE_UNKNOWN",))),
    ],
)
def test_the_resolver_prefers_live_rows_then_the_lowest_id(asked, found):
    assert DEGREES.find(*asked) == found


def test_the_resolver_answers_for_rows_and_names():
    assert (DEGREES.of_school_degree(11), DEGREES.of_school_degree(30), DEGREES.of_school_degree(None)) == (
        110,
        None,
        None,
    )
    assert (DEGREES.name(110), DEGREES.name(None), DEGREES.exists(5), DEGREES.exists(99)) == (
        "Renard",
        None,
        True,
        False,
    )
    assert part_of(3, 1, 4) == "3:1:4"

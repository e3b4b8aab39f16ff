"""Which seasons a school gets, and which season a date belongs to (4.9, 3.2)."""

from __future__ import annotations

import pytest

from entities.engine.environment import Scope
from entities.engine.values import Aggregate, Unit
from entities.schools.legacy import LegacySchool
from entities.seasons import dates, rules
from entities.seasons.migration import SeasonFacts, SeasonMigration, needs_catch_all
from entities.seasons.resolver import Season, Seasons
from tests.rows import environment, outcome, row, values, warnings
from tracking.choices import Choices

YEARLY = Choices.defaults().of("season_mode")


def choice(**parts):
    return Choices.defaults().with_values({"Q-13": {None: parts}}).of("season_mode")


def spans(planned):
    return [(one.name, one.start, one.end, one.days) for one in planned]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([], []),
        (["2024-08-31"], [("2023/2024", "2023-09-01", "2024-08-31", 1)]),
        (["2024-09-01", "2024-02-29", "2024-09-01"],
         [("2023/2024", "2023-09-01", "2024-08-31", 1), ("2024/2025", "2024-09-01", "2025-08-31", 1)]),
    ],
)  # fmt: skip
def test_each_season_year_with_a_service_date_becomes_a_season(days, expected):
    assert spans(rules.plan(days, YEARLY, [])) == expected


def test_another_boundary_moves_the_cut():
    assert spans(rules.plan(["2024-06-30"], choice(boundary="07-01"), [])) == [
        ("2023/2024", "2023-07-01", "2024-06-30", 1)
    ]


def test_declared_seasons_are_taken_as_they_are():
    listed = [{"name": "Hiver 24", "start": "2024-12-01", "end": "2025-04-30"}]
    assert spans(rules.plan(["2025-01-05"], choice(mode="declared", declared=listed), [])) == [
        ("Hiver 24", "2024-12-01", "2025-04-30", 1)
    ]


def test_a_single_season_holds_all_dates():
    mode = choice(mode="single")
    assert spans(rules.plan(["2022-01-05", "2025-03-01"], mode, [])) == [
        ("Legacy Season", "2022-01-05", "2025-03-01", 2)
    ]
    assert rules.plan([], mode, []) == []


def test_dates_that_a_season_of_v5_holds_make_no_season():
    present = [Season(5, "Saison A", "2023-12-01", "2024-03-31")]
    assert rules.plan(["2024-01-05"], YEARLY, present) == []
    after = rules.plan(["2024-01-05", "2024-05-01"], YEARLY, present)
    assert spans(after) == [("2023/2024", "2024-04-01", "2024-08-31", 1)]
    before = rules.plan(["2023-10-01"], YEARLY, present)
    assert spans(before) == [("2023/2024", "2023-09-01", "2023-11-30", 1)]
    assert rules.plan(["2024-05-01"], YEARLY, [Season(6, "2023/2024", "2023-12-01", "2024-03-31")]) == []


@pytest.mark.parametrize(
    ("day", "plausible"),
    [("2014-12-31", False), ("2015-01-01", True), ("2029-01-15", True), ("2029-01-16", False)],
)
def test_dates_before_2015_or_three_years_ahead_make_no_season(day, plausible):
    assert rules.is_plausible(day, "2026-01-15") is plausible


@pytest.mark.parametrize(
    ("start", "end", "activate", "expected"),
    [
        ("2024-09-01", "2025-08-31", True, (0, 0, 1, 1, "2025-08-31 00:00:00")),
        ("2025-09-01", "2026-08-31", False, (0, 1, 0, 0, None)),
        ("2025-09-01", "2026-08-31", True, (1, 1, 0, 0, None)),
        ("2026-09-01", "2027-08-31", True, (0, 0, 0, 0, None)),
    ],
)
def test_seasons_are_over_running_or_to_come(start, end, activate, expected):
    found = rules.state(rules.Planned("x", start, end), "2026-01-15", activate)
    assert tuple(found.values()) == expected


def test_long_names_keep_their_own_part():
    first, second = rules.part_of(3, "x" * 80), rules.part_of(3, "x" * 79 + "y")
    assert len(first) <= 64 and first != second
    assert rules.part_of(3, "2023/2024") == "3:2023/2024"


def move(found, *, present=(), current=None, choices=None, known=True, ours=()):
    facts = SeasonFacts({3: found}, Seasons({3: list(present)}), {30: current}, frozenset(ours))
    env = environment(choices, facts=facts, school={3: 30} if known else {})
    unit = Unit(row(LegacySchool, id=3), env, 3)
    SeasonMigration().transform(Aggregate(unit.root, {}), env, unit)
    return unit


def test_a_school_gets_its_seasons_and_the_running_one_becomes_current():
    unit = move(dates.ServiceDates({"2024-01-05", "2026-01-05"}, implausible={"2099-01-01"}))
    past, running = unit.entries
    assert outcome(unit.entries) == [
        ("season", 0, "3:2023/2024", "synthesised", "SEASON"), ("season", 0, "3:2025/2026", "synthesised", "SEASON"),
    ]  # fmt: skip
    assert (values(past)["school_id"], values(past)["hour_start"], values(past)["vacation_days"]) == (
        30,
        "08:00:00",
        [],
    )
    assert past.additional == {"service_days": 1}
    assert running.additional == {"service_days": 1, "dates_left_out": ["2099-01-01"]}
    (patch,) = unit.patches
    assert (patch.table, patch.v5_id, patch.column, patch.value) == (
        "schools",
        30,
        "current_season_id",
        running.v5_id,
    )


def test_the_running_season_is_active_only_by_decision():
    unit = move(dates.ServiceDates({"2026-01-05"}))
    assert values(unit.entries[0])["is_active"] == 0


@pytest.mark.parametrize(("current", "ours", "patched"), [(None, (), True), (8, (), False), (8, (8,), True)])
def test_a_current_season_that_v5_chose_stays(current, ours, patched):
    unit = move(dates.ServiceDates({"2026-01-05"}), current=current, ours=ours)
    assert bool(unit.patches) is patched


def test_a_running_season_of_v5_is_the_current_one():
    unit = move(dates.ServiceDates({"2026-01-05"}), present=[Season(9, "A", "2025-12-01", "2026-04-30")])
    assert unit.entries == []
    assert unit.patches[0].value == 9


def test_schools_that_were_not_moved_get_nothing():
    assert move(dates.ServiceDates({"2026-01-05"}), known=False).entries == []


@pytest.mark.parametrize(
    ("found", "needed"),
    [
        (dates.ServiceDates({"2024-01-05"}), False),
        (dates.ServiceDates({"2024-01-05"}, undated={"2024-03-01"}), False),
        (dates.ServiceDates({"2024-01-05"}, undated={"2021-03-01"}), True),
        (dates.ServiceDates(undated={""}), True),
        (dates.ServiceDates(implausible={"2099-01-01"}), False),
        (dates.ServiceDates(implausible={"2099-01-01"}, booked_implausible=True), True),
    ],
)
def test_the_catch_all_is_made_only_when_a_booking_needs_it(found, needed):
    assert needs_catch_all(found, rules.plan(found.days, YEARLY, [])) is needed
    entries = [one for one in move(found).entries if "Legacy Season" in one.part]
    assert bool(entries) is needed
    if needed:
        assert warnings(entries[0]) == ["CATCH_ALL_SEASON"]
        assert (values(entries[0])["start_date"], values(entries[0])["end_date"]) == (
            "2000-01-01",
            "2000-12-31",
        )


def test_service_dates_outside_the_declared_seasons_need_the_catch_all():
    mode = {"mode": "declared", "declared": [{"name": "H", "start": "2024-12-01", "end": "2025-04-30"}]}
    entries = move(dates.ServiceDates({"2025-01-05", "2025-07-01"}), choices={"Q-13": {None: mode}}).entries
    assert [one.part for one in entries] == ["3:H", "3:Legacy Season"]


def test_a_school_has_at_most_one_catch_all():
    assert rules.catch_all([], [Season(1, "Legacy Season", "2020-01-01", "2030-12-31")], True) == []
    assert rules.catch_all([], [], False) == []


SEASONS = Seasons({
    3: [
        Season(1, "Legacy Season", "2000-01-01", "2000-12-31"),
        Season(7, "2023/2024", "2023-09-01", "2024-08-31"),
        Season(5, "Camp", "2024-02-01", "2024-02-29"),
        Season(6, "Camp bis", "2024-02-01", "2024-02-29"),
    ],
    4: [],
})  # fmt: skip


@pytest.mark.parametrize(
    ("school", "date", "found"),
    [
        (3, "2023-09-01", (7, ())),
        (3, "2024-08-31 10:00:00", (7, ())),
        (3, "2024-02-10", (5, ("SEASON_OVERLAP",))),
        (3, "2030-01-01", (1, ("SEASON_FALLBACK",))),
        (3, None, (1, ("SEASON_FALLBACK",))),
        (4, "2024-01-01", (None, ("SEASON_FALLBACK",))),
        (None, "2024-01-01", (None, ("SEASON_FALLBACK",))),
    ],
)
def test_the_shortest_season_holds_a_date(school, date, found):
    assert SEASONS.find(school, date) == found
    assert SEASONS.find(school, date) == found  # answers are remembered


def test_seasons_are_found_by_name_and_id():
    assert (SEASONS.of_name(3, "Camp"), SEASONS.of_name(3, "x"), SEASONS.of_name(9, "Camp")) == (
        5,
        None,
        None,
    )
    assert SEASONS.season(7).name == "2023/2024"
    assert SEASONS.season(99) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (None, []),
        ("{broken", []),
        ('{"date": "2024-01-01"}', []),
        ('[{"date": "2024-01-01", "hour": "10:00"}, {"hour": "9"}, 7, {"date": 5}]', ["2024-01-01"]),
    ],
)
def test_lists_of_sessions_that_cannot_be_read_name_no_date(text, found):
    assert dates._sessions(text) == found


def test_seasons_follow_the_scope_of_the_wave():
    assert SeasonMigration().scope_where(Scope(frozenset({3}))) == "t.id IN (3)"

"""Notes, blocks and evaluations of clients (4.12.5 to 4.12.7)."""

from __future__ import annotations

from typing import Any

import pytest

from entities.clients.legacy import (
    LegacyBlock,
    LegacyEvaluation,
    LegacyEvaluationFile,
    LegacyEvaluationGoal,
    LegacyUserChild,
    LegacyUserObservation,
)
from tests.persons import client_moved as moved
from tests.persons import link, of, one, person
from tests.rows import row, values, warnings

PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs="


def note(key: int, **given: Any) -> Any:
    return row(LegacyUserObservation, id=key, user_id=1, **{"general": "Asthma", **given})


# Notes and blocks


def test_notes_go_to_one_school_and_blank_ones_nowhere():
    entries = moved(
        person(1), memberships=[link(5, 1)], notes=[note(7), note(8, general=" ", notes=None, historical="")]
    )
    assert of(entries, "client_observation") == [(7, "", "migrated", ""), (8, "", "skipped", "EMPTY")]
    assert values(one(entries, "client_observation", 7))["school_id"] == 30


def test_a_note_of_somebody_without_school_waits_for_a_person():
    assert of(moved(person(1), notes=[note(7)]), "client_observation") == [
        (7, "", "rejected", "NOTE_WITHOUT_SCHOOL")
    ]


def test_a_note_of_a_school_that_does_not_move_stays():
    entries = moved(person(1), memberships=[link(5, 1)], notes=[note(7)], schools=frozenset({4}))
    assert of(entries, "client_observation") == [(7, "", "skipped", "OUT_OF_SCOPE_SCHOOL")]


def block(key: int, school: int = 3, **given: Any) -> Any:
    return row(
        LegacyBlock,
        id=key,
        client_id=1,
        school_id=school,
        **{"reason": "Debts", "created_at": "2024-02-03 00:00:00", **given},
    )


def test_the_reason_of_a_block_joins_the_first_note_of_its_school():
    entries = moved(
        person(1),
        memberships=[link(5, 1)],
        notes=[note(7, notes="Late"), note(8, notes="x")],
        blocks=[block(4)],
    )
    assert values(one(entries, "client_observation", 7))["notes"] == "Late\nBlocked on 2024-02-03: Debts"
    assert values(one(entries, "client_observation", 8))["notes"] == "x"
    merged = one(entries, "archive:blocks", 4)
    assert (merged.v5_id, warnings(merged)) == (
        one(entries, "client_observation", 7).v5_id,
        ["CLIENT_BLOCKED"],
    )


@pytest.mark.parametrize("notes", [[], [{"notes": "x" * 4_990}]], ids=["no note", "no room"])
def test_a_block_without_room_becomes_a_note(notes):
    rows = [note(7, **given) for given in notes]
    entries = moved(
        person(1), memberships=[link(5, 1)], notes=rows, blocks=[block(4, reason=None, created_at=None)]
    )
    added = one(entries, "client_observation", 0, "block:1:3")
    assert (added.disposition, added.reason, values(added)["notes"]) == (
        "synthesised",
        "NOTE_FROM_BLOCK",
        "Blocked: no reason given",
    )


def test_lifted_and_foreign_blocks_are_archived():
    blocks = [block(4, deleted_at="2024-05-05 00:00:00"), block(6, 4), block(8, 3)]
    entries = moved(person(1), memberships=[link(5, 1)], blocks=blocks, schools=frozenset({4}))
    assert of(entries, "archive:blocks") == [
        (4, "", "skipped", "OUT_OF_SCOPE_SCHOOL"), (6, "", "skipped", "NO_TARGET"), (8, "", "skipped", "OUT_OF_SCOPE_SCHOOL"),
    ]  # fmt: skip
    entries = moved(person(1), memberships=[link(5, 1)], blocks=blocks[:1])
    assert one(entries, "archive:blocks", 4).archive["reason"] == "Debts"


# Evaluations


def evaluation(key: int, **given: Any) -> Any:
    return row(
        LegacyEvaluation,
        id=key,
        user_id=1,
        **{"degrees_school_sport_id": 80, "observations": "Good", **given},
    )


def goal(key: int, goal_id: int = 6) -> Any:
    return row(LegacyEvaluationGoal, id=key, evaluation_id=7, degrees_school_sport_goals_id=goal_id)


def file(key: int, image: str | None = PIXEL) -> Any:
    return row(LegacyEvaluationFile, id=key, evaluation_id=7, image=image)


def test_an_evaluation_moves_with_goals_and_pictures():
    entries = moved(
        person(1), evaluations=[evaluation(7)], goals=[goal(8), goal(9, 99)], files=[file(5), file(6, " ")]
    )
    written = one(entries, "evaluation", 7)
    assert (values(written)["degree_id"], values(one(entries, "evaluation_goal", 8))["score"]) == (800, 10)
    assert one(entries, "evaluation_goal", 9).reason == "PARENT_REJECTED"
    picture = values(one(entries, "evaluation_file", 5))
    assert (picture["type"], picture["name"].split(".")[-1], picture["evaluation_id"]) == (
        "image",
        "gif",
        written.v5_id,
    )
    assert one(entries, "evaluation_file", 6).reason == "EMPTY"


def test_the_score_of_a_goal_is_a_choice():
    entries = moved(person(1), evaluations=[evaluation(7)], goals=[goal(8)], choices={"Q-22": {None: 5}})
    assert values(one(entries, "evaluation_goal", 8))["score"] == 5


def test_a_damaged_picture_leaves_its_file_empty():
    entries = moved(person(1), evaluations=[evaluation(7)], files=[file(5, "data:image/gif;base64,#")])
    assert (
        values(one(entries, "evaluation_file", 5))["file"],
        warnings(one(entries, "evaluation_file", 5)),
    ) == (None, ["IMAGE_UNREADABLE"])


def test_an_evaluation_without_anything_in_it_is_left_out():
    entries = moved(person(1), evaluations=[evaluation(7, observations=" ")], files=[file(5, "")])
    assert {entry.reason for entry in entries if entry.entity.startswith("evaluation")} == {"EMPTY"}


def test_goals_alone_are_enough():
    assert (
        one(
            moved(person(1), evaluations=[evaluation(7, observations=None)], goals=[goal(8)]), "evaluation", 7
        ).disposition
        == "migrated"
    )


def test_an_evaluation_of_an_unknown_level_takes_its_parts_along():
    entries = moved(
        person(1), evaluations=[evaluation(7, degrees_school_sport_id=99)], goals=[goal(8)], files=[file(5)]
    )
    assert one(entries, "evaluation", 7).reason == "DEGREE_UNKNOWN"
    assert (
        one(entries, "evaluation_goal", 8).reason
        == one(entries, "evaluation_file", 5).reason
        == "PARENT_REJECTED"
    )


def test_evaluations_of_schools_that_do_not_move():
    entries = moved(
        person(1),
        evaluations=[evaluation(7)],
        goals=[goal(8)],
        facts={"school_of_degree": {80: 4}},
        left_out=frozenset({4}),
    )
    assert {entry.reason for entry in entries if entry.entity.startswith("evaluation")} == {
        "OUT_OF_SCOPE_SCHOOL"
    }


def test_declared_children_are_archived():
    entries = moved(person(1), children=[row(LegacyUserChild, id=4, user_id=1, name="Mia")])
    assert one(entries, "archive:user_childrens", 4).archive["name"] == "Mia"

"""One poisoned record of each class in a batch of 1,000: 999 are committed and it becomes one issue."""

from __future__ import annotations

import json

import pytest

from entities.engine import schema
from tests import moves, toys
from tests.world import World
from tracking.models import Batch, Issue, LogEntry

POISONED = 437


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    toys.register(monkeypatch)


def unique_name(world: World) -> None:
    world.v5_sql("CREATE UNIQUE INDEX one_name ON service_type (name)")
    world.v5_sql("INSERT INTO service_type (id, name) VALUES (1, 'Taken')")


def parents(world: World) -> None:
    """`old_id` has to be the id of a parent, as the server sees it."""
    world.v5_sql("CREATE TABLE parents (id INT PRIMARY KEY)")
    world.v5_sql("INSERT INTO parents (id) VALUES " + ", ".join(f"({n})" for n in range(1, 1001)))
    reference = "FOREIGN KEY (old_id) REFERENCES parents (id)"
    if world.backend == "mariadb":
        world.v5_sql(f"ALTER TABLE service_type ADD {reference}")
        return
    world.v5_sql("DROP TABLE service_type")
    world.v5_sql(
        "CREATE TABLE service_type (id INTEGER PRIMARY KEY AUTOINCREMENT, name varchar(100) NOT NULL,"
        " created_at timestamp, updated_at timestamp, deleted_at timestamp, old_id int(11),"
        f" {reference})"
    )


CASES = {
    "bad": ("transform", "NAME_MISSING", "name", "the name is none"),
    "long": ("validate", "VALUE_TOO_LONG", "name", "name holds 100 characters, the text has 101"),
    "letters": ("validate", "TEXT_NOT_ENCODABLE", "name", "no form that the column can hold"),
    "empty": ("validate", "CONSTRAINT", "name", "name may not be empty in V5"),
    "taken": ("load", "CONSTRAINT", "", ""),
    "parentless": ("load", "CONSTRAINT", "", ""),
    "crash": ("transform", "UNEXPECTED_ERROR", "", "failed with KeyError in <lambda>"),
}


@pytest.mark.parametrize("kind", CASES)
def test_one_poisoned_record_of_a_thousand(
    empty_world: World, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    {"taken": unique_name, "parentless": parents}.get(kind, lambda world: None)(empty_world)
    schema.forget("v5")
    if kind == "letters":
        toys.column(monkeypatch, toys.TABLE, "name", charset="latin1")
        monkeypatch.setitem(toys.POISONS, "letters", lambda value: "滑雪")
    toys.rows(empty_world, toys.many(1000, **{kind: POISONED}))
    (run,) = moves.move((2,), only=[toys.NAME], size=1000)

    stage, code, field, words = CASES[kind]
    assert Batch.objects.filter(run=run, attempt=1, rows_read=1000, rejected=1).count() == 1
    assert [legacy_id for legacy_id, _ in toys.in_v5(empty_world)] == [
        n for n in range(1, 1001) if n != POISONED
    ]
    outcomes = toys.entries(empty_world)
    assert outcomes.pop(POISONED) == ("rejected", code)
    assert set(outcomes.values()) == {("migrated", "")} and len(outcomes) == 999
    issue = Issue.objects.get()
    assert (issue.stage, issue.code, issue.field, issue.level) == (stage, code, field, "error")
    assert (issue.entity_type, issue.legacy_id, issue.root_entity, issue.root_id) == (
        "toy", POISONED, toys.NAME, POISONED,
    )  # fmt: skip
    assert words in issue.message
    assert issue.payload["row"]["name"] == f"poison:{kind}"
    assert run.error_count == 1


def test_a_crash_says_nothing_personal(empty_world: World, capfd: pytest.CaptureFixture[str]) -> None:
    toys.rows(empty_world, toys.many(3, crash=2))
    moves.move((2,), only=[toys.NAME])
    everywhere = [issue.message for issue in Issue.objects.all()]
    everywhere += [json.dumps(entry.data) + entry.event for entry in LogEntry.objects.all()]
    everywhere += [*capfd.readouterr(), str(empty_world.v5_sql("SELECT * FROM legacy_id_mappings"))]
    assert not [text for text in everywhere if toys.SECRET in text or "jeanne@" in text]


def test_a_duplicate_key_is_told_without_its_value(empty_world: World) -> None:
    unique_name(empty_world)
    toys.rows(empty_world, toys.many(3, taken=2))
    moves.move((2,), only=[toys.NAME])
    message = Issue.objects.get().message
    assert "Taken" not in message and message


def test_every_fault_of_a_batch_is_an_issue_of_its_own(empty_world: World) -> None:
    unique_name(empty_world)
    toys.rows(empty_world, toys.many(40, bad=3, long=9, empty=17, taken=29, crash=31))
    moves.move((2,), only=[toys.NAME])
    assert sorted(Issue.objects.values_list("legacy_id", flat=True)) == [3, 9, 17, 29, 31]
    assert len(toys.in_v5(empty_world)) == 35


def test_two_records_that_fail_at_the_database_do_not_hide_each_other(empty_world: World) -> None:
    unique_name(empty_world)
    names = toys.many(20)
    names[4] = names[11] = "poison:taken"
    toys.rows(empty_world, names)
    moves.move((2,), only=[toys.NAME])
    assert list(Issue.objects.order_by("legacy_id").values_list("legacy_id", flat=True)) == [5, 12]
    assert len(toys.in_v5(empty_world)) == 18


def test_what_was_rejected_is_rejected_again_without_writing(empty_world: World) -> None:
    unique_name(empty_world)
    toys.rows(empty_world, toys.many(10, bad=3, taken=5, long=7, crash=9))
    moves.move((2,), only=[toys.NAME])
    again = moves.move((2,), only=[toys.NAME])
    assert moves.written(again) == 0
    assert set(Issue.objects.values_list("state", "occurrences")) == {("open", 2)}


def test_an_issue_is_resolved_when_its_cause_is_gone(empty_world: World) -> None:
    toys.rows(empty_world, toys.many(5, bad=2, long=4))
    moves.move((2,), only=[toys.NAME])
    empty_world.legacy_sql("UPDATE service_type SET name = 'Good now' WHERE id = 2")
    again = moves.move((2,), only=[toys.NAME])
    assert moves.written(again) == 2, "the row and its map entry"
    assert dict(Issue.objects.values_list("legacy_id", "state")) == {2: "resolved", 4: "open"}
    assert (2, "Good now") in toys.in_v5(empty_world)
    empty_world.legacy_sql("UPDATE service_type SET name = 'poison:bad' WHERE id = 2")
    moves.move((2,), only=[toys.NAME])
    issue = Issue.objects.get(legacy_id=2)
    assert (issue.state, issue.occurrences, issue.resolved_at) == ("open", 2, None)

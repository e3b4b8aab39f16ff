"""The engine's small parts: statuses, batch sizes, what servers say, LOAD DATA text, failpoints, error words."""

from __future__ import annotations

import itertools
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connections

from entities.engine import failpoints, ids, load, report, runner, vendors
from entities.engine.errors import BadValue, MapConflict, Transient
from entities.engine.values import Unit
from entities.engine.vendors import mysql, sqlite
from entities.users.legacy import LegacyUser
from tests.rows import environment, row
from tracking import ledger, states
from tracking.states import RUN_TRANSITIONS, RunStatus


@pytest.mark.parametrize(("old", "new"), list(itertools.product(RunStatus, RunStatus)))
def test_a_run_changes_only_as_the_table_says(old: RunStatus, new: RunStatus) -> None:
    if new in RUN_TRANSITIONS[old]:
        states.check_run_transition(old, new)
        return
    with pytest.raises(states.WrongTransition, match=f"{old} cannot become {new}; possible:"):
        states.check_run_transition(old, new)


def test_every_status_that_is_not_final_can_be_left() -> None:
    assert all(RUN_TRANSITIONS[status] for status in RunStatus), "what went in part can go as a whole"
    assert set(states.AT_WORK) < set(states.UNFINISHED)


@pytest.mark.parametrize(
    ("size", "roots", "seconds", "asked", "new"),
    [
        (500, 500, 3.0, 500, 500),  # takes as long as it should
        (500, 500, 1.75, 500, 1000),  # twice as fast as wanted
        (500, 500, 0.1, 500, 1000),  # never more than doubled
        (500, 500, 7.0, 500, 250),
        (500, 500, 100.0, 500, 125),  # never less than a quarter
        (500, 20, 0.1, 500, 500),  # the last batch says nothing
        (500, 250, 0.1, 250, 500),  # another batch changed the size meanwhile
        (10, 10, 100.0, 10, 10),  # the smallest
        (4000, 4000, 0.5, 4000, 4000),  # the largest
        (500, 500, 0.0, 500, 500),
    ],
)
def test_the_size_of_batches_follows_their_time(
    size: int, roots: int, seconds: float, asked: int, new: int
) -> None:
    found, reason = ledger.adapted_size(size, roots, seconds, asked)
    assert found == new
    assert bool(reason) == (new != size) or new in (ledger.SMALLEST_BATCH, ledger.LARGEST_BATCH)


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        (["1", None, "x"], "1\t\\N\tx\n"),
        (["a\tb", "c\nd", "e\\f"], "a\\tb\tc\\nd\te\\\\f\n"),
        (["\\N", "\r", "\0"], "\\\\N\t\\r\t\\0\n"),
        (["", "🎿 é"], "\t🎿 é\n"),
    ],
)
def test_load_data_reads_back_what_was_meant(cells: list[str | None], line: str) -> None:
    assert mysql._line(cells) == line


@pytest.mark.parametrize(
    ("module", "error", "passing"),
    [
        (mysql, OperationalError(1213, "Deadlock"), True),
        (mysql, OperationalError(2006, "gone"), True),
        (mysql, OperationalError(1053, "shutdown"), True),
        (mysql, InterfaceError(0, ""), True),
        (mysql, OperationalError(1045, "Access denied"), False),
        (mysql, OperationalError(), False),
        (mysql, IntegrityError(1062, "Duplicate"), False),
        (sqlite, OperationalError("database is locked"), True),
        (sqlite, OperationalError("no such table: x"), False),
        (sqlite, IntegrityError("UNIQUE constraint failed"), False),
    ],
)
def test_servers_say_what_passes_by_itself(module: Any, error: DatabaseError, passing: bool) -> None:
    assert module.is_transient(error) is passing


def locked() -> OperationalError:
    """As the server of these tests says it."""
    if connections["default"].vendor == "mysql":
        return OperationalError(1205, "Lock wait timeout exceeded")
    return OperationalError("database is locked")


def test_only_transient_errors_pass() -> None:
    assert runner.is_transient(Transient("x")) and runner.is_transient(MapConflict("x"))
    assert runner.is_transient(locked())
    assert not runner.is_transient(RuntimeError("x")) and not runner.is_transient(DatabaseError("x"))


def test_an_unknown_vendor_is_refused() -> None:
    connection = type("Connection", (), {"vendor": "oracle"})()
    with pytest.raises(NotImplementedError, match="'oracle' is not supported"):
        vendors.of(connection)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Duplicate entry 'jeanne@example.org' for key 'users_email'", "Duplicate key"),
        ("users: 5 rows sent, 4 accepted: Duplicate entry 'jeanne@example.org' for key 'x'", "5 rows sent"),
        ("UNIQUE constraint failed: users.email", "UNIQUE constraint failed: users.email"),
    ],
)
def test_the_servers_words_are_kept_without_the_values(said: str, kept: str) -> None:
    message = load.database_message(IntegrityError(1062, said))
    assert kept in message and "jeanne" not in message


def test_a_failpoint_kills_once_where_it_is_asked_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: killed.append((pid, number)))
    monkeypatch.delenv("BOUKII_FAILPOINT", raising=False)
    failpoints.visit(failpoints.AFTER_CLAIM)
    monkeypatch.setenv("BOUKII_FAILPOINT", f"{failpoints.AFTER_EXTRACT}@{tmp_path}")
    failpoints.visit(failpoints.AFTER_CLAIM)
    assert killed == []
    for _ in range(3):
        failpoints.visit(failpoints.AFTER_EXTRACT)
    assert killed == [(os.getpid(), signal.SIGKILL)]
    monkeypatch.setenv("BOUKII_FAILPOINT", failpoints.AFTER_CLAIM)
    failpoints.visit(failpoints.AFTER_CLAIM)
    failpoints.visit(failpoints.AFTER_CLAIM)
    assert len(killed) == 3


def test_issues_hold_the_row_without_its_secrets_and_long_texts_cut() -> None:
    root = row(LegacyUser, id=3, password="$2y$10$secret", first_name="x" * 2_000)
    unit = Unit(root, environment(), 4)
    entry = unit.reject("user", root, "NAME_MISSING", "password", "no name", value="$2y$10$secret")
    entry._note(entry.problems[0])
    (issue,) = report.issues_of("users", unit, entry)
    assert (issue.root_entity, issue.root_id, issue.school_id, issue.stage) == ("users", 3, 4, "transform")
    assert "secret" not in str(issue)
    assert len(issue.payload["row"]["first_name"]) < 600
    assert "password" not in issue.payload["row"] and "value" not in issue.payload


def test_a_bad_value_without_words_speaks_by_its_code() -> None:
    assert str(BadValue("DATE_INVALID")) == BadValue("DATE_INVALID").message == "DATE_INVALID"


def test_ids_are_handed_out_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = iter([(10, 12), (30, 33), (50, 60)])
    asked: list[int] = []
    monkeypatch.setattr(ids, "reserve", lambda table, count, forecast: (asked.append(count), next(blocks))[1])
    mine = ids.ReservedIds()
    assert [mine.take("t") for _ in range(4)] == [10, 11, 30, 31]
    mine.ready("t", 5)
    assert [mine.take("t") for _ in range(3)] == [32, 50, 51]
    assert asked == [ids.BLOCK] * 3


def test_each_thread_holds_ids_of_its_own() -> None:
    import threading

    mine, others = ids.of("x"), []
    thread = threading.Thread(target=lambda: others.append(ids.of("x")))
    thread.start()
    thread.join()
    assert ids.of("x") is mine and others[0] is not mine and ids.of("y") is not mine


@pytest.mark.django_db
def test_a_database_that_is_away_ends_the_turn_and_not_the_worker() -> None:
    with runner.surviving_outages():
        raise locked()
    with runner.surviving_outages():
        raise Transient("deadlock")
    with pytest.raises(RuntimeError), runner.surviving_outages():
        raise RuntimeError("a fault of ours")
    with pytest.raises(OperationalError), runner.surviving_outages():
        raise OperationalError("no such table: x")


def test_a_cause_has_one_currency_whatever_its_case() -> None:
    rows = [type("Row", (), {"currency": said})() for said in ("chf", "CHF ", None)]
    assert [report.currency_of(row) for row in [*rows, object()]] == ["CHF", "CHF", "", ""]

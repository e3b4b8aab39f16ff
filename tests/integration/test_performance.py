"""Both databases under load: figures on both sides, nothing written, no claim beyond what was measured."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from entities.engine import sweeper
from entities.engine.content import table_figures
from entities.performance import load, scenarios
from entities.performance.histogram import Histogram
from entities.performance.sweep import TURNS, Measuring, refuse_too_many
from entities.performance.verdict import judge
from tests.world import World
from tracking import performance, sweeps
from tracking.actions import ActionRefused
from tracking.actions.performance import EndMeasurement, MeasurePerformance
from tracking.models import Measurement, Run, ValidationResult, Wave
from tracking.performance import Asked

Result = ValidationResult.Result
TABLES = ("bookings", "booking_users", "v5_bookings", "users", "courses")
LOST = {"mariadb": (2013, "Lost connection to server during query"), "sqlite": ("database is locked",)}
FULL = Asked("course_search", 200, 180, 1.0, True)


def measured(**params: Any) -> Measurement:
    action = MeasurePerformance(Wave.objects.get(), via="command", **params)
    action.perform(timezone.now())
    assert action.made is not None
    return Measurement.objects.get(pk=sweeper.drive(action.made).pk)


def test_four_scenarios_are_measured_and_v5_is_as_before(migrated: World) -> None:
    def before() -> Any:
        counters = migrated.v5_sql(
            "SELECT table_name, auto_increment FROM information_schema.tables WHERE table_schema = DATABASE()"
            " AND table_name IN ('bookings', 'booking_users', 'v5_bookings') ORDER BY 1"
        ) if migrated.backend == "mariadb" else []  # fmt: skip
        return [table_figures("v5", table) for table in TABLES], counters

    held = before()
    made = measured(percent=3, seconds=1, pause=0.05)
    assert made.state == Measurement.State.DONE, made.reason
    assert before() == held
    rows = {row.details["scenario"]: row for row in ValidationResult.objects.filter(sweep=made.pk)}
    assert set(rows) == set(performance.SCENARIOS)
    for name, row in rows.items():
        for side in ("legacy", "v5"):
            figures = row.details[side]
            assert figures["requests"] > 0 and figures["errors"] == 0, (name, figures["error"])
            assert 0 < figures["p50"] <= figures["p95"] <= figures["p99"]
        assert row.result in (Result.WARNING, Result.FAIL), "three per cent of the load is no pass"
    assert (
        rows["booking_creation"].details["v5_with_writing"]["p50"]
        > rows["booking_creation"].details["v5"]["p50"]
    )
    assert "@" not in json.dumps([row.details for row in rows.values()]), "no address is stored"
    again = measured(scenarios=["user_login"], percent=1, seconds=1, pause=0.05)
    login = ValidationResult.objects.filter(validation_type="PERF-01")
    assert list(login.order_by("pk").values_list("sweep", "current")) == [(made.pk, False), (again.pk, True)]


def test_a_missing_table_is_red_and_the_command_says_so(migrated: World) -> None:
    migrated.v5_sql("ALTER TABLE user_season_roles RENAME TO user_season_roles_away")
    said = migrated.run(
        "measure_performance",
        "--scenario",
        "user_login",
        "--percent",
        1,
        "--seconds",
        1,
        "--pause",
        0,
        "--json",
    )
    [one] = json.loads(said.out)["scenarios"]
    assert said.code == 3 and one["result"] == "fail"
    assert "user_season_roles" in one["message"] and one["message"].startswith("It could not run")


def test_without_moved_records_there_is_nothing_to_measure(empty_world: World) -> None:
    empty_world.run("run_phase", 2, "--inline")
    made = Wave.objects.first() or Wave.objects.create(name="Empty", created_at=timezone.now())
    MeasurePerformance(made, percent=1, seconds=1, via="command").perform(timezone.now())
    sweeper.drive(Measurement.objects.get())
    assert set(ValidationResult.objects.filter(validation_type__startswith="PERF").values_list("result", flat=True)) == {
        Result.NOTHING
    }  # fmt: skip


def test_the_sides_take_turns_and_a_window_that_died_is_measured_again(
    empty_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def window(
        alias: str, request: Any, samples: Any, users: int, seconds: float, pause: float
    ) -> load.Window:
        asked.append(alias)
        if len(asked) == 2:
            raise OperationalError(*LOST[empty_world.backend])
        found = load.Window(seconds=seconds)
        for one in (found.part, found.whole):
            one.add([0.001 if alias == "legacy" else 0.0015] * 100)
        return found

    monkeypatch.setattr(load, "run", window)
    monkeypatch.setattr(scenarios.of("course_search"), "samples", lambda: [1])
    wave = Wave.objects.create(name="Season", created_at=timezone.now())
    made = sweeps.create(
        "performance",
        timezone.now(),
        wave=wave,
        params={"scenarios": ["course_search"], "seconds": 10, "percent": 5},
    )
    sweeps.start(made, Measuring().plan(made), timezone.now())
    part = sweeps.claim(made, "dead", timezone.now())
    assert part is not None
    step = Measuring().step(part, made)
    assert asked == ["legacy"]
    assert sweeps.advance(part, step, 5.0, timezone.now())
    with pytest.raises(OperationalError):
        Measuring().step(part, made)
    sweeps.let_go(part)
    assert sweeper.drive(made).state == Measurement.State.DONE
    assert asked == ["legacy", "v5", "v5", "v5", "legacy"], "the window that died was measured again"
    row = ValidationResult.objects.get(validation_type="PERF-03")
    assert (row.details["legacy"]["requests"], row.details["v5"]["requests"]) == (200, 200)
    assert row.details["ratio"] == pytest.approx(1.5, rel=0.05)


def test_two_measurements_or_a_run_at_work_disturb_each_other(empty_world: World) -> None:
    wave = Wave.objects.create(name="Season", created_at=timezone.now())
    ask = MeasurePerformance(wave, percent=1, seconds=1, via="command")
    ask.perform(timezone.now())
    with pytest.raises(ActionRefused, match="under way"):
        MeasurePerformance(wave, via="command").perform(timezone.now())
    EndMeasurement(Measurement.objects.get(), via="command").perform(timezone.now())
    phase = wave.phases.create(number=2)
    Run.objects.create(
        phase=phase,
        entity_type="sports",
        status="running",
        created_at=timezone.now(),
        updated_at=timezone.now(),
    )
    with pytest.raises(ActionRefused, match="being moved"):
        MeasurePerformance(wave, via="command").perform(timezone.now())
    with pytest.raises(ActionRefused, match="scenario"):
        MeasurePerformance(wave, scenarios=["checkout"], via="command").perform(timezone.now())


@pytest.mark.mariadb
def test_too_few_connections_are_told_before_the_load(empty_world: World) -> None:
    with pytest.raises(load.NotConnected, match="max_connections"):
        refuse_too_many("v5", 100_000)


def test_a_crowd_that_cannot_connect_ends_and_says_why(
    empty_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db.backends.base.base import BaseDatabaseWrapper

    def refuse(self: Any) -> None:
        raise OperationalError(1040, "Too many connections")

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", refuse)
    alive = threading.active_count()
    with pytest.raises(load.NotConnected, match="Too many connections"):
        load.run("v5", lambda connection, sample, user: None, [1], 3, 1, 0)
    assert threading.active_count() == alive


def figures(
    v5: float, *, legacy: float = 0.1, errors: int = 0, busy: float = 0.0, whole: float = 0.0
) -> dict[str, Any]:
    def side(duration: float) -> dict[str, Any]:
        histogram = Histogram()
        histogram.add([duration] * 100)
        return {"part": histogram.as_data(), "seconds": 10.0, "errors": errors, "busy": busy * 10}

    found = {"samples": 5, "legacy": side(legacy), "v5": side(v5)}
    if whole:
        found["v5"]["whole"] = side(whole)["part"]
    return found


@pytest.mark.parametrize(
    ("asked", "seen", "result", "says"),
    [
        (FULL, figures(0.15), Result.PASS, "times as long"),
        (FULL, figures(0.25), Result.FAIL, "allowed is below 2.0"),
        (FULL, figures(0.019, legacy=0.001), Result.WARNING, "nobody notices"),
        (FULL, figures(0.15, errors=5), Result.FAIL, "requests failed"),
        (FULL, figures(0.15, busy=0.95), Result.WARNING, "measuring itself"),
        (FULL, figures(0.15, whole=0.9), Result.WARNING, "with the writing"),
        (Asked("course_search", 20, 5, 1.0, False), figures(0.15), Result.WARNING, "smaller load"),
        (FULL, {"samples": 0}, Result.NOTHING, "No moved record"),
        (FULL, {"error": "V5 is away"}, Result.FAIL, "could not run: V5 is away"),
        (FULL, {"samples": 3, "legacy": figures(0.1)["legacy"], "v5": {}}, Result.FAIL, "could not run: v5"),
    ],
)  # fmt: skip
def test_no_more_is_claimed_than_was_measured(
    asked: Asked, seen: dict[str, Any], result: str, says: str
) -> None:
    verdict = judge(asked, seen)
    assert verdict.result == result and says in verdict.message


def test_percentiles_are_right_to_two_per_cent_and_add_up() -> None:
    one, two = Histogram(), Histogram()
    one.add(n / 1000 for n in range(1, 501))
    two.add(n / 1000 for n in range(501, 1001))
    one.merge(Histogram(two.as_data()))
    assert len(one) == 1000
    for share, wanted in ((0.5, 0.5), (0.95, 0.95), (0.99, 0.99)):
        assert one.percentile(share) == pytest.approx(wanted, rel=0.02)
    assert Histogram().percentile(0.5) is None


def test_the_strategys_load_is_the_default() -> None:
    assert {name: (one.users, one.seconds) for name, one in performance.SCENARIOS.items()} == {
        "user_login": (100, 300), "booking_creation": (50, 600), "course_search": (200, 180), "report_generation": (20, 900),
    }  # fmt: skip
    assert Asked.of("user_login", {}).is_full and not Asked.of("user_login", {"percent": 50}).is_full
    assert TURNS.count("legacy") == TURNS.count("v5")

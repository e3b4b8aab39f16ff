"""The commands, as a person types them: outcomes, exit codes, and one clear sentence when something is refused."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import Any

import pytest

from entities.operations.command import COMPLETE, INCOMPLETE, REFUSED, WITH_REJECTED
from tests.world import World
from tracking.models import AuditEvent, Batch, Issue, LogEntry, Run, Wave
from tracking.states import BatchStatus, RunStatus

SOME = ("--only", "languages", "sport_types", "sports", "service_types", "stations")


def move(world: World, *more: object) -> Any:
    return world.run("run_phase", 2, "--inline", "--wave", "Try", *SOME, *more)


def test_a_phase_moves_and_every_legacy_row_has_an_outcome(world: World) -> None:
    outcome = move(world)
    assert outcome.code == WITH_REJECTED
    [head, *lines] = [
        line.split() for line in outcome.out.splitlines() if " languages " in line or "entity type" in line
    ]
    assert head[-1] == "difference"
    assert [line[-1] for line in lines] == ["0"]
    assert world.v5_sql("SELECT COUNT(*) FROM languages")[0][0] > 0
    assert "kept back for a person" in outcome.out


def test_a_second_time_writes_nothing(world: World) -> None:
    move(world)
    assert move(world).code == WITH_REJECTED
    assert set(Run.objects.order_by("-pk").values_list("written_rows", flat=True)[:5]) == {0}


def test_a_dry_run_forecasts_and_writes_nothing(world: World) -> None:
    before = world.v5_sql("SELECT COUNT(*) FROM languages")
    outcome = move(world, "--dry-run")
    assert outcome.code == WITH_REJECTED
    assert "nothing was written to V5" in outcome.out
    assert "SPORT_TYPE_UNKNOWN" in outcome.out
    assert world.v5_sql("SELECT COUNT(*) FROM languages") == before
    assert world.v5_sql("SELECT COUNT(*) FROM legacy_id_mappings") == [(0,)]
    assert not list((world.folder / "forecasts").glob("*")), "the forecast is thrown away when it was told"


def test_a_clean_phase_ends_with_zero(world: World) -> None:
    outcome = world.run("run_phase", 2, "--inline", "--only", "service_types")
    assert (outcome.code, outcome.err) == (COMPLETE, "")
    assert "Complete: every legacy row has its outcome" in outcome.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("7",), "no range of phases"),
        (("two",), "names no phases"),
        (("2", "--only", "languagges"), "No migration languagges"),
        (("2", "--school", "987654"), "has no school 987654"),
        (("2", "--cutover", "soon"), "is no date"),
        (("2", "--workers", "99"), "1 to 32"),
    ],
)
def test_bad_input_is_one_sentence_and_plans_nothing(world: World, words: tuple[str, ...], says: str) -> None:
    outcome = world.run("run_phase", *words)
    assert outcome.code == REFUSED
    assert says in outcome.err
    assert not Run.objects.exists()


def test_a_wave_keeps_its_schools_and_its_cutover(world: World) -> None:
    [(school,)] = world.legacy_sql("SELECT MIN(id) FROM schools")
    world.run(
        "run_phase", 2, "--inline", "--only", "languages", "--school", school, "--cutover", "2026-01-15"
    )
    wave = Wave.objects.get()
    assert (wave.schools, f"{wave.cutover_at:%Y-%m-%d}") == ([school], "2026-01-15")
    assert (
        "another list needs another wave" in world.run("run_phase", 2, "--inline", "--school", school + 1).err
    )
    assert (
        "another needs another wave" in world.run("run_phase", 2, "--inline", "--cutover", "2026-01-16").err
    )


@pytest.mark.world(prepared=False)
def test_an_unprepared_v5_is_refused_with_the_next_step(world: World) -> None:
    outcome = move(world)
    assert outcome.code == REFUSED
    assert "prepare_v5" in outcome.err
    assert not Run.objects.exists()


def test_a_paused_run_is_continued_only_when_asked(world: World) -> None:
    move(world)
    run = Run.objects.get(entity_type="stations")
    Run.objects.filter(pk=run.pk).update(status=RunStatus.PAUSED, exhausted=False, cursor=0)
    refused = move(world)
    assert refused.code == REFUSED and "--resume" in refused.err
    outcome = move(world, "--resume")
    assert outcome.code == WITH_REJECTED
    assert "Continuing 1 unfinished runs" in outcome.out
    run.refresh_from_db()
    assert run.status == RunStatus.COMPLETED


def test_a_dry_run_and_a_real_run_do_not_mix(world: World) -> None:
    move(world, "--dry-run")
    run = Run.objects.latest("pk")
    Run.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING)
    outcome = move(world)
    assert outcome.code == REFUSED
    assert f"cancel {run.pk}" in outcome.err


def test_a_failed_batch_stops_the_run_and_says_what_to_do(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from entities.engine import pipeline

    def fail(*_: object) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(pipeline, "extract", fail)
    outcome = world.run("run_phase", 2, "--inline", "--only", "languages")
    run = Run.objects.get()
    assert outcome.code == INCOMPLETE
    assert f"requeue --run {run.pk} --failed" in outcome.out and "out of order" in outcome.out
    monkeypatch.undo()
    again = world.run("requeue", "--run", run.pk, "--failed", "--inline")
    assert again.code == COMPLETE
    run.refresh_from_db()
    assert run.status == RunStatus.COMPLETED


def test_requeueing_a_code_tells_which_records_are_fixed(world: World) -> None:
    move(world)
    run = Run.objects.get(entity_type="sports")
    issue = Issue.objects.get(run=run, code="SPORT_TYPE_UNKNOWN")
    unchanged = world.run("requeue", "--run", run.pk, "--issue", "SPORT_TYPE_UNKNOWN", "--inline")
    assert unchanged.code == WITH_REJECTED
    assert "0 records are fixed, 1 have the same fault, 0 a new one" in unchanged.out
    world.legacy_sql(
        "UPDATE sports SET sport_type = (SELECT MIN(id) FROM sport_types) WHERE id = %s", [issue.legacy_id]
    )
    fixed = world.run("requeue", "--run", run.pk, "--record", f"sport:{issue.legacy_id}", "--inline")
    assert fixed.code == COMPLETE
    assert "1 records are fixed" in fixed.out
    assert AuditEvent.objects.filter(action__startswith="requeue").count() == 2


def test_requeueing_without_waiting_leaves_the_work_to_the_workers(world: World) -> None:
    move(world)
    run = Run.objects.get(entity_type="languages")
    batch = Batch.objects.filter(run=run).earliest("pk")
    outcome = world.run("requeue", "--run", run.pk, "--batch", batch.pk)
    assert outcome.code == COMPLETE and "Queued" in outcome.out
    batch.refresh_from_db()
    assert batch.status == BatchStatus.PENDING


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("requeue", "--run", "99", "--failed"), "There is no run 99"),
        (("requeue", "--run", "1", "--record", "client"), "names no record"),
        (("requeue", "--run", "1", "--batch", "999"), "has no batch 999"),
        (("pause", "1"), "cannot be paused"),
        (("resume", "1"), "cannot be resumed"),
        (("cancel", "1"), "already ended"),
        (("status", "--wave", "Nowhere"), "there is no wave 'Nowhere'"),
        (("explain", "sport"), "names no record"),
        (("explain", "ski:1"), "No entity type 'ski'"),
        (("explain", "sport:999999"), "legacy has no sports 999999"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_sentence(
    world: World, words: tuple[str, ...], says: str
) -> None:
    world.run("run_phase", 2, "--inline", "--only", "languages")
    [number] = Run.objects.values_list("pk", flat=True)
    outcome = world.run(*(str(number) if word == "1" else word for word in words))
    assert outcome.code == REFUSED
    assert says.lower() in outcome.err.lower()


def test_pause_resume_and_cancel_say_what_became_of_the_run(world: World) -> None:
    world.run("run_phase", 2, "--inline", "--only", "languages")
    run = Run.objects.get()
    Run.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING, exhausted=False)
    assert "now paused" in world.run("pause", run.pk, "--reason", "maintenance").out
    assert "now running" in world.run("resume", run.pk).out
    assert "now cancelled" in world.run("cancel", run.pk).out
    assert AuditEvent.objects.get(action="pause run").reason == "maintenance"


def test_status_shows_runs_and_issues_to_people_and_to_programs(world: World) -> None:
    move(world)
    shown = world.run("status").out
    assert (
        "Wave Try (rehearsal)" in shown
        and "SPORT_TYPE_UNKNOWN" in shown
        and "No worker holds a batch" in shown
    )
    data = json.loads(world.run("status", "--wave", "Try", "--json").out)
    [wave] = data["waves"]
    assert {run["status"] for run in wave["runs"]} == {"completed"}
    assert {"level": "error", "code": "SPORT_TYPE_UNKNOWN", "count": 1}.items() <= wave["issues"][
        0
    ].items() or any(one["code"] == "SPORT_TYPE_UNKNOWN" for one in wave["issues"])
    assert data["queue"] == {"runs_waiting": 0, "waiting": 0, "waiting_for_a_retry": 0, "failed": 0}


def test_a_record_is_explained_from_the_legacy_row_to_v5(world: World) -> None:
    move(world)
    [(key,)] = world.v5_sql(
        "SELECT MIN(legacy_id) FROM legacy_id_mappings WHERE entity_type = 'sport' AND disposition = 'migrated'"
    )
    told = world.run("explain", f"sport:{key}")
    assert told.code == COMPLETE
    assert f"sport:{key}" in told.out and "migrated" in told.out and "→ sports" in told.out
    assert "[4.3]" in told.out
    data = json.loads(world.run("explain", f"sport:{key}", "--json").out)
    [fields] = [one["fields"] for one in data["outcomes"] if one["fields"]]
    name = next(one for one in fields if one["column"] == "name")
    assert name["legacy"]["name"] == name["v5"]


def test_an_explanation_of_a_person_holds_no_personal_data(world: World) -> None:
    [(key, mail, password)] = world.legacy_sql(
        "SELECT id, email, password FROM users WHERE email LIKE '%%@%%' AND password LIKE '$2y$%%' ORDER BY id LIMIT 1"
    )
    world.run("run_phase", "2-3", "--inline", "--only", "languages", "users")
    told = world.run("explain", f"user:{key}").out
    assert mail not in told and password not in told
    assert "•••" in told


def test_events_of_the_run_are_kept_in_the_log_table(world: World) -> None:
    world.run("run_phase", 2, "--inline", "--only", "languages")
    run = Run.objects.get()
    events = list(LogEntry.objects.filter(run_id=run.pk).order_by("pk").values_list("event", flat=True))
    assert events[0] == "run started" and events[-1] == "run completed" and "batch done" in events


def test_own_workers_do_the_work_and_end_with_the_command(world: World) -> None:
    process = world.spawn("run_phase", "2", "--workers", "2", "--wave", "Try", *SOME)
    assert process.wait(90) == WITH_REJECTED, world.said(process)
    assert set(Run.objects.values_list("status", flat=True)) == {RunStatus.COMPLETED}
    assert "every legacy row" in world.said(process).lower()


def test_without_a_worker_the_command_says_so_and_the_runs_stay(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entities.operations.drive.PATIENCE", 1.0)
    outcome = world.run("run_phase", 2, "--only", "languages")
    assert outcome.code == REFUSED
    assert "no worker took work" in outcome.err.lower() and "--inline" in outcome.err
    assert world.run("run_phase", 2, "--inline", "--only", "languages").code == COMPLETE
    assert Run.objects.get().status == RunStatus.COMPLETED


def test_an_interrupted_command_pauses_and_can_be_continued(world: World) -> None:
    process = world.spawn("run_phase", "2-3", "--inline", "--wave", "Try", "--yes")
    until = time.monotonic() + 60
    while time.monotonic() < until and not Batch.objects.exists() and process.poll() is None:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    code = process.wait(60)
    said = world.said(process)
    if code == INCOMPLETE:
        assert "Interrupted" in said and "--resume" in said
        assert not Batch.objects.filter(status=BatchStatus.RUNNING).exists()
        assert world.run("run_phase", "2-3", "--inline", "--wave", "Try", "--resume").code in (
            COMPLETE,
            WITH_REJECTED,
        )
    assert set(Run.objects.values_list("status", flat=True)) <= {RunStatus.COMPLETED}, said

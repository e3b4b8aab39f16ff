"""Going back for real: what people did in V5 is listed, what a command can do is done, and every step that fails says so."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.utils import timezone

from entities.engine.errors import Refused
from entities.recovery import changes, steps, work
from tests import moves
from tests.world import World
from tracking import undertakings
from tracking.models import AuditEvent, Run, Runbook, RunbookStep, Wave
from tracking.runbooks import walk


def lines(name: str) -> list[dict[str, str]]:
    with (Path(settings.BACKUP_FOLDER) / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def worked_in(world: World) -> dict[str, int]:
    """People work in V5: they rename a client, book, and remove a booking line."""
    [(client, school)] = world.v5_sql(
        "SELECT v5_id, school_id FROM legacy_id_mappings WHERE entity_type = 'client' AND v5_id IS NOT NULL"
        " AND disposition = 'migrated' ORDER BY id DESC LIMIT 1"
    )
    world.v5_sql(
        "UPDATE clients SET first_name = 'Zoë', updated_at = '2026-02-01 10:00:00' WHERE id = %s", [client]
    )
    columns = "school_id, client_main_id, price_total, has_cancellation_insurance, price_cancellation_insurance, currency, paid_total, attendance, payrexx_refund, paxes, status"  # noqa: E501
    world.v5_sql(
        f"INSERT INTO bookings ({columns}) SELECT school_id, client_main_id, 77, 0, 0, 'CHF', 0, 0, 0, 1, 1 FROM bookings LIMIT 1"
    )
    [(booking,)] = world.v5_sql("SELECT MAX(id) FROM bookings")
    [(line,)] = world.v5_sql("SELECT MAX(id) FROM booking_payment_notice_log")
    world.v5_sql("DELETE FROM booking_payment_notice_log WHERE id = %s", [line])
    return {"client": client, "booking": booking, "notice": line}


def is_listed(runbook: Runbook, did: dict[str, int]) -> None:
    """The list holds exactly what people did, masked and in full."""
    result = runbook.steps.get(key="changes").result
    assert result["counts"] == {"new": 1, "edited": 1, "deleted": 1}, result["tables"]
    [masked, full] = sorted((one for one in result["files"] if one.endswith(".csv")), key=len)
    found = {(line["what"], line["table"], int(line["V5 id"])) for line in lines(masked)}
    assert found == {
        ("edited", "clients", did["client"]), ("new", "bookings", did["booking"]),
        ("deleted", "booking_payment_notice_log", did["notice"]),
    }  # fmt: skip
    edited = next(line for line in lines(masked) if line["what"] == "edited")
    assert edited["legacy record"].startswith("client:") and "Zoë" not in edited["values"]
    assert (
        json.loads(next(line for line in lines(full) if line["what"] == "edited")["values"])["first_name"]
        == "Zoë"
    )
    sheet = openpyxl.load_workbook(Path(settings.BACKUP_FOLDER) / masked.replace(".csv", ".xlsx")).active
    assert sheet is not None and sheet.max_row == 4
    assert all((Path(settings.BACKUP_FOLDER) / one).stat().st_mode & 0o077 == 0 for one in result["files"])


def test_the_emergency_goes_as_far_as_a_command_can_and_lists_what_people_did(
    migrated: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    did = worked_in(migrated)
    wave = Wave.objects.get()
    name = wave.name
    assert migrated.run("emergency_rollback", "--wave", name, "--confirm", "other", "--reason", "x").code == 1
    assert (
        migrated.run("emergency_rollback", "--wave", "none", "--confirm", "none", "--reason", "x").code == 1
    )
    assert not Runbook.objects.exists()
    called = tmp_path / "called"
    hook = tmp_path / "route back"
    hook.write_text(f'#!/bin/sh\necho "$@" >> {called}\necho routed\n')
    hook.chmod(0o700)
    monkeypatch.setitem(settings.HOOKS, "route_back", f"'{hook}' now")
    monkeypatch.setitem(settings.HOOKS, "start_legacy", "/bin/false")
    out = migrated.run(
        "emergency_rollback", "--wave", name, "--confirm", name, "--reason", "prices are wrong"
    )
    runbook = Runbook.objects.get()
    state = {step.key: step.state for step in runbook.steps.all()}
    assert state == {
        "pause_runs": "done", "stop_v5": "todo", "start_legacy": "failed", "route_back": "done", "legacy_works": "todo",
        "checkpoint": "done", "changes": "done", "tell": "todo",
    }, out.err  # fmt: skip
    assert out.code == 3 and "To do by a person (engineer): Stop the V5 application" in out.out
    assert called.read_text() == f"now {name}\n"
    assert runbook.steps.get(key="route_back").result["said"] == "routed"
    assert "ended with code 1" in runbook.steps.get(key="start_legacy").error
    assert runbook.steps.get(key="checkpoint").result["rows"] > 0
    assert AuditEvent.objects.filter(action="begin step", via="command").count() == 5

    is_listed(runbook, did)

    monkeypatch.setitem(settings.HOOKS, "start_legacy", "/bin/true")
    monkeypatch.setitem(settings.HOOKS, "stop_v5", "/bin/true")
    long_ago = timezone.now() - 2 * undertakings.SILENT  # the command was killed in the middle of this step
    RunbookStep.objects.filter(key="changes").update(state="running", attempt=1, seen_at=long_ago, result={})
    again = migrated.run("emergency_rollback", "--wave", name, "--confirm", name, "--reason", "again")
    assert again.code == 0 and f"Goes on with runbook {runbook.pk}" in again.out, again.err
    assert Runbook.objects.count() == 1
    assert runbook.steps.get(key="changes").result["counts"]["edited"] == 1
    assert [step.key for step in runbook.steps.exclude(state="done")] == ["legacy_works", "tell"]


def test_runs_are_held_and_a_dead_worker_is_replaced(empty_world: World) -> None:
    runs = moves.planned((2,))
    wave = runs[0].phase.wave
    moves.coordinator.start(runs[0], timezone.now())
    runbook = walk.create(wave, Runbook.Kind.IMMEDIATE, timezone.now(), reason="x", by=None, via="command")
    step = runbook.steps.get(key="pause_runs")
    walk.begin(step, None, timezone.now())
    undertakings.take(RunbookStep, step.pk, timezone.now())  # a worker that dies here
    RunbookStep.objects.filter(pk=step.pk).update(seen_at=timezone.now() - 2 * undertakings.SILENT)
    work.revive(timezone.now())
    done = steps.do(step.pk)
    assert done is not None and (done.state, done.attempt) == ("done", 2), done.error
    assert {run.status for run in moves.fresh(runs)} == {"paused", "cancelled"}
    assert done.result["paused"] == [runs[0].pk]


def test_nothing_is_started_while_a_runbook_is_walked(empty_world: World) -> None:
    wave, now = moves.wave(), timezone.now()
    runbook = walk.create(wave, Runbook.Kind.IMMEDIATE, now, reason="x", by=None, via="command")
    with pytest.raises(Refused, match="is being walked"):
        moves.planned((2,), of=wave)
    assert moves.planned((2,), of=wave, dry_run=True), "a forecast writes nothing to V5"
    Run.objects.all().delete()
    assert walk.abandon(runbook, now, "not needed")
    assert moves.planned((2,), of=wave)


def test_a_hook_that_hangs_or_is_not_there_fails_its_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "HOOK_SECONDS", 0.2)
    for command, said in (
        ("/bin/sh -c 'sleep 5'", "did not end"),
        ("/no/such/thing", "is not there"),
        ("/bin/ls /no", "code 2"),
    ):
        with pytest.raises(steps.RecoveryFailed, match=said):
            steps.hook(command, "Season")


def test_the_list_is_empty_when_nobody_worked(migrated: World) -> None:
    found: dict[str, Any] = changes.write(Wave.objects.get(), timezone.now())
    assert found["counts"] == {"new": 0, "edited": 0, "deleted": 0}, found["tables"]
    assert changes.write(moves.wave("Another"), timezone.now())["tables"] == {}

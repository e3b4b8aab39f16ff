"""The steps of a runbook that a worker does: each returns what it found, or says why it could not be done.

A step that a worker left half done is done again from its beginning; each is harmless when done twice.
"""

from __future__ import annotations

import shlex
import subprocess
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import DatabaseError
from django.utils import timezone

from entities.engine import coordinator
from entities.engine.errors import EngineError
from entities.recovery import backup, changes, restore, validation
from entities.recovery.errors import RecoveryFailed, fault, told
from tracking import plan, undertakings
from tracking.actions import ActionRefused, CancelRun, PauseRun
from tracking.actions.backup import TakeBackup, TestRestore
from tracking.models import BackupRecord, Run, RunbookStep
from tracking.runbooks import walk
from tracking.runbooks.definitions import plan_of
from tracking.sentences import again, sentence
from tracking.states import AT_WORK, RunStatus
from tracking.undertakings import Alive

HOOK_SECONDS, PAUSE_SECONDS, SAID = 300, 300, 2_000
Result = dict[str, Any]

log = structlog.get_logger("migration")


def do(pk: int, now: datetime | None = None) -> RunbookStep | None:
    """Do the step that waits under this number; None when somebody else has it. A failure is its result."""
    step = undertakings.take(RunbookStep, pk, now or timezone.now())
    if step is None:
        return None
    with Alive(step) as life:
        try:
            result = _work(step, life)
        except (EngineError, ActionRefused, DatabaseError, OSError) as error:
            _fail(step, told(error))
            return step
        except Exception as error:
            _fail(step, fault(error))
            raise
    undertakings.end(step, RunbookStep.State.DONE, timezone.now(), result=result)
    walk.settle(step.runbook, timezone.now())
    log.info("runbook step done", runbook=step.runbook_id, step=step.key)
    return step


def _fail(step: RunbookStep, error: str) -> None:
    undertakings.end(step, RunbookStep.State.FAILED, timezone.now(), error=error)
    log.error("runbook step failed", runbook=step.runbook_id, step=step.key)


def _work(step: RunbookStep, life: Alive) -> Result:
    planned = plan_of(step.runbook.kind, step.key)
    if planned.command:
        return hook(planned.command, step.runbook.wave.name)
    return TASKS[step.key](step, life)


def hook(command: str, wave: str) -> Result:
    """Call the operator's command with the wave's name; RecoveryFailed when it does not end with 0 in five minutes."""
    words = [*shlex.split(command), wave]
    try:
        ran = subprocess.run(
            words, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL, timeout=HOOK_SECONDS,
            check=False,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise RecoveryFailed(
            sentence(
                "The command %(command)s is not there: correct its setting, or do the step by hand.",
                command=words[0],
            )
        ) from error
    except subprocess.TimeoutExpired as error:
        raise RecoveryFailed(
            sentence(
                "The command %(command)s did not end within %(seconds)s s: look what it does.",
                command=words[0],
                seconds=HOOK_SECONDS,
            )
        ) from error
    said = (ran.stdout + ran.stderr).strip()[-SAID:]
    if ran.returncode:
        raise RecoveryFailed(
            sentence(
                "The command %(command)s ended with code %(code)s: %(said)s",
                command=words[0],
                code=ran.returncode,
                said=said,
            )
        )
    return {"command": words[0], "said": said}


def _pause_runs(step: RunbookStep, life: Alive) -> Result:
    """Pause what moves, cancel what waits for its start, and wait until nothing moves."""
    who: dict[str, Any] = {"actor": step.begun_by, "via": "panel" if step.begun_by else "command"}
    reason = f"runbook {step.runbook_id}: {step.runbook.reason}"[:400]
    paused, cancelled = [], []
    for run in plan.unfinished(step.runbook.wave):
        if run.status == RunStatus.RUNNING:
            PauseRun(run, reason=reason, **who).perform(timezone.now())
            paused.append(run.pk)
        elif run.status == RunStatus.PENDING:
            CancelRun(run, reason=reason, **who).perform(timezone.now())
            cancelled.append(run.pk)
    _until_still(step)
    return {"paused": paused, "cancelled": cancelled}


def _until_still(step: RunbookStep) -> None:
    until = time.monotonic() + PAUSE_SECONDS
    while True:
        moving = list(
            Run.objects.filter(phase__wave=step.runbook.wave, status__in=AT_WORK).select_related(
                "phase__wave"
            )
        )
        for run in moving:
            coordinator.settle(run, timezone.now())
        if not Run.objects.filter(pk__in=[run.pk for run in moving], status__in=AT_WORK).exists():
            return
        if time.monotonic() > until:
            raise RecoveryFailed(
                sentence(
                    "Run %(run)s still holds batches after %(seconds)s s: release them under "
                    "Workers, then begin again.",
                    run=str(moving[0]),
                    seconds=PAUSE_SECONDS,
                )
            )
        time.sleep(0.5)


def _checkpoint(step: RunbookStep, life: Alive) -> Result:
    from entities.rollback import checkpoint
    from entities.rollback.tables import content_tables

    name = f"runbook {step.runbook_id}: before going back"
    kept = checkpoint.create(name, timezone.now(), wave=step.runbook.wave, made_by=step.begun_by)
    names = content_tables()
    checkpoint.take(kept, _counted(names, life))
    kept.refresh_from_db()
    return {"checkpoint": kept.pk, "tables": len(names), "rows": kept.rows, "hash": kept.hash}


def _counted(names: list[str], life: Alive) -> Any:
    for number, name in enumerate(names, 1):
        yield name
        life.step(number, len(names))


def _changes(step: RunbookStep, life: Alive) -> Result:
    return changes.write(step.runbook.wave, timezone.now(), life.step)


def _backup(step: RunbookStep, life: Alive) -> Result:
    action = TakeBackup(
        "v5", wave=step.runbook.wave, queued=False, via="command", reason=f"runbook {step.runbook_id}"
    )
    action.perform(timezone.now())
    record = backup.take(action.subject.pk, said=life.step)
    if record is None or record.state != undertakings.State.DONE:
        raise RecoveryFailed(
            again(record.error, record.error_facts)
            if record
            else sentence("Another worker took it: begin the step again.")
        )
    return {"backup": record.pk, "file": record.location, "size": record.size, "checksum": record.checksum}


def _restore_test(step: RunbookStep, life: Alive) -> Result:
    taken = BackupRecord.objects.filter(
        database="v5", state=undertakings.State.DONE, taken_at__gte=step.runbook.asked_at - timedelta(hours=24)
    ).exclude(method="").first()  # fmt: skip
    if taken is None:
        raise RecoveryFailed(
            sentence(
                "There is no backup of the last day: do the step before this one, or leave this one out."
            )
        )
    action = TestRestore(taken, queued=False, via="command")
    action.perform(timezone.now())
    assert action.test is not None
    record = restore.test(action.test.pk, said=life.step)
    if record is None or record.state != undertakings.State.DONE:
        raise RecoveryFailed(
            again(record.error, record.error_facts)
            if record
            else sentence("Another restore test is under way: begin this one again.")
        )
    if not record.passed:
        raise RecoveryFailed(
            sentence("%(n)s tables came back different: take another backup.", n=len(record.differences))
        )
    return {"backup": taken.pk, "restore test": record.pk, "rows": record.rows}


def _validate(step: RunbookStep, life: Alive) -> Result:
    verdicts = validation.validate()
    validation.store(verdicts, timezone.now(), step.runbook.wave)
    return {
        "results": {one.id: one.result for one in verdicts},
        "red": [one.id for one in verdicts if one.is_red],
    }


TASKS: dict[str, Callable[[RunbookStep, Alive], Result]] = {
    "pause_runs": _pause_runs, "checkpoint": _checkpoint, "changes": _changes, "backup": _backup,
    "restore_test": _restore_test, "validate": _validate,
}  # fmt: skip

"""What the panel asks for on the way back is done by real workers, also when one of them dies in the middle."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from entities.recovery import backup, work
from tests import moves
from tests.acceptance import scenes
from tests.world import World
from tracking import undertakings
from tracking.actions.backup import TakeBackup
from tracking.models import BackupRecord, Runbook, RunbookStep
from tracking.runbooks import walk

pytestmark = pytest.mark.slow


def test_a_backup_outlives_its_worker_and_a_step_of_a_runbook_finds_one(empty_world: World) -> None:
    TakeBackup("v5", via="command").perform(timezone.now())
    markers = empty_world.folder / "died"
    markers.mkdir()
    first = empty_world.spawn_worker("first", BOUKII_FAILPOINT=f"{backup.HALF_WRITTEN}@{markers}")
    scenes.until(lambda: first.poll() is not None, "the death of the first worker", empty_world)
    record = BackupRecord.objects.get()
    assert (record.state, record.attempt, record.size) == ("running", 1, 0)

    empty_world.spawn_worker("second")
    BackupRecord.objects.update(seen_at=timezone.now() - undertakings.SILENT - timedelta(seconds=1))
    work.revive(timezone.now())
    scenes.until(lambda: BackupRecord.objects.get().state == "done", "the backup", empty_world)
    record.refresh_from_db()
    assert record.attempt == 2 and Path(record.location).stat().st_size == record.size

    runbook = walk.create(
        moves.wave(), Runbook.Kind.IMMEDIATE, timezone.now(), reason="x", by=None, via="command"
    )
    step = runbook.steps.get(key="checkpoint")
    walk.begin(step, None, timezone.now())
    scenes.until(
        lambda: RunbookStep.objects.get(pk=step.pk).state in ("done", "failed"), "the step", empty_world
    )
    step.refresh_from_db()
    assert (step.state, step.error) == ("done", "") and step.result["tables"] > 0

"""The restore test: a backup is worth what comes back out of it.

1. the file is there and has the checksum that was noted, 2. it goes into a scratch database, 3. every table has the
rows and the content hash that it had when the backup was taken, and there are as many triggers, routines and views,
4. the scratch database is gone again.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from entities.engine import content, failpoints
from entities.recovery import place, servers
from entities.recovery.backup import Said
from entities.recovery.errors import BackupIsBad, RecoveryFailed, fault, told
from tracking import undertakings
from tracking.models import RestoreTest
from tracking.sentences import sentence
from tracking.undertakings import Alive

ALIAS = "restore_test"
HALF_RESTORED = "restore_half_done"
Difference = dict[str, Any]

log = structlog.get_logger("migration")


def test(pk: int, now: datetime | None = None, said: Said | None = None) -> RestoreTest | None:
    """Do the restore test that waits under this number; None when somebody else has it.

    `passed` is False when the backup is bad, and None when the test could not be done: then it proves nothing.
    """
    now = now or timezone.now()
    if (
        RestoreTest.objects.filter(state=undertakings.State.RUNNING, seen_at__gte=now - undertakings.SILENT)
        .exclude(pk=pk)
        .exists()
    ):
        return None  # one scratch database: the next tick offers it again
    record = undertakings.take(RestoreTest, pk, now)
    if record is None:
        return None
    with Alive(record, said) as life:
        try:
            facts = _test(record, life)
        except (RecoveryFailed, DatabaseError, OSError) as error:
            passed = False if isinstance(error, BackupIsBad) else None
            undertakings.end(
                record, undertakings.State.FAILED, timezone.now(), error=told(error), passed=passed
            )
            log.error("restore test failed", restore_test=pk, error=type(error).__name__)
            return record
        except Exception as error:
            undertakings.end(record, undertakings.State.FAILED, timezone.now(), error=fault(error))
            raise
    undertakings.end(record, undertakings.State.DONE, timezone.now(), **facts)
    log.info("restore test done", restore_test=pk, passed=facts["passed"])
    return record


def _test(record: RestoreTest, life: Alive) -> dict[str, Any]:
    backup = record.backup
    if not backup.method:
        raise RecoveryFailed(
            sentence("A person vouches for this backup: the panel did not take it and cannot restore it.")
        )
    path = Path(backup.location)
    if not path.is_file():
        raise BackupIsBad(sentence("%(file)s is gone: somebody moved or removed it.", file=str(path)))
    if place.checksum_of(path) != backup.checksum:
        raise BackupIsBad(
            sentence("%(file)s is not the file that was written: its checksum differs.", file=str(path))
        )
    servers.restores(backup.method, settings.RESTORE_TEST_URL, backup.database)
    with servers.scratch(backup.database, settings.RESTORE_TEST_URL, ALIAS) as scratch:
        scratch.fill(_watched(path, life))
        failpoints.visit(HALF_RESTORED)
        differences, rows = compare(backup.figures, scratch, life)
        differences += _objects(backup.server.get("objects", {}), scratch.objects())
        found = {"scratch": scratch.place, "rows": rows, "differences": differences, "passed": not differences,
                 "done": life.total, "total": life.total}  # fmt: skip
    return found


def _watched(path: Path, life: Alive) -> Any:
    for piece in place.unpacked(path):
        if life.lost:
            raise RecoveryFailed(
                sentence("Another worker took this test over, because this one was silent for too long.")
            )
        yield piece


def compare(noted: dict[str, Any], scratch: Any, life: Alive) -> tuple[list[Difference], int]:
    """Every table that is not as noted, and the rows that came back."""
    names = set(scratch.tables())
    differences: list[Difference] = [
        {"table": name, "expected": noted[name], "found": None} for name in sorted(noted.keys() - names)
    ]
    rows = 0
    for number, name in enumerate(sorted(names), 1):
        figures = content.table_figures(ALIAS, name)
        found = list(figures)
        rows += figures.rows
        life.step(number, len(names))
        if found != noted.get(name):
            differences.append({"table": name, "expected": noted.get(name), "found": found})
    return differences, rows


def _objects(noted: dict[str, int], found: dict[str, int]) -> list[Difference]:
    return [
        {"table": kind, "expected": [number, ""], "found": [found.get(kind, 0), ""]}
        for kind, number in noted.items()
        if found.get(kind, 0) != number
    ]

"""Taking a backup: one moment of a database in a file, with what it held, and where the server's log stood.

1. a snapshot that holds nobody up for long, 2. room on the disk, 3. the dump into a file that is complete or not
there, 4. rows and hash of every table in that same moment, 5. a description beside the file, 6. the record.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from django.db import DatabaseError
from django.utils import timezone

from entities.engine import content, failpoints
from entities.recovery import place, servers
from entities.recovery.errors import RecoveryFailed, fault, told
from entities.recovery.servers import Snapshot
from tracking import undertakings, version
from tracking.models import BackupRecord
from tracking.sentences import sentence
from tracking.undertakings import Alive

HALF_WRITTEN, BEFORE_RECORD = "backup_half_written", "backup_before_record"
Said = Callable[[int, int], None]

log = structlog.get_logger("migration")


def take(pk: int, now: datetime | None = None, said: Said | None = None) -> BackupRecord | None:
    """Take the backup that waits under this number; None when somebody else has it. Failures are recorded, not raised."""
    record = undertakings.take(BackupRecord, pk, now or timezone.now())
    if record is None:
        return None
    with Alive(record, said) as life:
        try:
            facts = _take(record, life)
        except (RecoveryFailed, DatabaseError, OSError) as error:
            undertakings.end(record, undertakings.State.FAILED, timezone.now(), error=told(error))
            log.error("backup failed", backup=pk, database=record.database, error=type(error).__name__)
            return record
        except Exception as error:
            undertakings.end(record, undertakings.State.FAILED, timezone.now(), error=fault(error))
            raise
    failpoints.visit(BEFORE_RECORD)
    if not undertakings.end(record, undertakings.State.DONE, timezone.now(), **facts):
        Path(facts["location"]).unlink(
            missing_ok=True
        )  # another worker took it over: its file is the one that counts
        Path(described(facts["location"])).unlink(missing_ok=True)
    log.info("backup taken", backup=pk, database=record.database, size=facts["size"])
    return record


def _take(record: BackupRecord, life: Alive) -> dict[str, Any]:
    folder = place.folder()
    stem = f"{record.database}-{record.pk}-"
    place.forget_parts(stem)
    with servers.snapshot(record.database) as moment:
        taken_at = timezone.now()
        path = folder / f"{stem}{taken_at:%Y%m%dT%H%M%SZ}-{record.attempt}{moment.ending}"
        place.check_room(folder, moment.needed())
        with place.whole(path) as sink:
            moment.dump(
                lambda piece: _feed(sink, piece, life),
                life.step,
                path.with_name(f"{path.name}.raw{place.PART}"),
            )
        try:
            facts = _facts(moment, life)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    found = {
        **facts, "location": str(path), "size": sink.size, "checksum": sink.checksum, "taken_at": taken_at,
        "method": moment.method,
    }  # fmt: skip
    _describe(found, record)
    return found


def _feed(sink: place.Sink, piece: bytes, life: Alive) -> None:
    if life.lost:
        raise RecoveryFailed(
            sentence("Another worker took this backup over, because this one was silent for too long.")
        )
    sink.feed(piece)
    failpoints.visit(HALF_WRITTEN)


def _facts(moment: Snapshot, life: Alive) -> dict[str, Any]:
    names = moment.tables()
    figures: dict[str, Any] = {}
    for number, name in enumerate(names, 1):
        figures[name] = list(content.table_figures(moment.alias, name))
        life.step(number, len(names))
    return {"figures": figures, "server": {**moment.facts, "rules": version.of_rules()}, "done": len(names),
            "total": len(names)}  # fmt: skip


def described(location: str) -> str:
    """The file beside a backup that says what it is, for whoever has nothing but the folder."""
    return f"{location}.json"


def _describe(facts: dict[str, Any], record: BackupRecord) -> None:
    known = {
        **facts,
        "taken_at": facts["taken_at"].isoformat(),
        "database": record.database,
        "backup": record.pk,
    }
    place.write_private(
        Path(described(facts["location"])), json.dumps(known, indent=1, sort_keys=True).encode()
    )

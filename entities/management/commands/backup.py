"""`backup`: take a backup of V5 or of the panel, now and in this process."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from entities.engine.errors import Refused
from entities.operations.command import COMPLETE, INCOMPLETE, OperationCommand, quiet_logs
from entities.recovery import backup
from tracking import undertakings
from tracking.actions.backup import TAKEN_BY_US, TakeBackup
from tracking.models import BackupRecord, Wave
from tracking.undertakings import State


class Command(OperationCommand):
    help = (
        "Take a backup by the server's own dump (SQLite: a copy) into BACKUP_FOLDER, with its checksum, the rows and hash of "
        "every table, and the place in the binary log. Exit code 0: taken, 1: refused, 3: it did not come to its end; "
        "nothing half-done is left."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--database", choices=TAKEN_BY_US, default="v5", help="v5 (default), or default: the panel's own"
        )
        parser.add_argument(
            "--wave", metavar="NAME", help="for this wave alone; without it, it serves every wave"
        )
        parser.add_argument("--queue", action="store_true", help="leave it to a worker")
        parser.add_argument("--reason", default="", metavar="TEXT", help="kept in the audit log")

    def operate(self, options: dict[str, Any]) -> int:
        quiet_logs(options["verbosity"])
        undertakings.lapse(BackupRecord, timezone.now())
        left = BackupRecord.objects.filter(database=options["database"], state=State.WAITING).first()
        if left is not None and not options["queue"]:
            self.stdout.write(f"Backup {left.pk} was asked for and not finished: it is taken now.")
            return self._take(left.pk)
        action = TakeBackup(
            options["database"], wave=_wave(options["wave"]), queued=options["queue"], via="command",
            reason=options["reason"],
        )  # fmt: skip
        action.perform(timezone.now())
        if options["queue"]:
            self.stdout.write(f"Backup {action.subject.pk} waits for a worker; the panel shows its progress.")
            return COMPLETE
        return self._take(action.subject.pk)

    def _take(self, number: int) -> int:
        record = backup.take(number)
        if record is None:
            raise Refused(f"a worker took backup {number} already; the panel shows its progress")
        if record.state != State.DONE:
            self.stderr.write(record.error)
            return INCOMPLETE
        rows = sum(rows for rows, _hash in record.figures.values())
        self.stdout.write(
            f"Backup {record.pk}: {record.location}\n  {record.size:,} bytes, sha256 {record.checksum}\n"
            f"  {len(record.figures)} tables, {rows:,} rows, "
            f"{(record.finished_at - record.started_at).total_seconds():.1f} s\n"
            f"  not yet proven: restore_test --backup {record.pk}"
        )
        return COMPLETE


def _wave(name: str | None) -> Wave | None:
    if name is None:
        return None
    found = Wave.objects.filter(name=name).first()
    if found is None:
        known = ", ".join(Wave.objects.order_by("name").values_list("name", flat=True)) or "none yet"
        raise Refused(f"there is no wave {name}; waves: {known}")
    return found

"""`restore_test`: prove a backup by restoring it into a scratch database."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from entities.engine.errors import Refused
from entities.operations.command import COMPLETE, INCOMPLETE, OperationCommand, quiet_logs
from entities.recovery import restore
from tracking import undertakings
from tracking.actions.backup import TAKEN_BY_US, TestRestore
from tracking.models import BackupRecord, RestoreTest
from tracking.undertakings import State


class Command(OperationCommand):
    help = (
        "Restore a backup into a scratch database (RESTORE_TEST_URL) and compare every table with what was noted when the "
        "backup was taken. Exit code 0: equal, 1: refused, 3: not equal, or it did not come to its end."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--backup", type=int, metavar="N", help="number of the backup; without it, the newest"
        )
        parser.add_argument(
            "--database",
            choices=TAKEN_BY_US,
            default="v5",
            help="the newest of which database: v5 or default",
        )
        parser.add_argument("--queue", action="store_true", help="leave it to a worker")

    def operate(self, options: dict[str, Any]) -> int:
        quiet_logs(options["verbosity"])
        wanted = _backup(options)
        undertakings.lapse(RestoreTest, timezone.now())
        left = RestoreTest.objects.filter(backup=wanted, state=State.WAITING).first()
        if left is not None and not options["queue"]:
            self.stdout.write(f"Restore test {left.pk} was asked for and not finished: it is done now.")
            return self._test(left.pk)
        action = TestRestore(wanted, queued=options["queue"], via="command")
        action.perform(timezone.now())
        assert action.test is not None
        if options["queue"]:
            self.stdout.write(
                f"Restore test {action.test.pk} waits for a worker; the panel shows its progress."
            )
            return COMPLETE
        return self._test(action.test.pk)

    def _test(self, number: int) -> int:
        record = restore.test(number)
        if record is None:
            raise Refused("another restore test is under way; this one waits for a worker behind it")
        return self._report(record)

    def _report(self, record: RestoreTest) -> int:
        if record.state != State.DONE:
            self.stderr.write(record.error)
            return INCOMPLETE
        for one in record.differences:
            self.stderr.write(f"{one['table']}: noted {one['expected']}, came back {one['found']}")
        verdict = "equal to what was noted" if record.passed else f"{len(record.differences)} tables differ"
        self.stdout.write(
            f"Restore test {record.pk} of backup {record.backup_id}: {len(record.backup.figures)} tables, "
            f"{record.rows:,} rows in {(record.finished_at - record.started_at).total_seconds():.1f} s, {verdict}."
        )
        return COMPLETE if record.passed else INCOMPLETE


def _backup(options: dict[str, Any]) -> BackupRecord:
    complete = BackupRecord.objects.filter(state=State.DONE).exclude(method="")
    if options["backup"] is not None:
        found = BackupRecord.objects.filter(pk=options["backup"]).first()
    else:
        found = complete.filter(database=options["database"]).order_by("-taken_at").first()
    if found is None:
        known = ", ".join(map(str, complete.order_by("-pk").values_list("pk", flat=True)[:5])) or "none"
        raise Refused(f"there is no such backup; those that the panel took: {known}")
    return found

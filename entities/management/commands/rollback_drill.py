"""`rollback_drill`: rehearse the way back on copies, and keep what it says."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from entities.management.commands.checkpoint import wave_of
from entities.operations.command import COMPLETE, INCOMPLETE, OperationCommand, quiet_logs
from entities.rollback import drill
from tracking.models import AuditEvent


class Command(OperationCommand):
    help = (
        "Rehearse the rollback of a whole wave on copies of V5 and of the panel's database: move what is not moved, edit "
        "as users do, roll back, prove. The copies are gone afterwards. Exit code 0: proven, 1: refused, 3: not proven."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wave", metavar="NAME", help="default: the latest")

    def operate(self, options: dict[str, Any]) -> int:
        quiet_logs(options["verbosity"])
        wave = wave_of(options["wave"])
        found = drill.rehearse(wave, self.stdout.write)
        seconds, rows = found.result["seconds"], sum(found.result["taken out"].values())
        AuditEvent.objects.create(
            at=timezone.now(), via="command", action="rehearse rollback", subject_type="rollback", subject_id=str(found.pk),
            after={"proven": found.result["proven"], "seconds": seconds},
        )  # fmt: skip
        self.stdout.write(
            f"{rows:,} rows went and came to nothing else in {seconds['rollback']} s (all: {seconds['all']} s)."
        )
        self.stdout.write("Proven." if found.result["proven"] else f"Not proven: {found.result['R-92']}")
        return COMPLETE if found.result["proven"] else INCOMPLETE

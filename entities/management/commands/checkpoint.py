"""`checkpoint`: keep what V5 holds, table by table and school by school, to lead back to."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from entities.engine import sweeper
from entities.engine.errors import Refused
from entities.operations.command import COMPLETE, INCOMPLETE, OperationCommand, quiet_logs
from entities.rollback.actions import TakeCheckpoint
from tracking.models import Checkpoint, Wave


class Command(OperationCommand):
    help = (
        "Take a named checkpoint of V5, or list those there are. V5 is only read. Exit code 0: taken, 1: refused, "
        "3: it did not come to its end."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", help="what to call it; without a name, the latest are listed")
        parser.add_argument(
            "--wave", metavar="NAME", help="the wave that may go back to it (default: the latest)"
        )

    def operate(self, options: dict[str, Any]) -> int:
        quiet_logs(options["verbosity"])
        if not options["name"]:
            for one in Checkpoint.objects.select_related("wave")[:20]:
                self.stdout.write(
                    f"{one.pk:>5}  {one.at:%Y-%m-%d %H:%M:%S}  {one.rows:>10,} rows  {one.state}  {one}"
                )
            return COMPLETE
        action = TakeCheckpoint(wave_of(options["wave"]), options["name"], via="command")
        action.perform(timezone.now())
        made: Checkpoint = action.made
        sweep = sweeper.drive(made.sweep)  # type: ignore[arg-type]
        made.refresh_from_db()
        if made.state != Checkpoint.State.TAKEN:
            self.stdout.write(f"Checkpoint {made.pk} was not taken: {sweep.state} {sweep.reason}")
            return INCOMPLETE
        self.stdout.write(f"Checkpoint {made.pk} {made.name!r}: {made.rows:,} rows, hash {made.hash}.")
        return COMPLETE


def wave_of(name: str | None) -> Wave:
    """The wave of that name, or the latest."""
    found = Wave.objects.filter(name=name).first() if name else Wave.objects.first()
    if found is None:
        raise Refused(f"there is no wave {name!r}" if name else "there is no wave yet: nothing was moved")
    return found

"""`pause`: let the batches in work finish and start no further ones."""

from __future__ import annotations

from entities.operations.acting import RunCommand
from tracking.actions import PauseRun


class Command(RunCommand):
    help = (
        "Pause a run: batches in work are finished, no further ones are started. "
        "Exit code 0: done, 1: refused, with the reason."
    )
    action = PauseRun

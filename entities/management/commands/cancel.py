"""`cancel`: end a run for good."""

from __future__ import annotations

from entities.operations.acting import RunCommand
from tracking.actions import CancelRun


class Command(RunCommand):
    help = (
        "End a run for good. What was moved stays moved and recorded. "
        "Exit code 0: done, 1: refused, with the reason."
    )
    action = CancelRun

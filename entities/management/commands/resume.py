"""`resume`: continue a run that was paused or that stopped itself."""

from __future__ import annotations

from entities.operations.acting import RunCommand
from tracking.actions import ResumeRun


class Command(RunCommand):
    help = (
        "Continue a run that was paused or that stopped itself; workers take it up, or run_phase does. "
        "Exit code 0: done, 1: refused, with the reason."
    )
    action = ResumeRun

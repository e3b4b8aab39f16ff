"""Commands that do one action on one run."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.management.base import CommandParser
from django.utils import timezone

from entities.engine import coordinator
from entities.engine.errors import Refused
from entities.operations.command import COMPLETE, OperationCommand
from tracking.actions import Action
from tracking.models import Run
from tracking.states import AT_WORK, RunStatus


class RunCommand(OperationCommand):
    """`<command> RUN [--reason TEXT]`; the action itself says what may be done."""

    action: ClassVar[type[Action]]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run", type=int, help="number of the run, as `status` shows it")
        parser.add_argument("--reason", default="", metavar="TEXT", help="kept in the audit log")

    def operate(self, options: dict[str, Any]) -> int:
        run, now = find(options["run"]), timezone.now()
        act = self.action(run, via="command", reason=options["reason"])
        said = act.effect()
        act.perform(now)
        if run.status in AT_WORK:
            coordinator.settle(run, now)
            run.refresh_from_db()
        self.stdout.write(f"{run}: {said} It is now {run.status}: {RunStatus(run.status).label}.")
        return COMPLETE


def find(number: int) -> Run:
    run = Run.objects.select_related("phase__wave").filter(pk=number).first()
    if run is None:
        known = ", ".join(map(str, Run.objects.order_by("-pk").values_list("pk", flat=True)[:5])) or "none"
        raise Refused(f"there is no run {number}; the latest are {known} (see `status`)")
    return run

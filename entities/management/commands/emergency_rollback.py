"""`emergency_rollback`: go back now, with one command: the immediate rollback's steps that need no person."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from entities.engine.errors import Refused
from entities.operations.command import COMPLETE, INCOMPLETE, OperationCommand, quiet_logs
from entities.recovery import steps
from tracking import undertakings
from tracking.actions.runbook import BeginStep, StartRunbook
from tracking.admin.runbook_content import facts
from tracking.models import Runbook, RunbookStep, Wave
from tracking.runbooks import walk
from tracking.runbooks.definitions import plan_of

State = RunbookStep.State
PATIENCE = 600  # seconds; a step whose worker died is free again after one minute


class Command(OperationCommand):
    help = (
        "Walk the immediate rollback of a wave from here: pause its runs, stop V5, start legacy and route people back by the "
        "commands of the settings, keep a checkpoint, list and export what happened in V5. Legacy is never written. What only "
        "a person can do is left open in the panel; repeated, it goes on. Exit code 0: done as far as a command can, 1: refused, "
        "3: a step failed, or a command of the settings is missing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wave", required=True, metavar="NAME", help="the wave that goes back")
        parser.add_argument("--confirm", required=True, metavar="NAME", help="its name once more")
        parser.add_argument(
            "--reason", required=True, metavar="TEXT", help="kept with the runbook and in the audit log"
        )

    def operate(self, options: dict[str, Any]) -> int:
        quiet_logs(options["verbosity"])
        runbook = self._runbook(options)
        left: list[RunbookStep] = []
        failed = False
        for step in runbook.steps.exclude(state__in=walk.OVER).order_by("position"):
            if plan_of(runbook.kind, step.key).by_worker:
                failed |= not self._do(step)
            else:
                left.append(step)
        return self._report(runbook, left, failed)

    def _runbook(self, options: dict[str, Any]) -> Runbook:
        wave = Wave.objects.filter(name=options["wave"]).first()
        if wave is None:
            known = ", ".join(Wave.objects.order_by("name").values_list("name", flat=True)) or "none"
            raise Refused(f"there is no wave {options['wave']}; waves: {known}")
        if options["confirm"] != wave.name:
            raise Refused(f"--confirm says {options['confirm']!r}: repeat the wave's name, {wave.name!r}")
        under_way = walk.open_of(wave)
        if under_way is not None and (under_way.kind, under_way.state) == (
            Runbook.Kind.IMMEDIATE, Runbook.State.RUNNING,
        ):  # fmt: skip
            self.stdout.write(f"Goes on with runbook {under_way.pk}.")
            return under_way
        action = StartRunbook(wave, Runbook.Kind.IMMEDIATE, via="command", reason=options["reason"])
        action.perform(timezone.now())
        self.stdout.write(f"Runbook {action.subject.pk}: {action.subject}")
        made: Runbook = action.subject
        return made

    def _do(self, step: RunbookStep) -> bool:
        title = plan_of(step.runbook.kind, step.key).title
        if step.state in (State.TODO, State.FAILED):
            BeginStep(step, queued=False, out_of_turn=True, via="command").perform(timezone.now())
        done = steps.do(step.pk) or self._after_another(step)
        step.refresh_from_db()
        if done is not None and step.state == State.DONE:
            self.stdout.write(f"{step.position}. {title}: done. {_facts(step)}")
            return True
        self.stderr.write(f"{step.position}. {title}: {step.error or step.state}")
        return False

    def _after_another(self, step: RunbookStep) -> RunbookStep | None:
        """Somebody else is at the step: wait for the end of it, and do it when that one died."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            undertakings.lapse(RunbookStep, timezone.now())
            step.refresh_from_db()
            if step.state == State.WAITING:
                return steps.do(step.pk)
            if step.state != State.RUNNING:
                return step
            time.sleep(1)
        return None

    def _report(self, runbook: Runbook, left: list[RunbookStep], failed: bool) -> int:
        for step in left:
            planned = plan_of(runbook.kind, step.key)
            self.stdout.write(f"To do by a person ({planned.owner}): {planned.title}. {planned.what}")
        self.stdout.write(f"Everything is kept in the panel under runbook {runbook.pk}.")
        without = any(plan_of(runbook.kind, step.key).hook for step in left)
        return INCOMPLETE if failed or without else COMPLETE


def _facts(step: RunbookStep) -> str:
    """What a worker found, in a line; the files one below the other."""
    told = ", ".join(f"{name} {value}" for name, value in facts(step.result))
    return "".join([told, *(f"\n     {name}" for name in step.result.get("files", {}))])

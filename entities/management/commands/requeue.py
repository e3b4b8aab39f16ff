"""`requeue`: put work back into the queue, after a correction or a fault outside the data."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from entities import registry
from entities.engine.errors import Refused
from entities.operations import phases
from entities.operations.acting import find
from entities.operations.command import COMPLETE, INCOMPLETE, WITH_REJECTED, OperationCommand, quiet_logs
from tracking.actions import Action, RequeueBatch, RequeueFailed, RequeueIssues, RequeueRecord, effects
from tracking.models import Batch, Run
from tracking.states import RunStatus


class Command(OperationCommand):
    help = (
        "Put batches or records of a run back into the queue. Nothing is written twice. Exit code 0: queued (or, with "
        "--inline or --wait, done and every record fixed), 1: refused, 2: done, some records still fail, 3: the run "
        "did not come to its end."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--run", type=int, required=True, metavar="N", help="number of the run")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--failed", action="store_true", help="its failed batches")
        what.add_argument("--batch", type=int, metavar="N", help="one batch, failed or done")
        what.add_argument("--issue", metavar="CODE", help="all records with this reason code")
        what.add_argument("--record", metavar="entity:id", help="one record, for example client:42")
        how = parser.add_mutually_exclusive_group()
        how.add_argument(
            "--inline", action="store_true", help="work in this process and say what became of it"
        )
        how.add_argument("--wait", action="store_true", help="wait for the workers and say what became of it")
        parser.add_argument("--reason", default="", metavar="TEXT", help="kept in the audit log")

    def operate(self, options: dict[str, Any]) -> int:
        quiet_logs(options["verbosity"])
        run = find(options["run"])
        action = self._action(run, options)
        said = action.effect()
        before = effects.open_issues(run) if options["inline"] or options["wait"] else {}
        event = action.perform(timezone.now())
        self.stdout.write(f"{run}: {said}")
        if not (options["inline"] or options["wait"]):
            self.stdout.write("Queued for the workers; `status` shows what becomes of it.")
            return COMPLETE
        phases.move_one(run, phases.How(inline=options["inline"]), self.stdout.write)
        batches = Batch.objects.filter(pk__in=event.after["batches"])
        return self._report(run, effects.compare(before, effects.open_issues(run), batches))

    def _action(self, run: Run, options: dict[str, Any]) -> Action:
        who = {"via": "command", "reason": options["reason"]}
        if options["failed"]:
            return RequeueFailed(run, **who)
        if options["batch"] is not None:
            return RequeueBatch(run, options["batch"], **who)
        if options["issue"]:
            return RequeueIssues(run, options["issue"], **who)
        entity, _, number = options["record"].rpartition(":")
        if not entity or not number.isdigit():
            raise Refused(
                f"--record {options['record']!r} names no record: write entity:id, for example client:42"
            )
        is_root = registry.get(run.entity_type).root_entity == entity
        return RequeueRecord(run, entity, int(number), is_root=is_root, **who)

    def _report(self, run: Run, effect: effects.Effect) -> int:
        run.refresh_from_db()
        self.stdout.write(str(effect))
        if run.status != RunStatus.COMPLETED:
            self.stdout.write(f"{run} is {run.status}: {run.status_reason or RunStatus(run.status).label}")
            return INCOMPLETE
        return WITH_REJECTED if effect.same or effect.new else COMPLETE

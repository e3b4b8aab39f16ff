"""`rollback`: take out of V5 what runs wrote, by the map, and prove it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from entities.engine import sweeper
from entities.engine.errors import Refused
from entities.management.commands.checkpoint import wave_of
from entities.operations.acting import find
from entities.operations.command import COMPLETE, INCOMPLETE, WITH_REJECTED, OperationCommand, quiet_logs
from entities.rollback import keep, request
from entities.rollback.actions import AskRollback, StartRollback, WithdrawRollback
from tracking.actions.rollback import DecideRollback, ResumeRollback
from tracking.models import Batch, Checkpoint, Rollback, Wave


class Command(OperationCommand):
    help = (
        "Look at a rollback (the default), and with --yes do it. Rows go into the rollback archive; what people edited "
        "or wrote stays unless --anyway says otherwise. Exit code 0: looked at, or rolled back and proven, 1: refused, "
        "2: looked at and people's work stands in the way, 3: not proven or not at its end."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument(
            "--record", metavar="entity:id", help="one record with its parts, for example booking:42"
        )
        what.add_argument("--batch", type=int, metavar="N")
        what.add_argument("--run", type=int, metavar="N")
        what.add_argument("--migration", metavar="NAME", help="every run of one migration of the wave")
        what.add_argument("--school", type=int, metavar="ID", help="legacy id of a school")
        what.add_argument("--phase", type=int, metavar="N")
        what.add_argument("--all", action="store_true", help="everything that the wave wrote")
        what.add_argument(
            "--checkpoint", type=int, metavar="N", help="back to a checkpoint (see `checkpoint`)"
        )
        what.add_argument("--continue", type=int, metavar="N", dest="goes_on", help="go on with rollback N")
        parser.add_argument("--wave", metavar="NAME", help="default: the latest")
        parser.add_argument(
            "--include", action="store_true", help="also the later runs or records that stand on it"
        )
        parser.add_argument("--anyway", action="append", default=[], metavar="GROUP",
                            help="let a group go that people touched, as the look names it: edited:bookings")  # fmt: skip
        parser.add_argument("--yes", action="store_true", help="do it, after the look")
        parser.add_argument("--reason", default="", metavar="TEXT", help="kept with everything that goes")

    def operate(self, options: dict[str, Any]) -> int:
        quiet_logs(options["verbosity"])
        if options["goes_on"]:
            return self._go_on(options["goes_on"])
        wave = wave_of(options["wave"])
        action = AskRollback(wave, self._make(wave, options), self._said(options), via="command",
                             reason=options["reason"] or "asked for on the command line")  # fmt: skip
        action.perform(timezone.now())
        assert action.made is not None and action.made.look is not None
        rollback = action.made
        look = sweeper.drive(action.made.look)
        rollback.refresh_from_db()
        if rollback.state != Rollback.State.LOOKED:
            raise Refused(f"rollback {rollback.pk} could not be looked at: {look.reason}")
        if options["anyway"]:
            DecideRollback(rollback, dict.fromkeys(options["anyway"], keep.ANYWAY), via="command").perform(
                timezone.now()
            )
            keep.settle(rollback)
        touched = self._show(rollback)
        if not options["yes"]:
            WithdrawRollback(rollback, via="command").perform(timezone.now())
            self.stdout.write("Nothing went. Repeat with --yes to do it.")
            return WITH_REJECTED if touched else COMPLETE
        StartRollback(rollback, via="command").perform(timezone.now())
        return self._drive(rollback)

    def _said(self, options: dict[str, Any]) -> str:
        names = ("record", "batch", "run", "migration", "school", "phase", "checkpoint")
        return next(
            (f"{name} {options[name]}" for name in names if options[name] is not None), "the whole wave"
        )

    def _make(self, wave: Wave, options: dict[str, Any]) -> Any:
        """The request that the command line names; it takes the time, the reason and the person."""
        include: dict[str, Any] = {"include": options["include"]}
        if options["record"]:
            return partial(request.of_record, *_record(options["record"]), **include)
        if options["batch"] is not None:
            batches = Batch.objects.select_related("run__phase__wave")
            return partial(request.of_batch, _one(batches, "batch", pk=options["batch"]), **include)
        if options["run"] is not None:
            return partial(request.of_run, find(options["run"]), **include)
        if options["phase"] is not None:
            return partial(request.of_phase, _one(wave.phases, "phase", number=options["phase"]), **include)
        return self._wide(wave, options, include)

    def _wide(self, wave: Wave, options: dict[str, Any], include: dict[str, Any]) -> Any:
        if options["migration"]:
            return partial(request.of_migration, wave, options["migration"], **include)
        if options["school"] is not None:
            return partial(request.of_school, wave, options["school"])
        if options["checkpoint"] is not None:
            checkpoints = Checkpoint.objects.select_related("wave")
            return partial(request.to_checkpoint, _one(checkpoints, "checkpoint", pk=options["checkpoint"]))
        return partial(request.of_wave, wave, **include)

    def _show(self, rollback: Rollback) -> bool:
        """What would go and what people did; whether anything of theirs stands in the way."""
        for table, found in rollback.figures.items():
            if isinstance(found, dict) and found.get("rows"):
                self.stdout.write(f"  {table:<34} {found['rows']:>10,} rows")
        groups = keep.groups(rollback)
        for group in groups:
            what = "edited by people" if group["kind"] == "edited" else "written by people"
            name = keep.group_of(group["kind"], group["table"])
            self.stdout.write(
                f"  {what}: {group['rows']:,} rows of {group['table']} — {group['decision']} ({name})"
            )
        for table, number in keep.stays_by_table(rollback).items():
            self.stdout.write(f"  stays: {number:,} rows of {table}")
        return bool(groups)

    def _go_on(self, number: int) -> int:
        rollback = Rollback.objects.filter(pk=number).select_related("work").first()
        if rollback is None or rollback.work is None:
            raise Refused(f"there is no rollback {number} that was begun")
        if rollback.work.state in ("paused", "failed"):
            ResumeRollback(rollback, via="command").perform(timezone.now())
        return self._drive(rollback)

    def _drive(self, rollback: Rollback) -> int:
        rollback.refresh_from_db()
        assert rollback.work is not None
        sweep = sweeper.drive(rollback.work)
        rollback.refresh_from_db()
        if sweep.state != "done":
            self.stdout.write(
                f"Rollback {rollback.pk} is {sweep.state}: {sweep.reason}. Then: rollback --continue {rollback.pk}"
            )
            return INCOMPLETE
        rows = sum(rollback.result["taken out"].values())
        self.stdout.write(
            f"Rollback {rollback.pk}: {rows:,} rows went into the archive; {rollback.get_state_display().lower()}."
        )
        return COMPLETE if rollback.result["proven"] else INCOMPLETE


def _record(text: str) -> tuple[str, int]:
    entity, _, number = text.rpartition(":")
    if not entity or not number.isdigit():
        raise Refused(f"--record {text!r} names no record: write entity:id, for example booking:42")
    return entity, int(number)


def _one(objects: Any, what: str, **which: Any) -> Any:
    found = objects.filter(**which).first()
    if found is None:
        raise Refused(f"there is no {what} {next(iter(which.values()))}")
    return found

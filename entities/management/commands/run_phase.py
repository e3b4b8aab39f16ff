"""`run_phase`: move phases of a wave, or forecast what would become of every row."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser
from django.db import connections
from django.utils import timezone

from entities.engine.errors import Refused
from entities.operations import phases, request
from entities.operations.command import COMPLETE, INCOMPLETE, OperationCommand, quiet_logs


class Command(OperationCommand):
    help = (
        "Move phases 1 to 4 of a wave: 1 checks the databases, 2 moves reference data, 3 users, 4 courses and "
        "bookings. What is already moved is left alone. Exit code 0: complete, 1: refused, 2: complete, but some "
        "legacy rows were rejected and wait for a person, 3: a run stopped, was paused, cancelled or does not balance."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("phases", help="2, 2-4 or 2,3")
        parser.add_argument("--wave", default="Rehearsal", metavar="NAME", help="made when it is new")
        parser.add_argument(
            "--school", type=int, nargs="+", default=[], metavar="ID", help="only these legacy schools"
        )
        parser.add_argument(
            "--cutover", metavar="DATE", help="the day that the rules call cut-over (default: now)"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="forecast every outcome, write nothing to V5"
        )
        parser.add_argument(
            "--only", nargs="+", default=[], metavar="NAME", help="only these migrations of the registry"
        )
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--inline", action="store_true", help="work in this process, without a queue")
        how.add_argument(
            "--workers", type=int, default=0, metavar="N", help="start N worker processes for this command"
        )
        parser.add_argument(
            "--resume", action="store_true", help="continue runs that are paused or stopped themselves"
        )
        parser.add_argument("--yes", action="store_true", help="do not ask before writing to V5")

    def operate(self, options: dict[str, Any]) -> int:
        numbers = request.phases(options["phases"])
        only = request.names(options["only"])
        if not 0 <= options["workers"] <= 32:
            raise Refused("--workers takes 1 to 32")
        cut = request.cutover(options["cutover"])
        self._ask(options, numbers)
        quiet_logs(options["verbosity"])
        wave = request.wave(options["wave"], options["school"], cut, timezone.now())
        if 1 in numbers:
            phases.foundation(wave, timezone.now(), self.stdout.write)
        moving = [number for number in numbers if number > 1]
        if not moving:
            return COMPLETE
        runs = phases.runs_for(
            wave, moving, dry_run=options["dry_run"], resume=options["resume"], only=only,
            workers=options["workers"], write=self.stdout.write,
        )  # fmt: skip
        how = phases.How(options["inline"], options["workers"], self.in_terminal, options["verbosity"] > 1)
        if not phases.move(wave, runs, how, self.stdout.write):
            phases.conclude(wave, runs, self.stdout.write)
            self.stdout.write("Interrupted. Repeat the command with --resume to continue where it ended.")
            return INCOMPLETE
        return phases.conclude(wave, runs, self.stdout.write)

    def _ask(self, options: dict[str, Any], numbers: tuple[int, ...]) -> None:
        """In a terminal, before V5 is written: name the database and wait for a yes."""
        asks = self.in_terminal and sys.stdin.isatty() and not (options["yes"] or options["dry_run"])
        if not asks or numbers == (1,):
            return
        name = connections["v5"].settings_dict["NAME"]
        if input(f"This writes to the V5 database {name}. Continue? [y/N] ").strip().lower() not in (
            "y",
            "yes",
        ):
            raise Refused("nothing was done: the answer was not yes (--yes answers for you)")

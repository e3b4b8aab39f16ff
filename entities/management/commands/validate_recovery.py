"""`validate_recovery`: look at V5 after a recovery, before anybody works with it."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandParser
from django.db import DatabaseError
from django.utils import timezone

from entities.operations.command import COMPLETE, INCOMPLETE, OperationCommand, quiet_logs
from entities.recovery import validation


class Command(OperationCommand):
    help = (
        "Check V5 after a recovery: integrity, critical paths, access, performance. Only reads V5; keeps the results. Exit "
        "code 0: nothing is red, 3: something is red or could not run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--limit-ms",
            type=int,
            default=validation.LIMIT_MS,
            metavar="N",
            help="what 95 of 100 reads may take",
        )
        parser.add_argument("--tries", type=int, default=validation.TRIES, metavar="N", help="reads per path")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def operate(self, options: dict[str, Any]) -> int:
        quiet_logs(options["verbosity"])
        verdicts = validation.validate(limit_ms=options["limit_ms"], tries=max(1, options["tries"]))
        try:
            validation.store(verdicts, timezone.now())
        except DatabaseError as error:  # the panel may be what was lost: the verdict counts all the same
            self.stderr.write(f"The results could not be kept: {error}")
        if options["json"]:
            self.stdout.write(json.dumps([vars(one) for one in verdicts], indent=2, default=str))
        else:
            for one in verdicts:
                self.stdout.write(f"{one.id} {one.result:8} {one.title}: {one.message}")
        return INCOMPLETE if any(one.is_red for one in verdicts) else COMPLETE

"""`status`: what runs, how far it is, what needs a person."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from entities.operations import state
from entities.operations.command import COMPLETE, OperationCommand


class Command(OperationCommand):
    help = "Show waves, phases, runs, open issues, workers and queue. Exit code 0: shown, 1: there is no such wave."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wave", metavar="NAME", help="only this wave")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def operate(self, options: dict[str, Any]) -> int:
        data = state.collect(options["wave"], timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps(data, indent=2, default=str))
        else:
            for line in state.lines(data):
                self.stdout.write(line)
        return COMPLETE

"""`explain`: the story of one record."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandParser

from entities.operations import story, telling
from entities.operations.command import COMPLETE, OperationCommand


class Command(OperationCommand):
    help = (
        "Tell what happened to one record: its legacy row, the outcome with its reason, the rule of every field, the "
        "V5 rows and the issues. Personal data is masked. Exit code 0: told, 1: there is no such record."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("record", help="entity:id as in the id map, for example client:42")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def operate(self, options: dict[str, Any]) -> int:
        told = story.tell(options["record"])
        if options["json"]:
            self.stdout.write(json.dumps(told.as_data(), indent=2, default=str, ensure_ascii=False))
        else:
            for line in telling.lines(told):
                self.stdout.write(line)
        return COMPLETE

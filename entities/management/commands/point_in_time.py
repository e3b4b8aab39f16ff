"""`point_in_time`: how to get a database back to a moment, for this server."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from entities.engine.errors import Refused
from entities.operations.command import COMPLETE, INCOMPLETE, OperationCommand
from entities.recovery import guidance
from tracking.actions.backup import TAKEN_BY_US


class Command(OperationCommand):
    help = (
        "Print the ordered commands that bring a database back to a moment, with the values of this server filled in and "
        "without a password, or why no moment can be reached. Changes nothing. Exit code 0: possible, 1: refused, 3: not "
        "possible."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", metavar="'YYYY-MM-DD HH:MM:SS'", help="the moment, UTC; without it, now")
        parser.add_argument("--database", choices=TAKEN_BY_US, default="v5", help="v5 (default) or default")

    def operate(self, options: dict[str, Any]) -> int:
        found = guidance.guide(options["database"], _moment(options["to"]))
        for line in guidance.lines(found):
            self.stdout.write(line)
        return COMPLETE if found.possible else INCOMPLETE


def _moment(text: str | None) -> datetime:
    if text is None:
        return timezone.now()
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise Refused(f"{text!r} is no moment: write it as '2026-01-31 14:30:00', in UTC") from None

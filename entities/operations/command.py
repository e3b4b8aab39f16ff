"""The base of the commands: expected failures are one sentence with the next step, never a traceback."""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from entities.engine.errors import EngineError
from tracking.actions import ActionRefused
from tracking.choices import ChoiceError
from tracking.states import WrongTransition

COMPLETE, REFUSED, WITH_REJECTED, INCOMPLETE = 0, 1, 2, 3
EXPECTED = (EngineError, ActionRefused, ChoiceError, WrongTransition)


class OperationCommand(BaseCommand):
    """Write `operate`; it returns the exit code. A wrong command line ends with 1, as any refusal."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        if parser.called_from_command_line:
            parser.error = lambda message: parser.exit(  # type: ignore[method-assign, misc]
                REFUSED, f"{message}\n{parser.format_usage()}"
            )
        return parser

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            code = self.operate(options)
        except EXPECTED as refusal:
            raise CommandError(sentence(refusal)) from refusal
        except DatabaseError as error:
            raise CommandError(
                f"A database did not do what was asked: {error}. Check DATABASE_URL, LEGACY_DATABASE_URL and "
                "V5_DATABASE_URL, and that `migrate` has run."
            ) from error
        if code:
            raise SystemExit(code)

    def operate(self, options: dict[str, Any]) -> int:
        raise NotImplementedError(f"{type(self).__name__} does nothing")

    @property
    def in_terminal(self) -> bool:
        return self.stdout._out is sys.stdout and sys.stdout.isatty()


def sentence(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text[0].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def quiet_logs(verbosity: int) -> None:
    """Leave the stage to the command's own lines: log lines below WARNING stay out of stderr unless `-v 2`.

    They are kept in `migration_logs` all the same.
    """
    if verbosity < 2:
        for handler in logging.getLogger().handlers:
            handler.setLevel(max(handler.level, logging.WARNING))

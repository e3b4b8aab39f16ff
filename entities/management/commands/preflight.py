"""`preflight`: look at both databases before anything moves, and keep the report."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from entities import preflight
from entities.preflight import output
from tracking.models import Wave


class Command(BaseCommand):
    help = (
        "Check both databases, their schemas, text and data before a migration, and store the report. "
        "Exit code 0: nothing stands in the way (warnings are allowed), 1: a blocking check failed, a check "
        "could not run, or the report could not be stored."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--wave", metavar="NAME", help="check the choices of this wave and store the report there"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object with every finding")

    def handle(self, *args: Any, **options: Any) -> None:
        report = preflight.run(self._wave(options["wave"]))
        self._show(report, options["json"], options["verbosity"])
        try:
            preflight.store(report)
        except DatabaseError as error:
            raise CommandError(
                f"The report could not be stored: {error}. Check DATABASE_URL and run migrate."
            ) from error
        if not report.passed:
            raise SystemExit(1)

    def _wave(self, name: str | None) -> Wave | None:
        if name is None:
            return None
        try:
            return Wave.objects.get(name=name)
        except Wave.DoesNotExist:
            known = ", ".join(Wave.objects.order_by("name").values_list("name", flat=True)) or "none yet"
            raise CommandError(f"There is no wave {name!r}. Waves: {known}.") from None
        except DatabaseError as error:
            raise CommandError(
                f"The waves cannot be read: {error}. Check DATABASE_URL and run migrate."
            ) from error

    def _show(self, report: preflight.Report, as_json: bool, verbosity: int) -> None:
        if as_json:
            self.stdout.write(json.dumps(report.as_data(), indent=2))
        elif verbosity and self.stdout.isatty():
            from rich.console import Console

            Console().print(output.table(report))
            self.stdout.write(output.summary(report))
        elif verbosity:
            for line in output.plain(report):
                self.stdout.write(line)

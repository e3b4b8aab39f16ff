"""`measure_performance`: put the strategy's load on legacy and on V5, and compare how fast they answer."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from entities.engine import sweeper
from entities.engine.errors import Refused
from entities.operations.command import COMPLETE, INCOMPLETE, REFUSED, OperationCommand, quiet_logs
from tracking import performance
from tracking.actions.performance import MeasurePerformance
from tracking.models import Measurement, ValidationResult, Wave

BAD = (ValidationResult.Result.FAIL, ValidationResult.Result.NOTHING)
PATIENCE = 900.0


class Command(OperationCommand):
    help = (
        "Measure four load scenarios on legacy (only read) and on V5 (what is written is rolled back) with many users at "
        "once; compare percentiles and keep the verdicts. Exit code 0: every scenario is below twice legacy (doubts are "
        "told), 1: refused, 3: a scenario is too slow, could not run or had nothing to measure."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--wave", metavar="NAME", help="the wave that the verdicts belong to; default: the newest"
        )
        parser.add_argument(
            "--scenario",
            action="append",
            default=[],
            choices=sorted(performance.SCENARIOS),
            help="only this one; repeatable",
        )
        parser.add_argument(
            "--percent", type=int, default=100, help="share of the strategy's users, 1 to 200"
        )
        parser.add_argument(
            "--seconds", type=int, help="how long each side is measured; default: as the strategy says"
        )
        parser.add_argument(
            "--pause", type=float, default=1.0, help="seconds that a user thinks between two requests"
        )
        parser.add_argument("--queue", action="store_true", help="let a worker do it and end at once")
        parser.add_argument("--json", action="store_true", help="print one JSON object with all figures")

    def operate(self, options: dict[str, Any]) -> int:
        quiet_logs(options["verbosity"])
        action = MeasurePerformance(
            self._wave(options["wave"]), scenarios=options["scenario"], percent=options["percent"],
            seconds=options["seconds"], pause=options["pause"], via="command",
        )  # fmt: skip
        said = action.effect()
        action.perform(timezone.now())
        assert action.made is not None
        if options["queue"]:
            self.stdout.write(f"Measurement {action.made.pk} waits for a worker: {said}")
            return COMPLETE
        if not options["json"]:
            self.stdout.write(said)
        sweeper.drive(action.made, PATIENCE)
        return self._report(action.made, options["json"])

    def _wave(self, name: str | None) -> Wave:
        found = Wave.objects.filter(name=name).first() if name else Wave.objects.order_by("-pk").first()
        if found is None:
            raise Refused(f"there is no wave {name!r}" if name else "there is no wave yet: run a phase first")
        return found

    def _report(self, made: Measurement, as_json: bool) -> int:
        made.refresh_from_db()
        if made.state != Measurement.State.DONE:
            self.stderr.write(f"The measurement is {made.state}: {made.reason}")
            return REFUSED
        rows = list(ValidationResult.objects.filter(sweep=made.pk).order_by("validation_type"))
        if as_json:
            found = [
                {"check": row.validation_type, "result": row.result, "message": row.message, **row.details}
                for row in rows
            ]
            self.stdout.write(json.dumps({"measurement": made.pk, "scenarios": found}, indent=2))
        else:
            for row in rows:
                self.stdout.write(
                    f"{row.validation_type}  {row.result:<8}  {row.details.get('scenario')}: {row.message}"
                )
                for line in _figures(row.details):
                    self.stdout.write(f"      {line}")
        return INCOMPLETE if any(row.result in BAD for row in rows) else COMPLETE


def _figures(details: dict[str, Any]) -> list[str]:
    sides = ("legacy", "v5", "v5_with_writing")
    found = []
    for name in sides:
        if side := details.get(name):
            shares = "  ".join(
                f"{one} {side[one] * 1000:,.1f} ms" for one in ("p50", "p95", "p99") if side.get(one)
            )
            rest = (
                f"  {side['per_second']}/s, {side['requests']} requests, {side['errors']} errors"
                if "requests" in side
                else ""
            )
            found.append(f"{name.replace('_', ' '):<16} {shares}{rest}")
    return found

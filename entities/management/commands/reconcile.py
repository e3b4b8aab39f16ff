"""`reconcile`: hold legacy and V5 against each other, and keep every verdict and finding."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from entities.engine.errors import Refused
from entities.operations import checking
from entities.operations.command import COMPLETE, INCOMPLETE, OperationCommand, quiet_logs
from entities.reconciliation.sweep import MOMENTS
from tracking.models import Wave


class Command(OperationCommand):
    help = (
        "Run the checks of a moment over a wave and store their verdicts. Exit code 0: no blocking check failed, "
        "1: refused, 3: a blocking check failed or could not run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wave", metavar="NAME", help="the wave; default: the newest")
        moments = ", ".join(f"{letter} {words}" for letter, words in MOMENTS.items())
        parser.add_argument("--when", choices=sorted(MOMENTS), default="F", help=f"{moments}; default: F")
        parser.add_argument(
            "--phase", type=int, choices=(2, 3, 4), help="the phase that ended (with --when E)"
        )
        parser.add_argument(
            "--check", nargs="+", default=[], metavar="ID", help="only these checks, for example R-31"
        )
        parser.add_argument(
            "--workers",
            type=int,
            default=0,
            metavar="N",
            help="let N Celery workers do it; default: this process",
        )

    def operate(self, options: dict[str, Any]) -> int:
        quiet_logs(options["verbosity"])
        wave = self._wave(options["wave"])
        if (options["when"] == "E") != bool(options["phase"]):
            raise Refused("--when E and --phase belong together: the checks at the end of a phase")
        phase = wave.phases.get(number=options["phase"]) if options["phase"] else None
        done = checking.run(
            wave,
            options["when"],
            self.stdout.write,
            phase=phase,
            only=options["check"],
            workers=options["workers"],
        )
        for line in checking.summary(done):
            self.stdout.write(line)
        return COMPLETE if checking.passed(done) else INCOMPLETE

    @staticmethod
    def _wave(name: str | None) -> Wave:
        waves = Wave.objects.order_by("-pk")
        wave = (waves.filter(name=name) if name else waves).first()
        if wave is None:
            known = ", ".join(waves.values_list("name", flat=True)[:5]) or "none yet"
            raise Refused(f"there is no wave {name or ''}".rstrip() + f"; waves: {known}")
        return wave

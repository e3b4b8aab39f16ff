"""`demo`: the whole job on made-up data, in one command."""

from __future__ import annotations

import socket
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser

from entities.engine.errors import Refused
from entities.operations import demonstration
from entities.operations.command import COMPLETE, INCOMPLETE, OperationCommand, quiet_logs
from entities.operations.phases import How

SMALLEST, LARGEST = 200, 500_000


class Command(OperationCommand):
    help = (
        "Build the demo databases, migrate them and prove that rows and money are equal on both sides; then serve the "
        "panel. Exit code 0: everything balances, 1: refused, 3: a run did not end or something differs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bookings", type=int, default=2000, metavar="N", help="200 to 500,000")
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="same seed, same content")
        parser.add_argument(
            "--workers", type=int, default=0, metavar="N", help="move with N worker processes"
        )
        serve = parser.add_mutually_exclusive_group()
        serve.add_argument(
            "--serve", action="store_true", default=True, help="serve the panel at the end (default)"
        )
        serve.add_argument("--no-serve", action="store_false", dest="serve", help="stop after the summary")
        parser.add_argument("--port", type=int, default=8000, metavar="N", help="where the panel is served")

    def operate(self, options: dict[str, Any]) -> int:
        if not 0 <= options["workers"] <= 32:
            raise Refused("--workers takes 1 to 32")
        if not SMALLEST <= options["bookings"] <= LARGEST:
            raise Refused(f"--bookings takes {SMALLEST} to {LARGEST:,}, not {options['bookings']:,}")
        quiet_logs(options["verbosity"])
        workers, verbose = options["workers"], options["verbosity"] > 1
        how = How(inline=not workers, workers=workers, bars=self.in_terminal, verbose=verbose)
        demo = demonstration.Demonstration(options["bookings"], how, self.stdout.write, seed=options["seed"])
        try:
            demo.build()
        except CommandError as refusal:
            raise Refused(str(refusal)) from refusal
        balanced = demo.migrate() and demo.prove() and demo.check()
        self.stdout.write(f"Time needed: {demo.seconds():.0f} s.")
        if not balanced:
            return INCOMPLETE
        self._where_next()
        if options["serve"]:
            self._serve(options["port"])
        return COMPLETE

    def _where_next(self) -> None:
        demonstration.people(self.stdout.write)
        self.stdout.write(
            "\nWhere to look next:\n"
            "  manage.py status                 runs, open issues, workers\n"
            f"  manage.py explain {demonstration.example():<15}the story of one record that waits for a person\n"
            "  manage.py run_phase 2-4 --wave 'Demo rehearsal' --inline    once more: 0 rows are written\n"
            "  docs/operator-guide.md           the work of each role"
        )

    def _serve(self, wanted: int) -> None:
        port = free_port(wanted)
        self.stdout.write(f"\nThe panel: http://127.0.0.1:{port}/admin/   (Ctrl-C ends it)")
        call_command("runserver", f"127.0.0.1:{port}", use_reloader=False, verbosity=0)


def free_port(wanted: int) -> int:
    """The wanted port, or the next free one of ten."""
    for port in range(wanted, wanted + 10):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Refused(f"ports {wanted} to {wanted + 9} are taken: choose another with --port")

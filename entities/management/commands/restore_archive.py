"""`restore_archive`: bring rows back from the rollback archive."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from entities.engine import sweeper
from entities.engine.errors import Refused
from entities.operations.command import COMPLETE, INCOMPLETE, WITH_REJECTED, OperationCommand, quiet_logs
from entities.rollback import selection
from entities.rollback.actions import RestoreRows
from entities.rollback.selection import Selection


class Command(OperationCommand):
    help = (
        "Bring rows back from the rollback archive, with their parts and parents. What stands in V5 is never "
        "overwritten: a record that exists gets back only what it lost. Exit code 0: all are back, 1: refused, 2: some "
        "could not come back (they are listed), 3: it did not come to its end."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rollback", type=int, metavar="N", help="what this rollback took out")
        parser.add_argument("--table", default="", metavar="V5_TABLE")
        parser.add_argument("--ids", type=int, nargs="+", default=[], metavar="ID", help="V5 ids")
        parser.add_argument(
            "--record", metavar="entity:id", help="one legacy record, or a kind of record: booking"
        )
        parser.add_argument("--school", type=int, metavar="ID", help="legacy id of a school")
        parser.add_argument(
            "--since", default="", metavar="TIME", help="records made since, YYYY-MM-DD HH:MM:SS"
        )
        parser.add_argument("--until", default="", metavar="TIME", help="records made until")
        parser.add_argument("--where", action="append", default=[], metavar="COLUMN=VALUE", help="of the row")
        parser.add_argument("--plan", action="store_true", help="only say what would come back")
        parser.add_argument("--reason", default="", metavar="TEXT", help="kept in the audit log")

    def operate(self, options: dict[str, Any]) -> int:
        quiet_logs(options["verbosity"])
        chosen = self._chosen(options)
        action = RestoreRows(chosen, via="command", reason=options["reason"])
        if options["plan"]:
            action.check()
            found = selection.spelled_out(chosen) if chosen.narrow else chosen
            for table, number in selection.counted(found).items():
                self.stdout.write(f"  {table:<34} {number:>10,} rows")
            self.stdout.write(action.effect())
            return COMPLETE
        action.perform(timezone.now())
        sweep = sweeper.drive(action.subject)
        if sweep.state != "done":
            self.stdout.write(f"The restore is {sweep.state}: {sweep.reason}")
            return INCOMPLETE
        for table, counted in sweep.result["tables"].items():
            self.stdout.write(
                f"  {table:<34} {', '.join(f'{name} {number:,}' for name, number in counted.items())}"
            )
        for one in sweep.result["not back"]:
            self.stdout.write(f"  not back: {one['table']} {one['id']}: {one['why']} {one['said']}")
        return WITH_REJECTED if sweep.result["not back"] else COMPLETE

    def _chosen(self, options: dict[str, Any]) -> Selection:
        entity, _, number = (options["record"] or "").partition(":")
        values = dict(one.split("=", 1) for one in options["where"] if "=" in one)
        if len(values) != len(options["where"]):
            raise Refused("--where takes COLUMN=VALUE, for example season_id=4")
        if number and not number.isdigit():
            raise Refused(f"--record {options['record']!r}: write entity:id, for example booking:42")
        return Selection(
            rollback=options["rollback"], table=options["table"], ids=options["ids"], entity=entity,
            legacy_ids=[int(number)] if number else [], school=options["school"], since=options["since"],
            until=options["until"], values=values,
        )  # fmt: skip

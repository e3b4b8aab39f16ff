"""`prepare_v5`: show, make or take back the changes that a migration needs in V5."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from entities import preparation
from entities.preparation import findings
from tracking.models import AuditEvent

Note = Callable[[preparation.Step, str], None]
CHANGES_PENDING = 2


class Command(BaseCommand):
    help = (
        "Prepare the V5 database: --plan shows what is missing, --apply adds it, --undo takes back exactly "
        "what was added. Exit code 0: done or nothing to do, 1: refused or failed, 2: --plan found changes."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        action = parser.add_mutually_exclusive_group(required=True)
        action.add_argument("--plan", action="store_true", help="show what would be changed; changes nothing")
        action.add_argument("--apply", action="store_true", help="make the changes")
        action.add_argument("--undo", action="store_true", help="take back what --apply made")
        parser.add_argument(
            "--approve-text-conversion",
            action="store_true",
            help="with --apply: also convert the columns that legacy text does not fit to utf8mb4 (Q-02)",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        self.quiet = options["json"] or options["verbosity"] == 0
        try:
            if options["undo"]:
                self._undo(options["json"])
            elif options["apply"]:
                self._apply(options["approve_text_conversion"], options["json"])
            else:
                self._plan(options["json"])
        except preparation.PreparationRefused as refusal:
            raise CommandError(f"Refused: {refusal}") from refusal

    def _plan(self, as_json: bool) -> None:
        steps, reports = preparation.plan(), findings.reports()
        if as_json:
            self._print_json({"pending": _as_data(steps), "findings": reports})
        else:
            self._print_steps("Pending changes" if steps else "V5 is prepared: nothing to change.", steps)
            self._print_reports(reports)
        if steps:
            raise SystemExit(CHANGES_PENDING)

    def _apply(self, approved: bool, as_json: bool) -> None:
        steps = preparation.plan()
        wanted = [step for step in steps if approved or not step.needs_approval]
        left = [step for step in steps if step not in wanted]
        with self._audited("apply", left) as note:
            applied = preparation.apply(wanted, done=lambda step: note(step, "done"))
        if as_json:
            self._print_json({"applied": _as_data(applied), "awaiting_approval": _as_data(left)})
            return
        self._say("V5 is prepared." if applied else "V5 is prepared: nothing to change.")
        if left and not self.quiet:
            self._print_steps("Awaiting --approve-text-conversion (Q-02), not changed", left)

    def _undo(self, as_json: bool) -> None:
        with self._audited("undo") as note:
            undone = preparation.undo(done=lambda step: note(step, "undone"))
        if as_json:
            self._print_json({"undone": _as_data(undone)})
        elif not undone:
            self._say("Nothing was applied: nothing to undo.")

    @contextmanager
    def _audited(self, action: str, left: Iterable[preparation.Step] = ()) -> Iterator[Note]:
        """Say each step as it is done, and keep all of them as one audit event, also when a later one fails."""
        names: list[str] = []

        def note(step: preparation.Step, word: str) -> None:
            names.append(step.name)
            self._say(f"{word}: {step.name}")

        try:
            yield note
        finally:
            if names:
                self._keep(action, names, [step.name for step in left])

    def _keep(self, action: str, names: list[str], left: list[str]) -> None:
        try:
            AuditEvent.objects.create(
                at=timezone.now(),
                via="command",
                action=f"prepare_v5 {action}",
                subject_type="database",
                subject_id="v5",
                after={"steps": names, "awaiting_approval": left},
            )
        except DatabaseError:
            self.stderr.write("Not kept in the audit: the panel's tables are missing. Run migrate first.")

    def _print_steps(self, heading: str, steps: list[preparation.Step]) -> None:
        self.stdout.write(heading)
        for step in steps:
            approval = " [needs --approve-text-conversion]" if step.needs_approval else ""
            self.stdout.write(f"  {step.name}{approval}\n      {step.reason}")

    def _print_reports(self, reports: dict[str, list[str]]) -> None:
        for heading, lines in reports.items():
            if lines:
                self.stdout.write(f"To know: {heading}")
                for line in lines:
                    self.stdout.write(f"  {line}")

    def _print_json(self, data: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(data, indent=2))

    def _say(self, line: str) -> None:
        if not self.quiet:
            self.stdout.write(line)


def _as_data(steps: list[preparation.Step]) -> list[dict[str, Any]]:
    return [
        {"name": step.name, "reason": step.reason, "needs_approval": step.needs_approval} for step in steps
    ]

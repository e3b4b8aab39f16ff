"""The main job on made-up data: build, prepare, check, migrate, and prove that nothing is missing."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from entities.engine import source
from entities.engine.errors import Refused
from entities.operations import accounts, checking, conservation, figures, phases, request, summary
from entities.operations.tables import plain
from tracking.models import IdReservation, Issue, LogEntry, Run, Wave
from tracking.states import RunStatus

WAVE = "Demo rehearsal"
TODAY = "2026-01-15"
MOVED = (2, 3, 4)
Write = Callable[[str], Any]


class Demonstration:
    """`build()`, `migrate()`, `prove()`, `check()`, in that order; each says what it does and how long it took."""

    def __init__(self, bookings: int, how: phases.How, write: Write, *, seed: int = 1) -> None:
        self.bookings, self.how, self.write, self.seed = bookings, how, write, seed
        self.began = time.monotonic()
        self.wave: Wave | None = None

    def build(self) -> None:
        """Tables of the panel, demo databases, people, prepared V5, pre-flight."""
        if getattr(settings, "PRODUCTION", False):
            raise Refused("the demo drops and builds databases and does not run with BOUKII_ENV=production")
        self._command("Panel tables", "migrate", verbosity=0)
        _make_room()
        self._command(
            "Demo databases",
            "create_demo",
            "--bookings",
            str(self.bookings),
            "--seed",
            str(self.seed),
            "--today",
            TODAY,
        )
        source.forget()
        self._command("V5 prepared", "prepare_v5", "--apply", "--approve-text-conversion", verbosity=0)
        now = timezone.now()
        self.wave = request.wave(WAVE, [], datetime.fromisoformat(TODAY).replace(tzinfo=UTC), now)
        phases.foundation(self.wave, now, self.write)

    def migrate(self) -> bool:
        """Phases 2 to 4; False when a run did not come to its end."""
        began = time.monotonic()
        assert self.wave is not None
        runs = phases.runs_for(
            self.wave, MOVED, dry_run=False, resume=False, workers=self.how.workers, only=(), write=self.write
        )
        finished = phases.move(self.wave, runs, self.how, self.write)
        runs = list(Run.objects.filter(pk__in=[run.pk for run in runs]))
        records = sum(run.processed_records for run in runs)
        seconds = time.monotonic() - began
        self.write(
            f"Phases 2 to 4: {records:,} records in {seconds:.1f} s ({records / seconds:,.0f} a second)."
        )
        for line in summary.incomplete(runs):
            self.write(line)
        return finished and all(run.status == RunStatus.COMPLETED for run in runs)

    def prove(self) -> bool:
        """Rows per entity type and money per school and currency on both sides; False when anything differs."""
        found = conservation.lines()
        self.write("\nEvery legacy row and its outcome (difference must be 0):")
        for line in summary.table(found):
            self.write(line)
        sums = conservation.totals(found)
        self.write("In all: " + ", ".join(f"{name} {number:,}" for name, number in sums.items()) + ".")
        money = [line for figure in figures.FIGURES for line in figures.compare(figure)]
        self.write("\nMoney per school and currency (difference must be 0.00):")
        for text in money_table(money):
            self.write(text)
        rows_differ = any(line.difference for line in found)
        money_differs = any(line.difference or line.keys for line in money)
        self.write(
            "\nRows and money are equal on both sides."
            if not (rows_differ or money_differs)
            else "\nNot equal: "
            + " and ".join(["rows"] * rows_differ + ["money"] * money_differs)
            + " differ, see above."
        )
        return not (rows_differ or money_differs)

    def check(self) -> bool:
        """Every check of the rules over both databases; False when a blocking one fails."""
        assert self.wave is not None
        self.write("\nEvery check of the rules, both databases read again:")
        done = checking.run(self.wave, "F", self.write)
        for line in checking.summary(done):
            self.write(line)
        return checking.passed(done)

    def seconds(self) -> float:
        return time.monotonic() - self.began

    def _command(self, what: str, *argv: str, **options: Any) -> None:
        began, said = time.monotonic(), io.StringIO()
        call_command(*argv, stdout=said, **options)
        self.write(f"{what}: done in {time.monotonic() - began:.1f} s. {said.getvalue().strip()}".rstrip())


def money_table(money: list[figures.MoneyLine]) -> list[str]:
    names = figures.schools()
    rows = [
        (
            line.what, f"{line.school} {names.get(line.school or 0, 'unknown')}"[:34], line.currency or "-", line.legacy, line.v5,
            line.explained.get("rejected", figures.ZERO),
            line.explained.get("skipped", figures.ZERO) + line.explained.get("merged", figures.ZERO),
            line.difference, ", ".join(map(str, line.keys[:5])),
        )
        for line in money
    ]  # fmt: skip
    return plain(
        ("figure", "school", "cur", "legacy", "V5", "rejected", "left out", "difference", "ids that differ"),
        rows,
    )


def _make_room() -> None:
    """Forget an earlier demo; refuses a panel that holds other waves, because they speak of other databases."""
    others = list(Wave.objects.exclude(name=WAVE).values_list("name", flat=True)[:3])
    if others:
        raise Refused(
            f"the panel's database holds the waves {', '.join(others)}: the demo would drop the databases they speak of. "
            "Set DATABASE_URL, LEGACY_DATABASE_URL and V5_DATABASE_URL to databases of the demo's own"
        )
    for run_id in Run.objects.filter(phase__wave__name=WAVE).values_list("pk", flat=True):
        LogEntry.objects.filter(run_id=run_id).delete()
    Wave.objects.filter(name=WAVE).delete()
    IdReservation.objects.all().delete()


def example() -> str:
    """A record that was kept back, to be explained; any client when there is none."""
    issue = (
        Issue.objects.filter(wave__name=WAVE, level=Issue.ERROR, entity_type="booking").order_by("pk").first()
    )
    issue = issue or Issue.objects.filter(wave__name=WAVE, level=Issue.ERROR).order_by("pk").first()
    return f"{issue.entity_type}:{issue.legacy_id}" if issue else "client:ID"


def people(write: Write) -> None:
    """Make the accounts and show their passwords, once."""
    write("\nAccounts of this demo (new passwords at each start):")
    for line in plain(
        ("name", "password", "group"), [(one.name, one.password, one.group) for one in accounts.make()]
    ):
        write(line)

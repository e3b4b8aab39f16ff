"""`python -m benchmarks --lines 200000`: builds the arena, lets every contender run, prints and writes the result."""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import arena, compare, report
from benchmarks.measure import Measure, contest, summed
from benchmarks.report import Results

OTHERS = "\n## (?:The panel at scale|Proof and the way back)\n"  # sections that other benchmarks write
DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
LINES_PER_BOOKING = 2.2
SAMPLE_LINES = 3_000
CHUNK = 10_000  # bookings; the other way to run the hand-written SQL is all at once
WAYS = ("engine-1", "by-hand", "engine-2", "row-by-row", "plain-copy", "memory")


def say(text: str) -> None:
    print(text, flush=True)


class Contest:
    """The contenders in their order, on one arena."""

    def __init__(self, place: arena.Arena, results: Results) -> None:
        self.place, self.results = place, results
        self.notes = {"hand": "not run", "sample": "no"}

    def keep(self, key: str, measure: Measure) -> None:
        self.results.measures[key] = measure
        say(
            f"{measure.name}: {measure.seconds:.1f} s, {measure.lines_per_second:,.0f} lines/s, peak {measure.peak_mb:.0f} MB"
        )

    def engine(self, workers: int) -> Measure:
        """One run of the bookings by that many worker processes, and its balance check afterwards."""
        from django.utils import timezone

        from entities.engine import coordinator
        from tracking.models import Issue

        self.place.reset()
        Issue.objects.all().delete()
        run = coordinator.plan_phases(
            self.place.wave, [4], timezone.now(), workers=workers, only=["bookings"]
        )[0]
        coordinator.advance(self.place.wave, timezone.now())
        outcome = contest(self.place.server.process.pid, "engine", {"run": run.pk}, workers)  # type: ignore[union-attr]
        began = time.monotonic()
        coordinator.advance(self.place.wave, timezone.now())
        self.results.balance_seconds = self.results.balance_seconds or time.monotonic() - began
        run.refresh_from_db()
        if run.status != "completed":
            raise SystemExit(f"the engine's run ended as {run.status}: {run.status_reason}")
        name = "engine, one worker" if workers == 1 else f"engine, {workers} workers"
        return summed(name, self.place.lines(), self.place.rows_written(), outcome)

    def engine_1(self) -> None:
        self.keep("engine-1", self.engine(1))
        self.place.keep(arena.ENGINE)

    def engine_2(self) -> None:
        self.keep("engine-2", self.engine(2))

    def by_hand(self) -> None:
        """Whole and in chunks; the faster one counts."""
        last = self.place.link.number("SELECT MAX(id) FROM {legacy}.bookings2")
        found: list[tuple[str, Measure]] = []
        for how, chunk in (("all at once", last), (f"in chunks of {CHUNK:,} ids", CHUNK)):
            self.place.reset()
            options = {
                "socket": self.place.server.socket,
                "first": 0,
                "last": last,
                "chunk": chunk,
                "cutover": arena.CUTOVER,
            }
            outcome = contest(self.place.server.process.pid, "by_hand", options)  # type: ignore[union-attr]
            found.append(
                (how, summed("hand-written SQL", self.place.lines(), self.place.rows_written(), outcome))
            )
        how, best = min(found, key=lambda one: one[1].seconds)
        self.notes["hand"] = f"here {how}; " + ", ".join(f"{name} {one.seconds:.1f} s" for name, one in found)
        self.keep("by-hand", best)
        if "engine-1" in self.results.measures:
            self.results.differences = compare.differences(self.place.link)

    def row_by_row(self) -> None:
        self.place.reset()
        outcome = contest(self.place.server.process.pid, "row_by_row", {"lines": SAMPLE_LINES})  # type: ignore[union-attr]
        done = outcome[2][0]
        self.notes["sample"] = f"{done['lines']:,}"
        self.keep("row-by-row", summed("row by row", done["lines"], done["rows"], outcome))

    def plain_copy(self) -> None:
        self.place.link.execute(f"CREATE OR REPLACE DATABASE {arena.COPY}")
        outcome = contest(self.place.server.process.pid, "plain_copy", {"socket": self.place.server.socket})  # type: ignore[union-attr]
        copied = self.place.link.number(f"SELECT COUNT(*) FROM {arena.COPY}.booking_users2")
        if copied != self.place.lines():
            raise SystemExit(f"dlt copied {copied} of {self.place.lines()} lines")
        self.keep("plain-copy", summed("dlt, plain copy", copied, 0, outcome))

    def memory(self) -> None:
        """The engine once more, on a quarter of the bookings."""
        self.place.keep_a_quarter()
        self.results.quarter = self.engine(1)


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    with arena.arena() as place:
        say(f"Building {options.lines:,} booking lines and what they need …")
        place.build(round(options.lines / LINES_PER_BOOKING))
        place.move_parents()
        bookings = place.link.number("SELECT COUNT(*) FROM {legacy}.bookings2")
        results = Results(place.lines(), bookings, server=_version(place), load_before=os.getloadavg()[0])
        run = Contest(place, results)
        for way in WAYS:
            if way in options.only:
                getattr(run, way.replace("-", "_"))()
        say("")
        for line in report.text(results):
            say(line)
        command = " ".join(["make bench", f"LINES={options.lines}"])
        if options.output and set(options.only) == set(WAYS):
            _write(Path(options.output), report.markdown(results, command, lambda: run.notes))
            say(f"\nWritten to {options.output}")
        if options.keep:
            input(f"The server listens at {place.server.socket}. Enter ends it. ")
    return 0  # a target that is not met is a result, not a failure of the measuring


def _write(path: Path, text: str) -> None:
    """Replace the document, but keep the sections that the other benchmarks write."""
    former = path.read_text(encoding="utf-8") if path.exists() else ""
    other = re.search(OTHERS, former)
    path.write_text(f"{text.rstrip()}\n{former[other.start() :]}" if other else text, encoding="utf-8")


def _version(place: arena.Arena) -> str:
    rows: Any = place.link.execute("SELECT VERSION()")
    return str(rows[0][0])


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--lines", type=int, default=200_000, help="booking lines, roughly")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=WAYS,
        default=list(WAYS),
        help="only these ways; then no document is written",
    )
    parser.add_argument("--output", default=str(DOCUMENT), metavar="FILE", help="where the document goes")
    parser.add_argument(
        "--keep", action="store_true", help="let the server run until Enter, for a look at what was written"
    )
    options = parser.parse_args(arguments)
    if options.lines < 100:
        parser.error("--lines: at least 100")
    return options


if __name__ == "__main__":
    sys.exit(main())

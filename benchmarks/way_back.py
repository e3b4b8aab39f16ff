"""`python -m benchmarks.way_back --lines 200000`: the bookings are moved by one worker, then rolled back by one.

Load and rollback are timed on the same rows, one after the other, on one private server; the rollback must not be
slower than the load. Timed apart: the look before, the figures of all tables, the rows on their way out, the proof.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from typing import Any

from benchmarks import arena, section

TITLE = "Rollback beside the load"
LINES_PER_BOOKING = 2.2
Row = tuple[str, float, int]  # what was done, seconds, rows and map entries


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.way_back", description=__doc__)
    parser.add_argument("--lines", type=int, default=200_000, help="booking lines, roughly")
    parser.add_argument(
        "--profile", action="store_true", help="where the time of the rollback goes; writes nothing"
    )
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args(arguments)
    busy = os.getloadavg()[2]
    with arena.arena() as place:
        say(f"Building {options.lines:,} booking lines and what they need …")
        place.build(round(options.lines / LINES_PER_BOOKING))
        place.move_parents()
        measured = measure(place, profile=options.profile)
        lines = told(options.lines, place.lines(), measured, busy)
    say("\n".join(lines))
    if not (options.no_write or options.profile):
        section.write(TITLE, lines)
    return 0


def told(asked: int, lines: int, measured: list[Row], busy: float) -> list[str]:
    """The part of the document."""
    (_, load, rows), *_, (_, work, _) = measured
    return [
        f"`python -m benchmarks.way_back --lines {asked}`: {lines:,} booking lines moved by one worker, {rows:,} rows and map",
        "entries in all, then looked at and taken out again by one worker, with the figures of every table before and after and",
        f"the proof that they fit (R-92, R-83). Load of the machine before: {busy:.1f}.",
        "",
        "| | seconds | rows and entries per second |",
        "| --- | ---: | ---: |",
        *(f"| {name} | {seconds:.1f} | {number / seconds:,.0f} |" for name, seconds, number in measured),
        "",
        *section.targets([("rollback ÷ load, speed, at least 1", f"{load / work:.2f}", work <= load)]),
    ]


def measure(place: arena.Arena, *, profile: bool = False) -> list[Row]:
    from django.utils import timezone

    from entities.engine import coordinator, runner
    from entities.rollback import remove, request
    from tracking import sweeps
    from tracking.models import Part

    run = coordinator.plan_phases(place.wave, [4], timezone.now(), only=["bookings"])[0]
    load = timed(lambda: _load(run, coordinator, runner, place))
    rows = place.rows_written()
    rollback = request.of_run(run, timezone.now(), reason="benchmark")
    look = timed(lambda: _drive(rollback.look))
    begun = request.begin(rollback, timezone.now(), workers=1)
    work = timed(lambda: _profiled(lambda: _drive(begun.work), profile))
    rollback.refresh_from_db()
    if rollback.state != "done":
        raise SystemExit(
            f"the rollback ended as {rollback.state}: {rollback.problem} {rollback.result.get('R-92')}"
        )
    parts = list(Part.objects.filter(sweep=begun.work, stage__lt=sweeps.LAST))
    before = sum(part.seconds for part in parts if part.stage == remove.BEFORE)
    after = sum(part.seconds for part in parts if part.stage >= remove.AFTER)
    out = sum(part.seconds for part in parts) - before - after
    return [
        ("load, one worker", load, rows),
        ("look: what would go, what people did", look, rows),
        ("of the rollback: figures of every table before", before, rows),
        ("of the rollback: rows and entries into the archive and out", out, rows),
        ("of the rollback: figures of every table after", after, rows),
        ("rollback, one worker", work, rows),
    ]


def _load(run: Any, coordinator: Any, runner: Any, place: arena.Arena) -> None:
    from django.utils import timezone

    coordinator.advance(place.wave, timezone.now())
    while runner.work(run.pk):
        pass
    coordinator.advance(place.wave, timezone.now())
    run.refresh_from_db()
    if run.status != "completed":
        raise SystemExit(f"the load ended as {run.status}: {run.status_reason}")


def _drive(sweep: Any) -> None:
    from entities.engine import sweeper

    done = sweeper.drive(sweep)
    if done.state != "done":
        raise SystemExit(f"{done} ended as {done.state}: {done.reason}")


def _profiled(work: Callable[[], None], wanted: bool) -> None:
    if not wanted:
        work()
        return
    import cProfile
    import pstats

    profile = cProfile.Profile()
    profile.runcall(work)
    pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


def timed(work: Callable[[], Any]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())

"""`python -m benchmarks.proof --lines 200000`: what the full comparison costs beside the load of the same rows.

One run: the bookings are moved by one worker, then every one of them is derived again and held against V5 field by
field, by one process; the same on a quarter of the bookings for the memory.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from benchmarks import arena, section
from benchmarks.measure import contest

TITLE = "Full comparison beside the load"
LINES_PER_BOOKING = 2.2
MOST_SHARE, MOST_GROWTH = 0.60, 1.10


def say(text: str) -> None:
    print(text, flush=True)


def load(place: arena.Arena) -> float:
    """Seconds that one worker takes for the bookings."""
    from django.utils import timezone

    from entities.engine import coordinator

    place.reset()
    run = coordinator.plan_phases(place.wave, [4], timezone.now(), only=["bookings"])[0]
    coordinator.advance(place.wave, timezone.now())
    seconds, _cpu, _answers = contest(_pid(place), "engine", {"run": run.pk})
    coordinator.advance(place.wave, timezone.now())
    run.refresh_from_db()
    if run.status != "completed":
        raise SystemExit(f"the run ended as {run.status}: {run.status_reason}")
    return seconds


def proof(place: arena.Arena) -> tuple[float, dict[str, Any]]:
    """Seconds that one process takes to compare all bookings, and what it saw."""
    seconds, _cpu, answers = contest(_pid(place), "compare", {"wave": place.wave.pk, "check": "C-bookings"})
    return seconds, answers[0]


def _pid(place: arena.Arena) -> int:
    assert place.server.process is not None
    return int(place.server.process.pid)


def measured(lines: int) -> list[str]:
    """The section of the document."""
    with arena.arena() as place:
        say(f"Building {lines:,} booking lines and what they need …")
        place.build(round(lines / LINES_PER_BOOKING))
        place.move_parents()
        number = place.lines()
        loaded = load(place)
        say(f"load: {loaded:.1f} s")
        compared, saw = proof(place)
        say(
            f"comparison: {compared:.1f} s, {saw['examined']:,} rows, {saw['findings']} findings, {saw['peak_mb']:.0f} MB"
        )
        place.keep_a_quarter()
        load(place)
        _seconds, quarter = proof(place)
    share, growth = compared / loaded, saw["peak_mb"] / quarter["peak_mb"]
    goals = [
        (f"comparison ÷ load, at most {MOST_SHARE:.2f}", f"{share:.2f}", share <= MOST_SHARE),
        ("findings in an undisturbed migration, 0", str(saw["findings"]), saw["findings"] == 0),
        ("memory at four times the rows, at most 10% higher", f"{growth - 1:+.1%}", growth <= MOST_GROWTH),
    ]
    return [
        f"`make bench-proof LINES={lines}`: {number:,} booking lines moved by one worker, then all of them derived again and",
        f"compared with V5 field by field by one process, in one run. Load of the machine before: {os.getloadavg()[2]:.1f}.",
        "",
        "| | seconds | rows | peak MB |",
        "| --- | ---: | ---: | ---: |",
        f"| load, one worker | {loaded:.1f} | | |",
        f"| full comparison, one process | {compared:.1f} | {saw['examined']:,} | {saw['peak_mb']:.0f} |",
        f"| full comparison of a quarter | | {quarter['examined']:,} | {quarter['peak_mb']:.0f} |",
        "",
        *section.targets(goals),
    ]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.proof", description=__doc__)
    parser.add_argument("--lines", type=int, default=200_000, help="booking lines, roughly")
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args(arguments)
    lines = measured(options.lines)
    say("\n".join(lines))
    if not options.no_write:
        section.write(TITLE, lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())

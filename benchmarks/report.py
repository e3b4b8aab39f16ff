"""The table, the targets, and the document made of them. Every figure comes from the run."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from benchmarks import arena, compare
from benchmarks.measure import Measure

BY_HAND_AT_LEAST, ROW_BY_ROW_AT_LEAST, TWO_AT_LEAST = 0.8, 15.0, 1.3
PEAK_AT_MOST_MB, GROWTH_AT_MOST = 350.0, 0.10
PACKAGES = ("Django", "mysqlclient", "dlt", "SQLAlchemy")


@dataclass
class Results:
    """All that one run of the benchmark measured."""

    lines: int
    bookings: int
    measures: dict[str, Measure] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)
    balance_seconds: float = 0.0
    quarter: Measure | None = None
    server: str = ""
    load_before: float = 0.0


@dataclass(frozen=True)
class Target:
    """One promise: what was reached, what was wanted."""

    says: str
    reached: str
    met: bool


def targets(results: Results) -> list[Target]:
    """The promises that this run can judge."""
    by = results.measures
    one, two, hand, rows = (by.get(name) for name in ("engine-1", "engine-2", "by-hand", "row-by-row"))
    found: list[Target] = []
    if one and hand:
        found.append(_ratio("one worker ÷ hand-written SQL, rows/s", one, hand, BY_HAND_AT_LEAST))
    if one and rows:
        found.append(_ratio("one worker ÷ row by row, rows/s", one, rows, ROW_BY_ROW_AT_LEAST))
    if one and two:
        found.append(_ratio("two workers ÷ one worker, rows/s", two, one, TWO_AT_LEAST))
    peaks = [measure.peak_mb for measure in (one, two) if measure]
    if peaks:
        says = f"peak memory of a worker at most {PEAK_AT_MOST_MB:.0f} MB"
        found.append(Target(says, f"{max(peaks):.0f} MB", max(peaks) <= PEAK_AT_MOST_MB))
    if one and results.quarter:
        growth = one.peak_mb / results.quarter.peak_mb - 1
        says = f"peak memory at four times the rows at most {GROWTH_AT_MOST:.0%} higher"
        found.append(
            Target(
                says,
                f"{growth:+.1%} ({results.quarter.peak_mb:.0f} → {one.peak_mb:.0f} MB)",
                growth <= GROWTH_AT_MOST,
            )
        )
    if hand:
        found.append(
            Target(
                "hand-written SQL and engine wrote the same",
                f"{len(results.differences)} differences",
                not results.differences,
            )
        )
    return found


def _ratio(says: str, one: Measure, other: Measure, at_least: float) -> Target:
    ratio = one.rows_per_second / other.rows_per_second
    return Target(f"{says}, at least {at_least:g}", f"{ratio:.2f}", ratio >= at_least)


HEAD = ("way", "lines", "lines/s", "rows/s", "÷ by hand", "seconds", "peak MB", "CPU s", "server CPU s")


def rows_of(results: Results) -> list[tuple[str, ...]]:
    """The table's rows; the ratio is of rows/s, for the plain copy of lines/s (it writes other rows)."""
    hand = results.measures.get("by-hand")
    return [
        (
            one.name, f"{one.lines:,}", f"{one.lines_per_second:,.0f}", f"{one.rows_per_second:,.0f}" if one.rows else "–",
            _against(one, hand), f"{one.seconds:.1f}", f"{one.peak_mb:.0f}", f"{one.cpu:.1f}", f"{one.server_cpu:.1f}",
        )
        for one in results.measures.values()
    ]  # fmt: skip


def _against(one: Measure, hand: Measure | None) -> str:
    if hand is None:
        return "–"
    if not one.rows:
        return f"{one.lines_per_second / hand.lines_per_second:.2f} (lines)"
    return f"{one.rows_per_second / hand.rows_per_second:.2f}"


def text(results: Results) -> list[str]:
    """Plain lines for the terminal."""
    table = [HEAD, *rows_of(results)]
    widths = [max(len(row[column]) for row in table) for column in range(len(HEAD))]
    lines = ["  ".join(cell.ljust(width) if not place else cell.rjust(width)
                       for place, (cell, width) in enumerate(zip(row, widths, strict=True))) for row in table]  # fmt: skip
    lines += [
        "",
        *(f"{'met    ' if one.met else 'NOT MET'}  {one.says}: {one.reached}" for one in targets(results)),
    ]
    return lines + [f"         {said}" for said in results.differences]


def machine() -> list[tuple[str, str]]:
    """What the figures rest on."""
    memory = psutil.virtual_memory().total / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return [
        ("processor", f"{_processor()}, {os.cpu_count()} cores"), ("memory", f"{memory:.0f} GiB"),
        ("system", f"{platform.system()} {platform.release()}"), ("Python", f"{platform.python_version()}, {packages}"),
    ]  # fmt: skip


def _processor() -> str:
    names = (
        line.split(":", 1)[1].strip() for line in _lines_of("/proc/cpuinfo") if line.startswith("model name")
    )
    return next(names, platform.machine())


def _lines_of(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _load(load: float) -> str:
    """One is the benchmark's own preparation; more than there are cores means that others were at work too."""
    busy = load > (os.cpu_count() or 1)
    return f"{load:.1f}" + (
        ": other work took its share of the cores, the figures are lower than alone" if busy else ""
    )


def markdown(results: Results, command: str, notes: Callable[[], dict[str, Any]]) -> str:
    """The document: machine, what was compared, table, targets, and how to read them."""
    template = Path(__file__).with_name("document.md").read_text(encoding="utf-8")
    facts = [
        *machine(),
        ("database server", f"{results.server}, buffer pool {arena.BUFFER_POOL}, {' '.join(arena.OPTIONS)}"),
    ]
    facts += [
        ("load of the machine before", _load(results.load_before)),
        ("date", date.today().isoformat()),
        ("command", f"`{command}`"),
    ]
    table = ["| " + " | ".join(HEAD) + " |", "|" + " --- |" + " ---: |" * (len(HEAD) - 1)]
    table += ["| " + " | ".join(row) + " |" for row in rows_of(results)]
    goals = [
        f"| {one.says} | {one.reached} | {'met' if one.met else '**not met**'} |" for one in targets(results)
    ]
    return template.format(
        facts="\n".join(f"| {name} | {value} |" for name, value in facts), table="\n".join(table),
        goals="\n".join(["| target | reached | |", "| --- | --- | --- |", *goals]),
        lines=f"{results.lines:,}", bookings=f"{results.bookings:,}", not_compared=compare.not_compared(),
        differences="\n".join(f"- {said}" for said in results.differences) or "None.",
        balance=f"{results.balance_seconds:.1f}", **notes(),
    )  # fmt: skip

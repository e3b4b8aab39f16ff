"""Children that start on a word, and what they cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import psutil

ANSWER = "answer: "


@dataclass
class Measure:
    """One contender's result. Seconds are wall-clock from the word "go" to the last answer."""

    name: str
    lines: int
    rows: int
    seconds: float
    peak_mb: float
    cpu: float
    server_cpu: float
    note: str = ""
    details: list[dict[str, Any]] = field(default_factory=list)

    @property
    def lines_per_second(self) -> float:
        return self.lines / self.seconds

    @property
    def rows_per_second(self) -> float:
        return self.rows / self.seconds


def _start(what: str, options: dict[str, Any]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.child", what, json.dumps(options)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ,
    )  # fmt: skip


def _answer(child: subprocess.Popen[str], wanted: str) -> str:
    assert child.stdout is not None
    for line in child.stdout:
        if line.startswith(wanted):
            return line[len(wanted) :]
    raise SystemExit(f"a contender ended with code {child.wait()} before it said {wanted.strip()!r}")


def contest(
    server_pid: int, what: str, options: dict[str, Any], processes: int = 1
) -> tuple[float, float, list[dict[str, Any]]]:
    """Runs a contender in that many processes; (seconds, CPU seconds of the server, the children's answers).

    Starting Python and Django is not counted: the children say that they are ready, then all begin at once.
    """
    children = [_start(what, options) for _ in range(processes)]
    try:
        for child in children:
            _answer(child, "ready")
        server = psutil.Process(server_pid)
        before, began = _cpu(server), time.monotonic()
        for child in children:
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        answers = [json.loads(_answer(child, ANSWER)) for child in children]
        seconds = time.monotonic() - began
        return seconds, _cpu(server) - before, answers
    finally:
        for child in children:
            if child.poll() is None:
                child.terminate()
            child.wait()


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def summed(
    name: str, lines: int, rows: int, outcome: tuple[float, float, list[dict[str, Any]]], note: str = ""
) -> Measure:
    """The measure of a contest; the peak is that of the largest process."""
    seconds, server_cpu, answers = outcome
    return Measure(
        name, lines, rows, seconds, max(one["peak_mb"] for one in answers), sum(one["cpu"] for one in answers),
        server_cpu, note, answers,
    )  # fmt: skip

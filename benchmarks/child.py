"""One contender in a process of its own: gets ready, waits for the word, works, answers with what it cost.

python -m benchmarks.child engine '{"run": 7}'
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.measure import ANSWER

Work = Callable[[], dict[str, Any]]


def _engine(options: dict[str, Any]) -> Work:
    from datetime import timedelta

    from entities.engine import runner

    def work() -> dict[str, Any]:
        while runner.work(options["run"], timedelta(minutes=1)):
            pass
        return {}

    return work


def _by_hand(options: dict[str, Any]) -> Work:
    from benchmarks import by_hand
    from benchmarks.arena import Link

    link = Link(options.pop("socket"))
    return lambda: by_hand.run(link, **options)


def _row_by_row(options: dict[str, Any]) -> Work:
    from benchmarks import row_by_row

    return lambda: row_by_row.run(**options)


def _plain_copy(options: dict[str, Any]) -> Work:
    from benchmarks import plain_copy

    return lambda: plain_copy.run(**options)


def _compare(options: dict[str, Any]) -> Work:
    from entities.reconciliation import registry, sweep
    from entities.reconciliation.check import Looked
    from tracking.models import Wave

    check, read = registry.get(options["check"]), sweep.reading(Wave.objects.get(pk=options["wave"]))

    def work() -> dict[str, Any]:
        """As the workers do: findings leave with every step, figures stay."""
        looked, cursor, findings = Looked(), None, 0
        while True:
            cursor = check.step(read, cursor, looked)
            findings += len(looked.findings)
            looked.findings.clear()
            if cursor is None:
                examined = sum(one.examined for one in looked.schools.values())
                return {"examined": examined, "findings": findings}

    return work


def _sweep(options: dict[str, Any]) -> Work:
    """A worker on long work. A killed one cannot answer, so it writes the cursor of each step down before it takes it."""
    from entities.engine import sweeper
    from entities.reconciliation.sweep import Reconciling
    from tracking.models import Part, Sweep

    step = Reconciling.step

    def telling(self: Reconciling, part: Part, sweep: Sweep) -> Any:
        with Path(options["told"]).open("a", encoding="ascii") as told:
            told.write(f"{part.cursor or 0}\n")
        return step(self, part, sweep)

    def work() -> dict[str, Any]:
        Reconciling.step = telling  # type: ignore[method-assign]
        return {"state": sweeper.drive(Sweep.objects.get(pk=options["sweep"])).state}

    return work


CONTENDERS: dict[str, Callable[[dict[str, Any]], Work]] = {
    "engine": _engine,
    "by_hand": _by_hand,
    "row_by_row": _row_by_row,
    "plain_copy": _plain_copy,
    "compare": _compare,
    "sweep": _sweep,
}


def main(what: str, options: str) -> None:
    import django

    django.setup()
    work = CONTENDERS[what](json.loads(options))
    print("ready", flush=True)
    sys.stdin.readline()
    before = _cpu()
    answer = work()
    print(ANSWER + json.dumps({**answer, "cpu": _cpu() - before, "peak_mb": _peak_mb()}), flush=True)


def _peak_mb() -> float:
    """Largest resident size. Linux carries `ru_maxrss` over from the process that started this one, so not that."""
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("/proc/self/status does not tell the peak memory; the benchmark needs Linux")


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(*sys.argv[1:])

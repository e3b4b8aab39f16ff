"""Moving phases: what `run_phase` and `demo` do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from entities import preflight
from entities.engine import coordinator, forecast
from entities.engine.errors import Refused
from entities.operations import summary
from entities.operations.command import COMPLETE, INCOMPLETE, WITH_REJECTED
from entities.operations.drive import Driver, Inline, Watch, drive
from entities.operations.pool import WorkerPool
from entities.operations.progress import BarProgress, PlainProgress, Plan
from tracking import plan
from tracking.actions import ResumeRun
from tracking.actions.resume import RESUMABLE
from tracking.models import Phase, Run, Wave
from tracking.sentences import joined, sentence
from tracking.states import PhaseState, RunStatus

Write = Callable[[str], Any]


@dataclass
class How:
    """In which way to move: `inline`, with `workers` own processes, or by those that run already (neither)."""

    inline: bool = False
    workers: int = 0
    bars: bool = False
    verbose: bool = False


def foundation(wave: Wave, now: datetime, write: Write) -> None:
    """Phase 1: V5 is prepared and the pre-flight passes; refuses otherwise."""
    coordinator.check_databases(wave)
    report = preflight.run(wave)
    preflight.store(report)
    red = [outcome for outcome in report.outcomes if outcome.answer.verdict.stops]
    if red:
        said = joined("; ", (joined(" ", [one.id, sentence(one.answer.message)]) for one in red[:3]))
        raise Refused(
            sentence(
                "the pre-flight is red, %(n)s of its checks stop a run: %(said)s. Run `preflight` to see all",
                n=len(red),
                said=said,
            )
        )
    write(f"Phase 1: V5 is prepared and the pre-flight passed ({len(report.outcomes)} checks).")
    Phase.objects.filter(wave=wave, number=1, state__in=(PhaseState.NOT_STARTED, PhaseState.RUNNING)).update(
        state=PhaseState.FINISHED, started_at=now, finished_at=timezone.now()
    )


def runs_for(wave: Wave, numbers: Sequence[int], *, dry_run: bool, resume: bool, workers: int,
             only: Sequence[str], write: Write) -> list[Run]:  # fmt: skip
    """New runs, or the wave's unfinished ones; refuses a mixture, and paused ones without `resume`."""
    left = plan.unfinished(wave)
    if not left:
        runs = coordinator.plan_phases(
            wave, numbers, timezone.now(), dry_run=dry_run, workers=max(1, workers), only=only
        )
        if not runs:
            raise Refused(
                f"no migration of phases {', '.join(map(str, numbers))} is among --only {' '.join(only)}"
            )
        return runs
    _check_unfinished(wave, left, numbers, dry_run)
    write(f"Continuing {len(left)} unfinished runs of wave {wave.name}.")
    coordinator.check_databases(wave)
    for run in left:
        if run.status in RESUMABLE and run.status != RunStatus.PAUSING:
            if not resume:
                because = f": {run.status_reason}" if run.status_reason else ""
                raise Refused(
                    f"run {run} is {run.status}{because}. Repeat with --resume to continue it, or cancel {run.pk}"
                )
            ResumeRun(run, via="command").perform(timezone.now())
    Run.objects.filter(pk__in=[run.pk for run in left]).update(workers=max(1, workers))
    return left


def _check_unfinished(wave: Wave, left: Sequence[Run], numbers: Sequence[int], dry_run: bool) -> None:
    first = left[0]
    if any(run.dry_run != dry_run for run in left):
        kind = "a dry run" if first.dry_run else "a real run"
        raise Refused(
            f"wave {wave.name} has {kind} under way ({first}): finish it, or end it with `cancel {first.pk}`"
        )
    if others := sorted({run.phase.number for run in left} - set(numbers)):
        raise Refused(
            f"wave {wave.name} has unfinished runs of phase {', '.join(map(str, others))} ({first} is {first.status}): "
            f"run that phase, or end them with `cancel {first.pk}`"
        )


def move(wave: Wave, runs: Sequence[Run], how: How, write: Write) -> bool:
    """Drive the runs with progress; False when somebody interrupted."""
    planned = Plan(runs)
    with ExitStack() as stack:
        driver = _driver(how, stack)
        show: Any = stack.enter_context(BarProgress(planned) if how.bars else PlainProgress(planned, write))
        return drive(wave, driver, show)


def move_one(run: Run, how: How, write: Write) -> bool:
    """Drive one run and nothing after it."""
    with ExitStack() as stack:
        driver = _driver(how, stack)
        return drive(run.phase.wave, driver, stack.enter_context(PlainProgress(Plan([run]), write)), only=run)


def _driver(how: How, stack: ExitStack) -> Driver:
    if how.workers and not how.inline:
        return Watch(stack.enter_context(WorkerPool(how.workers, verbose=how.verbose)))
    return Inline() if how.inline else Watch()


def conclude(wave: Wave, runs: Sequence[Run], write: Write) -> int:
    """Say how the runs ended; the exit code."""
    runs = list(Run.objects.filter(pk__in=[run.pk for run in runs]).select_related("phase").order_by("pk"))
    ended_well = all(run.status == RunStatus.COMPLETED for run in runs)
    dry = any(run.dry_run for run in runs)
    for line in summary.forecast(runs) if dry else summary.balance(wave, runs) if ended_well else []:
        write(line)
    if not ended_well:
        for line in summary.incomplete(runs):
            write(line)
        return INCOMPLETE
    if dry:
        for name in {run.metadata["forecast"] for run in runs}:
            forecast.discard(name)
    kept_back = summary.rejected(runs)
    if kept_back and dry:
        write(f"{kept_back:,} legacy rows would be kept back for a person, for the reasons above.")
        return WITH_REJECTED
    if kept_back:
        write(f"{kept_back:,} legacy rows are kept back for a person: `status` lists the reasons.")
        return WITH_REJECTED
    write("Complete: every legacy row has its outcome, and nothing is kept back.")
    return COMPLETE

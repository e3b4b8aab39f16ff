"""Running checks from a terminal, and what they found in a few lines."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence

from django.utils import timezone

from entities.engine import sweeper
from entities.engine.errors import Refused
from entities.reconciliation import registry, sweep
from tracking import sweeps
from tracking.models import Finding, Phase, Sweep, ValidationResult, Wave

Write = Callable[[str], object]
Result = ValidationResult.Result
WAITING = (Sweep.State.PENDING, *sweeps.AT_WORK)


def run(wave: Wave, when: str, write: Write, *, phase: Phase | None = None, only: Sequence[str] = (),
        workers: int = 0) -> Sweep:  # fmt: skip
    """Ask for the checks of a moment and wait for their end; 0 workers = in this process.

    Refuses unknown checks, and while other checks of the wave are under way.
    """
    known = {check.id for check in registry.everything()}
    if unknown := sorted(set(only) - known):
        raise Refused(f"there are no checks {', '.join(unknown)}; docs/reconciliation.md lists them all")
    try:
        asked = sweep.ask(wave, when, timezone.now(), phase=phase, only=only, workers=max(1, workers))
    except sweeps.Busy as busy:
        raise Refused(str(busy)) from busy
    if not workers:
        return sweeper.drive(asked)
    while asked.state in WAITING:
        told = sweeps.progress(asked, timezone.now())
        write(f"{told['over']} of {told['parts']} checks")
        time.sleep(2)
        asked.refresh_from_db()
    return asked


def passed(asked: Sweep) -> bool:
    """Whether everything ran and no blocking check failed."""
    return asked.state == Sweep.State.DONE and not asked.validations.filter(result=Result.FAIL).exists()


def summary(asked: Sweep) -> list[str]:
    """How many checks said what, then every check that fails, with its first findings."""
    worst: dict[str, str] = {}
    order = (Result.FAIL, Result.WARNING, Result.PASS, Result.NOTHING)
    for check_id, result in asked.validations.values_list("validation_type", "result"):
        before = worst.get(check_id)
        if before is None or order.index(Result(result)) < order.index(Result(before)):
            worst[check_id] = result
    counts = Counter(worst.values())
    seconds = (
        (asked.finished_at - asked.started_at).total_seconds()
        if asked.finished_at and asked.started_at
        else 0
    )
    findings = Finding.objects.filter(sweep=asked).count()
    lines = [
        f"{len(worst)} checks in {seconds:.1f} s: {counts[Result.PASS]} pass, {counts[Result.WARNING]} to be seen by a"
        f" person, {counts[Result.NOTHING]} with nothing to check, {counts[Result.FAIL]} fail; {findings} findings."
    ]
    if asked.state != Sweep.State.DONE:
        lines.append(f"They did not come to their end: {asked.get_state_display()}. {asked.reason}".strip())
    for one in asked.validations.filter(result=Result.FAIL).order_by("validation_type", "school_id"):
        place = f"school {one.school_id}" if one.school_id is not None else "all schools"
        sample = ", ".join(one.details.get("sample", [])[:3])
        lines.append(f"  {one.validation_type} {place}: {one.message}{f' ({sample})' if sample else ''}")
    return lines

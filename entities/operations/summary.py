"""What a command says when the runs have ended."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Sum

from entities.operations import conservation
from entities.operations.conservation import OUTCOMES
from entities.operations.tables import plain
from tracking import codes
from tracking.models import Batch, Run, Tally, Wave
from tracking.states import BatchStatus, RunStatus


def forecast(runs: Sequence[Run]) -> list[str]:
    """A dry run's outcome by entity type, disposition and reason."""
    tallies = _tallies(runs).values("entity_type", "disposition", "reason").annotate(rows=Sum("rows"))
    ordered = sorted(tallies, key=lambda one: (one["entity_type"], one["disposition"], one["reason"]))
    rows = [
        (one["entity_type"], one["disposition"], one["reason"], one["rows"], meaning(one["reason"]))
        for one in ordered
    ]
    return [
        "Forecast; nothing was written to V5:",
        *plain(("entity type", "outcome", "reason", "rows", "meaning"), rows),
    ]


def meaning(code: str) -> str:
    found = codes.ALL.get(code)
    return str(found.sentence) if found else ""


def balance(wave: Wave, runs: Sequence[Run]) -> list[str]:
    """Per entity type: legacy rows = migrated + merged + split + skipped + rejected.

    With a list of schools each run has proven its own keys when it was completed; then the rows of the tallies
    are shown and no difference is claimed.
    """
    if wave.schools:
        return ["Rows by outcome (the balance of each run was checked by key):", *_by_outcome(runs)]
    found = conservation.lines(dict.fromkeys(run.entity_type for run in runs))
    return ["Every legacy row and its outcome:", *table(found)]


def table(found: Sequence[conservation.Line]) -> list[str]:
    rows = [
        (
            line.entity,
            line.table,
            line.legacy_rows,
            *(line.counts.get(name, 0) for name in OUTCOMES),
            line.made,
            str(line.difference),
        )
        for line in found
    ]
    return plain(("entity type", "legacy table", "legacy rows", *OUTCOMES, "made new", "difference"), rows)


def _by_outcome(runs: Sequence[Run]) -> list[str]:
    tallies = _tallies(runs).exclude(disposition="warning")
    grouped = (
        tallies.values("entity_type", "disposition")
        .annotate(rows=Sum("rows"))
        .order_by("entity_type", "disposition")
    )
    return plain(
        ("entity type", "outcome", "rows"),
        [(one["entity_type"], one["disposition"], one["rows"]) for one in grouped],
    )


def _tallies(runs: Sequence[Run]) -> object:
    return Tally.objects.filter(run__in=[run.pk for run in runs])


def rejected(runs: Sequence[Run]) -> int:
    """Legacy rows that these runs kept back."""
    return (
        Tally.objects.filter(run__in=[run.pk for run in runs], disposition="rejected").aggregate(
            n=Sum("rows")
        )["n"]
        or 0
    )


def incomplete(runs: Sequence[Run]) -> list[str]:
    """The runs that did not come to a good end, with the reason and what to do."""
    waiting = [run for run in runs if run.status == RunStatus.PENDING]
    others = [run for run in runs if run.status not in (RunStatus.PENDING, RunStatus.COMPLETED)]
    said = [
        f"{run}: {run.status}{_because(run)} {_advice(run)}" for run in sorted(others, key=lambda run: run.pk)
    ]
    return [*said, f"{len(waiting)} runs wait for the ones before them."] if waiting else said


def _because(run: Run) -> str:
    return f" ({run.status_reason})." if run.status_reason else "."


def _advice(run: Run) -> str:
    failed = Batch.objects.filter(run=run, status=BatchStatus.FAILED).order_by("pk")
    if run.status == RunStatus.STOPPED and (first := failed.first()):
        return f"Batch {first.pk} said: {first.error or 'nothing'}. Then: requeue --run {run.pk} --failed"
    return {
        RunStatus.PAUSED: f"Continue: resume {run.pk}, or repeat the command with --resume",
        RunStatus.STOPPED: f"Look at `status`; then: resume {run.pk}, or repeat the command with --resume",
        RunStatus.UNBALANCED: f"Tell an engineer; after the repair: resume {run.pk}",
        RunStatus.ROLLED_BACK: "Plan it again with run_phase when it is wanted again",
        RunStatus.CANCELLED: "Plan it again with run_phase when it is wanted after all",
    }.get(RunStatus(run.status), "It is still under way: see `status`")

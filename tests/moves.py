"""Moving phases in a test: planning as `run_phase` does, working in this process."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from entities.engine import coordinator, runner
from tracking import ledger, plan
from tracking.choices import find
from tracking.models import ChoiceValue, Run, Tally, Wave

CUTOVER = datetime(2026, 1, 15, tzinfo=UTC)
PATIENCE = timedelta(seconds=60)


def wave(name: str = "Rehearsal", *, schools: Sequence[int] = (), **choices: Any) -> Wave:
    """A wave with the tests' cut-over; choices by short name: `batch={…}`."""
    made = plan.get_or_create_wave(name, timezone.now(), schools=schools, cutover_at=CUTOVER)
    for key, value in choices.items():
        ChoiceValue.objects.update_or_create(
            wave=made, key=find(key).key, school_id=0, defaults={"value": value, "decided_at": CUTOVER}
        )
    return made


def planned(
    phases: Sequence[int] = (2, 3, 4),
    *,
    of: Wave | None = None,
    only: Sequence[str] = (),
    dry_run: bool = False,
    workers: int = 1,
    size: int | None = None,
) -> list[Run]:
    """Pending runs of the phases; `size` is the size of the first batches."""
    runs = coordinator.plan_phases(
        of or wave(), phases, timezone.now(), dry_run=dry_run, workers=workers, only=only
    )
    if size is not None:
        Run.objects.filter(pk__in=[run.pk for run in runs]).update(batch_size=size)
    return fresh(runs)


def fresh(runs: Sequence[Run]) -> list[Run]:
    return list(
        Run.objects.filter(pk__in=[run.pk for run in runs]).select_related("phase__wave").order_by("pk")
    )


def drive(runs: Sequence[Run]) -> list[Run]:
    """Work until nothing of the runs' wave can go on; the runs as they stand then."""
    of, until = runs[0].phase.wave, timezone.now() + PATIENCE
    while (run := coordinator.advance(of, timezone.now())) is not None:
        assert timezone.now() < until, f"{run} did not end: {run.status} {run.status_reason}"
        ledger.reap(timezone.now())
        runner.work(run.pk)
    return fresh(runs)


def move(phases: Sequence[int] = (2, 3, 4), **how: Any) -> list[Run]:
    """Plan and drive; refuses to go on when a run did not complete."""
    runs = drive(planned(phases, **how))
    assert [(str(run), run.status, run.status_reason) for run in runs if run.status != "completed"] == []
    return runs


def claimed(run: Run, worker: str = "test") -> Any:
    """The pipeline of a run that was started, and the batch that a worker claimed just now."""
    from entities.engine.pipeline import Pipeline

    pipeline = Pipeline(run)
    return pipeline, ledger.claim(run, worker, timezone.now(), pipeline.next_range)


def started(phases: Sequence[int] = (2,), **how: Any) -> Run:
    """The first planned run, started and not worked on."""
    run = planned(phases, **how)[0]
    coordinator.start(run, timezone.now())
    return fresh([run])[0]


def tallies(runs: Sequence[Run]) -> dict[tuple[str, str, str, str], tuple[int, int]]:
    """(rows, entries) by (entity, legacy table, disposition, reason)."""
    grouped = (
        Tally.objects.filter(run__in=[run.pk for run in runs])
        .values_list("entity_type", "legacy_table", "disposition", "reason")
        .annotate(rows=Sum("rows"), entries=Sum("entries"))
    )
    return {row[:4]: row[4:] for row in grouped}


def written(runs: Sequence[Run]) -> int:
    return sum(run.written_rows for run in fresh(runs))

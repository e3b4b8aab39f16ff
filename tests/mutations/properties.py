"""Planted defects of runs: a repeated run that writes, a forecast that was wrong, a source that changed."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone

from entities.engine import content
from tests.mutations import Keys, Mutation, Plant
from tracking.models import Batch, Run, Tally, ValidationResult


def again(first: Run, **changes: object) -> Run:
    """A copy of a run, done after it."""
    run = Run.objects.get(pk=first.pk)
    run.pk = None
    for name, value in changes.items():
        setattr(run, name, value)
    run.save(force_insert=True)
    return run


def repeated(plant: Plant) -> Mapping[str, Keys | None]:
    run = again(Run.objects.get(entity_type="languages"))
    Batch.objects.create(run=run, key_after=0, key_to=9, status="done", rows_written=3)
    return {"R-90": {("migration_tracking", run.pk)}}


def wrong_forecast(plant: Plant) -> Mapping[str, Keys | None]:
    first = Run.objects.get(entity_type="languages")
    dry, real = again(first, dry_run=True), again(first)
    batch = Batch.objects.create(run=dry, key_after=0, key_to=9, status="done")
    tally = {"entity_type": "language", "legacy_table": "languages", "reason": "", "entries": 5}
    Tally.objects.create(batch=batch, run=dry, disposition="migrated", rows=5, **tally)
    return {"R-95": {("migration_tracking", real.pk)}}


def source_written(plant: Plant) -> Mapping[str, Keys | None]:
    """The check before the load saw other content."""
    rows, digest = content.table_figures("legacy", "schools")
    ValidationResult.objects.create(
        wave=Run.objects.first().phase.wave, validation_type="R-94", moment="P", result="pass", message="",
        details={"sums": {"schools": [str(rows), str(int(digest, 16) + 1), "0"]}}, created_at=timezone.now(),
        updated_at=timezone.now(),
    )  # fmt: skip
    return {"R-94": None}


MUTATIONS = (
    Mutation("line inserted a second time on rerun", repeated),
    Mutation("dry run foretold another outcome", wrong_forecast),
    Mutation("legacy was written", source_written),
)

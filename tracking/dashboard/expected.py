"""What migrations that wait are likely to need: as much as the last time, in a wave of the same schools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from tracking.models import Run
from tracking.states import RunStatus

LOOKED_AT = 500  # runs


@dataclass(frozen=True)
class Expected:
    """Records and time of an earlier complete run, with its pauses."""

    records: int
    time: timedelta


def of(waiting: Sequence[Run]) -> dict[int, Expected]:
    """By run, for those whose migration ran before; at most one statement."""
    if not waiting:
        return {}
    wave = waiting[0].phase.wave
    earlier = Run.objects.filter(
        entity_type__in={run.entity_type for run in waiting}, status=RunStatus.COMPLETED, dry_run=False,
        started_at__isnull=False, completed_at__isnull=False,
    )  # fmt: skip
    last: dict[str, Run] = {}
    for run in earlier.select_related("phase__wave").order_by("-id")[:LOOKED_AT]:
        if sorted(run.phase.wave.schools) == sorted(wave.schools):
            last.setdefault(run.entity_type, run)
    return {run.pk: _of(last[run.entity_type]) for run in waiting if run.entity_type in last}


def _of(run: Run) -> Expected:
    assert run.started_at is not None and run.completed_at is not None
    return Expected(run.total_records, run.completed_at - run.started_at)

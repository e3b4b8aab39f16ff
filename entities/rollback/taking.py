"""Checkpoints taken by workers, in slices: those that a person asks for, and the one before each phase and run."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from entities import registry
from entities.engine import sweeper
from entities.engine.errors import Refused
from entities.rollback import checkpoint, figures
from entities.rollback.references import PATCHED
from entities.rollback.tables import ARCHIVE, content_tables
from tracking import dispatch, sweeps
from tracking.models import Batch, Checkpoint, Part, Rollback, Run, Sweep, Wave
from tracking.sentences import sentence
from tracking.states import RunStatus
from tracking.sweeps import PartPlan, Step

KIND = "checkpoint"
OF_RUN = (Checkpoint.Kind.PHASE, Checkpoint.Kind.RUN)


class Taking:
    """Takes a checkpoint as a sweep: a part for each long table, and one for all others."""

    def plan(self, sweep: Sweep) -> list[PartPlan]:
        if _checkpoint_of(sweep).kind not in OF_RUN:
            checkpoint.refuse_moving()
        return figures.parts(0, _tables(sweep))

    def step(self, part: Part, sweep: Sweep) -> Step:
        take = partial(checkpoint.take_slice, _checkpoint_of(sweep))
        return figures.step(part, take, _tables(sweep))

    def end(self, sweep: Sweep) -> dict[str, Any]:
        taken, parts = _checkpoint_of(sweep), Part.objects.filter(sweep=sweep, stage__lt=sweeps.LAST)
        found = figures.collected(parts)
        checkpoint.close(taken, found)
        if taken.run_id:
            dispatch.work_on(taken.run_id)
        return {"tables": len(found), "rows": taken.rows}


def _checkpoint_of(sweep: Sweep) -> Checkpoint:
    return Checkpoint.objects.get(pk=sweep.params["checkpoint"])


def _tables(sweep: Sweep) -> list[str]:
    return list(sweep.params.get("tables") or content_tables())


def start(
    name: str, now: datetime, *, wave: Wave | None, workers: int = 2, made_by: Any = None
) -> Checkpoint:
    """A named checkpoint that workers take; its sweep tells the progress."""
    made = checkpoint.create(name, now, wave=wave, made_by=made_by)
    _ask(made, now, workers)
    return made


def _ask(made: Checkpoint, now: datetime, workers: int, **params: Any) -> None:
    params["checkpoint"] = made.pk
    made.sweep = sweeps.create(
        KIND, now, wave=made.wave, params=params, workers=workers, asked_by=made.made_by
    )
    made.save(update_fields=["sweep"])


def before_run(run: Run, now: datetime, *, here: bool) -> str:
    """The automatic checkpoint: of every table before the first run of a phase, else of those that the run may write.

    Returns why it is not taken yet, for people; "" when it is. Workers take it: ask again. With `here` it is taken in this
    process; raises Refused when that fails.
    """
    made = _of(run, now)
    sweep = made.sweep
    if made.state == Checkpoint.State.TAKEN or sweep is None:
        return ""
    said = _why_not(sweep)
    if sweep.state == Sweep.State.FAILED:
        sweeps.resume(sweep, now)
    if not here:
        return said
    if sweeper.drive(sweep).state != Sweep.State.DONE:
        raise Refused(_why_not(sweep))
    return ""


def _of(run: Run, now: datetime) -> Checkpoint:
    """The checkpoint of the run, taken or begun; one that V5 has left behind is made anew."""
    found = Checkpoint.objects.filter(run=run).select_related("sweep").first()
    if found is not None and _is_stale(found, run):
        _discard(found, now)
        found = None
    return found or _create(run, now)


def _is_stale(made: Checkpoint, run: Run) -> bool:
    """Whether the wave wrote, or took anything out, since the checkpoint was begun: V5 is no longer as it says."""
    wave = run.phase.wave
    return (
        Batch.objects.filter(run__phase__wave=wave, run__dry_run=False, finished_at__gte=made.at).exists()
        or Rollback.objects.filter(wave=wave, finished_at__gte=made.at, started_at__isnull=False).exists()
    )


def _discard(made: Checkpoint, now: datetime) -> None:
    if made.sweep is not None and made.sweep.state in sweeps.UNFINISHED:
        sweeps.cancel(made.sweep, "records were moved meanwhile: it is taken anew", now)
    made.delete()


def _create(run: Run, now: datetime) -> Checkpoint:
    """Made once, whoever asks first: a run has one checkpoint."""
    begun = Run.objects.filter(phase=run.phase, dry_run=False, started_at__isnull=False)
    first = not begun.exclude(status=RunStatus.ROLLED_BACK).exists()
    kind = Checkpoint.Kind.PHASE if first else Checkpoint.Kind.RUN
    name = f"{run.phase.wave.name}: before phase {run.phase.number}" if first else f"before run {run}"
    there = content_tables()
    tables = there if first else [table for table in tables_of(run.entity_type) if table in there]
    with transaction.atomic(using="default"):
        made = checkpoint.create(name, now, kind=kind, wave=run.phase.wave, run=run)
        if made.sweep is None:
            _ask(made, now, run.workers, tables=tables)
    return made


def _why_not(sweep: Sweep) -> str:
    if not sweep.reason:
        return sentence("workers count and hash what V5 holds before it starts")
    return sentence(
        "its checkpoint could not be taken: %(why)s. It is tried again every few seconds; cancel the run to end that",
        why=sweep.reason,
    )


def tables_of(name: str) -> list[str]:
    """The tables that a migration may write."""
    migration = registry.get(name)
    tables = [mapping.table for mapping in migration.mappings]
    return sorted({*tables, *PATCHED.get(name, ()), ARCHIVE})

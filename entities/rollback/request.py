"""From what a person wants back to a rollback that is looked at: scope, refusals, the checkpoint it leads back to.

request.run(wave, run, …)  request.school(wave, 3, …)  …   →  Rollback in state LOOKING, its sweep waiting for a worker
request.begin(rollback, now)                               →  the work itself, once it was looked at and approved
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from entities import registry
from entities.engine.errors import Refused
from entities.rollback import archive, checkpoint, keep, preview, record, remove
from entities.rollback.scope import Scope
from entities.rollback.tables import MAP, fetch
from tracking import rollbacks, sweeps
from tracking.models import Batch, Checkpoint, Phase, Rollback, Run, Wave
from tracking.sentences import sentence
from tracking.states import CAN_GO_BACK

Kind = Rollback.Kind


def of_run(run: Run, now: datetime, *, include: bool = False, **who: Any) -> Rollback:
    runs = _with_later([run], include)
    return _ask(
        run.phase.wave, Kind.RUN, runs, Scope(_ids(runs)), f"run {run}", now, run=run, phase=run.phase, **who
    )


def of_migration(wave: Wave, name: str, now: datetime, *, include: bool = False, **who: Any) -> Rollback:
    registry.get(name)
    runs = _with_later(_live(wave, entity_type=name), include)
    return _ask(wave, Kind.MIGRATION, runs, Scope(_ids(runs)), f"every run of {name}", now, **who)


def of_phase(phase: Phase, now: datetime, *, include: bool = False, **who: Any) -> Rollback:
    runs = _with_later(_live(phase.wave, phase=phase), include)
    return _ask(
        phase.wave, Kind.PHASE, runs, Scope(_ids(runs)), f"phase {phase.number}", now, phase=phase, **who
    )


def of_wave(wave: Wave, now: datetime, *, include: bool = False, **who: Any) -> Rollback:
    runs = _with_later(_live(wave), include)
    return _ask(wave, Kind.WAVE, runs, Scope(_ids(runs)), f"wave {wave.name}", now, **who)


def of_school(wave: Wave, school: int, now: datetime, **who: Any) -> Rollback:
    """Everything of one legacy school; people that other schools share stay."""
    runs = _live(wave)
    found = fetch(
        f"SELECT v5_id FROM {MAP} WHERE entity_type = 'school' AND legacy_id = %s AND v5_id IS NOT NULL",
        [school],
    )
    if not found:
        raise Refused(
            sentence(
                "legacy school %(school)s has no row in V5: there is nothing to roll back", school=school
            )
        )
    scope = Scope(_ids(runs), school=school, v5_school=found[0][0])
    return _ask(wave, Kind.SCHOOL, runs, scope, f"school {school}", now, school_id=school, **who)


def of_batch(batch: Batch, now: datetime, *, include: bool = False, **who: Any) -> Rollback:
    run = batch.run
    scope = Scope([run.pk], batch=batch.pk)
    if include:
        scope = record.with_dependents(scope, [run.pk])
    figures = {"batch": batch.pk}
    return _ask(run.phase.wave, Kind.BATCH, _runs(scope), scope, f"batch {batch.pk} of run {run}", now, run=run,
                phase=run.phase, figures=figures, **who)  # fmt: skip


def of_record(entity: str, legacy_id: int, now: datetime, *, include: bool = False, **who: Any) -> Rollback:
    """A record with its parts; with `include` also the records of later runs that need it."""
    scope = record.scope_of(entity, legacy_id)
    if include:
        scope = record.with_dependents(scope, scope.runs)
    runs = _runs(scope)
    if not runs:
        raise Refused(
            sentence(
                "the runs that moved %(entity)s %(id)s are no longer recorded", entity=entity, id=legacy_id
            )
        )
    figures = {"roots": record.roots(entity, legacy_id, runs)}
    return _ask(runs[0].phase.wave, Kind.RECORD, runs, scope, f"{entity} {legacy_id}", now, run=runs[0],
                phase=runs[0].phase, figures=figures, **who)  # fmt: skip


def to_checkpoint(to: Checkpoint, now: datetime, **who: Any) -> Rollback:
    """Whatever the checkpoint's wave wrote since."""
    if to.state != Checkpoint.State.TAKEN or to.wave is None:
        raise Refused(
            sentence("checkpoint %(name)s is not one of a wave, or was not taken to its end", name=to.name)
        )
    runs = [run for run in _live(to.wave) if run.completed_at is None or run.completed_at >= to.at]
    scope = Scope(_ids(runs), since=checkpoint.iso(to))
    return _ask(to.wave, Kind.CHECKPOINT, runs, scope, f"back to {to.name}", now, leads_to=to, **who)


def _ask(wave: Wave, kind: str, runs: list[Run], scope: Scope, said: str, now: datetime, *, reason: str,
         asked_by: Any = None, leads_to: Checkpoint | None = None, workers: int = 2, **values: Any) -> Rollback:  # fmt: skip
    if not runs:
        raise Refused(sentence("nothing of wave %(wave)s is left to roll back", wave=wave.name))
    archive.refuse_missing()
    _refuse(wave, kind, runs)
    leads_to = leads_to or (_checkpoint_before(runs) if scope.is_whole else None)
    rollback = Rollback.objects.create(
        wave=wave, kind=kind, scope=scope.dump(), said=said[:300], reason=reason[:1000], asked_by=asked_by, asked_at=now,
        checkpoint=leads_to, **values,
    )  # fmt: skip
    rollback.look = sweeps.create(
        preview.KIND, now, wave=wave, params={"rollback": rollback.pk}, workers=workers, asked_by=asked_by
    )
    rollback.save(update_fields=["look"])
    return rollback


def _refuse(wave: Wave, kind: str, runs: list[Run]) -> None:
    checkpoint.refuse_moving()
    other = Rollback.objects.filter(state__in=rollbacks.OPEN, wave=wave).first() or rollbacks.under_way()
    if other is not None:
        raise Refused(
            sentence(
                "rollback %(other)s is open: end it, or take it back, before another one", other=str(other)
            )
        )
    whole = kind not in (Kind.RECORD, Kind.BATCH)
    wrong = [run for run in runs if run.status not in CAN_GO_BACK or (whole and not run.is_in_v5)]
    if wrong:
        raise Refused(
            sentence(
                "run %(run)s is %(status)s and cannot go back now", run=str(wrong[0]), status=wrong[0].status
            )
        )
    trial = Rollback(wave=wave, kind=kind, scope={"runs": _ids(runs)})
    if signed := rollbacks.signed_phases(trial):
        raise Refused(
            sentence(
                "phase %(number)s is signed, or waits for a signature: reopen it first, so that nobody's signature "
                "stands under what is gone",
                number=signed[0].number,
            )
        )


def _with_later(runs: list[Run], include: bool) -> list[Run]:
    """The runs, and those of the later ones that stand on them; refuses without `include`."""
    while later := _later(runs):
        if not include:
            named = ", ".join(map(str, later[:6])) + (" …" if len(later) > 6 else "")
            raise Refused(
                sentence("later runs depend on it: %(runs)s. Roll them back too (--include)", runs=named)
            )
        runs = sorted([*runs, *later], key=lambda run: run.pk)
    return runs


def _later(runs: list[Run]) -> list[Run]:
    names = {run.entity_type for run in runs}
    if not runs:
        return []
    first = min(run.pk for run in runs)
    candidates = (
        Run.objects.filter(pk__gt=first, dry_run=False)
        .exclude(pk__in=_ids(runs))
        .select_related("phase__wave")
    )
    return [
        run
        for run in candidates.order_by("pk")
        if run.is_in_v5
        and depends(run.entity_type) & names
        and fetch(f"SELECT 1 FROM {MAP} WHERE run_id = %s LIMIT 1", [run.pk])
    ]


def depends(name: str) -> set[str]:
    """A migration, and all whose records its own may point at."""
    found, left = {name}, [name]
    while left:
        for other in registry.get(left.pop()).after:
            if other not in found:
                found.add(other)
                left.append(other)
    return found


def _live(wave: Wave, **only: Any) -> list[Run]:
    """The runs of which something may be in V5."""
    runs = Run.objects.filter(phase__wave=wave, dry_run=False, **only).select_related("phase__wave")
    return [run for run in runs.order_by("pk") if run.is_in_v5]


def _runs(scope: Scope) -> list[Run]:
    return list(Run.objects.filter(pk__in=scope.runs).select_related("phase__wave").order_by("pk"))


def _ids(runs: Iterable[Run]) -> list[int]:
    return [run.pk for run in runs]


def _checkpoint_before(runs: list[Run]) -> Checkpoint | None:
    first = min(runs, key=lambda run: run.pk)
    return Checkpoint.objects.filter(run=first, state=Checkpoint.State.TAKEN).order_by("-pk").first()


def begin(rollback: Rollback, now: datetime, *, workers: int = 2, approved_by: Any = None) -> Rollback:
    """Start the work: from here on rows go. Refuses when something changed since the look."""
    archive.refuse_missing()
    checkpoint.refuse_moving()
    other = rollbacks.under_way()
    if other is not None:
        raise Refused(sentence("rollback %(other)s is under way: one at a time", other=str(other)))
    if signed := rollbacks.signed_phases(rollback):
        raise Refused(
            sentence("phase %(number)s was signed meanwhile: reopen it first", number=signed[0].number)
        )
    keep.settle(rollback)
    before = checkpoint.create(
        f"before rollback {rollback.pk}", now, kind=Checkpoint.Kind.ROLLBACK, wave=rollback.wave
    )
    ready = (Rollback.State.LOOKED, Rollback.State.ASKED, Rollback.State.APPROVED)
    if not rollbacks.move(rollback, ready, Rollback.State.ROLLING, started_at=now, before=before):
        before.delete()
        raise Refused(
            sentence("rollback %(n)s is %(state)s: it cannot start", n=rollback.pk, state=rollback.state)
        )
    rollbacks.begun(rollback, now)
    rollback.work = sweeps.create(
        remove.KIND, now, wave=rollback.wave, params={"rollback": rollback.pk}, workers=workers,
        asked_by=rollback.asked_by, approved_by=approved_by or rollback.approved_by,
    )  # fmt: skip
    rollback.save(update_fields=["work"])
    return rollback


def withdraw(rollback: Rollback, now: datetime) -> None:
    """Take it back before anything went."""
    before = (Rollback.State.LOOKING, Rollback.State.LOOKED, Rollback.State.ASKED, Rollback.State.APPROVED)
    if not rollbacks.move(rollback, before, Rollback.State.WITHDRAWN, finished_at=now):
        raise Refused(
            sentence(
                "rollback %(n)s is %(state)s: it cannot be taken back", n=rollback.pk, state=rollback.state
            )
        )
    if rollback.look is not None and rollback.look.state in sweeps.UNFINISHED:
        sweeps.cancel(rollback.look, "the rollback was taken back", now)

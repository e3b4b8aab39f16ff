"""Runs one after the other: what is due next, what is finished, what the queue should be told.

The ledger is the truth: everything here can be called at any time, by anybody, again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

import structlog
from django.utils import timezone

from entities import registry
from entities.engine import balance, extract, outcomes, runner
from entities.engine.errors import Refused
from entities.engine.pipeline import Pipeline, scope_of
from tracking import dispatch, evidence, ledger, plan, rollbacks
from tracking.models import Batch, Phase, Run, Wave
from tracking.sentences import Sentence, joined, sentence
from tracking.states import AT_WORK, ENDED, BatchStatus, PhaseState, RunStatus

log = structlog.get_logger("migration")


def plan_phases(wave: Wave, numbers: Sequence[int], now: datetime, *, dry_run: bool = False, workers: int = 1,
                only: Sequence[str] = ()) -> list[Run]:  # fmt: skip
    """Pending runs for the phases, after a look at what must hold before any run (GR-01, V5 prepared).

    Refuses while the wave has unfinished runs and, in a production wave, a phase whose predecessor is not
    signed. `only` narrows to some migrations.
    """
    if left := plan.unfinished(wave):
        named = ", ".join(f"{run} ({run.status})" for run in left[:3])
        raise Refused(
            sentence(
                "wave %(wave)s still has unfinished runs: %(runs)s; resume or cancel them first",
                wave=wave.name,
                runs=named,
            )
        )
    if not dry_run and (other := rollbacks.under_way()):
        raise Refused(sentence("rollback %(other)s is under way: one at a time", other=str(other)))
    for phase in wave.phases.filter(number__in=() if dry_run else numbers):
        if closed := evidence.why_closed(phase, now):
            raise Refused(
                sentence("%(why)s. Nothing was started; a dry run is possible at any time", why=closed)
            )
    check_databases(wave)
    if wave.cutover_at is None and not dry_run:
        wave.cutover_at = now
        wave.save(update_fields=["cutover_at"])
    metadata: dict[str, Any] = {
        "fingerprint": fingerprint(wave),
        "choices": plan.choices_of(wave).fingerprint(),
    }
    if dry_run:
        metadata["forecast"] = f"wave{wave.pk}-{now:%Y%m%d%H%M%S%f}"
    runs: list[Run] = []
    for number in numbers:
        names = [name for name in registry.of_phase(number) if not only or name in only]
        runs += plan.plan_runs(wave, number, names, now, dry_run=dry_run, workers=workers, metadata=metadata)
    return runs


def check_databases(wave: Wave | None = None) -> None:
    """Refuse what would lose or bend rows: one database twice, V5 unprepared, choices that are not valid or not
    built, legacy or V5 tables and columns that are missing or unknown (GR-01, GR-12, GR-23)."""
    from entities import preflight
    from entities.preflight.checks import choices, databases, schemas

    essential = (
        databases.Reachable(),
        databases.Different(),
        databases.Prepared(),
        choices.ChoicesValid(),
        schemas.LegacySchema(),
        schemas.V5Schema(),
    )
    report = preflight.run(wave, chosen=essential)
    for outcome in report.outcomes:
        if outcome.answer.verdict.stops:
            named = "; ".join(finding.what for finding in outcome.answer.findings[:5])
            then = outcome.answer.next_step or sentence("run preflight for the whole picture")
            said = (
                sentence(outcome.answer.message)
                if not named
                else sentence("%(what)s (%(named)s)", what=sentence(outcome.answer.message), named=named)
            )
            raise Refused(sentence("%(what)s. Next: %(then)s", what=said, then=sentence(then)))


def fingerprint(wave: Wave) -> str:
    """What the outcome of a run rests on beside the data: choices, cut-over, and the code of the rules."""
    digest = blake2b(digest_size=12)
    digest.update(plan.choices_of(wave).fingerprint().encode())
    digest.update(str(wave.cutover_at or "").encode())
    for path in sorted(Path(__file__).resolve().parent.parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def advance(wave: Wave, now: datetime, *, here: bool = True) -> Run | None:
    """Settle what is under way, start what is due; returns the run at work, None when nothing can run.

    Without `here` workers take the checkpoint before a run; until they have, the run that is returned is still pending.
    """
    for run in plan.unfinished(wave):
        if run.status in AT_WORK:
            settle(run, now)
            run.refresh_from_db()
        if run.status in ENDED:
            continue
        if run.status == RunStatus.PENDING and _opens(run, now):
            start(run, now, here=here)
            return run if run.status in (RunStatus.PENDING, *AT_WORK) else None
        return run if run.status in AT_WORK else None
    return None


def _opens(run: Run, now: datetime) -> bool:
    """In a production wave nothing of a phase runs before the earlier one is signed; and nothing during a rollback."""
    return run.dry_run or not (rollbacks.under_way() or evidence.why_closed(run.phase, now))


def start(run: Run, now: datetime, *, here: bool = True) -> None:
    """Let workers claim, once it is kept what V5 holds (checkpoint) and counted what is to be done."""
    if not run.dry_run and not _checkpoint_taken(run, now, here):
        return
    pipeline = Pipeline(run)
    totals = {name: extract.total(segment, pipeline.scope) for name, segment in pipeline.segments.items()}
    changes: dict[str, Any] = {
        "started_at": now,
        "total_records": sum(totals.values()),
        "metadata": {**run.metadata, "totals": totals},
    }
    if ledger.move(run, RunStatus.RUNNING, now, **changes):
        Phase.objects.filter(pk=run.phase_id, state=PhaseState.NOT_STARTED).update(
            state=PhaseState.RUNNING, started_at=now
        )
        log.info(
            "run started", run=run.pk, entity=run.entity_type, records=run.total_records, dry_run=run.dry_run
        )
        evidence.revalidate(run.phase, now)


def _checkpoint_taken(run: Run, now: datetime, here: bool) -> bool:
    """Whether the run can start; if not, it says for what it waits."""
    from entities.rollback import taking

    if said := taking.before_run(run, now, here=here):
        ledger.say(run, said, now)
    return not said


def settle(run: Run, now: datetime) -> None:
    """Turn requests into facts once no batch is held any more, and complete a run whose ledger balances."""
    held = Batch.objects.filter(run=run, status=BatchStatus.RUNNING).exists()
    if held:
        return
    if run.status == RunStatus.PAUSING:
        ledger.move(run, RunStatus.PAUSED, now, None)
    elif run.status == RunStatus.CANCELLING:
        ledger.move(run, RunStatus.CANCELLED, now, None, completed_at=now)
    elif run.exhausted and not Batch.objects.filter(run=run, status=BatchStatus.PENDING).exists():
        _finish(run, now)


def _finish(run: Run, now: datetime) -> None:
    failed = Batch.objects.filter(run=run, status=BatchStatus.FAILED).count()
    if failed:
        ledger.move(
            run,
            RunStatus.STOPPED,
            now,
            sentence("%(n)s batches failed after all their attempts: look at them, then re-queue", n=failed),
        )
        return
    lost = unaccounted(run)
    if lost:
        said = joined("; ", map(_missing, lost))
        ledger.move(
            run, RunStatus.UNBALANCED, now, sentence("legacy rows without outcome: %(rows)s", rows=said)
        )
        log.error("run unbalanced", run=run.pk, entity=run.entity_type, missing=said)
        return
    if ledger.move(run, RunStatus.COMPLETED, now, completed_at=now, metadata=_with_outcomes(run)):
        log.info("run completed", run=run.pk, entity=run.entity_type, written=run.written_rows)
        _close_phase(run.phase, now)
        evidence.revalidate(run.phase, now)


def _missing(one: balance.Missing) -> Sentence:
    return sentence(
        "%(table)s: %(n)s rows, first %(ids)s", table=one.legacy_table, n=one.count, ids=list(one.ids[:5])
    )


def _with_outcomes(run: Run) -> dict[str, Any]:
    """The run's facts with what the map holds now: a signature of the phase rests on these counts."""
    if run.dry_run:
        return dict(run.metadata)
    wave = run.phase.wave
    scope = scope_of(wave, plan.choices_of(wave))
    return {**run.metadata, "outcomes": outcomes.counted(registry.get(run.entity_type), scope)}


def unaccounted(run: Run) -> list[balance.Missing]:
    """Legacy rows of the run's scope without an entry in the map (or in the forecast of a dry run)."""
    pipeline = Pipeline(run)
    return balance.missing(pipeline.migration, scope_of(run.phase.wave, pipeline.choices), pipeline.read)


def _close_phase(phase: Phase, now: datetime) -> None:
    open_runs = phase.runs.filter(dry_run=False).exclude(status__in=ENDED)
    if phase.runs.filter(dry_run=False, status=RunStatus.COMPLETED).exists() and not open_runs.exists():
        Phase.objects.filter(pk=phase.pk, state=PhaseState.RUNNING).update(
            state=PhaseState.FINISHED, finished_at=now
        )


def tick(now: datetime | None = None) -> list[Run]:
    """Reap dead workers, settle and start runs of every wave, and refill the queue; returns the runs at work."""
    now = now or timezone.now()
    if returned := ledger.reap(now):
        log.warning("batches of silent workers returned", batches=returned)
    evidence.expire(now)
    waves = Wave.objects.filter(phases__runs__status__in=(*AT_WORK, RunStatus.PENDING)).distinct()
    active = [run for wave in waves if (run := advance(wave, now, here=False)) is not None]
    for run in active:
        refill(run)
    return active


def work(run_id: int, slice_: timedelta = runner.SLICE) -> None:
    """A worker's turn: batches of a run, then of the runs that become due, for one slice.

    Only a turn that ended early asks for another one, and only the start of a run asks for more workers: a task
    that found nothing to do sends nothing.
    """
    until = timezone.now() + slice_
    while (left := until - timezone.now()) > timedelta(0):
        if runner.work(run_id, left):
            dispatch.work_on(run_id)
            return
        run = Run.objects.select_related("phase__wave").get(pk=run_id)
        following = advance(run.phase.wave, timezone.now(), here=False)
        if following is None or following.status == RunStatus.PENDING:
            return
        if following.pk == run_id and run.status != RunStatus.PENDING:
            return
        if following.claims == 0:
            dispatch.work_on(following.pk, following.workers - 1)
        run_id = following.pk


def refill(run: Run) -> None:
    """Ask for as many workers as the run may have and does not have, when there is something to claim."""
    if run.status != RunStatus.RUNNING:
        return
    batches = Batch.objects.filter(run=run)
    waiting = batches.filter(status=BatchStatus.PENDING).exclude(not_before__gt=timezone.now())
    if not run.exhausted or waiting.exists():
        busy = batches.filter(status=BatchStatus.RUNNING).count()
        dispatch.work_on(run.pk, max(0, run.workers - busy))

"""The only writer of rollbacks: their states, and what they leave behind in runs, batches, issues and phases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tracking import evidence, ledger
from tracking.models import Batch, Issue, Phase, Rollback, Run, Signature, Sweep, ValidationResult
from tracking.sentences import columns, sentence
from tracking.states import BatchStatus, IssueState, PhaseState, RunStatus
from tracking.triage import groups

PAGE = 2_000
UNDER_WAY = (Rollback.State.ROLLING, Rollback.State.FAILED)
OPEN = (
    Rollback.State.LOOKING,
    Rollback.State.LOOKED,
    Rollback.State.ASKED,
    Rollback.State.APPROVED,
    *UNDER_WAY,
)
WHOLE = (
    Rollback.Kind.RUN,
    Rollback.Kind.MIGRATION,
    Rollback.Kind.PHASE,
    Rollback.Kind.WAVE,
    Rollback.Kind.CHECKPOINT,
)
RESULTS = ("R-92", "R-83")


def said_group(name: str) -> str:
    """A group of findings that is decided about (`edited:bookings`), for people."""
    kind, _colon, table = name.partition(":")
    if kind == "edited":
        return _("%(table)s: edited by people since") % {"table": table}
    return _("%(table)s: written by people on migrated records") % {"table": table}


def under_way() -> Rollback | None:
    """The rollback that takes rows out at this moment, if any: nothing else may move meanwhile."""
    return Rollback.objects.filter(state__in=UNDER_WAY).first()


def runs_of(rollback: Rollback) -> list[Run]:
    return list(Run.objects.filter(pk__in=rollback.scope["runs"]).select_related("phase").order_by("pk"))


def move(rollback: Rollback, old: Sequence[str], new: str, **changes: Any) -> bool:
    """Change the state unless somebody was faster."""
    moved = Rollback.objects.filter(pk=rollback.pk, state__in=old).update(state=new, **changes)
    rollback.refresh_from_db()
    return bool(moved)


def begun(rollback: Rollback, now: datetime) -> None:
    """The runs that go as a whole, or lose a school, say so from now on; their phases are not finished any more."""
    for run in runs_of(rollback):
        if _marks_runs(rollback) and run.is_in_v5:
            ledger.move(run, RunStatus.ROLLING_BACK, now, sentence("rollback %(n)s", n=rollback.pk))
    for phase in phases_of(rollback):
        Phase.objects.filter(pk=phase.pk).exclude(state=PhaseState.SIGNED).update(state=PhaseState.RUNNING)


def _marks_runs(rollback: Rollback) -> bool:
    """A record or a batch leaves its run as it is: it can be re-queued."""
    return rollback.kind not in (Rollback.Kind.RECORD, Rollback.Kind.BATCH)


def phases_of(rollback: Rollback) -> list[Phase]:
    return list({run.phase_id: run.phase for run in runs_of(rollback)}.values())


def finished(rollback: Rollback, result: dict[str, Any], now: datetime) -> None:
    """Record what became of it, all in one transaction; harmless when done twice."""
    new = Rollback.State.DONE if result["proven"] else Rollback.State.UNPROVEN
    with transaction.atomic(using="default"):
        if not move(rollback, UNDER_WAY, new, result=result, finished_at=now, problem=""):
            return
        if _marks_runs(rollback):
            _end_runs(rollback, now)
        else:
            _fail_batch(rollback, now)
        _settle_issues(rollback, now)
        keep_results(rollback, result, now)
        for phase in phases_of(rollback):
            state = evidence.state_of(phase, now) if _marks_runs(rollback) else PhaseState.RUNNING
            Phase.objects.filter(pk=phase.pk).exclude(state=PhaseState.SIGNED).update(
                state=state, finished_at=None
            )
    evidence.revalidate_wave(rollback.wave, now)


def _end_runs(rollback: Rollback, now: datetime) -> None:
    in_part = rollback.school_id is not None or bool(rollback.scope.get("since"))
    for run in runs_of(rollback):
        if run.status == RunStatus.ROLLING_BACK:
            why = sentence("rollback %(n)s: %(what)s", n=rollback.pk, what=rollback.said)
            if in_part:
                why = sentence("in part: %(why)s", why=why)
            changes = {
                "completed_at": run.completed_at or now,
                "metadata": {**run.metadata, "in_part": in_part},
            }
            ledger.move(run, RunStatus.ROLLED_BACK, now, why, **changes)


def _fail_batch(rollback: Rollback, now: datetime) -> None:
    """What went can be moved again by a re-queue: its batch counts as failed until then."""
    said = f"rolled back (rollback {rollback.pk}): re-queue it to move the records again"
    if rollback.kind == Rollback.Kind.BATCH:
        Batch.objects.filter(pk=rollback.figures.get("batch")).update(
            status=BatchStatus.FAILED, error=said, finished_at=now
        )
        return
    roots: dict[str, Any] = rollback.figures.get("roots", {})
    for run_id, (segment, keys) in roots.items():
        if not Batch.objects.filter(
            run=int(run_id), status=BatchStatus.FAILED, keys=keys, error=said
        ).exists():
            Batch.objects.create(
                run_id=int(run_id), segment=segment, key_after=0, key_to=max(keys), keys=keys, size=len(keys),
                status=BatchStatus.FAILED, attempt=1, fence=1, error=said, finished_at=now,
            )  # fmt: skip


def _settle_issues(rollback: Rollback, now: datetime) -> None:
    """Issues of what went are settled: their records are as if nobody had looked at them."""
    open_ = Issue.objects.filter(run__in=rollback.scope["runs"], state=IssueState.OPEN)
    if rollback.kind == Rollback.Kind.RECORD:
        return  # they are looked at again when the record is re-queued
    if rollback.kind == Rollback.Kind.BATCH:
        open_ = open_.filter(batch_id=rollback.figures.get("batch"))
    if rollback.school_id is not None:
        open_ = open_.filter(school_id=rollback.school_id)
    while page := list(open_.order_by("pk")[:PAGE]):
        changes = groups.Differences(now)
        for issue in page:
            changes.went(issue)
        Issue.objects.filter(pk__in=[one.pk for one in page]).update(
            state=IssueState.RESOLVED, resolved_at=now
        )
        changes.keep(rollback.wave_id)


def keep_results(rollback: Rollback, result: dict[str, Any], now: datetime) -> None:
    """R-92 and R-83 as results of the wave."""
    ValidationResult.objects.filter(
        wave=rollback.wave, validation_type__in=RESULTS, details__rollback=rollback.pk
    ).delete()
    for check in RESULTS:
        found = result[check]
        bad = bool(found["differences"]) or (check == "R-92" and not result["proven"])
        ValidationResult.objects.create(
            wave=rollback.wave, validation_type=check, school_id=None, created_at=now, updated_at=now,
            result=ValidationResult.Result.FAIL if bad else ValidationResult.Result.PASS,
            details={"rollback": rollback.pk, **found}, **columns("message", _message(check, result, bad), 10_000),
        )  # fmt: skip


def _message(check: str, result: dict[str, Any], bad: bool) -> Any:
    tables, schools = result["tables compared"], result["schools compared"]
    rows = sum(result["taken out"].values())
    if check == "R-92" and bad:
        return sentence(
            "After the rollback V5 is not what it must be: %(rows)s rows went, see what differs.", rows=rows
        )
    if check == "R-92":
        return sentence(
            "%(rows)s rows went and nothing else: %(tables)s tables have the rows and hashes that they must have.",
            rows=rows, tables=tables,
        )  # fmt: skip
    if bad:
        return sentence("Rows of schools that the rollback was not about differ: see what differs.")
    return sentence(
        "Every school has exactly the rows that it must have: %(schools)s schools in %(tables)s tables.",
        schools=schools, tables=tables,
    )  # fmt: skip


def failed(sweep: Sweep, reason: str) -> None:
    """The work behind a rollback stands still: the rollback says why, and what went is kept in the archive."""
    Rollback.objects.filter(work=sweep, state=Rollback.State.ROLLING).update(
        state=Rollback.State.FAILED, problem=reason[:1000]
    )


def signed_phases(rollback: Rollback) -> list[Phase]:
    """Phases with a signature, or a request for one, that the rollback would make untrue."""
    live = Signature.objects.filter(phase__in=phases_of(rollback), state__in=evidence.LIVE)
    return [one.phase for one in live.select_related("phase")]

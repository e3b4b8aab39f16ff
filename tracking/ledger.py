"""The only writer of runs, batches, tallies and issues.

A batch is claimed by a conditional update that must change exactly one row, and recorded only while its fence
is the latest: what a worker did after losing its lease is not recorded, and, because the id map refuses a
second entry, not written twice either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Sum

from tracking import sentences, states
from tracking.issues import IssueDraft, Settled, upsert_issues
from tracking.models import Batch, Run, SizeChange, Tally
from tracking.sentences import sentence
from tracking.states import BatchStatus, RunStatus

LEASE = timedelta(seconds=30)
SHORTEST, LONGEST, AIM = 2.0, 5.0, 3.5  # seconds that a batch should take
SMALLEST_BATCH, LARGEST_BATCH = 10, 4_000

NextRange = Callable[[Run], "KeyRange | None"]


@dataclass(frozen=True)
class KeyRange:
    """The next keys to claim: (after, to] of a segment."""

    segment: str
    after: int
    to: int


@dataclass
class Outcome:
    """What became of one batch. `tallies` counts (rows, entries) by (entity, table, disposition, reason).

    `roots` are the aggregates that were looked at, `adopted` those that no longer stand for themselves: their
    issues are settled with the others, and they are not counted.
    """

    rows_read: int = 0
    rows_written: int = 0
    unchanged: int = 0
    rejected: int = 0
    warnings: int = 0
    seconds: float = 0.0
    roots: list[tuple[str, int]] = field(default_factory=list)
    adopted: list[tuple[str, int]] = field(default_factory=list)
    tallies: dict[tuple[str, str, str, str], tuple[int, int]] = field(default_factory=dict)
    issues: list[IssueDraft] = field(default_factory=list)


def move(run: Run, new: str, now: datetime, reason: str | None = "", **changes: Any) -> bool:
    """Change a run's status if nobody changed it meanwhile; refuses transitions that make no sense.

    `reason` None leaves the one that is there.
    """
    states.check_run_transition(run.status, new)
    if reason is not None:
        changes |= sentences.columns("status_reason", reason, 500)
    moved = Run.objects.filter(pk=run.pk, status=run.status).update(status=new, updated_at=now, **changes)
    run.refresh_from_db()
    return bool(moved)


def say(run: Run, reason: str, now: datetime) -> None:
    """Keep why a run stands where it stands; nothing is written when it says so already."""
    if run.status_reason != reason[:500]:
        told = sentences.columns("status_reason", reason, 500)
        Run.objects.filter(pk=run.pk, status=run.status).update(updated_at=now, **told)
        run.refresh_from_db()


def claim(run: Run, worker: str, now: datetime, next_range: NextRange) -> Batch | None:
    """A batch for this worker: one that waits, else the next key range; None when there is nothing to claim."""
    return _claim_waiting(run, worker, now) or _claim_next(run, worker, now, next_range)


def _claim_waiting(run: Run, worker: str, now: datetime) -> Batch | None:
    waiting = Batch.objects.filter(run=run, run__status=RunStatus.RUNNING, status=BatchStatus.PENDING)
    waiting = waiting.exclude(not_before__gt=now)
    for pk in waiting.order_by("id").values_list("pk", flat=True)[:5]:
        taken = Batch.objects.filter(pk=pk, status=BatchStatus.PENDING).update(
            status=BatchStatus.RUNNING, worker=worker, leased_until=now + LEASE, started_at=now,
            attempt=F("attempt") + 1, fence=F("fence") + 1, error="",
        )  # fmt: skip
        if taken:
            return Batch.objects.get(pk=pk)
    return None


def _claim_next(run: Run, worker: str, now: datetime, next_range: NextRange) -> Batch | None:
    while True:
        run.refresh_from_db()
        if run.exhausted or run.status != RunStatus.RUNNING:
            return None
        found = next_range(run)
        with transaction.atomic(using="default"):
            changes: dict[str, Any] = {"claims": F("claims") + 1}
            if found is None:
                changes["exhausted"] = True
            else:
                changes |= {"segment": found.segment, "cursor": found.to}
            if not Run.objects.filter(pk=run.pk, claims=run.claims, status=RunStatus.RUNNING).update(
                **changes
            ):
                continue  # another worker claimed this range: look for the one behind it
            if found is None:
                return None
            return Batch.objects.create(
                run=run, segment=found.segment, key_after=found.after, key_to=found.to, size=run.batch_size,
                status=BatchStatus.RUNNING, attempt=1, fence=1, worker=worker, leased_until=now + LEASE,
                started_at=now,
            )  # fmt: skip


def renew(batch_id: int, fence: int, now: datetime) -> bool:
    """Heartbeat: keep the lease; False when another worker took the batch over."""
    return bool(
        Batch.objects.filter(pk=batch_id, fence=fence, status=BatchStatus.RUNNING).update(
            leased_until=now + LEASE
        )
    )


def holds(batch: Batch) -> bool:
    """Whether the fence of this claim is still the latest."""
    return Batch.objects.filter(pk=batch.pk, fence=batch.fence, status=BatchStatus.RUNNING).exists()


def record(batch: Batch, outcome: Outcome, now: datetime) -> bool:
    """Record a finished batch, its tallies and issues; False (and nothing recorded) when the lease was lost."""
    with transaction.atomic(using="default"):
        # The run first: two workers that record at once would else wait for each other's lock on it.
        run = Run.objects.select_for_update().get(pk=batch.run_id)
        taken = Batch.objects.filter(pk=batch.pk, fence=batch.fence, status=BatchStatus.RUNNING).update(
            status=BatchStatus.DONE, finished_at=now, seconds=outcome.seconds, rows_read=outcome.rows_read,
            rows_written=F("rows_written") + outcome.rows_written, rejected=outcome.rejected,
            unchanged=outcome.unchanged, leased_until=None,
        )  # fmt: skip
        if not taken:
            return False
        redone = Tally.objects.filter(batch=batch).delete()[0] > 0
        Tally.objects.bulk_create(
            Tally(batch=batch, run_id=batch.run_id, entity_type=entity, legacy_table=table, disposition=disposition,
                  reason=reason, rows=rows, entries=entries)
            for (entity, table, disposition, reason), (rows, entries) in sorted(outcome.tallies.items())
        )  # fmt: skip
        seen = outcome.roots + outcome.adopted
        settled = Settled() if run.dry_run else upsert_issues(run, batch, seen, outcome.issues, now)
        _count(run, batch, outcome, now, redone, settled)
    return True


def _count(run: Run, batch: Batch, outcome: Outcome, now: datetime, redone: bool, settled: Settled) -> None:
    """Add up the run's figures: a redone batch replaces its own, a re-queued selection changes what it changed."""
    changes: dict[str, Any] = {"written_rows": F("written_rows") + outcome.rows_written, "updated_at": now}
    if batch.keys is not None:
        changes["error_count"] = F("error_count") + settled.new_errors - settled.gone_errors
        changes["warning_count"] = F("warning_count") + settled.new_warnings - settled.gone_warnings
    elif redone:
        changes["error_count"] = F("error_count") + outcome.rejected - batch.rejected
    else:
        changes["processed_records"] = F("processed_records") + len(outcome.roots)
        changes["error_count"] = F("error_count") + outcome.rejected
        changes["warning_count"] = F("warning_count") + outcome.warnings
    size, reason = adapted_size(run.batch_size, len(outcome.roots), outcome.seconds, batch.size)
    if size != run.batch_size:
        changes |= {"batch_size": size, **sentences.columns("size_reason", reason, 200)}
        SizeChange.objects.create(
            run=run, at=now, before=run.batch_size, after=size, **sentences.columns("reason", reason, 200)
        )
    Run.objects.filter(pk=run.pk).update(**changes)


def adapted_size(size: int, roots: int, seconds: float, asked: int) -> tuple[int, str]:
    """The next batch size, so that a batch takes 2 to 5 seconds, and why."""
    if SHORTEST <= seconds <= LONGEST or roots < asked or asked != size or seconds <= 0:
        return size, ""
    wanted = int(size * max(0.25, min(2.0, AIM / seconds)))
    new = max(SMALLEST_BATCH, min(LARGEST_BATCH, wanted))
    facts = {"n": roots, "seconds": f"{seconds:.1f}", "before": size, "after": new}
    if seconds < SHORTEST:
        return new, sentence(
            "%(n)s records took %(seconds)s s, faster than 2 s: %(before)s → %(after)s", **facts
        )
    return new, sentence("%(n)s records took %(seconds)s s, slower than 5 s: %(before)s → %(after)s", **facts)


def give_back(batch: Batch, error: str, retry_at: datetime | None, now: datetime) -> None:
    """A batch that failed as a whole: wait for another attempt at `retry_at`, or stay failed (None)."""
    Batch.objects.filter(pk=batch.pk, fence=batch.fence, status=BatchStatus.RUNNING).update(
        status=BatchStatus.PENDING if retry_at else BatchStatus.FAILED, not_before=retry_at, error=error[:1000],
        leased_until=None, finished_at=None if retry_at else now,
    )  # fmt: skip


def reap(now: datetime) -> int:
    """Return batches of dead workers; they are claimed again within a lease (30 s) of the death."""
    return Batch.objects.filter(status=BatchStatus.RUNNING, leased_until__lt=now).update(
        status=BatchStatus.PENDING,
        fence=F("fence") + 1,
        leased_until=None,
        error=sentence("its worker went silent"),
    )


def failed_share(run: Run) -> tuple[int, int]:
    """(records failed, records looked at) of a run: the figures of the stop threshold (Q-45)."""
    run.refresh_from_db(fields=["error_count"])
    looked_at = Batch.objects.filter(run=run).aggregate(rows=Sum("rows_read"))["rows"] or 0
    return run.error_count, looked_at

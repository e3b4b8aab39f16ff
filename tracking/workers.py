"""Workers and the batches that they hold: who is alive, who works on what, who went silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from tracking.models import Batch, WorkerSeen
from tracking.states import BatchStatus

SILENT_AFTER = timedelta(seconds=20)  # four missed beats
# An idle worker reports when a tick comes to it; each of a few does so every minute.
GONE_AFTER = timedelta(seconds=90)
FORGOTTEN_AFTER = timedelta(hours=1)

WORKING, IDLE, SILENT, GONE = "working", "idle", "silent", "gone"
NAMES = {WORKING: _("at work"), IDLE: _("idle"), SILENT: _("silent"), GONE: _("gone")}
SENTENCES = {
    WORKING: _("Moves a batch"),
    IDLE: _("Waits for something to do"),
    SILENT: _(
        "Holds a batch and no longer reports: its batch is given to another worker within half a minute"
    ),
    GONE: _("Has ended, or has had nothing to do for a while"),
}


@dataclass(frozen=True)
class Seat:
    """One worker as it is now: what it said last, the batch that it holds, and what to think of it."""

    name: str
    state: str
    seen: WorkerSeen | None = None
    batch: Batch | None = None
    lease_left: int | None = None  # seconds; negative = overdue

    @property
    def sentence(self) -> str:
        return str(SENTENCES[self.state])

    @property
    def state_name(self) -> str:
        return str(NAMES[self.state])

    @property
    def is_live(self) -> bool:
        return self.state in (WORKING, IDLE)


def report(name: str, now: datetime, *, started_at: datetime, run_id: int | None, batch_id: int | None, batches: int,
           memory: int, cpu: float) -> None:  # fmt: skip
    """A worker's sign of life: one statement, two the first time."""
    facts = {
        "started_at": started_at, "seen_at": now, "run_id": run_id, "batch_id": batch_id, "batches": batches,
        "memory": memory, "cpu": cpu,
    }  # fmt: skip
    if WorkerSeen.objects.filter(name=name).update(**facts):
        return
    try:
        with transaction.atomic(using="default"):
            WorkerSeen.objects.create(name=name, **facts)
    except IntegrityError:  # two threads of one process reported for the first time at once
        WorkerSeen.objects.filter(name=name).update(**facts)


def leave(name: str) -> None:
    """A worker that ends in good order is gone at once."""
    WorkerSeen.objects.filter(name=name).delete()


def seats(now: datetime, *, most: int = 200) -> list[Seat]:
    """Workers of the last hour and whoever holds a batch; two queries."""
    seen = {one.name: one for one in WorkerSeen.objects.filter(seen_at__gte=now - FORGOTTEN_AFTER)[:most]}
    held = leases(most)
    busy = {batch.worker: batch for batch in held}
    names = sorted(seen.keys() | busy.keys())
    return sorted((_seat(name, seen.get(name), busy.get(name), now) for name in names), key=_rank)


def leases(most: int = 200) -> Sequence[Batch]:
    """Batches that a worker holds, the lease that ends first at the top."""
    held = Batch.objects.filter(status=BatchStatus.RUNNING).select_related("run__phase__wave")
    return list(held.order_by("leased_until")[:most])


def silent(now: datetime) -> list[str]:
    """Workers that hold a batch beyond its lease, or that stopped reporting while they were working."""
    return [seat.name for seat in seats(now) if seat.state == SILENT]


def forget(now: datetime) -> int:
    """Drop workers that ended long ago."""
    return WorkerSeen.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()[0]


def _seat(name: str, seen: WorkerSeen | None, batch: Batch | None, now: datetime) -> Seat:
    left = round((batch.leased_until - now).total_seconds()) if batch and batch.leased_until else None
    return Seat(name, _state(seen, batch, left, now), seen, batch, left)


def _state(seen: WorkerSeen | None, batch: Batch | None, left: int | None, now: datetime) -> str:
    if batch is not None:
        return SILENT if left is not None and left < 0 else WORKING
    if seen is None:
        return GONE
    if seen.batch_id is not None and SILENT_AFTER < now - seen.seen_at <= FORGOTTEN_AFTER / 6:
        return SILENT
    return IDLE if now - seen.seen_at <= GONE_AFTER else GONE


def _rank(seat: Seat) -> tuple[int, str]:
    return ((SILENT, WORKING, IDLE, GONE).index(seat.state), seat.name)

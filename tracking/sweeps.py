"""The only writer of sweeps and their parts.

A part is claimed by a conditional update under a lease; a step is recorded only while the claim's fence is the
latest. A part whose worker died goes on from its last recorded cursor, so a step must be harmless when done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Min, Sum
from django.db.models.functions import Coalesce

from tracking import dispatch
from tracking.models import Part, Phase, Sweep, Wave

LEASE = timedelta(seconds=30)
ATTEMPTS = 3
AT_WORK = (Sweep.State.RUNNING, Sweep.State.PAUSING)
UNFINISHED = (Sweep.State.PENDING, Sweep.State.PAUSED, Sweep.State.FAILED, *AT_WORK)
LAST = 30_000  # the stage of the end


class Busy(Exception):
    """A request that does not fit the state of the sweep; the message says what it is."""


@dataclass(frozen=True)
class PartPlan:
    """One part to be done: parts of one `stage` run side by side, `total` is what progress is measured in."""

    name: str
    stage: int = 0
    school_id: int | None = None
    total: int = 0


@dataclass
class Step:
    """One bounded slice of a part: where the next one begins, and what was found.

    `figures` replace those of the part. `record` writes to the panel's database together with the cursor.
    """

    cursor: Any
    over: bool
    looked_at: int = 0
    figures: dict[str, Any] = field(default_factory=dict)
    record: Callable[[], None] = lambda: None


def create(kind: str, now: datetime, *, wave: Wave | None = None, phase: Phase | None = None,
           params: dict[str, Any] | None = None, workers: int = 1, asked_by: Any = None,
           approved_by: Any = None) -> Sweep:  # fmt: skip
    """A sweep that waits for a worker, and a message that asks for one after commit."""
    sweep = Sweep.objects.create(
        kind=kind, wave=wave, phase=phase, params=params or {}, workers=workers, asked_by=asked_by,
        approved_by=approved_by, created_at=now,
    )  # fmt: skip
    dispatch.send(dispatch.SWEEP, sweep.pk)
    return sweep


def start(sweep: Sweep, plans: Iterable[PartPlan], now: datetime) -> bool:
    """Write the parts and let workers claim them, once; the end is a part of its own behind all others."""
    with transaction.atomic(using="default"):
        mine = Sweep.objects.filter(pk=sweep.pk, state=Sweep.State.PENDING).update(
            state=Sweep.State.RUNNING, started_at=now
        )
        if mine:
            Part.objects.bulk_create(
                Part(sweep=sweep, position=position, **vars(plan))
                for position, plan in enumerate([*plans, PartPlan("", LAST)])
            )
    sweep.refresh_from_db()
    return bool(mine)


def claim(sweep: Sweep, worker: str, now: datetime) -> Part | None:
    """The next part of the earliest stage that is not over; None when there is nothing to claim."""
    if Sweep.objects.filter(pk=sweep.pk, state=Sweep.State.RUNNING).first() is None:
        return None
    left = Part.objects.filter(sweep=sweep).exclude(state=Part.State.OVER)
    stage = left.aggregate(stage=Min("stage"))["stage"]
    waiting = left.filter(stage=stage, state=Part.State.WAITING).exclude(not_before__gt=now)
    for pk in waiting.order_by("position").values_list("pk", flat=True)[:5]:
        taken = Part.objects.filter(
            pk=pk, state=Part.State.WAITING, sweep__state=Sweep.State.RUNNING
        ).update(
            state=Part.State.RUNNING, worker=worker, leased_until=now + LEASE, fence=F("fence") + 1,
            attempt=F("attempt") + 1, error="", started_at=Coalesce(F("started_at"), now),
        )  # fmt: skip
        if taken:
            return Part.objects.get(pk=pk)
    return None


def renew(part_id: int, fence: int, now: datetime) -> bool:
    """Keep the lease; False when another worker took the part over."""
    mine = Part.objects.filter(pk=part_id, fence=fence, state=Part.State.RUNNING)
    return bool(mine.update(leased_until=now + LEASE))


def advance(part: Part, step: Step, seconds: float, now: datetime) -> bool:
    """Record one step with what it found; False (and nothing recorded) when the lease was lost."""
    changes: dict[str, Any] = {
        "cursor": step.cursor, "figures": step.figures, "done": F("done") + step.looked_at,
        "seconds": F("seconds") + seconds, "leased_until": now + LEASE, "attempt": 1,
    }  # fmt: skip
    if step.over:
        changes |= {"state": Part.State.OVER, "finished_at": now, "leased_until": None}
    with transaction.atomic(using="default"):
        if not Part.objects.filter(pk=part.pk, fence=part.fence, state=Part.State.RUNNING).update(**changes):
            return False
        step.record()
    part.refresh_from_db()
    return True


def let_go(part: Part) -> None:
    """Give a part back between two steps: somebody asked for a pause, or the worker's turn is over."""
    _held(part).update(state=Part.State.WAITING, leased_until=None, attempt=0)


def give_back(part: Part, error: str, retry_at: datetime | None, now: datetime) -> None:
    """A step that failed: another attempt at `retry_at`, or none (None)."""
    _held(part).update(
        state=Part.State.WAITING if retry_at else Part.State.FAILED, not_before=retry_at, error=error[:1000],
        leased_until=None, finished_at=None if retry_at else now,
    )  # fmt: skip


def _held(part: Part) -> Any:
    return Part.objects.filter(pk=part.pk, fence=part.fence, state=Part.State.RUNNING)


def reap(now: datetime) -> int:
    """Parts of silent workers go on with another one."""
    return Part.objects.filter(state=Part.State.RUNNING, leased_until__lt=now).update(
        state=Part.State.WAITING, fence=F("fence") + 1, leased_until=None, error="its worker went silent"
    )


def settle(sweep: Sweep, now: datetime) -> None:
    """Turn what became of the parts into the state of the whole."""
    parts = Part.objects.filter(sweep=sweep)
    if parts.filter(state=Part.State.RUNNING).exists():
        return
    _move(sweep, Sweep.State.PAUSING, Sweep.State.PAUSED)
    if not parts.exclude(state=Part.State.OVER).exists():
        _move(sweep, Sweep.State.RUNNING, Sweep.State.DONE, finished_at=now)
    elif failed := parts.filter(state=Part.State.FAILED).order_by("stage", "position").first():
        going_on = parts.filter(stage=failed.stage, state=Part.State.WAITING).exists()
        if not going_on:
            _move(sweep, Sweep.State.RUNNING, Sweep.State.FAILED, reason=f"{failed}: {failed.error}"[:500])


def finish(sweep: Sweep, result: dict[str, Any]) -> None:
    """Keep the result; called by the last part, whose end closes the sweep."""
    Sweep.objects.filter(pk=sweep.pk).update(result=result)


def fail(sweep: Sweep, reason: str, now: datetime) -> None:
    """It could not even be planned."""
    _move(sweep, Sweep.State.PENDING, Sweep.State.FAILED, reason=reason[:500], finished_at=now)


def pause(sweep: Sweep, reason: str = "") -> None:
    if not _move(sweep, Sweep.State.RUNNING, Sweep.State.PAUSING, reason=reason[:500]):
        raise Busy(f"{sweep} is {sweep.state}: only running work can be paused")


def resume(sweep: Sweep, now: datetime) -> None:
    """Go on after a pause or a failure; failed parts get new attempts."""
    if not Part.objects.filter(sweep=sweep).exists() and _move(
        sweep, Sweep.State.FAILED, Sweep.State.PENDING, reason=""
    ):
        dispatch.send(dispatch.SWEEP, sweep.pk)
        return
    Part.objects.filter(sweep=sweep, state=Part.State.FAILED).update(
        state=Part.State.WAITING, attempt=0, not_before=None, finished_at=None
    )
    for state in (Sweep.State.PAUSED, Sweep.State.PAUSING, Sweep.State.FAILED):
        if _move(sweep, state, Sweep.State.RUNNING, reason="", finished_at=None):
            ask_for_workers(sweep)
            return
    raise Busy(f"{sweep} is {sweep.state}: only paused or failed work can go on")


def cancel(sweep: Sweep, reason: str, now: datetime) -> None:
    """End it for good; a step under way still ends, and is recorded as done."""
    for state in UNFINISHED:
        if _move(sweep, state, Sweep.State.CANCELLED, reason=reason[:500], finished_at=now):
            return
    raise Busy(f"{sweep} is {sweep.state}: it is over already")


def _move(sweep: Sweep, old: str, new: str, **changes: Any) -> bool:
    moved = Sweep.objects.filter(pk=sweep.pk, state=old).update(state=new, **changes)
    sweep.refresh_from_db()
    return bool(moved)


def unfinished(kind: str, wave: Wave | None) -> Any:
    """Sweeps of a kind that are not over: most kinds allow one at a time."""
    return Sweep.objects.filter(kind=kind, wave=wave, state__in=UNFINISHED)


def ask_for_workers(sweep: Sweep) -> None:
    """As many messages as workers may help and do not yet."""
    busy = Part.objects.filter(sweep=sweep, state=Part.State.RUNNING).count()
    for _ in range(max(0, sweep.workers - busy)):
        dispatch.send(dispatch.SWEEP, sweep.pk)


def progress(sweep: Sweep, now: datetime) -> dict[str, Any]:
    """`done`, `total`, `share` (0–1, None when unknown), `parts`, `over`, `failed`, `eta` (seconds or None), `minutes` of it."""
    parts = Part.objects.filter(sweep=sweep, stage__lt=LAST)
    sums = parts.aggregate(done=Sum("done"), total=Sum("total"))
    done, total = sums["done"] or 0, sums["total"] or 0
    share = min(1.0, done / total) if total else None
    spent = (now - sweep.started_at).total_seconds() if sweep.started_at else 0.0
    eta = spent * (1 - share) / share if share and sweep.state == Sweep.State.RUNNING and spent > 5 else None
    return {
        "done": done, "total": total, "share": 1.0 if sweep.state == Sweep.State.DONE else share, "eta": eta,
        "minutes": max(1, round(eta / 60)) if eta is not None else None,
        "parts": parts.count(), "over": parts.filter(state=Part.State.OVER).count(),
        "failed": parts.filter(state=Part.State.FAILED).count(),
    }  # fmt: skip

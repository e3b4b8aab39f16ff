"""What was put back into the queue is remembered, and told apart once it ended: fixed, same fault, new fault."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from tracking.actions import effects
from tracking.models import Batch, Requeue, Run
from tracking.states import BatchStatus, RunStatus

MOST_COMPARED = 100_000  # errors; beyond that only batches are compared
NAMED = 200  # records that the outcome names
PAGE = 5_000
UNDER_WAY = (BatchStatus.PENDING, BatchStatus.RUNNING)


@dataclass
class Outcome:
    """Batches and records by what became of them. `compared` False: too many issues to compare record by record.

    `batches_same` failed again with the same error, `batches_new` with another one; `left` have not ended.
    `named_*` are the first of them, as `entity:id`, new ones with their codes.
    """

    done: int = 0
    batches_same: int = 0
    batches_new: int = 0
    left: int = 0
    compared: bool = True
    fixed: int = 0
    same: int = 0
    new: int = 0
    named_same: list[str] = field(default_factory=list)
    named_new: list[list[str]] = field(default_factory=list)


def records(batches: Iterable[Batch]) -> int:
    """How many records the batches hold: their keys, else the size that was asked for, else what was read."""
    return sum(len(one.keys) if one.keys is not None else one.size or one.rows_read for one in batches)


def remember(run: Run, batches: Sequence[Batch], now: datetime, *, action: str, actor: Any = None, reason: str = "",
             errors: Mapping[int, str] | None = None) -> Requeue:  # fmt: skip
    """Keep what is wrong now with what these batches cover; `errors` are those of batches that failed as a whole.

    To be called in the transaction that puts the batches back; `actor` None stands for the command line.
    """
    before = errors or {}
    return Requeue.objects.create(
        run=run, action=action, asked_by=actor, asked_at=now, reason=reason[:1000],
        records=records(batches), batches=[[one.pk, before.get(one.pk, "")] for one in batches],
        faults=effects.errors_of(run, batches, MOST_COMPARED),
    )  # fmt: skip


def outcome(requeue: Requeue) -> Outcome:
    """What was kept when it ended, else how it stands now."""
    return (
        Outcome(**requeue.outcome) if requeue.outcome is not None else _compared(requeue, _batches(requeue))
    )


def settle(now: datetime) -> int:
    """Keep the outcome of whatever has ended since; returns how many."""
    waiting = Requeue.objects.filter(ended_at=None).select_related("run__phase").order_by("pk")
    ended = 0
    for requeue in waiting[:100]:
        batches = _batches(requeue)
        over = requeue.run.status == RunStatus.CANCELLED
        if not over and any(one.status in UNDER_WAY for one in batches):
            continue
        kept = asdict(_compared(requeue, batches))
        ended += Requeue.objects.filter(pk=requeue.pk, ended_at=None).update(ended_at=now, outcome=kept)
    return ended


def _batches(requeue: Requeue) -> list[Batch]:
    ids = [pk for pk, _error in requeue.batches]
    found: list[Batch] = []
    for start in range(0, len(ids), PAGE):
        found += Batch.objects.filter(pk__in=ids[start : start + PAGE])
    return found


def _compared(requeue: Requeue, batches: Sequence[Batch]) -> Outcome:
    found, errors = Outcome(compared=requeue.faults is not None), dict(map(tuple, requeue.batches))
    for batch in batches:
        if batch.status == BatchStatus.DONE:
            found.done += 1
        elif batch.status in UNDER_WAY:
            found.left += 1
        elif batch.error == errors.get(batch.pk):
            found.batches_same += 1
        else:
            found.batches_new += 1
    ended = [batch for batch in batches if batch.status == BatchStatus.DONE]
    if requeue.faults is not None and ended:
        after = effects.faults_of(effects.errors_of(requeue.run, ended) or [])
        _tell(found, effects.compare(effects.faults_of(requeue.faults), after, ended))
    return found


def _tell(found: Outcome, effect: effects.Effect) -> None:
    found.fixed, found.same, found.new = len(effect.fixed), len(effect.same), len(effect.new)
    found.named_same = [str(one) for one in effect.same[:NAMED]]
    found.named_new = [[str(one), ", ".join(codes)] for one, codes in list(effect.new.items())[:NAMED]]

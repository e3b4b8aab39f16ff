"""Sending aggregates again, across migrations: parents before children, because runs are worked on in their order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from tracking import dispatch, ledger, requeues
from tracking.actions.base import ActionRefused
from tracking.actions.requeue import KEYS_PER_BATCH, REOPENED, requeued
from tracking.models import Batch, Correction, Issue, Run, Wave
from tracking.sentences import Sentence, sentence
from tracking.states import GOING_BACK, BatchStatus, RunStatus

CLOSED = (RunStatus.CANCELLED, RunStatus.CANCELLING, RunStatus.PENDING, *GOING_BACK)


@dataclass
class Order:
    """Root keys by run and segment, runs in the order in which they are worked on."""

    runs: list[Run] = field(default_factory=list)
    keys: dict[tuple[int, str], list[int]] = field(default_factory=dict)

    @property
    def records(self) -> int:
        return sum(map(len, self.keys.values()))

    @property
    def batches(self) -> int:
        return sum(-(-len(keys) // KEYS_PER_BATCH) for keys in self.keys.values())

    def sentence(self) -> Sentence:
        return sentence(
            "Re-queue %(batches)s batches, %(records)s records, in this order: %(names)s.",
            batches=f"{self.batches:,}", records=f"{self.records:,}",
            names=", ".join(run.entity_type for run in self.runs),
        )  # fmt: skip


def order_of(wave: Wave, roots: Iterable[tuple[str, int | None]]) -> Order:
    """Which runs take which aggregates; refuses what no run of the wave can take."""
    wanted: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for root_entity, root_id in roots:
        name, _slash, segment = root_entity.partition("/")
        if name and root_id is not None:
            wanted[name][segment].add(root_id)
    if not wanted:
        raise ActionRefused(
            sentence("Nothing to re-queue: these issues name no record, or are answered already.")
        )
    runs = _runs(wave, set(wanted))
    if missing := sorted(set(wanted) - {run.entity_type for run in runs}):
        raise ActionRefused(sentence("The wave has no run that could take %(names)s: start the phase again.",
                                     names=", ".join(missing)))  # fmt: skip
    order = Order(runs)
    for run in runs:
        for segment, keys in sorted(wanted[run.entity_type].items()):
            order.keys[(run.pk, segment)] = sorted(keys)
    return order


def _runs(wave: Wave, names: set[str]) -> list[Run]:
    """The latest real run of each migration, in the order of work."""
    runs = Run.objects.filter(phase__wave=wave, dry_run=False, entity_type__in=names).select_related(
        "phase__wave"
    )
    latest = {run.entity_type: run for run in runs.exclude(status__in=CLOSED).order_by("pk")}
    return sorted(latest.values(), key=lambda run: (run.phase.number, run.position, run.pk))


def requeue(
    order: Order, now: datetime, what: str, *, actor: Any = None, reason: str = ""
) -> dict[str, list[int]]:
    """New batches for the order's keys; only the first run is sent to the workers, the others follow it.

    What is wrong now is remembered for each run, so that the exact outcome shows once its batches ended; `what` is
    the name of the action. Returns the numbers of the batches and of the re-queues.
    """
    made: dict[str, list[int]] = {"batches": [], "requeues": []}
    with transaction.atomic(using="default"):
        for run in order.runs:
            batches = [Batch.objects.create(run=run, **one) for one in _batches(order, run)]
            kept = requeues.remember(run, batches, now, action=what, actor=actor, reason=reason)
            made["batches"] += [one.pk for one in batches]
            made["requeues"].append(kept.pk)
            if run.status in REOPENED and not ledger.move(
                run, RunStatus.RUNNING, now, requeued(what), completed_at=None
            ):
                raise ActionRefused(sentence("Run %(run)s became %(state)s meanwhile: look again.",
                                             run=run.pk, state=sentence(run.status)))  # fmt: skip
    dispatch.work_on(order.runs[0].pk, order.runs[0].workers)
    return made


def _batches(order: Order, run: Run) -> Iterator[dict[str, Any]]:
    for (run_id, segment), keys in order.keys.items():
        if run_id == run.pk:
            for start in range(0, len(keys), KEYS_PER_BATCH):
                some = keys[start : start + KEYS_PER_BATCH]
                yield {"segment": segment, "key_after": some[0] - 1, "key_to": some[-1], "keys": some,
                       "size": len(some), "status": BatchStatus.PENDING}  # fmt: skip


def mark_applied(wave_id: int, issues: Iterable[Issue], now: datetime) -> int:
    """Corrections of these issues' rows that are on their way to V5 from now on."""
    tables: dict[str, list[int]] = defaultdict(list)
    for issue in issues:
        tables[issue.legacy_table].append(issue.legacy_id)
    return sum(
        Correction.objects.filter(
            wave_id=wave_id,
            legacy_table=table,
            legacy_id__in=ids[start : start + 5_000],
            active=True,
            applied_at=None,
        ).update(applied_at=now)
        for table, ids in tables.items()
        for start in range(0, len(ids), 5_000)
    )

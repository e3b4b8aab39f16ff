"""Sending aggregates again, across migrations: parents before children, because runs are worked on in their order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tracking import dispatch, ledger
from tracking.actions.base import ActionRefused
from tracking.actions.requeue import KEYS_PER_BATCH, REOPENED
from tracking.models import Batch, Correction, Issue, Run, Wave
from tracking.states import BatchStatus, RunStatus

CLOSED = (RunStatus.CANCELLED, RunStatus.CANCELLING, RunStatus.PENDING)


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

    def sentence(self) -> str:
        names = ", ".join(run.entity_type for run in self.runs)
        return _("Re-queue %(batches)s batches, %(records)s records, in this order: %(names)s.") % {
            "batches": f"{self.batches:,}", "records": f"{self.records:,}", "names": names,
        }  # fmt: skip


def order_of(wave: Wave, roots: Iterable[tuple[str, int | None]]) -> Order:
    """Which runs take which aggregates; refuses what no run of the wave can take."""
    wanted: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for root_entity, root_id in roots:
        name, _slash, segment = root_entity.partition("/")
        if name and root_id is not None:
            wanted[name][segment].add(root_id)
    if not wanted:
        raise ActionRefused(_("Nothing to re-queue: these issues name no record, or are answered already."))
    runs = _runs(wave, set(wanted))
    if missing := sorted(set(wanted) - {run.entity_type for run in runs}):
        raise ActionRefused(_("The wave has no run that could take %(names)s: start the phase again.")
                            % {"names": ", ".join(missing)})  # fmt: skip
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


def requeue(order: Order, now: datetime, why: str) -> list[int]:
    """New batches for the order's keys; only the first run is sent to the workers, the others follow it."""
    with transaction.atomic(using="default"):
        batches = [
            Batch(run_id=run_id, segment=segment, key_after=keys[0] - 1, key_to=keys[-1], keys=keys, size=len(keys),
                  status=BatchStatus.PENDING)
            for (run_id, segment), all_keys in order.keys.items()
            for keys in (all_keys[start : start + KEYS_PER_BATCH] for start in range(0, len(all_keys), KEYS_PER_BATCH))
        ]  # fmt: skip
        Batch.objects.bulk_create(batches, batch_size=200)
        for run in order.runs:
            if run.status in REOPENED and not ledger.move(
                run, RunStatus.RUNNING, now, f"re-queued: {why}", completed_at=None
            ):
                raise ActionRefused(_("Run %(run)s became %(state)s meanwhile: look again.")
                                    % {"run": run.pk, "state": run.status})  # fmt: skip
    dispatch.work_on(order.runs[0].pk, order.runs[0].workers)
    run_ids = [run.pk for run in order.runs]
    return list(
        Batch.objects.filter(run_id__in=run_ids, status=BatchStatus.PENDING, keys__isnull=False)
        .order_by("-pk").values_list("pk", flat=True)[: len(batches)]
    )  # fmt: skip


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

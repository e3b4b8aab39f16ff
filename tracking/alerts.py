"""Alerts of the strategy: a condition is opened once, kept while it lasts, and closed when it is gone.

`check` is called with every tick. Nothing is sent anywhere: alerts stand on the dashboard until they are gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from tracking import pace, sentences, workers
from tracking.dashboard import broker, system
from tracking.models import Alert, Batch, Run
from tracking.sentences import again, sentence
from tracking.states import BatchStatus, RunStatus

log = structlog.get_logger("migration")
WARMING_UP = timedelta(minutes=2)
ENOUGH = 100  # records; a share of fewer says nothing
CRITICAL, WARNING = "critical", "warning"
LONGEST = 500
CODES = {
    "HIGH_ERROR_RATE": _("Too many records fail"),
    "SLOW": _("It moves slowly"),
    "TIMEOUT_RISK": _("It will take too long"),
    "RUN_STOPPED": _("A run stopped itself"),
    "WORKER_SILENT": _("A worker went silent"),
    "MEMORY_PRESSURE": _("Memory is short"),
    "BROKER_UNREACHABLE": _("The queue cannot be reached"),
    "DATA_CHECKS_FAIL": _("Checks of the data fail"),
    "ACCESS_CHECKS_FAIL": _("Checks of people and access fail"),
    "RULE_CHECKS_FAIL": _("Checks of the business rules fail"),
    "SLOW_ANSWERS": _("V5 answers too slowly"),
    "BACKUP_OLD": _("The backup is too old"),
    "BACKUP_FAILED": _("A backup or a restore test failed"),
}
NEXT_STEPS = {
    "HIGH_ERROR_RATE": _(
        "Look at the largest cause among the issues; pause the run if the cause is not the data."
    ),
    "SLOW": _(
        "Look at the workers and at the load of the databases; more workers or larger batches may help."
    ),
    "TIMEOUT_RISK": _("Add workers, or move the end that people were told."),
    "RUN_STOPPED": _("Read its reason, put the cause right, then re-queue or resume it."),
    "WORKER_SILENT": _("Its batch returns by itself within half a minute; look why the process ended."),
    "MEMORY_PRESSURE": _("Use fewer workers or smaller batches before the system ends a worker."),
    "BROKER_UNREACHABLE": _("Start the queue again: batches wait in the database and nothing is lost."),
    "DATA_CHECKS_FAIL": _(
        "Open the failing checks and look at the records behind them before anybody signs."
    ),
    "ACCESS_CHECKS_FAIL": _("Open the failing checks: nobody may gain or lose access by the move."),
    "RULE_CHECKS_FAIL": _("Open the failing checks and compare the records with somebody from the school."),
    "SLOW_ANSWERS": _(
        "Open the measurement; look at indexes and load of the V5 database, then measure again."
    ),
    "BACKUP_OLD": _("Back V5 up and record the backup before more records are moved."),
    "BACKUP_FAILED": _("Open the latest backup: it says why. Put that right and take another one."),
}
_sources: list[Callable[[datetime], Iterable[Condition]]] = []


@dataclass(frozen=True)
class Condition:
    """Something that a person should look at, now. One alert per code, wave and run."""

    code: str
    level: str
    message: str
    wave_id: int | None = None
    run_id: int | None = None

    @property
    def key(self) -> tuple[str, int | None, int | None]:
        return (self.code, self.wave_id, self.run_id)


def register(source: Callable[[datetime], Iterable[Condition]]) -> None:
    """Look at further conditions with every check."""
    if source not in _sources:
        _sources.append(source)


def check(now: datetime) -> list[Alert]:
    """1. look, 2. open what is new, 3. say anew what goes on, 4. close what is gone; returns what it opened."""
    found = {condition.key: condition for condition in conditions(now)}
    opened: list[Alert] = []
    with transaction.atomic(using="default"):
        known: set[tuple[str, int | None, int | None]] = set()
        for alert in Alert.objects.filter(closed_at=None).order_by("pk"):
            key = (alert.code, alert.wave_id, alert.run_id)
            if key not in found or key in known:
                Alert.objects.filter(pk=alert.pk).update(closed_at=now)
            elif alert.message != found[key].message[:LONGEST]:
                said = sentences.columns("message", found[key].message, LONGEST)
                Alert.objects.filter(pk=alert.pk).update(**said)
            known.add(key)
        opened = [_open(condition, now) for key, condition in found.items() if key not in known]
    for alert in opened:
        log.warning("alert opened", run=alert.run_id, code=alert.code)
    workers.forget(now)
    return opened


def _open(condition: Condition, now: datetime) -> Alert:
    return Alert.objects.create(
        code=condition.code, level=condition.level, wave_id=condition.wave_id, run_id=condition.run_id, opened_at=now,
        **sentences.columns("message", condition.message, LONGEST),
    )  # fmt: skip


def conditions(now: datetime) -> Iterator[Condition]:
    """Everything that is worth an alert at this moment."""
    watched = (RunStatus.RUNNING, RunStatus.PAUSING, RunStatus.STOPPED, RunStatus.UNBALANCED)
    for run in Run.objects.filter(status__in=watched).select_related("phase"):
        yield from _of_run(run, now)
    yield from of_platform(now)
    for source in _sources:
        yield from source(now)


def of_platform(now: datetime) -> Iterator[Condition]:
    """What concerns no single run: workers, memory, queue."""
    if names := workers.silent(now):
        said = sentence("Silent while holding a batch: %(names)s", names=", ".join(names[:5]))
        yield Condition("WORKER_SILENT", WARNING, said)
    memory = system.machine().memory_percent
    if memory > settings.ALERTS["ALERT_MEMORY_PERCENT"]:
        said = sentence("%(percent)d %% of the memory of a machine with workers is in use", percent=memory)
        yield Condition("MEMORY_PRESSURE", WARNING, said)
    if not broker.depth().reachable:
        yield Condition(
            "BROKER_UNREACHABLE", CRITICAL, sentence("The queue of the workers cannot be reached")
        )


def _of_run(run: Run, now: datetime) -> Iterator[Condition]:
    if run.status in (RunStatus.STOPPED, RunStatus.UNBALANCED):
        why = again(run.status_reason, run.status_reason_facts) or RunStatus(run.status).label
        yield _about(run, "RUN_STOPPED", CRITICAL, sentence("%(run)s: %(why)s", run=run, why=why))
    if said := _fails(run):
        yield _about(run, "HIGH_ERROR_RATE", WARNING, said)
    if run.status == RunStatus.RUNNING and run.started_at and now - run.started_at > WARMING_UP:
        yield from _of_pace(run, now)


def _fails(run: Run) -> str:
    """Share of failed records among those looked at, when it is above the limit (strategy: 5 %)."""
    if not run.error_count:
        return ""
    looked_at = (
        Batch.objects.filter(run=run, status=BatchStatus.DONE).aggregate(rows=Sum("rows_read"))["rows"] or 0
    )
    limit = settings.ALERTS["ALERT_ERROR_PERCENT"]
    if looked_at < ENOUGH or run.error_count * 100 <= limit * looked_at:
        return ""
    share = run.error_count * 100 / looked_at
    facts = {"run": run, "failed": f"{run.error_count:,}", "of": f"{looked_at:,}", "share": f"{share:.1f}"}
    return sentence("%(run)s: %(failed)s of %(of)s records failed (%(share)s %%)", **facts)


def _of_pace(run: Run, now: datetime) -> Iterator[Condition]:
    found, least = pace.of(run, now), settings.ALERTS["ALERT_MINIMUM_PACE"]
    waits = run.processed_records < run.total_records
    if waits and (found.per_second or 0) < least:
        speed = f"{found.per_second:.1f}" if found.per_second else "0"
        facts = {"run": run, "speed": speed, "least": least}
        said = sentence(
            "%(run)s: %(speed)s records a second in the last two minutes, expected at least %(least)s",
            **facts,
        )
        yield _about(run, "SLOW", WARNING, said)
    assert run.started_at is not None
    end = run.started_at + timedelta(hours=settings.ALERTS["ALERT_MAXIMUM_HOURS"])
    if now > end or (found.left is not None and now + found.left > end):
        facts = {"run": run, "left": pace.words(found.left), "end": f"{end:%Y-%m-%d %H:%M}"}
        said = sentence("%(run)s: time left %(left)s, should end by %(end)s UTC", **facts)
        yield _about(run, "TIMEOUT_RISK", WARNING, said)


def _about(run: Run, code: str, level: str, message: str) -> Condition:
    return Condition(code, level, message, run.phase.wave_id, run.pk)

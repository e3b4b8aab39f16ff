"""Workers on long work along keys: claim a part, step through it, record each step.

The same code serves Celery workers and `drive`, which does everything in this process.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, Protocol

import structlog
from django.utils import timezone

from entities.engine import failpoints, runner
from entities.engine.errors import Refused
from entities.engine.heartbeat import Heartbeat
from tracking import dispatch, sweeps
from tracking.models import Part, Sweep
from tracking.sweeps import PartPlan, Step

log = structlog.get_logger("migration")
SLICE = timedelta(seconds=60)


class Handler(Protocol):
    """What one kind of sweep does. Write `plan` and `step`; `end` returns what is kept as the result.

    `plan` may raise Refused with a reason for people. `step` looks at one bounded slice of a part (a few seconds)
    from `part.cursor` (None at first); it may be done twice with the same cursor after a crash, and so may `end`.
    """

    def plan(self, sweep: Sweep) -> Sequence[PartPlan]: ...

    def step(self, part: Part, sweep: Sweep) -> Step: ...

    def end(self, sweep: Sweep) -> dict[str, Any]: ...


HANDLERS: dict[str, str] = {
    "checkpoint": "entities.rollback.taking.Taking",
    "rollback look": "entities.rollback.preview.Looking",
    "rollback": "entities.rollback.remove.Rolling",
    "restore": "entities.rollback.restore.Restoring",
    "reconcile": "entities.reconciliation.sweep.Reconciling",
    "performance": "entities.performance.sweep.Measuring",
}


def register(kind: str, path: str) -> None:
    """Name the handler of a kind by its dotted path; it is imported on first use."""
    HANDLERS[kind] = path


def handler_of(kind: str) -> Handler:
    if kind not in HANDLERS:
        raise Refused(f"nobody knows how to do {kind!r}: known are {', '.join(sorted(HANDLERS))}")
    module, _, name = HANDLERS[kind].rpartition(".")
    return getattr(import_module(module), name)()


def work(sweep_id: int, slice_: timedelta = SLICE) -> None:
    """A worker's turn: parts of a sweep until none is left to claim or the turn is over."""
    sweep = Sweep.objects.filter(pk=sweep_id).select_related("wave", "phase").first()
    if sweep is None:
        return
    until = timezone.now() + slice_
    if sweep.state == Sweep.State.PENDING:
        _plan(sweep)
    if sweep.state == Sweep.State.RUNNING:
        _claim_all(sweep, until)
    runner.again(lambda: sweeps.settle(sweep, timezone.now()))
    sweep.refresh_from_db()
    if sweep.state == Sweep.State.RUNNING and timezone.now() >= until:
        dispatch.send(dispatch.SWEEP, sweep.pk)


def _plan(sweep: Sweep) -> None:
    try:
        plans = handler_of(sweep.kind).plan(sweep)
    except Refused as refusal:
        sweeps.fail(sweep, str(refusal), timezone.now())
        return
    if sweeps.start(sweep, plans, timezone.now()):
        log.info("sweep started", sweep=sweep.pk, kind=sweep.kind, parts=len(plans))
        for _ in range(sweep.workers - 1):
            dispatch.send(dispatch.SWEEP, sweep.pk)


def _claim_all(sweep: Sweep, until: datetime) -> None:
    handler = handler_of(sweep.kind)
    with Heartbeat() as heartbeat:
        while timezone.now() < until:
            part = runner.again(lambda: sweeps.claim(sweep, runner.worker_name(), timezone.now()))
            if part is None:
                return
            heartbeat.keep(part.worker, sweeps.renew, part.pk, part.fence)
            with structlog.contextvars.bound_contextvars(sweep=sweep.pk, kind=sweep.kind, part=part.name):
                _steps(handler, part, sweep, until)
            heartbeat.release()


def _steps(handler: Handler, part: Part, sweep: Sweep, until: datetime) -> None:
    """Step by step to the end of the part, of the turn, or until somebody asks to stop."""
    failpoints.visit(failpoints.AFTER_PART_CLAIM)
    while True:
        began = time.monotonic()
        try:
            step = _one(handler, part, sweep)
            failpoints.visit(failpoints.BEFORE_STEP_RECORD)
            if not _recorded(part, step, time.monotonic() - began):
                log.warning("lease lost", worker=runner.worker_name())
                return
        except Exception as error:  # the step failed as a whole; its attempts are counted
            _give_back(part, error)
            return
        if step.over:
            log.info("part over", school=part.school_id, done=part.done, seconds=round(part.seconds, 2))
            return
        sweep.refresh_from_db(fields=["state"])
        if timezone.now() >= until or sweep.state != Sweep.State.RUNNING:
            sweeps.let_go(part)
            return


def _recorded(part: Part, step: Step, seconds: float) -> bool:
    return runner.again(lambda: sweeps.advance(part, step, seconds, timezone.now()))


def _one(handler: Handler, part: Part, sweep: Sweep) -> Step:
    if part.stage < sweeps.LAST:
        return handler.step(part, sweep)
    result = handler.end(sweep)
    return Step(None, True, record=lambda: sweeps.finish(sweep, result))


def _give_back(part: Part, error: Exception) -> None:
    transient, now = runner.is_transient(error), timezone.now()
    last = part.attempt >= sweeps.ATTEMPTS * (4 if transient else 1) or isinstance(error, Refused)
    retry_at = None if last else now + (runner.backoff(part.attempt) if transient else timedelta(0))
    said = str(error) if isinstance(error, Refused) else runner.describe(error)
    log.error(
        "part failed", error=type(error).__name__, attempt=part.attempt, final=last, exc_info=not transient
    )
    runner.again(lambda: sweeps.give_back(part, said, retry_at, now))


def tick(now: datetime) -> list[Sweep]:
    """Reap silent workers, settle what ended and refill the queue; returns the sweeps at work."""
    sweeps.reap(now)
    active = list(Sweep.objects.filter(state__in=(Sweep.State.PENDING, *sweeps.AT_WORK)))
    for sweep in active:
        if sweep.state in sweeps.AT_WORK:
            sweeps.settle(sweep, now)
        if sweep.state in (Sweep.State.PENDING, Sweep.State.RUNNING):
            sweeps.ask_for_workers(sweep)
    return active


def drive(sweep: Sweep, patience: float = 60.0) -> Sweep:
    """Do a sweep in this process until it is over, paused or failed; `patience` seconds without any change end it."""
    seen, since = None, time.monotonic()
    while True:
        work(sweep.pk)
        sweep.refresh_from_db()
        if sweep.state not in (Sweep.State.PENDING, *sweeps.AT_WORK):
            return sweep
        sweeps.reap(timezone.now())
        now = tuple(Part.objects.filter(sweep=sweep).values_list("state", "done", "fence"))
        if now != seen:
            seen, since = now, time.monotonic()
        elif time.monotonic() - since > patience:
            raise Refused(f"{sweep} makes no progress: is another worker holding its parts?")
        time.sleep(0.05)

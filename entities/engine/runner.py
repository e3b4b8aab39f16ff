"""The runner: claims batches of a run and takes each through extract, transform, validate, load, record.

The same code serves Celery workers and `--inline`. What it did for a batch whose lease it lost is not
recorded; what it had committed to V5 is found unchanged by whoever redoes the batch.
"""

from __future__ import annotations

import gc
import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from django.db import DatabaseError, connections
from django.utils import timezone

from entities.engine import failpoints, vendors
from entities.engine.errors import LostLease, Transient
from entities.engine.heartbeat import Heartbeat
from entities.engine.pipeline import Pipeline
from tracking import ledger, plan
from tracking.models import Batch, Run
from tracking.sentences import sentence
from tracking.states import RunStatus

log = structlog.get_logger("migration")
SLICE = timedelta(seconds=60)
T = TypeVar("T")


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def work(run_id: int, slice_: timedelta = SLICE) -> bool:
    """Process batches of a run until none is left to claim, the run is asked to stop, or the slice is over.

    True = there may be more to do (the slice ended).
    """
    run = Run.objects.select_related("phase__wave").get(pk=run_id)
    if run.status != RunStatus.RUNNING:
        return False
    pipeline, until = Pipeline(run), timezone.now() + slice_
    with Heartbeat() as heartbeat:
        while timezone.now() < until:
            batch = again(lambda: ledger.claim(run, worker_name(), timezone.now(), pipeline.next_range))
            if batch is None:
                return False
            failpoints.visit(failpoints.AFTER_CLAIM)
            heartbeat.hold(batch)
            with garbage_kept():
                one_batch(pipeline, batch)
            heartbeat.release()
            if past_threshold(run):
                return False
    return True


def again(step: Callable[[], T], attempts: int = 5) -> T:
    """Do a short step on the record; when the server refused it for a lock or a lost connection, do it again."""
    for attempt in range(1, attempts + 1):
        try:
            return step()
        except DatabaseError as error:
            connection = connections["default"]
            if attempt == attempts or not vendors.of(connection).is_transient(error):
                raise
            _close_broken_connections()
            time.sleep(0.05 * 2**attempt * random.uniform(0.5, 1.5))
    raise AssertionError("not reached")


@contextmanager
def garbage_kept() -> Iterator[None]:
    """No search for garbage meanwhile: all rows of a batch live until it is recorded, and looking through them
    again and again costs an eighth of the time.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def one_batch(pipeline: Pipeline, batch: Batch) -> bool:
    """Take one claimed batch to its end; True when it was recorded."""
    started = time.monotonic()
    with structlog.contextvars.bound_contextvars(
        run=batch.run_id, batch=batch.pk, entity=pipeline.run.entity_type
    ):
        try:
            outcome = pipeline.process(batch)
            outcome.seconds = time.monotonic() - started
            recorded = again(lambda: ledger.record(batch, outcome, timezone.now()))
        except LostLease:
            log.warning("lease lost", worker=worker_name())
            return False
        except Exception as error:  # the batch failed as a whole; its attempts are counted
            _close_broken_connections()
            _give_back(pipeline, batch, error)
            return False
        log.info("batch done", rows=outcome.rows_read, written=outcome.rows_written, rejected=outcome.rejected,
                 unchanged=outcome.unchanged, seconds=round(outcome.seconds, 2), recorded=recorded)  # fmt: skip
        return recorded


def _give_back(pipeline: Pipeline, batch: Batch, error: Exception) -> None:
    """Retry by class: transient errors wait longer each time; others get the remaining attempts of Q-45 at once."""
    now = timezone.now()
    attempts = pipeline.choices.of("batch").attempts
    transient = is_transient(error)
    last = batch.attempt >= (attempts * 4 if transient else attempts)
    retry_at = None if last else now + (backoff(batch.attempt) if transient else timedelta(0))
    text = f"{type(error).__name__}: {error}" if isinstance(error, Transient) else type(error).__name__
    log.error("batch failed", error=text, attempt=batch.attempt, final=last, exc_info=not transient)
    ledger.give_back(batch, describe(error), retry_at, now)


def is_transient(error: Exception) -> bool:
    """Whether the same work may succeed a little later; a database says so itself, whichever of the three it is."""
    if not isinstance(error, DatabaseError):
        return isinstance(error, Transient)
    return any(vendors.of(connection).is_transient(error) for connection in connections.all())


@contextmanager
def surviving_outages() -> Iterator[None]:
    """A database that is away ends this turn and not the worker: the ledger brings the work back when it answers.

    A task that failed would be stored in that database too, and that second failure would end the worker.
    """
    try:
        yield
    except (DatabaseError, Transient) as error:
        if not is_transient(error):
            raise
        log.warning("database away", error=type(error).__name__)
        _close_broken_connections()


def describe(error: Exception) -> str:
    """The error for people: its kind and message, without the values of a record."""
    from entities.engine.load import database_message

    said = database_message(error) if isinstance(error, DatabaseError) else str(error)
    return f"{type(error).__name__}: {said}"[:1000]


def backoff(attempt: int) -> timedelta:
    """1, 2, 4 … at most 30 seconds, jittered by half."""
    return timedelta(seconds=min(30.0, 2.0 ** (attempt - 1)) * random.uniform(0.5, 1.5))


def _close_broken_connections() -> None:
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def past_threshold(run: Run) -> bool:
    """Q-45: a run in which too many records fail pauses itself, so that a person looks before more fail."""
    batch_choice = plan.choices_of(run.phase.wave).of("batch")
    failed, looked_at = ledger.failed_share(run)
    if looked_at < batch_choice.stop_after or failed <= float(batch_choice.stop_share) * looked_at:
        return False
    run.refresh_from_db()
    if run.status != RunStatus.RUNNING or run.metadata.get("ignore_threshold"):
        return False
    reason = sentence(
        "%(failed)s of %(looked_at)s records failed, more than %(value)s (Q-45)",
        failed=failed,
        looked_at=looked_at,
        value=f"{float(batch_choice.stop_share):.0%}",
    )
    ledger.move(run, RunStatus.STOPPED, timezone.now(), reason)
    log.error("run stopped itself", run=run.pk, failed=failed, looked_at=looked_at)
    return True


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")

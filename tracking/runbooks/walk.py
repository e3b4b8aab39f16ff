"""The only writer of runbooks: begun once, step by step in their order, ended when every step is over."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.db import transaction

from tracking import dispatch
from tracking.models import Runbook, RunbookEvidence, RunbookStep, Wave
from tracking.runbooks.definitions import RUNBOOKS, plan_of

STEP = "entities.runbook_step"
MOST_BYTES = 5 * 2**20
State = RunbookStep.State
OVER = (State.DONE, State.SKIPPED)
AT_WORK = (State.BEGUN, State.WAITING, State.RUNNING)
OPEN = (Runbook.State.ASKED, Runbook.State.RUNNING)


def create(wave: Wave, kind: str, now: datetime, *, reason: str, by: Any, via: str) -> Runbook:
    """A runbook with its steps: an immediate one runs at once, a planned one waits for a second person."""
    runs = kind == Runbook.Kind.IMMEDIATE
    with transaction.atomic(using="default"):
        made = Runbook.objects.create(
            wave=wave, kind=kind, reason=reason[:1000], via=via, asked_by=by, asked_at=now,
            state=Runbook.State.RUNNING if runs else Runbook.State.ASKED, started_at=now if runs else None,
        )  # fmt: skip
        RunbookStep.objects.bulk_create(
            RunbookStep(runbook=made, position=position, key=plan.key)
            for position, plan in enumerate(RUNBOOKS[kind], 1)
        )
    return made


def open_of(wave: Wave) -> Runbook | None:
    """The runbook of a wave that is not over."""
    return Runbook.objects.filter(wave=wave, state__in=OPEN).first()


def following(runbook: Runbook) -> RunbookStep | None:
    """The first step that is not over; None when all are."""
    return runbook.steps.exclude(state__in=OVER).order_by("position").first()


def agree(runbook: Runbook, by: Any, now: datetime) -> bool:
    """A second person agreed; False when somebody else answered first."""
    agreed = Runbook.objects.filter(pk=runbook.pk, state=Runbook.State.ASKED).update(
        state=Runbook.State.RUNNING, approved_by=by, approved_at=now, started_at=now
    )
    runbook.refresh_from_db()
    return bool(agreed)


def begin(step: RunbookStep, by: Any, now: datetime, *, queued: bool = True) -> bool:
    """Begin a step, or try one that failed again; what a worker does is handed to one."""
    by_worker = plan_of(step.runbook.kind, step.key).by_worker
    begun = RunbookStep.objects.filter(pk=step.pk, state__in=(State.TODO, State.FAILED)).update(
        state=State.WAITING if by_worker else State.BEGUN, begun_by=by, begun_at=now, finished_at=None, error="",
        error_facts=None,
        attempt=0,
    )  # fmt: skip
    if begun and by_worker and queued:
        dispatch.send(STEP, step.pk)
    step.refresh_from_db()
    return bool(begun)


def finish(step: RunbookStep, state: str, by: Any, now: datetime, note: str) -> bool:
    """A person says that a step is done, or leaves it out."""
    possible = (State.BEGUN,) if state == State.DONE else (State.TODO, State.BEGUN, State.FAILED)
    ended = RunbookStep.objects.filter(pk=step.pk, state__in=possible).update(
        state=state, ended_by=by, finished_at=now, note=note[:1000]
    )
    step.refresh_from_db()
    settle(step.runbook, now)
    return bool(ended)


def settle(runbook: Runbook, now: datetime) -> None:
    """The runbook is done when its last step is over."""
    if following(runbook) is None:
        Runbook.objects.filter(pk=runbook.pk, state=Runbook.State.RUNNING).update(
            state=Runbook.State.DONE, finished_at=now
        )
    runbook.refresh_from_db()


def abandon(runbook: Runbook, now: datetime, reason: str) -> bool:
    """End it before its last step; what was done stays done."""
    ended = Runbook.objects.filter(pk=runbook.pk, state__in=OPEN).update(
        state=Runbook.State.ABANDONED, finished_at=now, end_reason=reason[:1000]
    )
    runbook.refresh_from_db()
    return bool(ended)


def prove(step: RunbookStep, by: Any, now: datetime, *, text: str = "", name: str = "",
          content: bytes | None = None) -> RunbookEvidence:  # fmt: skip
    """Add a text or a file to a step; the file's SHA-256 is kept beside it."""
    return RunbookEvidence.objects.create(
        step=step, text=text[:1000], name=name[:200], content=content, size=len(content or b""),
        checksum=hashlib.sha256(content).hexdigest() if content is not None else "", added_by=by, added_at=now,
    )  # fmt: skip

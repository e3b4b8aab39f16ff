"""Statuses with a sentence each, and what may follow what. Requests (`pausing`) differ from facts (`paused`)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class WrongTransition(Exception):
    """A status change that the tables below do not allow; the message names both ends and what is allowed."""


class RunStatus(models.TextChoices):
    PENDING = "pending", _("Waiting to start")
    RUNNING = "running", _("Moving records")
    PAUSING = "pausing", _("Asked to pause; the current batches are being finished")
    PAUSED = "paused", _("Paused by a person")
    STOPPED = "stopped", _("Paused itself: too many records failed or a batch kept failing")
    CANCELLING = "cancelling", _("Asked to stop for good; the current batches are being finished")
    CANCELLED = "cancelled", _("Stopped for good by a person")
    COMPLETED = "completed", _("Every legacy row of the scope has a recorded outcome")
    UNBALANCED = "unbalanced", _("Every row was read, yet some legacy rows have no recorded outcome")
    ROLLING_BACK = "rolling_back", _("What it wrote is being taken out of V5")
    ROLLED_BACK = "rolled_back", _("What it wrote was taken out of V5 again")


class BatchStatus(models.TextChoices):
    PENDING = "pending", _("Waiting for a worker")
    RUNNING = "running", _("A worker holds it")
    DONE = "done", _("Every record of the range has an outcome")
    FAILED = "failed", _("It failed as a whole, after all its attempts")


class IssueState(models.TextChoices):
    OPEN = "open", _("Needs a person")
    RESOLVED = "resolved", _("The record went through since")
    ACCEPTED = "accepted", _("A person decided to leave it as it is")


class WaveKind(models.TextChoices):
    REHEARSAL = "rehearsal", _("Rehearsal: runs through without signatures")
    PRODUCTION = "production", _("Production: a phase opens when the one before is signed")


class PhaseState(models.TextChoices):
    NOT_STARTED = "not_started", _("Nothing has run yet")
    RUNNING = "running", _("Runs are under way")
    FINISHED = "finished", _("All runs are complete; not signed yet")
    SIGNED = "signed", _("Approved by a second person")


RUN_TRANSITIONS: dict[str, frozenset[str]] = {
    RunStatus.PENDING: frozenset({RunStatus.RUNNING, RunStatus.CANCELLED}),
    RunStatus.RUNNING: frozenset(
        {
            RunStatus.PAUSING,
            RunStatus.CANCELLING,
            RunStatus.STOPPED,
            RunStatus.COMPLETED,
            RunStatus.UNBALANCED,
        }
    ),
    RunStatus.PAUSING: frozenset({RunStatus.PAUSED, RunStatus.RUNNING, RunStatus.CANCELLING}),
    RunStatus.PAUSED: frozenset({RunStatus.RUNNING, RunStatus.CANCELLED, RunStatus.ROLLING_BACK}),
    RunStatus.STOPPED: frozenset({RunStatus.RUNNING, RunStatus.CANCELLED, RunStatus.ROLLING_BACK}),
    RunStatus.CANCELLING: frozenset({RunStatus.CANCELLED}),
    RunStatus.CANCELLED: frozenset({RunStatus.ROLLING_BACK}),
    RunStatus.COMPLETED: frozenset({RunStatus.RUNNING, RunStatus.ROLLING_BACK}),
    RunStatus.UNBALANCED: frozenset({RunStatus.RUNNING, RunStatus.CANCELLED, RunStatus.ROLLING_BACK}),
    RunStatus.ROLLING_BACK: frozenset({RunStatus.ROLLED_BACK}),
    RunStatus.ROLLED_BACK: frozenset({RunStatus.ROLLING_BACK}),  # where a part of it is still there
}
UNFINISHED = (
    RunStatus.PENDING,
    RunStatus.RUNNING,
    RunStatus.PAUSING,
    RunStatus.PAUSED,
    RunStatus.STOPPED,
    RunStatus.CANCELLING,
    RunStatus.UNBALANCED,
    RunStatus.ROLLING_BACK,
)
GOING_BACK = (RunStatus.ROLLING_BACK, RunStatus.ROLLED_BACK)
ENDED = (RunStatus.COMPLETED, RunStatus.CANCELLED, RunStatus.ROLLED_BACK)
CAN_GO_BACK = tuple(status for status, after in RUN_TRANSITIONS.items() if RunStatus.ROLLING_BACK in after)
AT_WORK = (RunStatus.RUNNING, RunStatus.PAUSING, RunStatus.CANCELLING)


def check_run_transition(old: str, new: str) -> None:
    """Refuse a change that makes no sense, naming what would."""
    if new not in RUN_TRANSITIONS[old]:
        allowed = ", ".join(sorted(RUN_TRANSITIONS[old])) or "nothing: it is final"
        raise WrongTransition(f"a run that is {old} cannot become {new}; possible: {allowed}")

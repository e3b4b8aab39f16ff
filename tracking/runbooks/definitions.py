"""The steps of each runbook, in their order: who, what, how one sees that it worked, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tracking.models import Runbook

ENGINEERS, MANAGERS, SUPPORT = _("engineer"), _("project manager"), _("support")


@dataclass(frozen=True)
class StepPlan:
    """`task` is done by a worker, `hook` by the operator's own command where one is set, everything else by a person.

    `page` is where it is done or where its result is shown; `minutes` is what is planned. `four_eyes`: who began it
    cannot be the one who says that it worked.
    """

    key: str
    title: Any
    what: Any
    check: Any
    owner: Any
    minutes: int
    task: bool = False
    hook: str = ""
    four_eyes: bool = False
    page: str = ""

    @property
    def command(self) -> str:
        """The operator's command of the step; empty when a person does it."""
        return str(settings.HOOKS.get(self.hook, "")) if self.hook else ""

    @property
    def by_worker(self) -> bool:
        return self.task or bool(self.command)


PAUSE = ("pause_runs", _("Stop moving"),
         _("Every run of the wave is paused after its current batches; one that waits for its start is cancelled."),
         _("No run of the wave moves any more."))  # fmt: skip
STOP_V5 = ("stop_v5", _("Stop the V5 application"), _("Nobody may write to V5 from now on."),
           _("The address of V5 no longer answers, or shows its maintenance page."))  # fmt: skip
START_LEGACY = ("start_legacy", _("Start the legacy application"),
                _("Legacy was never written by the migration: it is as it was when people left it."),
                _("Its log-in page answers."))  # fmt: skip
ROUTE = ("route_back", _("Route people back to legacy"), _("The addresses that people use lead to legacy again."),
         _("A person outside of the building reaches legacy under the usual address."))  # fmt: skip
WORKS = ("legacy_works", _("Make sure that legacy works"),
         _("Log in as a school does, open today's bookings, book and cancel a test lesson."),
         _("A second person saw it too."))  # fmt: skip
CHANGES = ("changes", _("List what happened in V5"),
           _("New, edited and deleted records since the migration are listed and exported."),
           _("The list is complete; its files are kept."))  # fmt: skip

IMMEDIATE: tuple[StepPlan, ...] = (
    StepPlan(*PAUSE, ENGINEERS, 5, task=True),
    StepPlan(*STOP_V5, ENGINEERS, 5, hook="stop_v5"),
    StepPlan(*START_LEGACY, ENGINEERS, 5, hook="start_legacy"),
    StepPlan(*ROUTE, ENGINEERS, 5, hook="route_back"),
    StepPlan(*WORKS, MANAGERS, 10, four_eyes=True),
    StepPlan(
        "checkpoint", _("Keep what V5 holds"), _("A checkpoint notes rows and content of every table."),
        _("The checkpoint is taken."), ENGINEERS, 10, task=True,
    ),
    StepPlan(*CHANGES, ENGINEERS, 15, task=True),
    StepPlan(
        "tell", _("Tell the schools"), _("Say that they work in legacy again, and who enters what is on the list."),
        _("Every school of the wave was told."), MANAGERS, 5,
    ),
)  # fmt: skip

PLANNED: tuple[StepPlan, ...] = (
    StepPlan(
        "announce", _("Announce it"), _("Tell the schools when they go back and what they should not begin before."),
        _("Every school of the wave was told."), MANAGERS, 30,
    ),
    StepPlan(*PAUSE, ENGINEERS, 10, task=True),
    StepPlan(*STOP_V5, ENGINEERS, 10, hook="stop_v5"),
    StepPlan(
        "backup", _("Keep V5 for a look later"), _("A backup of V5 is taken before anything is removed from it."),
        _("The backup is complete."), ENGINEERS, 60, task=True,
        page="admin:tracking_backuprecord_changelist",
    ),
    StepPlan(
        "restore_test", _("Prove that backup"), _("It is restored into a scratch database and compared."),
        _("Every table is equal."), ENGINEERS, 60, task=True,
    ),
    StepPlan(
        "checkpoint", _("Keep what V5 holds"), _("A checkpoint notes rows and content of every table."),
        _("The checkpoint is taken."), ENGINEERS, 20, task=True,
    ),
    StepPlan(*CHANGES, ENGINEERS, 60, task=True),
    StepPlan(*START_LEGACY, ENGINEERS, 10, hook="start_legacy"),
    StepPlan(*ROUTE, ENGINEERS, 10, hook="route_back"),
    StepPlan(*WORKS, MANAGERS, 30, four_eyes=True),
    StepPlan(
        "enter", _("Enter in legacy what happened in V5"), _("Bookings and payments of the list are entered again."),
        _("Every line of the list is entered, or somebody decided to leave it."), SUPPORT, 240,
    ),
    StepPlan(
        "rollback", _("Take the migrated records out of V5"),
        _("Roll the wave back under Rollback: look at the preview, decide what is kept, a second person agrees."),
        _("The rollback is done and its proof is green."), ENGINEERS, 240, page="admin:tracking_rollback_changelist",
    ),
    StepPlan(
        "validate", _("Check V5"), _("Integrity, critical paths, access and performance are checked."),
        _("Nothing is red that a person cannot explain."), ENGINEERS, 30, task=True, page="engine:recovery",
    ),
    StepPlan(
        "close", _("Close it"), _("Say what went wrong, what is done about it, and when the next attempt is."),
        _("A second person read it."), MANAGERS, 30, four_eyes=True,
    ),
)  # fmt: skip

RUNBOOKS: dict[str, tuple[StepPlan, ...]] = {
    Runbook.Kind.IMMEDIATE: IMMEDIATE,
    Runbook.Kind.PLANNED: PLANNED,
}
LIMITS = {Runbook.Kind.IMMEDIATE: 60, Runbook.Kind.PLANNED: 24 * 60}  # minutes (strategy)


def plan_of(kind: str, key: str) -> StepPlan:
    """The plan of one step; KeyError for a key that the runbook does not have."""
    return {one.key: one for one in RUNBOOKS[kind]}[key]

"""Walking a way back: who starts it, who agrees, who begins and ends each step, what proves it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracking.actions.base import Action, ActionRefused
from tracking.models import Runbook, RunbookStep, Wave
from tracking.runbooks import walk
from tracking.runbooks.definitions import LIMITS, RUNBOOKS, plan_of
from tracking.words import said

State = RunbookStep.State


class StartRunbook(Action):
    """An immediate rollback begins at once; a planned one is asked for, and a second person has to agree."""

    name, permission, subject_type = "start runbook", "tracking.walk_runbook", "runbook"

    def __init__(self, wave: Wave, kind: str, **who: Any) -> None:
        super().__init__(None, **who)
        self.wave, self.kind = wave, kind

    def effect(self) -> str:
        facts = {
            "n": len(RUNBOOKS[self.kind]),
            "wave": self.wave,
            "hours": LIMITS[Runbook.Kind(self.kind)] // 60,
        }
        if self.kind == Runbook.Kind.IMMEDIATE:
            return (
                _(
                    "The immediate rollback of wave %(wave)s begins now: %(n)s steps within %(hours)s hour. Nothing changes "
                    "before somebody begins its first step."
                )
                % facts
            )
        return (
            _(
                "A planned rollback of wave %(wave)s is asked for: %(n)s steps within %(hours)s hours. A second person has to "
                "agree before its first step."
            )
            % facts
        )

    def before(self) -> dict[str, Any]:
        return {}

    def check(self) -> None:
        if self.kind not in RUNBOOKS:
            raise ActionRefused(_("A rollback is immediate or planned."))
        if not self.reason.strip():
            raise ActionRefused(_("Give the reason: everybody on the way back needs to know it."))
        if self.kind == Runbook.Kind.PLANNED and self.actor is None:
            raise ActionRefused(
                _("A planned rollback is asked for by a person: use the panel, with your own account.")
            )
        if (other := walk.open_of(self.wave)) is not None:
            raise ActionRefused(
                _("%(runbook)s is under way already: walk it, or end it first.") % {"runbook": other}
            )

    def execute(self, now: datetime) -> dict[str, Any]:
        self.subject = walk.create(self.wave, self.kind, now, reason=self.reason, by=self.actor, via=self.via)
        return {"wave": self.wave.name, "kind": self.kind, "state": self.subject.state}


class _OnRunbook(Action):
    subject_type = "runbook"

    def before(self) -> dict[str, Any]:
        return {"state": self.subject.state}


class ApproveRunbook(_OnRunbook):
    """The second person agrees to a planned rollback."""

    name, permission = "approve runbook", "tracking.approve_runbook"

    def effect(self) -> str:
        facts = {"runbook": self.subject, "who": self.subject.asked_by, "reason": self.subject.reason}
        return _("You agree to “%(runbook)s”, asked for by %(who)s: %(reason)s Its steps may begin.") % facts

    def check(self) -> None:
        if self.subject.state != Runbook.State.ASKED:
            raise ActionRefused(
                _("It does not wait for anybody: %(state)s") % {"state": self.subject.get_state_display()}
            )
        if self.actor is None:
            raise ActionRefused(_("A second person agrees: use the panel, with your own account."))
        if self.actor.pk == self.subject.asked_by_id:
            raise ActionRefused(_("You asked for it: a second person has to agree (four eyes)."))

    def execute(self, now: datetime) -> dict[str, Any]:
        if not walk.agree(self.subject, self.actor, now):
            raise ActionRefused(_("Somebody else answered meanwhile: look again."))
        return {"state": self.subject.state}


class AbandonRunbook(_OnRunbook):
    """Ends a runbook before its last step; what was done stays done."""

    name, permission = "abandon runbook", "tracking.walk_runbook"

    def effect(self) -> str:
        left = self.subject.steps.exclude(state__in=walk.OVER).count()
        return _("The runbook ends here, with %(n)s steps not done. What was done stays done.") % {"n": left}

    def check(self) -> None:
        if self.subject.state not in walk.OPEN:
            raise ActionRefused(
                _("It is over already: %(state)s") % {"state": self.subject.get_state_display()}
            )
        if not self.reason.strip():
            raise ActionRefused(_("Give the reason: everybody on the way back needs to know it."))

    def execute(self, now: datetime) -> dict[str, Any]:
        if not walk.abandon(self.subject, now, self.reason):
            raise ActionRefused(_("Somebody else ended it meanwhile: look again."))
        return {"state": self.subject.state}


class _OnStep(Action):
    """An action on one step of a runbook that runs."""

    permission, subject_type = "tracking.walk_runbook", "step"
    out_of_turn = False

    @property
    def step(self) -> RunbookStep:
        found: RunbookStep = self.subject
        return found

    @property
    def plan(self) -> Any:
        return plan_of(self.step.runbook.kind, self.step.key)

    def before(self) -> dict[str, Any]:
        return {"state": self.step.state}

    def check(self) -> None:
        runbook = self.step.runbook
        if runbook.state != Runbook.State.RUNNING:
            raise ActionRefused(
                _("The runbook is not being walked: %(state)s") % {"state": runbook.get_state_display()}
            )
        before = None if self.out_of_turn else walk.following(runbook)
        if before is not None and before.position < self.step.position:
            raise ActionRefused(
                _("Step %(n)s comes first: %(title)s.")
                % {"n": before.position, "title": plan_of(runbook.kind, before.key).title}
            )

    def _moved(self, moved: bool) -> dict[str, Any]:
        if not moved:
            raise ActionRefused(_("Somebody else was faster: look again."))
        return {"runbook": self.step.runbook_id, "step": self.step.key, "state": self.step.state}


class BeginStep(_OnStep):
    """Begins a step: a worker does it, or the clock of a person runs.

    `out_of_turn`: the emergency command goes on where steps before this one are left to people.
    """

    name = "begin step"

    def __init__(
        self, step: RunbookStep, *, queued: bool = True, out_of_turn: bool = False, **who: Any
    ) -> None:
        super().__init__(step, **who)
        self.queued, self.out_of_turn = queued, out_of_turn and self.via == "command"

    def effect(self) -> str:
        facts = {"what": self.plan.what, "n": self.plan.minutes}
        if self.plan.command:
            return _("A worker calls the operator's command. %(what)s Planned: %(n)s minutes.") % facts
        if self.plan.task:
            return _("A worker does it. %(what)s Planned: %(n)s minutes.") % facts
        return _("You do it, and the clock runs from now on. %(what)s Planned: %(n)s minutes.") % facts

    def check(self) -> None:
        super().check()
        if self.step.state not in (State.TODO, State.FAILED):
            raise ActionRefused(
                _("This step is begun already: %(state)s") % {"state": self.step.get_state_display()}
            )

    def execute(self, now: datetime) -> dict[str, Any]:
        return self._moved(walk.begin(self.step, self.actor, now, queued=self.queued))


class FinishStep(_OnStep):
    """A person says what was seen, and that the step is done."""

    name = "finish step"

    def effect(self) -> str:
        return _("You say that it is done and how you know: %(check)s") % {"check": self.plan.check}

    def check(self) -> None:
        super().check()
        if self.step.state != State.BEGUN:
            raise ActionRefused(_("Only a step that somebody is at can be done: %(state)s")
                                % {"state": self.step.get_state_display()})  # fmt: skip
        if not self.reason.strip():
            raise ActionRefused(_("Say what you saw: it is the evidence of this step."))
        if self.plan.four_eyes and (self.actor is None or self.actor.pk == self.step.begun_by_id):
            raise ActionRefused(_("You began this step: a second person says that it worked (four eyes)."))

    def execute(self, now: datetime) -> dict[str, Any]:
        return self._moved(walk.finish(self.step, State.DONE, self.actor, now, self.reason))


class SkipStep(_OnStep):
    """Leaves a step out, with a reason."""

    name = "skip step"

    def effect(self) -> str:
        return _("Step %(n)s is left out: %(title)s.") % {"n": self.step.position, "title": self.plan.title}

    def check(self) -> None:
        super().check()
        if self.step.state in (State.WAITING, State.RUNNING):
            raise ActionRefused(_("A worker is at it: wait for its end."))
        if not self.reason.strip():
            raise ActionRefused(_("Give the reason: it is shown beside the step."))

    def execute(self, now: datetime) -> dict[str, Any]:
        return self._moved(walk.finish(self.step, State.SKIPPED, self.actor, now, self.reason))


class ProveStep(_OnStep):
    """Adds evidence to a step: a sentence, and a file of at most 5 MB."""

    name = "prove step"

    def __init__(
        self, step: RunbookStep, *, file: str = "", content: bytes | None = None, **who: Any
    ) -> None:
        super().__init__(step, **who)
        self.file, self.content = file, content

    def effect(self) -> str:
        return _("The evidence is kept with step %(n)s for good.") % {"n": self.step.position}

    def check(self) -> None:
        if self.step.runbook.state not in walk.OPEN:
            raise ActionRefused(
                _("The runbook is over: %(state)s") % {"state": self.step.runbook.get_state_display()}
            )
        if not self.reason.strip() and not self.content:
            raise ActionRefused(_("Add a sentence or a file."))
        if self.content is not None and len(self.content) > walk.MOST_BYTES:
            raise ActionRefused(_("The file is larger than 5 MB."))

    def execute(self, now: datetime) -> dict[str, Any]:
        made = walk.prove(self.step, self.actor, now, text=self.reason, name=self.file, content=self.content)
        return {"runbook": self.step.runbook_id, "step": self.step.key, "evidence": made.pk, "size": made.size,
                "checksum": made.checksum}  # fmt: skip


def described(step: RunbookStep) -> str:
    """The step in words, for lists and the command line."""
    return f"{step.position}. {plan_of(step.runbook.kind, step.key).title}: {said(step.state)}"

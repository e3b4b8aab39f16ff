"""Rolling back, as people do it: decide what stays, ask, approve (four eyes), pause and go on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracking import rollbacks, sweeps
from tracking.actions.base import Action, ActionRefused
from tracking.models import Rollback, RollbackFinding

State = Rollback.State
KEEP, EXPORT, ANYWAY = "keep", "export", "anyway"
DECISIONS = (KEEP, EXPORT, ANYWAY)


class RollbackAction(Action):
    """An action on one rollback."""

    subject_type = "rollback"

    @property
    def rollback(self) -> Rollback:
        found: Rollback = self.subject
        return found

    def before(self) -> dict[str, Any]:
        return {"state": self.rollback.state}

    def _refuse_state(self, *allowed: str) -> None:
        if self.rollback.state not in allowed:
            raise ActionRefused(
                _("rollback %(n)s is: %(state)s") % {"n": self.rollback.pk, "state": self.rollback.get_state_display()}
            )  # fmt: skip


class DecideRollback(RollbackAction):
    """Decides for groups of findings (`edited:bookings`) whether their rows stay, go after an export, or go anyway."""

    name, permission = "decide rollback", "tracking.ask_rollback"

    def __init__(self, rollback: Rollback, decisions: dict[str, str], **who: Any) -> None:
        super().__init__(rollback, **who)
        self.decisions = decisions

    def effect(self) -> str:
        going = [group for group, what in self.decisions.items() if what != KEEP]
        if not going:
            return _("Everything that people edited or wrote stays in V5.")
        return _("Into the rollback archive goes what people edited or wrote: %(groups)s.") % {
            "groups": "; ".join(map(rollbacks.said_group, going))
        }

    def check(self) -> None:
        self._refuse_state(State.LOOKED)
        known = RollbackFinding.objects.filter(rollback=self.rollback).values_list("kind", "table").distinct()
        groups = {f"{kind}:{table}" for kind, table in known}
        if wrong := sorted(set(self.decisions) - groups):
            raise ActionRefused(_("There is no group %(group)s in this rollback.") % {"group": wrong[0]})
        if wrong := sorted(set(self.decisions.values()) - set(DECISIONS)):
            raise ActionRefused(_("A decision is keep, export or anyway, not %(what)s.") % {"what": wrong[0]})

    def execute(self, now: datetime) -> dict[str, Any]:
        decisions = {**self.rollback.decisions, **self.decisions}
        Rollback.objects.filter(pk=self.rollback.pk).update(decisions=decisions)
        self.rollback.refresh_from_db()
        return {"decisions": decisions}


class RequestRollback(RollbackAction):
    """Asks a second person to approve the rollback as it was looked at and decided."""

    name, permission = "request rollback", "tracking.ask_rollback"

    def effect(self) -> str:
        return _("A second person is asked to approve: %(what)s. Nothing goes before that.") % {
            "what": self.rollback.said
        }

    def check(self) -> None:
        self._refuse_state(State.LOOKED)
        exported = set(self.rollback.figures.get("exported", ()))
        if missing := [
            g for g, what in self.rollback.decisions.items() if what == EXPORT and g not in exported
        ]:
            raise ActionRefused(_("Export %(group)s first: that was decided.") % {"group": missing[0]})

    def execute(self, now: datetime) -> dict[str, Any]:
        if not rollbacks.move(
            self.rollback, (State.LOOKED,), State.ASKED, asked_by=self.actor or self.rollback.asked_by
        ):
            raise ActionRefused(_("Somebody else was faster: look again."))
        return {"decisions": self.rollback.decisions}


class ApproveRollback(RollbackAction):
    """The second person lets the rollback happen; the engine starts it right away."""

    name, permission = "approve rollback", "tracking.approve_rollback"

    def effect(self) -> str:
        rows = sum(one.get("rows", 0) for one in self.rollback.figures.values() if isinstance(one, dict))
        staying = RollbackFinding.objects.filter(rollback=self.rollback, stays=True)
        going = sorted(group for group, what in self.rollback.decisions.items() if what != KEEP)
        said = _("About %(rows)s rows go out of V5 into the rollback archive (%(what)s); %(staying)s rows stay.") % {
            "rows": f"{rows:,}", "what": self.rollback.said, "staying": f"{staying.count():,}",
        }  # fmt: skip
        if going:
            said += " " + _("What people edited or wrote goes too, for: %(groups)s.") % {
                "groups": "; ".join(map(rollbacks.said_group, going))
            }
        return said

    def check(self) -> None:
        self._refuse_state(State.ASKED)
        if self.actor is None:
            raise ActionRefused(_("An approval needs a person: use the panel, with your own account."))
        if self.actor.pk == self.rollback.asked_by_id:
            raise ActionRefused(
                _("You asked for this rollback: a second person has to approve it (four eyes).")
            )

    def execute(self, now: datetime) -> dict[str, Any]:
        if not rollbacks.move(
            self.rollback, (State.ASKED,), State.APPROVED, approved_by=self.actor, approved_at=now
        ):
            raise ActionRefused(_("Somebody else was faster: look again."))
        return {"decisions": self.rollback.decisions}


class SendBackRollback(RollbackAction):
    """Gives the request back with a reason; the decisions can be changed."""

    name, permission = "send back rollback", "tracking.approve_rollback"

    def effect(self) -> str:
        return _("The request goes back to %(who)s with your reason; nothing goes.") % {
            "who": self.rollback.asked_by or "–"
        }

    def check(self) -> None:
        self._refuse_state(State.ASKED)
        if not self.reason.strip():
            raise ActionRefused(_("Give the reason: whoever asked needs to know what to do."))

    def execute(self, now: datetime) -> dict[str, Any]:
        rollbacks.move(self.rollback, (State.ASKED,), State.LOOKED)
        return {}


class PauseRollback(RollbackAction):
    """Lets the steps under way end, then waits."""

    name, permission = "pause rollback", "tracking.ask_rollback"

    def effect(self) -> str:
        return _(
            "The steps under way are finished, then the rollback waits. V5 stays as it is then: half of it is gone."
        )

    def check(self) -> None:
        self._refuse_state(State.ROLLING)

    def execute(self, now: datetime) -> dict[str, Any]:
        assert self.rollback.work is not None
        try:
            sweeps.pause(self.rollback.work, self.reason)
        except sweeps.Busy as busy:
            raise ActionRefused(str(busy)) from busy
        return {}


class ResumeRollback(RollbackAction):
    """Goes on after a pause or a failure, where it stood."""

    name, permission = "resume rollback", "tracking.ask_rollback"

    def effect(self) -> str:
        return _("The rollback goes on where it stood; parts that failed get new attempts.")

    def check(self) -> None:
        self._refuse_state(State.ROLLING, State.FAILED)

    def execute(self, now: datetime) -> dict[str, Any]:
        assert self.rollback.work is not None
        try:
            sweeps.resume(self.rollback.work, now)
        except sweeps.Busy as busy:
            raise ActionRefused(str(busy)) from busy
        rollbacks.move(self.rollback, (State.FAILED,), State.ROLLING, problem="")
        return {}

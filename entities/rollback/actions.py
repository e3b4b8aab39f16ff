"""What people ask of the engine: look at a rollback, start it, take it back, take a checkpoint, bring rows back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from entities.engine.errors import Refused
from entities.rollback import request, restore, selection, taking
from entities.rollback.selection import Selection
from tracking import sweeps
from tracking.actions.base import Action, ActionRefused
from tracking.actions.rollback import ApproveRollback, RollbackAction
from tracking.models import Rollback, Sweep, Wave

T = TypeVar("T")


def _asked(what: Callable[[], T]) -> T:
    """What the engine refuses, a person is told."""
    try:
        return what()
    except (Refused, sweeps.Busy) as refusal:
        raise ActionRefused(*refusal.args) from refusal


class AskRollback(Action):
    """Looks at a rollback; nothing goes. `make` is a function of `request` with all but the time and the person."""

    name, permission, subject_type = "look at rollback", "tracking.ask_rollback", "wave"

    def __init__(self, wave: Wave, make: Callable[..., Rollback], said: str, **who: Any) -> None:
        super().__init__(wave, **who)
        self.make, self.said = make, said
        self.made: Rollback | None = None

    def effect(self) -> str:
        return _("Look at what a rollback of %(what)s would take out of V5, and at what people did since. Nothing goes.") % {
            "what": self.said
        }  # fmt: skip

    def check(self) -> None:
        if not self.reason.strip():
            raise ActionRefused(_("Give the reason: it is kept with everything that goes."))

    def execute(self, now: datetime) -> dict[str, Any]:
        self.made = _asked(lambda: self.make(now=now, reason=self.reason, asked_by=self.actor))
        return {"rollback": self.made.pk, "what": self.said}


class StartRollback(RollbackAction):
    """Starts an approved rollback; from the command line one that was looked at."""

    name, permission = "start rollback", "tracking.approve_rollback"

    def effect(self) -> str:
        return ApproveRollback(self.rollback).effect()

    def check(self) -> None:
        allowed = [Rollback.State.APPROVED]
        if self.actor is None:
            allowed.append(Rollback.State.LOOKED)
        self._refuse_state(*allowed)

    def execute(self, now: datetime) -> dict[str, Any]:
        _asked(lambda: request.begin(self.rollback, now))
        return {"sweep": self.rollback.work_id}


class WithdrawRollback(RollbackAction):
    """Takes a rollback back before anything went."""

    name, permission = "withdraw rollback", "tracking.ask_rollback"

    def effect(self) -> str:
        return _("The rollback is taken back; nothing went, nothing goes.")

    def execute(self, now: datetime) -> dict[str, Any]:
        _asked(lambda: request.withdraw(self.rollback, now))
        return {}


class TakeCheckpoint(Action):
    """Has a named checkpoint taken: rows and content hashes of every table."""

    name, permission, subject_type = "take checkpoint", "tracking.take_checkpoint", "wave"

    def __init__(self, wave: Wave, title: str, **who: Any) -> None:
        super().__init__(wave, **who)
        self.title = title.strip()
        self.made: Any = None

    def effect(self) -> str:
        return _("Count and hash every table of V5, school by school; V5 is only read.")

    def check(self) -> None:
        if not self.title:
            raise ActionRefused(_("Give the checkpoint a name."))

    def execute(self, now: datetime) -> dict[str, Any]:
        self.made = _asked(lambda: taking.start(self.title, now, wave=self.subject, made_by=self.actor))
        return {"checkpoint": self.made.pk, "name": self.title}


class RestoreRows(Action):
    """Has rows brought back from the rollback archive."""

    name, permission, subject_type = "restore rows", "tracking.restore_archive", "sweep"

    def __init__(self, chosen: Selection, wave: Wave | None = None, **who: Any) -> None:
        super().__init__(None, **who)
        self.chosen, self.wave = chosen, wave

    def effect(self) -> str:
        rows = sum(selection.counted(_asked(self._spelled_out)).values())
        if not rows:
            return _("The archive has none of these rows: they never went, or are back already.")
        return ngettext(
            "%(rows)s row comes back into V5 with its entries in the map; nothing that stands there is overwritten.",
            "%(rows)s rows come back into V5 with their entries in the map; nothing that stands there is overwritten.",
            rows,
        ) % {"rows": f"{rows:,}"}

    def _spelled_out(self) -> Selection:
        return selection.spelled_out(self.chosen) if self.chosen.narrow else self.chosen

    def check(self) -> None:
        if not self.chosen.narrow and self.chosen.rollback is None:
            raise ActionRefused(_("Say what is to come back: a rollback, a table, a record, a school."))

    def execute(self, now: datetime) -> dict[str, Any]:
        params = selection.dump(self.chosen)
        made: Sweep = sweeps.create(restore.KIND, now, wave=self.wave, params=params, asked_by=self.actor)
        self.subject = made
        return {"selection": params}

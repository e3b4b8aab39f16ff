"""Steering long work along keys: the checks of a phase."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracking import sweeps
from tracking.actions.base import Action, ActionRefused
from tracking.models import Sweep

State = Sweep.State


class _OnSweep(Action):
    permission, subject_type = "tracking.steer_sweep", "sweep"
    fits: tuple[str, ...] = ()

    @property
    def sweep(self) -> Sweep:
        found: Sweep = self.subject
        return found

    def before(self) -> dict[str, Any]:
        return {"state": self.sweep.state}

    def check(self) -> None:
        if self.sweep.state not in self.fits:
            raise ActionRefused(
                _("This does not fit where the work stands: %(state)s")
                % {"state": self.sweep.get_state_display()}
            )

    def after(self) -> dict[str, Any]:
        return {"state": self.sweep.state}


class PauseSweep(_OnSweep):
    """Workers finish their step and take no other one."""

    name, fits = "pause checks", (State.RUNNING,)

    def effect(self) -> str:
        return _("The checks under way end their step; the others wait until somebody resumes.")

    def execute(self, now: datetime) -> dict[str, Any]:
        sweeps.pause(self.sweep, self.reason)
        return self.after()


class ResumeSweep(_OnSweep):
    """Goes on at the last key range; what failed gets new attempts."""

    name, fits = "resume checks", (State.PAUSED, State.PAUSING, State.FAILED)

    def effect(self) -> str:
        return _("The checks go on where they stopped; what failed is tried again.")

    def execute(self, now: datetime) -> dict[str, Any]:
        sweeps.resume(self.sweep, now)
        return self.after()


class CancelSweep(_OnSweep):
    """Ends it for good; checks that were through keep their verdict."""

    name, fits = "end checks", sweeps.UNFINISHED

    def effect(self) -> str:
        return _("The checks end for good; those that were through keep their new verdict.")

    def execute(self, now: datetime) -> dict[str, Any]:
        sweeps.cancel(self.sweep, self.reason, now)
        return self.after()

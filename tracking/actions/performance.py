"""Asking for a measurement of both databases, and ending one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracking import performance, sweeps
from tracking.actions.base import Action, ActionRefused
from tracking.models import Measurement, Run, Wave
from tracking.states import AT_WORK


class MeasurePerformance(Action):
    """Lets a worker put the chosen scenarios on legacy and on V5 in turn.

    `percent` is the share of the strategy's users, `seconds` how long each side is measured per scenario (None: as the
    strategy says), `pause` the seconds that a user thinks between two requests.
    """

    name, permission, subject_type = "measure performance", "tracking.measure_performance", "wave"

    def __init__(self, wave: Wave, *, scenarios: Sequence[str] = (), percent: int = 100, seconds: int | None = None,
                 pause: float = 1.0, **who: Any) -> None:  # fmt: skip
        super().__init__(wave, **who)
        self.params: dict[str, Any] = {
            "scenarios": [name for name in performance.SCENARIOS if not scenarios or name in scenarios],
            "percent": percent, "seconds": seconds, "pause": pause,
        }  # fmt: skip
        self.asked = tuple(scenarios)
        self.made: Measurement | None = None

    def effect(self) -> str:
        asked = [performance.Asked.of(name, self.params) for name in self.params["scenarios"]]
        minutes = sum(2 * one.seconds for one in asked) / 60
        took = (
            _("about %(minutes)s minutes") % {"minutes": f"{minutes:.0f}"}
            if minutes >= 1
            else _("less than a minute")
        )
        return _(
            "%(scenarios)s with up to %(users)s users at once, on legacy (only read) and on V5 (what is written is rolled "
            "back); %(time)s of one worker."
        ) % {
            "scenarios": ", ".join(str(performance.SCENARIOS[one.name].title) for one in asked),
            "users": max((one.users for one in asked), default=0), "time": took,
        }  # fmt: skip

    def check(self) -> None:
        if unknown := [name for name in self.asked if name not in performance.SCENARIOS]:
            raise ActionRefused(_("There is no scenario %(name)s.") % {"name": ", ".join(unknown)})
        performance.refuse_wrong(self.params)
        if Run.objects.filter(status__in=AT_WORK).exists():
            raise ActionRefused(
                _("Records are being moved: the figures would say nothing. Wait for the end of the run.")
            )
        under_way = Measurement.objects.filter(state__in=sweeps.UNFINISHED).exclude(
            state=Measurement.State.FAILED
        )
        if under_way.exists():
            raise ActionRefused(_("A measurement is under way: two at once would disturb each other."))

    def execute(self, now: datetime) -> dict[str, Any]:
        made = sweeps.create(
            Measurement.KIND, now, wave=self.subject, params=self.params, asked_by=self.actor
        )
        self.made = Measurement.objects.get(pk=made.pk)
        return {"measurement": made.pk, **self.params}


class EndMeasurement(Action):
    """Ends a measurement; what was measured so far gives no result."""

    name, permission, subject_type = "end measurement", "tracking.measure_performance", "measurement"

    def effect(self) -> str:
        return _("The measurement ends within some seconds and gives no result.")

    def before(self) -> dict[str, Any]:
        return {"state": self.subject.state}

    def check(self) -> None:
        if self.subject.state not in sweeps.UNFINISHED:
            raise ActionRefused(_("This measurement is over."))

    def execute(self, now: datetime) -> dict[str, Any]:
        try:
            sweeps.cancel(self.subject, self.reason or "ended by a person", now)
        except sweeps.Busy:  # it ended between the look and the deed
            raise ActionRefused(_("This measurement is over.")) from None
        return {"state": self.subject.state}

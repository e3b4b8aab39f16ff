"""Was the way back rehearsed, and proven, since the data was last moved?"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracking.gates.base import Gate, Link, Reading
from tracking.models import Phase, Rollback

GO_LIVE = (6,)


class RollbackRehearsed(Gate):
    """The latest rehearsal of the wave's rollback was proven (R-92) and its duration is known."""

    id, phases, production_only = "rollback", GO_LIVE, True
    title = gettext_lazy("The way back was rehearsed and proven")

    def read(self, phase: Phase, now: datetime) -> Reading:
        link = (Link(_("the rollbacks"), "tracking.rollback", {"wave__id__exact": phase.wave_id}),)
        latest = Rollback.objects.filter(wave=phase.wave, rehearsal=True).order_by("-pk").first()
        if latest is None:
            return Reading(_("No rehearsal yet: run rollback_drill."), {"rehearsal": "none"}, link)
        if latest.state != Rollback.State.DONE:
            return Reading(
                _("The latest rehearsal was not proven: see what differs."), {"rehearsal": latest.pk}, link
            )
        minutes = latest.result.get("seconds", {}).get("rollback", 0) / 60
        said = _("Rehearsed on %(day)s: %(rows)s rows went in %(minutes)s minutes, and nothing else.") % {
            "day": f"{latest.finished_at:%Y-%m-%d}", "rows": f"{sum(latest.result.get('taken out', {}).values()):,}",
            "minutes": f"{minutes:.1f}",
        }  # fmt: skip
        return Reading(said, {}, link)

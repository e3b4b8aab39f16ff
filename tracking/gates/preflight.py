"""Was the ground looked at, recently, and is it safe?"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracking.gates.base import Gate, Link, Reading
from tracking.models import Phase, PreflightReport

RECENT = timedelta(hours=24)


class PreflightGreen(Gate):
    """The wave's latest pre-flight found nothing that stops a run, and is not older than a day.

    Its age counts while a signature is asked for and given; a signature does not lapse because a day passes.
    """

    id, phases = "preflight", (1, 2, 3, 4)
    title = gettext_lazy("The pre-flight is green and recent")

    def read(self, phase: Phase, now: datetime) -> Reading:
        latest = PreflightReport.objects.filter(wave=phase.wave_id).order_by("-id").first()
        if latest is None:
            said = _("No pre-flight of this wave was run. Start phase 1, or run `preflight --wave`.")
            return Reading(said, {"preflight": "none"})
        links = (Link(_("the report"), "tracking.preflightreport", {"id__exact": latest.pk}),)
        if not latest.passed:
            checks = latest.report if isinstance(latest.report, list) else []
            red = sorted(
                str(one.get("id")) for one in checks if one.get("verdict") in ("fail", "could not run")
            )
            said = _("It is red: %(ids)s.") % {"ids": ", ".join(red)}
            return Reading(said, {"red": red or ["?"]}, links)
        hours = (now - latest.created_at) / timedelta(hours=1)
        if now - latest.created_at > RECENT:
            said = _("It is %(hours)s hours old; run it again.") % {"hours": f"{hours:,.0f}"}
            return Reading(said, {"old": latest.pk}, links)
        return Reading(_("It passed %(time)s ago.") % {"time": timesince(latest.created_at, now)}, {}, links)

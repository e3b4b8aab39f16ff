"""Is V5 fast enough, and are the strategy's success criteria met? Asked before a production wave goes live."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracking import criteria
from tracking.criteria import State
from tracking.criteria.declared import SPEED
from tracking.gates.base import Gate, Link, Reading
from tracking.gates.registry import register
from tracking.models import Phase, ValidationResult

Result = ValidationResult.Result
VALIDATION, GO_LIVE = 5, 6


class FastEnough(Gate):
    """All four load scenarios were measured under the strategy's load, and V5 stays below twice legacy."""

    id, phases, production_only = "performance", (VALIDATION,), True
    title = gettext_lazy("V5 answers fast enough")

    def read(self, phase: Phase, now: datetime) -> Reading:
        rows = ValidationResult.objects.filter(wave=phase.wave_id, validation_type__in=SPEED, current=True)
        found = {row.validation_type: row for row in rows.order_by("pk").defer("details")}
        red = {check: found[check].result if check in found else "not measured" for check in SPEED}
        red = {check: said for check, said in red.items() if said != Result.PASS}
        links = (Link(_("the measurements"), "tracking.measurement", {"wave__id__exact": phase.wave_id}),)
        if not red:
            return Reading(_("All four scenarios stay below twice legacy."), {}, links)
        if not found:
            return Reading(_("Nothing has been measured for this wave."), red, links)
        none = _("not measured")
        told = [f"{check}: {found[check].told_message if check in found else none}" for check in red]
        return Reading("; ".join(told), red, links)


class CriteriaMet(Gate):
    """Every success criterion is met. What is only true for a moment (workers report) is left out."""

    id, phases, production_only = "criteria", (GO_LIVE,), True
    title = gettext_lazy("The strategy's success criteria are met")

    def read(self, phase: Phase, now: datetime) -> Reading:
        lasting = [one for one in criteria.read(phase.wave, now) if one.criterion.live != "monitoring"]
        red = {one.criterion.key: one.state for one in lasting if one.state != State.MET}
        links = (Link(_("the criteria"), "tracking.criterionstatement", {"wave": phase.wave_id}),)
        if not red:
            return Reading(_("All are met."), {}, links)
        titles = [str(one.criterion.title) for one in lasting if one.criterion.key in red]
        return Reading(_("Not met or not measured: %(titles)s.") % {"titles": "; ".join(titles)}, red, links)


register(FastEnough())
register(CriteriaMet())

"""What the page of a phase shows of its gates: those that need a look one by one, the other checks as a sum."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracking import gates
from tracking.actions.waiver import at_stake
from tracking.admin.base import badge, link
from tracking.gates import Colour, Judged
from tracking.gates.by_hand import SaidByHand
from tracking.gates.checks import CheckPassed, CheckSeen
from tracking.models import Phase, Waiver

COLOURS = {Colour.GREEN: "completed", Colour.RED: "failed", Colour.WAIVED: "waived"}


def of(phase: Phase, judged: list[Judged], user: Any) -> dict[str, Any]:
    """`gates` are shown openly; `checks` are those that are green or have not run, with a sentence that counts them."""
    may_waive = user.has_perm("tracking.request_waiver")
    asked = set(
        Waiver.objects.filter(phase=phase, withdrawn_at__isnull=True).values_list("gate", flat=True)
        if may_waive
        else ()
    )
    quiet = [one for one in judged if _is_quiet(one)]
    return {
        "gates": [_gate(one, phase, may_waive, asked) for one in judged if not _is_quiet(one)],
        "checks": [_gate(one, phase, may_waive, asked) for one in quiet],
        "checks_say": _sum(quiet),
    }


def _is_quiet(judged: Judged) -> bool:
    is_check = isinstance(judged.gate, CheckPassed | CheckSeen | SaidByHand)
    return is_check and (judged.colour == Colour.GREEN or "not run" in judged.reading.violated)


def _sum(quiet: list[Judged]) -> str:
    green = sum(one.colour == Colour.GREEN for one in quiet)
    missing = len(quiet) - green
    said = []
    if green:
        said.append(ngettext("%(n)s check is green", "%(n)s checks are green", green) % {"n": green})
    if missing:
        said.append(
            ngettext("%(n)s check has not run yet", "%(n)s checks have not run yet", missing) % {"n": missing}
        )
    return ", ".join(said)


def _gate(judged: Judged, phase: Phase, may_waive: bool, asked: set[str]) -> dict[str, Any]:
    gate = judged.gate
    offers = may_waive and judged.colour == Colour.RED and gate.waivable and gate.id not in asked
    return {
        "title": gate.title,
        "colour": badge(COLOURS[judged.colour], words=_words(judged.colour)),
        "message": judged.reading.message,
        "money": at_stake(judged),
        "waiver": judged.waiver,
        "links": [_link(one) for one in judged.reading.links],
        "waive": reverse("admin:tracking_phase_waive", args=[phase.pk, gate.id]) if offers else "",
    }


def _words(colour: Colour) -> str:
    return {Colour.GREEN: _("green"), Colour.RED: _("red"), Colour.WAIVED: _("waived")}[colour]


def _link(one: gates.Link) -> Any:
    if one.page:
        return format_html(
            '<a class="text-link hover:underline" href="{}">{}</a>',
            reverse(one.page, args=one.args),
            one.text,
        )
    return link(one.text, one.model, **one.filters)

"""Does a rejected record wait for a person?"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracking import work
from tracking.gates.base import Gate, Link, Reading
from tracking.gates.memo import once
from tracking.gates.runs import MOVING
from tracking.models import Issue, IssueGroup, Phase, Run
from tracking.states import IssueState

SHOWN = 5


@once
def open_groups(phase: Phase, now: datetime) -> list[IssueGroup]:
    """Causes of the wave with an open issue, of both levels."""
    return list(IssueGroup.objects.filter(wave=phase.wave_id, open__gt=0))


@once
def open_by_code(phase: Phase, now: datetime, level: str) -> list[dict[str, Any]]:
    """Open issues of the phase by code and currency, with the money at stake, most frequent first.

    Read from the kept counts, by the kinds of record that only this phase moves. Kinds that several phases move, or
    that nobody declared, are counted by the runs of the phase.
    """
    totals: dict[tuple[str, str], list[Any]] = {}
    mine, of_one_phase, others = work.entity_types(phase.number), work.entity_types(), set()
    for group in open_groups(phase, now):
        if group.level != level:
            continue
        if group.entity_type in mine:
            _add(totals, group.code, group.currency, group.open, group.amount)
        elif group.entity_type not in of_one_phase:
            others.add(group.entity_type)
    if others:
        issues = Issue.objects.filter(
            wave=phase.wave_id,
            entity_type__in=others,
            run__in=runs_of(phase, now),
            state=IssueState.OPEN,
            level=level,
        )
        for one in issues.values("code", "currency").annotate(n=Count("pk"), amount=Sum("amount")).order_by():
            _add(totals, one["code"], one["currency"], one["n"], one["amount"] or Decimal(0))
    names = ("code", "currency", "n", "amount")
    found = [dict(zip(names, (*key, *total), strict=True)) for key, total in totals.items()]
    return sorted(found, key=lambda one: (-one["n"], one["code"], one["currency"]))


def _add(totals: dict[tuple[str, str], list[Any]], code: str, currency: str, n: int, amount: Decimal) -> None:
    total = totals.setdefault((code, currency), [0, Decimal(0)])
    total[0] += n
    total[1] += amount


@once
def runs_of(phase: Phase, now: datetime) -> list[int]:
    """All real runs of the phase: an issue belongs to the run that saw it last."""
    return list(Run.objects.filter(phase=phase, dry_run=False).order_by("pk").values_list("pk", flat=True))


def issue_filters(phase: Phase, now: datetime, level: str) -> dict[str, Any]:
    """What makes the list of issues show the open ones of this phase."""
    return {"run__id__in": ",".join(map(str, runs_of(phase, now))), "state__exact": "open", "level": level}


class NothingRejected(Gate):
    """No record of the phase was rejected and waits for a person."""

    id, phases = "rejected", MOVING
    title = gettext_lazy("No rejected record waits for a person")

    def read(self, phase: Phase, now: datetime) -> Reading:
        codes: dict[str, int] = {}
        amounts: dict[str, Decimal] = {}
        for group in open_by_code(phase, now, Issue.ERROR):
            codes[group["code"]] = codes.get(group["code"], 0) + group["n"]
            if group["amount"]:
                amounts[group["currency"]] = amounts.get(group["currency"], Decimal(0)) + group["amount"]
        if not codes:
            return Reading(_("Nothing is kept back."))
        codes = dict(sorted(codes.items(), key=lambda one: (-one[1], one[0])))
        number = sum(codes.values())
        said = ngettext("%(n)s problem keeps a record back.", "%(n)s problems keep records back.", number)
        said %= {"n": f"{number:,}"}
        filters = issue_filters(phase, now, Issue.ERROR)
        links = [Link(_("all %(n)s") % {"n": f"{number:,}"}, "tracking.issue", filters)]
        links += [
            Link(f"{code} {count:,}", "tracking.issue", {**filters, "code": code})
            for code, count in list(codes.items())[:SHOWN]
        ]
        violated = {"codes": codes, "amounts": {key: str(value) for key, value in sorted(amounts.items())}}
        return Reading(said, violated, tuple(links), amounts)

"""Reconciliation: both systems side by side, by school and season, from what the checks stored."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from entities.admin import guard
from entities.operations.conservation import OUTCOMES
from entities.reconciliation.pages import classlists, figures, rows, sheets
from entities.reconciliation.pages.figures import Figures, Line
from tracking import work
from tracking.admin.base import badge, may_see_people
from tracking.admin.check_content import place
from tracking.dashboard.links import listing
from tracking.models import Wave
from tracking.words import said

WAVES, MOST_BARS, MOST_LINES = 50, 36, 60
RESULTS = ("fail", "warning", "waived", "pass", "nothing")
NO_SCHOOL = 0  # rows that belong to no school, in an address
LEGACY, V5 = "var(--color-base-400)", "var(--color-primary-600)"
PARTS = (  # title, the checks whose sums it shows
    (gettext_lazy("Money"), (figures.MONEY, figures.PAYMENTS, "R-41")),
    (gettext_lazy("Vouchers and what the school owes for them"), figures.VOUCHERS),
    (gettext_lazy("Business figures"), tuple(one for one in figures.BUSINESS if one != figures.CLASSES)),
    (gettext_lazy("Class lists of the next 14 days"), (figures.CLASSES,)),
)


@require_GET
@guard.page
def index(request: HttpRequest) -> HttpResponse:
    """Every school with how its checks stand."""
    wave, waves = _chosen(request)
    found = figures.schools(wave) if wave else {}
    names = work.schools()
    lines = [
        {"name": place(school, names), "href": _address(wave, school) if wave else "",
         "counts": [(badge(one, words=said(one)), counts[one]) for one in RESULTS if counts.get(one)]}
        for school, counts in sorted(found.items(), key=lambda item: (-item[1].get("fail", 0), place(item[0], names)))
    ]  # fmt: skip
    return guard.shown(
        request,
        "entities/reconciliation/index.html",
        _("Reconciliation"),
        wave=wave,
        waves=waves,
        lines=lines,
    )


@require_GET
@guard.page
def school_page(request: HttpRequest, wave: int, school: int) -> HttpResponse:
    """One school: rows as a balance sheet, money, vouchers and business figures on both sides."""
    found_wave, key = _wave(wave), school or None
    found = figures.of_school(found_wave, key)
    season = request.GET.get("season", "")
    parts = [
        {"title": title, "checks": [_part(found[one], season) for one in checks if one in found]}
        for title, checks in PARTS
    ]
    return guard.shown(
        request, "entities/reconciliation/school.html", place(key, work.schools()), wave=found_wave, school=school,
        balance=_balance(found.get(figures.BALANCE), found_wave, school), outcomes=[said(one) for one in OUTCOMES],
        missing=_missing(found.get(figures.BALANCE)), parts=[one for one in parts if one["checks"]],
        seasons=figures.seasons(found.values()), season=season, back=f"{reverse('engine:reconciliation')}?wave={wave}",
        sheets=[(kind, f"{reverse('engine:reconciliation_sheet', args=[wave, school, kind])}") for kind in sheets.KINDS],
        class_lists=reverse("engine:class_lists", args=[wave, school]) if school else "",
        ran_at=max((one.result.created_at for one in found.values()), default=None),
    )  # fmt: skip


@require_GET
@guard.page
def class_lists(request: HttpRequest, wave: int, school: int) -> HttpResponse:
    """What the school works with on its first mornings; names only for those who may see them."""
    found_wave = _wave(wave)
    first, last = classlists.days(found_wave)
    classes, more = classlists.of_school(found_wave, school, personal=may_see_people(request))
    return guard.shown(
        request, "entities/reconciliation/classlists.html", place(school, work.schools()), wave=found_wave, first=first,
        last=last, classes=classes, more=more, back=_address(found_wave, school),
    )  # fmt: skip


@require_GET
@guard.page
def rows_page(request: HttpRequest, wave: int, school: int, entity: str, outcome: str) -> HttpResponse:
    """The records behind one number of the balance sheet."""
    found_wave, asked = _wave(wave), request.GET.get("after", "")
    after = int(asked) if asked.isdigit() else 0
    entries, further = rows.page(entity, outcome, school or None, after)
    return guard.shown(
        request, "entities/reconciliation/rows.html", f"{entity}: {said(outcome)}", wave=found_wave,
        school=place(school or None, work.schools()), back=_address(found_wave, school or None),
        entries=[
            {"entry": one, "href": reverse("engine:trace_record", args=[one.entity_type, one.legacy_id]) if one.legacy_id else ""}
            for one in entries
        ],
        further=f"?{urlencode({'after': further})}" if further is not None else "",
    )  # fmt: skip


@require_GET
@guard.page
def sheet(request: HttpRequest, wave: int, school: int, kind: str) -> HttpResponse:
    """All figures of the school as CSV or XLSX."""
    if kind not in sheets.KINDS:
        raise Http404
    found_wave = _wave(wave)
    found = figures.of_school(found_wave, school or None)
    answer = HttpResponse(sheets.sheet(found.values(), kind), content_type=sheets.KINDS[kind])
    name = f"{slugify(found_wave.name) or 'wave'}-{school}.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _balance(found: Figures | None, wave: Wave, school: int) -> list[dict[str, Any]]:
    return [
        {
            "entity": line.entity, "rows": line.rows,
            "cells": [
                (line.counts.get(one, 0), reverse("engine:reconciliation_rows", args=[wave.pk, school, line.entity, one]))
                for one in OUTCOMES
            ],
        }
        for line in figures.balance(found)
    ]  # fmt: skip


def _missing(found: Figures | None) -> dict[str, Any]:
    """Rows without an outcome, or with two that contradict each other: the findings of the check of conservation."""
    if found is None or not found.result.introduced:
        return {}
    filters = {"sweep": found.result.sweep_id, "check": found.check, "inherited": "0"}
    filters |= {"school": found.result.school_id if found.result.school_id is not None else "none"}
    return {"number": found.result.introduced, "href": listing("tracking.finding", **filters)}


def _part(found: Figures, season: str) -> dict[str, Any]:
    """One check's figures: totals first, then by season, month and whatever else it groups by."""
    lines = found.of(season)
    months = [one for one in lines if one.month]
    others = sorted((one for one in lines if not one.month), key=lambda one: (len(one.parts), one.parts))
    shown = others or months
    chart = _chart(months or [one for one in lines if one.season])
    phase = found.result.phase_id
    return {
        "figures": found, "badge": badge(found.result.result, words=said(found.result.result)),
        "lines": shown[:MOST_LINES], "rest": shown[MOST_LINES:], "months": months if others else [], "chart": chart["json"],
        "says": chart["says"], "href": reverse("admin:tracking_phase_check", args=[phase, found.check]) if phase else "",
    }  # fmt: skip


def _chart(lines: Iterable[Line]) -> dict[str, str]:
    """Legacy and V5 as two bars per month or season, of the kind of figure that most of them tell about."""
    kinds: dict[str, dict[str, list[Decimal]]] = {}
    for line in lines:
        found = kinds.setdefault(line.parts[0], {})
        sides = found.setdefault(line.month or line.season, [Decimal(0)] * 3)
        sides[0] += line.legacy
        sides[1] += line.v5
        sides[2] += line.difference
    name, found = max(kinds.items(), key=lambda item: len(item[1]), default=("", {}))
    labels = sorted(found)[-MOST_BARS:]
    if len(labels) < 2:
        return {"json": "", "says": ""}
    bars = {"displayYAxis": True, "maxBarThickness": 14, "grouped": True, "borderRadius": 2}
    sets = [
        {
            **bars,
            "label": side,
            "backgroundColor": colour,
            "data": [float(found[one][place]) for one in labels],
        }
        for place, (side, colour) in enumerate(((_("legacy"), LEGACY), ("V5", V5)))
    ]
    equal = sum(not found[one][2] for one in labels)
    facts = {"name": name, "equal": equal, "all": len(labels)}
    says = (
        _("%(name)s: %(equal)s of %(all)s pairs agree after what is explained; grey is legacy, the colour V5")
        % facts
    )
    return {"json": json.dumps({"labels": labels, "datasets": sets}), "says": says}


def _chosen(request: HttpRequest) -> tuple[Wave | None, list[Wave]]:
    waves, asked = list(Wave.objects.order_by("-pk")[:WAVES]), request.GET.get("wave", "")
    if not asked.isdigit():
        return (waves[0] if waves else None), waves
    return next((one for one in waves if one.pk == int(asked)), None), waves


def _wave(pk: int) -> Wave:
    found = Wave.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _address(wave: Wave, school: int | None) -> str:
    return reverse("engine:reconciliation_school", args=[wave.pk, school or NO_SCHOOL])

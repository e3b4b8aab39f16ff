"""The trace: one field to find a record by, and its whole life on one page. Only reads."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from unfold.dataclasses import SearchResult

from entities.admin import guard
from entities.engine.errors import Refused
from entities.engine.source import asked_once
from entities.engine.values import payload_of
from entities.operations import comparison, life, relatives, search, story
from entities.operations.comparison import DECLARED, Cell, Compared
from tracking.admin.base import may_see_people
from tracking.dashboard.links import listing, page
from tracking.masking import masked

MOST_PARTS = 12
ICONS = {
    "map": "account_tree", "run": "play_circle", "batch": "view_module", "issue": "report", "correction": "edit",
    "note": "sticky_note_2", "decision": "gavel", "log": "article",
}  # fmt: skip


@require_http_methods(["GET", "POST"])
@guard.page
def search_page(request: HttpRequest) -> HttpResponse:
    """Candidates for what was typed. Names and addresses are taken from a POST only: an address of a page is logged."""
    posted = request.method == "POST"
    term = (request.POST if posted else request.GET).get("q", "").strip()
    found = search.find(term, personal=posted and may_see_people(request))
    records = {(one.table, one.legacy_id, one.part) for one in found.candidates}
    if len(records) == 1 and found.candidates[0].entity:
        return HttpResponseRedirect(address(found.candidates[0]))
    rows = [
        {
            "one": one,
            "href": address(one) if one.entity else "",
            "says": story.says(one.disposition, one.reason),
        }
        for one in found.candidates
    ]
    return guard.shown(
        request, "entities/trace/search.html", _("Trace"), found=found, rows=rows,
        cut=len(rows) >= search.MOST_CANDIDATES, personal=may_see_people(request),
    )  # fmt: skip


@require_GET
@guard.page
@asked_once()
def record_page(request: HttpRequest, entity: str, legacy_id: int) -> HttpResponse:
    """The life of one record; the comparison and the kin follow as parts of their own."""
    told = _tell(request, entity, legacy_id)
    lived = life.of(entity, told.table, legacy_id) if legacy_id else None
    part = request.GET.get("part", "")
    return guard.shown(
        request, "entities/trace/record.html", f"{entity}:{legacy_id}", told=told, life=lived, part=part,
        query=f"?{urlencode({'part': part})}" if part else "",
        parts=[{"one": one, "v5": _v5_address(one.entry.v5_table, one.entry.v5_id)} for one in told.parts],
        events=[_event(one) for one in lived.events] if lived else [],
        issues=[{"issue": one, "href": page(one)} for one in lived.issues] if lived else [],
        map_href=listing("entities.legacyidmapping", q=f"{entity}:{legacy_id}"),
        personal=may_see_people(request),
    )  # fmt: skip


@require_GET
@guard.fragment
@asked_once()
def comparison_part(request: HttpRequest, entity: str, legacy_id: int) -> HttpResponse:
    """Every field of the record's V5 rows: what stands there beside what the rules give today."""
    table, personal = story.entity_tables().get(entity), may_see_people(request)
    found = comparison.Comparison(note=_("This record was made without a legacy row of its own."))
    if legacy_id and table:
        found = comparison.compare(entity, table, legacy_id, personal=personal)
    rows = found.rows or _declared(_tell(request, entity, legacy_id))
    row = story.legacy_row(table, legacy_id) if table and legacy_id else None
    legacy = masked(payload_of(row), row._table, personal=personal) if row is not None else {}
    shown = [
        {
            "row": one,
            "v5": _v5_address(one.v5_table, one.v5_id),
            "cells": [{"cell": cell, "legacy": _sources(cell, legacy)} for cell in one.cells],
        }
        for one in rows
    ]
    return render(request, "entities/trace/comparison.html", {"found": found, "rows": shown})


@require_GET
@guard.fragment
@asked_once()
def kin_part(request: HttpRequest, entity: str, legacy_id: int) -> HttpResponse:
    """The records that hang together with this one."""
    table = story.entity_tables().get(entity)
    if table is None or not legacy_id:
        raise Http404
    kin = relatives.of(table, legacy_id, personal=may_see_people(request))
    return render(request, "entities/trace/kin.html", {"kin": kin})


def command(request: HttpRequest, term: str) -> list[SearchResult]:
    """What the command search of the panel offers: records by id, code or reference, never by a person's data."""
    if not request.user.has_perm(guard.PERMISSION):
        return []
    found = search.find(term, personal=False)
    return [
        SearchResult(f"{one.entity}:{one.legacy_id}", f"{one.why} {one.disposition}", address(one), "search")
        for one in found.candidates[:20]
        if one.entity
    ]


def address(one: search.Candidate) -> str:
    """The page of a candidate's record."""
    base = reverse("engine:trace_record", args=[one.entity, one.legacy_id])
    return f"{base}?{urlencode({'part': one.part})}" if one.legacy_id == 0 else base


def _tell(request: HttpRequest, entity: str, legacy_id: int) -> story.Story:
    part = request.GET.get("part") if legacy_id == 0 else None
    if legacy_id == 0 and not part:
        raise Http404
    try:
        return story.tell(
            f"{entity}:{legacy_id}", personal=may_see_people(request), most=MOST_PARTS, part=part
        )
    except Refused as refusal:
        raise Http404(str(refusal)) from refusal


def _v5_address(table: str, v5_id: int | None) -> str:
    return f"{reverse('engine:trace')}?{urlencode({'q': f'{table}/{v5_id}'})}" if v5_id else ""


def _declared(told: story.Story) -> list[Compared]:
    """Rows that were not worked out again: how each field was made, without a second value."""
    return [
        Compared(
            one.entity, one.part, one.entry.v5_table, one.entry.v5_id or 0,
            [
                Cell(each["column"], DECLARED, each["v5"], None, tuple(each["from"]), each["how"], each["rule"])
                for each in one.fields
            ],
        )
        for one in told.parts if one.fields
    ]  # fmt: skip


def _sources(cell: Cell, legacy: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "known": name in legacy, "value": legacy.get(name)} for name in cell.sources]


def _event(one: life.Event) -> dict[str, Any]:
    return {
        "event": one,
        "icon": ICONS[one.kind],
        "href": page(one.subject) if one.subject is not None else "",
    }

"""The catalogue: what is declared about every migration, as people read it. Only reads."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from entities import registry
from entities.admin import guard, titles
from entities.admin.graph import draw
from entities.engine import coverage
from entities.engine.definition import Migration
from entities.operations import catalogue
from entities.operations.catalogue import Covered
from tracking import codes
from tracking.dashboard.links import listing
from tracking.models.wave import PHASES
from tracking.states import IssueState

STATES = {
    coverage.MAPPED: (gettext_lazy("mapped"), gettext_lazy("becomes a V5 column"), "success"),
    coverage.INPUT: (
        gettext_lazy("input"),
        gettext_lazy("decides about V5 columns without being one"),
        "info",
    ),
    coverage.KEPT: (
        gettext_lazy("kept"),
        gettext_lazy("stays in the additional data of the map entry"),
        "info",
    ),
    coverage.ARCHIVED: (
        gettext_lazy("archived"),
        gettext_lazy("stays in the archive, with its whole row"),
        "warning",
    ),
    coverage.EXCLUDED: (
        gettext_lazy("left out"),
        gettext_lazy("is not taken over, for the reason given"),
        "warning",
    ),
    coverage.KEY: (gettext_lazy("key"), gettext_lazy("finds the record in the id map"), ""),
}
KINDS = {
    "copy": (gettext_lazy("copied"), gettext_lazy("from one legacy column, converted as described")),
    "parent": (gettext_lazy("parent"), gettext_lazy("the V5 id of another record, through the id map")),
    "constant": (gettext_lazy("constant"), gettext_lazy("the same for every row")),
    "computed": (gettext_lazy("computed"), gettext_lazy("from several columns of the legacy row")),
    "given": (gettext_lazy("worked out"), gettext_lazy("by the transform of the whole aggregate")),
    "stamp": (gettext_lazy("time stamp"), gettext_lazy("of the migration itself")),
}
LEVELS = {
    codes.Level.REJECTED: (gettext_lazy("Kept back until a person answers"), "danger"),
    codes.Level.WARNING: (gettext_lazy("Moved, and worth a look"), "warning"),
    codes.Level.SKIPPED: (gettext_lazy("Left out on purpose"), "warning"),
    codes.Level.SYNTHESISED: (gettext_lazy("Made new in V5"), "info"),
    codes.Level.CAUSE: (gettext_lazy("Why a value is what it is"), ""),
}


@require_GET
@guard.page
def index(request: HttpRequest) -> HttpResponse:
    """Every migration, and what needs what."""
    found = registry.everything()
    return guard.shown(
        request, "entities/catalogue/index.html", _("Catalogue"),
        drawing=draw(catalogue.nodes()),
        phases=[(PHASES[number], [_row(one) for one in found if one.phase == number])
                for number in sorted({one.phase for one in found})],
    )  # fmt: skip


@require_GET
@guard.page
def migration_page(request: HttpRequest, name: str) -> HttpResponse:
    """One migration: its mappings, columns, neighbours, reason codes and choices."""
    if name not in registry.MIGRATIONS:
        raise Http404
    migration = registry.get(name)
    counts = catalogue.open_issues()
    title = titles.shown(migration.title)
    return guard.shown(
        request, "entities/catalogue/migration.html", title, migration=migration,
        about=catalogue.first_sentence(type(migration)), phase=PHASES[migration.phase],
        tables=[_mapping(one) for one in catalogue.tables_of(migration)],
        covered=[_covered(one) for one in catalogue.covered(catalogue.source_tables(migration))],
        needs=[_neighbour(one) for one in migration.after],
        needed=[_neighbour(one) for one in catalogue.needed_by(name)],
        reasons=[_reason(one, counts) for one in catalogue.codes_of(name)],
        questions=catalogue.choices_of(name), choices_href=listing("tracking.choicevalue"),
        runs_href=listing("tracking.run", q=name),
    )  # fmt: skip


@require_GET
@guard.page
def coverage_page(request: HttpRequest) -> HttpResponse:
    """Every legacy table and what becomes of each of its columns."""
    found = catalogue.covered()
    columns, missing = sum(one.columns for one in found), sum(one.missing for one in found)
    totals = Counter(use.state for one in found for use in one.uses)
    return guard.shown(
        request, "entities/catalogue/tables.html", _("Legacy columns"), covered=[_covered(one) for one in found],
        columns=columns, missing=missing, tables=len(found), unaccounted=coverage.unaccounted(),
        totals=[{"word": STATES[state][0], "says": STATES[state][1], "colour": STATES[state][2], "count": totals[state]}
                for state in coverage.STATES if totals[state]],
    )  # fmt: skip


@require_GET
@guard.page
def reason_codes(request: HttpRequest) -> HttpResponse:
    """Every reason code in plain words, what to do about it, and how many open issues have it."""
    counts = catalogue.open_issues()
    groups = [
        {"title": title, "colour": colour, "codes": [_reason(one, counts) for one in codes.ALL.values() if one.level == level]}
        for level, (title, colour) in LEVELS.items()
    ]  # fmt: skip
    return guard.shown(request, "entities/catalogue/codes.html", _("Reason codes"), groups=groups)


def _row(migration: Migration) -> dict[str, Any]:
    return {
        "migration": migration,
        "href": _address(migration.name),
        "about": catalogue.first_sentence(type(migration)),
        "sources": sorted(
            {one.source._meta.db_table for one in migration.mappings} or {migration.root._meta.db_table}
        ),
        "targets": sorted({one.table for one in migration.mappings}),
        "columns": sum(len(one.fields) for one in migration.mappings),
        "needs": [_neighbour(one) for one in migration.after],
    }


def _mapping(table: catalogue.Table) -> dict[str, Any]:
    """A mapping with the coverage of each legacy column and the kind of each field in words."""
    uses = {use.column: use for one in catalogue.covered({table.source}) for use in one.uses}
    lines = []
    for line in table.lines:
        sources = [
            {"name": name, "state": STATES[uses[name].state] if name in uses else None}
            for name in line.sources
        ]
        lines.append({"line": line, "sources": sources, "kind": KINDS[line.kind]})
    return {"table": table, "lines": lines}


def _neighbour(name: str) -> dict[str, Any]:
    return {"name": name, "title": titles.shown(registry.get(name).title), "href": _address(name)}


def _address(name: str) -> str:
    return reverse("engine:catalogue_migration", args=[name])


def _covered(one: Covered) -> dict[str, Any]:
    return {
        "one": one,
        "uses": [
            {
                "use": use,
                "word": STATES[use.state][0],
                "says": STATES[use.state][1],
                "colour": STATES[use.state][2],
            }
            for use in one.uses
        ],
        "counts": [(STATES[state][0], one.count(state)) for state in coverage.STATES if one.count(state)],
    }


def _reason(code: codes.Code, counts: dict[str, int]) -> dict[str, Any]:
    count = counts.get(code.name, 0)
    more = count > catalogue.MOST_COUNTED
    return {
        "code": code,
        "level": LEVELS[code.level][0],
        "colour": LEVELS[code.level][1],
        "count": f"{catalogue.MOST_COUNTED:,}+" if more else f"{count:,}" if count else "",
        "href": listing("tracking.issue", code=code.name, state__exact=IssueState.OPEN.value),
        "users": catalogue.users_of(code.name),
    }

"""Data quality: what legacy holds that needs a rule or a person, by school; and the health of the systems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from entities.admin import guard
from entities.operations import story
from entities.preflight import quality_report, schools
from entities.preflight.checks import HEALTH
from entities.preflight.checks.query import Query, render
from entities.preflight.quality_report import NO_SCHOOL, PREFLIGHT, Line
from tracking import sentences, work
from tracking.admin.base import badge
from tracking.dashboard import system
from tracking.dashboard.links import listing
from tracking.models import PreflightReport, Wave
from tracking.words import said

PAGE = 100
WHOLE = 5_000  # keys of one statement while a sheet is written
WAVES = 50
SEVERITIES = {
    "block": (gettext_lazy("blocks"), "fail"), "acknowledge": (gettext_lazy("to be known"), "warning"),
    "info": (gettext_lazy("for information"), "info"),
}  # fmt: skip
VERDICTS = {
    "ok": "pass",
    "warning": "warning",
    "fail": "fail",
    "could not run": "fail",
    "nothing to check": "nothing",
}


@require_GET
@guard.page
def index(request: HttpRequest) -> HttpResponse:
    """Every school with what was found in it."""
    wave, waves = _chosen(request)
    report, names = quality_report.read(wave), _names()
    rows = [
        {"school": key, "name": _name(key, names), "href": _address(wave, key), "kinds": len(lines),
         "known": sum(one.severity != "info" for one in lines), "rows": sum(one.count for one in lines)}
        for key, lines in sorted(report.schools.items(), key=lambda item: (item[0] == NO_SCHOOL, item[0]))
    ]  # fmt: skip
    return guard.shown(
        request, "entities/quality/index.html", _("Data quality"), wave=wave, waves=waves, report=report, rows=rows,
        preflight=_preflight_page(report.preflight),
    )  # fmt: skip


@require_GET
@guard.page
def school_page(request: HttpRequest, wave: int, school: int) -> HttpResponse:
    """The report of one school, to be read and printed."""
    found = _wave(wave)
    report = quality_report.read(found)
    sections = [
        (
            title,
            [
                {"line": one, "severity": _severity(one), "href": _keys_address(found, school, one)}
                for one in lines
            ],
        )
        for title, lines in report.of(school)
    ]
    return guard.shown(
        request, "entities/quality/school.html", _name(school, _names()), wave=found, school=school, report=report,
        sections=sections, back=f"{reverse('engine:quality')}?wave={wave}", preflight=_preflight_page(report.preflight),
    )  # fmt: skip


@require_GET
@guard.page
def keys_page(request: HttpRequest, wave: int, school: int, check: str) -> HttpResponse:
    """The records behind one number, each with the way to its trace."""
    found, line = _wave(wave), _line(request, wave, school, check)
    after = int(request.GET["after"]) if request.GET.get("after", "").isdigit() else 0
    if line.source == PREFLIGHT:
        ids = [key for key in line.kept if key > after]
        rows = [_record(line.table, key) for key in ids[:PAGE]]
        last = ids[PAGE - 1] if len(ids) > PAGE else 0
    else:
        some = quality_report.findings(line, school, after, PAGE)
        rows = [_record(one.legacy_table, one.legacy_id or 0, one.field) for one in some]
        last = some[-1].pk if len(some) == PAGE else 0
    query = f"&table={line.table}" if line.table else ""
    return guard.shown(
        request, "entities/quality/keys.html", line.title, wave=found, line=line, rows=rows, school=_name(school, _names()),
        back=_address(found, school), next=f"?after={last}{query}" if last else "", kept=len(line.kept),
        sheet=f"{reverse('engine:quality_sheet', args=[wave, school, check])}?table={line.table}" if line.table else "",
    )  # fmt: skip


@require_GET
@guard.page
def sheet(request: HttpRequest, wave: int, school: int, check: str) -> HttpResponse:
    """All keys of one line as CSV, read from legacy page by page while they are sent."""
    line = _line(request, wave, school, check)
    asked = quality_report.BY_ID.get(check)
    if not isinstance(asked, Query):
        text = iter([f"{line.table}\r\n", *(f"{key}\r\n" for key in line.kept)])
    else:
        text = _all_keys(asked, line.table, school)
    answer = StreamingHttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{check}-{school}.csv"'
    return answer  # type: ignore[return-value]


def _all_keys(asked: Query, table: str, school: int) -> Iterator[str]:
    yield f"{table}\r\n"
    select, after = render(asked.select)[0], -(2**62)
    while found := schools.keys(table, select, school if school != NO_SCHOOL else None, after, WHOLE):
        yield "".join(f"{key}\r\n" for key in found)
        after = found[-1]


@require_GET
@guard.page
def health_page(request: HttpRequest) -> HttpResponse:
    """What the latest pre-flight said about servers, and what this machine says now."""
    wave, waves = _chosen(request)
    report = PreflightReport.objects.filter(wave=wave).order_by("-id").first()
    found = {str(one.get("id")): one for one in (report.report if report else [])}
    checks = [
        {"id": name, "title": _(str(one["title"])), "badge": _verdict(one), "message": _told(one, "message"),
         "findings": [_told(finding, "what") for finding in one.get("findings", [])], "next": _told(one, "next_step")}
        for name in HEALTH
        if (one := found.get(name))
    ]  # fmt: skip
    return guard.shown(
        request, "entities/quality/health.html", _("System health"), wave=wave, waves=waves, report=report, checks=checks,
        machine=system.machine(), servers=system.database_connections(), now=timezone.now(),
        preflight=_preflight_page(report.pk if report else None), start=_start(wave),
    )  # fmt: skip


def _chosen(request: HttpRequest) -> tuple[Wave | None, list[Wave]]:
    """The wave that was asked for, else the newest with a pre-flight, else none: then the databases as such."""
    waves, asked = list(Wave.objects.order_by("-pk")[:WAVES]), request.GET.get("wave", "")
    latest = PreflightReport.objects.order_by("-id").values_list("wave", flat=True).first()
    wanted = int(asked) if asked.isdigit() else latest
    return next((one for one in waves if one.pk == wanted), None), waves


def _wave(pk: int) -> Wave | None:
    """0 stands for no wave."""
    if pk == 0:
        return None
    found = Wave.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _line(request: HttpRequest, wave: int, school: int, check: str) -> Line:
    line = quality_report.find(_wave(wave), school, check, request.GET.get("table", ""))
    if line is None:
        raise Http404
    return line


def _names() -> dict[int, str]:
    return work.schools()


def _name(school: int, names: dict[int, str]) -> str:
    if school == NO_SCHOOL:
        return _("Rows that lead to no school")
    unknown = _("unknown school")
    return f"{school} {names.get(school, unknown)}"


def _address(wave: Wave | None, school: int) -> str:
    return reverse("engine:quality_school", args=[wave.pk if wave else 0, school])


def _keys_address(wave: Wave | None, school: int, line: Line) -> str:
    address = reverse("engine:quality_keys", args=[wave.pk if wave else 0, school, line.check])
    return f"{address}?table={line.table}" if line.table else address


def _record(table: str, key: int, name: str = "") -> dict[str, Any]:
    kinds = story.kinds_of(table)
    href = reverse("engine:trace_record", args=[kinds[0], key]) if kinds and key else ""
    return {"table": table, "key": key, "field": name, "href": href}


def _severity(line: Line) -> Any:
    words, colour = SEVERITIES.get(line.severity, SEVERITIES["info"])
    return badge(colour, words=str(words))


def _verdict(check: dict[str, Any]) -> Any:
    verdict = str(check.get("verdict"))
    return badge(VERDICTS.get(verdict, verdict), words=said(verdict))


def _told(check: dict[str, Any], name: str) -> str:
    return sentences.tell(str(check.get(name) or ""), check.get(f"{name}_facts"))


def _preflight_page(pk: int | None) -> str:
    return (
        reverse("admin:tracking_preflightreport_change", args=[pk])
        if pk
        else listing("tracking.preflightreport")
    )


def _start(wave: Wave | None) -> str:
    """Where the pre-flight is run again: the start of the wave's first phase."""
    phase = wave.phases.filter(number=1).first() if wave else None
    return reverse("admin:tracking_phase_do", args=[phase.pk, "start"]) if phase else ""

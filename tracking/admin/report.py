"""Reports of phases: stored once with a checksum, to be read, printed and verified."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from tracking import work
from tracking.actions.report import FIGURES, StoreReport, checksum
from tracking.admin import confirm
from tracking.admin.base import ReadOnlyAdmin, badge, table
from tracking.gates import canonical, find
from tracking.models import Phase, PhaseReport
from tracking.words import said

COLOURS = {"green": "completed", "red": "failed", "waived": "waived"}


@admin.register(PhaseReport)
class PhaseReportAdmin(ReadOnlyAdmin):
    list_display = ("phase", "shown_checksum", "made_by", "made_at")
    list_filter = ("phase__wave",)
    list_select_related = ("phase__wave", "made_by")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("content")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("store/<int:phase>/", view(self.store), name="tracking_report_store"),
            path("<int:pk>/json/", view(self.json), name="tracking_report_json"),
            *super().get_urls(),
        ]

    def store(self, request: HttpRequest, phase: int) -> HttpResponse:
        found = Phase.objects.select_related("wave").filter(pk=phase).first()
        if found is None:
            raise Http404
        page = confirm.Confirmation(
            _("Store the report of %(phase)s") % {"phase": found}, StoreReport,
            lambda values: StoreReport(found, actor=request.user), reverse("admin:tracking_phase_change", args=[found.pk]),
            button=_("Store it"), done=lambda action: reverse("admin:tracking_phasereport_change", args=[action.made.pk]),  # type: ignore[attr-defined]
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def json(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The canonical JSON that the checksum was taken over: anybody can take it again."""
        made = self._one(request, pk)
        answer = HttpResponse(canonical(made.content), content_type="application/json")
        answer["Content-Disposition"] = f'attachment; filename="report-{made.pk}.json"'
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        made = self._one(request, int(object_id) if object_id.isdigit() else 0)
        content = made.content
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("Report: %(phase)s") % {"phase": made.phase},
            "made": made, "content": content, "is_whole": checksum(content) == made.checksum,
            "gates": [_gate(one) for one in content.get("gates", [])], "checks": _by_check(content.get("checks", [])),
            "evidence": table({name: value for name, value in content.get("evidence", {}).items() if name != "findings"}),
        }  # fmt: skip
        return TemplateResponse(request, "tracking/check/report.html", context)

    def _one(self, request: HttpRequest, pk: int) -> PhaseReport:
        if not self.has_view_permission(request):
            raise PermissionDenied
        made = PhaseReport.objects.select_related("phase__wave", "made_by").filter(pk=pk).first()
        if made is None:
            raise Http404
        return made

    @display(description=gettext_lazy("checksum"))
    def shown_checksum(self, made: PhaseReport) -> str:
        return f"{made.checksum[:16]}…"


def _gate(kept: dict[str, Any]) -> dict[str, Any]:
    gate = find(kept["gate"])
    return {
        "title": gate.title if gate else kept["gate"], "id": kept["gate"],
        "badge": badge(COLOURS.get(kept["colour"], ""), words=said(kept["colour"])),
    }  # fmt: skip


def _by_check(kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One line per check: how many schools with which result, and the figures of all together."""
    titles = {one.id: one.title for one in work.checks()}
    found: dict[str, dict[str, Any]] = {}
    for one in kept:
        empty = {
            "id": one["check"],
            "title": titles.get(one["check"], ""),
            "results": {},
            **dict.fromkeys(FIGURES, 0),
        }
        line = found.setdefault(one["check"], empty)
        line["results"][one["result"]] = line["results"].get(one["result"], 0) + 1
        for name in FIGURES:
            line[name] += one[name] or 0
    for line in found.values():
        line["results"] = [
            (badge(result, words=said(result)), number) for result, number in line["results"].items()
        ]
    return list(found.values())

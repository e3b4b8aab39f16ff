"""How fast both databases answer: measurements, their progress, and percentiles side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
)

from tracking import performance, sweeps
from tracking.actions.base import Action
from tracking.actions.performance import EndMeasurement, MeasurePerformance
from tracking.admin import confirm
from tracking.admin.base import ReadOnlyAdmin, badge
from tracking.admin.forms import ReasonForm
from tracking.models import Measurement, ValidationResult, Wave
from tracking.words import said

STATES = {
    "pending": "warning", "running": "running", "pausing": "warning", "paused": "warning", "cancelled": "warning",
    "done": "completed", "failed": "failed",
}  # fmt: skip
SIDES = (("legacy", gettext_lazy("legacy"), "var(--color-base-400)"), ("v5", "V5", "var(--color-primary-600)"),
         ("v5_with_writing", gettext_lazy("V5 with writing"), "var(--color-primary-300)"))  # fmt: skip
PERCENTILES = ("p50", "p95", "p99")
LATEST_WAVES = 50


class MeasureForm(forms.Form):
    """What is measured; the defaults are the strategy's."""

    wave = forms.ModelChoiceField(
        label=gettext_lazy("Wave"), queryset=Wave.objects.none(), widget=UnfoldAdminSelectWidget
    )
    scenarios = forms.MultipleChoiceField(
        label=gettext_lazy("Scenarios"), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget,
        choices=[(name, one.title) for name, one in performance.SCENARIOS.items()],
        help_text=gettext_lazy("None ticked: all four."),
    )  # fmt: skip
    percent = forms.IntegerField(
        label=gettext_lazy("Share of the strategy's users, per cent"), initial=100, min_value=1, max_value=200,
        widget=UnfoldAdminIntegerFieldWidget, help_text=gettext_lazy("Less than 100 is no pass, only a first look."),
    )  # fmt: skip
    seconds = forms.IntegerField(
        label=gettext_lazy("Seconds per side and scenario"), required=False, min_value=1, max_value=3600,
        widget=UnfoldAdminIntegerFieldWidget, help_text=gettext_lazy("Empty: 3 to 15 minutes, as the strategy says."),
    )  # fmt: skip
    pause = forms.FloatField(
        label=gettext_lazy("Pause between two requests of a user, seconds"), initial=1, min_value=0, max_value=60,
        widget=UnfoldAdminDecimalFieldWidget,
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        newest = Wave.objects.order_by("-pk")
        self.fields["wave"].queryset = newest  # type: ignore[attr-defined]
        self.fields["wave"].initial = newest.first()


@admin.register(Measurement)
class MeasurementAdmin(ReadOnlyAdmin):
    list_display = (
        "shown_number",
        "shown_state",
        "wave",
        "shown_load",
        "asked_by",
        "created_at",
        "finished_at",
    )
    list_filter = ("wave", "state")
    list_select_related = ("wave", "asked_by")
    list_before_template = "tracking/golive/measurements_top.html"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("start/", view(self.start), name="tracking_measurement_start"),
            path("<int:pk>/live/", view(self.live), name="tracking_measurement_live"),
            path("<int:pk>/end/", view(self.end), name="tracking_measurement_end"),
            *super().get_urls(),
        ]

    def start(self, request: HttpRequest) -> HttpResponse:
        def make(values: Mapping[str, Any]) -> Action:
            return MeasurePerformance(
                values["wave"], scenarios=values["scenarios"], percent=values["percent"], seconds=values["seconds"],
                pause=values["pause"], actor=request.user,
            )  # fmt: skip

        page = confirm.Confirmation(
            _("Measure the performance"), MeasurePerformance, make, reverse("admin:tracking_measurement_changelist"),
            form=MeasureForm, button=_("Measure"), previews=True,
            about=_("Real statements from many users at once: choose an hour at which nobody else needs the two servers."),
            done=lambda action: reverse("admin:tracking_measurement_changelist"),
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def end(self, request: HttpRequest, pk: int) -> HttpResponse:
        made = self._one(request, pk)
        page = confirm.Confirmation(
            _("End %(measurement)s") % {"measurement": made}, EndMeasurement,
            lambda values: EndMeasurement(made, actor=request.user, reason=values.get("reason") or ""),
            reverse("admin:tracking_measurement_change", args=[pk]), form=ReasonForm, button=_("End it"), danger=True,
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def live(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The progress, renewed; a state that changed reloads the whole page."""
        made = self._one(request, pk)
        answer = TemplateResponse(request, "tracking/golive/measurement_live.html", _progress(made))
        if request.GET.get("seen", made.state) != made.state:
            answer["HX-Refresh"] = "true"
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        made = self._one(request, int(object_id) if object_id.isdigit() else 0)
        rows = ValidationResult.objects.filter(sweep=made.pk).order_by("validation_type")
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": str(made), **_progress(made),
            "scenarios": [_scenario(row) for row in rows], "limit": performance.LIMIT,
            "may_end": made.state in sweeps.UNFINISHED and request.user.has_perm("tracking.measure_performance"),
        }  # fmt: skip
        return TemplateResponse(request, "tracking/golive/measurement.html", context)

    def _one(self, request: HttpRequest, pk: int) -> Measurement:
        if not self.has_view_permission(request):
            raise PermissionDenied
        made = Measurement.objects.select_related("wave", "asked_by").filter(pk=pk).first()
        if made is None:
            raise Http404
        return made

    @display(description=gettext_lazy("measurement"))
    def shown_number(self, made: Measurement) -> str:
        return str(made)

    @display(description=gettext_lazy("state"))
    def shown_state(self, made: Measurement) -> SafeString:
        return _badge(made)

    @display(description=gettext_lazy("load"))
    def shown_load(self, made: Measurement) -> str:
        return _load(made)


def _badge(made: Measurement) -> SafeString:
    return badge(STATES[made.state], made.get_state_display(), said(made.state))


def _load(made: Measurement) -> str:
    names = [
        str(performance.SCENARIOS[name].title)
        for name in made.params.get("scenarios", [])
        if name in performance.SCENARIOS
    ]
    return _("%(percent)s %% of the users: %(names)s") % {
        "percent": made.params.get("percent", 100), "names": ", ".join(names),
    }  # fmt: skip


def _progress(made: Measurement) -> dict[str, Any]:
    found = sweeps.progress(made, timezone.now())
    return {
        "made": made, "badge": _badge(made), "load": _load(made), "percent": round(100 * (found["share"] or 0)),
        "left": found["minutes"],
        "is_open": made.state in sweeps.UNFINISHED and made.state != Measurement.State.FAILED,
    }  # fmt: skip


def _scenario(row: ValidationResult) -> dict[str, Any]:
    """One scenario's verdict, its percentiles in milliseconds, and the same as a chart."""
    details = row.details
    asked = performance.SCENARIOS.get(str(details.get("scenario")))
    sides = [
        {"name": name, "key": key, "colour": colour, **_milliseconds(details[key]), **_counts(details[key])}
        for key, name, colour in SIDES
        if details.get(key) and details[key].get("p95") is not None
    ]
    return {
        "check": row.validation_type, "title": asked.title if asked else details.get("scenario"),
        "about": asked.about if asked else "",
        "badge": badge(row.result, words=said(row.result)), "message": row.told_message, "sides": sides,
        "ratio": details.get("ratio"), "users": details.get("users"), "seconds": details.get("seconds"),
        "pause": details.get("pause"), "chart": _chart(sides) if sides else "",
        "says": ", ".join(f"{one['name']} p95 {one['p95']} ms" for one in sides),
    }  # fmt: skip


def _milliseconds(side: Mapping[str, Any]) -> dict[str, str]:
    return {name: f"{side[name] * 1000:,.1f}" for name in PERCENTILES if side.get(name) is not None}


def _counts(side: Mapping[str, Any]) -> dict[str, Any]:
    return {name: side.get(name) for name in ("requests", "errors", "per_second", "error")}


def _chart(sides: list[dict[str, Any]]) -> str:
    bars = {
        "displayYAxis": True,
        "suffixYAxis": " ms",
        "maxBarThickness": 28,
        "grouped": True,
        "borderRadius": 4,
    }
    sets = [
        {**bars, "label": str(one["name"]), "backgroundColor": one["colour"],
         "data": [float(one[name].replace(",", "")) for name in PERCENTILES]}
        for one in sides
    ]  # fmt: skip
    return json.dumps({"labels": list(PERCENTILES), "datasets": sets})

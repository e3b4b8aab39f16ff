"""The strategy's success criteria, live: criterion, target, evidence, state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from tracking import criteria
from tracking.actions.base import Action
from tracking.actions.risk import StateCriterion
from tracking.admin import confirm
from tracking.admin.base import ReadOnlyAdmin, badge
from tracking.criteria import Reading, State
from tracking.criteria.declared import SPEED
from tracking.criteria.reading import Evidence
from tracking.dashboard.links import listing
from tracking.models import CriterionStatement, Wave
from tracking.states import WaveKind

COLOURS = {State.MET: "pass", State.NOT_MET: "fail", State.NOT_MEASURED: "warning"}
WORST_FIRST = (State.NOT_MET, State.NOT_MEASURED, State.MET)
WAVES = 50
SHOWN = 4


class StatementForm(forms.Form):
    is_met = forms.TypedChoiceField(
        label=gettext_lazy("What you say"), coerce=lambda typed: typed == "yes", widget=UnfoldAdminSelectWidget,
        choices=[("yes", gettext_lazy("It is met")), ("no", gettext_lazy("It is not met"))],
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("Evidence"), max_length=1000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=gettext_lazy("What it rests on: a protocol, a test with date and people, an address. No personal data."),
    )  # fmt: skip


@admin.register(CriterionStatement)
class CriterionAdmin(ReadOnlyAdmin):
    def get_urls(self) -> list[Any]:
        state = self.admin_site.admin_view(self.state)
        return [
            path("<int:wave>/<slug:key>/say/", state, name="tracking_criterionstatement_say"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET.get("wave", "")
        waves = list(Wave.objects.order_by("-pk")[:WAVES])
        production = next((one for one in waves if one.kind == WaveKind.PRODUCTION), None)
        chosen = next((one for one in waves if str(one.pk) == asked), production or next(iter(waves), None))
        readings = criteria.read(chosen, timezone.now()) if chosen else []
        may = request.user.has_perm("tracking.state_criterion")
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("Success criteria"), "wave": chosen,
            "waves": waves, "groups": _groups(readings, chosen, may), **_sum(readings),
        }  # fmt: skip
        return TemplateResponse(request, "tracking/golive/criteria.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return self.changelist_view(request)

    def state(self, request: HttpRequest, wave: int, key: str) -> HttpResponse:
        found, criterion = Wave.objects.filter(pk=wave).first(), criteria.by_key(key)
        if found is None or criterion is None or not criterion.by_a_person:
            raise Http404

        def make(values: Mapping[str, Any]) -> Action:
            evidence = values.get("reason") or ""
            return StateCriterion(
                found,
                key,
                is_met=bool(values.get("is_met")),
                evidence=evidence,
                actor=request.user,
                reason=evidence,
            )

        page = confirm.Confirmation(
            criterion.title, StateCriterion, make, f"{reverse('admin:tracking_criterionstatement_changelist')}?wave={wave}",
            form=StatementForm, button=_("Say so"), previews=True, about=criterion.target,
        )  # fmt: skip
        return confirm.answer(self, request, page)


def _sum(readings: list[Reading]) -> dict[str, Any]:
    counts = {state: sum(one.state == state for one in readings) for state in State.SENTENCES}
    return {
        "met": counts[State.MET], "not_met": counts[State.NOT_MET], "not_measured": counts[State.NOT_MEASURED],
        "all": len(readings),
    }  # fmt: skip


def _groups(readings: list[Reading], wave: Wave | None, may: bool) -> list[tuple[Any, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in readings:
        assert wave is not None
        groups.setdefault(str(one.criterion.group), []).append(_shown(one, wave, may))
    return list(groups.items())


def _shown(one: Reading, wave: Wave, may: bool) -> dict[str, Any]:
    criterion = one.criterion
    worst = sorted(one.evidence, key=lambda found: WORST_FIRST.index(found.state))
    lines = [_line(found, wave) for found in worst]
    say = reverse("admin:tracking_criterionstatement_say", args=[wave.pk, criterion.key])
    return {
        "key": criterion.key, "title": criterion.title, "target": criterion.target,
        "state": badge(COLOURS[one.state], words=str(State.SENTENCES[one.state])), "first": lines[:SHOWN],
        "rest": lines[SHOWN:], "say": say if may and criterion.by_a_person else "",
    }  # fmt: skip


def _line(found: Evidence, wave: Wave) -> dict[str, Any]:
    words = str(State.SENTENCES[found.state])
    return {
        "text": found.text, "href": _behind(found, wave), "state": found.state, "badge": badge(COLOURS[found.state], words=words),
    }  # fmt: skip


def _behind(found: Evidence, wave: Wave) -> str:
    """The measurement or the verdicts that the evidence comes from; empty where there are none yet."""
    if not found.check or not found.result:
        return ""
    if found.check in SPEED and found.sweep is not None:
        return reverse("admin:tracking_measurement_change", args=[found.sweep])
    return listing("tracking.validationresult", q=found.check, wave__id__exact=wave.pk)

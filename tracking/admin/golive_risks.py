"""The risk register: what could go wrong, who looks after it, what the monitors saw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from tracking import alerts, sentences
from tracking.actions.base import Action
from tracking.actions.risk import AddRisk, EditRisk
from tracking.admin import confirm
from tracking.admin.base import ReadOnlyAdmin, badge
from tracking.admin.forms import NoteForm
from tracking.dashboard.links import listing
from tracking.models import Alert, Risk
from tracking.words import said

COLOURS = {"open": "", "triggered": "failed", "mitigated": "completed", "accepted": "warning"}
WEIGHT = {"low": 1, "medium": 2, "high": 3, "severe": 4}
SEVERE_FROM, NOTABLE_FROM = 6, 4  # likelihood × impact
TEXT = UnfoldAdminTextareaWidget(attrs={"rows": 3})


class RiskForm(NoteForm):
    """Texts, grades and owner of a risk; its state only where it exists already."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200, widget=UnfoldAdminTextInputWidget)
    description = forms.CharField(label=gettext_lazy("What could happen"), widget=TEXT)
    likelihood = forms.ChoiceField(
        label=gettext_lazy("Likelihood"), choices=Risk.Grade.choices, widget=UnfoldAdminSelectWidget
    )
    impact = forms.ChoiceField(
        label=gettext_lazy("Impact"), choices=Risk.Grade.choices, widget=UnfoldAdminSelectWidget
    )
    mitigation = forms.CharField(label=gettext_lazy("What is done against it"), widget=TEXT)
    owner = forms.TypedChoiceField(
        label=gettext_lazy("Owner"),
        coerce=int,
        empty_value=None,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"), choices=Risk.State.choices, widget=UnfoldAdminSelectWidget
    )
    field_order = ("title", "description", "likelihood", "impact", "mitigation", "owner", "state", "reason")

    def __init__(self, *args: Any, is_new: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        people = User.objects.filter(is_staff=True, is_active=True).order_by("username")
        self.fields["owner"].choices = [("", "–"), *((one.pk, one.get_username()) for one in people)]  # type: ignore[attr-defined]
        if is_new:
            del self.fields["state"]


@admin.register(Risk)
class RiskAdmin(ReadOnlyAdmin):
    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("new/", view(self.add), name="tracking_risk_new"),
            path("<int:pk>/edit/", view(self.edit), name="tracking_risk_edit"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The whole register: a handful of risks, the triggered ones first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        risks = sorted(Risk.objects.select_related("owner"), key=_rank)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("Risks"),
            "risks": [_shown(one) for one in risks], "may_keep": request.user.has_perm("tracking.keep_risk"),
        }  # fmt: skip
        return TemplateResponse(request, "tracking/golive/risks.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return self.changelist_view(request)

    def add(self, request: HttpRequest) -> HttpResponse:
        page = confirm.Confirmation(
            _("New risk"), AddRisk, lambda values: AddRisk(values, actor=request.user, reason=values.get("reason") or ""),
            reverse("admin:tracking_risk_changelist"), form=RiskForm, form_options={"is_new": True},
            button=_("Put it into the register"), previews=True,
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def edit(self, request: HttpRequest, pk: int) -> HttpResponse:
        risk = Risk.objects.filter(pk=pk).first()
        if risk is None:
            raise Http404

        def make(values: Mapping[str, Any]) -> Action:
            return EditRisk(risk, values, actor=request.user, reason=values.get("reason") or "")

        initial = {
            name: getattr(risk, name)
            for name in ("title", "description", "likelihood", "impact", "mitigation", "state")
        }
        page = confirm.Confirmation(
            _("Edit the risk “%(risk)s”") % {"risk": _(risk.title)}, EditRisk, make, reverse("admin:tracking_risk_changelist"),
            form=RiskForm, initial={**initial, "owner": risk.owner_id}, button=_("Keep it"), previews=True,
        )  # fmt: skip
        return confirm.answer(self, request, page)


def _rank(risk: Risk) -> tuple[int, int, int]:
    return (0 if risk.triggers else 1, -WEIGHT[risk.likelihood] * WEIGHT[risk.impact], risk.pk)


def _shown(risk: Risk) -> dict[str, Any]:
    weight = WEIGHT[risk.likelihood] * WEIGHT[risk.impact]
    grade = "failed" if weight >= SEVERE_FROM else "warning" if weight >= NOTABLE_FROM else ""
    grades = {"likelihood": risk.get_likelihood_display(), "impact": risk.get_impact_display()}
    return {
        "risk": risk, "title": _(risk.title), "description": _(risk.description), "mitigation": _(risk.mitigation),
        "state": badge(COLOURS[risk.state], risk.get_state_display(), said(risk.state)), "sentence": risk.get_state_display(),
        "grade": badge(grade, words=_("%(likelihood)s likelihood, %(impact)s impact") % grades),
        "triggers": [_trigger(one) for one in risk.triggers], "history": listing("tracking.auditevent", q=f"risk:{risk.pk}"),
    }  # fmt: skip


def _trigger(trigger: Mapping[str, Any]) -> dict[str, Any]:
    code = trigger["code"]
    checks = code.endswith("_CHECKS_FAIL") or code == "SLOW_ANSWERS"
    found = {"wave__id__exact": trigger["wave"], "result": "fail"}
    return {
        "title": alerts.CODES.get(code, code), "message": sentences.tell(trigger["message"], trigger.get("facts")),
        "since": trigger["since"][:16].replace("T", " "), "next": alerts.NEXT_STEPS.get(code, ""),
        "alert": reverse("admin:tracking_alert_change", args=[trigger["alert"]]),
        "checks": listing("tracking.validationresult", **found) if checks else "",
        "is_critical": Alert.objects.filter(pk=trigger["alert"], level=alerts.CRITICAL).exists(),
    }  # fmt: skip

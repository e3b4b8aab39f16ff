"""For everybody who signs: what the checks said, by phase and by school, and the pages that ask before they run."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from tracking import gates, manual, work
from tracking.actions.base import Action
from tracking.actions.checks import Acknowledge, RunChecks
from tracking.actions.sweep import CancelSweep, PauseSweep, ResumeSweep
from tracking.admin import check_content, confirm
from tracking.admin.base import BigTableAdmin, Choices, badge, may_see_people, table
from tracking.admin.findings import shown_finding
from tracking.admin.forms import NoteForm, StartForm
from tracking.gates import checks
from tracking.models import Phase, Sweep, ValidationResult, Wave
from tracking.words import kept, said
from tracking.work import CheckFacts

WAVES = 50
STEERING: dict[str, tuple[type[Action], Any, Any]] = {
    "pause": (PauseSweep, gettext_lazy("Pause the checks"), gettext_lazy("Pause")),
    "resume": (ResumeSweep, gettext_lazy("Resume the checks"), gettext_lazy("Resume")),
    "end": (CancelSweep, gettext_lazy("End the checks"), gettext_lazy("End them")),
}


class ResultFilter(Choices):
    title, parameter_name = gettext_lazy("result"), "result"

    def options(self) -> list[str]:
        return list(ValidationResult.Result.values)


@admin.register(ValidationResult)
class ValidationResultAdmin(BigTableAdmin):
    list_display = (
        "validation_type",
        "shown_result",
        "shown_message",
        "entity_type",
        "school_id",
        "wave",
        "created_at",
    )
    list_filter = (ResultFilter, "wave")
    list_select_related = ("wave",)
    search_fields = ("validation_type",)
    search_help_text = gettext_lazy("id of a check, for example R-08")
    fields = ("validation_type", "shown_result", "told_message", "wave", "run", "entity_type", "entity_id", "school_id",
              "shown_details", "created_at")  # fmt: skip
    readonly_fields = fields

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("checks/", view(self.newest), name="tracking_checks"),
            path("checks/<int:pk>/", view(self.phase_page), name="tracking_phase_checks"),
            path("checks/<int:pk>/live/", view(self.live), name="tracking_checks_live"),
            path("checks/<int:pk>/run/", view(self.run), name="tracking_checks_run"),
            path(
                "checks/<int:pk>/work/<int:sweep>/<slug:what>/",
                view(self.steer),
                name="tracking_checks_steer",
            ),
            path("checks/<int:pk>/of/<str:check>/", view(self.check_page), name="tracking_phase_check"),
            path("<int:pk>/acknowledge/", view(self.acknowledge), name="tracking_acknowledge"),
            *super().get_urls(),
        ]

    # Looking

    def newest(self, request: HttpRequest) -> HttpResponse:
        """The checks of the wave that was asked for (else the newest), in the furthest phase that has begun."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET.get("wave", "")
        waves = Wave.objects.filter(pk=int(asked)) if asked.isdigit() else Wave.objects.order_by("-pk")
        wave = waves.first()
        if wave is None:
            return self._page(request, "tracking/check/none.html", _("Checks"))
        phases = [one for one in wave.phases.order_by("-number") if check_content.has_checks(one)]
        chosen = next((one for one in phases if one.state != "not_started"), phases[-1])
        return redirect("admin:tracking_phase_checks", chosen.pk)

    def phase_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        phase = self._phase(request, pk)
        found = check_content.progress(phase, timezone.now())
        return self._page(
            request, "tracking/check/phase.html", _("Checks of %(phase)s") % {"phase": phase}, phase=phase,
            phases=[one for one in phase.wave.phases.order_by("number") if check_content.has_checks(one)],
            waves=list(Wave.objects.order_by("-pk")[:WAVES]), moment=check_content.MOMENTS[check_content.moment(phase)],
            may_run=request.user.has_perm(RunChecks.permission) and not found.get("is_open"),
            may_store=request.user.has_perm("tracking.store_report"),
            buttons=check_content.steering(found["sweep"], phase, request.user), **check_content.overview(phase), **found,
        )  # fmt: skip

    def live(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The progress, renewed; a state that changed reloads the whole page."""
        phase = self._phase(request, pk)
        found = check_content.progress(phase, timezone.now())
        state = found["sweep"].state if found["sweep"] else ""
        answer = TemplateResponse(request, "tracking/check/live.html", found)
        if request.GET.get("seen", state) != state:
            answer["HX-Refresh"] = "true"
        return answer

    def check_page(self, request: HttpRequest, pk: int, check: str) -> HttpResponse:
        """One check with its figures by school and the records behind them."""
        phase, facts = self._phase(request, pk), _facts(check)
        found = check_content.one_check(phase, facts, request.user, timezone.now())
        personal = may_see_people(request)
        found["findings"] = [shown_finding(one, personal=personal) for one in found["findings"]]
        gate = gates.find(check)
        is_red = any(one["result"].result == "fail" for one in found["results"]) and phase.number != 1
        return self._page(
            request, "tracking/check/check.html", f"{facts.id} {facts.title}", phase=phase, facts=facts,
            severity=check_content.severity(facts.severity), moment=check_content.MOMENTS[check_content.moment(phase)],
            waive=reverse("admin:tracking_phase_waive", args=[phase.pk, check])
            if gate and is_red and request.user.has_perm("tracking.request_waiver") else "",
            run=f"{reverse('admin:tracking_checks_run', args=[phase.pk])}?only={facts.id}"
            if request.user.has_perm(RunChecks.permission) else "", **found,
        )  # fmt: skip

    # Asking before something happens

    def run(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All checks of the phase, or the one of `only`."""
        phase = self._phase(request, pk)
        only = tuple(one.id for one in work.checks() if one.id in request.GET.getlist("only"))
        when = check_content.moment(phase)
        back = reverse("admin:tracking_phase_checks", args=[phase.pk])
        page = confirm.Confirmation(
            _("Run the check %(check)s again") % {"check": ", ".join(only)} if only
            else _("Run the checks of %(phase)s") % {"phase": phase},
            RunChecks,
            lambda values: RunChecks(
                phase.wave, when=when, phase=phase if when == "E" else None, only=only, actor=request.user,
                workers=values.get("workers") or 2, reason=values.get("reason") or "",
            ),
            reverse("admin:tracking_phase_check", args=[phase.pk, only[0]]) if only else back, form=StartForm,
            initial={"workers": 1 if only else 2}, button=_("Run the checks"), done=lambda _action: back,
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def steer(self, request: HttpRequest, pk: int, sweep: int, what: str) -> HttpResponse:
        phase = self._phase(request, pk)
        found = Sweep.objects.filter(pk=sweep, kind=checks.RECONCILE, wave=phase.wave_id).first()
        if found is None or what not in STEERING:
            raise Http404
        action, title, button = STEERING[what]
        page = confirm.Confirmation(
            title, action, lambda values: action(found, actor=request.user, reason=values.get("reason") or ""),
            reverse("admin:tracking_phase_checks", args=[phase.pk]), form=NoteForm, button=button, danger=what == "end",
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def acknowledge(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A named person has seen a group of findings that does not block."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        result = ValidationResult.objects.select_related("wave", "phase").filter(pk=pk).first()
        if result is None or result.phase is None:
            raise Http404
        page = confirm.Confirmation(
            _("Acknowledge the findings of %(check)s") % {"check": result.validation_type}, Acknowledge,
            lambda values: Acknowledge(result, actor=request.user, reason=values.get("reason") or ""),
            _page_of(result), form=NoteForm,
            button=_("I have seen them"),
            about=_("Your name stands for it. It counts for exactly these records: when others join them, it is asked again."),
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def _phase(self, request: HttpRequest, pk: int) -> Phase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        phase = Phase.objects.select_related("wave").filter(pk=pk).first()
        if phase is None or not check_content.has_checks(phase):
            raise Http404
        return phase

    def _page(self, request: HttpRequest, template: str, title: Any, **context: Any) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(request, template, {**shared, **context})

    # The list of all verdicts

    @display(description=gettext_lazy("result"))
    def shown_result(self, one: ValidationResult) -> SafeString:
        return badge(one.result, words=said(one.result))

    @display(description=gettext_lazy("message"))
    def shown_message(self, one: ValidationResult) -> str:
        told = one.told_message if one.message_facts else kept(one.message)
        return told if len(told) <= 120 else f"{told[:120]}…"

    @display(description=gettext_lazy("figures"))
    def shown_details(self, one: ValidationResult) -> SafeString:
        return table(one.details if isinstance(one.details, dict) else {"": one.details})


def _page_of(result: ValidationResult) -> str:
    if result.validation_type in manual.BY_ID:
        return reverse("admin:tracking_manual", args=[result.wave_id])
    return reverse("admin:tracking_phase_check", args=[result.phase_id, result.validation_type])


def _facts(check: str) -> CheckFacts:
    found = next((one for one in work.checks() if one.id == check), None)
    if found is None:
        raise Http404
    return found

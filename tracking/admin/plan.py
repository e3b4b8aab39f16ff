"""For the project manager: waves, their phases, and what was decided for them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from tracking import choices
from tracking.admin.base import ReadOnlyAdmin, badge, link, state
from tracking.models import ChoiceValue, Phase, Wave
from tracking.states import PhaseState, WaveKind


@admin.register(Wave)
class WaveAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "shown_kind",
        "shown_schools",
        "cutover_at",
        "shown_phases",
        "shown_runs",
        "shown_issues",
    )
    list_filter = ("kind",)
    search_fields = ("name",)
    fields = ("name", "shown_kind_sentence", "shown_schools", "cutover_at", "created_by", "created_at", "shown_phases",
              "shown_runs", "shown_issues")  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).prefetch_related("phases")

    @display(description=_("kind"))
    def shown_kind(self, wave: Wave) -> SafeString:
        return badge(wave.kind, WaveKind(wave.kind).label)

    @display(description=_("kind"))
    def shown_kind_sentence(self, wave: Wave) -> SafeString:
        return state(wave.kind, WaveKind(wave.kind).label)

    @display(description=_("schools"))
    def shown_schools(self, wave: Wave) -> str:
        return ", ".join(map(str, wave.schools)) or str(_("all"))

    @display(description=_("phases"))
    def shown_phases(self, wave: Wave) -> SafeString:
        parts = (badge(one.state, PhaseState(one.state).label, str(one.number)) for one in wave.phases.all())
        return SafeString(" ".join(parts))

    @display(description=_("runs"))
    def shown_runs(self, wave: Wave) -> SafeString:
        return link(_("open runs"), "tracking.run", phase__wave__id__exact=wave.pk)

    @display(description=_("issues"))
    def shown_issues(self, wave: Wave) -> SafeString:
        return link(_("open issues"), "tracking.issue", wave__id__exact=wave.pk, state__exact="open")


@admin.register(Phase)
class PhaseAdmin(ReadOnlyAdmin):
    list_display = ("shown_phase", "wave", "shown_state", "started_at", "finished_at", "shown_runs")
    list_filter = ("state", "number", "wave")
    list_select_related = ("wave",)
    fields = ("wave", "number", "shown_sentence", "started_at", "finished_at", "shown_runs")
    readonly_fields = fields

    @display(description=_("phase"))
    def shown_phase(self, phase: Phase) -> str:
        return f"{phase.number} {phase.get_number_display()}"

    @display(description=_("state"))
    def shown_state(self, phase: Phase) -> SafeString:
        return badge(phase.state, PhaseState(phase.state).label)

    @display(description=_("state"))
    def shown_sentence(self, phase: Phase) -> SafeString:
        return state(phase.state, PhaseState(phase.state).label)

    @display(description=_("runs"))
    def shown_runs(self, phase: Phase) -> SafeString:
        return link(_("open runs"), "tracking.run", phase__id__exact=phase.pk)


@admin.register(ChoiceValue)
class ChoiceValueAdmin(ReadOnlyAdmin):
    list_display = ("key", "shown_name", "shown_value", "shown_school", "wave", "decided_by", "decided_at")
    list_filter = ("wave", "key")
    search_fields = ("key",)
    list_select_related = ("wave", "decided_by")
    fields = ("wave", "key", "shown_name", "shown_school", "value", "reason", "decided_by", "decided_at")
    readonly_fields = fields

    @display(description=_("choice"))
    def shown_name(self, value: ChoiceValue) -> str:
        return choices.find(value.key).name if value.key in choices.ALL else str(_("unknown choice"))

    @display(description=_("answer"))
    def shown_value(self, value: ChoiceValue) -> str:
        return str(value.value)[:100]

    @display(description=_("school"))
    def shown_school(self, value: ChoiceValue) -> str:
        return str(value.school_id or _("all"))

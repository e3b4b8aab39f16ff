"""For the project manager: waves, and the page of one wave with its six phases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from tracking import choices, work
from tracking.actions.backup import RecordBackup
from tracking.actions.base import Action
from tracking.actions.wave import CreateWave
from tracking.admin import confirm
from tracking.admin.base import ReadOnlyAdmin, badge, link
from tracking.admin.forms import BackupForm, WaveForm
from tracking.models import AuditEvent, BackupRecord, ChoiceValue, Phase, Run, Wave
from tracking.phases import ABOUT
from tracking.states import PhaseState, RunStatus, WaveKind

LATEST = 10


@admin.register(Wave)
class WaveAdmin(ReadOnlyAdmin):
    list_display = ("name", "shown_kind", "shown_schools", "cutover_at", "shown_phases", "shown_issues")
    list_filter = ("kind",)
    search_fields = ("name",)
    list_before_template = "tracking/wave/list_top.html"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("create/", view(self.create), name="tracking_wave_create"),
            path("<int:pk>/backup/", view(self.backup), name="tracking_wave_backup"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("phases")

    def create(self, request: HttpRequest) -> HttpResponse:
        def make(values: Mapping[str, Any]) -> Action:
            kept = {name: values.get(name) for name in ("cutover_at", "reason")}
            return CreateWave(
                values.get("wave_name", ""), kind=values.get("kind", WaveKind.REHEARSAL), schools=values.get("schools", ()),
                actor=request.user, cutover_at=kept["cutover_at"], reason=kept["reason"] or "",
            )  # fmt: skip

        page = confirm.Confirmation(
            _("New wave"), CreateWave, make, reverse("admin:tracking_wave_changelist"), form=WaveForm,
            form_options={"names": work.schools()}, button=_("Create the wave"), previews=True,
            about=_("A wave is what is moved, approved and cut over together. Rehearse first; a production wave needs "
                    "signatures between its phases."),
            done=lambda action: reverse("admin:tracking_wave_change", args=[action.subject.pk]),
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def backup(self, request: HttpRequest, pk: int) -> HttpResponse:
        wave = self._wave(request, pk)
        page = confirm.Confirmation(
            _("Record a backup of wave %(wave)s") % {"wave": wave}, RecordBackup,
            lambda values: RecordBackup(wave, actor=request.user, **values),
            reverse("admin:tracking_wave_change", args=[wave.pk]), form=BackupForm, button=_("I vouch for it"), previews=True,
            about=_("The panel does not look at the file: your name stands for it."),
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def _wave(self, request: HttpRequest, pk: Any) -> Wave:
        wave = self.get_object(request, str(pk))
        if wave is None or not self.has_view_permission(request, wave):
            raise PermissionDenied
        return wave

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The wave's page: its phases as cards, and what belongs to it."""
        wave = self.get_object(request, object_id)
        if wave is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, wave):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": wave.name,
            "wave": wave,
            "kind": badge(wave.kind, WaveKind(wave.kind).label),
            "kind_sentence": WaveKind(wave.kind).label,
            "schools": schools_of(wave),
            "phases": [_card(phase) for phase in _phases(wave)],
            "decided": ChoiceValue.objects.filter(wave=wave).values("key").distinct().count(),
            "questions": len(choices.ALL),
            "choices_href": f"{reverse('admin:tracking_choicevalue_changelist')}?wave={wave.pk}",
            "backups": _backups(wave),
            "events": events_of("wave", wave.pk),
            "runs": link(_("all runs of this wave"), "tracking.run", phase__wave__id__exact=wave.pk),
            "issues": link(_("open issues of this wave"), "tracking.issue", wave__id__exact=wave.pk, state__exact="open"),
        }  # fmt: skip
        return TemplateResponse(request, "tracking/wave/page.html", context)

    @display(description=gettext_lazy("kind"))
    def shown_kind(self, wave: Wave) -> SafeString:
        return badge(wave.kind, WaveKind(wave.kind).label)

    @display(description=gettext_lazy("schools"))
    def shown_schools(self, wave: Wave) -> str:
        return ", ".join(map(str, wave.schools)) or str(_("all"))

    @display(description=gettext_lazy("phases"))
    def shown_phases(self, wave: Wave) -> SafeString:
        parts = (badge(one.state, PhaseState(one.state).label, str(one.number)) for one in wave.phases.all())
        return SafeString(" ".join(parts))

    @display(description=gettext_lazy("issues"))
    def shown_issues(self, wave: Wave) -> SafeString:
        return link(_("open issues"), "tracking.issue", wave__id__exact=wave.pk, state__exact="open")


def _backups(wave: Wave) -> list[BackupRecord]:
    """The latest complete backups of the wave, and those that serve every wave."""
    found = BackupRecord.objects.filter(Q(wave=wave) | Q(wave=None), state=BackupRecord.State.DONE)
    return list(found.select_related("recorded_by")[:LATEST])


def schools_of(wave: Wave) -> str:
    """The wave's schools by name with their ids."""
    if not wave.schools:
        return _("all schools")
    names = work.schools()
    return ", ".join(f"{names.get(key, _('unknown'))} ({key})" for key in wave.schools)


def events_of(subject_type: str, pk: int) -> list[AuditEvent]:
    """The latest decisions about one object."""
    events = AuditEvent.objects.filter(subject_type=subject_type, subject_id=str(pk))
    return list(events.select_related("actor")[:LATEST])


def _phases(wave: Wave) -> Any:
    real = Q(runs__dry_run=False)
    return wave.phases.annotate(
        all_runs=Count("runs", filter=real & ~Q(runs__status=RunStatus.CANCELLED)),
        complete=Count("runs", filter=real & Q(runs__status=RunStatus.COMPLETED)),
    )


def _card(phase: Phase) -> dict[str, Any]:
    runs = _("%(done)s of %(all)s runs complete") % {"done": phase.complete, "all": phase.all_runs}  # type: ignore[attr-defined]
    return {
        "phase": phase,
        "name": f"{phase.number} {phase.get_number_display()}",
        "href": reverse("admin:tracking_phase_change", args=[phase.pk]),
        "state": badge(phase.state, PhaseState(phase.state).label),
        "sentence": PhaseState(phase.state).label,
        "goal": ABOUT[phase.number].goal,
        "runs": runs if Run.objects.filter(phase=phase).exists() else "",
    }

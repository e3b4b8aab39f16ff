"""Checks by hand: the steps, what people said with their evidence, and probes of the staging application."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
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
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from tracking import manual
from tracking.actions.base import ActionRefused
from tracking.actions.manual import MOST_BYTES, SIGNATURES, TEXTS, AskProbe, RecordManual
from tracking.admin import check_content, confirm
from tracking.admin.base import ReadOnlyAdmin, badge
from tracking.models import Acknowledgement, ManualRecord, Probe, ValidationResult, Wave

WAVES, MOST_PROBES, MOST_RECORDS = 50, 5, 5
PATIENCE = timedelta(minutes=5)  # a probe that no worker took by then is asked for again
COLOURS = {"passed": "pass", "failed": "fail", "not needed": "nothing"}


class RecordForm(forms.Form):
    outcome = forms.ChoiceField(
        label=gettext_lazy("What it showed"), choices=[("", "…"), *ManualRecord.Outcome.choices],
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("What you saw"), max_length=1000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=gettext_lazy("Kept for good and shown to everybody; no personal data, please."),
    )  # fmt: skip
    file = forms.FileField(
        label=gettext_lazy("Evidence"), required=False, widget=UnfoldAdminFileFieldWidget,
        help_text=f"{', '.join((*SIGNATURES, *TEXTS))} · 5 MB",
    )  # fmt: skip


class ProbeForm(forms.Form):
    path = forms.CharField(
        label=gettext_lazy("Path"), max_length=300, initial="/", widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Begins with a slash; nothing personal in it."),
    )  # fmt: skip


@admin.register(ManualRecord)
class ManualRecordAdmin(ReadOnlyAdmin):
    list_display = ("check_id", "shown_outcome", "note", "wave", "by", "at")
    list_filter = ("wave", "outcome")
    list_select_related = ("wave", "by")
    fields = ("check_id", "shown_outcome", "note", "wave", "name", "size", "checksum", "by", "at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("content")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("of/", view(self.newest), name="tracking_manual_newest"),
            path("of/<int:wave>/", view(self.page), name="tracking_manual"),
            path("of/<int:wave>/<slug:check>/record/", view(self.record), name="tracking_manual_record"),
            path("of/<int:wave>/<slug:check>/probe/", view(self.probe), name="tracking_manual_probe"),
            path("<int:pk>/file/", view(self.file), name="tracking_manual_file"),
            *super().get_urls(),
        ]

    def newest(self, request: HttpRequest) -> HttpResponse:
        """The page of the wave that was asked for, else of the newest."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET.get("wave", "")
        waves = Wave.objects.filter(pk=int(asked)) if asked.isdigit() else Wave.objects.order_by("-pk")
        wave = waves.first()
        if wave is None:
            return self._shown(request, "tracking/check/none.html", _("Checks by hand"))
        return redirect("admin:tracking_manual", wave.pk)

    def page(self, request: HttpRequest, wave: int) -> HttpResponse:
        """Every manual check of a wave with its steps and what was said."""
        found = self._wave(request, wave)
        may = request.user.has_perm(RecordManual.permission)
        return self._shown(
            request, "tracking/check/manual.html", _("Checks by hand"), wave=found,
            waves=list(Wave.objects.order_by("-pk")[:WAVES]), checks=_checks(found, request.user), may=may,
            staging=settings.STAGING_URL,
        )  # fmt: skip

    def record(self, request: HttpRequest, wave: int, check: str) -> HttpResponse:
        """Saying what a check showed; the file is read only as far as it may be large."""
        found, declared = self._wave(request, wave), _declared(check)
        if not request.user.has_perm(RecordManual.permission):
            raise PermissionDenied
        form, refusal = RecordForm(request.POST or None, request.FILES or None), ""
        action = RecordManual(found, check, outcome="", actor=request.user)
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data["file"]
            action.outcome, action.reason = form.cleaned_data["outcome"], form.cleaned_data["reason"]
            if given is not None:
                action.file, action.content = Path(given.name).name, given.read(MOST_BYTES + 1)
            try:
                action.perform(timezone.now())
            except ActionRefused as refused:
                refusal = str(refused)
            else:
                messages.success(request, _("Done: %(effect)s") % {"effect": action.effect()})
                return redirect("admin:tracking_manual", found.pk)
        answer = self._shown(
            request, "tracking/check/record.html", f"{declared.id} {declared.title}", declared=declared, form=form,
            refusal=refusal, effect=action.effect(), back=reverse("admin:tracking_manual", args=[found.pk]),
        )  # fmt: skip
        answer.status_code = confirm.REFUSED if refusal else 200
        return answer

    def probe(self, request: HttpRequest, wave: int, check: str) -> HttpResponse:
        found, declared = self._wave(request, wave), _declared(check)
        page = confirm.Confirmation(
            _("Ask the staging application for %(check)s") % {"check": declared.id}, AskProbe,
            lambda values: AskProbe(found, check, path=values.get("path") or "/", actor=request.user),
            reverse("admin:tracking_manual", args=[found.pk]), form=ProbeForm, button=_("Ask"), previews=True,
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def file(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The evidence as it was given; refused when it is not what was kept."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = ManualRecord.objects.filter(pk=pk, content__isnull=False).first()
        if found is None or hashlib.sha256(bytes(found.content or b"")).hexdigest() != found.checksum:
            raise Http404
        answer = HttpResponse(bytes(found.content or b""), content_type="application/octet-stream")
        name = "".join(letter if letter.isalnum() or letter in "._- " else "_" for letter in found.name)
        answer["Content-Disposition"] = f'attachment; filename="{name or "evidence"}"'
        answer["X-Content-Type-Options"] = "nosniff"
        return answer

    def _wave(self, request: HttpRequest, pk: int) -> Wave:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = Wave.objects.filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def _shown(self, request: HttpRequest, template: str, title: Any, **context: Any) -> TemplateResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(request, template, {**shared, **context})

    @display(description=gettext_lazy("result"))
    def shown_outcome(self, one: ManualRecord) -> SafeString:
        return outcome(one)


def outcome(one: ManualRecord) -> SafeString:
    words = {"passed": _("passed"), "failed": _("failed"), "not needed": _("does not apply")}
    return badge(COLOURS[one.outcome], one.get_outcome_display(), words[one.outcome])


def _declared(check: str) -> manual.ManualCheck:
    if check not in manual.BY_ID:
        raise Http404
    return manual.BY_ID[check]


def _checks(wave: Wave, user: Any) -> list[dict[str, Any]]:
    records: dict[str, list[ManualRecord]] = {}
    for one in ManualRecord.objects.filter(wave=wave).defer("content").select_related("by"):
        records.setdefault(one.check_id, []).append(one)
    probes: dict[str, list[dict[str, Any]]] = {}
    for asked in Probe.objects.filter(wave=wave)[:100]:
        probes.setdefault(asked.check_id, []).append(_probe(asked))
    waits = _unacknowledged(wave) if user.has_perm("tracking.acknowledge_findings") else {}
    return [
        {
            "declared": one, "severity": check_content.severity(one.severity),
            "records": [{"record": two, "badge": outcome(two)} for two in records.get(one.id, [])[:MOST_RECORDS]],
            "probes": probes.get(one.id, [])[:MOST_PROBES],
            "acknowledge": reverse("admin:tracking_acknowledge", args=[waits[one.id]]) if one.id in waits else "",
        }
        for one in manual.CHECKS
    ]  # fmt: skip


def _unacknowledged(wave: Wave) -> dict[str, int]:
    """Failed checks that do not block and that nobody has acknowledged."""
    seen = set(Acknowledgement.objects.filter(wave=wave).values_list("check_id", "fingerprint"))
    failed = ValidationResult.objects.filter(
        wave=wave, current=True, result="warning", validation_type__in=manual.BY_ID, moment="F"
    ).values_list("validation_type", "fingerprint", "pk")
    return {check: pk for check, fingerprint, pk in failed if (check, fingerprint) not in seen}


def _probe(asked: Probe) -> dict[str, Any]:
    if asked.ended_at is None:
        late = timezone.now() - asked.asked_at > PATIENCE
        words = _("no worker took it: ask again") if late else _("waits for a worker")
        return {"probe": asked, "badge": badge("warning", words=words)}
    said = str(asked.status) if asked.status is not None else asked.error
    return {"probe": asked, "badge": badge("pass" if asked.is_well else "fail", words=said)}

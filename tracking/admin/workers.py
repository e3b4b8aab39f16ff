"""For the engineer: live workers with what they hold, and alerts. Leases and alerts are taken by POST only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from tracking import alerts
from tracking.actions import AcknowledgeAlert, ReleaseLease
from tracking.admin import confirm
from tracking.admin.base import BigTableAdmin, ReadOnlyAdmin, badge, to_record
from tracking.admin.forms import NoteForm
from tracking.dashboard import content
from tracking.models import Alert, Batch, WorkerSeen
from tracking.words import said


@admin.register(WorkerSeen)
class WorkerSeenAdmin(ReadOnlyAdmin):
    """The list is a live page: what each worker holds and how long its lease lasts."""

    fields = ("name", "started_at", "seen_at", "run_id", "batch_id", "batches", "memory", "cpu")
    readonly_fields = fields

    def get_urls(self) -> list[Any]:
        release = path(
            "release/<int:batch_id>/<int:fence>/",
            self.admin_site.admin_view(self.release),
            name="tracking_workerseen_release",
        )
        return [release, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request), "title": _("Workers"), "opts": self.model._meta,
            **content.workers_now(timezone.now()),
        }  # fmt: skip
        return TemplateResponse(request, "tracking/workers/page.html", context)

    def release(self, request: HttpRequest, batch_id: int, fence: int) -> HttpResponse:
        """Take away the very claim that was shown; a newer claim of the same batch is left alone."""
        batch = Batch.objects.select_related("run__phase__wave").filter(pk=batch_id).first()
        if batch is None:
            raise Http404(f"no batch {batch_id}")
        batch.fence = fence
        page = confirm.Confirmation(
            _("Release a lease"),
            ReleaseLease,
            lambda values: ReleaseLease(batch, actor=request.user, reason=values.get("reason", "")),
            reverse("admin:tracking_workerseen_changelist"),
            form=NoteForm,
            button=_("Release it"),
            danger=True,
        )
        return confirm.answer(self, request, page)


class OpenFilter(admin.SimpleListFilter):
    title, parameter_name = _("open"), "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("open")), ("no", _("closed"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(closed_at__isnull=self.value() == "yes") if self.value() else queryset


@admin.register(Alert)
class AlertAdmin(BigTableAdmin):
    list_display = ("shown_title", "told_message", "shown_level", "opened_at", "closed_at", "shown_taken")
    list_filter = (OpenFilter, "wave")
    list_select_related = ("taken_by",)
    fields = (
        "shown_title",
        "told_message",
        "shown_next",
        "shown_level",
        "wave",
        "shown_run",
        "opened_at",
        "closed_at",
        "taken_by",
    )
    readonly_fields = fields

    def get_urls(self) -> list[Any]:
        acknowledge = path(
            "<int:alert_id>/acknowledge/",
            self.admin_site.admin_view(self.acknowledge),
            name="tracking_alert_acknowledge",
        )
        return [acknowledge, *super().get_urls()]

    def acknowledge(self, request: HttpRequest, alert_id: int) -> HttpResponse:
        alert = Alert.objects.select_related("taken_by").filter(pk=alert_id).first()
        if alert is None:
            raise Http404(f"no alert {alert_id}")
        page = confirm.Confirmation(
            _("Look after an alert"),
            AcknowledgeAlert,
            lambda values: AcknowledgeAlert(alert, actor=request.user, reason=values.get("reason", "")),
            reverse("admin:tracking_alert_changelist"),
            form=NoteForm,
            button=_("I look after it"),
        )
        return confirm.answer(self, request, page)

    @display(description=_("alert"))
    def shown_title(self, alert: Alert) -> str:
        return str(alerts.CODES.get(alert.code, alert.code))

    @display(description=_("what to do"))
    def shown_next(self, alert: Alert) -> str:
        return str(alerts.NEXT_STEPS.get(alert.code, ""))

    @display(description=_("level"))
    def shown_level(self, alert: Alert) -> SafeString:
        return badge("fail" if alert.level == alerts.CRITICAL else "warning", words=said(alert.level))

    @display(description=_("run"))
    def shown_run(self, alert: Alert) -> SafeString:
        return to_record(alert.run) if alert.run else SafeString("")

    @display(description=_("looked after by"))
    def shown_taken(self, alert: Alert) -> str | SafeString:
        if alert.taken_by or alert.closed_at:
            return alert.taken_by.get_username() if alert.taken_by else ""
        address = reverse("admin:tracking_alert_acknowledge", args=[alert.pk])
        return format_html(
            '<a class="text-primary-600 hover:underline" href="{}">{}</a>', address, _("I look after it")
        )

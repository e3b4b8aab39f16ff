"""For the engineer: live workers with what they hold, and alerts. Leases and alerts are taken by POST only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from tracking import alerts
from tracking.actions import AcknowledgeAlert, Action, ActionRefused, ReleaseLease
from tracking.admin.base import BigTableAdmin, ReadOnlyAdmin, badge, to_record
from tracking.dashboard import content
from tracking.models import Alert, Batch, WorkerSeen


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
            **content.workers_now(timezone.now()), "may_release": request.user.has_perm(ReleaseLease.permission),
        }  # fmt: skip
        return TemplateResponse(request, "tracking/workers/page.html", context)

    def release(self, request: HttpRequest, batch_id: int, fence: int) -> HttpResponse:
        """Take away the very claim that was shown; a newer claim of the same batch is left alone."""
        batch = Batch.objects.select_related("run__phase__wave").filter(pk=batch_id).first()
        if batch is None:
            raise Http404(f"no batch {batch_id}")
        batch.fence = fence
        action = ReleaseLease(batch, actor=request.user, reason=request.POST.get("reason", ""))
        return confirm(
            self,
            request,
            action,
            _("Release a lease"),
            _("Release it"),
            "admin:tracking_workerseen_changelist",
        )


class OpenFilter(admin.SimpleListFilter):
    title, parameter_name = _("open"), "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("open")), ("no", _("closed"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(closed_at__isnull=self.value() == "yes") if self.value() else queryset


@admin.register(Alert)
class AlertAdmin(BigTableAdmin):
    list_display = ("shown_title", "message", "shown_level", "opened_at", "closed_at", "shown_taken")
    list_filter = (OpenFilter, "wave")
    list_select_related = ("taken_by",)
    fields = (
        "shown_title",
        "message",
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
        action = AcknowledgeAlert(alert, actor=request.user, reason=request.POST.get("reason", ""))
        return confirm(
            self,
            request,
            action,
            _("Look after an alert"),
            _("I look after it"),
            "admin:tracking_alert_changelist",
        )

    @display(description=_("alert"))
    def shown_title(self, alert: Alert) -> str:
        return str(alerts.CODES.get(alert.code, alert.code))

    @display(description=_("what to do"))
    def shown_next(self, alert: Alert) -> str:
        return str(alerts.NEXT_STEPS.get(alert.code, ""))

    @display(description=_("level"))
    def shown_level(self, alert: Alert) -> SafeString:
        return badge("fail" if alert.level == alerts.CRITICAL else "warning", words=alert.level)

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


def confirm(
    page: Any, request: HttpRequest, action: Action, title: Any, verb: Any, back: str
) -> HttpResponse:
    """GET shows what the action would do, POST does it. Whoever may not do it is refused either way."""
    if not action.is_permitted():
        raise PermissionDenied
    if request.method == "POST":
        try:
            action.perform(timezone.now())
        except ActionRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Done: %(effect)s") % {"effect": action.effect()})
        return HttpResponseRedirect(reverse(back))
    try:
        action.check()
        refused = ""
    except ActionRefused as refusal:
        refused = str(refusal)
    context = {
        **page.admin_site.each_context(request), "title": title, "opts": page.model._meta, "effect": action.effect(),
        "refused": refused, "verb": verb, "back": reverse(back),
    }  # fmt: skip
    return TemplateResponse(request, "tracking/workers/confirm.html", context)

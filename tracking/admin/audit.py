"""For the auditor: who did what, from what to what, and why; and the tasks that crashed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_celery_results.admin import TaskResultAdmin as PlainTaskResultAdmin
from django_celery_results.models import GroupResult, TaskResult
from import_export.admin import ExportMixin
from import_export.fields import Field
from import_export.formats.base_formats import CSV, XLSX
from import_export.resources import ModelResource
from unfold.contrib.import_export.forms import ExportForm
from unfold.decorators import display

from tracking.actions.base import registered
from tracking.admin.base import BigTableAdmin, ReadOnlyAdmin, badge, link, table
from tracking.models import AuditEvent
from tracking.words import said

BY_THE_ENGINE = (
    "export changes",
    "risk triggered",
    "risk no longer triggered",
    "void signature",
    "end waiver",
    "start refused",
)
NOBODY = "0"
DAYS = {"1": gettext_lazy("last 24 hours"), "7": gettext_lazy("last 7 days"), "30": gettext_lazy("last 30 days"),
        "365": gettext_lazy("last year")}  # fmt: skip
SUBJECTS = (
    "alert",
    "backup",
    "batch",
    "correction",
    "issue",
    "measurement",
    "phase",
    "risk",
    "run",
    "runbook",
    "step",
    "waiver",
    "wave",
)
PAGES = {name: f"tracking.{name}" for name in SUBJECTS if name != "step"} | {
    "backup": "tracking.backuprecord"
}
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class PersonFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("person"), "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        people = User.objects.filter(is_staff=True).order_by("username").values_list("pk", "username")[:200]
        return [(NOBODY, _("nobody: command line or system")), *((str(pk), name) for pk, name in people)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None or not str(self.value()).isdigit():
            return queryset
        return queryset.filter(actor=None if self.value() == NOBODY else int(str(self.value())))


class ActionFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("action"), "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = {one.name for one in registered()} | set(BY_THE_ENGINE)
        return [(name, said(name)) for name in sorted(names)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(action=self.value()) if self.value() else queryset


class SubjectFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("object"), "subject_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, said(name)) for name in SUBJECTS]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(subject_type=self.value()) if self.value() else queryset


class DateFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("date"), "days"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, Any]]:
        return iter(DAYS.items())

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() not in DAYS:
            return queryset
        return queryset.filter(at__gte=timezone.now() - timedelta(days=int(str(self.value()))))


class AuditResource(ModelResource):
    """The list of decisions as a sheet; a cell that a spreadsheet would take for a formula is quoted."""

    actor = Field(column_name="who")

    class Meta:
        model = AuditEvent
        fields = (
            "id",
            "at",
            "actor",
            "via",
            "action",
            "subject_type",
            "subject_id",
            "before",
            "after",
            "reason",
        )
        export_order = fields

    def dehydrate_actor(self, event: AuditEvent) -> str:
        return event.actor.get_username() if event.actor else event.via

    def export_field(self, field: Field, instance: AuditEvent, **options: Any) -> Any:
        value = super().export_field(field, instance, **options)
        return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


@admin.register(AuditEvent)
class AuditEventAdmin(ExportMixin, BigTableAdmin):
    resource_classes = [AuditResource]
    formats = [CSV, XLSX]
    export_form_class = ExportForm
    list_display = ("shown_at", "shown_actor", "shown_action", "shown_subject", "told_reason", "via")
    list_filter = (PersonFilter, ActionFilter, SubjectFilter, DateFilter)
    list_select_related = ("actor",)
    search_fields = ("subject_id",)
    search_help_text = gettext_lazy("object:number, for example run:12 or phase:3")
    fields = (
        "shown_at",
        "shown_actor",
        "via",
        "shown_action",
        "shown_subject",
        "told_reason",
        "shown_before",
        "shown_after",
    )
    readonly_fields = fields

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("tracking.export_audit"))

    def get_export_queryset(self, request: HttpRequest) -> Any:
        return super().get_export_queryset(request).select_related("actor")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """`object:number` is found by index; anything else finds nothing."""
        term = search_term.strip()
        if not term:
            return queryset, False
        kind, _colon, number = term.rpartition(":")
        return (queryset.filter(subject_type=kind, subject_id=number) if kind else queryset.none()), False

    @display(description=gettext_lazy("at"))
    def shown_at(self, event: AuditEvent) -> str:
        return f"{timezone.localtime(event.at):%Y-%m-%d %H:%M:%S}"

    @display(description=gettext_lazy("who"))
    def shown_actor(self, event: AuditEvent) -> str:
        return str(event.actor) if event.actor else _("command line") if event.via == "command" else event.via

    @display(description=gettext_lazy("action"))
    def shown_action(self, event: AuditEvent) -> str:
        return said(event.action)

    @display(description=gettext_lazy("on"))
    def shown_subject(self, event: AuditEvent) -> str | SafeString:
        shown = f"{said(event.subject_type)} {event.subject_id}"
        model = PAGES.get(event.subject_type)
        return (
            link(shown, model, id__exact=event.subject_id) if model and event.subject_id.isdigit() else shown
        )

    @display(description=gettext_lazy("before"))
    def shown_before(self, event: AuditEvent) -> SafeString:
        return table(event.before or {})

    @display(description=gettext_lazy("after"))
    def shown_after(self, event: AuditEvent) -> SafeString:
        return table(event.after or {})


admin.site.unregister([TaskResult, GroupResult])


@admin.register(TaskResult)
class TaskResultAdmin(ReadOnlyAdmin, PlainTaskResultAdmin):
    """Tasks that crashed: the ledger records what went well, so that only crashes leave a row."""

    list_display = ("date_done", "task_name", "shown_status", "worker")
    list_filter = ("status", "task_name")
    date_hierarchy = None
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": ("task_name", "shown_status", "worker", "task_args", "date_created", "date_started", "date_done")}),
        (gettext_lazy("What went wrong"), {"fields": ("result", "traceback")}),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for _title, options in self.fieldsets for name in options["fields"]]

    @display(description=gettext_lazy("status"))
    def shown_status(self, result: TaskResult) -> SafeString:
        word = result.status.lower()
        return badge({"failure": "failed", "success": "completed"}.get(word, word), words=said(word))

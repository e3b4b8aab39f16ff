"""For the engineer: tallies, reserved ids, log. Runs, batches and re-queues have files of their own."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from tracking.admin import batch, requeue, run
from tracking.admin.base import BigTableAdmin, ReadOnlyAdmin, badge, link, table, to_record
from tracking.models import IdReservation, LogEntry, Tally

__all__ = ["batch", "requeue", "run"]


@admin.register(Tally)
class TallyAdmin(BigTableAdmin):
    list_display = (
        "shown_run",
        "shown_batch",
        "entity_type",
        "legacy_table",
        "shown_disposition",
        "reason",
        "rows",
        "entries",
    )
    list_select_related = ("run",)
    list_display_links = None

    @display(description=_("run"))
    def shown_run(self, tally: Tally) -> SafeString:
        return to_record(tally.run)

    @display(description=_("batch"))
    def shown_batch(self, tally: Tally) -> int:
        return tally.batch_id

    @display(description=_("outcome"))
    def shown_disposition(self, tally: Tally) -> SafeString:
        return badge(tally.disposition)


@admin.register(IdReservation)
class IdReservationAdmin(ReadOnlyAdmin):
    list_display = ("table", "next_id", "region_end", "forecast")
    search_fields = ("table",)
    fields = list_display
    readonly_fields = fields


@admin.register(LogEntry)
class LogEntryAdmin(BigTableAdmin):
    list_display = ("shown_at", "shown_level", "event", "shown_run", "batch_id", "entity_type", "shown_short")
    fields = (
        "at",
        "shown_level",
        "event",
        "shown_run",
        "batch_id",
        "entity_type",
        "correlation_id",
        "shown_data",
    )
    readonly_fields = fields
    search_fields = ("run_id",)
    search_help_text = _("number of a run")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        if not search_term.strip():
            return queryset, False
        number = search_term.strip()
        return (queryset.filter(run_id=int(number)) if number.isdigit() else queryset.none()), False

    @display(description=_("at"))
    def shown_at(self, entry: LogEntry) -> str:
        return f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M:%S}"

    @display(description=_("level"))
    def shown_level(self, entry: LogEntry) -> SafeString:
        return badge(entry.level)

    @display(description=_("run"))
    def shown_run(self, entry: LogEntry) -> SafeString:
        return link(entry.run_id, "tracking.run", id__exact=entry.run_id) if entry.run_id else SafeString("")

    @display(description=_("facts"))
    def shown_short(self, entry: LogEntry) -> str:
        return ", ".join(f"{name} {value}" for name, value in list(entry.data.items())[:5])[:120]

    @display(description=_("facts"))
    def shown_data(self, entry: LogEntry) -> SafeString:
        return table(entry.data)

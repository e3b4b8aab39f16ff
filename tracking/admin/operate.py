"""For the engineer: runs, batches, tallies, reserved ids, log."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from tracking import pace
from tracking.admin.base import BigTableAdmin, ReadOnlyAdmin, badge, link, state, table, to_record
from tracking.models import Batch, IdReservation, LogEntry, Run, Tally
from tracking.states import BatchStatus, RunStatus


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ("shown_run", "shown_wave", "shown_status", "shown_progress", "shown_written", "shown_rejected",
                    "shown_warnings", "shown_batches", "started_at")  # fmt: skip
    list_filter = ("status", "dry_run", "phase__wave")
    search_fields = ("entity_type",)
    search_help_text = _("name of the migration, for example bookings")
    list_select_related = ("phase__wave",)
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": ("shown_run", "shown_wave", "shown_sentence", "status_reason", "shown_kind")}),
        (_("Progress"), {"fields": ("shown_progress", "shown_pace", "shown_written", "shown_rejected", "shown_warnings",
                                    "shown_batches", "shown_tallies", "shown_log")}),
        (_("How it works"), {"fields": ("batch_size", "size_reason", "workers", "segment", "cursor", "exhausted")}),
        (_("Times"), {"fields": ("created_at", "started_at", "completed_at", "updated_at", "shown_metadata")}),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for _title, options in self.fieldsets for name in options["fields"]]

    @display(description=_("run"), ordering="id")
    def shown_run(self, run: Run) -> str:
        return str(run)

    @display(description=_("kind"))
    def shown_kind(self, run: Run) -> str:
        return str(_("dry run: forecasts, writes nothing to V5") if run.dry_run else _("real run"))

    @display(description=_("wave and phase"))
    def shown_wave(self, run: Run) -> str:
        return f"{run.phase.wave.name} · {run.phase.number} {run.phase.get_number_display()}"

    @display(description=_("status"), ordering="status")
    def shown_status(self, run: Run) -> SafeString:
        says = str(RunStatus(run.status).label)
        return badge(run.status, f"{says}: {run.status_reason}" if run.status_reason else says)

    @display(description=_("status"))
    def shown_sentence(self, run: Run) -> SafeString:
        return state(run.status, RunStatus(run.status).label)

    @display(description=_("records"))
    def shown_progress(self, run: Run) -> SafeString:
        share = f" · {run.processed_records / run.total_records:.0%}" if run.total_records else ""
        return format_html("{} / {}{}", f"{run.processed_records:,}", f"{run.total_records:,}", share)

    @display(description=_("pace"))
    def shown_pace(self, run: Run) -> str:
        found = pace.of(run, timezone.now())
        speed = f"{found.per_second:,.0f} records a second" if found.per_second else "unknown"
        return f"{speed}, left {pace.words(found.left)}" if run.status == RunStatus.RUNNING else speed

    @display(description=_("rows written"))
    def shown_written(self, run: Run) -> str:
        return f"{run.written_rows:,}"

    @display(description=_("rejected"))
    def shown_rejected(self, run: Run) -> SafeString:
        return link(f"{run.error_count:,}", "tracking.issue", run__id__exact=run.pk, level__exact="error")

    @display(description=_("warnings"))
    def shown_warnings(self, run: Run) -> SafeString:
        return link(f"{run.warning_count:,}", "tracking.issue", run__id__exact=run.pk, level__exact="warning")

    @display(description=_("batches"))
    def shown_batches(self, run: Run) -> SafeString:
        return link(_("open"), "tracking.batch", run__id__exact=run.pk)

    @display(description=_("outcomes"))
    def shown_tallies(self, run: Run) -> SafeString:
        return link(_("counts by batch, outcome and reason"), "tracking.tally", run__id__exact=run.pk)

    @display(description=_("log"))
    def shown_log(self, run: Run) -> SafeString:
        return link(_("lines of this run"), "tracking.logentry", run_id__exact=run.pk)

    @display(description=_("facts"))
    def shown_metadata(self, run: Run) -> SafeString:
        return table(run.metadata)


@admin.register(Batch)
class BatchAdmin(BigTableAdmin):
    list_display = ("id", "shown_run", "shown_keys", "shown_status", "attempt", "rows_read", "rows_written", "unchanged",
                    "rejected", "shown_seconds")  # fmt: skip
    list_filter = ("status",)
    list_select_related = ("run",)
    fields = ("id", "shown_run", "shown_sentence", "error", "segment", "key_after", "key_to", "shown_selection", "size",
              "attempt", "fence", "worker", "leased_until", "not_before", "started_at", "finished_at", "seconds",
              "rows_read", "rows_written", "unchanged", "rejected", "shown_log")  # fmt: skip
    readonly_fields = fields

    @display(description=_("run"))
    def shown_run(self, batch: Batch) -> SafeString:
        return to_record(batch.run)

    @display(description=_("keys"))
    def shown_keys(self, batch: Batch) -> str:
        chosen = f" · {len(batch.keys)} of them" if batch.keys is not None else ""
        segment = f"{batch.segment} " if batch.segment else ""
        return f"{segment}{batch.key_after:,}–{batch.key_to:,}{chosen}"

    @display(description=_("status"))
    def shown_status(self, batch: Batch) -> SafeString:
        says = str(BatchStatus(batch.status).label)
        return badge(batch.status, f"{says}: {batch.error}" if batch.error else says)

    @display(description=_("status"))
    def shown_sentence(self, batch: Batch) -> SafeString:
        return state(batch.status, BatchStatus(batch.status).label)

    @display(description=_("seconds"))
    def shown_seconds(self, batch: Batch) -> str:
        return f"{batch.seconds:.2f}" if batch.seconds is not None else ""

    @display(description=_("only these keys"))
    def shown_selection(self, batch: Batch) -> str:
        return ", ".join(map(str, batch.keys[:50])) if batch.keys is not None else ""

    @display(description=_("log"))
    def shown_log(self, batch: Batch) -> SafeString:
        return link(_("lines of its run"), "tracking.logentry", run_id__exact=batch.run_id)


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

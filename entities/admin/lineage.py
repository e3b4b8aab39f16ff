"""The id map and the archive: read-only, found by entity and legacy id, never counted in full."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from entities.admin import guard
from entities.engine.lineage import LegacyArchive, LegacyIdMapping
from tracking import codes
from tracking.admin.base import BigTableAdmin, Choices, badge, link, may_see_people, table
from tracking.masking import masked


class EntityFilter(Choices):
    title, parameter_name = _("entity type"), "entity_type"

    def options(self) -> list[str]:
        from entities.operations.story import entity_tables

        return sorted(entity_tables())


class V5TableFilter(Choices):
    title, parameter_name = _("V5 table"), "v5_table"

    def options(self) -> list[str]:
        return sorted({table for _entity, table in _declared()})

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """A kind of record never stands in a table that nothing declares for it: millions of entries are not read
        to say so. What is archived or merged may stand in the table of another kind."""
        entity, known = request.GET.get(EntityFilter.parameter_name), _declared()
        moved = {kind for kind, _table in known}
        if self.value() and entity in moved and (entity, self.value()) not in known:
            return queryset.none()
        return super().queryset(request, queryset)


def _declared() -> set[tuple[str, str]]:
    """Kinds of record and the V5 tables in which they stand."""
    from entities import registry

    return {(one.entity, one.table) for migration in registry.everything() for one in migration.mappings}


class LegacyTableFilter(Choices):
    title, parameter_name = _("legacy table"), "legacy_table"

    def options(self) -> list[str]:
        from entities.operations.story import entity_tables

        return sorted(set(entity_tables().values()))


class LineageAdmin(BigTableAdmin):
    """Lists of tables that V5 has only once it is prepared."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return guard.reachable(super().changelist_view)(request, extra_context)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return guard.reachable(super().changeform_view)(request, *args, **kwargs)


@admin.register(LegacyIdMapping)
class LegacyIdMappingAdmin(LineageAdmin):
    list_display = (
        "shown_record",
        "shown_outcome",
        "reason",
        "shown_target",
        "school_id",
        "shown_run",
        "updated_at",
    )
    list_filter = (EntityFilter, V5TableFilter)
    search_fields = ("legacy_id",)
    search_help_text = _("entity:id, for example client:42, or v5_table/id, for example clients/42")
    fields = ("shown_trace", "part", "legacy_table", "legacy_id", "shown_sentence", "shown_target", "school_id", "shown_run",
              "batch_id", "source_hash", "target_hash", "shown_additional", "created_at", "updated_at")  # fmt: skip
    readonly_fields = fields

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Newest first, and in the order of the index that a filter goes by: the map is too large to be sorted."""
        if request.GET.get(EntityFilter.parameter_name):
            return ("legacy_id", "part")
        return ("v5_id", "id") if request.GET.get(V5TableFilter.parameter_name) else ("-id",)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Masks the additional data before anything can show it."""
        entry = super().get_object(request, object_id, from_field)
        if entry is not None:
            entry.additional_data = masked(
                entry.additional_data, entry.legacy_table, personal=may_see_people(request)
            )
        return entry

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Exact look-ups by the two indexes of the map; anything else finds nothing."""
        term = search_term.strip()
        if not term:
            return queryset, False
        for mark, kind, key in ((":", "entity_type", "legacy_id"), ("/", "v5_table", "v5_id")):
            name, _mark, number = term.rpartition(mark)
            if name and number.isdigit():
                return queryset.filter(**{kind: name, key: int(number)}), False
        return queryset.none(), False

    @display(description=_("record"))
    def shown_record(self, entry: LegacyIdMapping) -> str:
        return str(entry)

    @display(description=_("record"))
    def shown_trace(self, entry: LegacyIdMapping) -> SafeString:
        """Opens the record's whole life."""
        address = reverse("engine:trace_record", args=[entry.entity_type, entry.legacy_id])
        query = f"?{urlencode({'part': entry.part})}" if entry.legacy_id == 0 else ""
        return format_html('<a class="text-link hover:underline" href="{}{}">{}</a>', address, query, entry)

    @display(description=_("outcome"))
    def shown_outcome(self, entry: LegacyIdMapping) -> SafeString:
        return badge(entry.disposition)

    @display(description=_("outcome"))
    def shown_sentence(self, entry: LegacyIdMapping) -> SafeString:
        code = codes.ALL.get(entry.reason)
        says = f"{entry.reason}: {code.sentence} {code.next_step}" if code else entry.reason
        return format_html("{} {}", badge(entry.disposition), says)

    @display(description=_("V5 row"))
    def shown_target(self, entry: LegacyIdMapping) -> str:
        return f"{entry.v5_table} {entry.v5_id}" if entry.v5_id else ""

    @display(description=_("run"))
    def shown_run(self, entry: LegacyIdMapping) -> SafeString:
        return link(entry.run_id, "tracking.run", id__exact=entry.run_id) if entry.run_id else SafeString("")

    @display(description=_("additional data"))
    def shown_additional(self, entry: LegacyIdMapping) -> SafeString:
        return table(entry.additional_data if isinstance(entry.additional_data, dict) else {})


@admin.register(LegacyArchive)
class LegacyArchiveAdmin(LineageAdmin):
    list_display = ("shown_record", "school_id", "created_at")
    list_filter = (LegacyTableFilter,)
    search_fields = ("legacy_id",)
    search_help_text = _("table:id, for example courses:42")
    fields = ("legacy_table", "legacy_id", "school_id", "shown_payload", "created_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        resolver = request.resolver_match
        rows = super().get_queryset(request)
        on_list = resolver is not None and str(resolver.url_name).endswith("_changelist")
        return rows.defer("payload") if on_list else rows

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Masks the payload before anything can show it."""
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            row.payload = masked(row.payload, row.legacy_table, personal=may_see_people(request))
        return row

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        name, _mark, number = term.rpartition(":")
        found = name and number.isdigit()
        return (
            queryset.filter(legacy_table=name, legacy_id=int(number)) if found else queryset.none()
        ), False

    @display(description=_("legacy row"))
    def shown_record(self, row: LegacyArchive) -> str:
        return f"{row.legacy_table}:{row.legacy_id}"

    @display(description=_("payload"))
    def shown_payload(self, row: LegacyArchive) -> SafeString:
        return table(row.payload if isinstance(row.payload, dict) else {"": row.payload})

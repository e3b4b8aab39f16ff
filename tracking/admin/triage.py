"""For support: what is wrong with single records."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from tracking import codes
from tracking.admin import causes, jobs  # noqa: F401 - registers the pages of causes and of requests
from tracking.admin.base import BigTableAdmin, Choices, badge, may_see_people, state, table, to_record
from tracking.masking import masked_issue
from tracking.models import Issue
from tracking.states import IssueState
from tracking.words import said


class CodeFilter(Choices):
    title, parameter_name = _("code"), "code"

    def options(self) -> list[str]:
        return sorted(codes.ALL)


class LevelFilter(Choices):
    title, parameter_name = _("level"), "level"

    def options(self) -> list[str]:
        return [Issue.ERROR, Issue.WARNING]


@admin.register(Issue)
class IssueAdmin(BigTableAdmin):
    list_display_links = None  # the record's own column leads to its page
    list_display = (
        "shown_record",
        "shown_level",
        "shown_reason",
        "shown_message",
        "shown_money",
        "shown_state",
        "last_seen",
    )
    list_filter = ("state", LevelFilter, "wave", CodeFilter)
    search_fields = ("legacy_id",)
    search_help_text = _("entity:id, for example client:42, or a reason code")
    fieldsets = (
        (None, {"fields": ("shown_record", "shown_level", "shown_sentence", "shown_code", "field", "told_message",
                           "shown_stage")}),
        (_("The legacy row"), {"fields": ("legacy_table", "legacy_id", "part", "school_id", "shown_money", "shown_payload")}),
        (_("Where it was found"), {"fields": ("wave", "shown_run", "batch_id", "root_entity", "root_id", "occurrences",
                                              "first_seen", "last_seen", "resolved_at")}),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for _title, options in self.fieldsets for name in options["fields"]]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Masks the payload before anything can show it, unless the person may see personal data."""
        issue = super().get_object(request, object_id, from_field)
        if issue is not None:
            personal = may_see_people(request)
            issue.payload = masked_issue(issue.payload, issue.legacy_table, issue.field, personal=personal)
        return issue

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        resolver = request.resolver_match
        on_list = resolver is not None and str(resolver.url_name).endswith("_changelist")
        return rows.defer("payload") if on_list else rows

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """`entity:id` and codes are found by index; anything else finds nothing."""
        term = search_term.strip()
        if not term:
            return queryset, False
        entity, _colon, number = term.rpartition(":")
        if entity and number.isdigit():
            return queryset.filter(entity_type=entity, legacy_id=int(number)), False
        return queryset.filter(code=term.upper()), False

    @display(description=_("record"))
    def shown_record(self, issue: Issue) -> SafeString:
        """Opens the record's page, where it can be answered."""
        said = f"{issue.entity_type}:{issue.legacy_id}" + (f" ({issue.part})" if issue.part else "")
        address = reverse("admin:entities_record", args=[issue.pk])
        return format_html('<a class="text-primary-600 hover:underline" href="{}">{}</a>', address, said)

    @display(description=_("level"))
    def shown_level(self, issue: Issue) -> SafeString:
        return badge(issue.level)

    @display(description=_("stage"))
    def shown_stage(self, issue: Issue) -> str:
        return said(issue.stage)

    @display(description=_("state"))
    def shown_state(self, issue: Issue) -> SafeString:
        return badge(issue.state, IssueState(issue.state).label)

    @display(description=_("state"))
    def shown_sentence(self, issue: Issue) -> SafeString:
        return state(issue.state, IssueState(issue.state).label)

    @display(description=_("message"))
    def shown_message(self, issue: Issue) -> str:
        told = issue.told_message
        return told if len(told) <= 80 else f"{told[:80]}…"

    @display(description=_("reason"))
    def shown_reason(self, issue: Issue) -> SafeString:
        field = format_html('<br><span class="text-xs">{}</span>', issue.field) if issue.field else ""
        return format_html("{}{}", issue.code, field)

    @display(description=_("reason"))
    def shown_code(self, issue: Issue) -> SafeString:
        code = codes.ALL.get(issue.code)
        if code is None:
            return SafeString(issue.code)
        return format_html("<b>{}</b> {} {}", issue.code, code.sentence, code.next_step)

    @display(description=_("money"))
    def shown_money(self, issue: Issue) -> str:
        return f"{issue.amount:,.2f} {issue.currency}".strip() if issue.amount is not None else ""

    @display(description=_("run"))
    def shown_run(self, issue: Issue) -> SafeString:
        return to_record(issue.run) if issue.run else SafeString("")

    @display(description=_("legacy row"))
    def shown_payload(self, issue: Issue) -> SafeString:
        payload = issue.payload if isinstance(issue.payload, dict) else {}
        value = {_("offending value"): payload["value"]} if "value" in payload else {}
        return table({**value, **payload.get("row", {})})

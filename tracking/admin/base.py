"""Read-only pages that stay fast on big tables, and the small pieces they are made of.

Unfold keeps the request on the shared admin object: nothing here reads `self.request`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from unfold.admin import ModelAdmin

from tracking.admin.paging import BoundedChangeList, BoundedPaginator
from tracking.words import said

COLOURS = {
    "running": "info", "completed": "success", "done": "success", "pass": "success", "resolved": "success",
    "finished": "success", "signed": "success", "migrated": "success", "merged": "success", "split": "success",
    "pausing": "warning", "paused": "warning", "stopped": "danger", "cancelling": "warning", "unbalanced": "danger",
    "rolling_back": "warning", "rolled_back": "warning", "unproven": "danger", "asked": "warning", "approved": "info",
    "looking": "info", "looked": "info", "rolling": "info", "taken": "success", "taking": "info",
    "failed": "danger", "fail": "danger", "open": "danger", "error": "danger", "rejected": "danger",
    "warning": "warning", "waived": "warning", "accepted": "warning", "synthesised": "info", "skipped": "warning",
}  # fmt: skip


class ReadOnlyAdmin(ModelAdmin):
    """A list and a page per record, for whoever may view; nothing can be added, changed or deleted."""

    show_full_result_count = False
    list_per_page = 50
    list_fullwidth = True
    list_filter_sheet = False
    actions = None
    compressed_fields = True

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The decisions about it: nothing is edited by hand here, so that Django's own history stays empty."""
        decisions = reverse("admin:tracking_auditevent_changelist")
        return redirect(f"{decisions}?{urlencode({'q': f'{self.opts.model_name}:{object_id}'})}")


class BigTableAdmin(ReadOnlyAdmin):
    """For tables with millions of rows: newest first, bounded count, no sorting by other columns."""

    paginator = BoundedPaginator
    ordering = ("-id",)
    sortable_by = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        return BoundedChangeList


class Choices(admin.SimpleListFilter):
    """A filter whose values are known without asking the table; write `options`."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, said(value)) for value in self.options()]

    def options(self) -> list[str]:
        raise NotImplementedError(f"{type(self).__name__} has no options")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{str(self.parameter_name): self.value()}) if self.value() else queryset


def badge(value: str, says: Any = "", words: str = "") -> SafeString:
    """A coloured label; the sentence of the state is its tooltip."""
    return _label(str(words or said(value).replace("_", " ")), COLOURS.get(value, ""), str(says))


@lru_cache(maxsize=2_000, typed=True)
def _label(text: str, colour: str, title: str) -> SafeString:
    """A list shows the same few labels in hundreds of cells."""
    context = {"text": text, "type": colour, "label_title": title}
    return mark_safe(render_to_string("unfold/helpers/label.html", context))  # the template escapes


def state(value: str, says: Any) -> SafeString:
    """A badge with the sentence beside it, for a record's own page."""
    return format_html("{} {}", badge(value, says), says)


def link(text: Any, model: str, **filters: Any) -> SafeString:
    """A number that opens the list of records behind it; `model` is `app.model`."""
    address = reverse(f"admin:{model.replace('.', '_')}_changelist")
    return format_html(
        '<a class="text-primary-600 hover:underline" href="{}?{}">{}</a>', address, urlencode(filters), text
    )


def to_record(obj: Model, text: Any = "") -> SafeString:
    address = reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])
    return format_html('<a class="text-primary-600 hover:underline" href="{}">{}</a>', address, text or obj)


def table(values: Mapping[str, Any]) -> SafeString:
    """Names and values of a JSON object as a small table; nested values as indented JSON."""
    rows = format_html_join(
        "",
        '<tr><th class="pr-4 py-1 text-left align-top font-medium">{}</th>'
        '<td class="py-1 whitespace-pre-wrap break-all">{}</td></tr>',
        ((name, words(value)) for name, value in values.items()),
    )
    return format_html('<table class="text-sm"><tbody>{}</tbody></table>', rows) if rows else SafeString("–")


def words(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, dict | list):
        return json.dumps(value, indent=2, ensure_ascii=False)
    return "''" if value == "" else str(value)


def may_see_people(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("tracking.view_personal_data"))

"""Findings: every key that a check objects to, with both values masked by role, and the way to its record."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from unfold.decorators import display

from tracking import work
from tracking.admin.base import BigTableAdmin, Choices, badge, may_see_people
from tracking.gates.checks import RECONCILE
from tracking.masking import HIDDEN, SECRET, is_personal
from tracking.models import Finding, Phase, Sweep, ValidationResult

NOTHING = "–"
LATEST = 30
# Each server hops along the index in its own way: what one does in milliseconds takes the other through all rows.
DISTINCT = "SELECT DISTINCT legacy_table FROM tracking_finding"
HOPS = """
    WITH RECURSIVE known (name) AS (
        SELECT MIN(legacy_table) FROM tracking_finding
        UNION ALL
        SELECT (SELECT MIN(legacy_table) FROM tracking_finding WHERE legacy_table > known.name) FROM known
        WHERE known.name IS NOT NULL
    ) SELECT name FROM known WHERE name IS NOT NULL"""
_PARTS = re.compile(r"[^a-z0-9_]+")


class SweepFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("run of the checks"), "sweep"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        latest = Sweep.objects.filter(kind=RECONCILE).order_by("-pk")[:LATEST]
        return [(str(one.pk), f"#{one.pk} {one.created_at:%Y-%m-%d %H:%M}") for one in latest] or [
            ("0", NOTHING)
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Finding]) -> QuerySet[Finding]:
        value = self.value() or ""
        return queryset.filter(sweep=int(value)) if value.isdigit() else queryset


class CheckFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("check"), "check"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(one.id, f"{one.id} {one.title}") for one in work.checks()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Finding]) -> QuerySet[Finding]:
        return queryset.filter(check_id=self.value()) if self.value() else queryset


class SchoolFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("school"), "school"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        schools = [(str(key), f"{name} ({key})") for key, name in sorted(work.schools().items())]
        return [*schools, ("none", str(_("no school of its own")))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Finding]) -> QuerySet[Finding]:
        value = self.value() or ""
        if value == "none":
            return queryset.filter(school_id=None)
        return queryset.filter(school_id=int(value)) if value.isdigit() else queryset


class KindFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("kind"), "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, str(words)) for value, words in Finding.Kind.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Finding]) -> QuerySet[Finding]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class OriginFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("since when"), "inherited"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("0", str(_("introduced by the move"))), ("1", str(_("inherited from legacy")))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Finding]) -> QuerySet[Finding]:
        return queryset.filter(inherited=self.value() == "1") if self.value() in ("0", "1") else queryset


class TableFilter(Choices):
    title, parameter_name = gettext_lazy("legacy table"), "legacy_table"

    def options(self) -> list[str]:
        """Found by hops along the index: a table of millions of findings is not read for it."""
        with connection.cursor() as cursor:
            cursor.execute(HOPS if connection.vendor == "sqlite" else DISTINCT)
            return sorted(name for (name,) in cursor.fetchall() if name) or [NOTHING]


@admin.register(Finding)
class FindingAdmin(BigTableAdmin):
    list_display = ("shown_record", "check_id", "shown_kind", "school_id", "field", "shown_expected", "shown_found",
                    "shown_origin", "created_at")  # fmt: skip
    list_filter = (SweepFilter, CheckFilter, SchoolFilter, KindFilter, OriginFilter, TableFilter)
    search_fields = ("legacy_id",)
    search_help_text = gettext_lazy("id of a record, or table:id, for example bookings2:42")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Findings"), **(extra_context or {})})

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The values as they are only for those who may see them; the shared admin object keeps no request."""
        if not may_see_people(request):
            return list(self.list_display)
        openly = {"shown_expected": _expected_openly, "shown_found": _found_openly}
        return [openly.get(name, name) for name in self.list_display]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Exact look-ups by index; anything else finds nothing."""
        term = search_term.strip()
        if not term:
            return queryset, False
        table, _colon, number = term.replace("/", ":").rpartition(":")
        if not number.isdigit() or len(number) > 18:
            return queryset.none(), False
        key = int(number)
        if table:
            return queryset.filter(Q(legacy_table=table, legacy_id=key) | Q(v5_table=table, v5_id=key)), False
        return queryset.filter(Q(legacy_id=key) | Q(v5_id=key)), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One finding: what was expected, what was found, and what a person can do about it."""
        asked = Finding.objects.filter(pk=int(object_id) if object_id.isdigit() else 0)
        finding = asked.select_related("sweep__phase", "wave").first()
        if finding is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, finding):
            raise PermissionDenied
        facts = next((one for one in work.checks() if one.id == finding.check_id), None)
        phase = _phase_of(finding)
        may_repair = request.user.has_perm("tracking.repair_record") and is_repairable(finding)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": str(finding),
            "one": shown_finding(finding, personal=may_see_people(request)), "facts": facts, "phase": phase,
            "school": work.schools().get(finding.school_id or 0, ""), "older": _is_older(finding),
            "check_page": reverse("admin:tracking_phase_check", args=[phase.pk, finding.check_id]) if phase and facts else "",
            "repair": reverse("engine:repair", args=[finding.pk]) if may_repair else "",
            "again": f"{reverse('admin:tracking_checks_run', args=[phase.pk])}?{urlencode({'only': finding.check_id})}"
            if phase and facts and request.user.has_perm("tracking.run_checks") else "",
        }  # fmt: skip
        return TemplateResponse(request, "tracking/check/finding.html", context)

    @display(description=gettext_lazy("record"), ordering=None)
    def shown_record(self, one: Finding) -> str:
        return record_name(one)

    @display(description=gettext_lazy("expected"))
    def shown_expected(self, one: Finding) -> SafeString:
        return _short(masked_value(one, one.expected, personal=False))

    @display(description=gettext_lazy("found"))
    def shown_found(self, one: Finding) -> SafeString:
        return _short(masked_value(one, one.found, personal=False))

    @display(description=gettext_lazy("kind"))
    def shown_kind(self, one: Finding) -> str:
        return one.get_kind_display()

    @display(description=gettext_lazy("since when"))
    def shown_origin(self, one: Finding) -> SafeString:
        return origin(one)


@display(description=gettext_lazy("expected"))
def _expected_openly(one: Finding) -> SafeString:
    return _short(masked_value(one, one.expected, personal=True))


@display(description=gettext_lazy("found"))
def _found_openly(one: Finding) -> SafeString:
    return _short(masked_value(one, one.found, personal=True))


def is_repairable(one: Finding) -> bool:
    """Whether a legacy record stands behind it, from which V5 can be written again."""
    return one.legacy_id is not None and bool(one.legacy_table and one.entity_type) and not one.inherited


def masked_value(one: Finding, value: str | None, *, personal: bool) -> str | None:
    """A value as this person may see it, by the columns that the finding names; addresses are always personal."""
    if value is None or value == "":
        return value
    table = one.v5_table or one.legacy_table
    columns = [part for part in _PARTS.split(one.field.lower()) if part]
    if SECRET.intersection(columns):
        return HIDDEN
    is_hidden = "@" in value or any(is_personal(column, table) or column == "names" for column in columns)
    return HIDDEN if is_hidden and not personal else value


def record_name(one: Finding) -> str:
    if one.legacy_id is not None:
        return f"{one.legacy_table or one.entity_type}:{one.legacy_id}{f' {one.part}' if one.part else ''}"
    return f"{one.v5_table}/{one.v5_id}" if one.v5_id else one.v5_table or one.legacy_table or _("a sum")


def record_address(one: Finding) -> str:
    """The trace of the record behind a finding; empty when it is about a sum."""
    if one.legacy_id and one.entity_type:
        return reverse("engine:trace_record", args=[one.entity_type, one.legacy_id])
    named = (
        f"{one.legacy_table}:{one.legacy_id}"
        if one.legacy_id
        else f"{one.v5_table}/{one.v5_id}"
        if one.v5_id
        else ""
    )
    return f"{reverse('engine:trace')}?{urlencode({'q': named})}" if named else ""


def origin(one: Finding) -> SafeString:
    if one.repaired_at is not None:
        return badge("resolved", words=pgettext("finding", "repaired"))
    if one.inherited:
        return badge("warning", _("The legacy record has the same fault"), _("inherited"))
    return badge("fail", _("The move brought it"), _("introduced"))


def shown_finding(one: Finding, *, personal: bool) -> dict[str, Any]:
    """What a page shows of a finding."""
    return {
        "finding": one, "record": record_name(one), "href": record_address(one), "origin": origin(one),
        "page": reverse("admin:tracking_finding_change", args=[one.pk]),
        "expected": masked_value(one, one.expected, personal=personal),
        "found": masked_value(one, one.found, personal=personal),
    }  # fmt: skip


def _short(value: str | None) -> SafeString:
    if value is None:
        return format_html('<span class="text-subtle">{}</span>', NOTHING)
    return format_html("{}", value if len(value) <= 60 else f"{value[:60]}…")


def _phase_of(finding: Finding) -> Phase | None:
    """The phase whose page shows the check: that of the run of the checks, the first one for those before the load."""
    if finding.sweep.phase is not None or finding.wave is None:
        return finding.sweep.phase
    found: Phase | None = finding.wave.phases.filter(number=1).first()
    return found


def _is_older(finding: Finding) -> bool:
    """Whether the check ran again since this finding."""
    newest = ValidationResult.objects.filter(
        wave=finding.wave_id,
        validation_type=finding.check_id,
        current=True,
        moment=finding.sweep.params.get("when", "F"),
    )
    return newest.filter(sweep__gt=finding.sweep_id).exists()

"""Checkpoints and the rollback archive in the panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.decorators import display

from entities.admin import rollback_forms
from entities.admin.lineage import LineageAdmin
from entities.engine.lineage import RollbackArchive
from entities.rollback import restore
from entities.rollback.actions import RestoreRows, TakeCheckpoint
from entities.rollback.layout import cells
from tracking.actions.base import Action
from tracking.admin import confirm
from tracking.admin.base import Choices, ReadOnlyAdmin, badge, may_see_people, table
from tracking.masking import masked
from tracking.models import Checkpoint, CheckpointTable, Sweep


@admin.register(Checkpoint)
class CheckpointAdmin(ReadOnlyAdmin):
    list_display = ("shown_name", "shown_kind", "shown_state", "shown_rows", "hash", "at", "made_by")
    list_filter = ("kind", "state", "wave")
    list_select_related = ("made_by",)
    search_fields = ("name",)
    list_before_template = "entities/rollback/checkpoints_top.html"
    fields = ("name", "shown_kind", "state", "wave", "phase", "run", "at", "rows", "hash", "choices", "code", "shown_position",
              "shown_tables", "shown_way")  # fmt: skip
    readonly_fields = fields

    def get_urls(self) -> list[Any]:
        take = self.admin_site.admin_view(self.take)
        return [path("take/", take, name="tracking_checkpoint_take"), *super().get_urls()]

    def take(self, request: HttpRequest) -> HttpResponse:
        def make(values: Mapping[str, Any]) -> Action:
            return TakeCheckpoint(
                values.get("wave"), values.get("title", ""), actor=request.user, reason=values.get("reason") or ""  # type: ignore[arg-type]
            )  # fmt: skip

        page = confirm.Confirmation(
            _("Take a checkpoint"), TakeCheckpoint, make, reverse("admin:tracking_checkpoint_changelist"),
            form=rollback_forms.CheckpointForm, button=_("Take it"), previews=True,
            about=_("A checkpoint keeps how many rows every table of V5 has, and a hash over them, school by school."),
        )  # fmt: skip
        return confirm.answer(self, request, page)

    @display(description=gettext_lazy("checkpoint"))
    def shown_name(self, one: Checkpoint) -> str:
        return one.name

    @display(description=gettext_lazy("kind"))
    def shown_kind(self, one: Checkpoint) -> str:
        """Few rows before a run are no lost rows."""
        said = str(one.get_kind_display())
        if one.kind != Checkpoint.Kind.RUN:
            return said
        return _("%(kind)s, only the tables that it writes") % {"kind": said}

    @display(description=gettext_lazy("state"))
    def shown_state(self, one: Checkpoint) -> SafeString:
        return badge(one.state, one.get_state_display())

    @display(description=gettext_lazy("rows"))
    def shown_rows(self, one: Checkpoint) -> str:
        return f"{one.rows:,}"

    @display(description=gettext_lazy("how far the record had come"))
    def shown_position(self, one: Checkpoint) -> SafeString:
        return table(one.position)

    @display(description=gettext_lazy("tables"))
    def shown_tables(self, one: Checkpoint) -> SafeString:
        """Rows and schools by table; the hashes are for machines."""
        found: dict[str, list[int]] = {}
        for row in CheckpointTable.objects.filter(checkpoint=one):
            counted = found.setdefault(row.table, [0, 0])
            counted[0] += row.rows
            counted[1] += row.school_id != 0
        return table({name: _("%(rows)s rows, %(schools)s schools") % {"rows": f"{rows:,}", "schools": schools}
                      for name, (rows, schools) in found.items() if rows})  # fmt: skip

    @display(description=gettext_lazy("back to it"))
    def shown_way(self, one: Checkpoint) -> SafeString:
        from django.utils.html import format_html

        address = reverse("admin:tracking_rollback_ask")
        return format_html(
            '<a class="text-link hover:underline" href="{}?kind=checkpoint&which={}&wave={}">{}</a>',
            address, one.pk, one.wave_id or "", _("Look at what would go"),
        )  # fmt: skip


OUTCOMES = {
    restore.BACK: pgettext_lazy("restored rows", "%(n)s back"),
    restore.MERGED: pgettext_lazy("restored rows", "%(n)s had lost something and have it back"),
    restore.THERE: pgettext_lazy("restored rows", "%(n)s there already"),
    restore.AGAIN: pgettext_lazy("restored rows", "%(n)s moved again since"),
    restore.ORPHAN: pgettext_lazy("restored rows", "%(n)s without their parent"),
    restore.WRONG: pgettext_lazy("restored rows", "%(n)s refused by V5"),
}


def restored(one: Sweep) -> dict[str, Any]:
    """A restore as people tell of it: when, what was to come back, what became of it by table."""
    tables = {
        _("map entries") if name == restore.ENTRIES else name: [
            str(OUTCOMES.get(word, f"{word} %(n)s")) % {"n": f"{n:,}"} for word, n in counted.items() if n
        ]
        for name, counted in one.result.get("tables", {}).items()
    }
    return {
        "sweep": one, "what": _chosen(one.params),
        "came": "; ".join(f"{name}: {', '.join(words)}" for name, words in tables.items() if words),
    }  # fmt: skip


def _chosen(params: Mapping[str, Any]) -> str:
    """The selection in words; all of it must hold."""
    ids, legacy = params.get("ids") or [], params.get("legacy_ids") or []
    said = (
        (params.get("rollback"), _("rollback %(rollback)s")),
        (params.get("table"), "%(table)s" + (f" {_few(ids)}" if ids else "")),
        (params.get("entity"), "%(entity)s" + (f" {_few(legacy)}" if legacy else "")),
        (params.get("school"), _("legacy school %(school)s")),
        (params.get("since"), _("made since %(since)s")),
        (params.get("until"), _("made until %(until)s")),
    )
    named = [template % params for value, template in said if value not in (None, "")]
    return ", ".join(named) or _("chosen rows")


def _few(ids: list[int]) -> str:
    return ", ".join(map(str, ids[:3])) + ("…" if len(ids) > 3 else "")


OURS = (RollbackArchive.FIGURES, RollbackArchive.LAYOUT)  # what the rollback keeps for itself


class KindFilter(Choices):
    title, parameter_name = gettext_lazy("kind"), "kind"

    def options(self) -> list[str]:
        return ["deleted", "map", "updated", "entry"]


class BackFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("back in V5"), "back"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("no")), ("yes", _("yes"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset if self.value() is None else queryset.filter(restored_at__isnull=self.value() == "no")


@admin.register(RollbackArchive)
class RollbackArchiveAdmin(LineageAdmin):
    list_display = (
        "shown_row",
        "shown_kind",
        "rollback_id",
        "run_id",
        "school_id",
        "reason",
        "created_at",
        "restored_at",
    )
    list_filter = (KindFilter, BackFilter)
    search_fields = ("v5_id",)
    search_help_text = gettext_lazy("table:id of V5, for example bookings:42; or rollback:7")
    list_before_template = "entities/rollback/archive_top.html"
    fields = ("kind", "v5_table", "v5_id", "rollback_id", "run_id", "school_id", "reason", "shown_payload", "shown_written",
              "shown_entry", "created_at", "restored_at")  # fmt: skip
    readonly_fields = fields

    def get_urls(self) -> list[Any]:
        restore = self.admin_site.admin_view(self.restore)
        return [path("restore/", restore, name="entities_rollbackarchive_restore"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> Any:
        resolver = request.resolver_match
        rows = super().get_queryset(request)
        on_list = resolver is not None and str(resolver.url_name).endswith("_changelist")
        return rows.exclude(kind__in=OURS).defer("payload", "written", "entry") if on_list else rows

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Masks payload and changes before anything can show them."""
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            personal = may_see_people(request)
            row.payload = masked(cells(row.payload), row.v5_table, personal=personal)
            row.entry = cells(row.entry or "")
            row.written = masked(row.written, row.v5_table, personal=personal)
        return row

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        name, _mark, number = search_term.strip().rpartition(":")
        if not name:
            return (queryset.none() if search_term.strip() else queryset), False
        if not number.isdigit() or len(number) > 17:
            return queryset.none(), False
        if name == "rollback":
            return queryset.filter(rollback_id=int(number)), False
        return queryset.filter(v5_table=name, v5_id=int(number)), False

    def restore(self, request: HttpRequest) -> HttpResponse:
        """The confirmation of bringing rows back; a worker does it."""

        def make(values: Mapping[str, Any]) -> Action:
            chosen = rollback_forms.selected(values)
            return RestoreRows(chosen, actor=request.user, reason=values.get("reason") or "")

        names = ("rollback", "table", "ids")
        page = confirm.Confirmation(
            _("Bring rows back"), RestoreRows, make, reverse("admin:entities_rollbackarchive_changelist"),
            form=rollback_forms.RestoreForm, button=_("Bring back"), previews=True,
            initial={name: request.GET[name] for name in names if name in request.GET},
            about=_("Rows come back with their parts, their parents and their entries in the map. Nothing that stands in V5 is "
                    "overwritten: a record that exists gets back only what it lost."),
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        restores = [restored(one) for one in Sweep.objects.filter(kind=restore.KIND).order_by("-pk")[:3]]
        return super().changelist_view(request, {**(extra_context or {}), "restores": restores})

    @display(description=gettext_lazy("V5 row"))
    def shown_row(self, row: RollbackArchive) -> str:
        return f"{row.v5_table}:{row.v5_id}" if row.v5_table else "–"

    @display(description=gettext_lazy("kind"))
    def shown_kind(self, row: RollbackArchive) -> str:
        return {
            "deleted": _("taken out"), "map": _("map entry taken out"), "updated": _("before a change"),
            "entry": _("map entry before a change"), "forgotten": _("map entry removed by a change"),
        }.get(row.kind, row.kind)  # fmt: skip

    @display(description=gettext_lazy("payload"))
    def shown_payload(self, row: RollbackArchive) -> SafeString:
        return table(row.payload if isinstance(row.payload, dict) else {})

    @display(description=gettext_lazy("its map entry"))
    def shown_entry(self, row: RollbackArchive) -> SafeString:
        return table(row.entry if isinstance(row.entry, dict) else {})

    @display(description=gettext_lazy("what was written over it"))
    def shown_written(self, row: RollbackArchive) -> SafeString:
        return table(row.written if isinstance(row.written, dict) else {})

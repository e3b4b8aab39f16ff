"""For the engineer: batches, the page of one, and the pages that ask before batches are done again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display

from tracking import batches
from tracking.actions import Action, RequeueBatches, SplitBatches
from tracking.actions.effects import root_entity
from tracking.admin import confirm
from tracking.admin.base import BigTableAdmin, badge, to_record
from tracking.admin.run_forms import SeenForm, SplitForm
from tracking.dashboard import links
from tracking.models import Batch, LogEntry, Run, Tally, WorkerSeen
from tracking.states import BatchStatus

MOST_CHOSEN, MOST_KEYS, LINES = 500, 100, 20
LATEST_RUNS, LATEST_ERRORS, LATEST_WORKERS = 20, 500, 50
Pages = dict[str, tuple[Any, type[RequeueBatches], type[SeenForm], Any]]
PAGES: Pages = {
    "requeue": (_("Re-queue batches of %(run)s"), RequeueBatches, SeenForm, _("Re-queue")),
    "split": (
        _("Split batches of %(run)s and re-queue them"),
        SplitBatches,
        SplitForm,
        _("Split and re-queue"),
    ),
}
ABOUT = _(
    "Nothing is written twice: what is already moved is found unchanged. What came of it is shown on the run's page."
)


class RunFilter(admin.SimpleListFilter):
    """The latest runs, and the one that was asked for."""

    title, parameter_name = _("run"), "run__id__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        shown = list(Run.objects.order_by("-pk")[:LATEST_RUNS])
        asked = request.GET.get(self.parameter_name, "")
        if asked.isdigit() and int(asked) not in {run.pk for run in shown}:
            shown += Run.objects.filter(pk=int(asked))
        return [(str(run.pk), str(run)) for run in shown]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value() or ""
        return queryset.filter(run_id=int(value)) if value.isdigit() else queryset


class WorkerFilter(admin.SimpleListFilter):
    title, parameter_name = _("worker"), "worker"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = WorkerSeen.objects.order_by("-seen_at").values_list("name", flat=True)[:LATEST_WORKERS]
        asked = request.GET.get(self.parameter_name, "")
        return [(name, name) for name in sorted({*names, *([asked] if asked else [])})]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(worker=self.value()) if self.value() else queryset


class ErrorFilter(admin.SimpleListFilter):
    """Kinds of the errors with which batches failed as a whole."""

    title, parameter_name = _("error"), "error_kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        failed = Batch.objects.filter(status=BatchStatus.FAILED).exclude(error="").order_by("-pk")
        kinds = {kind_of(error) for error in failed.values_list("error", flat=True)[:LATEST_ERRORS]}
        asked = request.GET.get(self.parameter_name, "")
        return [(kind, kind) for kind in sorted({*kinds, *([asked] if asked else [])})]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(error__startswith=self.value()) if self.value() else queryset


def kind_of(error: str) -> str:
    """`OperationalError: disk full` is an OperationalError."""
    return error.partition(":")[0][:60]


@admin.register(Batch)
class BatchAdmin(BigTableAdmin):
    list_display = ("id", "shown_run", "shown_keys", "shown_status", "attempt", "worker", "shown_read", "shown_written",
                    "rejected", "shown_seconds")  # fmt: skip
    list_filter = ("status", RunFilter, WorkerFilter, ErrorFilter)
    list_select_related = ("run__phase",)
    list_before_template = "tracking/batch/list_top.html"
    search_fields = ("id",)
    search_help_text = _("number of a batch")
    actions = ("requeue_selected", "split_selected")  # type: ignore[assignment]

    def get_urls(self) -> list[Any]:
        act = self.admin_site.admin_view(self.act)
        return [path("do/<slug:what>/", act, name="tracking_batch_do"), *super().get_urls()]

    def has_requeue_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(RequeueBatches.permission))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        number = search_term.strip()
        if not number:
            return queryset, False
        return (queryset.filter(pk=int(number)) if number.isdigit() else queryset.none()), False

    @action(description=_("Re-queue selected …"), permissions=["requeue"])
    def requeue_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return self._ask(request, queryset, "requeue")

    @action(description=_("Split selected and re-queue …"), permissions=["requeue"])
    def split_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return self._ask(request, queryset, "split")

    def _ask(self, request: HttpRequest, queryset: Any, what: str) -> HttpResponse | None:
        """Leads to the page that names the effect; nothing is changed yet."""
        chosen = dict(queryset.values_list("pk", "run_id")[: MOST_CHOSEN + 1])
        if len(chosen) > MOST_CHOSEN:
            said = _("At most %(most)s batches can be chosen at once; for all failed ones open the run.")
            messages.warning(request, said % {"most": MOST_CHOSEN})
        elif len(runs := set(chosen.values())) > 1:
            messages.warning(
                request,
                _("The chosen batches belong to %(n)s runs: filter by one run first.") % {"n": len(runs)},
            )
        else:
            return redirect(address(what, sorted(chosen)))
        return None

    def act(self, request: HttpRequest, what: str) -> HttpResponse:
        """The confirmation of an action on batches of one run, given as `ids`."""
        ids = [int(one) for one in request.GET.get("ids", "").split(",") if one.isdigit()][:MOST_CHOSEN]
        chosen = list(Batch.objects.filter(pk__in=ids).select_related("run__phase__wave").order_by("pk"))
        if what not in PAGES or not chosen or len({one.run_id for one in chosen}) > 1:
            raise Http404
        run, one = chosen[0].run, chosen[0]
        title, kind, form, button = PAGES[what]
        back = reverse("admin:tracking_run_change", args=[run.pk])
        page = confirm.Confirmation(
            title % {"run": run}, kind, _maker(request, run, kind), links.page(one) if len(chosen) == 1 else back, form=form,
            initial={"seen": batches.marks(chosen)}, button=button, previews=what == "split", about=ABOUT,
            done=lambda _done: back,
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        asked = request.GET.get(RunFilter.parameter_name, "")
        run = Run.objects.filter(pk=int(asked)).first() if asked.isdigit() else None
        failed = Batch.objects.filter(run=run, status=BatchStatus.FAILED).count() if run else 0
        may = self.has_requeue_permission(request) and bool(failed) and run is not None and not run.dry_run
        href = reverse("admin:tracking_run_do", args=[run.pk, "requeue-failed"]) if run and may else ""
        said = ngettext("%(n)s failed batch", "%(n)s failed batches", failed) % {"n": f"{failed:,}"}
        return super().changelist_view(
            request,
            {**(extra_context or {}), "of_run": run, "failed": said if failed else "", "requeue_href": href},
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The batch's page: its keys, its attempts, what became of its rows."""
        batch = self.get_object(request, object_id)
        if batch is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, batch) or request.method == "POST":
            raise PermissionDenied
        log = LogEntry.objects.filter(run_id=batch.run_id, batch_id=batch.pk).order_by("-pk")
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("Batch %(n)s") % {"n": batch.pk},
            "original": batch, "batch": batch, "run": batch.run, "run_href": links.page(batch.run),
            "sentence": BatchStatus(batch.status).label,
            "keys": self.shown_keys(batch), "listed": (batch.keys or [])[:MOST_KEYS], "buttons": _buttons(batch, request.user),
            "tallies": Tally.objects.filter(batch=batch).order_by("entity_type", "disposition", "reason"),
            "issues": issues_of(batch), "lines": log[:LINES],
            "log_href": links.listing("tracking.logentry", run_id__exact=batch.run_id, batch_id__exact=batch.pk),
        }  # fmt: skip
        return TemplateResponse(request, "tracking/batch/page.html", context)

    @display(description=_("run"))
    def shown_run(self, batch: Batch) -> SafeString:
        return to_record(batch.run)

    @display(description=_("keys"))
    def shown_keys(self, batch: Batch) -> str:
        chosen = _(" · %(n)s of them") % {"n": len(batch.keys)} if batch.keys is not None else ""
        segment = f"{batch.segment} " if batch.segment else ""
        return f"{segment}{batch.key_after + 1:,}–{batch.key_to:,}{chosen}"

    @display(description=_("status"))
    def shown_status(self, batch: Batch) -> SafeString:
        shown = badge(batch.status, BatchStatus(batch.status).label)
        if not batch.error:
            return shown
        return format_html(
            '{} <span class="text-xs" title="{}">{}</span>', shown, batch.error, kind_of(batch.error)
        )

    @display(description=_("read"))
    def shown_read(self, batch: Batch) -> str:
        return f"{batch.rows_read:,}"

    @display(description=_("written"))
    def shown_written(self, batch: Batch) -> str:
        return f"{batch.rows_written:,}"

    @display(description=_("seconds"))
    def shown_seconds(self, batch: Batch) -> str:
        return f"{batch.seconds:.2f}" if batch.seconds is not None else ""


def address(what: str, ids: list[int]) -> str:
    """The page that asks before these batches are re-queued or split."""
    return f"{reverse('admin:tracking_batch_do', args=[what])}?ids={','.join(map(str, ids))}"


def issues_of(batch: Batch) -> str:
    """The open issues of what the batch covers, found by index."""
    wanted: dict[str, Any] = {
        "wave__id__exact": batch.run.phase.wave_id, "state__exact": "open",
        "root_entity__exact": root_entity(batch.run.entity_type, batch.segment),
    }  # fmt: skip
    if batch.keys is not None and len(batch.keys) <= MOST_KEYS:
        wanted["root_id__in"] = ",".join(map(str, batch.keys))
    else:
        wanted |= {"root_id__gt": batch.key_after, "root_id__lte": batch.key_to}
    return links.listing("tracking.issue", **wanted)


def _buttons(batch: Batch, user: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    ended = batch.status in (BatchStatus.FAILED, BatchStatus.DONE) and not batch.run.dry_run
    if ended and user.has_perm(RequeueBatches.permission):
        found.append(
            {"text": _("Re-queue"), "icon": "replay", "variant": "", "href": address("requeue", [batch.pk])}
        )
        if batch.status == BatchStatus.FAILED:
            split = address("split", [batch.pk])
            found.append(
                {"text": _("Split and re-queue"), "icon": "splitscreen", "variant": "default", "href": split}
            )
    if batch.status == BatchStatus.RUNNING and user.has_perm("tracking.release_lease"):
        href = reverse("admin:tracking_workerseen_release", args=[batch.pk, batch.fence])
        found.append(
            {"text": _("Release its lease"), "icon": "lock_open", "variant": "default", "href": href}
        )
    return found


def _maker(
    request: HttpRequest, run: Run, kind: type[RequeueBatches]
) -> Callable[[Mapping[str, Any]], Action]:
    """Builds the action from what the form holds: the batches as the person saw them."""

    def make(values: Mapping[str, Any]) -> Action:
        given: dict[str, Any] = {"actor": request.user, "reason": values.get("reason") or ""}
        if kind is SplitBatches:
            given["parts"] = values.get("parts") or 0
        return kind(run, batches.from_marks(values.get("seen") or ""), **given)

    return make

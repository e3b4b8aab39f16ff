"""For the engineer: runs, the live page of one, and the pages that ask before a run is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from tracking.actions import Action, CancelRun, ChangeRun, PauseRun, RequeueFailed, ResumeRun
from tracking.actions.run import mark
from tracking.admin import confirm, live, run_content
from tracking.admin.base import ReadOnlyAdmin, badge, link, table
from tracking.admin.run_forms import ChangeForm, SeenForm
from tracking.models import Run
from tracking.states import RunStatus

# title, action, button, is it dangerous, what it is about
Pages = dict[str, tuple[Any, type[Action], Any, bool, Any]]
PAGES: Pages = {
    "pause": (_("Pause %(run)s"), PauseRun, _("Pause"), False,
              _("Batches in work are finished first; what was moved stays moved. It can be resumed at any time.")),
    "resume": (_("Resume %(run)s"), ResumeRun, _("Resume"), False,
               _("It goes on where it stopped. Failed batches stay failed until they are re-queued.")),
    "change": (_("Change %(run)s"), ChangeRun, _("Change"), False,
               _("It holds from the next batch on. A size goes on adapting from there, so that a batch takes 2 to 5 seconds.")),
    "cancel": (_("Cancel %(run)s"), CancelRun, _("End it for good"), True,
               _("This cannot be taken back: to go on, the phase is started again, and it takes only what is missing.")),
    "requeue-failed": (_("Re-queue the failed batches of %(run)s"), RequeueFailed, _("Re-queue"), False,
                       _("Nothing is written twice: what is already moved is found unchanged.")),
}  # fmt: skip
FRAGMENTS = ("progress", "details", "causes")


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ("shown_run", "shown_wave", "shown_status", "shown_progress", "shown_written", "shown_rejected",
                    "shown_warnings", "shown_batches", "started_at")  # fmt: skip
    list_filter = ("status", "dry_run", "phase__wave")
    search_fields = ("entity_type",)
    search_help_text = _("name of the migration, for example bookings")
    list_select_related = ("phase__wave",)
    ordering = ("-id",)

    def get_urls(self) -> list[Any]:
        act = self.admin_site.admin_view(self.act)
        fragment = live.guarded("tracking.view_run")(self.live)
        return [
            path("<int:pk>/do/<slug:what>/", act, name="tracking_run_do"),
            path("<int:pk>/live/<slug:part>/", fragment, name="tracking_run_live"),
            *super().get_urls(),
        ]

    def act(self, request: HttpRequest, pk: int, what: str) -> HttpResponse:
        """The confirmation of one action on a run."""
        if what not in PAGES:
            raise Http404
        run = found(pk)
        title, action, button, danger, about = PAGES[what]
        changes = what == "change"
        page = confirm.Confirmation(
            title % {"run": run}, action, _maker(request, run, action), reverse("admin:tracking_run_change", args=[pk]),
            form=ChangeForm if changes else SeenForm, initial={"seen": mark(run)}, button=button, danger=danger, about=about,
            form_options={"now": {"batch_size": run.batch_size, "workers": run.workers}} if changes else {}, previews=changes,
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def live(self, request: HttpRequest, pk: int, part: str) -> HttpResponse:
        """One of the parts that are renewed by themselves."""
        if part not in FRAGMENTS:
            raise Http404
        run = found(pk)
        answer = live.answer(request, self._fragment(request, run, part))
        if part == "progress" and request.GET.get("drawn") == "no" and run.started_at:
            answer["HX-Refresh"] = "true"  # it has started: now there are charts to draw
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The run's page: it lives while somebody looks at it."""
        run = self.get_object(request, object_id)
        if run is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        if request.method == "POST":
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": str(run), "run": run,
            "original": run,
            "charts": run_content.throughput(run, timezone.now()), "facts": table(run.metadata),
            "progress": self._fragment(request, run, "progress"), "details": self._fragment(request, run, "details"),
            "live": {part: reverse("admin:tracking_run_live", args=[run.pk, part]) for part in FRAGMENTS},
        }  # fmt: skip
        return TemplateResponse(request, "tracking/run/page.html", context)

    def _fragment(self, request: HttpRequest, run: Run, part: str) -> SafeString:
        now = timezone.now()
        made: dict[str, Callable[[], dict[str, Any]]] = {
            "progress": lambda: run_content.progress(run, request.user, now),
            "details": lambda: run_content.details(run, now),
            "causes": lambda: run_content.causes(run),
        }
        return live.fragment(request, f"tracking/run/{part}.html", made[part]())

    @display(description=_("run"), ordering="id")
    def shown_run(self, run: Run) -> str:
        return str(run)

    @display(description=_("wave and phase"))
    def shown_wave(self, run: Run) -> str:
        return f"{run.phase.wave.name} · {run.phase.number} {run.phase.get_number_display()}"

    @display(description=_("status"), ordering="status")
    def shown_status(self, run: Run) -> SafeString:
        says, why = str(RunStatus(run.status).label), run.told_status_reason
        shown = badge(run.status, f"{says}: {why}" if why else says)
        if run.status != RunStatus.PENDING or not why:
            return shown
        return format_html('{} <span class="text-subtle">{}</span>', shown, Truncator(why).chars(80))

    @display(description=_("records"))
    def shown_progress(self, run: Run) -> SafeString:
        left = run.processed_records < run.total_records
        share = f" · {run.processed_records / run.total_records:.0%}" if left else ""
        return format_html("{} / {}{}", f"{run.processed_records:,}", f"{run.total_records:,}", share)

    @display(description=_("written"))
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


def found(pk: int) -> Run:
    run = Run.objects.select_related("phase__wave").filter(pk=pk).first()
    if run is None:
        raise Http404
    return run


def _maker(request: HttpRequest, run: Run, action: type[Action]) -> Callable[[Mapping[str, Any]], Action]:
    """Builds the action from what the form holds."""

    def make(values: Mapping[str, Any]) -> Action:
        given: dict[str, Any] = {
            "actor": request.user, "reason": values.get("reason") or "", "seen": values.get("seen") or "",
        }  # fmt: skip
        if action is ChangeRun:
            given |= {name: values.get(name) for name in ("batch_size", "workers")}
        return action(run, **given)

    return make

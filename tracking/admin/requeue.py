"""For the engineer and support: what was put back into the queue, and what exactly came of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from tracking.admin import run_content
from tracking.admin.base import BigTableAdmin, to_record
from tracking.dashboard import links
from tracking.models import Batch, Requeue
from tracking.requeues import NAMED

MOST_BATCHES = 100


@admin.register(Requeue)
class RequeueAdmin(BigTableAdmin):
    list_display = (
        "id",
        "shown_run",
        "shown_action",
        "shown_who",
        "asked_at",
        "shown_batches",
        "records",
        "shown_outcome",
    )
    list_select_related = ("run", "asked_by")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("faults")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One request: its batches, and the records that are fixed, the same or new."""
        requeue = self.get_object(request, object_id)
        if requeue is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, requeue) or request.method == "POST":
            raise PermissionDenied
        ids = [pk for pk, _error in requeue.batches][:MOST_BATCHES]
        told = run_content.retold(requeue)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": str(requeue), **told, "run": requeue.run,
            "original": requeue,
            "run_href": links.page(requeue.run), "shown_batches": Batch.objects.filter(pk__in=ids).order_by("pk"),
            "more_batches": max(0, len(requeue.batches) - len(ids)), "named": NAMED, "errors": dict(map(tuple, requeue.batches)),
            "same": [(name, _issues(name)) for name in told["outcome"].named_same],
            "new": [(name, reasons, _issues(name)) for name, reasons in told["outcome"].named_new],
        }  # fmt: skip
        return TemplateResponse(request, "tracking/batch/requeue.html", context)

    @display(description=_("run"))
    def shown_run(self, requeue: Requeue) -> SafeString:
        return to_record(requeue.run)

    @display(description=_("what"))
    def shown_action(self, requeue: Requeue) -> str:
        return str(run_content.NAMES.get(requeue.action, requeue.action))

    @display(description=_("who"))
    def shown_who(self, requeue: Requeue) -> str:
        return str(requeue.asked_by or _("the command line"))

    @display(description=_("batches"))
    def shown_batches(self, requeue: Requeue) -> int:
        return len(requeue.batches)

    @display(description=_("outcome"))
    def shown_outcome(self, requeue: Requeue) -> str:
        if requeue.outcome is None:
            return str(_("under way"))
        facts = {name: f"{requeue.outcome[name]:,}" for name in ("fixed", "same", "new")}
        return str(_("%(fixed)s fixed, %(same)s the same, %(new)s new") % facts)


def _issues(name: str) -> str:
    """The issues of one record, as the search of the list takes it."""
    return links.listing("tracking.issue", q=name)

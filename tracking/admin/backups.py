"""For the engineer and whoever signs: backups, what proves them, and the pages that ask before one is taken or tried."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from tracking.actions.backup import TAKEN_BY_US, TakeBackup, TestRestore
from tracking.admin import confirm
from tracking.admin.base import ReadOnlyAdmin, badge
from tracking.admin.forms import NoteForm
from tracking.models import BackupRecord, RestoreTest
from tracking.undertakings import State
from tracking.words import said

AT_WORK = (State.WAITING, State.RUNNING)
COLOURS = {"waiting": "paused", "running": "running", "done": "done", "failed": "failed"}
MOST_TESTS, MOST_TABLES = 20, 50


@admin.register(BackupRecord)
class BackupRecordAdmin(ReadOnlyAdmin):
    list_display = ("shown_database", "shown_state", "taken_at", "shown_age", "shown_proof", "shown_size", "shown_seconds",
                    "wave", "location", "recorded_by")  # fmt: skip
    list_filter = ("database", "state", "wave")
    list_select_related = ("wave", "recorded_by")
    list_before_template = "tracking/backup/list_top.html"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("take/<slug:database>/", view(self.take), name="tracking_backuprecord_take"),
            path("<int:pk>/test/", view(self.test), name="tracking_backuprecord_test"),
            path("<int:pk>/live/", view(self.live), name="tracking_backuprecord_live"),
            *super().get_urls(),
        ]

    def get_list_display(self, request: HttpRequest) -> Any:
        """With the way to the test for those who may ask for one."""
        shown = super().get_list_display(request)
        return [*shown, "shown_test"] if request.user.has_perm(TestRestore.permission) else shown

    def get_queryset(self, request: HttpRequest) -> Any:
        latest = RestoreTest.objects.filter(backup=OuterRef("pk")).order_by("-pk")
        rows = super().get_queryset(request).defer("figures", "server")
        return rows.annotate(
            test_state=Subquery(latest.values("state")[:1]), test_passed=Subquery(latest.values("passed")[:1])
        )

    def take(self, request: HttpRequest, database: str) -> HttpResponse:
        if database not in TAKEN_BY_US:
            raise Http404
        page = confirm.Confirmation(
            _("Take a backup"), TakeBackup,
            lambda values: TakeBackup(database, actor=request.user, reason=values.get("reason") or ""),
            reverse("admin:tracking_backuprecord_changelist"), form=NoteForm, button=_("Take it"),
            done=lambda action: reverse("admin:tracking_backuprecord_change", args=[action.subject.pk]),
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def test(self, request: HttpRequest, pk: int) -> HttpResponse:
        backup = self._backup(request, pk)
        address = reverse("admin:tracking_backuprecord_change", args=[pk])
        page = confirm.Confirmation(
            _("Restore test of backup %(backup)s") % {"backup": backup}, TestRestore,
            lambda values: TestRestore(backup, actor=request.user, reason=values.get("reason") or ""),
            address, form=NoteForm, button=_("Restore and compare"),
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def live(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Progress, renewed; what ended reloads the whole page."""
        backup = self._backup(request, pk)
        content = _live(backup)
        answer = TemplateResponse(request, "tracking/backup/live.html", content)
        if request.GET.get("seen", content["mark"]) != content["mark"]:
            answer["HX-Refresh"] = "true"
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        backup = self._backup(request, int(object_id) if object_id.isdigit() else 0)
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": str(backup), **_content(backup),
                   "may_test": request.user.has_perm(TestRestore.permission)}  # fmt: skip
        return TemplateResponse(request, "tracking/backup/page.html", context)

    def _backup(self, request: HttpRequest, pk: int) -> BackupRecord:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = BackupRecord.objects.select_related("wave", "recorded_by").filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    @display(description=gettext_lazy("database"))
    def shown_database(self, one: BackupRecord) -> str:
        return f"{one.pk} {one.get_database_display()}"

    @display(description=gettext_lazy("state"))
    def shown_state(self, one: BackupRecord) -> SafeString:
        if not one.method and one.state == State.DONE:
            return badge(
                "accepted", _("A person vouches for it; the panel never looked at it"), _("vouched for")
            )
        return badge(COLOURS[one.state], one.told_error or one.get_state_display(), said(one.state))

    @display(description=gettext_lazy("age"))
    def shown_age(self, one: BackupRecord) -> str:
        return timesince(one.taken_at) if one.state == State.DONE else ""

    @display(description=gettext_lazy("restored"))
    def shown_proof(self, one: Any) -> SafeString:
        return proof(one.method, one.test_state, one.test_passed)

    @display(description=gettext_lazy("Restore test"))
    def shown_test(self, one: BackupRecord) -> SafeString:
        """The page that asks first, for a backup that can be restored."""
        if not one.method or one.state != State.DONE:
            return SafeString("")
        address = reverse("admin:tracking_backuprecord_test", args=[one.pk])
        return format_html(
            '<a class="text-link hover:underline" href="{}">{}</a>', address, _("Restore test")
        )

    @display(description=gettext_lazy("size"))
    def shown_size(self, one: BackupRecord) -> str:
        return filesizeformat(one.size) if one.size else ""

    @display(description=gettext_lazy("seconds"))
    def shown_seconds(self, one: BackupRecord) -> str:
        return seconds(one)


def proof(method: str, state: str | None, passed: bool | None) -> SafeString:
    """What the latest restore test of a backup says."""
    if state is None:
        return (
            badge("warning", _("Nobody has tried whether it can be restored"), _("never tried"))
            if method
            else SafeString("")
        )
    if passed:
        return badge("pass", _("Every table came back as it was noted"), _("equal"))
    if passed is False:
        return badge("fail", _("What came back is not what was noted"), _("not equal"))
    if state == State.FAILED:
        return badge("fail", _("It could not be restored: the page says why"), _("could not run"))
    return badge("running", _("It is being restored"), said(state))


def seconds(one: Any) -> str:
    """How long an undertaking took."""
    if one.started_at is None or one.finished_at is None:
        return ""
    return f"{(one.finished_at - one.started_at).total_seconds():,.1f}"


def _live(backup: BackupRecord) -> dict[str, Any]:
    latest = backup.tests.order_by("-pk").first()
    busy = next((one for one in (backup, latest) if one is not None and one.state in AT_WORK), None)
    return {
        "backup": backup,
        "latest": latest,
        "busy": busy,
        "percent": round(busy.done * 100 / busy.total) if busy is not None and busy.total else 0,
        "mark": f"{backup.state}.{latest.pk if latest else 0}.{latest.state if latest else ''}",
    }


def _content(backup: BackupRecord) -> dict[str, Any]:
    tests = list(backup.tests.select_related("asked_by").order_by("-pk")[:MOST_TESTS])
    rows = sorted(backup.figures.items(), key=lambda one: -one[1][0])
    return {
        **_live(backup),
        "badge": badge(COLOURS[backup.state], backup.get_state_display(), said(backup.state)),
        "proof": proof(backup.method, tests[0].state, tests[0].passed) if tests else proof(backup.method, None, None),
        "seconds": seconds(backup),
        "age": timesince(backup.taken_at, timezone.now()),
        "gone": bool(backup.method and backup.state == State.DONE and not Path(backup.location).is_file()),
        "tests": [
            {"test": one, "badge": proof("x", one.state, one.passed), "seconds": seconds(one),
             "differences": one.differences[:MOST_TABLES]}
            for one in tests
        ],
        "tables": len(rows),
        "rows": sum(row[0] for _name, row in rows),
        "largest": [(name, row[0]) for name, row in rows[:MOST_TABLES]],
        "place": backup.server,
    }  # fmt: skip

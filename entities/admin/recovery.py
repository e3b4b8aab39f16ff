"""The way to a point in time as it is for this server, and what has to be true after a recovery."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_GET

from entities.admin import guard
from entities.recovery import guidance
from entities.recovery.actions import CheckRecovery, latest
from tracking.actions.backup import TAKEN_BY_US
from tracking.admin import confirm
from tracking.admin.forms import Moment, NoteForm
from tracking.models import BackupRecord, Checkpoint, ValidationResult

TITLES = (
    gettext_noop("every table is there"), gettext_noop("the id map and the rows belong together"),
    gettext_noop("no row points at nothing"), gettext_noop("no table holds fewer rows than at the latest checkpoint"),
    gettext_noop("a person logs in"), gettext_noop("a booking is opened with its lines"),
    gettext_noop("courses of a school are searched"), gettext_noop("the day of a school is planned"),
    gettext_noop("money of a booking is looked up"), gettext_noop("a school's turnover is reported"),
    gettext_noop("passwords can be checked"), gettext_noop("accounts are found"),
    gettext_noop("every school has somebody"),
)  # fmt: skip
GROUPS = {
    "integrity": gettext_lazy("Integrity"), "critical paths": gettext_lazy("Critical paths"), "access": gettext_lazy("Access"),
    "performance": gettext_lazy("Performance"),
}  # fmt: skip


LATEST = 5


class WhenForm(forms.Form):
    to = Moment(label=gettext_lazy("Moment (UTC)"), required=False)


@require_GET
@guard.page
def point_in_time(request: HttpRequest) -> HttpResponse:
    """The commands for one moment; only shown, never run."""
    form = WhenForm(request.GET if "to" in request.GET else None)
    to = form.cleaned_data["to"] if form.is_bound and form.is_valid() else None
    database = request.GET.get("database", "v5")
    found = guidance.guide(
        database if database in TAKEN_BY_US else "v5", (to or timezone.now()).astimezone(UTC)
    )
    return guard.shown(
        request, "entities/recovery/point_in_time.html", _("Back to a point in time"), form=form, guide=found,
        proven=bool(found.backup and found.backup.tests.filter(passed=True).exists()),
        backups=reverse("admin:tracking_backuprecord_changelist"),
        checkpoint=guidance.compare_with(found.checkpoint) if found.checkpoint else "",
        checkpoints=Checkpoint.objects.filter(state=Checkpoint.State.TAKEN).order_by("-at")[:LATEST],
    )  # fmt: skip


@require_GET
@guard.page
def check(request: HttpRequest) -> HttpResponse:
    """The latest results, by group."""
    rows = latest()
    groups = [
        (title, [_row(one) for one in rows if one.entity_type == group]) for group, title in GROUPS.items()
    ]
    return guard.shown(
        request, "entities/recovery/check.html", _("Recovery check"), groups=groups if rows else [],
        at=rows[0].created_at if rows else None, red=sum(one.result == ValidationResult.Result.FAIL for one in rows),
        may=request.user.has_perm(CheckRecovery.permission),
    )  # fmt: skip


def _row(one: ValidationResult) -> dict[str, Any]:
    details = {name: value for name, value in one.details.items() if name != "title"}
    return {"result": one, "title": _(one.details.get("title") or one.validation_type), "details": details}


def ask(request: HttpRequest) -> HttpResponse:
    """The confirmation of checking V5 now."""
    if not request.user.is_staff:
        raise PermissionDenied
    page = confirm.Confirmation(
        _("Check V5 after a recovery"), CheckRecovery,
        lambda values: CheckRecovery(actor=request.user, reason=values.get("reason") or ""),
        reverse("engine:recovery"), form=NoteForm, button=_("Check now"),
    )  # fmt: skip
    return confirm.answer(admin.site._registry[BackupRecord], request, page)

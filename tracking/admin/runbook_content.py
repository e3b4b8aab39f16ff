"""What the page of a runbook shows: steps with their clocks, what can be done with the one that is due, what proves them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracking.actions.runbook import AbandonRunbook, ApproveRunbook, BeginStep
from tracking.admin.base import badge, may_see_people
from tracking.models import AuditEvent, Runbook, RunbookStep
from tracking.runbooks import walk
from tracking.runbooks.definitions import LIMITS, plan_of
from tracking.words import said

State = RunbookStep.State
DECISIONS = 50
FACTS = {
    "paused": gettext_lazy("runs paused:"), "cancelled": gettext_lazy("runs cancelled:"), "command": gettext_lazy("command"),
    "said": gettext_lazy("it said"), "checkpoint": gettext_lazy("checkpoint"), "rows": gettext_lazy("rows"),
    "hash": gettext_lazy("content hash"), "counts": gettext_lazy("records"), "new": gettext_lazy("new"),
    "edited": gettext_lazy("edited"), "deleted": gettext_lazy("deleted"), "since": gettext_lazy("since (UTC)"),
    "backup": gettext_lazy("backup"), "file": gettext_lazy("file"), "size": gettext_lazy("size in bytes"),
    "checksum": gettext_lazy("checksum"), "restore test": gettext_lazy("restore test"), "red": gettext_lazy("red checks"),
}  # fmt: skip
COLOURS = {"asked": "warning", "running": "running", "done": "done", "abandoned": "cancelling", "begun": "running",
           "waiting": "paused", "failed": "failed", "skipped": "skipped", "todo": ""}  # fmt: skip


def content(runbook: Runbook, request: HttpRequest) -> dict[str, Any]:
    """Everything that the page of a runbook shows."""
    now = timezone.now()
    steps = list(runbook.steps.select_related("begun_by", "ended_by").prefetch_related("evidence__added_by"))
    following = next((step for step in steps if step.state not in walk.OVER), None)
    walks = runbook.state == Runbook.State.RUNNING and request.user.has_perm(BeginStep.permission)
    end = runbook.finished_at or now
    spent = round((end - runbook.started_at).total_seconds() / 60) if runbook.started_at else 0
    limit = LIMITS[Runbook.Kind(runbook.kind)]
    return {
        "runbook": runbook,
        "badge": badge(COLOURS[runbook.state], runbook.get_state_display(), said(runbook.state)),
        "steps": [
            _row(step, runbook, now, walks and step == following, may_see_people(request)) for step in steps
        ],
        "spent": spent,
        "limit": limit,
        "late": spent > limit,
        "busy": any(step.state in (State.WAITING, State.RUNNING) for step in steps),
        "mark": ".".join([runbook.state, *(step.state for step in steps)]),
        "may_approve": runbook.state == Runbook.State.ASKED
        and request.user.has_perm(ApproveRunbook.permission),
        "may_abandon": runbook.state in walk.OPEN and request.user.has_perm(AbandonRunbook.permission),
        "events": _decisions(runbook, steps),
    }


def _row(step: RunbookStep, runbook: Runbook, now: datetime, is_due: bool, personal: bool) -> dict[str, Any]:
    plan = plan_of(runbook.kind, step.key)
    files = step.result.get("files", {}) if isinstance(step.result, dict) else {}
    return {
        "step": step,
        "plan": plan,
        "badge": badge(COLOURS[step.state], step.get_state_display(), said(step.state)),
        "minutes": _minutes(step, now),
        "late": _took(step, now) > timedelta(minutes=plan.minutes),
        "buttons": _buttons(step, plan, runbook) if is_due else [],
        "proves": reverse("admin:tracking_runbook_evidence", args=[runbook.pk, step.key]) if runbook.state in walk.OPEN else "",
        "files": [name for name, one in files.items() if personal or not one.get("personal")],
        "facts": facts(step.result or {}),
        "page": _address(plan.page),
        "percent": round(step.done * 100 / step.total) if step.total else 0,
    }  # fmt: skip


def facts(result: dict[str, Any]) -> list[tuple[str, str]]:
    """What a worker found, by names that people know; lists of files and tables are shown elsewhere."""
    shown = {name: value for name, value in result.items() if name not in ("files", "tables", "results")}
    return [(str(FACTS.get(name, name)), _plain(value)) for name, value in shown.items()]


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{FACTS.get(name, name)} {one}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _took(step: RunbookStep, now: datetime) -> timedelta:
    return (step.finished_at or now) - step.begun_at if step.begun_at else timedelta(0)


def _decisions(runbook: Runbook, steps: list[RunbookStep]) -> list[AuditEvent]:
    """What people decided about the runbook and its steps, newest first."""
    of_steps = Q(subject_type="step", subject_id__in=[str(step.pk) for step in steps])
    mine = AuditEvent.objects.filter(Q(subject_type="runbook", subject_id=str(runbook.pk)) | of_steps)
    return list(mine.select_related("actor")[:DECISIONS])


def _address(page: str) -> str:
    try:
        return reverse(page) if page else ""
    except NoReverseMatch:
        return ""


def _minutes(step: RunbookStep, now: datetime) -> str:
    return f"{_took(step, now).total_seconds() / 60:,.1f}" if step.begun_at else ""


def _buttons(step: RunbookStep, plan: Any, runbook: Runbook) -> list[tuple[Any, str, str]]:
    """(text, address, variant) of what can be done with the step that is due."""

    def address(what: str) -> str:
        return reverse("admin:tracking_runbook_step", args=[runbook.pk, step.key, what])

    begin = (_("Begin") if step.state == State.TODO else _("Try again"), address("begin"), "primary")
    skip = (_("Leave out"), address("skip"), "default")
    if step.state in (State.TODO, State.FAILED):
        return [begin, skip]
    if step.state == State.BEGUN:
        return [(_("It is done"), address("finish"), "primary"), skip]
    return []

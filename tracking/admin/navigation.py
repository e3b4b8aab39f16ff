"""The sidebar: what there is to see, by audience; entries that a person may not view are left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

SECTIONS: tuple[tuple[Any, tuple[tuple[Any, ...], ...]], ...] = (  # title, icon, model, page if it is not its list
    (_("Plan"), (
        (_("Waves"), "flag", "tracking.wave"),
        (_("Phases"), "linear_scale", "tracking.phase"),
        (_("Choices"), "tune", "tracking.choicevalue"),
        (_("Signatures"), "draw", "tracking.signature"),
        (_("Waivers"), "rule", "tracking.waiver"),
    )),
    (_("Operate"), (
        (_("Runs"), "play_circle", "tracking.run"),
        (_("Batches"), "view_module", "tracking.batch"),
        (_("Workers"), "memory", "tracking.workerseen"),
        (_("Alerts"), "notifications", "tracking.alert"),
        (_("Outcomes"), "calculate", "tracking.tally"),
        (_("Log lines"), "article", "tracking.logentry"),
        (_("Reserved ids"), "pin", "tracking.idreservation"),
    )),
    (_("Triage"), (
        (_("Causes"), "category", "tracking.issuegroup"),
        (_("Issues"), "report", "tracking.issue"),
        (_("Corrections"), "edit_note", "tracking.correction"),
        (_("Requests"), "pending_actions", "tracking.job"),
    )),
    (_("Validate"), (
        (_("Pre-flights"), "flight_takeoff", "tracking.preflightreport"),
        (_("Data quality"), "cleaning_services", "tracking.preflightreport", "engine:quality"),
        (_("System health"), "monitor_heart", "tracking.preflightreport", "engine:health"),
        (_("Checks"), "fact_check", "tracking.validationresult", "admin:tracking_checks"),
        (_("Findings"), "find_in_page", "tracking.finding"),
        (_("Checks by hand"), "back_hand", "tracking.manualrecord", "admin:tracking_manual_newest"),
        (_("Reconciliation"), "balance", "entities.legacyidmapping", "engine:reconciliation"),
        (_("reports of phases"), "lab_profile", "tracking.phasereport"),
    )),
    (_("Go-live"), (
        (_("Success criteria"), "checklist", "tracking.criterionstatement"),
        (_("Risks"), "warning", "tracking.risk"),
        (_("Performance measurements"), "timer", "tracking.measurement"),
    )),
    (_("Way back"), (
        (_("Rollbacks"), "undo", "tracking.rollback"),
        (_("Checkpoints"), "location_on", "tracking.checkpoint"),
        (_("Rollback archive"), "restore_page", "entities.rollbackarchive"),
        (_("Backups"), "backup", "tracking.backuprecord"),
        (_("Point in time"), "history", "tracking.backuprecord", "engine:point_in_time"),
        (_("Runbooks"), "emergency_home", "tracking.runbook"),
        (_("Recovery check"), "health_and_safety", "tracking.validationresult", "engine:recovery"),
    )),
    (_("Lineage"), (
        (_("Trace"), "travel_explore", "entities.legacyidmapping", "engine:trace"),
        (_("Catalogue"), "menu_book", "entities.legacyidmapping", "engine:catalogue"),
        (_("Id map"), "account_tree", "entities.legacyidmapping"),
        (_("Legacy archive"), "inventory_2", "entities.legacyarchive"),
    )),
    (_("Audit"), (
        (_("Decisions"), "gavel", "tracking.auditevent"),
        (_("Crashed tasks"), "bug_report", "django_celery_results.taskresult"),
        (_("People"), "group", "auth.user"),
        (_("Groups"), "groups", "auth.group"),
    )),
)  # fmt: skip


ELSEWHERE = {  # pages whose address lies under another entry than the one that a person came by
    "entities_record": "tracking.issue",
    "entities_group": "tracking.issuegroup",
    "entities_export": "tracking.issuegroup",
    "entities_import": "tracking.issuegroup",
}


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Sections with the entries that this person may view."""
    shown: list[dict[str, Any]] = [
        {"items": [{"title": _("Dashboard"), "icon": "speed", "link": reverse_lazy("admin:index")}]}
    ]
    for title, entries in SECTIONS:
        items = [_item(request, *entry) for entry in entries if _may_view(entry[2])(request)]
        if items:
            shown.append({"title": title, "separator": True, "items": items})
    return shown


def _item(request: HttpRequest, title: Any, icon: str, model: str, page: str = "") -> dict[str, Any]:
    item = {
        "title": capfirst(title),
        "icon": icon,
        "link": reverse_lazy(page or f"admin:{model.replace('.', '_')}_changelist"),
    }
    belongs = _elsewhere(request)
    return item | {"active": model == belongs and not page} if belongs else item


def _elsewhere(request: HttpRequest) -> str:
    """The entry that the page belongs to, where its address does not say so."""
    name = (request.resolver_match.url_name or "") if request.resolver_match else ""
    return next((model for start, model in ELSEWHERE.items() if name.startswith(start)), "")


def _may_view(model: str) -> Callable[[HttpRequest], bool]:
    app, name = model.split(".")
    return lambda request: request.user.has_perm(f"{app}.view_{name}")

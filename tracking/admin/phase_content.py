"""What the page of a phase shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from tracking import codes, evidence, gates, pace
from tracking.actions.approval import pending
from tracking.admin import check_content, gate_content
from tracking.admin.base import badge, link, table
from tracking.admin.wave import events_of, schools_of
from tracking.gates.checks import VALIDATION
from tracking.gates.issues import issue_filters, open_by_code
from tracking.models import Issue, Phase, Run, Signature, Waiver
from tracking.phases import ABOUT
from tracking.sentences import sentence, told
from tracking.states import UNFINISHED, PhaseState, RunStatus

SIGNATURES = {
    "requested": "warning",
    "approved": "signed",
    "rejected": "failed",
    "void": "failed",
    "withdrawn": "",
}
MOST_RUNS, MOST_SIGNATURES, MOST_CODES = 40, 5, 12


def everything(phase: Phase, user: Any, now: datetime) -> dict[str, Any]:
    judged = gates.judge(phase, now)
    waiting = pending(phase)
    return {
        "about": ABOUT[phase.number],
        "schools": schools_of(phase.wave),
        "closed": told(evidence.why_closed(phase, now)),
        "buttons": buttons(phase, user, waiting),
        **gate_content.of(phase, judged, user),
        "waiting": waiting,
        "signatures": [_signature(one) for one in _signatures(phase)],
        "waivers": [_waiver(one, user, now) for one in _waivers(phase)],
        "issues": _issues(phase, now),
        "facts": table({told(sentence(name)): facts for name, facts in evidence.gather(phase, now).items()}),
        "events": events_of("phase", phase.pk),
        **runs(phase),
    }


def mark(phase: Phase) -> str:
    """Changes when the page as a whole is out of date."""
    ended = Run.objects.filter(phase=phase).exclude(status__in=UNFINISHED).count()
    return f"{phase.state}-{bool(phase.asked_token)}-{bool(phase.refusal)}-{ended}"


def runs(phase: Phase) -> dict[str, Any]:
    """The phase's runs, unfinished first, with progress and pace."""
    found = list(Run.objects.filter(phase=phase).order_by("-pk")[:MOST_RUNS])
    shown = [_run(run) for run in found]
    return {
        "runs": shown,
        "all_runs": link(_("all runs of this phase"), "tracking.run", phase__id__exact=phase.pk),
    }


def _run(run: Run) -> dict[str, Any]:
    from django.utils import timezone

    running = run.status == RunStatus.RUNNING
    found = pace.of(run, timezone.now()) if running else None
    return {
        "run": run,
        "href": reverse("admin:tracking_run_change", args=[run.pk]),
        "status": badge(run.status, RunStatus(run.status).label),
        "percent": round(100 * run.processed_records / run.total_records) if run.total_records else 0,
        "records": f"{run.processed_records:,} / {run.total_records:,}",
        "left": pace.words(found.left) if found else "",
        "rejected": _issues_of(run, Issue.ERROR, run.error_count),
        "warnings": _issues_of(run, Issue.WARNING, run.warning_count),
    }  # fmt: skip


def _issues_of(run: Run, level: str, number: int) -> Any:
    return link(f"{number:,}", "tracking.issue", run__id__exact=run.pk, level=level) if number else "0"


def buttons(phase: Phase, user: Any, waiting: Signature | None) -> list[dict[str, Any]]:
    """What this person may ask for in this state of the phase; each opens a confirmation page."""
    state, moves = phase.state, phase.number in (2, 3, 4)
    starts = ABOUT[phase.number].built and phase.number != VALIDATION and state != PhaseState.SIGNED
    offered = (
        ("start", _("Start"), "start_phase", starts, "primary"),
        ("dry-run", _("Dry run"), "start_phase", moves, "default"),
        ("request", _("Ask for approval"), "request_approval", state == PhaseState.FINISHED and not waiting, "primary"),
        ("approve", _("Sign"), "approve_phase", waiting is not None, "primary"),
        ("reject", _("Send back"), "reject_phase", waiting is not None, "default"),
        ("withdraw", _("Take the request back"), "request_approval",
         waiting is not None and waiting.requested_by_id == user.pk, "default"),
        ("reopen", _("Reopen"), "reopen_phase", state == PhaseState.SIGNED, "default"),
    )  # fmt: skip
    found = [
        {"text": text, "variant": variant, "href": reverse("admin:tracking_phase_do", args=[phase.pk, what])}
        for what, text, permission, fits, variant in offered
        if fits and user.has_perm(f"tracking.{permission}")
    ]
    return [*found, *_checks(phase, user)]


def _checks(phase: Phase, user: Any) -> list[dict[str, Any]]:
    """The way to the phase's checks, and to running them."""
    if not check_content.has_checks(phase):
        return []
    found = [
        {
            "text": _("Checks"),
            "variant": "default",
            "href": reverse("admin:tracking_phase_checks", args=[phase.pk]),
        }
    ]
    if user.has_perm("tracking.run_checks"):
        variant = (
            "primary" if phase.number == VALIDATION and phase.state == PhaseState.NOT_STARTED else "default"
        )
        href = reverse("admin:tracking_checks_run", args=[phase.pk])
        found.append({"text": _("Run the checks"), "variant": variant, "href": href})
    return found


def _signatures(phase: Phase) -> list[Signature]:
    return list(
        Signature.objects.filter(phase=phase).select_related("requested_by", "answered_by")[:MOST_SIGNATURES]
    )


def _signature(one: Signature) -> dict[str, Any]:
    words = one.state.replace("approved", "signed")
    return {
        "signature": one,
        "state": badge(SIGNATURES[one.state], one.get_state_display(), _(words)),
        "sentence": one.get_state_display(),
        "href": reverse("admin:tracking_signature_change", args=[one.pk]),
        "is_void": one.state == Signature.State.VOID,
    }


def _waivers(phase: Phase) -> list[Waiver]:
    return list(Waiver.objects.filter(phase=phase).select_related("requested_by", "approved_by")[:MOST_CODES])


def _waiver(one: Waiver, user: Any, now: datetime) -> dict[str, Any]:
    gate = gates.find(one.gate)
    alive = one.withdrawn_at is None and one.expires_at > now
    word, says = waiver_state(one, now)
    offers = []
    if alive and one.approved_at is None and user.has_perm("tracking.approve_waiver"):
        offers.append((_("Agree"), reverse("admin:tracking_waiver_do", args=[one.pk, "approve"])))
    if alive and user.has_perm("tracking.request_waiver"):
        offers.append((_("Take back"), reverse("admin:tracking_waiver_do", args=[one.pk, "withdraw"])))
    return {
        "waiver": one,
        "title": gate.title if gate else one.gate,
        "state": badge(word, words=says),
        "offers": offers,
    }


def waiver_state(one: Waiver, now: datetime) -> tuple[str, str]:
    """The colour and the word for where a waiver stands."""
    if one.withdrawn_at is not None:
        return "failed", _("ended")
    if one.expires_at <= now:
        return "failed", _("expired")
    return ("completed", _("in force")) if one.approved_at else ("warning", _("waits for a second person"))


def _issues(phase: Phase, now: datetime) -> list[dict[str, Any]]:
    """Open errors, then open warnings, by cause, with a link to the records."""
    shown = []
    for level in (Issue.ERROR, Issue.WARNING):
        filters = issue_filters(phase, now, level)
        causes: dict[str, list[dict[str, Any]]] = {}
        for group in open_by_code(phase, now, level):
            causes.setdefault(group["code"], []).append(group)
        for name, groups in list(causes.items())[:MOST_CODES]:
            shown.append(
                _cause(name, groups, badge(level), link(name, "tracking.issue", **filters, code=name))
            )
    return shown


def _cause(name: str, groups: list[dict[str, Any]], level: Any, code: Any) -> dict[str, Any]:
    known = codes.ALL.get(name)
    money = [f"{one['amount']:,.2f} {one['currency']}".strip() for one in groups if one["amount"]]
    number = sum(one["n"] for one in groups)
    says = known.sentence if known else ""
    return {"code": code, "level": level, "sentence": says, "n": f"{number:,}", "money": ", ".join(money)}

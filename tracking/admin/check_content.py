"""What the pages of checks show: verdicts by check and school, worst first, with their figures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracking import sweeps, work
from tracking.admin.base import badge
from tracking.dashboard.links import listing
from tracking.gates import checks
from tracking.models import Acknowledgement, Finding, Part, Phase, Sweep, ValidationResult
from tracking.models.wave import PHASES
from tracking.words import kept, said
from tracking.work import CheckFacts

Result = ValidationResult.Result
BEFORE = "P"
FIGURES = ("legacy_rows", "v5_rows", "explained", "introduced", "inherited")
RANK = {Result.FAIL: 0, "not run": 1, Result.WARNING: 2, Result.WAIVED: 3, Result.NOTHING: 4, Result.PASS: 5}
QUIET = (Result.NOTHING, Result.PASS)
SEVERITIES = {
    "B": (gettext_lazy("blocks"), "fail"), "W": (gettext_lazy("to be seen"), "warning"),
    "I": (gettext_lazy("a figure"), "running"),
}  # fmt: skip
MOMENTS = {
    "P": gettext_lazy("before the load, on legacy alone"), "E": gettext_lazy("at the end of the phase"),
    "F": gettext_lazy("final, over everything that was moved"),
}  # fmt: skip
MOST_PLACES, MOST_FINDINGS = 8, 25
STATES = {
    "pending": "warning", "running": "running", "pausing": "warning", "paused": "warning", "cancelled": "warning",
    "done": "completed", "failed": "failed",
}  # fmt: skip


def has_checks(phase: Phase) -> bool:
    return phase.number == 1 or phase.number in checks.PHASES


def moment(phase: Phase) -> str:
    """P in the phase before the load, E at the end of one that moves, F in the phase of validation."""
    return BEFORE if phase.number == 1 else checks.moment_of(phase)


def due(phase: Phase) -> list[CheckFacts]:
    return [one for one in work.checks() if one.twin] if phase.number == 1 else checks.due(phase)


def current(phase: Phase) -> QuerySet[ValidationResult]:
    """The newest verdicts of the phase's checks, without the details."""
    rows = ValidationResult.objects.filter(wave=phase.wave_id, moment=moment(phase), current=True)
    if phase.number != 1:
        rows = rows.filter(phase=phase)
    return rows.defer("details").order_by("school_id")


def overview(phase: Phase) -> dict[str, Any]:
    """Every check of the phase: those that need somebody openly, the green ones apart."""
    found: dict[str, list[Any]] = {}
    for one in current(phase).values_list("validation_type", "school_id", "result", *FIGURES, named=True):
        found.setdefault(one.validation_type, []).append(one)
    names = work.schools()
    rows = sorted(
        (_row(phase, one, found.get(one.id, []), names) for one in due(phase)), key=lambda row: row["rank"]
    )
    counts = {state: sum(row["state"] == state for row in rows) for state in RANK}
    return {
        "rows": [row for row in rows if row["state"] not in QUIET],
        "quiet": [row for row in rows if row["state"] in QUIET],
        "counts": [(badge(state, words=said(state)), number) for state, number in counts.items() if number],
        "all": len(rows),
    }


def _row(phase: Phase, facts: CheckFacts, results: list[Any], names: dict[int, str]) -> dict[str, Any]:
    worst = min((one.result for one in results), key=lambda result: RANK[result], default="not run")
    places = [one for one in results if one.result not in QUIET]
    href = reverse("admin:tracking_phase_check", args=[phase.pk, facts.id])
    return {
        "facts": facts, "state": worst, "rank": RANK[worst], "badge": badge(worst, words=said(worst)), "href": href,
        "severity": severity(facts.severity), "figures": sums(results), "schools": len(results),
        "places": [
            {"name": place(one.school_id, names), "badge": badge(one.result, words=said(one.result)),
             "href": f"{href}#school-{one.school_id if one.school_id is not None else 'none'}"}
            for one in places[:MOST_PLACES]
        ],
        "more": max(0, len(places) - MOST_PLACES),
    }  # fmt: skip


def sums(results: Iterable[Any]) -> dict[str, Any]:
    """The figures of all schools together; None where no verdict has any."""
    rows = [one for one in results if one.legacy_rows is not None]
    added: dict[str, Any] = {
        name: sum(getattr(one, name) or 0 for one in rows) if rows else None for name in FIGURES
    }
    return shown(added)


def shown(figures: dict[str, Any]) -> dict[str, Any]:
    """With the difference; a check that counts no rows on two sides shows no zeros for them."""
    sides = ("legacy_rows", "v5_rows", "explained")
    if not any(figures[name] for name in sides):
        return figures | dict.fromkeys((*sides, "difference"))
    return figures | {"difference": figures["legacy_rows"] - figures["v5_rows"] - figures["explained"]}


def severity(letter: str) -> Any:
    words, colour = SEVERITIES.get(letter, (letter, ""))
    return badge(colour, words=str(words))


def place(school: int | None, names: dict[int, str]) -> str:
    if school is None:
        return _("no school of its own")
    unknown = _("unknown school")
    return f"{names.get(school, unknown)} ({school})"


def one_check(phase: Phase, facts: CheckFacts, user: Any, now: datetime) -> dict[str, Any]:
    """One check: its verdict and figures by school, and the first findings."""
    results, names = list(current(phase).filter(validation_type=facts.id)), work.schools()
    results.sort(key=lambda one: (RANK[one.result], one.school_id or 0))
    seen = {
        (one.school_id, one.fingerprint): one
        for one in Acknowledgement.objects.filter(wave=phase.wave_id, check_id=facts.id).select_related("by")
    }
    may = user.has_perm("tracking.acknowledge_findings")
    sweep = next((one.sweep_id for one in results if one.sweep_id), None)
    findings = (
        list(Finding.objects.filter(sweep=sweep, check_id=facts.id)[: MOST_FINDINGS + 1]) if sweep else []
    )
    return {
        "results": [_result(one, facts, names, seen, may) for one in results],
        "figures": sums(results),
        "findings": findings[:MOST_FINDINGS],
        "all_findings": listing("tracking.finding", sweep=sweep, check=facts.id)
        if len(findings) > MOST_FINDINGS
        else "",
        "ran_at": max((one.created_at for one in results), default=None),
    }


def _result(one: ValidationResult, facts: CheckFacts, names: dict[int, str], seen: dict[Any, Acknowledgement],
            may: bool) -> dict[str, Any]:  # fmt: skip
    figures = {name: getattr(one, name) for name in FIGURES}
    filters: dict[str, Any] = {"sweep": one.sweep_id, "check": facts.id}
    filters |= {"school": one.school_id if one.school_id is not None else "none"}
    acknowledged = seen.get((one.school_id, one.fingerprint)) if one.fingerprint else None
    waits = (
        facts.severity != "B"
        and one.result == Result.WARNING
        and bool(one.fingerprint)
        and acknowledged is None
    )
    return {
        "result": one, "anchor": f"school-{one.school_id if one.school_id is not None else 'none'}",
        "school": place(one.school_id, names), "badge": badge(one.result, words=said(one.result)),
        "figures": shown(figures),
        "message": "" if one.legacy_rows is not None else (one.told_message if one.message_facts else kept(one.message)),
        "introduced": listing("tracking.finding", **filters, inherited="0"),
        "inherited": listing("tracking.finding", **filters, inherited="1"),
        "acknowledged": acknowledged,
        "acknowledge": reverse("admin:tracking_acknowledge", args=[one.pk]) if waits and may else "",
    }  # fmt: skip


def progress(phase: Phase, now: datetime) -> dict[str, Any]:
    """The latest run of checks of the wave, with what a person may do to it."""
    latest = (
        Sweep.objects.filter(kind=checks.RECONCILE, wave=phase.wave_id)
        .select_related("asked_by", "phase")
        .first()
    )
    if latest is None:
        return {"sweep": None}
    found = sweeps.progress(latest, now)
    at_work = Part.objects.filter(sweep=latest, state=Part.State.RUNNING, stage__lt=sweeps.LAST).values_list(
        "name", flat=True
    )
    only = latest.params.get("only") or ()
    return {
        "sweep": latest, "badge": badge(STATES[latest.state], latest.get_state_display(), said(latest.state)),
        "percent": round(100 * (found["share"] or 0)), "found": found, "at_work": ", ".join(sorted(at_work)[:6]),
        "left": found["minutes"],
        "of_moment": MOMENTS.get(latest.params.get("when", ""), latest.params.get("when", "")),
        "of_phase": PHASES[latest.phase.number] if latest.phase else "", "only": ", ".join(only[:6]),
        "is_open": latest.state in sweeps.UNFINISHED,
    }  # fmt: skip


def steering(sweep: Sweep | None, phase: Phase, user: Any) -> list[dict[str, Any]]:
    """What may be done to the checks under way."""
    if sweep is None or not user.has_perm("tracking.steer_sweep"):
        return []
    offered = {
        "pause": (_("Pause"), sweep.state == Sweep.State.RUNNING),
        "resume": (_("Resume"), sweep.state in (Sweep.State.PAUSED, Sweep.State.PAUSING, Sweep.State.FAILED)),
        "end": (_("End them"), sweep.state in sweeps.UNFINISHED),
    }
    return [
        {"text": text, "href": reverse("admin:tracking_checks_steer", args=[phase.pk, sweep.pk, what])}
        for what, (text, fits) in offered.items()
        if fits
    ]

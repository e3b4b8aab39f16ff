"""What a signature rests on: facts of a phase as canonical JSON, its hash, and what voids a signature (section 7).

gather(phase, now)            the facts
digest(facts)                 sha-256 of their canonical JSON
differences(old, new)         what changed, in words
revalidate(phase, now)        end waivers and void signatures whose facts changed
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from tracking import gates, version
from tracking.gates import canonical
from tracking.gates.choices import answers
from tracking.gates.issues import open_by_code
from tracking.gates.registry import in_force
from tracking.gates.runs import latest_runs
from tracking.models import (
    AuditEvent,
    ChoiceValue,
    Issue,
    Phase,
    Run,
    Runbook,
    Signature,
    Tally,
    ValidationResult,
    Waiver,
    Wave,
)
from tracking.models.wave import PHASES
from tracking.sentences import Sentence, columns, joined, sentence
from tracking.states import ENDED, PhaseState, RunStatus

log = structlog.get_logger("migration")

LIVE = (Signature.State.REQUESTED, Signature.State.APPROVED)
LONGEST_REASON = 1000
PLACES = (  # what the facts are called, for the reader of a difference
    sentence("scope"), sentence("runs"), sentence("outcomes"), sentence("open issues"),
    sentence("money in rejected records"), sentence("findings"), sentence("choices"), sentence("waivers"),
    sentence("code"), sentence("schools"), sentence("kind"), sentence("cut-over"),
)  # fmt: skip
PREFLIGHT = "P-"
FOUNDATION, VALIDATION = 1, 5


def gather(phase: Phase, now: datetime) -> dict[str, Any]:
    """Counts by disposition, open issues, findings, money, choices, waivers and code version, as plain JSON."""
    runs = latest_runs(phase, now)
    issues = {level: open_by_code(phase, now, level) for level in (Issue.ERROR, Issue.WARNING)}
    wave = phase.wave
    return {
        "scope": {"kind": wave.kind, "schools": wave.schools, "cut-over": str(wave.cutover_at or "")},
        "runs": {name: run.status for name, run in runs.items()},
        "outcomes": _outcomes(runs),
        "open issues": {level: _counts(groups) for level, groups in issues.items()},
        "money in rejected records": _money(issues[Issue.ERROR]),
        "findings": _findings(phase),
        "choices": _choices(answers(phase, now)),
        "waivers": {one.gate: [one.pk, one.fingerprint] for one in in_force(phase, now)},
        "code": version.of_rules(),
    }


def digest(facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(facts).encode()).hexdigest()


def _outcomes(runs: Mapping[str, Run]) -> dict[str, dict[str, dict[str, int]]]:
    """Legacy rows by migration, entity type and disposition: counted in the map when the run ended, until then added
    up from its batches."""
    found = {name: dict(run.metadata.get("outcomes", {})) for name, run in runs.items()}
    open_ = {run.pk: name for name, run in runs.items() if "outcomes" not in run.metadata}
    tallies = Tally.objects.filter(run__in=open_).exclude(disposition="warning")
    sums = tallies.values_list("run", "entity_type", "disposition").annotate(Sum("rows")).order_by()
    for run_id, entity, disposition, rows in sums:
        found[open_[run_id]].setdefault(entity, {})[disposition] = rows
    return found


def _counts(groups: list[dict[str, Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for group in groups:
        found[group["code"]] = found.get(group["code"], 0) + group["n"]
    return found


def _money(groups: list[dict[str, Any]]) -> dict[str, str]:
    found: dict[str, Decimal] = {}
    for group in groups:
        if group["amount"]:
            found[group["currency"]] = found.get(group["currency"], Decimal(0)) + group["amount"]
    return {currency: f"{amount:.2f}" for currency, amount in found.items()}


def _findings(phase: Phase) -> dict[str, str]:
    """The latest verdict of each check of the phase that is not a plain pass.

    The pre-flight belongs to phase 1, what a run found to its phase, every other check to phase 5.
    """
    quiet = (ValidationResult.Result.PASS, ValidationResult.Result.NOTHING)
    latest: dict[str, tuple[str, str]] = {}
    rows = results_of(phase).filter(current=True).order_by("pk")
    facts = ("validation_type", "entity_type", "school_id", "result", "fingerprint")
    for check, entity, school, result, fingerprint in rows.values_list(*facts):
        place = " ".join(str(part) for part in (entity, school or "") if part)
        latest[f"{check} {place}".strip()] = result, fingerprint
    return {
        name: f"{result} {fingerprint[:12]}".strip()
        for name, (result, fingerprint) in sorted(latest.items())
        if result not in quiet
    }


def results_of(phase: Phase) -> QuerySet[ValidationResult]:
    """The verdicts that belong to a phase."""
    results = ValidationResult.objects.filter(wave=phase.wave_id)
    if phase.number == FOUNDATION:
        return results.filter(Q(moment="P") | Q(run=None, validation_type__startswith=PREFLIGHT))
    if phase.number == VALIDATION:
        final = results.filter(Q(phase=None) | Q(phase=phase), run=None)
        return final.exclude(validation_type__startswith=PREFLIGHT).exclude(moment="P")
    return results.filter(Q(run__phase=phase) | Q(phase=phase))


def _choices(decided: list[ChoiceValue]) -> dict[str, dict[str, Any]]:
    """What was decided, by key and by school; what nobody decided has the default of the rules' version."""
    found: dict[str, dict[str, Any]] = {}
    for row in decided:
        found.setdefault(row.key, {})[f"school {row.school_id}" if row.school_id else "all"] = row.value
    return found


def differences(old: Any, new: Any, names: tuple[str, ...] = ()) -> Iterator[Sentence]:
    """Every place where two facts differ, as `name · name: old → new`."""
    if isinstance(old, dict) or isinstance(new, dict):
        old, new = old if isinstance(old, dict) else {}, new if isinstance(new, dict) else {}
        for key in sorted(old.keys() | new.keys(), key=str):
            yield from differences(old.get(key), new.get(key), (*names, str(key)))
    elif old != new:
        place = joined(" · ", map(sentence, names))
        yield joined(": ", [place, joined(" → ", [sentence(_short(old)), sentence(_short(new))])])


def _short(value: Any) -> str:
    if value is None:
        return "–"
    text = str(value)
    return f"{text[:8]}…" if len(text) == 64 else text[:60]


def revalidate_wave(wave: Wave, now: datetime) -> None:
    """Look again at the phases of a wave that have a live signature or a waiver; usually one query."""
    waiting = Waiver.objects.filter(phase__wave=wave, withdrawn_at__isnull=True)
    signed = Signature.objects.filter(phase__wave=wave, state__in=LIVE)
    ids = set(
        signed.order_by()
        .values_list("phase_id", flat=True)
        .union(waiting.order_by().values_list("phase_id", flat=True))
    )
    for phase in Phase.objects.filter(pk__in=ids).select_related("wave"):
        revalidate(phase, now)


def expire(now: datetime) -> None:
    """Look again at the waves in which a waiver ran out; one query when none did."""
    over = Waiver.objects.filter(withdrawn_at__isnull=True, expires_at__lte=now)
    for wave in Wave.objects.filter(pk__in=over.values("phase__wave")):
        revalidate_wave(wave, now)


def revalidate(phase: Phase, now: datetime) -> list[Signature]:
    """End waivers that no longer cover what they covered, then void signatures whose facts changed.

    Returns the signatures that were voided; the phase loses its "signed" with them.
    """
    with transaction.atomic(using="default"):
        _end_waivers(phase, now)
        live = list(Signature.objects.filter(phase=phase, state__in=LIVE))
        if not live:
            return []
        facts = gather(phase, now)
        hash_now = digest(facts)
        voided = [one for one in live if one.evidence_hash != hash_now]
        for signature in voided:
            changed = list(differences(signature.evidence, facts)) or [
                sentence("the way in which facts are counted")
            ]
            void(signature, joined("; ", changed), now)
        return voided


def void(signature: Signature, reason: str, now: datetime, actor: Any = None) -> None:
    """The signature counts no longer; the phase goes back to what its runs say."""
    taken = Signature.objects.filter(pk=signature.pk, state__in=LIVE).update(
        state=Signature.State.VOID, void_at=now, **columns("void_reason", reason, LONGEST_REASON)
    )
    if not taken:
        return
    phase = signature.phase
    Phase.objects.filter(pk=phase.pk, state=PhaseState.SIGNED).update(state=state_of(phase, now))
    AuditEvent.objects.create(
        at=now, actor=actor, via="panel" if actor else "system", action="void signature", subject_type="phase",
        subject_id=str(phase.pk), before={"signature": signature.pk, "state": signature.state},
        after={"state": Signature.State.VOID}, **columns("reason", reason, LONGEST_REASON),
    )  # fmt: skip
    log.warning("signature void", phase=phase.pk, signature=signature.pk)


def state_of(phase: Phase, now: datetime) -> PhaseState:
    """What the runs of a phase say, without signatures."""
    runs = latest_runs(phase, now).values()
    if any(run.status not in ENDED for run in runs):
        return PhaseState.RUNNING
    if any(run.status == RunStatus.ROLLED_BACK for run in runs):
        left = any(run.status == RunStatus.COMPLETED or run.is_back_in_part for run in runs)
        return PhaseState.RUNNING if left else PhaseState.NOT_STARTED
    return PhaseState.FINISHED if runs or phase.finished_at else PhaseState.NOT_STARTED


def _end_waivers(phase: Phase, now: datetime) -> None:
    waivers = list(Waiver.objects.filter(phase=phase, withdrawn_at__isnull=True))
    if not waivers:
        return
    readings = {one.gate.id: one.reading for one in gates.judge(phase, now)}
    for waiver in waivers:
        reading = readings.get(waiver.gate)
        if waiver.expires_at <= now:
            end_waiver(waiver, sentence("it expired"), now)
        elif reading is None or not reading.is_red:
            end_waiver(waiver, sentence("the gate is green: there is nothing to let through"), now)
        elif reading.fingerprint != waiver.fingerprint:
            end_waiver(waiver, sentence("what it covered changed: the gate tells what it is now"), now)


def end_waiver(waiver: Waiver, reason: str, now: datetime) -> None:
    """The waiver covers nothing any more; whoever needs one asks again."""
    ended = Waiver.objects.filter(pk=waiver.pk, withdrawn_at__isnull=True).update(
        withdrawn_at=now, **columns("end_reason", reason, 500)
    )
    if ended:
        AuditEvent.objects.create(
            at=now, via="system", action="end waiver", subject_type="waiver", subject_id=str(waiver.pk),
            before={"gate": waiver.gate}, after={"ended": True}, **columns("reason", reason, LONGEST_REASON),
        )  # fmt: skip


def is_signed(phase: Phase, now: datetime) -> bool:
    """Whether the phase carries a signature that still rests on the facts as they are."""
    revalidate(phase, now)
    return Phase.objects.filter(pk=phase.pk, state=PhaseState.SIGNED).exists()


def why_closed(phase: Phase, now: datetime) -> str:
    """Why nothing of this phase may run yet, in one sentence; empty when it is open.

    A rehearsal runs through; in a production wave a phase opens when the one before is signed. While a runbook of the way
    back is walked nothing runs.
    """
    walked = Runbook.objects.filter(wave=phase.wave_id, state=Runbook.State.RUNNING).first()
    if walked is not None and phase.number != FOUNDATION:
        return sentence(
            "the runbook “%(kind)s” (%(n)s) is being walked: nothing is moved until it is over or ended",
            kind=walked.get_kind_display(), n=walked.pk,
        )  # fmt: skip
    if phase.wave.kind != "production" or phase.number == FOUNDATION:
        return ""
    before = Phase.objects.select_related("wave").get(wave=phase.wave_id, number=phase.number - 1)
    if is_signed(before, now):
        return ""
    before.refresh_from_db()
    return sentence(
        "phase %(number)s (%(name)s) of the production wave %(wave)s opens when phase %(before)s (%(before_name)s) is "
        "signed; that one is: %(state)s",
        number=phase.number, name=PHASES[phase.number], wave=phase.wave.name, before=before.number,
        before_name=PHASES[before.number], state=PhaseState(before.state).label,
    )  # fmt: skip

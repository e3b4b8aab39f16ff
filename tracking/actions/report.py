"""Storing the report of a phase: everything that a signature rests on, with a checksum over its canonical JSON."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracking import evidence, gates, version
from tracking.actions.base import Action
from tracking.gates import canonical
from tracking.models import (
    Acknowledgement,
    ManualRecord,
    Phase,
    PhaseReport,
    PreflightReport,
    Signature,
    Waiver,
)

FIGURES = ("legacy_rows", "v5_rows", "explained", "introduced", "inherited")


class StoreReport(Action):
    """Keeps the report as it is now; it is never changed, and a later one stands beside it."""

    name, permission, subject_type = "store report", "tracking.store_report", "phase"

    @property
    def phase(self) -> Phase:
        found: Phase = self.subject
        return found

    def effect(self) -> str:
        return _(
            "The figures, verdicts, waivers and statements of %(phase)s are stored for good, with a checksum."
        ) % {"phase": self.phase}

    def before(self) -> dict[str, Any]:
        return {"reports": PhaseReport.objects.filter(phase=self.phase).count()}

    def execute(self, now: datetime) -> dict[str, Any]:
        content = gather(self.phase, now)
        self.made = PhaseReport.objects.create(
            phase=self.phase, content=content, checksum=checksum(content), made_by=self.actor, made_at=now
        )
        return {"report": self.made.pk, "checksum": self.made.checksum}


def checksum(content: Any) -> str:
    """SHA-256 of the canonical JSON: sorted keys, no spaces."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def gather(phase: Phase, now: datetime) -> dict[str, Any]:
    """Everything as plain JSON: two reports of the same facts differ by their moment only."""
    wave, latest = phase.wave, PreflightReport.objects.filter(wave=phase.wave).order_by("-pk").first()
    return {
        "phase": phase.number, "name": phase.get_number_display(), "wave": wave.name, "kind": wave.kind,
        "schools": wave.schools, "cut-over": str(wave.cutover_at or ""), "made": now.isoformat(timespec="seconds"),
        "version": version.of_rules(), "evidence": evidence.gather(phase, now),
        "pre-flight": {"passed": latest.passed, "at": latest.created_at.isoformat(timespec="seconds")} if latest else None,
        "gates": [
            {"gate": one.gate.id, "colour": one.colour.value,
             "fingerprint": one.reading.fingerprint if one.reading.is_red else ""}
            for one in gates.judge(phase, now)
        ],
        "checks": _checks(phase), "runs": [[run.entity_type, run.pk, run.status] for run in phase.runs.order_by("pk")],
        "waivers": _waivers(phase), "acknowledgements": _acknowledgements(phase), "statements": _statements(phase),
        "signatures": [[one.state, one.evidence_hash] for one in Signature.objects.filter(phase=phase).order_by("pk")],
    }  # fmt: skip


def _checks(phase: Phase) -> list[dict[str, Any]]:
    rows = (
        evidence.results_of(phase)
        .filter(current=True)
        .select_related("sweep")
        .order_by("validation_type", "school_id", "pk")
    )
    return [
        {"check": one.validation_type, "school": one.school_id, "result": one.result, "fingerprint": one.fingerprint,
         **{name: getattr(one, name) for name in FIGURES}, "query": _query(one.details),
         "at": one.created_at.isoformat(timespec="seconds")}
        for one in rows
    ]  # fmt: skip


def _query(details: Any) -> str:
    return str(details.get("query", "")) if isinstance(details, dict) else ""


def _waivers(phase: Phase) -> list[dict[str, Any]]:
    return [
        {"gate": one.gate, "fingerprint": one.fingerprint, "reason": one.reason, "owner": one.owner,
         "asked by": str(one.requested_by), "agreed by": str(one.approved_by or ""), "until": str(one.expires_at),
         "ended": str(one.withdrawn_at or "")}
        for one in Waiver.objects.filter(phase=phase).select_related("requested_by", "approved_by").order_by("pk")
    ]  # fmt: skip


def _acknowledgements(phase: Phase) -> list[dict[str, Any]]:
    return [
        {"check": one.check_id, "school": one.school_id, "fingerprint": one.fingerprint, "by": str(one.by), "note": one.note}
        for one in Acknowledgement.objects.filter(wave=phase.wave).select_related("by").order_by("pk")
    ]  # fmt: skip


def _statements(phase: Phase) -> list[dict[str, Any]]:
    if phase.number != evidence.VALIDATION:
        return []
    return [
        {"check": one.check_id, "outcome": one.outcome, "note": one.note, "by": str(one.by), "file": one.name,
         "sha256": one.checksum}
        for one in ManualRecord.objects.filter(wave=phase.wave).defer("content").select_related("by").order_by("pk")
    ]  # fmt: skip

"""What a person has to look at: one gate per manual check, red until somebody said what it showed."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from tracking import manual
from tracking.gates.base import Gate, Link, Reading
from tracking.gates.checks import VALIDATION, acknowledged, newest
from tracking.gates.memo import once
from tracking.manual import ManualCheck
from tracking.models import Phase, ValidationResult

Result = ValidationResult.Result


@once
def said(phase: Phase, now: datetime) -> dict[str, ValidationResult]:
    """What people said last of each check by hand."""
    rows = newest(phase).filter(validation_type__in=list(manual.BY_ID)).defer("details")
    return {one.validation_type: one for one in rows}


class SaidByHand(Gate):
    """One check by hand: passed, or does not apply. What failed and does not block is acknowledged by name."""

    phases = (VALIDATION,)

    def __init__(self, declared: ManualCheck) -> None:
        self.declared, self.id, self.title = declared, declared.id, declared.title  # type: ignore[misc]

    def read(self, phase: Phase, now: datetime) -> Reading:
        latest = said(phase, now).get(self.id)
        link = (
            Link(
                _("the steps"), "tracking.manualrecord", page="admin:tracking_manual", args=(phase.wave_id,)
            ),
        )
        if latest is None:
            return Reading(
                _("Nobody has said yet what this check by hand showed."), {"not recorded": True}, link
            )
        if latest.result in (Result.PASS, Result.NOTHING):
            return Reading(latest.told_message, links=link)
        if (self.id, latest.school_id, latest.fingerprint) in acknowledged(
            phase, now
        ) and latest.severity != "B":
            return Reading(_("Failed and acknowledged: %(said)s") % {"said": latest.told_message}, links=link)
        words = _("Failed: %(said)s") % {"said": latest.told_message}
        return Reading(words, {"failed": latest.fingerprint}, link)


def of_hand(phase: Phase) -> list[Gate]:
    return [SaidByHand(one) for one in manual.CHECKS] if phase.number == VALIDATION else []


def find(gate_id: str) -> Gate | None:
    declared = manual.BY_ID.get(gate_id)
    return SaidByHand(declared) if declared else None

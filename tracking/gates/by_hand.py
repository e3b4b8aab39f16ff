"""What a person has to look at: one gate per manual check, red until somebody said what it showed."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from tracking import manual
from tracking.gates.base import Gate, Link, Reading
from tracking.gates.checks import VALIDATION, acknowledged, results
from tracking.manual import ManualCheck
from tracking.models import Phase, ValidationResult

Result = ValidationResult.Result


class SaidByHand(Gate):
    """One check by hand: passed, or does not apply. What failed and does not block is acknowledged by name."""

    phases = (VALIDATION,)

    def __init__(self, declared: ManualCheck) -> None:
        self.declared, self.id, self.title = declared, declared.id, declared.title  # type: ignore[misc]

    def read(self, phase: Phase, now: datetime) -> Reading:
        found = results(phase, now).get(self.id, [])
        link = (
            Link(
                _("the steps"), "tracking.manualrecord", page="admin:tracking_manual", args=(phase.wave_id,)
            ),
        )
        if not found:
            return Reading(
                _("Nobody has said yet what this check by hand showed."), {"not recorded": True}, link
            )
        latest = found[-1]
        if latest.result in (Result.PASS, Result.NOTHING):
            return Reading(latest.told_message, links=link)
        if (self.id, latest.school_id, latest.fingerprint) in acknowledged(
            phase, now
        ) and latest.severity != "B":
            return Reading(_("Failed and acknowledged: %(said)s") % {"said": latest.told_message}, links=link)
        said = _("Failed: %(said)s") % {"said": latest.told_message}
        return Reading(said, {"failed": latest.fingerprint}, link)


def of_hand(phase: Phase) -> list[Gate]:
    return [SaidByHand(one) for one in manual.CHECKS] if phase.number == VALIDATION else []


def find(gate_id: str) -> Gate | None:
    declared = manual.BY_ID.get(gate_id)
    return SaidByHand(declared) if declared else None

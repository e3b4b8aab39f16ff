"""All gates, in the order in which a person reads them."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.utils.translation import gettext as _

from tracking.gates.backup import BackupRecorded
from tracking.gates.base import Gate, Judged, Reading
from tracking.gates.batches import NoFailedBatches
from tracking.gates.by_hand import find as find_by_hand
from tracking.gates.by_hand import of_hand
from tracking.gates.checks import find as find_check
from tracking.gates.checks import of_checks
from tracking.gates.choices import ChoicesDecided
from tracking.gates.issues import NothingRejected
from tracking.gates.memo import once
from tracking.gates.preflight import PreflightGreen
from tracking.gates.rollback import RollbackRehearsed
from tracking.gates.runs import LedgerBalances, RunsComplete
from tracking.models import Phase, Waiver

log = structlog.get_logger("migration")

_GATES: dict[str, Gate] = {
    gate.id: gate
    for gate in (
        PreflightGreen(), ChoicesDecided(), BackupRecorded(), RunsComplete(), LedgerBalances(), NoFailedBatches(),
        NothingRejected(), RollbackRehearsed(),
    )
}  # fmt: skip


def register(gate: Gate) -> None:
    """Add a gate behind the others; a second one of the same id is a mistake of the programme."""
    if gate.id in _GATES and type(_GATES[gate.id]) is not type(gate):
        raise ValueError(f"there are two gates {gate.id}")
    _GATES[gate.id] = gate


def find(gate_id: str) -> Gate | None:
    """A gate by its id, those of the checks included."""
    return _GATES.get(gate_id) or find_check(gate_id) or find_by_hand(gate_id)


def of_phase(phase: Phase) -> list[Gate]:
    """The gates of the phase: those for every phase of its number, then one per check, those by hand last."""
    return [gate for gate in (*_GATES.values(), *of_checks(phase), *of_hand(phase)) if gate.asks(phase)]


def judge(phase: Phase, now: datetime) -> list[Judged]:
    """Every gate of the phase. One that cannot be computed is red and cannot be waived by an old waiver."""
    waivers = {one.gate: one for one in in_force(phase, now)}
    return [_judged(gate, phase, now, waivers.get(gate.id)) for gate in of_phase(phase)]


@once
def in_force(phase: Phase, now: datetime) -> list[Waiver]:
    """Approved waivers of the phase that were not taken back and have not expired."""
    return list(
        Waiver.objects.filter(
            phase=phase, approved_at__isnull=False, withdrawn_at__isnull=True, expires_at__gt=now
        ).select_related("requested_by", "approved_by")
    )


def _judged(gate: Gate, phase: Phase, now: datetime, waiver: Waiver | None) -> Judged:
    reading = _reading(phase, now, gate)
    holds = waiver is not None and gate.waivable and waiver.fingerprint == reading.fingerprint
    return Judged(gate, reading, waiver if holds and reading.is_red else None)


def _reading(phase: Phase, now: datetime, gate: Gate) -> Reading:
    try:
        looks = _looks(phase, now)
        if gate.id not in looks:
            looks[gate.id] = gate.read(phase, now)
        return looks[gate.id]
    except Exception as error:  # noqa: BLE001 - a gate that could not look is red, whatever went wrong
        log.error("gate not computed", gate=gate.id, phase=phase.pk, error=type(error).__name__)
        kind = type(error).__name__
        return Reading(
            _("This could not be computed (%(kind)s): tell an engineer.") % {"kind": kind}, {"error": kind}
        )


@once
def _looks(phase: Phase, now: datetime) -> dict[str, Reading]:
    """What each gate saw at this moment: page, evidence and waivers ask for the same."""
    return {}

"""Until when a phase can be taken back, and why."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from entities.rollback.request import depends
from tracking.models import Phase, Rollback, Run, Wave
from tracking.states import PhaseState

MOVING = (2, 3, 4)


@dataclass(frozen=True)
class Reversible:
    """`now`: a rollback of the phase is possible at this moment; `says` why, and what ends it."""

    phase: Phase
    now: bool
    says: str


def of(wave: Wave) -> list[Reversible]:
    """The phases that move something, in order."""
    phases = list(wave.phases.filter(number__in=MOVING).order_by("number"))
    runs = [run for run in Run.objects.filter(phase__wave=wave, dry_run=False) if run.is_in_v5]
    live = {phase.pk: [run for run in runs if run.phase_id == phase.pk] for phase in phases}
    return [_of(phase, live, phases) for phase in phases]


def _of(phase: Phase, live: dict[int, list[Run]], phases: list[Phase]) -> Reversible:
    if not live[phase.pk]:
        return Reversible(phase, False, _("Nothing of it is in V5."))
    if phase.state == PhaseState.SIGNED:
        return Reversible(
            phase, False, _("Signed: reversible again once the signature is taken off (reopen the phase).")
        )
    if other := Rollback.objects.filter(state=Rollback.State.ROLLING).first():
        return Reversible(phase, False, _("Rollback %(n)s is under way.") % {"n": other.pk})
    mine = {run.entity_type for run in live[phase.pk]}
    standing = [
        later
        for later in phases
        if later.number > phase.number and any(depends(run.entity_type) & mine for run in live[later.pk])
    ]
    if standing:
        named = ", ".join(str(one.number) for one in standing)
        return Reversible(
            phase, True, _("Reversible together with phase %(named)s, which stands on it.") % {"named": named}
        )
    until = _("Reversible by itself, as long as nobody's work in V5 hangs on it; from the go-live on that work stays, "
              "and with it what it needs.")  # fmt: skip
    return Reversible(phase, True, until)

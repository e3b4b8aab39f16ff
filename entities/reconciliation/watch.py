"""Looking again at what was signed: a change of a V5 row voids the signature at the latest after RECHECK_HOURS."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max

from entities.reconciliation import sweep
from tracking import sweeps
from tracking.gates import checks
from tracking.models import Phase, Sweep
from tracking.states import PhaseState


def again(now: datetime) -> list[Sweep]:
    """Ask for the checks of signed phases that nobody ran for a while; one wave after the other, one phase at a time."""
    asked = []
    signed = Phase.objects.filter(number__in=checks.PHASES, state=PhaseState.SIGNED).select_related("wave")
    last = dict(
        Sweep.objects.filter(kind=checks.RECONCILE, phase__in=signed, state=Sweep.State.DONE)
        .values_list("phase")
        .annotate(at=Max("started_at"))
    )
    for phase in signed:
        at = last.get(phase.pk)
        if at is not None and at > now - timedelta(hours=settings.RECHECK_HOURS):
            continue
        if not sweeps.unfinished(checks.RECONCILE, phase.wave).exists():
            asked.append(sweep.ask(phase.wave, checks.moment_of(phase), now, phase=phase))
    return asked

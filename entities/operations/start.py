"""Starting a phase when a worker takes the request of the panel."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.utils import timezone

from entities.engine import coordinator
from entities.engine.errors import Refused
from entities.operations import phases
from tracking.models import AuditEvent, Phase, Wave
from tracking.sentences import columns, sentence

FOUNDATION = 1

log = structlog.get_logger("migration")


def start_phase(phase_id: int, token: str, dry_run: bool, workers: int) -> None:
    """Plan the runs of a phase and let workers claim; phase 1 runs the pre-flight.

    The request is taken once, by its token: a message that comes twice does nothing. What is refused is kept on the
    phase, where the person who asked sees it.
    """
    if not token or not Phase.objects.filter(pk=phase_id, asked_token=token).update(
        asked_token="", refusal=""
    ):
        log.info("start already taken", phase=phase_id)
        return
    phase, now = Phase.objects.select_related("wave").get(pk=phase_id), timezone.now()
    try:
        _start(phase, now, dry_run, workers)
    except Refused as refusal:
        _keep(phase, refusal.message, now)
    except Exception as error:
        _keep(phase, crashed(error), now)
        raise


def _start(phase: Phase, now: datetime, dry_run: bool, workers: int) -> None:
    wave: Wave = phase.wave
    if phase.number == FOUNDATION:
        phases.foundation(wave, now, lambda said: log.info("pre-flight", phase=phase.pk, said=said))
        return
    runs = coordinator.plan_phases(wave, [phase.number], now, dry_run=dry_run, workers=workers)
    if not runs:
        raise Refused(sentence("phase %(phase)s moves nothing", phase=phase.number))
    if run := coordinator.advance(wave, now, here=False):
        coordinator.refill(run)


def crashed(error: Exception) -> str:
    """A fault of the programme, in the words for whoever asked."""
    return sentence(
        "the programme failed with %(kind)s; an engineer finds it in the log", kind=type(error).__name__
    )


def _keep(phase: Phase, said: str, now: datetime) -> None:
    Phase.objects.filter(pk=phase.pk).update(**columns("refusal", said, 1000))
    AuditEvent.objects.create(
        at=now, via="worker", action="start refused", subject_type="phase", subject_id=str(phase.pk), after={"said": said[:500]},
        **columns("reason", said, 1000),
    )  # fmt: skip
    log.warning("start refused", phase=phase.pk, reason=said)

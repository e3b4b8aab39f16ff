"""Starting a phase, and taking its signature off."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from tracking import dispatch, evidence, plan, work
from tracking.actions.base import Action, ActionRefused
from tracking.models import AuditEvent, Phase, Signature
from tracking.sentences import sentence
from tracking.states import PhaseState
from tracking.words import said

START = "entities.start_phase"
FOUNDATION, MOVING, MOST_WORKERS = 1, (2, 3, 4), 32
PATIENCE = timedelta(minutes=5)  # a start that no worker took by then may be asked for again


class PhaseAction(Action):
    """An action on one phase."""

    subject_type = "phase"

    @property
    def phase(self) -> Phase:
        found: Phase = self.subject
        return found

    def before(self) -> dict[str, Any]:
        return {"state": self.phase.state}


class StartPhase(PhaseAction):
    """Asks a worker to plan and start the runs of a phase; phase 1 looks at the databases and moves nothing.

    A dry run forecasts every outcome and writes nothing to V5. Who starts a phase for real cannot sign it.
    """

    name, permission = "start phase", "tracking.start_phase"

    def __init__(self, phase: Phase, *, dry_run: bool = False, workers: int = 1, **who: Any) -> None:
        super().__init__(phase, **who)
        self.dry_run, self.workers = dry_run, workers
        self.now: datetime | None = None

    def perform(self, now: datetime) -> Any:
        self.now = now
        return super().perform(now)

    def effect(self) -> str:
        if self.phase.number == FOUNDATION:
            return _(
                "Run every check of the pre-flight on both databases. Nothing is written to legacy or V5."
            )
        number = len(work.migrations(self.phase.number))
        schools = len(self.phase.wave.schools) or _("all")
        facts = {"n": number, "schools": schools, "workers": self.workers}
        if self.dry_run:
            return (
                _(
                    "A forecast; V5 is not written. Migrations: %(n)s, schools: %(schools)s, workers: %(workers)s."
                )
                % facts
            )
        return _("They write to V5. Migrations: %(n)s, schools: %(schools)s, workers: %(workers)s.") % facts

    def check(self) -> None:
        phase = self.phase
        if phase.number not in (FOUNDATION, *MOVING):
            raise ActionRefused(_("This phase moves nothing: run its checks instead."))
        if not 1 <= self.workers <= MOST_WORKERS:
            raise ActionRefused(_("A phase takes 1 to %(most)s workers.") % {"most": MOST_WORKERS})
        if left := plan.unfinished(phase.wave):
            raise ActionRefused(
                _("%(run)s is %(status)s: finish or cancel it first.")
                % {"run": left[0], "status": said(left[0].status)}
            )
        if not self.dry_run and phase.state == PhaseState.SIGNED:
            raise ActionRefused(_("The phase is signed. Reopen it first, with a reason."))
        if not self.dry_run and (closed := evidence.why_closed(phase, self.now or timezone.now())):
            raise ActionRefused(closed)

    def execute(self, now: datetime) -> dict[str, Any]:
        token = str(uuid.uuid4())
        free = Q(asked_token="") | Q(asked_at__lt=now - PATIENCE)
        asked = Phase.objects.filter(free, pk=self.phase.pk).update(
            asked_at=now, asked_token=token, refusal=""
        )
        if not asked:
            raise ActionRefused(_("Somebody asked for a start a moment ago; a worker is about to take it."))
        dispatch.send(START, self.phase.pk, token, self.dry_run, self.workers)
        return {"dry_run": self.dry_run, "workers": self.workers}


class ReopenPhase(PhaseAction):
    """Takes the signature off a phase, so that it can run again. What was moved stays moved."""

    name, permission = "reopen phase", "tracking.reopen_phase"

    def effect(self) -> str:
        later = (
            self.phase.wave.phases.filter(number__gt=self.phase.number, runs__dry_run=False)
            .distinct()
            .count()
        )
        said = _(
            "The signature is void; the next phase of a production wave does not open until it is signed again."
        )
        return said if not later else said + " " + _("%(n)s later phases have already run.") % {"n": later}

    def check(self) -> None:
        if self.phase.state != PhaseState.SIGNED:
            raise ActionRefused(_("Only a signed phase can be reopened; this one is: %(state)s")
                                % {"state": self.phase.get_state_display()})  # fmt: skip
        if not self.reason.strip():
            raise ActionRefused(_("Give the reason: it is shown beside the signature."))

    def execute(self, now: datetime) -> dict[str, Any]:
        signature = Signature.objects.filter(phase=self.phase, state=Signature.State.APPROVED).first()
        if signature is not None:
            evidence.void(signature, sentence("reopened: %(reason)s", reason=self.reason), now, self.actor)
        Phase.objects.filter(pk=self.phase.pk, state=PhaseState.SIGNED).update(
            state=evidence.state_of(self.phase, now)
        )
        self.phase.refresh_from_db()
        return {"state": self.phase.state}


def starters(phase: Phase) -> set[int]:
    """Who started the phase for real, or a run of it again: they cannot sign it (four eyes)."""
    events = AuditEvent.objects.filter(subject_type="phase", subject_id=str(phase.pk), action=StartPhase.name)
    started = {one.actor_id for one in events.only("actor", "after") if not (one.after or {}).get("dry_run")}
    runs = [str(pk) for pk in phase.runs.filter(dry_run=False).values_list("pk", flat=True)]
    resumed = AuditEvent.objects.filter(subject_type="run", subject_id__in=runs, action="resume run")
    started |= set(resumed.values_list("actor_id", flat=True))
    return {one for one in started if one is not None}

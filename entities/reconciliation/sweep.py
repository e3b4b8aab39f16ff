"""Running checks: a sweep with one part per check, shared by the workers, resumed at the last key range."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db import DatabaseError
from django.utils import timezone

from entities.engine import runner
from entities.engine.pipeline import scope_of
from entities.reconciliation import registry, results
from entities.reconciliation.check import Check
from entities.reconciliation.reading import Reading
from tracking import plan, sweeps
from tracking.gates import checks
from tracking.models import Finding, Part, Phase, Sweep, ValidationResult, Wave
from tracking.states import PhaseState
from tracking.sweeps import PartPlan, Step

log = structlog.get_logger("migration")
KIND = checks.RECONCILE
MOMENTS = {
    "P": "before the load",
    "E": "end of phase",
    "F": "final",
    "D": "after a delta",
    "K": "after a rollback",
}


def ask(wave: Wave, when: str, now: datetime, *, phase: Phase | None = None, only: Sequence[str] = (),
        workers: int = 1, asked_by: Any = None) -> Sweep:  # fmt: skip
    """A sweep over the checks of a moment (or some of them); refuses while another one of the wave is under way.

    `when` is a letter of MOMENTS; `phase` belongs to E. Raises sweeps.Busy.
    """
    if busy := sweeps.unfinished(KIND, wave).first():
        raise sweeps.Busy(
            f"checks of this wave are under way already ({busy}): wait for them, or end them first"
        )
    if when == "F" and phase is None:
        phase = wave.phases.get(number=checks.VALIDATION)
    params = {"when": when, "only": sorted(only)}
    return sweeps.create(KIND, now, wave=wave, phase=phase, params=params, workers=workers, asked_by=asked_by)


def reading(wave: Wave) -> Reading:
    """Both sides within the schools and the choices of a wave."""
    choices = plan.choices_of(wave)
    return Reading(scope_of(wave, choices), choices, wave)


def furthest(wave: Wave) -> int:
    """The last phase of which something was moved: later checks have nothing to look at yet."""
    runs = wave.phases.filter(runs__dry_run=False, runs__started_at__isnull=False)
    return max((phase.number for phase in runs), default=1)


class Reconciling:
    """The handler of the sweep."""

    def __init__(self) -> None:
        self.readings: dict[int, Reading] = {}

    def plan(self, sweep: Sweep) -> list[PartPlan]:
        read = self._reading(sweep, 0)
        if _is_final(sweep) and sweep.phase is not None:
            Phase.objects.filter(pk=sweep.phase.pk, state=PhaseState.NOT_STARTED).update(
                state=PhaseState.RUNNING, started_at=timezone.now()
            )
        return [PartPlan(check.id, total=self._total(check, read)) for check in self._checks(sweep)]

    def _checks(self, sweep: Sweep) -> list[Check]:
        assert sweep.wave is not None
        at_the_end = sweep.params["when"] == "E" and sweep.phase is not None
        phase = sweep.phase.number if at_the_end and sweep.phase else furthest(sweep.wave)
        return registry.due(sweep.params["when"], phase, sweep.params.get("only", ()))

    @staticmethod
    def _total(check: Check, read: Reading) -> int:
        try:
            return check.total(read)
        except DatabaseError:
            return 1  # the step will say why it cannot run

    def _reading(self, sweep: Sweep, part: int) -> Reading:
        """One per part: what a check keeps in `memory` lives as long as a worker stays with the part."""
        if part not in self.readings:
            assert sweep.wave is not None
            self.readings = {part: reading(sweep.wave)}
        return self.readings[part]

    def step(self, part: Part, sweep: Sweep) -> Step:
        check, looked = registry.get(part.name), results.unpacked(part.figures)
        move = check.baseline if sweep.params["when"] == "P" else check.step
        try:
            cursor = move(self._reading(sweep, part.pk), part.cursor, looked)
        except Exception as error:
            if runner.is_transient(error) and part.attempt < sweeps.ATTEMPTS:
                raise
            return self._failed(check, part, sweep, error)
        now = timezone.now()

        def record() -> None:
            Finding.objects.bulk_create(results.findings(check, sweep, looked.findings, now), batch_size=500)
            if cursor is None:
                results.store(check, sweep, looked, part.seconds, now)

        return Step(cursor, cursor is None, _moved(part, cursor), results.packed(looked.schools), record)

    @staticmethod
    def _failed(check: Check, part: Part, sweep: Sweep, error: Exception) -> Step:
        """A check that crashes, hangs or misses a table is red with the reason, and the others go on."""
        log.error("check could not run", check=check.id, error=type(error).__name__, exc_info=True)
        why, now = runner.describe(error), timezone.now()
        return Step(
            part.cursor, True, max(0, part.total - part.done), part.figures,
            lambda: results.could_not_run(check, sweep, why, now),
        )  # fmt: skip

    def end(self, sweep: Sweep) -> dict[str, Any]:
        from tracking import evidence

        found: dict[str, int] = {}
        for result in ValidationResult.objects.filter(sweep=sweep).values_list("result", flat=True):
            found[result] = found.get(result, 0) + 1
        now = timezone.now()
        if _is_final(sweep) and sweep.phase is not None:
            Phase.objects.filter(pk=sweep.phase.pk).exclude(state=PhaseState.SIGNED).update(
                state=PhaseState.FINISHED, finished_at=now
            )
        if sweep.wave is not None:
            evidence.revalidate_wave(sweep.wave, now)
        return {"results": found, "findings": Finding.objects.filter(sweep=sweep).count()}


def _is_final(sweep: Sweep) -> bool:
    """All checks of the phase of validation: its work is done when they are through."""
    return sweep.params["when"] == "F" and not sweep.params.get("only")


def _moved(part: Part, cursor: Any) -> int:
    """How far a step came, in what the part's total counts: a key, or the place of the table in a list."""
    place = cursor[0] if isinstance(cursor, list) else cursor
    return max(0, (part.total if place is None else min(place, part.total)) - part.done)

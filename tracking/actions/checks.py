"""Running the checks of a phase, and saying by name that a group of findings was seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracking import sweeps, work
from tracking.actions.base import Action, ActionRefused
from tracking.gates import checks
from tracking.models import Acknowledgement, Phase, Sweep, ValidationResult, Wave


class RunChecks(Action):
    """Asks the workers for all checks of a moment, or for some: P, E (with a phase), F, D or K (R 1.7)."""

    name, permission, subject_type = "run checks", "tracking.run_checks", "wave"

    def __init__(self, wave: Wave, *, when: str, phase: Phase | None = None, only: tuple[str, ...] = (), workers: int = 2,
                 **who: Any) -> None:  # fmt: skip
        super().__init__(wave, **who)
        self.when, self.phase, self.only, self.workers = when, phase, only, workers
        self.sweep: Sweep | None = None

    def effect(self) -> str:
        known = [one for one in work.checks() if not self.only or one.id in self.only]
        if self.when == "P":
            twins = sum(one.twin for one in known)
            return _("%(n)s checks read the legacy database; nothing is written there.") % {"n": twins}
        known = [one for one in known if self.when in one.when]
        if self.phase is not None and self.when == "E":
            known = [one for one in known if one.phase <= self.phase.number]
        return _("%(n)s checks read both databases; nothing is written there.") % {"n": len(known)}

    def check(self) -> None:
        if self.when not in "PEFDK":
            raise ActionRefused(
                _("There is no moment %(when)s: choose P, E, F, D or K.") % {"when": self.when}
            )
        if busy := sweeps.unfinished(checks.RECONCILE, self.subject).first():
            raise ActionRefused(
                _("Checks of this wave are under way already (%(sweep)s): wait for them, or end them first.")
                % {"sweep": busy}
            )

    def execute(self, now: datetime) -> dict[str, Any]:
        phase = self.phase
        if phase is None and self.when == "F":
            phase = self.subject.phases.get(number=checks.VALIDATION)
        self.sweep = sweeps.create(
            checks.RECONCILE, now, wave=self.subject, phase=phase,
            params={"when": self.when, "only": sorted(self.only)}, workers=self.workers, asked_by=self.actor,
        )  # fmt: skip
        return {"sweep": self.sweep.pk, "when": self.when, "checks": sorted(self.only)}

    def before(self) -> dict[str, Any]:
        return {}


class Acknowledge(Action):
    """Says by name that the findings of a check in a school were seen and need no repair; bound to their keys (R 1.4)."""

    name, permission, subject_type = (
        "acknowledge findings",
        "tracking.acknowledge_findings",
        "validation result",
    )

    def effect(self) -> str:
        one = self.subject
        return _("You confirm to have seen the findings of %(check)s: %(message)s.") % {
            "check": one.validation_type, "message": one.message,
        }  # fmt: skip

    def check(self) -> None:
        one: ValidationResult = self.subject
        if self.actor is None:
            raise ActionRefused(_("An acknowledgement needs a person: use the panel, with your own account."))
        if not one.current:
            raise ActionRefused(_("The check ran again since: look at its new result."))
        if one.severity == "B" or one.result != ValidationResult.Result.WARNING or not one.fingerprint:
            raise ActionRefused(_("There is nothing to acknowledge here; what blocks is repaired or waived."))

    def execute(self, now: datetime) -> dict[str, Any]:
        one: ValidationResult = self.subject
        made, _new = Acknowledgement.objects.get_or_create(
            wave=one.wave, check_id=one.validation_type, school_id=one.school_id, fingerprint=one.fingerprint,
            defaults={"note": self.reason[:1000], "by": self.actor, "at": now},
        )  # fmt: skip
        return {"acknowledgement": made.pk, "fingerprint": one.fingerprint}

    def before(self) -> dict[str, Any]:
        return {}

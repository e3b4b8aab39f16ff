"""What the checks said: one gate that all of them ran, and one for each check that blocks or wants to be seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracking import work
from tracking.gates.base import Gate, Link, Reading
from tracking.gates.memo import once
from tracking.gates.runs import MOVING, latest_runs
from tracking.models import Acknowledgement, Phase, Rollback, ValidationResult
from tracking.work import CheckFacts

Result = ValidationResult.Result
RECONCILE, VALIDATION = "reconcile", 5
PHASES = (*MOVING, VALIDATION)


def moment_of(phase: Phase) -> str:
    """E at the end of a phase that moves, F in the phase of validation."""
    return "F" if phase.number == VALIDATION else "E"


def due(phase: Phase) -> list[CheckFacts]:
    """The checks that the phase has to pass: those of its moment that make sense by then."""
    upto = MOVING[-1] if phase.number == VALIDATION else phase.number
    return [one for one in work.checks() if moment_of(phase) in one.when and one.phase <= upto]


class Verdict(NamedTuple):
    """What gates need of a verdict: 180 checks of 40 schools are too many for whole records."""

    validation_type: str
    school_id: int | None
    result: str
    message: str
    fingerprint: str
    created_at: datetime


def newest(phase: Phase) -> QuerySet[ValidationResult]:
    """The verdicts of the phase's checks that count."""
    return ValidationResult.objects.filter(
        wave=phase.wave_id, phase=phase, moment=moment_of(phase), current=True
    ).order_by("validation_type", "school_id")


@once
def results(phase: Phase, now: datetime) -> dict[str, list[Verdict]]:
    """The newest verdicts of the phase's checks, by check id."""
    found: dict[str, list[Verdict]] = {}
    for one in map(Verdict._make, newest(phase).values_list(*Verdict._fields)):
        found.setdefault(one.validation_type, []).append(one)
    return found


@once
def acknowledged(phase: Phase, now: datetime) -> set[tuple[str, int | None, str]]:
    rows = Acknowledgement.objects.filter(wave=phase.wave_id)
    return set(rows.values_list("check_id", "school_id", "fingerprint"))


def _place(one: Verdict) -> str:
    return f"school {one.school_id}" if one.school_id is not None else "all"


def _link(phase: Phase, check_id: str) -> Link:
    return Link(
        _("the findings"), "tracking.finding", page="admin:tracking_phase_check", args=(phase.pk, check_id)
    )


class ChecksRan(Gate):
    """Every check of the phase has a verdict that is younger than the last run of the phase."""

    id, phases, waivable = "checks", PHASES, False
    title = gettext_lazy("Every check of this phase ran after the last run")

    def read(self, phase: Phase, now: datetime) -> Reading:
        found, wanted = results(phase, now), due(phase)
        missing = [one.id for one in wanted if one.id not in found]
        if missing:
            said = _("%(n)s of %(all)s checks have not run yet. Press “Run the checks”.") % {
                "n": len(missing), "all": len(wanted),
            }  # fmt: skip
            return Reading(said, {"missing": missing})
        moved = _last_moved(phase, now)
        if moved is not None and any(one.created_at < moved for facts in wanted for one in found[facts.id]):
            return Reading(
                _("Records were moved since the checks ran: run them again."), {"older": str(moved)}
            )
        return Reading(_("%(n)s checks ran.") % {"n": len(wanted)})


def _last_moved(phase: Phase, now: datetime) -> datetime | None:
    """When the last run ended that the checks of this phase look at, or the last rollback."""
    if phase.number in MOVING:
        phases: Iterable[Phase] = (phase,)
    else:
        phases = phase.wave.phases.filter(number__in=MOVING)
    ends = [run.completed_at for one in phases for run in latest_runs(one, now).values() if run.completed_at]
    went = Rollback.objects.filter(wave=phase.wave_id, started_at__isnull=False, finished_at__isnull=False)
    return max(
        [*ends, *went.order_by("-finished_at").values_list("finished_at", flat=True)[:1]], default=None
    )


class CheckPassed(Gate):
    """One blocking check: red while a school fails it. A waiver is bound to the list of violating keys."""

    phases = PHASES

    def __init__(self, facts: CheckFacts) -> None:
        self.facts, self.id, self.title = facts, facts.id, facts.title  # type: ignore[misc]

    def read(self, phase: Phase, now: datetime) -> Reading:
        found = results(phase, now).get(self.id, [])
        if not found:
            return Reading(_("It has not run yet."), {"not run": True})
        red = {_place(one): one.fingerprint for one in found if one.result == Result.FAIL}
        if not red:
            return Reading(_said(found))
        worst = next(one for one in found if one.result == Result.FAIL)
        said = _("%(n)s places fail; the first: %(place)s, %(message)s.") % {
            "n": len(red), "place": _place(worst), "message": worst.message,
        }  # fmt: skip
        return Reading(said, red, (_link(phase, self.id),))


class CheckSeen(Gate):
    """One check that does not block: each group of its findings is acknowledged by a named person."""

    phases = PHASES

    def __init__(self, facts: CheckFacts) -> None:
        self.facts, self.id, self.title = facts, facts.id, facts.title  # type: ignore[misc]

    def read(self, phase: Phase, now: datetime) -> Reading:
        found = results(phase, now).get(self.id, [])
        if not found:
            return Reading(_("It has not run yet."), {"not run": True})
        if broken := [one for one in found if one.result == Result.FAIL]:
            return Reading(
                broken[0].message, {_place(one): one.fingerprint for one in broken}, (_link(phase, self.id),)
            )
        seen = acknowledged(phase, now)
        unseen = {
            _place(one): one.fingerprint
            for one in found
            if one.result == Result.WARNING
            and one.fingerprint
            and (self.id, one.school_id, one.fingerprint) not in seen
        }
        if not unseen:
            return Reading(_said(found))
        said = ngettext(
            "%(n)s group of findings waits to be acknowledged by name.",
            "%(n)s groups of findings wait to be acknowledged by name.",
            len(unseen),
        )
        return Reading(said % {"n": len(unseen)}, unseen, (_link(phase, self.id),))


def _said(found: list[Verdict]) -> str:
    counts: dict[str, int] = {}
    for one in found:
        counts[one.result] = counts.get(one.result, 0) + 1
    if set(counts) == {Result.NOTHING}:
        return _("There was nothing to check.")
    return _("%(n)s places looked at, none fails.") % {"n": len(found)}


def find(gate_id: str) -> Gate | None:
    """The gate of one check; None when no check that makes a gate has this id."""
    kinds: dict[str, Any] = {"B": CheckPassed, "W": CheckSeen}
    for one in work.checks():
        if one.id == gate_id and one.severity in kinds:
            found: Gate = kinds[one.severity](one)
            return found
    return None


def of_checks(phase: Phase) -> list[Gate]:
    """The gates that a phase has because of its checks."""
    if phase.number not in PHASES:
        return []
    kinds: dict[str, Any] = {"B": CheckPassed, "W": CheckSeen}
    return [ChecksRan(), *(kinds[one.severity](one) for one in due(phase) if one.severity in kinds)]

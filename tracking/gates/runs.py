"""Did everything of the phase run to its end, and does every legacy row have an outcome?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracking import words, work
from tracking.gates.base import Gate, Link, Reading
from tracking.gates.memo import once
from tracking.models import Phase, Run
from tracking.states import RunStatus

MOVING = (2, 3, 4)
UNDONE = (RunStatus.CANCELLED, RunStatus.ROLLED_BACK)


@once
def latest_runs(phase: Phase, now: datetime) -> dict[str, Run]:
    """The latest real run of each migration; one cancelled or rolled back counts only where no other is."""
    found: dict[str, Run] = {}
    for run in Run.objects.filter(phase=phase, dry_run=False).order_by("pk"):
        before = found.get(run.entity_type)
        if before is None or run.status not in UNDONE or before.status in UNDONE:
            found[run.entity_type] = run
    return found


def unfinished(runs: Iterable[Run]) -> dict[str, str]:
    return {run.entity_type: run.status for run in runs if run.status != RunStatus.COMPLETED}


def runs_link(phase: Phase) -> Link:
    return Link(_("the runs"), "tracking.run", {"phase__id__exact": phase.pk, "dry_run__exact": 0})


class RunsComplete(Gate):
    """Every migration of the phase has a real run that is complete, and nothing is under way."""

    id, phases, waivable = "runs", MOVING, False
    title = gettext_lazy("Every migration of this phase ran to its end")

    def read(self, phase: Phase, now: datetime) -> Reading:
        runs = latest_runs(phase, now)
        expected = work.migrations(phase.number)
        wrong = {name: "not run" for name in expected if name not in runs} | unfinished(runs.values())
        done = len(expected) - len([name for name in expected if name in wrong])
        said = _("%(done)s of %(all)s migrations are complete.") % {"done": done, "all": len(expected)}
        if wrong:
            still = _("Still open:")
            named = ", ".join(
                f"{name}: {words.said(state).replace('_', ' ')}" for name, state in list(wrong.items())[:6]
            )
            said = f"{said} {still} {named}{' …' if len(wrong) > 6 else ''}"
        return Reading(said, {"open": wrong} if wrong else {}, (runs_link(phase),))


class LedgerBalances(Gate):
    """Every legacy row of the scope has exactly one recorded outcome (law: a run is complete only then).

    A run compares both databases key by key before it becomes complete; here that verdict is read.
    """

    id, phases, waivable = "ledger", MOVING, False
    title = gettext_lazy("Every legacy row has a recorded outcome")

    def read(self, phase: Phase, now: datetime) -> Reading:
        runs = latest_runs(phase, now)
        missing = [run for run in runs.values() if run.status == RunStatus.UNBALANCED]
        if missing:
            return Reading(
                _("Legacy rows without an outcome: %(said)s.")
                % {"said": "; ".join(run.told_status_reason for run in missing)},
                {"unbalanced": {str(run.pk): run.status_reason for run in missing}},
                (
                    Link(
                        _("the runs"),
                        "tracking.run",
                        {"phase__id__exact": phase.pk, "status__exact": "unbalanced"},
                    ),
                ),
            )
        unknown = unfinished(runs.values()) or ({} if runs else {"": "not run"})
        if unknown:
            return Reading(
                _("Not known yet: that is compared when a run comes to its end."),
                {"unknown": unknown},
                (runs_link(phase),),
            )
        rows = sum(run.processed_records for run in runs.values())
        said = _("%(runs)s runs compared key by key, %(rows)s records; no row is missing.")
        return Reading(said % {"runs": len(runs), "rows": f"{rows:,}"}, {}, (runs_link(phase),))

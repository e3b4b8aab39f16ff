"""What speaks for each criterion now: verdicts of checks, live measurements, and what people said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracking import manual, work, workers
from tracking.criteria.declared import ALL, Criterion
from tracking.dashboard import broker
from tracking.models import CriterionStatement, RestoreTest, Run, ValidationResult, Wave
from tracking.performance import SCENARIOS
from tracking.risks.areas import number_of
from tracking.states import RunStatus

Result = ValidationResult.Result
WORST = (Result.FAIL, Result.WAIVED, Result.WARNING, Result.PASS, Result.NOTHING)


class State:
    """A criterion is met, is not, or nothing can be said."""

    MET, NOT_MET, NOT_MEASURED = "met", "not met", "not measured"
    SENTENCES = {
        MET: gettext_lazy("Met"),
        NOT_MET: gettext_lazy("Not met"),
        NOT_MEASURED: gettext_lazy("Not measured yet"),
    }


@dataclass(frozen=True)
class Evidence:
    """One thing that speaks for or against a criterion; `check` opens its verdicts."""

    text: str
    state: str
    check: str = ""
    result: str = ""
    sweep: int | None = None


@dataclass(frozen=True)
class Reading:
    """A criterion with its state, why, and the evidence."""

    criterion: Criterion
    state: str
    evidence: tuple[Evidence, ...]
    statement: CriterionStatement | None = None

    @property
    def why(self) -> str:
        """The first thing that keeps it from being met."""
        return next((one.text for one in self.evidence if one.state != State.MET), "")


def read(wave: Wave, now: datetime) -> list[Reading]:
    """Every criterion of a wave, in the strategy's order; some eight queries."""
    verdicts, moved = _verdicts(wave), _last_moved(wave)
    said, facts = _statements(wave), _Facts(verdicts, moved, _titles())
    return [_read(one, facts, said.get(one.key), now) for one in ALL]


@dataclass(frozen=True)
class _Facts:
    """What is known of the checks of a wave: verdicts by check, the end of its latest run, titles of all checks."""

    verdicts: dict[str, list[ValidationResult]]
    moved: datetime | None
    titles: dict[str, str]

    def named(self, check: str) -> str:
        title = self.titles.get(check)
        return f"{check} {title}" if title else check


def _titles() -> dict[str, str]:
    elsewhere = [(one.check, one.title) for one in SCENARIOS.values()] + [
        (one.id, one.title) for one in manual.CHECKS
    ]
    return {one.id: str(one.title) for one in work.checks()} | {
        check: str(title) for check, title in elsewhere
    }


def _read(criterion: Criterion, facts: _Facts, said: CriterionStatement | None, now: datetime) -> Reading:
    found = [*_of_checks(criterion, facts), *_live(criterion, now)]
    if criterion.by_a_person:
        found.append(_statement(said))
    states = {one.state for one in found}
    worst = next((one for one in (State.NOT_MET, State.NOT_MEASURED) if one in states), State.MET)
    return Reading(criterion, worst if found else State.NOT_MEASURED, tuple(found), said)


def _verdicts(wave: Wave) -> dict[str, list[ValidationResult]]:
    """The latest verdicts of each check of the wave; of the pre-flight and of other moments only what is newest."""
    current = ValidationResult.objects.filter(wave=wave, current=True).exclude(
        validation_type__startswith="P-"
    )
    rows = current.exclude(moment="P").defer("details").order_by("pk")
    by_check: dict[str, list[ValidationResult]] = defaultdict(list)
    for row in rows:
        by_check[row.validation_type].append(row)
    return {
        check: [one for one in some if one.sweep_id == some[-1].sweep_id] for check, some in by_check.items()
    }


def _last_moved(wave: Wave) -> datetime | None:
    runs = Run.objects.filter(phase__wave=wave, dry_run=False, status=RunStatus.COMPLETED)
    found: datetime | None = runs.aggregate(at=Max("completed_at"))["at"]
    return found


def _statements(wave: Wave) -> dict[str, CriterionStatement]:
    rows = CriterionStatement.objects.filter(wave=wave).select_related("said_by").order_by("pk")
    return {row.criterion: row for row in rows}


def _of_checks(criterion: Criterion, facts: _Facts) -> Iterator[Evidence]:
    seen = set()
    for check in sorted(facts.verdicts, key=_place):
        if _belongs(criterion, check):
            seen |= {needed for needed in criterion.needed if _is(needed, check)}
            yield _of_check(criterion, check, facts)
    for needed in criterion.needed:
        if needed not in seen:
            said = _("%(check)s: not run for this wave yet") % {"check": facts.named(needed)}
            yield Evidence(said, State.NOT_MEASURED, needed)


def _of_check(criterion: Criterion, check: str, facts: _Facts) -> Evidence:
    rows = facts.verdicts[check]
    worst = next(result for result in WORST if any(row.result == result for row in rows))
    row = next(row for row in rows if row.result == worst)
    needed = any(_is(one, check) for one in criterion.needed)
    text = f"{facts.named(check)}: {row.told_message}"
    if facts.moved is not None and max(one.created_at for one in rows) < facts.moved:
        text = _("%(text)s (before the latest run ended: check again)") % {"text": text}
        return Evidence(
            text, State.NOT_MEASURED if worst != Result.FAIL else State.NOT_MET, check, worst, row.sweep_id
        )
    return Evidence(text, _state(worst, needed, criterion.full_only), check, worst, row.sweep_id)


def _state(worst: str, needed: bool, full_only: bool) -> str:
    if worst in (Result.FAIL, Result.WAIVED):
        return State.NOT_MET
    if (worst == Result.NOTHING and needed) or (worst == Result.WARNING and full_only):
        return State.NOT_MEASURED
    return State.MET


def _belongs(criterion: Criterion, check: str) -> bool:
    if any(_is(one, check) for one in criterion.needed):
        return True
    return check.startswith(criterion.prefixes) or any(number_of(check) in span for span in criterion.also)


def _is(needed: str, check: str) -> bool:
    """R-32 is meant by R-32a as well, and not by R-320."""
    rest = check.removeprefix(needed)
    return check.startswith(needed) and not rest[:1].isdigit()


def _place(check: str) -> tuple[int, str]:
    return (number_of(check), check)


def _statement(said: CriterionStatement | None) -> Evidence:
    if said is None:
        return Evidence(_("Nobody has said yet that this is so."), State.NOT_MEASURED)
    facts = {
        "who": said.said_by, "at": f"{timezone.localtime(said.said_at):%Y-%m-%d %H:%M}", "what": said.evidence,
    }  # fmt: skip
    if said.is_met:
        return Evidence(_("%(who)s says that it is met (%(at)s): %(what)s") % facts, State.MET)
    return Evidence(_("%(who)s says that it is not met (%(at)s): %(what)s") % facts, State.NOT_MET)


def _live(criterion: Criterion, now: datetime) -> Iterator[Evidence]:
    if criterion.live == "monitoring":
        yield from _monitoring(now)
    elif criterion.live == "restore":
        yield _restored()


def _monitoring(now: datetime) -> Iterator[Evidence]:
    live = [seat.name for seat in workers.seats(now) if seat.is_live]
    if live:
        yield Evidence(_("%(n)s workers report") % {"n": len(live)}, State.MET)
    else:
        yield Evidence(_("No worker has reported for a while"), State.NOT_MET)
    if broker.depth().reachable:
        yield Evidence(_("The queue answers"), State.MET)
    else:
        yield Evidence(_("The queue does not answer"), State.NOT_MET)


def _restored() -> Evidence:
    """The latest restore test that came to an end, of any wave: what it proves is the procedure."""
    ended = Q(passed__isnull=False) | Q(state=RestoreTest.State.FAILED)
    latest = RestoreTest.objects.filter(ended).order_by("-id").first()
    if latest is None:
        return Evidence(_("No backup has been restored for a test"), State.NOT_MEASURED)
    facts: dict[str, Any] = {"backup": latest.backup}
    if latest.passed:
        return Evidence(_("The backup %(backup)s was restored and is equal") % facts, State.MET)
    return Evidence(_("The latest restore test failed: %(backup)s") % facts, State.NOT_MET)

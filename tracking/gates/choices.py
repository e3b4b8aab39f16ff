"""Were the questions decided by a person, and does what was moved rest on the answers that hold now?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracking import choices, plan
from tracking.choices import ChoiceError
from tracking.choices.required import REQUIRED
from tracking.gates.base import Gate, Link, Reading
from tracking.gates.memo import once
from tracking.gates.runs import latest_runs
from tracking.models import ChoiceValue, Phase


@once
def answers(phase: Phase, now: datetime) -> list[ChoiceValue]:
    """What was decided for the wave, by question and school."""
    return list(ChoiceValue.objects.filter(wave=phase.wave_id).order_by("key", "school_id"))


class ChoicesDecided(Gate):
    """All answers are valid and built; in production the required ones were decided; no run rests on other answers."""

    id = "choices"
    title = gettext_lazy("The choices are decided")

    def read(self, phase: Phase, now: datetime) -> Reading:
        link = Link(_("the choices"), "tracking.choicevalue", {"wave": phase.wave_id})
        decided = answers(phase, now)
        if refused := [one.key for one in decided if _is_refused(one)]:
            wrong = _("Answers that are not valid or not built: %(keys)s.") % {"keys": ", ".join(refused)}
            return Reading(wrong, {"refused": refused}, (link,))
        violated: dict[str, Any] = {}
        said: list[str] = []
        if phase.wave.kind == "production" and (open_ := undecided(decided, phase.wave.schools)):
            violated["undecided"] = open_
            said.append(_("Nobody decided %(keys)s yet.") % {"keys": ", ".join(open_)})
        if other := moved_with_others(phase, now):
            violated["moved with other answers"] = other
            said.append(
                _("Moved with other answers than those that hold now: %(runs)s.") % {"runs": ", ".join(other)}
            )
        keys = len({one.key for one in decided})
        fine = _("%(n)s decided, %(rest)s have their default.") % {"n": keys, "rest": len(choices.ALL) - keys}
        return Reading(" ".join(said) or fine, violated, (link,))


def undecided(decided: list[ChoiceValue], schools: Sequence[int] = ()) -> list[str]:
    """Required questions without an answer for all schools, or for each of `schools` where these are named."""
    answered = {(one.key, one.school_id or 0) for one in decided}

    def is_decided(key: str) -> bool:
        each = (
            schools and choices.find(key).per_school and all((key, school) in answered for school in schools)
        )
        return (key, 0) in answered or bool(each)

    return [key for key in REQUIRED if not is_decided(key)]


def moved_with_others(phase: Phase, now: datetime) -> list[str]:
    """Runs of the phase that started under other answers; runs that did not note them are left out."""
    hold: Any = None
    wrong = []
    for run in latest_runs(phase, now).values():
        noted = run.metadata.get("choices")
        if noted:
            hold = hold or plan.choices_of(phase.wave).fingerprint()
            if noted != hold:
                wrong.append(run.entity_type)
    return wrong


def _is_refused(one: ChoiceValue) -> bool:
    try:
        choices.Choices.defaults().with_values({one.key: {one.school_id or None: one.value}})
    except ChoiceError:
        return True
    return False

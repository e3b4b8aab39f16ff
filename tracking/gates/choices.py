"""Were the questions decided by a person, and does what was moved rest on the answers that hold now?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracking import choices, plan
from tracking.choices import ChoiceError
from tracking.gates.base import Gate, Link, Reading
from tracking.gates.runs import latest_runs
from tracking.models import ChoiceValue, Phase

REQUIRED = ("Q-01", "Q-02", "Q-05", "Q-06", "Q-07", "Q-08", "Q-10", "Q-13", "Q-42")
"""Questions whose default is a guess about this client: time zone, altering columns, who is super-administrator,
unknown birth dates, currency, order of names, test schools, seasons, meaning of a paid voucher (section 7).
A production wave needs a person's answer to each, be it the default."""


class ChoicesDecided(Gate):
    """All answers are valid and built; in production the required ones were decided; no run rests on other answers."""

    id = "choices"
    title = gettext_lazy("The choices are decided")

    def read(self, phase: Phase, now: datetime) -> Reading:
        link = Link(_("the choices"), "tracking.choicevalue", {"wave": phase.wave_id})
        decided = list(ChoiceValue.objects.filter(wave=phase.wave_id).order_by("key", "school_id"))
        if refused := [one.key for one in decided if _is_refused(one)]:
            wrong = _("Answers that are not valid or not built: %(keys)s.") % {"keys": ", ".join(refused)}
            return Reading(wrong, {"refused": refused}, (link,))
        violated: dict[str, Any] = {}
        said: list[str] = []
        if phase.wave.kind == "production" and (open_ := undecided(decided)):
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


def undecided(decided: list[ChoiceValue]) -> list[str]:
    """Required questions without an answer for all schools."""
    answered = {one.key for one in decided if not one.school_id}
    return [key for key in REQUIRED if key not in answered]


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

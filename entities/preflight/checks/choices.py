"""Are the operator's answers usable?"""

from __future__ import annotations

from entities.preflight.check import Answer, Check, Finding, Scope
from tracking.choices import ChoiceError, Choices
from tracking.models import ChoiceValue


class ChoicesValid(Check):
    id = "P-05"
    title = "Every decided choice is valid and built"
    rule = "section 7"
    needs = ("default",)

    def run(self, scope: Scope) -> Answer:
        if scope.wave is None:
            return self.ok("no wave was named: the defaults hold")
        refused, number = [], 0
        for decided in ChoiceValue.objects.filter(wave=scope.wave).order_by("key", "school_id"):
            number += 1
            try:
                Choices.defaults().with_values({decided.key: {decided.school_id or None: decided.value}})
            except ChoiceError as error:
                refused.append(Finding(str(error)))
        if refused:
            return self.found("some choices cannot be used", refused, "decide them again in the wave")
        return self.ok(f"{number} decided, all others have their default")

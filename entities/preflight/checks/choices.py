"""Are the operator's answers and the scope of the wave usable?"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from entities.preflight import sql
from entities.preflight.check import Answer, Check, Finding, Scope, Verdict
from tracking.choices import ChoiceError, Choices
from tracking.models import ChoiceValue
from tracking.sentences import sentence


class ChoicesValid(Check):
    id = "P-05"
    title = _("Every decided choice is valid and built")
    rule = "section 7"
    needs = ("default",)

    def run(self, scope: Scope) -> Answer:
        if scope.wave is None:
            return self.ok(_("no wave was named: the defaults hold"))
        refused, number = [], 0
        for decided in ChoiceValue.objects.filter(wave=scope.wave).order_by("key", "school_id"):
            number += 1
            try:
                Choices.defaults().with_values({decided.key: {decided.school_id or None: decided.value}})
            except ChoiceError as error:
                refused.append(Finding(str(error)))
        if refused:
            return self.found(_("some choices cannot be used"), refused, _("decide them again in the wave"))
        return self.ok(sentence("%(n)s decided, all others have their default", n=number))


class SchoolsExist(Check):
    id = "P-24"
    title = _("The schools of the wave exist in legacy")
    rule = "Q-10"
    needs = ("default", "legacy")

    def run(self, scope: Scope) -> Answer:
        known = {key for (key,) in sql.rows("legacy", f"SELECT id FROM {sql.quoted('legacy', 'schools')}")}
        if not known:
            return Answer(Verdict.NOTHING, sentence("legacy has no schools"))
        wanted = set(scope.wave.schools) if scope.wave else set()
        if unknown := sorted(wanted - known):
            listed = [Finding(f"no school {key}", ids=(key,)) for key in unknown]
            return self.found(
                _("the wave names schools that legacy does not have"), listed, _("correct the wave")
            )
        return self.ok(
            sentence("%(n)s schools, all known", n=len(wanted))
            if wanted
            else sentence("all %(n)s schools", n=len(known))
        )

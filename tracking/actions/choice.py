"""Deciding an operator's choice, and going back to its default."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracking import choices, plan
from tracking.actions.base import Action, ActionRefused
from tracking.choices import ChoiceError
from tracking.models import ChoiceValue, Signature, Wave
from tracking.states import RunStatus


class _OnChoice(Action):
    """An action on the answer to one choice of a wave, for all schools (`school` None) or one legacy school."""

    permission, subject_type = "tracking.decide_choice", "wave"

    def __init__(self, wave: Wave, key: str, *, school: int | None = None, **who: Any) -> None:
        super().__init__(wave, **who)
        self.key, self.school = key, school

    @property
    def wave(self) -> Wave:
        found: Wave = self.subject
        return found

    def stored(self) -> ChoiceValue | None:
        return ChoiceValue.objects.filter(wave=self.wave, key=self.key, school_id=self.school or 0).first()

    def before(self) -> dict[str, Any]:
        stored = self.stored()
        return {"choice": self.key, "school": self.school, "value": stored.value if stored else None}

    def check(self) -> None:
        if not self.reason.strip():
            raise ActionRefused(_("Say who decided and why: the answer is kept with it."))
        at_work = [
            run for run in plan.unfinished(self.wave) if not run.dry_run and run.status != RunStatus.PENDING
        ]
        if at_work:
            raise ActionRefused(
                _(
                    "%(run)s is %(status)s and goes by the answers that it started with: finish or cancel it first."
                )
                % {"run": at_work[0], "status": at_work[0].status}
            )

    def _consequence(self) -> str:
        live = Signature.objects.filter(
            phase__wave=self.wave, state__in=(Signature.State.REQUESTED, Signature.State.APPROVED)
        ).count()
        return _("%(n)s signatures that rest on it become void.") % {"n": live} if live else ""


class DecideChoice(_OnChoice):
    """The answer of a person, for all schools or for one. Refuses what is not valid, or valid but not built."""

    name = "decide choice"

    def __init__(self, wave: Wave, key: str, value: Any, *, school: int | None = None, **who: Any) -> None:
        super().__init__(wave, key, school=school, **who)
        self.value = value

    def parsed(self) -> Any:
        """The value as it is stored; refuses with the sentence that names what is allowed and built."""
        try:
            question = choices.find(self.key)
            held = plan.choices_of(self.wave)
            decided = held.with_values({question.key: {self.school: self.value}})
            return question.dump(decided.get(question.key, self.school))
        except ChoiceError as error:
            raise ActionRefused(str(error)) from error

    def effect(self) -> str:
        where = _("school %(id)s") % {"id": self.school} if self.school else _("all schools")
        said = _("%(key)s is decided for %(where)s: %(value)s.") % {
            "key": self.key,
            "where": where,
            "value": shown(self.parsed()),
        }
        return f"{said} {self._consequence()}".strip()

    def check(self) -> None:
        super().check()
        self.parsed()

    def execute(self, now: datetime) -> dict[str, Any]:
        value = self.parsed()
        ChoiceValue.objects.update_or_create(
            wave=self.wave, key=self.key, school_id=self.school or 0,
            defaults={"value": value, "reason": self.reason[:500], "decided_by": self.actor, "decided_at": now},
        )  # fmt: skip
        return {"choice": self.key, "school": self.school, "value": value}


class ForgetChoice(_OnChoice):
    """Takes an answer back: the default holds again, or for one school the answer for all."""

    name = "forget choice"

    def effect(self) -> str:
        said = _("The answer to %(key)s is taken back; the default holds again.") % {"key": self.key}
        return f"{said} {self._consequence()}".strip()

    def check(self) -> None:
        super().check()
        if self.stored() is None:
            raise ActionRefused(_("Nobody decided that: the default holds."))

    def execute(self, now: datetime) -> dict[str, Any]:
        ChoiceValue.objects.filter(wave=self.wave, key=self.key, school_id=self.school or 0).delete()
        return {"choice": self.key, "school": self.school, "value": None}


def shown(value: Any) -> str:
    """A value as a person reads it: parts as `name: value`."""
    if isinstance(value, dict):
        return "; ".join(f"{name}: {shown(part)}" for name, part in value.items()) or "–"
    if isinstance(value, list):
        return ", ".join(shown(part) for part in value) or "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "–" if value is None else str(value)

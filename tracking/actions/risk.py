"""Keeping the risk register, and saying what no check can measure about the success criteria."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils.text import slugify
from django.utils.translation import gettext as _

from tracking.actions.base import Action, ActionRefused
from tracking.models import CriterionStatement, Risk, Wave

TEXTS = ("title", "description", "mitigation")
GRADES = ("likelihood", "impact")


class _OnRegister(Action):
    permission, subject_type = "tracking.keep_risk", "risk"

    def __init__(self, risk: Risk | None, values: Mapping[str, Any], **who: Any) -> None:
        super().__init__(risk, **who)
        self.values = {name: values.get(name) for name in (*TEXTS, *GRADES, "owner", "state")}

    def check(self) -> None:
        for name in TEXTS:
            if not str(self.values[name] or "").strip():
                raise ActionRefused(_("A risk needs a title, a description and what is done against it."))
        if any(self.values[name] not in Risk.Grade.values for name in GRADES):
            raise ActionRefused(_("Likelihood and impact are low, medium, high or severe."))
        if self.values["owner"] and not User.objects.filter(pk=self.values["owner"], is_staff=True).exists():
            raise ActionRefused(_("The owner is somebody with an account of the panel."))

    def _columns(self, now: datetime) -> dict[str, Any]:
        texts = {name: str(self.values[name]).strip() for name in TEXTS}
        grades = {name: self.values[name] for name in GRADES}
        return {**texts, **grades, "owner_id": self.values["owner"] or None, "updated_at": now}


class EditRisk(_OnRegister):
    """Changes texts, grades, owner or state of a risk. A triggered one stays so until its trigger is gone."""

    name = "edit risk"

    def effect(self) -> str:
        changed = [_said(name) for name, (old, new) in self._changes().items() if old != new]
        if not changed:
            return _("Nothing would change.")
        return _("You change %(what)s of the risk “%(risk)s”; the change is kept with your name.") % {
            "what": ", ".join(changed), "risk": self.subject.title,
        }  # fmt: skip

    def _changes(self) -> dict[str, tuple[Any, Any]]:
        risk = self.subject
        found = {name: (getattr(risk, name), self.values[name]) for name in (*TEXTS, *GRADES, "state")}
        return found | {"owner": (risk.owner_id, self.values["owner"] or None)}

    def before(self) -> dict[str, Any]:
        return {name: old for name, (old, new) in self._changes().items() if old != new}

    def check(self) -> None:
        super().check()
        state = self.values["state"]
        if state not in Risk.State.values:
            raise ActionRefused(_("This is no state of a risk."))
        if state == self.subject.state:
            return
        if self.subject.triggers:
            raise ActionRefused(
                _("The risk is triggered: its state follows when the alert behind it is closed.")
            )
        if state == Risk.State.TRIGGERED:
            raise ActionRefused(_("Only a check or a monitor triggers a risk."))

    def execute(self, now: datetime) -> dict[str, Any]:
        after = {name: new for name, (old, new) in self._changes().items() if old != new}
        Risk.objects.filter(pk=self.subject.pk).update(**self._columns(now), state=self.values["state"])
        return after


class AddRisk(_OnRegister):
    """Puts another risk into the register."""

    name = "add risk"

    def __init__(self, values: Mapping[str, Any], **who: Any) -> None:
        super().__init__(None, values, **who)

    def effect(self) -> str:
        return _("The register gets one more risk: “%(risk)s”.") % {"risk": self.values["title"] or "…"}

    def check(self) -> None:
        super().check()
        if Risk.objects.filter(key=self._key()).exists():
            raise ActionRefused(_("There is a risk of this title already."))

    def _key(self) -> str:
        return slugify(str(self.values["title"]))[:40] or "risk"

    def execute(self, now: datetime) -> dict[str, Any]:
        columns = self._columns(now)
        self.subject = Risk.objects.create(key=self._key(), **columns)
        return {name: value for name, value in columns.items() if name != "updated_at"}


class StateCriterion(Action):
    """A person says that a criterion is met, or is not, and where the evidence is."""

    name, permission, subject_type = "state criterion", "tracking.state_criterion", "wave"

    def __init__(self, wave: Wave, criterion: str, *, is_met: bool, evidence: str, **who: Any) -> None:
        super().__init__(wave, **who)
        self.criterion, self.is_met, self.evidence = criterion, is_met, evidence.strip()

    def effect(self) -> str:
        if self.is_met:
            return _("You say that this criterion is met; your name and the evidence stand on the page.")
        return _("You say that this criterion is not met; your name and the reason stand on the page.")

    def check(self) -> None:
        from tracking.criteria import by_key

        found = by_key(self.criterion)
        if found is None or not found.by_a_person:
            raise ActionRefused(_("Nobody has to say anything about this criterion: checks measure it."))
        if self.actor is None:
            raise ActionRefused(_("A person says it: use the panel, with your own account."))
        if not self.evidence:
            raise ActionRefused(_("Say what the statement rests on: a protocol, a test, an address."))

    def execute(self, now: datetime) -> dict[str, Any]:
        CriterionStatement.objects.create(
            wave=self.subject, criterion=self.criterion, is_met=self.is_met, evidence=self.evidence[:1000],
            said_by=self.actor, said_at=now,
        )  # fmt: skip
        return {"criterion": self.criterion, "met": self.is_met, "evidence": self.evidence[:1000]}


def _said(name: str) -> str:
    from tracking.labels import FIELDS

    return str(FIELDS.get(name, name))

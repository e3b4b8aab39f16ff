"""Taking an alert: somebody looks after it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracking.actions.base import Action, ActionRefused
from tracking.models import Alert


class AcknowledgeAlert(Action):
    """The alert names who looks after it; it stays open until its condition is gone."""

    name, permission, subject_type = "acknowledge alert", "tracking.acknowledge_alert", "alert"

    def effect(self) -> str:
        return _(
            "You say that you look after it: “%(alert)s”. It stays open until its condition is gone."
        ) % {"alert": self.subject.told_message}

    def before(self) -> dict[str, Any]:
        return {"taken_by": None}

    def check(self) -> None:
        if self.subject.closed_at is not None:
            raise ActionRefused(_("this alert is closed: its condition is gone"))
        if self.subject.taken_by_id is not None:
            raise ActionRefused(_("%(name)s already looks after it") % {"name": self.subject.taken_by})
        if self.actor is None:
            raise ActionRefused(_("an alert is taken by a person, and the command line is none"))

    def execute(self, now: datetime) -> dict[str, Any]:
        waiting = Alert.objects.filter(pk=self.subject.pk, taken_by=None, closed_at=None)
        if not waiting.update(taken_by=self.actor):
            raise ActionRefused(_("somebody else took it, or it closed, meanwhile: look again"))
        return {"code": self.subject.code, "taken_by": self.actor.get_username()}

"""Leaving a record out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracking.actions.correct import IssueAction
from tracking.triage import answers


class SkipRecord(IssueAction):
    """The record is not moved, on purpose and with a reason; its row is kept in the archive when it is sent again."""

    name, permission = "skip record", "tracking.skip_record"

    def effect(self) -> str:
        return _("%(record)s is left out of V5 on purpose; its legacy row is kept in the archive.") % {
            "record": self.record()
        }

    def check(self) -> None:
        self.needs_reason()
        self.needs_open()

    def execute(self, now: datetime) -> dict[str, Any]:
        answer = answers.Answer(self.issue, {}, self.reason, skip=True)
        [correction] = answers.put(self.issue.wave_id, [answer], self.actor, now)
        return {"correction": correction.pk, "skip": True}

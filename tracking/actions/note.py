"""What somebody says about an issue."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracking.actions.base import ActionRefused
from tracking.actions.correct import IssueAction
from tracking.models import Issue, IssueNote

LONGEST = 4_000


class NoteIssue(IssueAction):
    """A note for whoever looks at the record next. The audit event names the note, never its words."""

    name, permission = "note issue", "tracking.note_issue"

    def __init__(self, issue: Issue, text: str, **who: Any) -> None:
        super().__init__(issue, **who)
        self.text = text.strip()

    def effect(self) -> str:
        return _("Your note stands beside %(record)s, with your name.") % {"record": self.record()}

    def check(self) -> None:
        if not self.text or len(self.text) > LONGEST:
            raise ActionRefused(_("A note has 1 to %(n)s letters.") % {"n": f"{LONGEST:,}"})

    def execute(self, now: datetime) -> dict[str, Any]:
        note = IssueNote.objects.create(
            issue=self.issue, text=self.text, written_by=self.actor, written_at=now
        )
        return {"note": note.pk}

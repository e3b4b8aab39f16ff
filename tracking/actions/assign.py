"""Who looks after an issue."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracking.actions.base import ActionRefused
from tracking.actions.correct import IssueAction
from tracking.models import Issue


class AssignIssue(IssueAction):
    """The issue has a person who looks after it; None takes it back."""

    name, permission = "assign issue", "tracking.assign_issue"

    def __init__(self, issue: Issue, person: Any, **who: Any) -> None:
        super().__init__(issue, **who)
        self.person = person

    def before(self) -> dict[str, Any]:
        return {"assignee": self.issue.assignee.get_username() if self.issue.assignee else None}

    def effect(self) -> str:
        if self.person is None:
            return _("Nobody in particular looks after %(record)s any more.") % {"record": self.record()}
        return _("%(who)s looks after %(record)s.") % {
            "who": self.person.get_username(),
            "record": self.record(),
        }

    def check(self) -> None:
        if self.person is not None and not (self.person.is_active and self.person.is_staff):
            raise ActionRefused(
                _("%(who)s has no access to the panel.") % {"who": self.person.get_username()}
            )

    def execute(self, now: datetime) -> dict[str, Any]:
        Issue.objects.filter(pk=self.issue.pk).update(assignee=self.person)
        return {"assignee": self.person.get_username() if self.person else None}

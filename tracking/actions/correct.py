"""Answering an issue with other values, and sending the answer to V5."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracking.actions.base import Action, ActionRefused
from tracking.models import Issue
from tracking.sentences import told
from tracking.states import IssueState
from tracking.triage import again, answers

Check = Callable[[str, str, str | None], None]


class IssueAction(Action):
    """Something that a person says about one issue."""

    subject_type = "issue"

    @property
    def issue(self) -> Issue:
        found: Issue = self.subject
        return found

    def before(self) -> dict[str, Any]:
        return {"state": self.issue.state}

    def record(self) -> str:
        return f"{self.issue.entity_type}:{self.issue.legacy_id}"

    def needs_reason(self) -> None:
        if not self.reason.strip():
            raise ActionRefused(_("Give the reason: whoever looks at the record later needs it."))

    def needs_open(self) -> None:
        if self.issue.state != IssueState.OPEN:
            raise ActionRefused(_("This issue is not open any more: %(state)s. Look at the record again.")
                                % {"state": self.issue.get_state_display()})  # fmt: skip


class CorrectIssue(IssueAction):
    """Other values for columns of the legacy row; legacy itself stays as it is.

    `values` are texts by column, None empties a column. `check` (table, column, text) raises ValueError for what the
    column cannot hold. Nothing moves until the record is sent again. The audit event names columns, never values.
    """

    name, permission = "correct record", "tracking.correct_issue"

    def __init__(
        self, issue: Issue, values: dict[str, str | None], *, check: Check = lambda *_: None, **who: Any
    ) -> None:
        super().__init__(issue, **who)
        self.values, self.fits = values, check

    def effect(self) -> str:
        return _("%(record)s is read with another %(columns)s from now on; legacy itself stays as it is.") % {
            "record": self.record(), "columns": ", ".join(self.values),
        }  # fmt: skip

    def check(self) -> None:
        self.needs_reason()
        self.needs_open()
        if not self.values:
            raise ActionRefused(_("Nothing is changed: give at least one column another value."))
        for column, value in self.values.items():
            try:
                self.fits(self.issue.legacy_table, column, value)
            except ValueError as wrong:
                raise ActionRefused(str(wrong)) from wrong

    def execute(self, now: datetime) -> dict[str, Any]:
        answer = answers.Answer(self.issue, self.values, self.reason)
        [correction] = answers.put(self.issue.wave_id, [answer], self.actor, now)
        return {"correction": correction.pk, "columns": sorted(self.values)}


class ApplyCorrection(IssueAction):
    """The record goes through again, with what people answered; records that wait for it follow."""

    name, permission = "apply correction", "tracking.apply_correction"

    def __init__(self, issue: Issue, *, waiting: tuple[int, ...] = (), **who: Any) -> None:
        """`waiting` are further issues, of records that wait for this one."""
        super().__init__(issue, **who)
        self.waiting = waiting

    def order(self) -> again.Order:
        found = Issue.objects.filter(pk__in=[self.issue.pk, *self.waiting], wave=self.issue.wave_id)
        return again.order_of(self.issue.wave, found.values_list("root_entity", "root_id"))

    def effect(self) -> str:
        return told(self.order().sentence())

    def check(self) -> None:
        self.order()

    def execute(self, now: datetime) -> dict[str, Any]:
        order = self.order()
        made = again.requeue(order, now, self.name, actor=self.actor, reason=self.reason)
        again.mark_applied(self.issue.wave_id, [self.issue], now)
        return {**made, "records": order.records}


class RequeueIssue(ApplyCorrection):
    """The same without an answer, after the cause was put right elsewhere."""

    name, permission = "requeue issue", "tracking.requeue_batches"

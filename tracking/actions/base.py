"""What every action has: permission, precondition, predicted effect, execution, audit event."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction

from tracking.models import AuditEvent, Run


class ActionRefused(Exception):
    """The action may not happen; the message says why and what would help."""


class Action:
    """One thing that a person does to a run.

    `perform` refuses with ActionRefused when the person may not do it or the run is not in a state for it.
    `actor` None stands for the command line (`via="command"`): whoever has the shell has the databases.
    """

    name: ClassVar[str] = ""
    permission: ClassVar[str] = ""

    def __init__(self, run: Run, *, actor: Any = None, via: str = "panel", reason: str = "") -> None:
        self.run, self.actor, self.via, self.reason = run, actor, via, reason

    def effect(self) -> str:
        """What `perform` would do now, in one sentence with numbers."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it does")

    def check(self) -> None:
        """Refuse with ActionRefused when the run is not in a state for this action."""

    def execute(self, now: datetime) -> dict[str, Any]:
        """Do it; returns what the audit event keeps under `after`."""
        raise NotImplementedError(f"{type(self).__name__} does nothing")

    def before(self) -> dict[str, Any]:
        """What the audit event keeps under `before`."""
        return {"status": self.run.status}

    def is_permitted(self) -> bool:
        if self.actor is None:
            return self.via == "command"
        return bool(self.actor.is_active and self.actor.has_perm(self.permission))

    def perform(self, now: datetime) -> AuditEvent:
        """1. permission, 2. precondition on the run as it is now, 3. execution and audit event together."""
        if not self.is_permitted():
            raise ActionRefused(f"{self.name} of run {self.run.pk} needs the permission {self.permission}")
        with transaction.atomic(using="default"):
            self.run.refresh_from_db()
            self.check()
            before = self.before()
            after = self.execute(now)
            return AuditEvent.objects.create(
                at=now, actor=self.actor, via=self.via, action=self.name, subject_type="run",
                subject_id=str(self.run.pk), before=before, after=after, reason=self.reason[:1000],
            )  # fmt: skip


def refuse_status(run: Run, verb: str, allowed: tuple[str, ...], hint: str = "") -> None:
    """Refuse unless the run's status is one of `allowed`."""
    if run.status not in allowed:
        because = f" ({run.status_reason})" if run.status_reason else ""
        said = f"run {run.pk} ({run.entity_type}) is {run.status}{because} and cannot be {verb}"
        raise ActionRefused(f"{said}: {hint}" if hint else said)

"""What every action has: permission, precondition, predicted effect, execution, audit event."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from tracking.labels import permission
from tracking.models import AuditEvent, Wave
from tracking.sentences import told
from tracking.words import said


class ActionRefused(Exception):
    """The action may not happen; the message says why and what would help, in the language of whoever reads it."""

    def __str__(self) -> str:
        return told(self.message)

    @property
    def message(self) -> str:
        """As it is kept: English when it is a sentence."""
        return self.args[0] if self.args else ""


class Action:
    """One thing that a person does to one object of the record: a run, a phase, a wave, a waiver, an issue …

    `perform` refuses with ActionRefused when the person may not do it or the object is not in a state for it.
    `actor` None stands for the command line (`via="command"`): whoever has the shell has the databases.
    `subject` is None for what is still to be made; `execute` sets it.
    """

    name: ClassVar[str] = ""
    permission: ClassVar[str] = ""
    subject_type: ClassVar[str] = "run"

    def __init__(self, subject: Any, *, actor: Any = None, via: str = "panel", reason: str = "") -> None:
        self.subject, self.actor, self.via, self.reason = subject, actor, via, reason

    @property
    def run(self) -> Any:
        """The subject, for the actions on runs."""
        return self.subject

    def effect(self) -> str:
        """What `perform` would do now, in one sentence with numbers."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it does")

    def check(self) -> None:
        """Refuse with ActionRefused when the subject is not in a state for this action."""

    def execute(self, now: datetime) -> dict[str, Any]:
        """Do it; returns what the audit event keeps under `after`."""
        raise NotImplementedError(f"{type(self).__name__} does nothing")

    def before(self) -> dict[str, Any]:
        """What the audit event keeps under `before`."""
        return {"status": self.subject.status} if hasattr(self.subject, "status") else {}

    def is_permitted(self) -> bool:
        if self.actor is None:
            return self.via == "command"
        return bool(self.actor.is_active and self.actor.has_perm(self.permission))

    def perform(self, now: datetime) -> AuditEvent:
        """1. permission, 2. precondition on the subject as it is now, 3. execution and audit event together,
        4. signatures that rested on what changed are void, in the same transaction."""
        from tracking import evidence

        if not self.is_permitted():
            facts = {
                "action": said(self.name),
                "object": self._named(),
                "permission": permission(self.permission),
            }
            raise ActionRefused(_("%(action)s of %(object)s needs the permission %(permission)s") % facts)
        with transaction.atomic(using="default"):
            if self.subject is not None:
                self.subject.refresh_from_db()
            self.check()
            before = self.before()
            after = self.execute(now)
            event = AuditEvent.objects.create(
                at=now, actor=self.actor, via=self.via, action=self.name, subject_type=self.subject_type,
                subject_id=str(self.subject.pk), before=before, after=after, reason=self.reason[:1000],
            )  # fmt: skip
            if (wave := wave_of(self.subject)) is not None:
                evidence.revalidate_wave(wave, now)
        return event

    def _named(self) -> str:
        kind = said(self.subject_type)
        return f"{kind} {self.subject.pk}" if self.subject is not None else kind


def wave_of(subject: Model | None) -> Wave | None:
    """The wave that an object of the record belongs to, if any."""
    while subject is not None and not isinstance(subject, Wave):
        owner = next((name for name in ("wave", "phase", "run", "issue") if hasattr(subject, name)), None)
        subject = getattr(subject, owner) if owner else None
    return subject


def registered(base: type[Action] = Action) -> Iterator[type[Action]]:
    """Every action class with a name, of those that were imported."""
    for found in base.__subclasses__():
        if found.name:
            yield found
        yield from registered(found)


def changed_meanwhile(run: Any) -> ActionRefused:
    """What to raise when somebody else moved the run between the look and the deed."""
    facts = {"run": run.pk, "state": said(run.status)}
    return ActionRefused(_("run %(run)s became %(state)s meanwhile: look again") % facts)


def refuse_status(run: Any, verb: str, allowed: tuple[str, ...], hint: str = "") -> None:
    """Refuse unless the run's status is one of `allowed`."""
    if run.status not in allowed:
        because = f" ({run.told_status_reason})" if run.status_reason else ""
        facts = {
            "run": run.pk,
            "what": run.entity_type,
            "state": said(run.status),
            "because": because,
            "verb": verb,
        }
        told = _("run %(run)s (%(what)s) is %(state)s%(because)s and cannot be %(verb)s") % facts
        raise ActionRefused(f"{told}: {hint}" if hint else told)

"""What the actions on a run have in common: one at a time, and never on the strength of a page that is out of date."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tracking.actions.base import Action, ActionRefused
from tracking.models import AuditEvent, Run


class OnRun(Action):
    """`seen` is the mark of the run as the person saw it; when the run changed since, the action is refused.

    Two people who act at once are served one after the other: the second sees what the first did.
    """

    def __init__(self, run: Run, *, seen: str = "", **who: Any) -> None:
        super().__init__(run, **who)
        self.seen = seen

    def check(self) -> None:
        if self.seen and self.seen != mark(self.run):
            raise ActionRefused(what_changed(self.run, self.seen))

    def perform(self, now: datetime) -> AuditEvent:
        with transaction.atomic(using="default"):
            Run.objects.select_for_update().filter(pk=self.run.pk).first()
            return super().perform(now)


def mark(run: Run) -> str:
    """Changes with the run's status and with every decision about the run."""
    latest = decisions(run).values_list("pk", flat=True).first()
    return f"{run.status}.{latest or 0}"


def decisions(run: Run) -> Any:
    """What people decided about the run, newest first."""
    return AuditEvent.objects.filter(subject_type="run", subject_id=str(run.pk)).order_by("-id")


def what_changed(run: Run, seen: str) -> str:
    """Who did what to the run since somebody saw it, or how it changed by itself."""
    status, _dot, latest = seen.rpartition(".")
    since = decisions(run).filter(pk__gt=int(latest)) if latest.isdigit() else decisions(run)
    event = since.select_related("actor").first()
    if event is not None:
        facts = {
            "who": event.actor or _("the command line"),
            "what": event.action,
            "when": f"{event.at:%H:%M:%S}",
        }
        said = _("%(who)s did “%(what)s” at %(when)s UTC") % facts
    else:
        said = _("the run was %(before)s and is %(after)s") % {"before": status, "after": run.status}
    return _("Nothing was done: since you looked, %(said)s. Look again.") % {"said": said}

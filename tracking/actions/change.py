"""Changing how a run works."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracking import dispatch
from tracking.actions.base import ActionRefused
from tracking.actions.run import OnRun
from tracking.ledger import LARGEST_BATCH, SMALLEST_BATCH
from tracking.models import Run, SizeChange
from tracking.sentences import columns, sentence
from tracking.states import UNFINISHED, RunStatus
from tracking.words import said

MOST_WORKERS = 32


class ChangeRun(OnRun):
    """Another batch size (records; it goes on adapting from there) or another number of workers."""

    name, permission = "change run", "tracking.tune_run"

    def __init__(
        self, run: Run, *, batch_size: int | None = None, workers: int | None = None, **who: Any
    ) -> None:
        super().__init__(run, **who)
        asked = {"batch_size": batch_size, "workers": workers}
        self.changes = {name: value for name, value in asked.items() if value is not None}

    def effect(self) -> str:
        words = {"batch_size": _("batch size"), "workers": _("workers")}
        said = [f"{words[name]} {getattr(self.run, name)} → {new}" for name, new in self.changes.items()]
        return _("From the next batch on: %(changes)s.") % {"changes": ", ".join(said)}

    def before(self) -> dict[str, Any]:
        return {name: getattr(self.run, name) for name in self.changes}

    def check(self) -> None:
        super().check()
        if not self.changes:
            raise ActionRefused(_("nothing to change: give a batch size or a number of workers"))
        if self.run.status not in UNFINISHED:
            facts = {"run": self.run.pk, "state": said(self.run.status)}
            raise ActionRefused(_("run %(run)s is %(state)s: only an unfinished run can be changed") % facts)
        size, workers = self.changes.get("batch_size"), self.changes.get("workers")
        if size is not None and not SMALLEST_BATCH <= size <= LARGEST_BATCH:
            facts = {"low": SMALLEST_BATCH, "high": LARGEST_BATCH, "given": size}
            raise ActionRefused(_("a batch holds %(low)s to %(high)s records, not %(given)s") % facts)
        if workers is not None and not 1 <= workers <= MOST_WORKERS:
            facts = {"high": MOST_WORKERS, "given": workers}
            raise ActionRefused(_("a run has 1 to %(high)s workers, not %(given)s") % facts)

    def execute(self, now: datetime) -> dict[str, Any]:
        new: dict[str, Any] = dict(self.changes)
        if "batch_size" in new:
            new["size_reason"] = reason = sentence("set by a person")
            SizeChange.objects.create(
                run=self.run,
                at=now,
                before=self.run.batch_size,
                after=new["batch_size"],
                **columns("reason", reason, 200),
            )
            Run.objects.filter(pk=self.run.pk).update(**columns("size_reason", reason, 200))
        Run.objects.filter(pk=self.run.pk).update(**self.changes, updated_at=now)
        if new.get("workers", 0) > self.run.workers and self.run.status == RunStatus.RUNNING:
            dispatch.work_on(self.run.pk, new["workers"] - self.run.workers)
        self.run.refresh_from_db()
        return new

"""Requests over many issues at once. A request is only noted here; a worker does it (`tracking.models.Job`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from tracking import dispatch
from tracking.actions.base import Action, ActionRefused
from tracking.models import Issue, Job, Wave
from tracking.sentences import told
from tracking.triage import again
from tracking.triage.groups import Cause

DO_JOB = "entities.do_job"
MOST_SELECTED = 500
UNFINISHED = (Job.State.WAITING, Job.State.RUNNING)


class RequeueSelected(Action):
    """The chosen issues of one wave go through again, parents before children."""

    name, permission, subject_type = "requeue selected issues", "tracking.requeue_batches", "wave"

    def __init__(self, wave: Wave, issues: Sequence[int], **who: Any) -> None:
        super().__init__(wave, **who)
        self.issues = sorted(set(issues))

    def chosen(self) -> Any:
        return Issue.objects.filter(wave=self.subject, pk__in=self.issues[:MOST_SELECTED])

    def order(self) -> again.Order:
        return again.order_of(self.subject, self.chosen().values_list("root_entity", "root_id"))

    def effect(self) -> str:
        return told(self.order().sentence())

    def check(self) -> None:
        if len(self.issues) > MOST_SELECTED:
            raise ActionRefused(_("At most %(n)s issues can be chosen; re-queue the whole group instead.")
                                % {"n": MOST_SELECTED})  # fmt: skip
        self.order()

    def execute(self, now: datetime) -> dict[str, Any]:
        order = self.order()
        made = again.requeue(order, now, self.name, actor=self.actor, reason=self.reason)
        again.mark_applied(self.subject.pk, self.chosen(), now)
        return {**made, "records": order.records, "issues": len(self.issues)}


class _Ask(Action):
    """Notes the request and nudges a worker."""

    kind: ClassVar[Job.Kind]
    also_needs: ClassVar[tuple[str, ...]] = ()
    subject_type = "wave"

    def __init__(self, wave: Wave, **who: Any) -> None:
        super().__init__(wave, **who)
        self.job: Job | None = None

    def is_permitted(self) -> bool:
        return super().is_permitted() and (
            self.actor is None or all(map(self.actor.has_perm, self.also_needs))
        )

    def params(self) -> dict[str, Any]:
        raise NotImplementedError(f"{type(self).__name__} asks for nothing")

    def facts(self) -> dict[str, Any]:
        """What the audit event keeps: never a value."""
        return {}

    def total(self) -> int:
        return 0

    def execute(self, now: datetime) -> dict[str, Any]:
        self.job = Job.objects.create(
            wave=self.subject,
            kind=self.kind,
            params=self.params(),
            total=self.total(),
            asked_by=self.actor,
            asked_at=now,
        )
        dispatch.send(DO_JOB, self.job.pk)
        return {"job": self.job.pk, **self.facts()}


class _AskGroup(_Ask):
    """A request over the open issues of one cause."""

    changes: ClassVar[bool] = True

    def __init__(self, cause: Cause, values: dict[str, str | None] | None = None, **who: Any) -> None:
        super().__init__(cause.wave, **who)
        self.cause, self.values = cause, values or {}

    def params(self) -> dict[str, Any]:
        cause = self.cause
        return {
            "code": cause.code, "entity_type": cause.entity_type, "field": cause.field, "level": cause.level,
            "group": cause.pk, "values": self.values, "reason": self.reason,
        }  # fmt: skip

    def facts(self) -> dict[str, Any]:
        cause = self.cause
        return {"code": cause.code, "entity_type": cause.entity_type, "field": cause.field, "columns": sorted(self.values),
                "records": cause.open}  # fmt: skip

    def total(self) -> int:
        return self.cause.open

    def check(self) -> None:
        if not self.cause.issues().exists():
            raise ActionRefused(_("No issue of this cause is open any more."))
        if self.changes and self._same().exists():
            raise ActionRefused(_("Somebody asked for this already, and it is not done yet."))

    def _same(self) -> Any:
        return Job.objects.filter(
            wave=self.subject, kind=self.kind, state__in=UNFINISHED, params__group=self.cause.pk
        )

    def n(self) -> dict[str, str]:
        return {"n": f"{self.cause.open:,}", "code": self.cause.code, "columns": ", ".join(self.values)}


class TryGroup(_AskGroup):
    """What a correction would do to each record of the cause; nothing is kept of it."""

    name, permission, kind, changes = "try group", "tracking.correct_issue", Job.Kind.TRY, False

    def effect(self) -> str:
        return _("%(n)s records are tried with another %(columns)s; nothing is written.") % self.n()

    def check(self) -> None:
        super().check()
        if not self.values:
            raise ActionRefused(_("Give at least one column another value."))


class CorrectGroup(_AskGroup):
    """The same other values for each record of the cause, sent again at once."""

    name, permission, kind = "correct group", "tracking.apply_correction", Job.Kind.APPLY
    also_needs = ("tracking.correct_issue",)

    def effect(self) -> str:
        return _("%(n)s records are read with another %(columns)s and go through again.") % self.n()

    def check(self) -> None:
        super().check()
        if not self.values or not self.reason.strip():
            raise ActionRefused(_("Give at least one column another value, and the reason."))


class SkipGroup(_AskGroup):
    """Each record of the cause is left out on purpose."""

    name, permission, kind = "skip group", "tracking.skip_record", Job.Kind.SKIP

    def effect(self) -> str:
        return (
            _("%(n)s records are left out of V5 on purpose; their legacy rows are kept in the archive.")
            % self.n()
        )

    def check(self) -> None:
        super().check()
        if not self.reason.strip():
            raise ActionRefused(_("Give the reason: whoever looks at the records later needs it."))


class RequeueGroup(_AskGroup):
    """Each record of the cause goes through again as it is, with the corrections that are in force."""

    name, permission, kind = "requeue group", "tracking.requeue_batches", Job.Kind.REQUEUE

    def effect(self) -> str:
        return _("%(n)s records with %(code)s go through again.") % self.n()


class ReadSheet(_Ask):
    """A sheet of corrections is read and compared, field by field; nothing is written."""

    name, permission, kind = "read corrections", "tracking.correct_issue", Job.Kind.READ

    def __init__(self, wave: Wave, rows: Sequence[dict[str, Any]], file_name: str = "", **who: Any) -> None:
        super().__init__(wave, **who)
        self.rows, self.file_name = list(rows), file_name[:100]

    def effect(self) -> str:
        return _("%(n)s lines are read and compared; nothing is written.") % {"n": f"{len(self.rows):,}"}

    def check(self) -> None:
        if not self.rows:
            raise ActionRefused(_("The sheet has no line with a new value."))

    def params(self) -> dict[str, Any]:
        return {"rows": self.rows, "file": self.file_name}

    def facts(self) -> dict[str, Any]:
        return {"lines": len(self.rows)}

    def total(self) -> int:
        return len(self.rows)


class ImportSheet(_Ask):
    """The good lines of a sheet that was read become corrections and go through again. Once per sheet."""

    name, permission, kind = "import corrections", "tracking.apply_correction", Job.Kind.IMPORT
    also_needs = ("tracking.correct_issue",)

    def __init__(self, read: Job, **who: Any) -> None:
        super().__init__(read.wave, **who)
        self.read = read

    def good(self) -> int:
        return int(self.read.result.get("good", 0))

    def effect(self) -> str:
        lines = {"n": f"{self.good():,}", "bad": f"{int(self.read.result.get('bad', 0)):,}"}
        return (
            _("%(n)s lines become corrections and go through again; %(bad)s lines with a fault are left.")
            % lines
        )

    def check(self) -> None:
        if self.read.kind != Job.Kind.READ or self.read.state != Job.State.DONE or not self.good():
            raise ActionRefused(_("No line of this sheet can be applied."))
        Job.objects.select_for_update().get(
            pk=self.read.pk
        )  # two people who apply it at once come one after the other
        if (
            Job.objects.filter(kind=self.kind, params__read=self.read.pk)
            .exclude(state=Job.State.FAILED)
            .exists()
        ):
            raise ActionRefused(_("This sheet was applied already."))

    def params(self) -> dict[str, Any]:
        return {"read": self.read.pk}

    def facts(self) -> dict[str, Any]:
        return {"sheet": self.read.pk, "lines": self.good()}

    def total(self) -> int:
        return self.good()

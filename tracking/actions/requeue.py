"""Putting work back into the queue, after a correction or after a fault outside the data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracking import dispatch, ledger, requeues
from tracking.actions.base import ActionRefused, changed_meanwhile
from tracking.actions.run import OnRun, decisions
from tracking.models import Batch, Issue, Run
from tracking.sentences import sentence
from tracking.states import GOING_BACK, BatchStatus, IssueState, RunStatus
from tracking.words import said

REOPENED = (RunStatus.COMPLETED, RunStatus.STOPPED, RunStatus.UNBALANCED)
ENDED = (BatchStatus.FAILED, BatchStatus.DONE)
KEYS_PER_BATCH, PAGE = 500, 5_000


def requeued(what: str) -> str:
    """Why a run that had ended moves again; `what` is the name of an action."""
    return sentence("re-queued: %(what)s", what=sentence(what))


class _Requeue(OnRun):
    """Batches wait again and the run moves again; nothing is written twice, the id map refuses it.

    What is wrong before is remembered, so that the outcome can be told apart (`tracking.requeues`).
    """

    permission = "tracking.requeue_batches"

    def check(self) -> None:
        super().check()
        if self.run.status in (RunStatus.CANCELLED, RunStatus.CANCELLING, *GOING_BACK):
            raise ActionRefused(
                _("run %(run)s was cancelled: start the phase again with run_phase") % {"run": self.run.pk}
            )
        if self.run.status == RunStatus.PENDING:
            raise ActionRefused(
                _("run %(run)s has not started yet: there is nothing to re-queue") % {"run": self.run.pk}
            )
        if self.run.dry_run:
            raise ActionRefused(
                _("run %(run)s is a dry run: it wrote nothing and keeps no issues") % {"run": self.run.pk}
            )

    def _remember(
        self, chosen: Sequence[Batch], now: datetime, errors: Mapping[int, str] | None = None
    ) -> None:
        who = {"action": self.name, "actor": self.actor, "reason": self.reason}
        requeues.remember(self.run, chosen, now, errors=errors, **who)

    def _reopen(self, now: datetime) -> None:
        if self.run.status in REOPENED and not ledger.move(
            self.run, RunStatus.RUNNING, now, requeued(self.name), completed_at=None
        ):
            raise changed_meanwhile(self.run)
        dispatch.work_on(self.run.pk, self.run.workers)


class _RequeueRange(_Requeue):
    """Existing batches wait again, as if never tried; their fence keeps growing."""

    def batches(self) -> QuerySet[Batch]:
        raise NotImplementedError

    def effect(self) -> str:
        chosen = list(self.batches())
        counted = ngettext("%(n)s batch", "%(n)s batches", len(chosen)) % {"n": f"{len(chosen):,}"}
        return _("Re-queue %(batches)s, %(records)s records.") % {
            "batches": counted, "records": f"{requeues.records(chosen):,}",
        }  # fmt: skip

    def execute(self, now: datetime) -> dict[str, Any]:
        chosen = list(self.batches())
        moved = self._put_back(chosen)
        self._remember(chosen, now, {one.pk: one.error for one in chosen})
        self._reopen(now)
        return {"batches": [one.pk for one in chosen], "requeued": moved, "status": self.run.status}

    def _put_back(self, chosen: Sequence[Batch]) -> int:
        """All of them or none: somebody else's change meanwhile refuses the whole."""
        moved, ids = 0, [one.pk for one in chosen]
        for start in range(0, len(ids), PAGE):
            ended = Batch.objects.filter(pk__in=ids[start : start + PAGE], status__in=ENDED)
            moved += ended.update(
                status=BatchStatus.PENDING, attempt=0, not_before=None, error="", finished_at=None
            )
        if moved != len(chosen):
            raise ActionRefused(_("Nothing was done: batches changed meanwhile. Look again."))
        return moved


class RequeueFailed(_RequeueRange):
    """All batches of the run that failed as a whole."""

    name = "requeue failed batches"

    def batches(self) -> QuerySet[Batch]:
        return Batch.objects.filter(run=self.run, status=BatchStatus.FAILED)

    def check(self) -> None:
        super().check()
        if not self.batches().exists():
            raise ActionRefused(_("run %(run)s has no failed batches") % {"run": self.run.pk})


class RequeueBatches(_RequeueRange):
    """Chosen batches of the run, failed or done.

    `seen_batches` holds the mark of each batch as the person saw it (empty: whatever it is now); when one of them
    changed since, nothing is done.
    """

    name = "requeue batches"

    def __init__(self, run: Run, seen_batches: Mapping[int, str], **who: Any) -> None:
        super().__init__(run, **who)
        self.seen_batches = dict(seen_batches)

    def batches(self) -> QuerySet[Batch]:
        return Batch.objects.filter(run=self.run, pk__in=list(self.seen_batches))

    def check(self) -> None:
        super().check()
        found = {one.pk: one for one in self.batches()}
        if not self.seen_batches:
            raise ActionRefused(_("no batch was chosen"))
        if missing := sorted(self.seen_batches.keys() - found.keys()):
            raise ActionRefused(
                _("run %(run)s has no batch %(batch)s") % {"run": self.run.pk, "batch": missing[0]}
            )
        if changed := [one for one in found.values() if self.seen_batches[one.pk] not in ("", mark_of(one))]:
            raise ActionRefused(_changed(self.run, changed))
        for batch in found.values():
            if batch.status not in ENDED:
                facts = {"batch": batch.pk, "state": said(batch.status)}
                told = _("batch %(batch)s is %(state)s: only a failed or done batch can be re-queued")
                raise ActionRefused(told % facts)


class RequeueBatch(RequeueBatches):
    """One batch of the run, failed or done."""

    name = "requeue batch"

    def __init__(self, run: Run, batch_id: int, **who: Any) -> None:
        super().__init__(run, {batch_id: ""}, **who)


def mark_of(batch: Batch) -> str:
    """Changes whenever the batch is claimed, ends or is put back."""
    return f"{batch.status}.{batch.fence}"


def _changed(run: Run, batches: Sequence[Batch]) -> str:
    """Names the batches that are not as they were, and the last person who did something to the run."""
    named = ", ".join(f"{one.pk} ({BatchStatus(one.status).label})" for one in batches[:5])
    said = ngettext(
        "Nothing was done: batch %(named)s changed since you looked.",
        "Nothing was done: batches %(named)s changed since you looked.", len(batches),
    ) % {"named": named}  # fmt: skip
    event = decisions(run).select_related("actor").first()
    if event is None:
        return said
    facts = {
        "who": event.actor or _("the command line"),
        "what": _(event.action),
        "when": f"{event.at:%H:%M:%S}",
    }
    latest = _("The latest decision about the run: %(who)s, “%(what)s”, %(when)s UTC.") % facts
    return f"{said} {latest}"


class _RequeueKeys(_Requeue):
    """New batches for the aggregates (root keys) that open issues name."""

    def issues(self) -> QuerySet[Issue]:
        raise NotImplementedError

    def nothing(self) -> str:
        raise NotImplementedError

    def _of_run(self) -> QuerySet[Issue]:
        """Open issues of the wave whose aggregate this run's migration moves."""
        name = self.run.entity_type
        mine = Q(root_entity=name) | Q(root_entity__startswith=f"{name}/")
        return Issue.objects.filter(
            mine, wave=self.run.phase.wave_id, state=IssueState.OPEN, root_id__isnull=False
        )

    def roots(self) -> dict[str, list[int]]:
        """Root keys by segment."""
        found: dict[str, set[int]] = defaultdict(set)
        for entity, root in self.issues().values_list("root_entity", "root_id").iterator():
            if root is not None:
                found[entity.partition("/")[2]].add(root)
        return {segment: sorted(keys) for segment, keys in sorted(found.items())}

    def effect(self) -> str:
        roots = self.roots()
        return _("Re-queue %(records)s records in %(batches)s batches.") % {
            "records": f"{sum(map(len, roots.values())):,}", "batches": f"{len(list(_parts(roots))):,}",
        }  # fmt: skip

    def check(self) -> None:
        super().check()
        if not self.issues().exists():
            raise ActionRefused(self.nothing())

    def execute(self, now: datetime) -> dict[str, Any]:
        batches = [
            Batch.objects.create(
                run=self.run, segment=segment, key_after=keys[0] - 1, key_to=keys[-1], keys=keys, size=len(keys),
                status=BatchStatus.PENDING,
            )
            for segment, keys in _parts(self.roots())
        ]  # fmt: skip
        self._remember(batches, now)
        self._reopen(now)
        return {"batches": [one.pk for one in batches], "records": sum(one.size for one in batches)}


class RequeueIssues(_RequeueKeys):
    """All records of the run's migration with an open issue of this code."""

    name = "requeue by issue code"

    def __init__(self, run: Run, code: str, **who: Any) -> None:
        super().__init__(run, **who)
        self.code = code

    def issues(self) -> QuerySet[Issue]:
        return self._of_run().filter(code=self.code)

    def nothing(self) -> str:
        codes = sorted(set(self._of_run().values_list("code", flat=True)[:10_000]))
        facts = {"run": self.run.pk, "code": self.code, "codes": ", ".join(codes) or _("none")}
        return _("run %(run)s has no open issue %(code)s; open codes: %(codes)s") % facts


class RequeueRecord(_RequeueKeys):
    """One record, named as in the id map: entity type and legacy id."""

    name = "requeue record"

    def __init__(
        self, run: Run, entity_type: str, legacy_id: int, *, is_root: bool = False, **who: Any
    ) -> None:
        """`is_root`: the record is a root of the run's migration, so that it needs no issue to be found."""
        super().__init__(run, **who)
        self.entity_type, self.legacy_id, self.is_root = entity_type, legacy_id, is_root

    def roots(self) -> dict[str, list[int]]:
        return {"": [self.legacy_id]} if self.is_root else super().roots()

    def check(self) -> None:
        if self.is_root:
            _Requeue.check(self)
        else:
            super().check()

    def issues(self) -> QuerySet[Issue]:
        return self._of_run().filter(entity_type=self.entity_type, legacy_id=self.legacy_id)

    def nothing(self) -> str:
        facts = {
            "run": self.run.pk,
            "what": self.run.entity_type,
            "record": f"{self.entity_type}:{self.legacy_id}",
        }
        return (
            _(
                "run %(run)s (%(what)s) has no open issue of %(record)s; look at `explain` for the run it belongs to"
            )
            % facts
        )


def _parts(roots: dict[str, list[int]]) -> Iterator[tuple[str, list[int]]]:
    for segment, keys in roots.items():
        for start in range(0, len(keys), KEYS_PER_BATCH):
            yield segment, keys[start : start + KEYS_PER_BATCH]

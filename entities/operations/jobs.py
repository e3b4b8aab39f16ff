"""Doing what people asked for over many issues: taken once, in portions, with progress and a sign of life."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import Q
from django.utils import timezone

from entities.engine import source
from entities.engine.errors import Refused
from entities.engine.report import short
from entities.operations import record, tryout
from tracking import dispatch, imports
from tracking.actions.base import ActionRefused
from tracking.actions.bulk import DO_JOB, CorrectGroup, ImportSheet, RequeueGroup, SkipGroup
from tracking.models import Issue, Job
from tracking.sentences import columns, packed, sentence
from tracking.states import IssueState
from tracking.triage import again, answers, groups

PORTION, SHOWN, KEPT = 500, 50, 10_000
SILENT = timedelta(minutes=3)
ASKED = {
    one.kind: one.name for one in (CorrectGroup, SkipGroup, RequeueGroup, ImportSheet)
}  # what it is called as a re-queue
TWICE = sentence("Another line of the sheet answers for the same column of the same record.")

log = structlog.get_logger("migration")


def do(job_id: int, now: datetime | None = None) -> None:
    """Do a waiting job; one that another worker took is left alone."""
    now = now or timezone.now()
    taken = Job.objects.filter(pk=job_id, state=Job.State.WAITING).update(
        state=Job.State.RUNNING, started_at=now, seen_at=now, done=0, error="", error_facts=None
    )
    if not taken:
        return
    job = Job.objects.select_related("wave", "asked_by").get(pk=job_id)
    try:
        result = WORK[job.kind](job)
    except (ActionRefused, Refused) as refusal:
        _end(job, Job.State.FAILED, **columns("error", refusal.message, 1000))
    except Exception as error:
        said = sentence("the programme failed with %(kind)s; tell an engineer", kind=type(error).__name__)
        _end(job, Job.State.FAILED, **columns("error", said, 1000))
        raise
    else:
        _end(job, Job.State.DONE, result=result)
        log.info("request done", job=job.pk, kind=job.kind, records=job.total)


def revive(now: datetime) -> None:
    """Jobs that nobody took, and those whose worker went silent, are offered again. Doing one twice does no harm."""
    Job.objects.filter(state=Job.State.RUNNING, seen_at__lt=now - SILENT).update(state=Job.State.WAITING)
    for pk in Job.objects.filter(state=Job.State.WAITING).order_by("pk").values_list("pk", flat=True)[:10]:
        dispatch.send(DO_JOB, pk)


def _end(job: Job, state: str, **changes: Any) -> None:
    Job.objects.filter(pk=job.pk).update(state=state, finished_at=timezone.now(), **changes)


def _progress(job: Job, done: int) -> None:
    Job.objects.filter(pk=job.pk).update(done=done, seen_at=timezone.now())


def issues_of(job: Job) -> Any:
    """The open issues of the cause that a job is about."""
    asked = job.params
    return groups.of_group(job.wave_id, asked["code"], asked["entity_type"], asked["field"], asked["level"])


def _portions(job: Job) -> Iterator[list[Issue]]:
    """The issues of the group by their number, in portions; what comes in meanwhile is taken as well."""
    after, done = 0, 0
    while some := list(issues_of(job).filter(pk__gt=after).defer("payload").order_by("pk")[:PORTION]):
        yield some
        after, done = some[-1].pk, done + len(some)
        _progress(job, done)


def _try(job: Job) -> dict[str, Any]:
    """Every record counted, the first 50 shown with what changes. Personal data is masked: a job has many readers."""
    outcomes: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    shown: list[dict[str, Any]] = []
    pipeline, done = None, 0
    for some in _portions(job):
        for part in tryout.chunks(some):
            pipeline = pipeline or tryout.pipeline_of(part[0])
            for verdict in tryout.try_many(pipeline, part, job.params["values"], fields=len(shown) < SHOWN):
                outcomes[verdict.outcome] += 1
                codes.update(one["code"] for one in verdict.problems if one["level"] == Issue.ERROR)
                if len(shown) < SHOWN:
                    shown.append(_shown(verdict, part, pipeline))
            done += len(part)
            _progress(job, done)
    return {"outcomes": outcomes, "codes": dict(codes.most_common(20)), "shown": shown}


def _shown(verdict: tryout.Verdict, issues: list[Issue], pipeline: Any) -> dict[str, Any]:
    """A verdict with what the rules make of the record today, so that the difference can be seen."""
    issue = next(one for one in issues if one.pk == verdict.issue)
    unit = tryout.look(issue, pipeline)
    verdict.before = tryout.made_of(unit, issue, pipeline.migration) if unit is not None else []
    return verdict.as_data()


def _apply(job: Job, *, skip: bool = False) -> dict[str, Any]:
    """Corrections first, all of them; then everything goes through again at once."""
    made = 0
    for some in _portions(job):
        given = [answers.Answer(one, job.params["values"], job.params["reason"], skip) for one in some]
        made += len(answers.put(job.wave_id, given, job.asked_by, timezone.now()))
    return {"corrections": made, **_again(job, issues_of(job))}


def _skip(job: Job) -> dict[str, Any]:
    return _apply(job, skip=True)


def _requeue(job: Job) -> dict[str, Any]:
    return _again(job, issues_of(job))


def _again(job: Job, issues: Any) -> dict[str, Any]:
    now = timezone.now()
    order = again.order_of(job.wave, issues.values_list("root_entity", "root_id").iterator())
    ids = list(issues.order_by("pk").values_list("pk", flat=True)[:KEPT])
    made = again.requeue(
        order, now, ASKED[job.kind], actor=job.asked_by, reason=str(job.params.get("reason", ""))
    )
    for start in range(0, len(ids), PORTION):
        again.mark_applied(job.wave_id, Issue.objects.filter(pk__in=ids[start : start + PORTION]), now)
    return {
        "said": packed(order.sentence()), "records": order.records, "batches": len(made["batches"]), "issues": ids,
        "requeues": made["requeues"], "runs": [run.pk for run in order.runs],
    }  # fmt: skip


def _read(job: Job) -> dict[str, Any]:
    """Every line judged; good ones with their difference, bad ones with everything that is wrong with them."""
    rows: list[dict[str, Any]] = job.params["rows"]
    judged: list[dict[str, Any]] = []
    for start in range(0, len(rows), PORTION):
        some = rows[start : start + PORTION]
        issues = _named(job, some)
        resource = imports.CorrectionResource(issues, record.check, _Current(issues.values()))
        judged += resource.judged(some)
        _progress(job, start + len(some))
    _refuse_twice(judged)
    good = [one for one in judged if not one["faults"]]
    return {"good": len(good), "bad": len(judged) - len(good), "lines": judged}


def _refuse_twice(judged: list[dict[str, Any]]) -> None:
    """Two lines for one column of one row contradict each other: neither is taken."""
    counted = Counter((one["table"], one["id"], one["field"]) for one in judged if not one["faults"])
    for one in judged:
        if not one["faults"] and counted[(one["table"], one["id"], one["field"])] > 1:
            one["faults"] = [packed(TWICE)]


def _named(job: Job, rows: list[dict[str, Any]]) -> dict[int, Issue]:
    numbers = {
        int(row["issue"]) for row in rows if row["issue"].strip().isdigit() and len(row["issue"].strip()) < 18
    }
    found = Issue.objects.filter(wave=job.wave_id, pk__in=sorted(numbers)).defer("payload")
    return {issue.pk: issue for issue in found}


class _Current:
    """What legacy holds now in the rows of some issues: one query per table."""

    def __init__(self, issues: Any) -> None:
        self.rows: dict[tuple[str, int], Any] = {}
        tables: dict[str, set[int]] = {}
        for issue in issues:
            tables.setdefault(issue.legacy_table, set()).add(issue.legacy_id)
        for table, ids in tables.items():
            for row in source.of(record.model_of(table)).within("id", ids):
                self.rows[(table, row.id)] = row

    def __call__(self, issue: Issue, column: str) -> Any:
        value = getattr(self.rows.get((issue.legacy_table, issue.legacy_id)), column, None)
        return short({column: value})[column]


current_values = _Current


def _import(job: Job) -> dict[str, Any]:
    """The good lines of the sheet that was read: corrections in portions, then everything again at once."""
    read = Job.objects.get(pk=job.params["read"], wave=job.wave_id)
    good = [one for one in read.result["lines"] if not one["faults"]]
    made, left, pks = 0, 0, []
    for start in range(0, len(good), PORTION):
        some = good[start : start + PORTION]
        still = Issue.objects.filter(
            Q(pk__in=[one["issue"] for one in some]), wave=job.wave_id, state=IssueState.OPEN
        ).in_bulk()
        given = [
            answers.Answer(still[one["issue"]], {one["field"]: one["after"]}, one["reason"])
            for one in some if one["issue"] in still
        ]  # fmt: skip
        made += len(answers.put(job.wave_id, given, job.asked_by, timezone.now()))
        left += len(some) - len(given)
        pks += sorted(still)
        _progress(job, start + len(some))
    return {"corrections": made, "left": left, **_again_by_number(job, pks)}


def _again_by_number(job: Job, pks: list[int]) -> dict[str, Any]:
    if not pks:
        raise ActionRefused(sentence("no issue of this sheet is open any more: nothing was changed"))
    return _again(job, Issue.objects.filter(wave=job.wave_id, pk__in=pks))


WORK: dict[str, Callable[[Job], dict[str, Any]]] = {
    Job.Kind.TRY: _try, Job.Kind.APPLY: _apply, Job.Kind.SKIP: _skip, Job.Kind.REQUEUE: _requeue,
    Job.Kind.READ: _read, Job.Kind.IMPORT: _import,
}  # fmt: skip

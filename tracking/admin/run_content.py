"""What the page of a run shows; every number with the address of the records behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from tracking import batches, codes, pace, requeues, workers
from tracking.actions import CancelRun, ChangeRun, PauseRun, RequeueFailed, ResumeRun
from tracking.actions.cancel import CANCELLABLE
from tracking.actions.resume import RESUMABLE
from tracking.admin.base import link
from tracking.dashboard import charts, figures, links
from tracking.dashboard.memory import remembered
from tracking.models import Batch, Issue, LogEntry, Requeue, Run, SizeChange
from tracking.states import AT_WORK, GOING_BACK, UNFINISHED, BatchStatus, RunStatus

LINES, SIZES, REQUEUES, HELD, CAUSES = 15, 8, 8, 32, 12
NAMES = {
    "requeue failed batches": gettext_lazy("All failed batches"), "requeue batches": gettext_lazy("Chosen batches"),
    "requeue batch": gettext_lazy("One batch"), "split and requeue batches": gettext_lazy("Failed batches, split"),
    "requeue by issue code": gettext_lazy("All records with one cause"), "requeue record": gettext_lazy("One record"),
    "apply correction": gettext_lazy("One record, corrected"), "requeue issue": gettext_lazy("One record"),
    "requeue selected issues": gettext_lazy("Chosen records"), "correct group": gettext_lazy("A cause, corrected"),
    "skip group": gettext_lazy("A cause, left out"), "requeue group": gettext_lazy("A cause, as it is"),
    "import corrections": gettext_lazy("A sheet of corrections"),
}  # fmt: skip


def progress(run: Run, user: Any, now: datetime) -> dict[str, Any]:
    """How it stands, what may be done, how far, how fast, the map of its batches."""
    drawn = remembered(f"picture:{run.pk}:{get_language()}", lambda: batches.picture(run))
    found = pace.of(run, now)
    line = figures.Line(run, figures.share_of(run), found.per_second, found.left)
    return {
        "run": run, "sentence": RunStatus(run.status).label, "line": line, "left": pace.words(line.left),
        "buttons": buttons(run, user, drawn.counts.get(batches.FAILED, 0)), "nobody": _nobody(run, now),
        "picture": drawn, "legend": _legend(run, drawn), "to_come": batches.to_come(run),
        "squares": _squares(run, drawn),
        "batch_list": links.listing("tracking.batch", run__id__exact=run.pk),
        "retried": links.listing("tracking.batch", run__id__exact=run.pk, attempt__gt=1),
        "written": link(f"{run.written_rows:,}", "tracking.tally", run__id__exact=run.pk),
        "rejected": link(f"{run.error_count:,}", "tracking.issue", run__id__exact=run.pk, level__exact="error"),
        "warnings": link(f"{run.warning_count:,}", "tracking.issue", run__id__exact=run.pk, level__exact="warning"),
    }  # fmt: skip


def buttons(run: Run, user: Any, failed: int) -> list[dict[str, Any]]:
    """What this person may do with the run as it is now. Each opens a page that asks first."""
    stopped = ResumeRun(run).was_stopped()
    ended = run.status in (RunStatus.PENDING, RunStatus.CANCELLED, RunStatus.CANCELLING, *GOING_BACK)
    possible = (
        ("pause", _("Pause"), "pause", "", PauseRun, run.status == RunStatus.RUNNING),
        ("resume", _("Continue beyond the threshold") if stopped else _("Resume"), "play_arrow", "", ResumeRun,
         run.status in RESUMABLE),
        ("requeue-failed", _("Re-queue all failed"), "replay", "", RequeueFailed,
         failed and not run.dry_run and not ended),
        ("change", _("Change size or workers"), "tune", "default", ChangeRun, run.status in UNFINISHED),
        ("cancel", _("Cancel the run"), "stop", "danger", CancelRun, run.status in CANCELLABLE),
    )  # fmt: skip
    return [
        {
            "text": text,
            "icon": icon,
            "variant": variant,
            "href": reverse("admin:tracking_run_do", args=[run.pk, what]),
        }
        for what, text, icon, variant, action, makes_sense in possible
        if makes_sense and user.has_perm(action.permission)
    ]


def _nobody(run: Run, now: datetime) -> bool:
    waits = run.status == RunStatus.PENDING and bool(run.status_reason)  # for its checkpoint
    return (run.status == RunStatus.RUNNING or waits) and not any(seat.is_live for seat in workers.seats(now))


def _squares(run: Run, drawn: batches.Picture) -> SafeString:
    """A link each; the unremarkable ones are left out of the tab order, the legend leads to them too."""
    one = reverse("admin:tracking_batch_change", args=[0]).partition("0/")[0]
    several = links.listing("tracking.batch", run__id__exact=run.pk)

    def parts(square: batches.Square) -> tuple[Any, ...]:
        href = (
            f"{one}{square.first}/change/"
            if square.count == 1
            else f"{several}&id__gte={square.first}&id__lte={square.last}"
        )
        return (
            square.state,
            href,
            square.says,
            SafeString(' tabindex="-1"' if square.state == batches.DONE else ""),
        )

    return format_html_join("", '<a class="is-{}" href="{}" title="{}"{}></a>', map(parts, drawn.squares))


def _legend(run: Run, drawn: batches.Picture) -> list[dict[str, Any]]:
    return [
        {"state": state, "words": batches.WORDS[state], "count": count,
         "href": links.listing("tracking.batch", run__id__exact=run.pk, **batches.FILTERS[state])}
        for state, count in drawn.counts.items()
    ]  # fmt: skip


def throughput(run: Run, now: datetime) -> list[charts.Chart]:
    """Rows a second and share of rejected ones over the time of the run; nothing before it started."""

    def make() -> list[charts.Chart]:
        span = charts.stretch([run], now)
        return charts.charts(charts.buckets([run], *span)) if span else []

    at_work = run.status in AT_WORK
    stamp = "now" if at_work else f"{run.updated_at:%d%H%M%S%f}"
    return remembered(f"charts:run:{run.pk}:{stamp}:{get_language()}", make, least=1.0 if at_work else 60.0)


def details(run: Run, now: datetime) -> dict[str, Any]:
    """Who works on what, why batches have their size, what was re-queued, what was logged last."""
    held = Batch.objects.filter(run=run, status=BatchStatus.RUNNING).order_by("started_at")[:HELD]
    asked = Requeue.objects.filter(run=run).select_related("asked_by").order_by("-pk")[:REQUEUES]
    return {
        "run": run, "held": [_held(one, now) for one in held],
        "sizes": [(one, _why(one)) for one in SizeChange.objects.filter(run=run).order_by("-pk")[:SIZES]],
        "requeues": [retold(one) for one in asked.defer("faults")],
        "all_requeues": links.listing("tracking.requeue", run__id__exact=run.pk),
        "lines": [_logged(one) for one in LogEntry.objects.filter(run_id=run.pk).order_by("-pk")[:LINES]],
        "all_lines": links.listing("tracking.logentry", run_id__exact=run.pk),
        "all_workers": links.listing("tracking.workerseen"), "charts": throughput(run, now),
    }  # fmt: skip


def _why(change: SizeChange) -> str:
    """The reason without the two sizes, which stand beside it."""
    return change.told_reason.removesuffix(f": {change.before} → {change.after}")


def _held(batch: Batch, now: datetime) -> dict[str, Any]:
    left = (batch.leased_until - now).total_seconds() if batch.leased_until else None
    since = (now - batch.started_at).total_seconds() if batch.started_at else 0.0
    return {
        "batch": batch,
        "href": links.page(batch),
        "since": f"{since:.0f}",
        "left": None if left is None else round(left),
    }


def retold(requeue: Requeue) -> dict[str, Any]:
    """A request with its exact outcome. While batches are left, what is known so far."""
    ended = requeue.ended_at is not None
    found = (
        requeues.outcome(requeue)
        if ended
        else remembered(f"requeue:{requeue.pk}", lambda: requeues.outcome(requeue))
    )
    return {
        "requeue": requeue, "name": NAMES.get(requeue.action, requeue.action),
        "outcome": found, "href": links.page(requeue), "ended": ended or not found.left,
        "who": requeue.asked_by or _("the command line"), "batches": batches.counted(len(requeue.batches)),
    }  # fmt: skip


def _logged(entry: LogEntry) -> dict[str, Any]:
    facts = ", ".join(f"{name} {value}" for name, value in list(entry.data.items())[:6])
    batch = reverse("admin:tracking_batch_change", args=[entry.batch_id]) if entry.batch_id else ""
    return {"entry": entry, "facts": facts[:160], "batch": batch, "href": links.page(entry)}


def causes(run: Run) -> dict[str, Any]:
    """Open issues that this run saw last, by code. A dry run keeps none."""
    found = remembered(
        f"causes:run:{run.pk}", lambda: _causes(run), least=2.0 if run.status in AT_WORK else 5.0
    )
    return {
        "run": run,
        "causes": [_cause(run, *one) for one in found[:CAUSES]],
        "more": max(0, len(found) - CAUSES),
    }


def _causes(run: Run) -> Sequence[tuple[str, str, int]]:
    counted = (
        Issue.objects.filter(run=run, state="open").values_list("level", "code").annotate(count=Count("pk"))
    )
    return sorted(counted.order_by(), key=lambda one: (one[0] != Issue.ERROR, -one[2], one[1]))


def _cause(run: Run, level: str, code: str, count: int) -> dict[str, Any]:
    sentence = codes.ALL[code].sentence if code in codes.ALL else ""
    href = links.listing("tracking.issue", run__id__exact=run.pk, state__exact="open", level=level, code=code)
    return {"level": level, "code": code, "count": count, "sentence": sentence, "href": href}

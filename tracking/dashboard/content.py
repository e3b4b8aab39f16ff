"""What the fragments show, made at most once a second for everybody who looks at the same wave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from tracking import alerts, pace, rollbacks, words, workers
from tracking.dashboard import broker, charts, events, figures, links, system
from tracking.dashboard.memory import remembered
from tracking.models import Alert, Batch, Issue, Rollback, Run, Runbook, Wave
from tracking.runbooks.walk import OPEN
from tracking.states import AT_WORK, BatchStatus, PhaseState, RunStatus

NEEDS_A_PERSON = (RunStatus.STOPPED, RunStatus.UNBALANCED)
CAUSES_SHOWN, ALERTS_SHOWN = 8, 20
SYNTHESISED = "synthesised"
OUTCOMES = {
    "migrated": gettext_lazy("migrated"), "merged": gettext_lazy("merged"), "split": gettext_lazy("split"),
    "skipped": gettext_lazy("left out on purpose"),
    "rejected": gettext_lazy("rejected"), "synthesised": gettext_lazy("made new in V5"),
}  # fmt: skip


def chosen_wave(asked: str | None) -> Wave | None:
    """The wave that was asked for; else the one at work, else the newest."""
    if asked and asked.isdigit() and (wave := Wave.objects.filter(pk=int(asked)).first()):
        return wave
    at_work = Wave.objects.filter(phases__runs__status__in=AT_WORK).order_by("-id").first()
    return at_work or Wave.objects.order_by("-id").first()


def progress(wave: Wave, now: datetime) -> dict[str, Any]:
    """Overall progress, phases, migrations, outcomes, causes, charts."""
    return remembered(f"progress:{wave.pk}:{get_language()}", lambda: _progress(wave, now), most=1.0)


def _progress(wave: Wave, now: datetime) -> dict[str, Any]:
    runs = figures.current_runs(wave)
    lines = figures.lines(runs, now)
    overall = figures.overall(lines)
    causes = remembered(f"causes:{wave.pk}:{get_language()}", lambda: figures.causes(wave))
    return {
        "wave": wave, "overall": overall, "headline": headline(lines), "left": pace.words(overall.left),
        "way_back": _way_back(wave),
        "phases": [_phase(step) for step in figures.phases(wave, lines)],
        "lines": [_line(line) for line in lines],
        "outcomes": _outcomes(runs), "open_alerts": _alerts_of(wave), **_causes(wave, causes), "charts": _charts(wave, runs, now),
    }  # fmt: skip


def _alerts_of(wave: Wave) -> list[dict[str, Any]]:
    """Open alerts of the wave and of the platform."""
    found = Alert.objects.filter(Q(wave=wave) | Q(wave=None), closed_at=None).select_related(
        "taken_by", "run"
    )
    return [_alert(alert) for alert in found[:ALERTS_SHOWN]]


def _way_back(wave: Wave) -> list[dict[str, str]]:
    """What of the way back is open, and waits for somebody or holds everything else."""
    open_ = (
        *((one, _("Runbook %(n)s: %(what)s"), one.get_kind_display())
          for one in Runbook.objects.filter(wave=wave, state__in=OPEN)),
        *((one, _("Rollback %(n)s: %(what)s"), one.said) for one in Rollback.objects.filter(wave=wave, state__in=rollbacks.OPEN)),
    )  # fmt: skip
    return [
        {
            "text": text % {"n": one.pk, "what": what},
            "says": str(one.get_state_display()),
            "href": links.page(one),
        }
        for one, text, what in open_
    ]


def headline(lines: Sequence[figures.Line]) -> tuple[str, str]:
    """How it stands, in a state's colour and one sentence."""
    if not lines:
        return "", _("Nothing is planned in this wave yet")
    if stuck := next((line.run for line in lines if line.run.status in NEEDS_A_PERSON), None):
        return "danger", _("Waits for a person: %(run)s %(why)s") % {
            "run": stuck,
            "why": stuck.told_status_reason,
        }
    if busy := next((line.run for line in lines if line.is_at_work), None):
        return "info", f"{busy}: {RunStatus(busy.status).label}"
    if held := next((line.run for line in lines if line.run.status == RunStatus.PAUSED), None):
        return "warning", f"{held}: {RunStatus.PAUSED.label}"
    if waiting := sum(line.run.status == RunStatus.PENDING for line in lines):
        return "warning", _("%(n)s migrations wait to start") % {"n": waiting}
    if back := [line.run for line in lines if line.run.status == RunStatus.ROLLED_BACK]:
        return "warning", _("Rolled back: %(n)s migrations have to be started again; the latest, %(why)s") % {
            "n": len(back), "why": back[-1].told_status_reason,
        }  # fmt: skip
    return "success", _("Everything that was planned so far is complete")


def _phase(step: figures.PhaseStep) -> dict[str, Any]:
    state = PhaseState(step.phase.state)
    return {
        "step": step, "name": step.phase.get_number_display(), "number": step.phase.number, "state": state.value,
        "says": state.label, "word": _word(step), "href": links.page(step.phase),
    }  # fmt: skip


def _word(step: figures.PhaseStep) -> str:
    words = {
        PhaseState.NOT_STARTED: _("not started"), PhaseState.RUNNING: _("running"),
        PhaseState.FINISHED: _("to be signed"), PhaseState.SIGNED: _("signed"),
    }  # fmt: skip
    return str(words[PhaseState(step.phase.state)])


def _line(line: figures.Line) -> dict[str, Any]:
    run = line.run
    issues = {"wave__id__exact": run.phase.wave_id, "state__exact": "open", "run__id__exact": run.pk}
    return {
        "line": line, "run": run, "name": words.migration(run.entity_type), "href": links.page(run),
        "sentence": _sentence(run), "status": run.status,
        "speed": f"{line.per_second:,.0f}/s" if line.per_second else _("unknown") if line.is_at_work else "",
        "left": pace.words(line.left) if line.is_at_work else "",
        "errors": links.listing("tracking.issue", **issues, level="error"),
    }  # fmt: skip


def _sentence(run: Run) -> str:
    label = str(RunStatus(run.status).label)
    return f"{label}: {run.told_status_reason}" if run.status_reason else label


def _outcomes(runs: Sequence[Run]) -> dict[str, Any]:
    """Legacy rows by outcome, and what was made new beside them."""
    if not runs:
        return {"rows": [], "again": ""}
    real = [run for run in runs if not run.dry_run] or list(runs)
    found = remembered(f"outcomes:{real[0].phase.wave_id}", lambda: figures.outcomes(real))
    legacy = {name: count for name, count in found.rows.items() if name != SYNTHESISED}
    total, ids = sum(legacy.values()) or 1, ",".join(str(run.pk) for run in real)
    rows = [
        {
            "words": str(OUTCOMES[name]), "count": count, "percent": f"{100 * count / total:.1f}",
            "percent_bar": max(1, round(100 * count / total)),
            "href": links.listing("tracking.tally", disposition=name, run__id__in=ids),
        }
        for name, count in legacy.items()
    ]  # fmt: skip
    return {
        "rows": rows, "made": found.rows.get(SYNTHESISED, 0),
        "made_href": links.listing("tracking.tally", disposition=SYNTHESISED, run__id__in=ids),
        "again": ", ".join(f"{count:,} {OUTCOMES[name]}" for name, count in found.again.items()),
    }  # fmt: skip


def _causes(wave: Wave, found: Sequence[figures.Cause]) -> dict[str, Any]:
    most = max((cause.count for cause in found), default=1)
    everything = {"wave__id__exact": wave.pk, "state__exact": "open"}
    shown = [
        {
            "cause": cause, "percent": max(1, round(100 * cause.count / most)),
            "href": links.listing("tracking.issue", **everything, level=cause.level, code=cause.code),
        }
        for cause in found[:CAUSES_SHOWN]
    ]  # fmt: skip
    return {
        "causes": shown, "more_causes": max(0, len(found) - CAUSES_SHOWN),
        "causes_href": links.listing("tracking.issuegroup", wave=wave.pk),
        "errors": sum(cause.count for cause in found if cause.level == Issue.ERROR),
        "warnings": sum(cause.count for cause in found if cause.level != Issue.ERROR),
        "errors_href": links.listing("tracking.issue", **everything, level=Issue.ERROR),
        "warnings_href": links.listing("tracking.issue", **everything, level=Issue.WARNING),
    }  # fmt: skip


def _charts(wave: Wave, runs: Sequence[Run], now: datetime) -> list[charts.Chart]:
    def make() -> list[charts.Chart]:
        span = charts.stretch(runs, now)
        return charts.charts(charts.buckets(runs, *span) if span else [])

    return remembered(f"charts:{wave.pk}:{get_language()}", make)


def health(wave: Wave | None, now: datetime) -> dict[str, Any]:
    """Workers, queue, databases, machine, alerts, last events."""
    return remembered(
        f"health:{wave.pk if wave else 0}:{get_language()}", lambda: _health(wave, now), most=1.0
    )


def _health(wave: Wave | None, now: datetime) -> dict[str, Any]:
    seats = workers.seats(now)
    runs = (
        Run.objects.filter(phase__wave=wave).order_by("-id").values_list("pk", flat=True)[: figures.MOST_RUNS]
    )
    open_alerts = Alert.objects.filter(closed_at=None).select_related("taken_by", "run")[:ALERTS_SHOWN]
    depth = remembered("broker", broker.depth)
    return {
        "alerts": [_alert(alert) for alert in open_alerts], "workers": _workers(seats), "queue": _queue(depth, now),
        "nobody": _nobody(seats), "machine": remembered("machine", system.machine),
        "connections": remembered("connections", system.database_connections, least=5.0),
        "events": events.last(set(runs)),
    }  # fmt: skip


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert, "title": alerts.CODES.get(alert.code, alert.code), "next": alerts.NEXT_STEPS.get(alert.code, ""),
        "type": "danger" if alert.level == alerts.CRITICAL else "warning",
        "href": links.page(alert.run) if alert.run else links.page(alert),
    }  # fmt: skip


def _workers(seats: Sequence[workers.Seat]) -> dict[str, Any]:
    counted = {state: sum(seat.state == state for seat in seats) for state in workers.SENTENCES}
    memory = sum(seat.seen.memory for seat in seats if seat.seen and seat.is_live)
    return {**counted, "live": counted["working"] + counted["idle"], "memory": memory,
            "href": links.listing("tracking.workerseen")}  # fmt: skip


def _queue(depth: broker.Depth, now: datetime) -> dict[str, Any]:
    unfinished = Batch.objects.filter(status__in=(BatchStatus.PENDING, BatchStatus.FAILED))
    counted = unfinished.aggregate(
        waiting=Count("pk", filter=Q(status=BatchStatus.PENDING)), failed=Count("pk", filter=Q(status=BatchStatus.FAILED)),
        later=Count("pk", filter=Q(status=BatchStatus.PENDING, not_before__gt=now)),
    )  # fmt: skip
    return {
        **counted, "depth": depth,
        "waiting_href": links.listing("tracking.batch", status__exact="pending"),
        "failed_href": links.listing("tracking.batch", status__exact="failed"),
    }  # fmt: skip


def _nobody(seats: Sequence[workers.Seat]) -> bool:
    """Runs should move and no worker is there: nothing else on the page would say so."""
    return not any(seat.is_live for seat in seats) and Run.objects.filter(status=RunStatus.RUNNING).exists()


def workers_now(now: datetime) -> dict[str, Any]:
    """For the workers page: each worker with what it does; whoever may, releases its lease."""
    seats = workers.seats(now)
    return {"seats": [_seat(seat) for seat in seats], "nobody": _nobody(seats)}


def _seat(seat: workers.Seat) -> dict[str, Any]:
    batch = seat.batch
    return {
        "seat": seat, "batch": batch, "run": batch.run if batch else None,
        "run_href": links.page(batch.run) if batch else "", "batch_href": links.page(batch) if batch else "",
        "colour": {"working": "info", "idle": "success", "silent": "danger"}.get(seat.state, ""),
    }  # fmt: skip

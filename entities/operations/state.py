"""Where everything is: waves, phases, runs, open issues, workers, queue. Reads the record, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from entities.engine.errors import Refused
from entities.operations.tables import plain
from tracking import codes, pace
from tracking.models import Batch, Issue, Run, Wave
from tracking.models.wave import PHASES
from tracking.states import UNFINISHED, BatchStatus, IssueState, RunStatus


def collect(name: str | None, now: datetime) -> dict[str, Any]:
    """Plain data for JSON and for the tables below; refuses an unknown wave."""
    waves = list(Wave.objects.filter(name=name) if name else Wave.objects.order_by("pk"))
    if name and not waves:
        known = ", ".join(Wave.objects.values_list("name", flat=True)) or "none yet: run_phase makes one"
        raise Refused(f"there is no wave {name!r}; waves: {known}")
    return {
        "at": now.isoformat(),
        "waves": [_wave(wave, now) for wave in waves],
        "workers": _workers(waves, now),
        "queue": _queue(waves, now),
    }


def _wave(wave: Wave, now: datetime) -> dict[str, Any]:
    return {
        "name": wave.name,
        "kind": wave.kind,
        "schools": wave.schools or "all",
        "cutover": wave.cutover_at and wave.cutover_at.isoformat(),
        "phases": [
            {"number": phase.number, "name": str(PHASES[phase.number]), "state": phase.state}
            for phase in wave.phases.order_by("number")
        ],
        "runs": [_run(run, now) for run in latest(wave)],
        "issues": _issues(wave),
    }


def latest(wave: Wave) -> list[Run]:
    """The last run of each migration (real and dry runs apart) and every unfinished one, in order of work."""
    chosen: dict[object, Run] = {}
    for run in Run.objects.filter(phase__wave=wave).select_related("phase").order_by("pk"):
        chosen[run.pk if run.status in UNFINISHED else (run.entity_type, run.dry_run)] = run
    return sorted(chosen.values(), key=lambda run: (run.dry_run, run.phase.number, run.position, run.pk))


def _run(run: Run, now: datetime) -> dict[str, Any]:
    found = pace.of(run, now)
    batches = dict(Batch.objects.filter(run=run).values_list("status").annotate(n=Count("pk")).order_by())
    return {
        "id": run.pk, "migration": run.entity_type, "phase": run.phase.number, "dry_run": run.dry_run,
        "status": run.status, "says": str(RunStatus(run.status).label), "reason": run.status_reason,
        "records": run.processed_records, "of": run.total_records, "written_rows": run.written_rows,
        "rejected": run.error_count, "warnings": run.warning_count,
        "per_second": found.per_second and round(found.per_second, 1),
        "seconds_left": found.left and round(found.left.total_seconds()),
        "batch_size": run.batch_size, "batch_size_reason": run.size_reason,
        "batches": {status.value: batches.get(status.value, 0) for status in BatchStatus},
    }  # fmt: skip


def _issues(wave: Wave) -> list[dict[str, Any]]:
    counted = (
        Issue.objects.filter(wave=wave, state=IssueState.OPEN)
        .values("level", "code").annotate(count=Count("pk")).order_by("level", "-count", "code")
    )  # fmt: skip
    return [{**one, "meaning": _meaning(one["code"])} for one in counted]


def _meaning(code: str) -> str:
    return str(codes.ALL[code].sentence) if code in codes.ALL else ""


def _workers(waves: Sequence[Wave], now: datetime) -> list[dict[str, Any]]:
    held = Batch.objects.filter(run__phase__wave__in=waves, status=BatchStatus.RUNNING).order_by(
        "worker", "pk"
    )
    return [
        {
            "worker": batch.worker, "run": batch.run_id, "batch": batch.pk, "attempt": batch.attempt,
            "lease_seconds_left": batch.leased_until and round((batch.leased_until - now).total_seconds()),
        }
        for batch in held[:200]
    ]  # fmt: skip


def _queue(waves: Sequence[Wave], now: datetime) -> dict[str, int]:
    batches = Batch.objects.filter(run__phase__wave__in=waves)
    counted = batches.aggregate(
        waiting=Count("pk", filter=Q(status=BatchStatus.PENDING)),
        waiting_for_a_retry=Count("pk", filter=Q(status=BatchStatus.PENDING, not_before__gt=now)),
        failed=Count("pk", filter=Q(status=BatchStatus.FAILED)),
    )
    runs = Run.objects.filter(phase__wave__in=waves, status=RunStatus.PENDING).count()
    return {"runs_waiting": runs, **counted}


def lines(data: dict[str, Any]) -> list[str]:
    """The same for people."""
    said: list[str] = [] if data["waves"] else ["No wave yet: run_phase makes one."]
    for wave in data["waves"]:
        schools = wave["schools"] if wave["schools"] == "all" else ", ".join(map(str, wave["schools"]))
        said.append(
            f"Wave {wave['name']} ({wave['kind']}), schools: {schools}, cut-over: {wave['cutover'] or 'first run'}"
        )
        said.append(
            "  " + " · ".join(f"{one['number']} {one['name']}: {one['state']}" for one in wave["phases"])
        )
        said += _indented(_run_table(wave["runs"]))
        said += [
            f"  run {run['id']}: {run['reason']}"
            for run in wave["runs"]
            if run["reason"] and run["status"] != "completed"
        ]
        said += _issue_table(wave["issues"])
        said.append("")
    return said + _work_lines(data)


def _run_table(runs: list[dict[str, Any]]) -> list[str]:
    if not runs:
        return ["no runs yet"]
    rows = [
        (
            str(run["id"]), run["migration"] + (" (dry run)" if run["dry_run"] else ""), run["status"], run["records"],
            run["of"], run["written_rows"], run["rejected"],
            f"{run['per_second']:,.0f}/s" if run["per_second"] else "",
            f"{run['seconds_left']} s" if run["seconds_left"] is not None else "",
        )
        for run in runs
    ]  # fmt: skip
    return plain(
        ("run", "migration", "status", "records", "of", "rows written", "rejected", "pace", "left"), rows
    )


def _issue_table(issues: list[dict[str, Any]]) -> list[str]:
    if not issues:
        return ["  No open issues."]
    rows = [(one["level"], one["code"], one["count"], one["meaning"]) for one in issues]
    return ["  Open issues:", *_indented(plain(("level", "code", "records", "meaning"), rows))]


def _work_lines(data: dict[str, Any]) -> list[str]:
    queue, workers = data["queue"], data["workers"]
    said = [
        f"Queue: {queue['runs_waiting']} runs and {queue['waiting']} batches wait "
        f"({queue['waiting_for_a_retry']} of them for a retry), {queue['failed']} batches failed."
    ]
    if not workers:
        return [*said, "No worker holds a batch."]
    rows = [
        (one["worker"], str(one["run"]), str(one["batch"]), f"{one['lease_seconds_left']} s")
        for one in workers
    ]
    return [*said, *plain(("worker", "run", "batch", "lease left"), rows)]


def _indented(text: list[str]) -> list[str]:
    return [f"  {line}" for line in text]

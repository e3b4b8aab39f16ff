"""The pages of the panel, each with the person whose daily page it is; with rows of the databases as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from tests.browser import scene
from tracking import choices, work
from tracking.models import (
    Batch,
    Finding,
    Issue,
    Job,
    Phase,
    PhaseReport,
    Requeue,
    Rollback,
    Run,
    Runbook,
    Signature,
    ValidationResult,
    Waiver,
    Wave,
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """`main`: one of those that people spend their day on."""

    name: str
    person: str
    path: str
    main: bool = False


LISTS = (  # name, person, list
    ("waves", "manager", "tracking_wave"), ("phases", "manager", "tracking_phase"),
    ("choices", "manager", "tracking_choicevalue"), ("signatures", "manager", "tracking_signature"),
    ("waivers", "manager", "tracking_waiver"), ("backups", "manager", "tracking_backuprecord"),
    ("runs", "engineer", "tracking_run"), ("batches", "engineer", "tracking_batch"),
    ("workers", "engineer", "tracking_workerseen"),
    ("alerts", "engineer", "tracking_alert"), ("outcomes", "engineer", "tracking_tally"),
    ("log", "engineer", "tracking_logentry"), ("reserved-ids", "engineer", "tracking_idreservation"),
    ("causes", "support", "tracking_issuegroup"), ("issues", "support", "tracking_issue"),
    ("corrections", "support", "tracking_correction"), ("requests", "support", "tracking_job"),
    ("preflights", "engineer", "tracking_preflightreport"), ("check-results", "engineer", "tracking_validationresult"),
    ("findings", "support", "tracking_finding"),
    ("criteria", "manager", "tracking_criterionstatement"), ("risks", "manager", "tracking_risk"),
    ("performance", "engineer", "tracking_measurement"), ("reports", "manager", "tracking_phasereport"),
    ("runbooks", "engineer", "tracking_runbook"),
    ("rollbacks", "engineer", "tracking_rollback"), ("checkpoints", "engineer", "tracking_checkpoint"),
    ("rollback-archive", "engineer", "entities_rollbackarchive"),
    ("id-map", "auditor", "entities_legacyidmapping"), ("archive", "auditor", "entities_legacyarchive"),
    ("decisions", "auditor", "tracking_auditevent"),
)  # fmt: skip
MAIN = (
    "waves", "choices", "runs", "batches", "workers", "causes", "issues", "decisions", "requests", "criteria", "risks",
    "performance", "runbooks", "rollbacks", "checkpoints",
)  # fmt: skip


def pages() -> list[Page]:
    """Every page that has something to show."""
    lists = [Page(name, who, reverse(f"admin:{page}_changelist"), name in MAIN) for name, who, page in LISTS]
    return [
        *_dashboards(),
        *lists,
        *_plan(),
        *_operate(),
        *_triage(),
        *_validate(),
        *_way_back(),
        *_lineage(),
    ]


def _dashboards() -> Iterator[Page]:
    for who in ("manager", "support", "engineer", "auditor"):
        yield Page("dashboard" if who == "manager" else f"dashboard-{who}", who, reverse("admin:index"), True)


def _of(page: str, subject: Any, *more: Any) -> str:
    return reverse(f"admin:{page}", args=[getattr(subject, "pk", subject), *more])


def _plan() -> Iterator[Page]:
    wave = Wave.objects.order_by("pk").last()
    assert wave is not None
    phase = wave.phases.exclude(state="not_started").order_by("number").last() or wave.phases.get(number=2)
    yield Page("wave-new", "manager", reverse("admin:tracking_wave_create"), True)
    yield Page("wave", "manager", _of("tracking_wave_change", wave), True)
    yield Page("phase", "manager", _of("tracking_phase_change", phase), True)
    yield Page("phase-waive", "manager", _of("tracking_phase_waive", phase, "rejected"), True)
    yield Page("phase-start", "engineer", _of("tracking_phase_do", _startable(wave), "dry-run"), True)
    yield Page("backup-new", "manager", _of("tracking_wave_backup", wave))
    for name, kind in (("signature", Signature), ("waiver", Waiver)):
        one = kind.objects.order_by("-pk").first()
        if one is not None:
            yield Page(name, "manager", _of(f"tracking_{name}_change", one))
    key = next(iter(choices.ALL))
    yield Page("choice", "manager", reverse("admin:tracking_choicevalue_decide", args=[wave.pk, key]), True)


def _startable(wave: Wave) -> Phase:
    found: Phase = wave.phases.get(number=2)
    return found


def _operate() -> Iterator[Page]:
    run = (
        Run.objects.filter(entity_type="bookings").order_by("pk").last() or Run.objects.order_by("pk").last()
    )
    assert run is not None
    yield Page("run", "engineer", _of("tracking_run_change", run), True)
    yield Page("run-change", "engineer", _of("tracking_run_do", run, "change"), True)
    batch = Batch.objects.filter(run=run).order_by("pk").first()
    if batch is not None:
        yield Page("batch", "engineer", _of("tracking_batch_change", batch), True)
        yield Page(
            "batch-requeue",
            "engineer",
            f"{reverse('admin:tracking_batch_do', args=['requeue'])}?ids={batch.pk}",
        )
    requeue = Requeue.objects.order_by("-pk").first()
    if requeue is not None:
        yield Page("requeue", "engineer", _of("tracking_requeue_change", requeue))


def _triage() -> Iterator[Page]:
    if found := scene.largest_cause():
        group, issue = found
        yield Page("cause", "support", _of("tracking_issuegroup_change", group), True)
        yield Page("cause-correct", "support", _of("entities_group_correct", group), True)
        yield Page("record", "support", _of("entities_record", issue), True)
        yield Page("record-correct", "support", _of("entities_record_correct", issue), True)
        yield Page("record-skip", "support", _of("entities_record_do", issue, "skip"))
        yield Page("issue", "support", _of("tracking_issue_change", issue))
        yield Page("import", "support", _of("entities_import", issue.wave_id), True)
    job = Job.objects.order_by("-pk").first()
    if job is not None:
        yield Page("request", "support", _of("tracking_job_change", job), True)


def _validate() -> Iterator[Page]:
    finding = Finding.objects.order_by("pk").first()
    if finding is not None:
        yield Page("finding", "support", _of("tracking_finding_change", finding), True)
    ran = ValidationResult.objects.filter(phase__isnull=False, current=True)
    worst = ran.order_by("result", "pk").first()
    if worst is None:
        yield Page("checks", "manager", reverse("admin:tracking_checks"), True)
    else:
        yield Page("checks", "manager", _of("tracking_phase_checks", worst.phase_id), True)
        yield Page(
            "check", "manager", _of("tracking_phase_check", worst.phase_id, worst.validation_type), True
        )
    yield Page("checks-by-hand", "manager", reverse("admin:tracking_manual_newest"), True)
    report = PhaseReport.objects.order_by("pk").last()
    if report is not None:
        yield Page("report", "manager", _of("tracking_phasereport_change", report), True)
    yield Page("reconciliation", "manager", reverse("engine:reconciliation"), True)
    wave = Wave.objects.order_by("pk").last()
    if wave is not None:
        path = reverse("engine:reconciliation_school", args=[wave.pk, min(work.schools())])
        yield Page("reconciliation-school", "manager", path, True)
    yield Page("quality", "manager", reverse("engine:quality"), True)
    yield Page("health", "engineer", reverse("engine:health"), True)


def _way_back() -> Iterator[Page]:
    for name, kind in (("runbook", Runbook), ("rollback", Rollback)):
        one = kind.objects.order_by("pk").last()
        if one is not None:
            yield Page(name, "engineer", _of(f"tracking_{name}_change", one), True)
    yield Page("rollback-ask", "engineer", reverse("admin:tracking_rollback_ask"), True)
    yield Page("point-in-time", "engineer", reverse("engine:point_in_time"), True)
    yield Page("recovery", "engineer", reverse("engine:recovery"), True)


def _lineage() -> Iterator[Page]:
    yield Page("trace", "support", reverse("engine:trace"), True)
    issue = Issue.objects.filter(entity_type="booking").order_by("pk").first()
    if issue is not None:
        path = reverse("engine:trace_record", args=[issue.entity_type, issue.legacy_id])
        yield Page("trace-record", "support", path, True)
    yield Page("catalogue", "engineer", reverse("engine:catalogue"), True)
    yield Page("catalogue-codes", "support", reverse("engine:catalogue_codes"), True)
    yield Page("catalogue-tables", "engineer", reverse("engine:catalogue_tables"))
    yield Page(
        "catalogue-bookings", "engineer", reverse("engine:catalogue_migration", args=["bookings"]), True
    )

"""What people have done by the time a picture is taken."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from entities.engine import sweeper
from entities.operations import jobs
from entities.rollback import request, taking
from tracking import work
from tracking.actions.approval import ApprovePhase, RequestApproval
from tracking.actions.assign import AssignIssue
from tracking.actions.backup import RecordBackup
from tracking.actions.bulk import TryGroup
from tracking.actions.choice import DecideChoice
from tracking.actions.correct import CorrectIssue
from tracking.actions.note import NoteIssue
from tracking.actions.report import StoreReport
from tracking.actions.runbook import StartRunbook
from tracking.actions.waiver import RequestWaiver
from tracking.models import Issue, IssueGroup, Job, Sweep, Wave
from tracking.triage import groups

NOTE = "The school was asked for the right sport; answer expected on Friday."
WAIVER = "These records are known to the school and are entered by hand after cut-over."
REHEARSAL = "Rehearsal of the way back."
SPORT, ALPINE = "SPORT_UNKNOWN", {"sport_id": "1"}


def people_at_work() -> None:
    """What managers and support leave behind on a day: decisions, signatures, notes, answers."""
    now = timezone.now()
    wave = Wave.objects.get()
    people = {one.username: one for one in User.objects.all()}
    _manage(wave, people, now)
    _triage(wave, people, now)
    _look_back(wave, people["engineer"], now)


def _look_back(wave: Wave, engineer: User, now: datetime) -> None:
    """A runbook that waits for a second person, a checkpoint, and a rollback of a school that was looked at."""
    StartRunbook(wave, "planned", actor=engineer, reason=REHEARSAL).perform(now)
    taking.start("Before the rehearsal", now, wave=wave, made_by=engineer)
    request.of_school(wave, min(work.schools()), now, reason=REHEARSAL, asked_by=engineer)
    for sweep in Sweep.objects.filter(state=Sweep.State.PENDING).order_by("pk"):
        sweeper.drive(sweep)


def largest_cause() -> tuple[IssueGroup, Issue] | None:
    """The cause that keeps most records back, and its first record."""
    group = IssueGroup.objects.filter(open__gt=0, level="error").order_by("-open", "pk").first()
    if group is None:
        return None
    issues = Issue.objects.filter(
        wave=group.wave_id, code=group.code, entity_type=group.entity_type, field=group.field, state="open"
    )
    issue = issues.order_by("pk").first()
    return (group, issue) if issue is not None else None


def _manage(wave: Wave, people: dict[str, User], now: datetime) -> None:
    manager, engineer = people["manager"], people["engineer"]
    DecideChoice(wave, "Q-01", "same", actor=manager, reason="All schools keep their own time.").perform(now)
    RecordBackup(
        wave, database="v5", location="nightly store, v5-2026-01-15.sql.gz", size=48_211_034, checksum="9c1f" * 16,
        taken_at=now - timedelta(minutes=5), actor=manager,
    ).perform(now)  # fmt: skip
    first = wave.phases.get(number=1)
    RequestApproval(first, actor=engineer).perform(now)
    ApprovePhase(first, actor=manager, reason="Pre-flight read line by line.").perform(now)
    latest = wave.phases.exclude(state="not_started").order_by("number").last() or first
    StoreReport(latest, actor=manager).perform(now)
    RequestWaiver(
        wave.phases.get(number=3), "rejected", owner="school office, before cut-over", reason=WAIVER, actor=manager,
        expires_at=now + timedelta(days=30),
    ).perform(now)  # fmt: skip


def _triage(wave: Wave, people: dict[str, User], now: datetime) -> None:
    found = largest_cause()
    if found is None:
        return
    support = people["support"]
    NoteIssue(found[1], NOTE, actor=support).perform(now)
    AssignIssue(found[1], support, actor=people["manager"]).perform(now)
    sport = IssueGroup.objects.filter(wave=wave, code=SPORT, open__gt=0).order_by("-open", "pk").first()
    if sport is not None:
        reason = "The number of the sport was mistyped."
        cause = groups.cause_of(sport)
        issue = cause.issues().first()
        CorrectIssue(issue, ALPINE, actor=support, reason=reason).perform(now)
        TryGroup(cause, ALPINE, actor=support, reason=reason).perform(now)
        for job in Job.objects.filter(state=Job.State.WAITING):
            jobs.do(job.pk)

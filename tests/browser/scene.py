"""What people have done by the time a picture is taken."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from tracking.actions.assign import AssignIssue
from tracking.actions.backup import RecordBackup
from tracking.actions.choice import DecideChoice
from tracking.actions.note import NoteIssue
from tracking.actions.waiver import RequestWaiver
from tracking.models import Issue, Wave

NOTE = "The school was asked for the right sport; answer expected on Friday."
WAIVER = "These records are known to the school and are entered by hand after cut-over."


def people_at_work() -> None:
    """A note, an assignment, a decision, a backup and a waiver in the wave of the demo."""
    now = timezone.now()
    wave = Wave.objects.get()
    manager, support = (User.objects.get(username=name) for name in ("manager", "support"))
    issue = Issue.objects.filter(wave=wave, level="error", state="open").order_by("pk").first()
    if issue is not None:
        NoteIssue(issue, NOTE, actor=support).perform(now)
        AssignIssue(issue, support, actor=manager).perform(now)
    DecideChoice(wave, "Q-01", "same", actor=manager, reason="All schools keep their own time.").perform(now)
    RecordBackup(
        wave, database="v5", location="nightly store, v5-2026-01-15.sql.gz", size=48_211_034, checksum="9c1f" * 16,
        taken_at=now - timedelta(minutes=5), actor=manager,
    ).perform(now)  # fmt: skip
    phase = wave.phases.get(number=3)
    RequestWaiver(
        phase, "rejected", owner="school office, before cut-over", expires_at=now + timedelta(days=30),
        reason=WAIVER, actor=manager,
    ).perform(now)  # fmt: skip

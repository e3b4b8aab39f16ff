"""What people may do to runs: permission, precondition, effect in words, what happens, audit event."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tracking import ledger, plan
from tracking.actions import (
    ActionRefused,
    CancelRun,
    ChangeRun,
    PauseRun,
    RequeueBatch,
    RequeueFailed,
    RequeueIssues,
    RequeueRecord,
    ResumeRun,
)
from tracking.models import AuditEvent, Batch, Issue, Run
from tracking.states import BatchStatus, IssueState, RunStatus

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def run() -> Run:
    wave = plan.get_or_create_wave("Wave", NOW)
    [run] = plan.plan_runs(wave, 3, ["clients"], NOW)
    ledger.move(run, RunStatus.RUNNING, NOW, total_records=100, processed_records=40)
    return run


def as_status(run: Run, status: str, reason: str = "") -> Run:
    Run.objects.filter(pk=run.pk).update(status=status, status_reason=reason)
    run.refresh_from_db()
    return run


def batch(run: Run, status: str = BatchStatus.FAILED, **values: Any) -> Batch:
    given = {
        "key_after": 0,
        "key_to": 10,
        "rows_read": 7,
        "attempt": 3,
        "fence": 3,
        "error": "disk full",
        **values,
    }
    return Batch.objects.create(run=run, status=status, **given)


def issue(
    run: Run, key: int, code: str = "EMAIL_INVALID", segment: str = "", entity: str = "client"
) -> Issue:
    root = f"{run.entity_type}/{segment}" if segment else run.entity_type
    return Issue.objects.create(
        wave=run.phase.wave, run=run, entity_type=entity, legacy_table="users", legacy_id=key, root_entity=root,
        root_id=key, stage="transform", code=code, message="…", first_seen=NOW, last_seen=NOW,
    )  # fmt: skip


def command(action: type, run: Run, *given: Any, **options: Any) -> AuditEvent:
    return action(run, *given, via="command", **options).perform(NOW)


def test_pausing_is_a_request_that_names_what_is_left(run: Run) -> None:
    action = PauseRun(run, via="command", reason="maintenance")
    assert "60 records stay" in action.effect()
    event = action.perform(NOW)
    run.refresh_from_db()
    assert run.status == RunStatus.PAUSING
    assert (event.action, event.before, event.after) == (
        "pause run",
        {"status": "running"},
        {"status": "pausing"},
    )
    assert (event.subject_type, event.subject_id, event.reason) == ("run", str(run.pk), "maintenance")
    assert event.actor is None and event.via == "command"


@pytest.mark.parametrize("status", ["pending", "paused", "stopped", "completed", "cancelled", "unbalanced"])
def test_only_a_run_that_moves_records_can_be_paused(run: Run, status: str) -> None:
    with pytest.raises(ActionRefused, match=f"is {status}"):
        command(PauseRun, as_status(run, status))
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("status", ["paused", "pausing", "stopped", "unbalanced"])
def test_a_run_that_rests_can_be_resumed(run: Run, status: str) -> None:
    command(ResumeRun, as_status(run, status))
    assert run.status == RunStatus.RUNNING


@pytest.mark.parametrize("status", ["pending", "running", "completed", "cancelled"])
def test_other_runs_cannot_be_resumed(run: Run, status: str) -> None:
    with pytest.raises(ActionRefused, match="cannot be resumed"):
        command(ResumeRun, as_status(run, status))


def test_resuming_beyond_the_stop_threshold_switches_it_off_for_this_run(run: Run) -> None:
    as_status(run, RunStatus.STOPPED, "30 of 100 records failed, more than 5% (Q-45)")
    action = ResumeRun(run, via="command")
    assert "no longer applies" in action.effect()
    assert action.perform(NOW).after == {"status": "running", "ignore_threshold": True}
    run.refresh_from_db()
    assert run.metadata["ignore_threshold"] is True


def test_a_run_with_nothing_but_failed_batches_has_to_be_requeued_instead(run: Run) -> None:
    batch(run)
    Run.objects.filter(pk=run.pk).update(exhausted=True)
    with pytest.raises(ActionRefused, match=f"requeue --run {run.pk} --failed"):
        command(ResumeRun, as_status(run, RunStatus.STOPPED))


@pytest.mark.parametrize(
    ("status", "becomes"),
    [("pending", "cancelled"), ("running", "cancelling"), ("pausing", "cancelling"), ("paused", "cancelled"),
     ("stopped", "cancelled"), ("unbalanced", "cancelled")],
)  # fmt: skip
def test_cancelling_waits_for_batches_only_where_there_are_some(run: Run, status: str, becomes: str) -> None:
    command(CancelRun, as_status(run, status))
    run.refresh_from_db()
    assert run.status == becomes


@pytest.mark.parametrize("status", ["completed", "cancelled"])
def test_what_has_ended_cannot_be_cancelled(run: Run, status: str) -> None:
    with pytest.raises(ActionRefused, match="already ended"):
        command(CancelRun, as_status(run, status))


def test_batch_size_and_workers_change_from_the_next_batch_on(run: Run) -> None:
    before = run.batch_size
    action = ChangeRun(run, batch_size=50, workers=4, via="command")
    assert f"batch size {before} → 50" in action.effect()
    event = action.perform(NOW)
    run.refresh_from_db()
    assert (run.batch_size, run.workers, run.size_reason) == (50, 4, "set by a person")
    assert event.before == {"batch_size": before, "workers": 1}


@pytest.mark.parametrize(
    "changes", [{}, {"batch_size": 1}, {"batch_size": 100_000}, {"workers": 0}, {"workers": 99}]
)
def test_changes_out_of_bounds_are_refused(run: Run, changes: dict[str, int]) -> None:
    with pytest.raises(ActionRefused):
        ChangeRun(run, via="command", **changes).perform(NOW)


def test_failed_batches_wait_again_as_if_never_tried(run: Run) -> None:
    failed, done = batch(run), batch(run, BatchStatus.DONE)
    Batch.objects.filter(pk=failed.pk).update(not_before=NOW + timedelta(hours=1))
    as_status(run, RunStatus.STOPPED)
    assert RequeueFailed(run, via="command").effect() == "Re-queue 1 batch, 7 records."
    assert command(RequeueFailed, run).after["batches"] == [failed.pk]
    failed.refresh_from_db()
    done.refresh_from_db()
    assert (failed.status, failed.attempt, failed.not_before, failed.error) == ("pending", 0, None, "")
    assert failed.fence == 3, "the fence only grows: an old worker must not record its work"
    assert done.status == BatchStatus.DONE
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING


def test_one_done_batch_of_a_completed_run_can_be_done_again(run: Run) -> None:
    one = batch(run, BatchStatus.DONE)
    command(RequeueBatch, as_status(run, RunStatus.COMPLETED), one.pk)
    one.refresh_from_db()
    run.refresh_from_db()
    assert (one.status, run.status) == ("pending", "running")


def test_a_batch_in_work_is_left_alone(run: Run) -> None:
    one = batch(run, BatchStatus.RUNNING)
    with pytest.raises(ActionRefused, match="is running"):
        command(RequeueBatch, run, one.pk)
    with pytest.raises(ActionRefused, match="has no batch"):
        command(RequeueBatch, run, one.pk + 1)


def test_records_with_a_code_get_batches_of_their_own_by_segment(run: Run) -> None:
    for key in (3, 9, 5):
        issue(run, key)
    issue(run, 4, segment="orphans")
    issue(run, 6, code="NAME_UNKNOWN")
    Issue.objects.filter(legacy_id=9).update(state=IssueState.RESOLVED)
    as_status(run, RunStatus.COMPLETED)
    assert RequeueIssues(run, "EMAIL_INVALID", via="command").effect() == "Re-queue 3 records in 2 batches."
    command(RequeueIssues, run, "EMAIL_INVALID")
    made = [
        (one.segment, one.keys, one.key_after, one.key_to, one.status) for one in Batch.objects.order_by("pk")
    ]
    assert made == [("", [3, 5], 2, 5, "pending"), ("orphans", [4], 3, 4, "pending")]


def test_an_unknown_code_is_refused_with_those_that_are_open(run: Run) -> None:
    issue(run, 3)
    with pytest.raises(ActionRefused, match="open codes: EMAIL_INVALID"):
        command(RequeueIssues, run, "EMAIL_INVALLID")


def test_one_record_is_found_by_its_issue_or_as_a_root(run: Run) -> None:
    issue(run, 3, entity="client_sport")
    command(RequeueRecord, run, "client_sport", 3)
    command(RequeueRecord, run, "client", 77, is_root=True)
    assert [one.keys for one in Batch.objects.order_by("pk")] == [[3], [77]]
    with pytest.raises(ActionRefused, match="no open issue of client_sport:4"):
        command(RequeueRecord, run, "client_sport", 4)


def test_a_paused_run_stays_paused_when_something_is_requeued(run: Run) -> None:
    batch(run)
    command(RequeueFailed, as_status(run, RunStatus.PAUSED))
    run.refresh_from_db()
    assert run.status == RunStatus.PAUSED


@pytest.mark.parametrize("status", ["pending", "cancelled", "cancelling"])
def test_runs_that_will_not_work_take_nothing_back(run: Run, status: str) -> None:
    batch(run)
    with pytest.raises(ActionRefused):
        command(RequeueFailed, as_status(run, status))


def test_a_dry_run_keeps_no_issues_and_takes_nothing_back(run: Run) -> None:
    batch(run)
    Run.objects.filter(pk=run.pk).update(dry_run=True)
    with pytest.raises(ActionRefused, match="dry run"):
        command(RequeueFailed, run)


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        (PauseRun, {"engineer", "project_manager"}),
        (CancelRun, {"engineer", "project_manager"}),
        (RequeueFailed, {"engineer", "support"}),
    ],
)
def test_each_action_has_its_own_permission(run: Run, action: type, allowed: set[str], request: Any) -> None:
    batch(run)
    for name in ("engineer", "support", "project_manager", "outsider"):
        person = request.getfixturevalue(name)
        assert action(run, actor=person).is_permitted() == (name in allowed), name


def test_without_permission_nothing_happens(run: Run, outsider: Any) -> None:
    with pytest.raises(ActionRefused, match="needs the permission tracking.pause_run"):
        PauseRun(run, actor=outsider).perform(NOW)
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING


def test_nobody_is_not_the_command_line(run: Run) -> None:
    assert not PauseRun(run).is_permitted()
    assert PauseRun(run, via="command").is_permitted()


def test_the_person_is_kept_in_the_audit_event(run: Run, engineer: Any) -> None:
    event = PauseRun(run, actor=engineer, reason="lunch").perform(NOW)
    assert (event.actor, event.via, event.reason) == (engineer, "panel", "lunch")

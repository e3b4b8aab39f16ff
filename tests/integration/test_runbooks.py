"""Runbooks in the record: who may do what, in which order, with whose eyes; nothing changes by looking."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from tracking import plan, undertakings
from tracking.actions import ActionRefused
from tracking.actions.runbook import (
    AbandonRunbook,
    ApproveRunbook,
    BeginStep,
    FinishStep,
    ProveStep,
    SkipStep,
    StartRunbook,
)
from tracking.models import AuditEvent, Runbook, RunbookStep, Wave
from tracking.runbooks import walk
from tracking.runbooks.definitions import LIMITS, RUNBOOKS

pytestmark = pytest.mark.django_db
NOW = timezone.now()
IMMEDIATE, PLANNED = Runbook.Kind.IMMEDIATE, Runbook.Kind.PLANNED


@pytest.fixture
def wave() -> Wave:
    return plan.get_or_create_wave("Season", NOW)


def started(wave: Wave, kind: str, who: Any) -> Runbook:
    action = StartRunbook(wave, kind, actor=who, reason="prices are wrong")
    action.perform(NOW)
    made: Runbook = action.subject
    return made


def step(runbook: Runbook, key: str) -> RunbookStep:
    return runbook.steps.get(key=key)


def over(runbook: Runbook, *keys: str) -> None:
    RunbookStep.objects.filter(runbook=runbook, key__in=keys).update(state="done")


@pytest.mark.parametrize("kind", list(RUNBOOKS))
def test_the_plan_fits_into_the_strategys_time_and_never_touches_legacy(kind: str) -> None:
    plans = RUNBOOKS[kind]
    assert sum(one.minutes for one in plans) <= LIMITS[Runbook.Kind(kind)]
    assert len({one.key for one in plans}) == len(plans)
    order = [one.key for one in plans]
    assert (
        order.index("pause_runs")
        < order.index("stop_v5")
        < order.index("route_back")
        < order.index("legacy_works")
    )
    if kind == PLANNED:
        assert (
            order.index("backup") < order.index("changes") < order.index("rollback") < order.index("validate")
        )


def test_an_immediate_one_runs_at_once_a_planned_one_needs_a_second_person(
    wave: Wave, engineer: Any, project_manager: Any
) -> None:
    runbook = started(wave, IMMEDIATE, engineer)
    assert (runbook.state, runbook.steps.count()) == ("running", len(RUNBOOKS[IMMEDIATE]))
    with pytest.raises(ActionRefused, match="under way already"):
        started(wave, PLANNED, project_manager)
    AbandonRunbook(runbook, actor=engineer, reason="it was a false alarm").perform(NOW)
    planned = started(wave, PLANNED, project_manager)
    with pytest.raises(ActionRefused, match="not being walked"):
        BeginStep(step(planned, "announce"), actor=project_manager).perform(NOW)
    with pytest.raises(ActionRefused, match="four eyes"):
        ApproveRunbook(planned, actor=project_manager).perform(NOW)
    with pytest.raises(ActionRefused, match="permission"):
        ApproveRunbook(planned, actor=engineer).perform(NOW)
    second = type(project_manager).objects.create_user("second", is_staff=True)
    second.groups.set(project_manager.groups.all())
    ApproveRunbook(planned, actor=second).perform(NOW)
    assert (planned.state, planned.approved_by) == ("running", second)
    assert [one.action for one in AuditEvent.objects.order_by("pk")] == [
        "start runbook", "abandon runbook", "start runbook", "approve runbook",
    ]  # fmt: skip


def test_nobody_starts_one_without_a_reason_or_a_right(
    wave: Wave, engineer: Any, support: Any, outsider: Any
) -> None:
    for who in (support, outsider):
        with pytest.raises(ActionRefused, match="permission"):
            started(wave, IMMEDIATE, who)
    with pytest.raises(ActionRefused, match="reason"):
        StartRunbook(wave, IMMEDIATE, actor=engineer).perform(NOW)
    with pytest.raises(ActionRefused, match="immediate or planned"):
        StartRunbook(wave, "sudden", actor=engineer, reason="x").perform(NOW)
    with pytest.raises(ActionRefused, match="your own account"):
        StartRunbook(wave, PLANNED, via="command", reason="x").perform(NOW)
    assert not Runbook.objects.exists()


def test_steps_go_in_their_order_and_a_second_person_sees_that_legacy_works(
    wave: Wave, engineer: Any, project_manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    runbook = started(wave, IMMEDIATE, engineer)
    with pytest.raises(ActionRefused, match="Step 1 comes first"):
        BeginStep(step(runbook, "stop_v5"), actor=engineer).perform(NOW)
    BeginStep(step(runbook, "pause_runs"), actor=engineer).perform(NOW)
    assert step(runbook, "pause_runs").state == "waiting", "a worker does it"
    with pytest.raises(ActionRefused, match="begun already"):
        BeginStep(step(runbook, "pause_runs"), actor=engineer).perform(NOW)
    with pytest.raises(ActionRefused, match="worker is at it"):
        SkipStep(step(runbook, "pause_runs"), actor=engineer, reason="slow").perform(NOW)
    over(runbook, "pause_runs")

    BeginStep(step(runbook, "stop_v5"), actor=engineer).perform(NOW)
    assert step(runbook, "stop_v5").state == "begun", "no command is set: a person does it"
    with pytest.raises(ActionRefused, match="what you saw"):
        FinishStep(step(runbook, "stop_v5"), actor=engineer).perform(NOW)
    FinishStep(step(runbook, "stop_v5"), actor=engineer, reason="503 since 14:02").perform(NOW)
    monkeypatch.setitem(settings.HOOKS, "start_legacy", "/bin/true")
    BeginStep(step(runbook, "start_legacy"), actor=engineer).perform(NOW)
    assert step(runbook, "start_legacy").state == "waiting", "the command is set: a worker calls it"
    over(runbook, "start_legacy")
    SkipStep(step(runbook, "route_back"), actor=engineer, reason="was never routed away").perform(NOW)

    BeginStep(step(runbook, "legacy_works"), actor=engineer).perform(NOW)
    with pytest.raises(ActionRefused, match="four eyes"):
        FinishStep(step(runbook, "legacy_works"), actor=engineer, reason="works").perform(NOW)
    FinishStep(step(runbook, "legacy_works"), actor=project_manager, reason="I booked a lesson").perform(NOW)
    over(runbook, "checkpoint", "changes")
    BeginStep(step(runbook, "tell"), actor=project_manager).perform(NOW)
    FinishStep(step(runbook, "tell"), actor=project_manager, reason="mail to 12 schools").perform(NOW)
    runbook.refresh_from_db()
    assert (runbook.state, runbook.finished_at) == ("done", NOW)
    with pytest.raises(ActionRefused, match="is over"):
        ProveStep(step(runbook, "tell"), actor=engineer, reason="late").perform(NOW)


def test_evidence_is_kept_with_its_checksum_and_has_a_limit(wave: Wave, engineer: Any) -> None:
    first = step(started(wave, IMMEDIATE, engineer), "pause_runs")
    ProveStep(first, actor=engineer, reason="seen", file="shot.png", content=b"\x89PNG").perform(NOW)
    kept = first.evidence.get()
    assert (kept.name, kept.size, len(kept.checksum), bytes(kept.content)) == ("shot.png", 4, 64, b"\x89PNG")
    with pytest.raises(ActionRefused, match="5 MB"):
        ProveStep(first, actor=engineer, file="film", content=b"x" * (walk.MOST_BYTES + 1)).perform(NOW)
    with pytest.raises(ActionRefused, match="sentence or a file"):
        ProveStep(first, actor=engineer).perform(NOW)


def test_a_failed_step_can_be_tried_again_and_a_begun_one_is_no_workers_business(
    wave: Wave, engineer: Any
) -> None:
    runbook = started(wave, IMMEDIATE, engineer)
    first = step(runbook, "pause_runs")
    BeginStep(first, actor=engineer).perform(NOW)
    held = undertakings.take(RunbookStep, first.pk, NOW)
    assert held is not None
    undertakings.end(held, "failed", NOW, error="no")
    BeginStep(step(runbook, "pause_runs"), actor=engineer).perform(NOW)
    assert (step(runbook, "pause_runs").state, step(runbook, "pause_runs").error) == ("waiting", "")
    assert undertakings.take(RunbookStep, step(runbook, "stop_v5").pk, NOW) is None, "nobody began it"

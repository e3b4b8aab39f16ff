"""Risks, success criteria and measurements in the panel: who may do what, what triggers a risk, what is never green."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from tracking import alerts, criteria, gates, plan, risks, sweeps, work
from tracking.actions import ActionRefused
from tracking.actions.risk import AddRisk, EditRisk, StateCriterion
from tracking.criteria import State
from tracking.models import (
    Alert,
    AuditEvent,
    BackupRecord,
    CriterionStatement,
    Measurement,
    Phase,
    Risk,
    Run,
    ValidationResult,
    Wave,
    WorkerSeen,
)  # fmt: skip
from tracking.risks.areas import risk_of
from tracking.risks.monitor import conditions, watched

pytestmark = pytest.mark.django_db
NOW = timezone.now()
Result = ValidationResult.Result
VALUES = {"title": "A risk", "description": "Something breaks", "likelihood": "low", "impact": "high",
          "mitigation": "We look", "owner": "", "state": "open"}  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    cache.clear()


@pytest.fixture
def wave() -> Wave:
    return plan.get_or_create_wave("Season", NOW, kind="production")


def verdict(wave: Wave, check: str, result: str = Result.FAIL, **values: Any) -> ValidationResult:
    given = {"message": f"{check} says so", "created_at": NOW, "updated_at": NOW, **values}
    ValidationResult.objects.filter(wave=wave, validation_type=check).update(current=False)
    return ValidationResult.objects.create(wave=wave, validation_type=check, result=result, **given)


def look() -> set[str]:
    """One tick's look; the keys of the triggered risks."""
    alerts.check(NOW)
    risks.follow(NOW)
    return set(Risk.objects.filter(state=Risk.State.TRIGGERED).values_list("key", flat=True))


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


# The register ---------------------------------------------------------------------------------------------


def test_the_register_begins_with_the_strategys_four_risks() -> None:
    assert list(Risk.objects.values_list("key", "likelihood", "impact", "state")) == [
        ("data-loss", "low", "severe", "open"), ("performance", "medium", "high", "open"),
        ("authentication", "medium", "high", "open"), ("business-logic", "low", "high", "open"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "risk"),
    [("R-01", "data-loss"), ("R-30", "data-loss"), ("R-29b", "data-loss"), ("R-72", "data-loss"), ("R-22", "authentication"),
     ("R-85", "authentication"), ("R-5M", "business-logic"), ("R-56", "business-logic"), ("R-104", "business-logic"),
     ("R-LOGIN", "authentication"), ("PERF-03", "performance"), ("P-03", "")],
)  # fmt: skip
def test_each_check_speaks_for_one_risk(check: str, risk: str) -> None:
    assert risk_of(check) == risk


def test_failing_checks_trigger_their_risk_until_they_pass(wave: Wave) -> None:
    assert look() == set()
    verdict(wave, "R-30"), verdict(wave, "R-22", school_id=3), verdict(wave, "PERF-01")
    verdict(wave, "P-03"), verdict(wave, "R-57", Result.WARNING), verdict(wave, "R-100", Result.WAIVED)
    assert look() == {"data-loss", "authentication", "performance"}
    data_loss = Risk.objects.get(key="data-loss")
    [trigger] = data_loss.triggers
    assert (
        trigger["code"] == "DATA_CHECKS_FAIL" and "R-30" in trigger["message"] and trigger["wave"] == wave.pk
    )
    assert Alert.objects.get(pk=trigger["alert"]).level == alerts.CRITICAL
    event = AuditEvent.objects.filter(action="risk triggered", subject_id=data_loss.pk).get()
    assert event.via == "system" and "R-30" in event.reason
    assert look() and AuditEvent.objects.filter(action="risk triggered").count() == 3, "it is told once"
    verdict(wave, "R-30", Result.PASS)
    assert look() == {"authentication", "performance"}
    data_loss.refresh_from_db()
    assert (data_loss.state, data_loss.triggers, data_loss.triggered_at) == ("open", [], None)
    assert Alert.objects.get(pk=trigger["alert"]).closed_at is not None


def test_a_mitigated_risk_is_triggered_too_and_an_old_rehearsal_triggers_nothing(wave: Wave) -> None:
    Risk.objects.filter(key="data-loss").update(state=Risk.State.MITIGATED)
    old = plan.get_or_create_wave("First try", NOW)
    new = plan.get_or_create_wave("Second try", NOW)
    verdict(old, "R-30")
    assert look() == set() and {one.pk for one in watched()} == {wave.pk, new.pk}
    verdict(new, "R-30")
    assert look() == {"data-loss"}
    Phase.objects.filter(wave=wave, number=6).update(state="signed")
    assert [one.pk for one in watched()] == [new.pk]


def test_runs_and_old_backups_trigger_the_loss_of_data(wave: Wave, project_manager: Any) -> None:
    phase = wave.phases.get(number=3)
    run = Run.objects.create(
        phase=phase, entity_type="clients", status="running", created_at=NOW, updated_at=NOW
    )
    assert [one.code for one in conditions(NOW)] == ["BACKUP_OLD"], "no backup at all"
    backup = BackupRecord.objects.create(
        wave=wave, database="v5", location="vault", size=1, checksum="ab", taken_at=NOW - timedelta(hours=30),
        recorded_by=project_manager, recorded_at=NOW,
    )  # fmt: skip
    [condition] = conditions(NOW)
    assert "30 hours old" in condition.message
    assert look() == {"data-loss"}
    BackupRecord.objects.filter(pk=backup.pk).update(taken_at=NOW - timedelta(hours=2))
    assert list(conditions(NOW)) == []
    Run.objects.filter(pk=run.pk).update(status="stopped", status_reason="too many failed")
    assert look() == {"data-loss"}
    [trigger] = Risk.objects.get(key="data-loss").triggers
    assert trigger["code"] == "RUN_STOPPED"


def test_a_risk_is_edited_with_a_name_behind_it(project_manager: Any, engineer: Any, wave: Wave) -> None:
    risk = Risk.objects.get(key="performance")
    kept = {
        name: getattr(risk, name) for name in ("title", "description", "likelihood", "impact", "mitigation")
    }
    EditRisk(
        risk, {**kept, "owner": engineer.pk, "state": "mitigated"}, actor=project_manager, reason="measured"
    ).perform(NOW)
    risk.refresh_from_db()
    assert (risk.owner, risk.state) == (engineer, "mitigated")
    event = AuditEvent.objects.get(action="edit risk")
    assert event.after == {"state": "mitigated", "owner": engineer.pk} and event.before == {
        "state": "open",
        "owner": None,
    }
    with pytest.raises(ActionRefused, match="Only a check"):
        EditRisk(risk, {**kept, "state": "triggered"}, actor=project_manager).perform(NOW)
    verdict(wave, "PERF-01")
    look()
    with pytest.raises(ActionRefused, match="is triggered"):
        EditRisk(risk, {**kept, "state": "accepted"}, actor=project_manager).perform(NOW)
    with pytest.raises(ActionRefused, match="needs a title"):
        AddRisk({**VALUES, "mitigation": " "}, actor=project_manager).perform(NOW)
    AddRisk(VALUES, actor=engineer).perform(NOW)
    assert Risk.objects.get(key="a-risk").impact == "high"
    with pytest.raises(ActionRefused, match="already"):
        AddRisk(VALUES, actor=engineer).perform(NOW)


# The success criteria -------------------------------------------------------------------------------------


def named(check: str) -> str:
    return f"{check} {next((one.title for one in work.checks() if one.id == check), '')}".strip()


def state_of(wave: Wave, key: str) -> tuple[str, str]:
    found = next(one for one in criteria.read(wave, NOW) if one.criterion.key == key)
    return found.state, found.why


def test_nothing_is_met_before_it_is_measured(wave: Wave) -> None:
    states = {one.criterion.key: one.state for one in criteria.read(wave, NOW)}
    assert len(states) == 12 and State.MET not in states.values()
    assert states["zero-loss"] == states["documents"] == State.NOT_MEASURED
    assert states["monitoring"] == State.NOT_MET, "no worker reports"


def test_a_criterion_is_met_when_every_needed_check_passed_after_the_last_run(wave: Wave) -> None:
    needed = ("R-30", "R-31", "R-35", "R-42", "R-49")
    for check in needed[:-1]:
        verdict(wave, check, Result.PASS)
    assert state_of(wave, "money") == (State.NOT_MEASURED, f"{named('R-49')}: not run for this wave yet")
    verdict(wave, "R-49", Result.NOTHING)
    assert state_of(wave, "money")[0] == State.NOT_MEASURED, "nothing to check is no pass"
    verdict(wave, "R-49", Result.PASS)
    assert state_of(wave, "money")[0] == State.MET
    verdict(wave, "R-33t", Result.FAIL)
    assert state_of(wave, "money") == (State.NOT_MET, f"{named('R-33t')}: R-33t says so")
    verdict(wave, "R-33t", Result.WARNING)
    assert state_of(wave, "money")[0] == State.MET, "inherited faults are listed and do not stand in the way"
    phase = wave.phases.get(number=4)
    Run.objects.create(phase=phase, entity_type="bookings", status="completed", completed_at=NOW + timedelta(minutes=1),
                       created_at=NOW, updated_at=NOW)  # fmt: skip
    state, why = state_of(wave, "money")
    assert state == State.NOT_MEASURED and "before the latest run" in why


def test_speed_with_a_doubt_is_not_met(wave: Wave) -> None:
    for number in range(1, 5):
        verdict(wave, f"PERF-0{number}", Result.PASS)
    assert state_of(wave, "speed")[0] == State.MET
    verdict(wave, "PERF-02", Result.WARNING)
    assert state_of(wave, "speed")[0] == State.NOT_MEASURED
    verdict(wave, "PERF-02", Result.FAIL)
    assert state_of(wave, "speed")[0] == State.NOT_MET


def test_a_person_says_what_no_check_can_see(wave: Wave, project_manager: Any) -> None:
    def say(is_met: bool, evidence: str = "read on Monday", key: str = "documents") -> None:
        StateCriterion(wave, key, is_met=is_met, evidence=evidence, actor=project_manager).perform(NOW)

    say(True)
    assert state_of(wave, "documents")[0] == State.MET
    say(False, "the guide lacks a chapter")
    state, why = state_of(wave, "documents")
    assert state == State.NOT_MET and "lacks a chapter" in why and project_manager.username in why
    assert (
        CriterionStatement.objects.count() == 2
        and AuditEvent.objects.filter(action="state criterion").count() == 2
    )
    with pytest.raises(ActionRefused, match="checks measure it"):
        say(True, key="money")
    with pytest.raises(ActionRefused, match="rests on"):
        say(True, evidence="  ")
    say(True, key="database")
    assert state_of(wave, "database")[0] == State.NOT_MEASURED, "a word replaces no check"
    WorkerSeen.objects.create(name="w1", started_at=NOW, seen_at=timezone.now())
    assert "worker" not in state_of(wave, "monitoring")[1]


def test_a_production_wave_goes_live_when_it_is_fast_and_the_criteria_are_met(wave: Wave) -> None:
    def judged(number: int, gate: str, of: Wave = wave) -> Any:
        found = [one for one in gates.judge(of.phases.get(number=number), NOW) if one.gate.id == gate]
        return found[0] if found else None

    assert judged(5, "performance").reading.violated == {
        f"PERF-0{one}": "not measured" for one in range(1, 5)
    }
    for number in range(1, 5):
        verdict(wave, f"PERF-0{number}", Result.PASS)
    assert not judged(5, "performance").reading.is_red
    verdict(wave, "PERF-02", Result.WARNING)
    assert judged(5, "performance").reading.violated == {"PERF-02": "warning"}
    red = judged(6, "criteria").reading
    assert red.violated["money"] == State.NOT_MEASURED and "monitoring" not in red.violated
    rehearsal = plan.get_or_create_wave("Try", NOW)
    assert judged(5, "performance", rehearsal) is judged(6, "criteria", rehearsal) is None


# The pages ------------------------------------------------------------------------------------------------


def addresses(wave: Wave) -> dict[str, str]:
    risk = Risk.objects.get(key="data-loss")
    made = sweeps.create(Measurement.KIND, NOW, wave=wave, params={"scenarios": ["user_login"]})
    return {
        reverse("admin:tracking_risk_edit", args=[risk.pk]): "keep_risk",
        reverse("admin:tracking_risk_new"): "keep_risk",
        reverse("admin:tracking_criterionstatement_say", args=[wave.pk, "documents"]): "state_criterion",
        reverse("admin:tracking_measurement_start"): "measure_performance",
        reverse("admin:tracking_measurement_end", args=[made.pk]): "measure_performance",
    }


MAY = {
    "keep_risk": {"project_manager", "engineer"}, "measure_performance": {"project_manager", "engineer"},
    "state_criterion": {"project_manager"},
}  # fmt: skip


@pytest.mark.parametrize("role", ["project_manager", "support", "engineer"])
def test_opening_a_page_changes_nothing_and_needs_the_role(
    role: str, wave: Wave, request: pytest.FixtureRequest
) -> None:
    client = browser(request.getfixturevalue(role))
    for address, needs in addresses(wave).items():
        allowed = role in MAY[needs]
        assert client.get(address).status_code == (200 if allowed else 403), (role, address)
        if not allowed:
            assert client.post(address, {**VALUES, "confirmed": "1"}).status_code == 403
    assert AuditEvent.objects.count() == 0 and Measurement.objects.get().state == "pending"


def test_the_pages_show_risks_criteria_and_measurements(wave: Wave, project_manager: Any) -> None:
    client = browser(project_manager)
    verdict(wave, "R-30", message="10 cents are missing")
    look()
    html = client.get(reverse("admin:tracking_risk_changelist")).content.decode()
    assert (
        "Data loss during migration" in html
        and "Checks of the data fail" in html
        and "the failing checks" in html
    )
    html = client.get(reverse("admin:tracking_criterionstatement_changelist")).content.decode()
    assert "10 cents are missing" in html and "0 of 12 are met" in html
    with translation.override("es"):
        assert client.get(reverse("admin:tracking_risk_changelist")).status_code == 200
    typed = {**VALUES, "title": "Snow", "reason": "", "confirmed": "1"}
    assert client.post(reverse("admin:tracking_risk_new"), {**VALUES, "title": "Snow"}).status_code == 200
    done = client.post(reverse("admin:tracking_risk_new"), typed, follow=True)
    assert "Snow" in done.content.decode() and Risk.objects.filter(title="Snow").exists()


def test_a_measurement_is_asked_for_followed_and_shown(wave: Wave, engineer: Any) -> None:
    client = browser(engineer)
    address = reverse("admin:tracking_measurement_start")
    typed = {
        "wave": wave.pk,
        "scenarios": ["user_login", "course_search"],
        "percent": 10,
        "seconds": 5,
        "pause": 1,
    }
    asked = client.post(address, typed)
    assert "rolled back" in asked.content.decode() and not Measurement.objects.exists(), (
        "the effect comes first"
    )
    client.post(address, {**typed, "confirmed": "1"})
    made = Measurement.objects.get()
    assert made.params == {
        "scenarios": ["user_login", "course_search"],
        "percent": 10,
        "seconds": 5,
        "pause": 1.0,
    }
    assert made.asked_by == engineer
    figures = {"p50": 0.001, "p95": 0.002, "p99": 0.003, "requests": 1200, "errors": 0, "per_second": 20.0}
    verdict(wave, "PERF-01", Result.PASS, sweep=made, details={
        "scenario": "user_login", "users": 10, "seconds": 5, "pause": 1.0, "legacy": figures, "v5": figures, "ratio": 1.0,
    })  # fmt: skip
    Measurement.objects.filter(pk=made.pk).update(state="done", finished_at=NOW)
    html = client.get(reverse("admin:tracking_measurement_change", args=[made.pk])).content.decode()
    assert "Log-in" in html and "1,200" in html and 'data-type="bar"' in html
    live = client.get(reverse("admin:tracking_measurement_live", args=[made.pk]), {"seen": "running"})
    assert live.headers["HX-Refresh"] == "true"
    assert (
        "10 % of the users" in client.get(reverse("admin:tracking_measurement_changelist")).content.decode()
    )


def test_the_criteria_page_needs_few_statements(wave: Wave, django_assert_max_num_queries: Any) -> None:
    for number in range(1, 80):
        verdict(wave, f"R-{number:02d}", Result.PASS)
    with django_assert_max_num_queries(12):
        criteria.read(wave, NOW)

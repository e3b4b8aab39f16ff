"""Gates and evidence: what is red, what a waiver covers, what voids a signature."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tracking import choices, evidence, gates, plan, work
from tracking.gates import Colour, Gate, Judged, Reading
from tracking.gates.choices import REQUIRED
from tracking.models import (
    AuditEvent,
    BackupRecord,
    Batch,
    ChoiceValue,
    Issue,
    Phase,
    PreflightReport,
    Run,
    Signature,
    ValidationResult,
    Waiver,
    Wave,
)  # fmt: skip
from tracking.states import BatchStatus, IssueState, PhaseState, RunStatus
from tracking.triage import groups

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HOUR = timedelta(hours=1)


@pytest.fixture
def wave() -> Wave:
    return plan.get_or_create_wave("Season", NOW, kind="production")


@pytest.fixture
def phase(wave: Wave) -> Phase:
    """Phase 3, all of whose migrations are complete."""
    found = wave.phases.get(number=3)
    finish(found)
    return found


@pytest.fixture
def somebody() -> Any:
    return User.objects.create_user("somebody")


def finish(phase: Phase, status: str = RunStatus.COMPLETED) -> list[Run]:
    runs = plan.plan_runs(phase.wave, phase.number, work.migrations(phase.number), NOW)
    Run.objects.filter(pk__in=[run.pk for run in runs]).update(status=status, processed_records=10)
    Phase.objects.filter(pk=phase.pk).update(state=PhaseState.FINISHED, finished_at=NOW)
    phase.refresh_from_db()
    return runs


def again(phase: Phase) -> Phase:
    return Phase.objects.select_related("wave").get(pk=phase.pk)


def judged(phase: Phase, gate: str, now: datetime = NOW) -> Judged:
    return next(one for one in gates.judge(again(phase), now) if one.gate.id == gate)


def colour(phase: Phase, gate: str, now: datetime = NOW) -> str:
    return judged(phase, gate, now).colour


def issue(phase: Phase, code: str = "EMAIL_INVALID", legacy_id: int = 1, **values: Any) -> Issue:
    given = {"level": Issue.ERROR, "amount": Decimal("12.50"), "currency": "CHF", "state": IssueState.OPEN}
    run = Run.objects.filter(phase=phase).latest("pk")
    made = Issue.objects.create(
        wave=phase.wave, run=run, entity_type="client", legacy_table="clients", legacy_id=legacy_id, stage="transform",
        code=code, message="", first_seen=NOW, last_seen=NOW, **{**given, **values},
    )  # fmt: skip
    groups.recount(phase.wave)
    return made


def waiver(phase: Phase, gate: str, person: Any, **values: Any) -> Waiver:
    given = {"approved_by": person, "approved_at": NOW, "expires_at": NOW + 24 * HOUR}
    return Waiver.objects.create(
        phase=phase, gate=gate, reason="r", owner="o", fingerprint=judged(phase, gate).reading.fingerprint, requested_by=person,
        requested_at=NOW, **{**given, **values},
    )  # fmt: skip


def signed(phase: Phase, person: Any) -> Signature:
    facts = evidence.gather(again(phase), NOW)
    Phase.objects.filter(pk=phase.pk).update(state=PhaseState.SIGNED)
    return Signature.objects.create(
        phase=phase, state="approved", evidence=facts, evidence_hash=evidence.digest(facts), requested_by=person,
        requested_at=NOW, answered_by=person, answered_at=NOW,
    )  # fmt: skip


def test_a_phase_without_runs_is_red_where_it_matters(wave: Wave) -> None:
    phase = wave.phases.get(number=2)
    assert colour(phase, "runs") == Colour.RED
    assert "0 of" in judged(phase, "runs").reading.message
    assert colour(phase, "ledger") == Colour.RED
    assert colour(phase, "batches") == Colour.GREEN


def test_complete_runs_are_green_and_one_that_is_not_is_named(phase: Phase) -> None:
    assert colour(phase, "runs") == Colour.GREEN
    assert colour(phase, "ledger") == Colour.GREEN
    Run.objects.filter(phase=phase, entity_type="clients").update(status=RunStatus.PAUSED)
    reading = judged(phase, "runs").reading
    assert reading.violated == {"open": {"clients": "paused"}}
    assert "clients: paused" in reading.message


def test_a_later_cancelled_run_does_not_hide_the_complete_one(phase: Phase) -> None:
    plan.plan_runs(phase.wave, 3, ["clients"], NOW)
    Run.objects.filter(phase=phase, status=RunStatus.PENDING).update(status=RunStatus.CANCELLED)
    assert colour(phase, "runs") == Colour.GREEN


def test_dry_runs_prove_nothing(wave: Wave) -> None:
    phase = wave.phases.get(number=3)
    runs = plan.plan_runs(wave, 3, work.migrations(3), NOW, dry_run=True)
    Run.objects.filter(pk__in=[run.pk for run in runs]).update(status=RunStatus.COMPLETED)
    assert colour(phase, "runs") == Colour.RED


def test_an_unbalanced_run_is_red_with_what_is_missing(phase: Phase) -> None:
    Run.objects.filter(phase=phase, entity_type="users").update(
        status=RunStatus.UNBALANCED, status_reason="users: 2 rows, first [7, 9]"
    )
    assert "users: 2 rows" in judged(phase, "ledger").reading.message


def test_failed_batches_are_counted_by_run(phase: Phase) -> None:
    run = Run.objects.filter(phase=phase).first()
    assert run is not None
    for key in (1, 2):
        Batch.objects.create(run=run, key_after=key, key_to=key + 1, status=BatchStatus.FAILED)
    found = judged(phase, "batches")
    assert found.reading.violated == {"failed": {str(run.pk): 2}}
    assert found.reading.links[0].filters == {"run__id__exact": str(run.pk), "status__exact": "failed"}


def test_rejected_records_show_their_money_and_lead_to_their_list(phase: Phase) -> None:
    issue(phase)
    issue(phase, legacy_id=2, amount=Decimal("7.50"), currency="EUR")
    issue(phase, code="NAME_MISSING", legacy_id=3, amount=None, currency="")
    issue(phase, legacy_id=4, state=IssueState.RESOLVED)
    issue(phase, legacy_id=5, level=Issue.WARNING)
    reading = judged(phase, "rejected").reading
    assert reading.violated["codes"] == {"EMAIL_INVALID": 2, "NAME_MISSING": 1}
    assert reading.amounts == {"CHF": Decimal("12.50"), "EUR": Decimal("7.50")}
    assert reading.links[0].filters["state__exact"] == "open"


def test_a_preflight_must_be_there_green_and_recent(wave: Wave) -> None:
    phase = wave.phases.get(number=1)
    assert colour(phase, "preflight") == Colour.RED
    checks = [{"id": "P-07", "verdict": "fail"}]
    PreflightReport.objects.create(wave=wave, passed=False, report=checks, created_at=NOW - HOUR)
    assert "P-07" in judged(phase, "preflight").reading.message
    PreflightReport.objects.create(wave=wave, passed=True, created_at=NOW - HOUR)
    assert colour(phase, "preflight") == Colour.GREEN
    assert colour(phase, "preflight", NOW + 24 * HOUR) == Colour.RED


def test_production_needs_a_decision_on_every_required_choice(wave: Wave) -> None:
    phase = wave.phases.get(number=1)
    assert judged(phase, "choices").reading.violated == {"undecided": list(REQUIRED)}
    for key in REQUIRED:
        question = choices.find(key)
        ChoiceValue.objects.create(wave=wave, key=key, value=question.dump(question.standard), decided_at=NOW)
    assert colour(phase, "choices") == Colour.GREEN


def test_an_answer_of_every_school_of_the_wave_is_a_decision_where_schools_may_differ(wave: Wave) -> None:
    phase, question = wave.phases.get(number=1), choices.find("Q-08")
    Wave.objects.filter(pk=wave.pk).update(schools=[3, 5])
    for school in (3, 5):
        assert "Q-08" in judged(wave.phases.get(number=1), "choices").reading.violated["undecided"]
        ChoiceValue.objects.create(wave=wave, key="Q-08", school_id=school, value=question.dump(question.standard),
                                   decided_at=NOW)  # fmt: skip
    assert "Q-08" not in judged(wave.phases.get(number=1), "choices").reading.violated["undecided"]
    Wave.objects.filter(pk=wave.pk).update(schools=[])  # all schools: only an answer for all counts
    assert "Q-08" in judged(wave.phases.get(number=1), "choices").reading.violated["undecided"]
    assert colour(phase, "choices") == Colour.RED


def test_a_rehearsal_needs_no_decision_and_no_backup() -> None:
    phase = plan.get_or_create_wave("Try", NOW).phases.get(number=2)
    assert colour(phase, "choices") == Colour.GREEN
    assert "backup" not in [gate.id for gate in gates.of_phase(phase)]


def test_a_run_that_rests_on_other_answers_is_red(phase: Phase) -> None:
    Run.objects.filter(phase=phase, entity_type="users").update(metadata={"choices": "another"})
    Wave.objects.filter(pk=phase.wave_id).update(kind="rehearsal")
    assert judged(phase, "choices").reading.violated == {"moved with other answers": ["users"]}


def test_a_backup_must_be_younger_than_the_phase_before(phase: Phase, somebody: Any) -> None:
    assert colour(phase, "backup") == Colour.RED
    Phase.objects.filter(wave=phase.wave_id, number=2).update(finished_at=NOW)
    values = {"wave": phase.wave, "database": "v5", "location": "store", "size": 9, "checksum": "a" * 64,
              "recorded_by": somebody, "recorded_at": NOW}  # fmt: skip
    BackupRecord.objects.create(taken_at=NOW - HOUR, **values)
    assert "older than the end of phase 2" in judged(phase, "backup").reading.message
    BackupRecord.objects.create(taken_at=NOW, **values)
    assert colour(phase, "backup") == Colour.GREEN


class Broken(Gate):
    id, title = "broken", "Broken"

    def read(self, phase: Phase, now: datetime) -> Reading:
        raise RuntimeError("secret@example.org")


@pytest.fixture
def broken() -> Iterator[None]:
    from tracking.gates import registry

    gates.register(Broken())
    yield
    del registry._GATES["broken"]


def test_a_gate_that_cannot_be_computed_is_red_and_tells_no_secret(phase: Phase, broken: None) -> None:
    found = judged(phase, "broken")
    assert found.colour == Colour.RED
    assert "RuntimeError" in found.reading.message
    assert "secret" not in found.reading.message


def test_two_gates_of_one_id_are_a_mistake(broken: None) -> None:
    class Other(Broken):
        pass

    with pytest.raises(ValueError, match="two gates broken"):
        gates.register(Other())


def test_a_waiver_covers_exactly_what_it_named(phase: Phase, somebody: Any) -> None:
    issue(phase)
    waiver(phase, "rejected", somebody)
    assert colour(phase, "rejected") == Colour.WAIVED
    issue(phase, legacy_id=2)
    assert colour(phase, "rejected") == Colour.RED


@pytest.mark.parametrize(
    "values", [{"approved_at": None, "approved_by": None}, {"withdrawn_at": NOW}, {"expires_at": NOW - HOUR}]
)
def test_a_waiver_counts_only_in_force(phase: Phase, somebody: Any, values: dict[str, Any]) -> None:
    issue(phase)
    waiver(phase, "rejected", somebody, **values)
    assert colour(phase, "rejected") == Colour.RED


def test_no_waiver_helps_where_none_is_possible(phase: Phase, somebody: Any) -> None:
    Run.objects.filter(phase=phase, entity_type="users").update(status=RunStatus.STOPPED)
    waiver(phase, "runs", somebody)
    assert colour(phase, "runs") == Colour.RED


def test_a_waiver_dies_when_what_it_covered_changes(phase: Phase, somebody: Any) -> None:
    issue(phase)
    one = waiver(phase, "rejected", somebody)
    issue(phase, legacy_id=2)
    evidence.revalidate(again(phase), NOW + HOUR)
    one.refresh_from_db()
    assert one.withdrawn_at == NOW + HOUR
    assert "what it covered changed" in one.end_reason
    assert AuditEvent.objects.filter(action="end waiver", subject_id=str(one.pk)).exists()


def test_a_waiver_that_runs_out_takes_the_signature_with_it(phase: Phase, somebody: Any) -> None:
    issue(phase)
    waiver(phase, "rejected", somebody)
    signature = signed(phase, somebody)
    assert evidence.revalidate(again(phase), NOW + HOUR) == []
    evidence.expire(NOW + 25 * HOUR)
    signature.refresh_from_db()
    assert signature.state == Signature.State.VOID
    assert "waivers · rejected" in signature.void_reason


def test_evidence_is_the_same_as_long_as_nothing_changes(phase: Phase) -> None:
    facts = evidence.gather(again(phase), NOW)
    later = evidence.gather(again(phase), NOW + HOUR)
    assert evidence.digest(facts) == evidence.digest(later)
    assert set(facts) >= {
        "outcomes",
        "open issues",
        "findings",
        "money in rejected records",
        "choices",
        "waivers",
        "code",
    }


def change_issue(phase: Phase) -> None:
    issue(phase)


def change_choice(phase: Phase) -> None:
    ChoiceValue.objects.create(wave=phase.wave, key="Q-06", value="null", decided_at=NOW)


def change_run(phase: Phase) -> None:
    Run.objects.filter(phase=phase, entity_type="users").update(status=RunStatus.RUNNING)


def change_counts(phase: Phase) -> None:
    counts = {"outcomes": {"user": {"migrated": 9}}}
    Run.objects.filter(phase=phase, entity_type="users").update(metadata=counts)


def change_finding(phase: Phase) -> None:
    run = Run.objects.filter(phase=phase).first()
    ValidationResult.objects.create(
        wave=phase.wave,
        run=run,
        validation_type="R-08",
        result="fail",
        message="",
        created_at=NOW,
        updated_at=NOW,
    )


def change_scope(phase: Phase) -> None:
    Wave.objects.filter(pk=phase.wave_id).update(schools=[3])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (change_issue, "open issues · error · EMAIL_INVALID: – → 1"),
        (change_choice, "choices · Q-06 · all: – → null"),
        (change_run, "runs · users: completed → running"),
        (change_counts, "outcomes · users · user"),
        (change_finding, "findings · R-08: – → fail"),
        (change_scope, "scope · schools: [] → [3]"),
    ],
)
def test_a_signature_is_void_with_what_changed(phase: Phase, somebody: Any, change: Any, says: str) -> None:
    signature = signed(phase, somebody)
    change(phase)
    assert [one.pk for one in evidence.revalidate(again(phase), NOW + HOUR)] == [signature.pk]
    signature.refresh_from_db()
    assert signature.state == Signature.State.VOID
    assert says in signature.void_reason
    assert again(phase).state in (PhaseState.FINISHED, PhaseState.RUNNING)
    assert AuditEvent.objects.filter(action="void signature", subject_id=str(phase.pk)).count() == 1


def test_other_code_voids_a_signature(phase: Phase, somebody: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    signed(phase, somebody)
    monkeypatch.setattr(evidence.version, "of_rules", lambda: "other")
    [void] = evidence.revalidate(again(phase), NOW)
    assert void.phase_id == phase.pk


def test_money_is_part_of_the_evidence(phase: Phase) -> None:
    issue(phase)
    assert evidence.gather(again(phase), NOW)["money in rejected records"] == {"CHF": "12.50"}


def test_a_passed_check_is_no_finding_and_the_latest_verdict_counts(phase: Phase) -> None:
    for result in ("fail", "pass"):
        ValidationResult.objects.create(
            wave=phase.wave, run=Run.objects.filter(phase=phase).first(), validation_type="R-08", result=result, message="",
            created_at=NOW, updated_at=NOW,
        )  # fmt: skip
    assert evidence.gather(again(phase), NOW)["findings"] == {}


def test_a_phase_opens_when_the_one_before_is_signed(phase: Phase, somebody: Any) -> None:
    following = phase.wave.phases.get(number=4)
    assert "opens when phase 3 (Users) is signed" in evidence.why_closed(following, NOW)
    signed(phase, somebody)
    assert evidence.why_closed(following, NOW) == ""
    issue(phase)
    assert "opens when phase 3" in evidence.why_closed(following, NOW + HOUR)


def test_a_rehearsal_runs_through() -> None:
    wave = plan.get_or_create_wave("Try", NOW)
    assert [evidence.why_closed(phase, NOW) for phase in wave.phases.all()] == [""] * 6

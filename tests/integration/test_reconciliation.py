"""Running checks: results and findings stored without a cap, resumed, red when they cannot run."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from entities.engine import sweeper
from entities.operations.repair import RepairRecord
from entities.reconciliation import registry, sweep, watch
from entities.reconciliation import results as results_of
from entities.reconciliation.check import Check, Compared, Figures, Item, Severity, Whole
from entities.reconciliation.reading import Reading
from tests.world import World
from tracking import evidence, plan, sweeps
from tracking.actions.base import ActionRefused
from tracking.gates import judge
from tracking.models import Finding, Part, Phase, Signature, Sweep, ValidationResult, Wave

pytestmark = pytest.mark.slow


class Numbers(Compared):
    """Legacy languages against themselves, with planted differences."""

    id, title, severity, phase, table, entity, size = (
        "T-1",
        "numbers",
        Severity.B,
        1,
        "languages",
        "language",
        7,
    )
    crash_after: ClassVar[int] = 0
    slices: ClassVar[list[int]] = []

    def expected(self, read: Reading, after: int, upto: int) -> Iterable[tuple[int, Item]]:
        self.slices.append(upto)
        if self.crash_after and len(self.slices) > self.crash_after:
            raise KeyboardInterrupt
        for row in read.legacy("SELECT id FROM languages WHERE id > %s AND id <= %s", [after, upto]):
            yield row.id, Item(row.id % 2, {"number": row.id})

    def found(self, read: Reading, after: int, upto: int) -> Iterable[tuple[int, Item]]:
        for row in read.legacy("SELECT id FROM languages WHERE id > %s AND id <= %s", [after, upto]):
            yield row.id, Item(row.id % 2, {"number": -row.id})


class Missing(Whole):
    id, title, phase = "T-2", "a table that is not there", 1

    def look(self, read: Reading, looked: Any) -> None:
        read.v5("SELECT id FROM no_such_table")


class Hanging(Whole):
    id, title, phase = "T-3", "a statement that never ends", 1

    def look(self, read: Reading, looked: Any) -> None:
        endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT SUM(i) FROM n"
        read.v5("SELECT SLEEP(60)" if connections["v5"].vendor == "mysql" else endless)


class Nothing(Whole):
    id, title, phase = "T-4", "no row of this kind", 1

    def look(self, read: Reading, looked: Any) -> None:
        return None


def asked(monkeypatch: pytest.MonkeyPatch, *checks: type[Check]) -> Sweep:
    instances = tuple(check() for check in checks)
    monkeypatch.setattr(registry, "everything", lambda: instances)
    wave = plan.get_or_create_wave("Rehearsal", timezone.now())
    return sweep.ask(wave, "E", timezone.now())


def results(of: Sweep) -> dict[tuple[str, int | None], tuple[str, str]]:
    return {(one.validation_type, one.school_id): (one.result, one.message) for one in of.validations.all()}


def test_what_cannot_run_is_red_with_the_reason_and_nothing_is_no_pass(
    world: World, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.CHECK_TIMEOUT = 1
    done = sweeper.drive(asked(monkeypatch, Missing, Hanging, Nothing))
    assert done.state == Sweep.State.DONE
    found = results(done)
    assert found[("T-2", None)][0] == "fail" and "no_such_table" in found[("T-2", None)][1]
    assert found[("T-3", None)][0] == "fail" and "could not run" in found[("T-3", None)][1]
    assert found[("T-4", None)] == ("nothing", "nothing to check: there is no row of this kind")


def test_every_difference_is_stored_and_a_killed_check_goes_on_at_its_last_range(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Numbers, "slices", [])
    monkeypatch.setattr(Numbers, "crash_after", 2)
    one = asked(monkeypatch, Numbers)
    with pytest.raises(KeyboardInterrupt):
        sweeper.work(one.pk)
    part = Part.objects.get(sweep=one, name="T-1")
    assert part.cursor == Numbers.slices[1] and part.state == Part.State.RUNNING
    kept = Finding.objects.filter(sweep=one).count()
    assert kept > 0
    monkeypatch.setattr(Numbers, "crash_after", 0)
    sweeps.reap(timezone.now() + 2 * sweeps.LEASE)
    done = sweeper.drive(one)
    total = world.legacy_sql("SELECT COUNT(*) FROM languages")[0][0]
    assert Finding.objects.filter(sweep=done).count() == total, "each difference once, without a cap"
    assert len(set(Numbers.slices)) == len(Numbers.slices) - 1, "only the slice that died was looked at twice"
    found = done.validations.get(school_id=1)
    assert found.result == "fail" and found.details["introduced"] == found.details["legacy"]
    assert len(found.details["sample"]) <= 50 and found.fingerprint
    again = sweeper.drive(asked(monkeypatch, Numbers))
    assert again.validations.get(school_id=1).fingerprint == found.fingerprint, (
        "the same keys, the same fingerprint"
    )
    assert not ValidationResult.objects.filter(sweep=done, current=True).exists()


def test_a_second_request_waits_for_the_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one = asked(monkeypatch, Nothing)
    with pytest.raises(sweeps.Busy, match="under way already"):
        asked(monkeypatch, Nothing)
    sweeps.cancel(one, "not now", timezone.now())
    assert sweeper.drive(asked(monkeypatch, Nothing)).state == Sweep.State.DONE


def test_the_whole_suite_before_and_after_a_migration(migrated: World) -> None:
    wave = Wave.objects.get()
    before = sweeper.drive(sweep.ask(wave, "P", timezone.now()))
    after = sweeper.drive(sweep.ask(wave, "F", timezone.now()))
    assert (before.state, after.state) == (Sweep.State.DONE, Sweep.State.DONE)
    for one in (before, after):
        assert not one.validations.filter(message__startswith="could not run").exists(), results(one)
    assert {part.name for part in after.parts.filter(stage=0)} == {check.id for check in registry.due("F", 4)}
    red = after.validations.filter(result="fail")
    assert [(one.validation_type, one.message) for one in red] == []
    assert after.validations.filter(result="pass").count() > 20
    assert after.validations.filter(validation_type="R-94").get().result == "pass"


def test_a_finding_is_repaired_from_its_source_and_the_check_is_green_again(
    migrated: World, engineer: Any
) -> None:
    wave = Wave.objects.get()
    v5_id, legacy_id = migrated.v5_sql(
        "SELECT v5_id, legacy_id FROM legacy_id_mappings WHERE entity_type = 'voucher' AND disposition = 'migrated'"
        " ORDER BY id LIMIT 1"
    )[0]
    was = migrated.v5_sql(f"SELECT quantity FROM vouchers WHERE id = {v5_id}")
    migrated.v5_sql(f"UPDATE vouchers SET quantity = 1234.5 WHERE id = {v5_id}")
    phase = wave.phases.get(number=4)
    red = sweeper.drive(sweep.ask(wave, "E", timezone.now(), phase=phase, only=["C-vouchers"]))
    finding = Finding.objects.get(sweep=red, check_id="C-vouchers")
    assert (finding.legacy_id, finding.field, finding.found) == (legacy_id, "quantity", "1234.50")
    gates = {one.gate.id: one for one in judge(phase, timezone.now())}
    assert gates["C-vouchers"].reading.is_red and not gates["C-languages"].reading.links

    with pytest.raises(ActionRefused, match="edited"):
        RepairRecord(finding, actor=engineer).perform(timezone.now())
    event = RepairRecord(finding, overwrite=True, actor=engineer).perform(timezone.now())
    assert event.after["rows"] == [f"vouchers:{v5_id}"]
    assert migrated.v5_sql(f"SELECT quantity FROM vouchers WHERE id = {v5_id}") == was
    kept = migrated.v5_sql(
        f"SELECT COUNT(*) FROM legacy_rollback_archive WHERE v5_table = 'vouchers' AND v5_id = {v5_id}"
    )
    assert kept[0][0] >= 1, "what stood there is in the archive"
    with pytest.raises(ActionRefused, match="already what its source gives"):
        RepairRecord(finding, overwrite=True, actor=engineer).perform(timezone.now())
    green = sweeper.drive(sweep.ask(wave, "E", timezone.now(), phase=phase, only=["C-vouchers"]))
    assert not Finding.objects.filter(sweep=green).exists()


def test_a_changed_v5_row_voids_the_signature_and_the_reason_names_the_check(migrated: World) -> None:
    wave, now = Wave.objects.get(), timezone.now()
    phase = wave.phases.get(number=4)
    sweeper.drive(sweep.ask(wave, "E", now, phase=phase, only=["C-vouchers"]))
    facts = evidence.gather(phase, now)
    signature = Signature.objects.create(
        phase=phase, state=Signature.State.APPROVED, evidence=facts, evidence_hash=evidence.digest(facts),
        requested_by=User.objects.create(username="one"), requested_at=now,
    )  # fmt: skip
    assert evidence.revalidate(phase, timezone.now()) == []
    migrated.v5_sql(
        "UPDATE vouchers SET quantity = 1234.5 WHERE id = (SELECT low FROM (SELECT MIN(id) low FROM vouchers) v)"
    )
    sweeper.drive(sweep.ask(wave, "E", timezone.now(), phase=phase, only=["C-vouchers"]))
    signature.refresh_from_db()
    assert signature.state == Signature.State.VOID and "C-vouchers" in signature.void_reason


def test_the_command_tells_what_failed_and_with_which_keys(migrated: World) -> None:
    said = io.StringIO()
    call_command("reconcile", "--when", "E", "--phase", "4", "--check", "C-vouchers", "R-42", stdout=said)
    assert "2 checks in" in said.getvalue() and " 0 fail; 0 findings" in said.getvalue()
    migrated.v5_sql(
        "UPDATE vouchers SET quantity = 1234.5 WHERE id = (SELECT low FROM (SELECT MIN(id) low FROM vouchers) v)"
    )
    with pytest.raises(SystemExit) as end:
        call_command("reconcile", "--check", "C-vouchers", stdout=said)
    assert end.value.code == 3 and "C-vouchers school" in said.getvalue() and "vouchers:" in said.getvalue()
    for wrong, why in (
        (["--check", "R-00"], "no checks R-00"), (["--wave", "x"], "no wave x"), (["--when", "E"], "belong together"),
    ):  # fmt: skip
        with pytest.raises(CommandError, match=why):
            call_command("reconcile", *wrong)


def test_what_was_signed_is_looked_at_again_after_a_day(migrated: World) -> None:
    phase, now = Wave.objects.get().phases.get(number=3), timezone.now()
    assert watch.again(now) == [], "nothing is signed"
    Phase.objects.filter(pk=phase.pk).update(state="signed")
    (asked,) = watch.again(now)
    assert (asked.phase, asked.params["when"]) == (phase, "E")
    assert watch.again(now) == [], "it is under way"
    Sweep.objects.update(state=Sweep.State.DONE, started_at=now)
    assert watch.again(now + timedelta(hours=23)) == [] and watch.again(now + timedelta(hours=25))


def test_figures_that_differ_are_no_pass_though_no_key_is_named() -> None:
    check, figures = Missing(), Figures(examined=5, legacy=5, target=4)
    assert results_of.verdict(check, figures) == "fail" and "difference 1" in results_of.sentence(
        check, figures
    )
    figures.explained["SCHOOL_UNKNOWN"] = 1
    assert results_of.verdict(check, figures) == "pass"


def test_the_time_of_a_check_does_not_bind_the_next_statement(empty_world: World, settings: Any) -> None:
    settings.CHECK_TIMEOUT = 1
    Reading().v5("SELECT 1 AS one")
    with connections["v5"].cursor() as cursor:
        if connections["v5"].vendor == "mysql":
            cursor.execute("SELECT @@max_statement_time, SLEEP(1.5)")
            assert cursor.fetchone() == (0, 0)
        else:
            cursor.execute(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000000) SELECT MAX(i) FROM n"
            )
            assert cursor.fetchone() == (20000000,)

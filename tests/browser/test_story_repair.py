"""From a red gate to the record behind it in three clicks; it is repaired, checked again and signed by a second person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from entities.engine import sweeper
from entities.reconciliation import sweep
from tests.acceptance import scenes
from tests.browser.walker import Walker
from tests.world import World
from tracking.actions.waiver import ApproveWaiver, RequestWaiver
from tracking.gates import judge
from tracking.gates.checks import due
from tracking.models import Finding, Phase, ValidationResult, Waiver, Wave

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CHECK = "C-vouchers"


@pytest.fixture
def world(migrated: World) -> World:
    """The panel of this story stands on a finished migration."""
    return migrated


def test_from_a_red_gate_to_a_repaired_record_and_a_signature(
    world: World, people: dict[str, Any], person: Walker
) -> None:
    worker = world.spawn_worker("w1", "-l", "info")
    phase = _with_one_red_check(world, people)
    scenes.until(lambda: "ready" in world.said(worker), "the start of the worker", world)
    person.sign_in("manager")
    person.go(f"/admin/tracking/phase/{phase.pk}/change/")
    person.see("red", "Every field equal: Vouchers", inside="#gates")
    _three_clicks_to_the_record(person)
    _repair(person)
    _check_again(person)
    _sign(person, phase)


def _with_one_red_check(world: World, people: dict[str, Any]) -> Phase:
    """Somebody edited a voucher in V5. The verdicts of the other checks are given; known rejects are let through."""
    now = timezone.now()
    phase = Wave.objects.get(name="Rehearsal").phases.get(number=4)
    v5_id = world.v5_sql(
        "SELECT v5_id FROM legacy_id_mappings WHERE entity_type = 'voucher' AND disposition = 'migrated'"
        " ORDER BY id LIMIT 1"
    )[0][0]
    world.v5_sql(f"UPDATE vouchers SET quantity = 1234.5 WHERE id = {v5_id}")
    ValidationResult.objects.bulk_create(
        ValidationResult(wave=phase.wave, phase=phase, moment="E", validation_type=one.id, severity=one.severity,
                         result="pass", message="as before", created_at=now, updated_at=now)
        for one in due(phase) if one.id != CHECK
    )  # fmt: skip
    sweeper.drive(sweep.ask(phase.wave, "E", now, phase=phase, only=[CHECK]))
    assert Finding.objects.filter(check_id=CHECK, v5_id=v5_id).exists()
    for one in judge(phase, timezone.now()):
        if one.reading.is_red and one.gate.id != CHECK:
            RequestWaiver(phase, one.gate.id, reason="Known to the school.", owner="school office", actor=people["manager"],
                          expires_at=now + timedelta(days=5)).perform(timezone.now())  # fmt: skip
    for waiver in Waiver.objects.filter(phase=phase):
        ApproveWaiver(waiver, actor=people["second manager"]).perform(timezone.now())
    return phase


def _three_clicks_to_the_record(person: Walker) -> None:
    person.press("the findings", inside="#gates")
    person.see("By school", "quantity", "1234.50")
    person.press("Open", inside="#findings")
    person.see("The two sides differ")
    person.press("The record", inside="#finding-actions")
    person.see("voucher", "Field by field")
    person.driver.back()


def _repair(person: Walker) -> None:
    """An edited row asks for the tick; the page names what would be written."""
    person.press("Repair", inside="#finding-actions")
    person.see("1 V5 rows are written again", inside="#effect")
    person.see("quantity", "1234.50", "edited since it was moved")
    person.one("[name='overwrite']").click()
    person.fill("reason", "Typed over by mistake.")
    person.submit()
    person.see("Done:", "Repaired on")


def _check_again(person: Walker) -> None:
    person.press("Check again", inside="#finding-actions")
    person.see("1 checks read both databases", inside="#effect")
    person.submit()
    person.see("Done:", f"only {CHECK}")
    person.see("Every part is over", inside="#checks-live", seconds=60)


def _sign(person: Walker, phase: Phase) -> None:
    page = f"/admin/tracking/phase/{phase.pk}/change/"
    person.go(page)
    person.press("Ask for approval", inside="#phase-actions")
    person.submit()
    person.see("asked by manager")
    person.sign_in("second manager")
    person.go(page)
    person.press("Sign", inside="#phase-actions")
    person.submit()
    person.see("Approved by a second person")

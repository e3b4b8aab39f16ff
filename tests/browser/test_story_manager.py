"""The manager's story: a production wave, a red gate, a waiver, four eyes, and a signature that becomes void."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.acceptance import scenes
from tests.browser.walker import Walker
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def moment(**ahead: int) -> str:
    """As a date picker holds it; in UTC like the panel."""
    return f"{datetime.now(UTC) + timedelta(**ahead):%Y-%m-%dT%H:%M}"


def confirm(person: Walker, *effect: str) -> None:
    """What is typed leads to the effect in words; the second button does it."""
    person.submit()
    person.one("#effect")
    person.see(*effect, inside="#effect")
    person.submit()


def record_backup(person: Walker, database: str) -> None:
    person.press("Record a backup")
    person.fill("database", database)
    person.fill("location", "nightly store, dump.sql.gz")
    person.fill("size", "4096")
    person.fill("checksum", "a" * 64)
    person.fill("taken_at", moment(minutes=-2))
    confirm(person, "You vouch for a backup")
    person.see("Done:")


def test_from_a_new_wave_to_a_signature_that_a_later_change_voids(world: World, person: Walker) -> None:
    worker = world.spawn_worker("w1", "-l", "info")
    person.sign_in("manager")
    wave = _create_wave(person)
    for database in ("v5", "legacy"):
        record_backup(person, database)
    scenes.until(lambda: "ready" in world.said(worker), "the start of the worker", world)
    person.sign_in("engineer")
    phase = _run_pre_flight(person, wave)
    _waive_the_red_gate(person, phase)
    _sign_with_four_eyes(person, phase)
    _void_it(person)


def _create_wave(person: Walker) -> str:
    person.press("Waves")
    person.press("New wave")
    person.fill("wave_name", "Season start")
    person.fill("kind", "production")
    confirm(person, "Season start")
    person.see("Season start", "Done:")
    return str(person.driver.current_url)


def _run_pre_flight(person: Walker, wave: str) -> str:
    """Phase 1 ends, and its gate says that nobody has decided the questions yet."""
    person.driver.get(wave)
    person.press("1 Foundation")
    phase = str(person.driver.current_url)
    person.press("Start", inside="#phase-actions")
    person.see("Run every check of the pre-flight", inside="#effect")
    person.submit()
    person.see("All runs are complete; not signed yet", seconds=60)
    person.see("red", "Nobody decided Q-01", inside="#gates")
    return phase


def _waive_the_red_gate(person: Walker, phase: str) -> None:
    """A red gate refuses the approval by its name; a waiver holds once a second person agrees."""
    person.sign_in("manager")
    person.driver.get(phase)
    person.press("Ask for approval", inside="#phase-actions")
    person.see("The choices are decided")
    person.driver.get(phase)
    person.press("Waive", inside="#gates")
    person.fill("reason", "The defaults suit all schools of this season.")
    person.fill("owner", "project office, before cut-over")
    person.fill("expires_at", moment(days=10))
    confirm(person)
    person.see("waits for a second person")
    person.sign_in("second manager")
    person.driver.get(phase)
    person.press("Agree")
    person.submit()
    person.see("Waived by second manager", inside="#gates")


def _sign_with_four_eyes(person: Walker, phase: str) -> None:
    """Who asks cannot sign."""
    person.sign_in("manager")
    person.driver.get(phase)
    person.press("Ask for approval", inside="#phase-actions")
    person.submit()
    person.see("asked by manager")
    person.press("Sign", inside="#phase-actions")
    person.see("a second person has to sign")
    person.sign_in("second manager")
    person.driver.get(phase)
    person.press("Sign", inside="#phase-actions")
    person.submit()
    person.see("Approved by a second person", "answered by second manager")


def _void_it(person: Walker) -> None:
    """The waiver is taken back: the signature that rested on it is void, visibly and with what changed."""
    person.press("Take back")
    person.fill("reason", "A school asked for another time zone.")
    person.submit()
    person.see("Void since", "What changed:", "All runs are complete; not signed yet")
    assert "Approved by a second person" not in person.words()

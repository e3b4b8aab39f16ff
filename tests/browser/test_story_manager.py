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
    [worker] = [world.spawn_worker("w1", "-l", "info")]
    person.sign_in("manager")
    person.press("Waves", inside="#nav-sidebar, nav, aside")
    person.press("New wave")
    person.fill("wave_name", "Season start")
    person.fill("kind", "production")
    confirm(person, "Season start")
    person.see("Season start", "Done:")
    wave = person.driver.current_url
    for database in ("v5", "legacy"):
        record_backup(person, database)

    scenes.until(lambda: "ready" in world.said(worker), "the start of the worker", world)
    person.sign_in("engineer")
    person.driver.get(wave)
    person.press("1 Foundation")
    phase = person.driver.current_url
    person.press("Start", inside="#phase-actions")
    person.see("Run every check of the pre-flight", inside="#effect")
    person.submit()
    person.see("All runs are complete; not signed yet", seconds=60)
    person.see("Nobody decided Q-01", inside="#gates")

    person.sign_in("manager")
    person.driver.get(phase)
    person.see("red", inside="#gates")
    person.press("Ask for approval", inside="#phase-actions")
    person.see("The choices are decided")  # refused, and by which gate
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

    person.press("Take back")
    person.fill("reason", "A school asked for another time zone.")
    person.submit()
    person.see("Void since", "What changed:")
    person.see("All runs are complete; not signed yet")
    assert "Approved by a second person" not in person.words()

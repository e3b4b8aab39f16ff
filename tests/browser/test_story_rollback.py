"""The way back as a story: an engineer looks at a school, sees an edited booking, a second person approves, the proof."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance import scenes
from tests.browser.test_story_manager import confirm
from tests.browser.walker import Walker
from tests.integration.test_rollback import Work, schools
from tests.moved import moved_world
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 120.0


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Everything was moved."""
    yield from moved_world(request)


def test_a_school_goes_back_before_the_eyes_of_two(world: World, person: Walker) -> None:
    work, school = Work(world), schools(world)[0]
    worker = world.spawn_worker("w1", "-l", "info")
    scenes.until(lambda: "ready" in world.said(worker), "the start of the worker", world)
    person.sign_in("engineer")
    person.press("Rollbacks")
    person.see("Can it be taken back?")
    person.press("Look at a rollback")
    person.fill("kind", "school")
    person.fill("which", str(school))
    person.fill("reason", "The school named wrong rates.")
    confirm(person, "Nothing goes")
    person.see("Looked at: decide what stays", seconds=PATIENCE, again=True)
    person.see(
        "bookings: edited by people since",
        "payments: written by people on migrated records",
        inside="#groups",
    )
    page = person.driver.current_url.removeprefix(person.address)
    person.press("Ask for approval")
    person.submit()
    person.see("Waits for a second person")
    assert not person.has("Approve and start"), "an engineer does not approve"

    person.sign_in("manager")
    person.go(page)
    person.press("Approve and start")
    person.see("rows go out of V5", inside="#effect")
    person.submit()
    person.see("Rolled back and proven", seconds=PATIENCE)
    person.see("rows went and nothing else", inside="#proof", seconds=PATIENCE)
    assert work.stands()

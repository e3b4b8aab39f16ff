"""What axe finds on the main pages of each role, in both themes: nothing serious, nothing critical."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.browser import axe, pages, scene
from tests.browser.walker import Walker
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FADED_IN = 0.1  # seconds: colours are measured once the theme has settled


def test_the_main_pages_of_each_role(world: World, people: dict[str, Any], person: Walker) -> None:
    outcome = world.run("run_phase", "2-4", "--inline")
    assert outcome.code in (0, 2), outcome.err
    scene.people_at_work()
    wanted = [one for one in pages.pages() if one.main]
    wrong: dict[str, list[str]] = {}
    for name in dict.fromkeys(one.person for one in wanted):
        person.sign_in(name)
        for theme in ("light", "dark"):
            person.driver.execute_script("localStorage.setItem('adminTheme', arguments[0])", f'"{theme}"')
            for page in wanted:
                if page.person != name:
                    continue
                person.go(page.path)
                time.sleep(FADED_IN)
                if found := axe.faults(person.driver):
                    wrong[f"{page.name} ({theme})"] = found
    assert wrong == {}, "\n".join(f"{page}\n  " + "\n  ".join(said) for page, said in wrong.items())

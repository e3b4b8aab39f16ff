"""What axe finds on the main pages of each role, in both themes, and what does not fit a laptop: nothing."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.browser import axe, layout, pages, scene
from tests.browser.walker import LAPTOP, WIDE, Walker
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FADED_IN = 0.1  # seconds: colours are measured once the theme has settled
DARK = "document.documentElement.classList.toggle('dark', arguments[0])"


def test_the_main_pages_of_each_role(world: World, people: dict[str, Any], person: Walker) -> None:
    outcome = world.run("run_phase", "1-4", "--inline")
    assert outcome.code in (0, 2), outcome.err
    scene.people_at_work()
    wrong: dict[str, list[str]] = {}
    person.go("/admin/login/")
    _look_at(person, "log-in", wrong)
    wanted = pages.pages()
    for name in dict.fromkeys(one.person for one in wanted):
        person.sign_in(name)
        for page in wanted:
            if page.person == name:
                person.go(page.path)
                _look_at(person, page.name, wrong, everything=page.main)
    assert wrong == {}, "\n".join(f"{page}\n  " + "\n  ".join(said) for page, said in wrong.items())


def _look_at(person: Walker, name: str, wrong: dict[str, list[str]], *, everything: bool = True) -> None:
    """At a laptop in the dark, then wide and light; `everything`: with axe, of which only the colours differ."""
    driver, found = person.driver, {}
    for width, theme in ((LAPTOP, "dark"), (WIDE, "light")):
        driver.set_window_size(width, 900)
        driver.execute_script(DARK, theme == "dark")
        time.sleep(FADED_IN)
        found[f"{name} ({width} pixels, {theme})"] = layout.faults(driver)
        if everything:
            rule = "color-contrast" if theme == "dark" else ""
            found[f"{name} ({theme})"] = axe.faults(driver, rule)
    wrong.update({place: said for place, said in found.items() if said})

"""What axe finds on the main pages of each role, in both themes: nothing serious, nothing critical."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_selenium_python
import pytest

from tests.browser import pages
from tests.browser.walker import Walker
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AXE = Path(axe_selenium_python.__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ['violations']}).then(found => done(found.violations
    .filter(one => ['serious', 'critical'].includes(one.impact))
    .map(one => `${one.id}: ${one.help}: ` + one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | '))
), problem => done(['axe failed: ' + problem]));
"""


def faults(person: Walker) -> list[str]:
    """Serious and critical ones of the page as it stands, with the first places."""
    person.driver.execute_script(AXE.read_text())
    found: list[str] = person.driver.execute_async_script(RUN)
    return found


def test_the_main_pages_of_each_role(world: World, people: dict[str, Any], person: Walker) -> None:
    from tests.browser import scene

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
                if found := faults(person):
                    wrong[f"{page.name} ({theme})"] = found
    assert wrong == {}, "\n".join(f"{page}\n  " + "\n  ".join(said) for page, said in wrong.items())

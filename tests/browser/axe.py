"""axe-core on the page that a browser shows."""

from __future__ import annotations

from importlib.resources import files

from selenium import webdriver

RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ['violations']}).then(found => done(found.violations
    .filter(one => ['serious', 'critical'].includes(one.impact))
    .map(one => `${one.id}: ${one.help}: ` + one.nodes.slice(0, 3).map(node => node.html.slice(0, 160) + ' '
        + (node.any[0] ? node.any[0].message : '')).join(' | '))
), problem => done(['axe failed: ' + problem]));
"""


def faults(driver: webdriver.Chrome) -> list[str]:
    """Serious and critical violations of the page as it stands, each with the first places."""
    # Only the script is taken from the package: its own classes drive another kind of browser.
    driver.execute_script((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    found: list[str] = driver.execute_async_script(RUN)
    return found

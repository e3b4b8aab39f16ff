"""axe-core on the page that a browser shows."""

from __future__ import annotations

from importlib.resources import files

from selenium import webdriver

ROWS = 12  # of each table: the rest of its rows are made by the same lines of a template
SHORTENED = """
for (const table of document.querySelectorAll('table'))
    [...table.querySelectorAll(':scope > tbody > tr')].slice(arguments[0]).forEach(row => row.remove());
"""
RUN = """
const done = arguments[arguments.length - 1];
const only = arguments[0] ? {runOnly: {type: 'rule', values: [arguments[0]]}} : {};
axe.run(document, {resultTypes: ['violations'], ...only}).then(found => done(found.violations
    .filter(one => ['serious', 'critical'].includes(one.impact))
    .map(one => `${one.id}: ${one.help}: ` + one.nodes.slice(0, 3).map(node => node.html.slice(0, 160) + ' '
        + (node.any[0] ? node.any[0].message : '')).join(' | '))
), problem => done(['axe failed: ' + problem]));
"""


def faults(driver: webdriver.Chrome, rule: str = "") -> list[str]:
    """Serious and critical violations of the page as it stands, or those of one rule, each with the first places.

    Long tables are cut: look at what needs all their rows before.
    """
    # Only the script is taken from the package: its own classes drive another kind of browser.
    if not driver.execute_script("return Boolean(window.axe)"):
        driver.execute_script((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    driver.execute_script(SHORTENED, ROWS)
    found: list[str] = driver.execute_async_script(RUN, rule)
    return found

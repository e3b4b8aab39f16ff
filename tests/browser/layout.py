"""Whether a page fits into the window: what sticks out to the right is not seen by somebody at a laptop."""

from __future__ import annotations

from selenium import webdriver

STICKING_OUT = """
const said = one => [one.tagName.toLowerCase(), one.id, String(one.className).slice(0, 60)].join(' ');
const page = document.scrollingElement;
const found = page.scrollWidth > innerWidth + 1 ? [`the page is ${page.scrollWidth} wide`] : [];
for (const one of document.querySelectorAll('main *, #main *, #page *')) {
    const wide = one.scrollWidth - one.clientWidth;
    if (wide > 1 && one.checkVisibility() && ['auto', 'scroll'].includes(getComputedStyle(one).overflowX))
        found.push(`${said(one)} hides ${wide} pixels`);
}
return found;
"""


def faults(driver: webdriver.Chrome) -> list[str]:
    """Places that have to be scrolled sideways to be read in full."""
    found: list[str] = driver.execute_script(STICKING_OUT)
    return found

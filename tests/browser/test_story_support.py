"""Support's story: a sheet filled in for the largest cause; then a fix tried and applied to the rest by keyboard alone."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest
from django.urls import reverse
from selenium.webdriver.common.keys import Keys

from tests.acceptance import scenes
from tests.browser.walker import Walker
from tests.world import World
from tracking.models import Correction, Issue

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CODE, RECORD, PLANTED, BY_SHEET = "SPORT_UNKNOWN", "client_sport", 24, 3
UNKNOWN_SPORT, ALPINE = 9999, "1"


@pytest.fixture
def moved(world: World) -> World:
    """People are moved; two dozen of them have a sport that does not exist, which is the largest cause by far."""
    lonely = "SELECT user_id FROM user_sports GROUP BY user_id HAVING COUNT(*) = 1"
    clients = "SELECT id FROM users WHERE user_type = 2"
    rows = world.legacy_sql(
        f"SELECT id FROM user_sports WHERE sport_id = 1 AND user_id IN ({lonely}) AND user_id IN ({clients}) ORDER BY id"
    )
    ids = ", ".join(str(key) for (key,) in rows[:PLANTED])
    world.legacy_sql(f"UPDATE user_sports SET sport_id = {UNKNOWN_SPORT} WHERE id IN ({ids})")
    outcome = world.run("run_phase", "2-3", "--inline")
    assert Issue.objects.filter(code=CODE, entity_type=RECORD).count() >= PLANTED, outcome.err
    return world


def open_records() -> int:
    return Issue.objects.filter(code=CODE, entity_type=RECORD, state="open").count()


def test_the_largest_cause_is_put_right(moved: World, person: Walker, tmp_path: Path) -> None:
    scenes.begin(moved)
    person.sign_in("support")
    found = open_records()
    person.press("Causes")
    person.press(CODE)
    person.see(f"{found} open")
    _by_sheet(person, tmp_path / "chromium" / "downloads")
    left = found - BY_SHEET
    scenes.until(lambda: open_records() == left, "the first records of the sheet", moved, seconds=60)

    person.go(reverse("admin:index"))
    cause = _open_largest_cause(person, left)
    _by_keyboard(person, left)
    scenes.until(lambda: not open_records(), "the rest of the records", moved, seconds=90)
    _see_that_it_is_gone(person, cause)
    assert Correction.objects.filter(active=True, applied_at__isnull=False).count() == found
    wrong = moved.legacy_sql(f"SELECT COUNT(*) FROM user_sports WHERE sport_id = {UNKNOWN_SPORT}")[0][0]
    assert wrong >= PLANTED, "legacy is never changed"


def _open_largest_cause(person: Walker, number: int) -> str:
    """With the keyboard: the sidebar, then the first line of the list. Returns the address of the cause."""
    person.tab_to_words("Causes")
    person.keys(Keys.ENTER)
    first = person.one("#causes tbody tr a")
    person.until(lambda: first.text == CODE, "the largest cause first")
    person.tab_to_words(CODE)
    person.keys(Keys.ENTER)
    person.one("#records")
    person.see(f"{number} open")
    return str(person.driver.current_url)


def _see_that_it_is_gone(person: Walker, cause: str) -> None:
    """With the keyboard: another cause is the largest now. The page of this one says that nothing is left."""
    person.tab_to_words("Causes")
    person.keys(Keys.ENTER)
    first = person.one("#causes tbody tr a")
    person.until(lambda: first.text and first.text != CODE, "another cause on top")
    person.driver.get(cause)
    person.see("No record with this cause is open any more.")


def _by_keyboard(person: Walker, number: int) -> None:
    """Try one value on all records, read what would happen, apply it: without a mouse."""
    person.tab_to_words("Try a correction on all")
    person.keys(Keys.ENTER)
    person.see(f"all {number} records")
    person.tab_to_field("c_sport_id")
    person.keys(ALPINE)
    person.tab_to_field("reason")
    person.keys("wrong key of the sport, checked with the schools")
    person.tab_to_words("Try on all records")
    person.keys(Keys.ENTER)
    person.see("What would happen", seconds=60)
    person.see(f"{number} (100 %)", inside="#outcomes")
    assert open_records() == number, "a try changes nothing"
    person.tab_to_words("Apply this to all")
    person.keys(Keys.ENTER)
    person.one("#effect")
    person.see(str(number), inside="#effect")
    person.tab_to_words("Apply to all")
    person.keys(Keys.ENTER)
    person.see(f"Until now {number} issues are solved", seconds=90)


def _by_sheet(person: Walker, downloads: Path) -> None:
    """Export, fill in the first lines and spoil one, import, read the preview, apply the good ones."""
    person.press("Sheet (CSV)")
    sheet = person.until(lambda: next(downloads.glob("*.csv"), None), "the sheet")
    filled = _filled(sheet)
    person.press("Import corrections")
    person.one("input[type='file'][name='sheet']").send_keys(str(filled))
    person.press("Read the sheet")
    person.see(f"{BY_SHEET} lines can be applied, 1 have a fault", seconds=60)
    person.see("a whole number expected", inside="#sheet-lines")
    person.press("Apply the good lines")
    person.one("#effect")
    person.submit()
    person.see("corrections are in force", seconds=60)


def _filled(sheet: Path) -> Path:
    time.sleep(0.2)
    with sheet.open(newline="", encoding="utf-8-sig") as file:
        lines = list(csv.DictReader(file))
    for number, line in enumerate(lines[: BY_SHEET + 1]):
        line["new value"] = ALPINE if number < BY_SHEET else "alpine"
        line["reason"] = "wrong key of the sport"
    filled = sheet.with_name("filled.csv")
    with filled.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    return filled

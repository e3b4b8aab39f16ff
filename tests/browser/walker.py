"""A person at the panel: a real Chromium, driven by what is written on the page."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import (
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
MISSING = (
    "" if CHROMIUM and DRIVER else "needs chromium and chromedriver (Debian: apt-get install chromium-driver)"
)
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
    "--disable-sync", "--disable-component-update", "--disable-dev-shm-usage", "--lang=en", "--hide-scrollbars",
    "--force-prefers-reduced-motion",
)  # fmt: skip
WIDE, LAPTOP = 1440, 1024
PATIENCE = 15.0
PASSWORD = "correct horse"
SAYS = """
function says(one) {
    const copy = one.cloneNode(true);
    copy.querySelectorAll('.material-symbols-outlined').forEach(icon => icon.remove());
    return copy.textContent.trim().replace(/\\s+/g, ' ');
}
"""
FIND = f"""
{SAYS}
const found = [...document.querySelectorAll(arguments[1])].flatMap(part => [...part.querySelectorAll('a, button, summary')])
    .filter(one => one.checkVisibility());
return found.find(one => says(one) === arguments[0]) || found.find(one => says(one).startsWith(arguments[0] + ' '));
"""
LIVES = "return arguments[0].tagName === 'A' && Boolean(arguments[0].closest('[hx-get]'))"
WORDS_OF_FOCUS = f"{SAYS} return says(document.activeElement);"


def open_chromium(folder: Path, width: int = WIDE, height: int = 900) -> webdriver.Chrome:
    """A browser with a profile of its own in `folder`; files it downloads land in `folder/downloads`."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}", f"--window-size={width},{height}"):
        options.add_argument(flag)
    downloads = folder / "downloads"
    downloads.mkdir(parents=True, exist_ok=True)
    options.add_experimental_option(
        "prefs", {"download.default_directory": str(downloads), "intl.accept_languages": "en"}
    )
    return webdriver.Chrome(options=options, service=Service(str(DRIVER)))


@contextmanager
def between_two_states(*also: type[Exception]) -> Iterator[None]:
    """What was looked at went meanwhile: the page, or a part that renews itself. The browser has two words for that."""
    try:
        yield
    except (StaleElementReferenceException, *also):
        pass
    except WebDriverException as error:
        if "does not belong to the document" not in str(error):
            raise


class Walker:
    """Finds things as a person does, by their words, and waits as a person would."""

    def __init__(self, driver: webdriver.Chrome, address: str) -> None:
        self.driver, self.address = driver, address

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        """Through the log-in page; whoever was signed in before is forgotten."""
        self.driver.get(f"{self.address}/admin/login/")
        self.driver.delete_all_cookies()
        self.go("/admin/login/")
        self.fill("username", name)
        self.fill("password", password)
        self.driver.find_element(By.NAME, "password").send_keys(Keys.ENTER)
        self.until(lambda: "/login/" not in self.driver.current_url, f"{name} is signed in")

    def go(self, path: str) -> None:
        self.driver.get(f"{self.address}{path}")

    def press(self, words: str, inside: str = "body") -> None:
        """The link or button with exactly these words inside `inside`, or else the first that begins with them."""
        before = self.driver.current_url
        link = self.find(words, inside)
        is_renewed = self.driver.execute_script(LIVES, link)
        self._leaving(lambda: self.find(words, inside).click())
        if is_renewed:  # its place may have moved between the look and the press
            self.until(lambda: self._left(before) or self._again(words, inside), f"the page behind “{words}”")

    def _left(self, before: str) -> bool:
        with suppress(AssertionError):
            return bool(self.until(lambda: self.driver.current_url != before, "another page", seconds=3))
        return False

    def _again(self, words: str, inside: str) -> None:
        if (found := self._found(words, inside)) is not None:
            found.click()

    def find(self, words: str, inside: str = "body") -> WebElement:
        found: WebElement = self.until(lambda: self._found(words, inside), f"“{words}” to press in {inside}")
        return found

    def has(self, words: str, inside: str = "body") -> bool:
        return self._found(words, inside) is not None

    def _found(self, words: str, inside: str) -> WebElement | None:
        return self.driver.execute_script(FIND, words, inside)

    def fill(self, name: str, value: str) -> None:
        """A field of a form; a moment is given as the browser's own picker wants it."""
        field = self.one(f"[name='{name}']")
        if field.tag_name == "select":
            field.find_element(By.CSS_SELECTOR, f"option[value='{value}']").click()
        elif field.get_attribute("type") == "datetime-local":
            self.driver.execute_script("arguments[0].value = arguments[1]", field, value)
        else:
            field.clear()
            field.send_keys(value)

    def submit(self, form: str = "#confirm-form") -> None:
        """The first button of a form: what the page offers to do."""
        self._leaving(self.one(f"{form} button[type='submit'], {form} button:not([type])").click)

    def one(self, css: str) -> WebElement:
        def look() -> WebElement | None:
            with suppress(NoSuchElementException):
                return self.driver.find_element(By.CSS_SELECTOR, css)
            return None

        found: WebElement = self.until(look, f"{css} on the page")
        return found

    def words(self, css: str = "body") -> str:
        """What is to be read, with single spaces."""
        with between_two_states(NoSuchElementException):
            return " ".join(str(self.driver.find_element(By.CSS_SELECTOR, css).text).split())
        return ""

    def see(self, *words: str, inside: str = "body", seconds: float = PATIENCE, again: bool = False) -> None:
        """Waits until all of it can be read; `again` reloads as a person does whose page does not live."""
        for one in words:

            def shown(one: str = one) -> bool:
                if one.lower() in self.words(inside).lower():  # style sheets turn some words into capitals
                    return True
                if again:
                    time.sleep(1)
                    self.driver.refresh()
                return False

            self.until(shown, f"“{one}”", seconds)

    def until(self, condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
        end = time.monotonic() + seconds
        while True:
            with between_two_states(ElementNotInteractableException):
                if found := condition():
                    return found
            if time.monotonic() > end:
                raise AssertionError(
                    f"not seen within {seconds:.0f} s: {what}\nat {self.driver.current_url}\n{self.words()[:3000]}"
                )
            time.sleep(0.1)

    def _leaving(self, act: Callable[[], Any]) -> None:
        """Acts; a page that was left while its part was renewed is tried once more."""
        try:
            act()
        except StaleElementReferenceException:
            time.sleep(0.3)
            act()

    # With the keyboard alone

    def tab_to(self, wanted: Callable[[WebElement], bool], what: str, most: int = 200) -> WebElement:
        """Presses Tab until the wanted element has the focus."""
        for _ in range(most):
            self.keys(Keys.TAB)
            focused = self.driver.switch_to.active_element
            if wanted(focused):
                return focused
        raise AssertionError(
            f"{what} is not reached with {most} times Tab\nat {self.driver.current_url}\n{self.words()[:3000]}"
        )

    def tab_to_words(self, words: str) -> WebElement:
        return self.tab_to(lambda _one: self.driver.execute_script(WORDS_OF_FOCUS) == words, f"“{words}”")

    def tab_to_field(self, name: str) -> WebElement:
        return self.tab_to(lambda one: one.get_attribute("name") == name, f"the field {name}")

    def keys(self, *keys: str) -> None:
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

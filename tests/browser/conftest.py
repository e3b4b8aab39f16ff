"""The panel as a real server on the databases of a `World`, and a real browser before it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance import scenes
from tests.browser import walker
from tests.browser.walker import PASSWORD, Walker
from tests.world import World

HERE = Path(__file__).parent
PEOPLE = {
    "manager": "project managers", "second manager": "project managers", "support": "support", "engineer": "engineers",
    "auditor": "auditors",
}  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents and walker.MISSING:
            item.add_marker(pytest.mark.skip(reason=walker.MISSING))


@pytest.fixture
def people(world: World) -> dict[str, Any]:
    """One account per group, and a second manager: it takes four eyes to sign."""
    from django.contrib.auth.models import Group, User

    made = {}
    for name, group in PEOPLE.items():
        made[name] = User.objects.create_user(name, password=PASSWORD, is_staff=True)
        made[name].groups.add(Group.objects.get(name=group))
    return made


@pytest.fixture
def panel(world: World, people: dict[str, Any]) -> str:
    """The address of the panel, served by a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    world.spawn("runserver", f"127.0.0.1:{port}", "--noreload", "--verbosity=0")

    def answers() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    scenes.until(answers, "the start of the panel", world, seconds=30)
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def person(panel: str, tmp_path: Path) -> Iterator[Walker]:
    """Somebody before a browser; `sign_in` says who."""
    driver = walker.open_chromium(tmp_path / "chromium")
    try:
        yield Walker(driver, panel)
    finally:
        driver.quit()

"""Pictures of every page from demo data: `python -m tests.browser.screenshots` (make screenshots).

Builds a demo in a folder of its own, serves it, signs in as each person and writes one PNG per page.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "docs" / "screenshots"
TALLEST = 1800  # pixels: what is below is more of the same
READERS = {"manager": "Managers", "support": "Support", "engineer": "Engineers", "auditor": "Auditors"}
SETTLED = 1.2  # seconds: charts are drawn and live parts have come
BOOKINGS = 500
HEIGHT = """
const parts = [document.body, ...document.querySelectorAll('#page, #main')];
return Math.max(...parts.map(one => one.scrollHeight));
"""


def main() -> int:
    given = _arguments()
    from tests.browser import walker

    if walker.MISSING:
        print(walker.MISSING, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="screenshots-") as temporary:
        folder = Path(given.keep or temporary).resolve()
        _point_at(folder)
        passwords = _demo(folder, given.bookings)
        with serving(folder) as address:
            taken = _take(folder, address, passwords, given)
    print(f"{taken} pictures in {given.out}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the pictures")
    parser.add_argument("--only", default="", help="names of pages, with commas; all pages without it")
    parser.add_argument("--width", type=int, default=1440, help="pixels")
    parser.add_argument("--dark", action="store_true", help="in the dark theme")
    parser.add_argument("--bookings", type=int, default=BOOKINGS, help="size of the demo")
    parser.add_argument("--keep", default="", help="folder of a demo that is kept and used again")
    return parser.parse_args()


def _point_at(folder: Path) -> None:
    """The project's databases are files in this folder, whatever the developer's settings say."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "DATABASE_URL": "tracking",
        "LEGACY_DATABASE_URL": "legacy",
        "LEGACY_ADMIN_URL": "legacy",
        "V5_DATABASE_URL": "v5",
    }
    os.environ.update({name: f"sqlite:///{folder / part}.sqlite3" for name, part in files.items()})
    os.environ.update(
        BOUKII_ENV="embedded", CELERY_BROKER_URL=f"filesystem://{folder / 'broker'}", IMAGE_ROOT=str(folder / "images"),
        FORECAST_ROOT=str(folder / "forecasts"), DJANGO_SETTINGS_MODULE="boukii_migration.settings", LOG_LEVEL="ERROR",
    )  # fmt: skip


def _demo(folder: Path, bookings: int) -> dict[str, str]:
    import django
    from django.core.management import call_command

    django.setup()
    from entities.operations import accounts
    from tests.browser import scene

    if not (folder / "v5.sqlite3").exists():
        call_command("demo", "--bookings", str(bookings), "--no-serve", verbosity=0)
        scene.people_at_work()
    return {one.name: one.password for one in accounts.make()}


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The panel as a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "manage.py", "runserver", f"127.0.0.1:{port}", "--noreload", "--verbosity=0"]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        _wait_for(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(15)


def _wait_for(port: int, server: subprocess.Popen[bytes], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit("the panel did not start: see server.log")


def _take(folder: Path, address: str, passwords: dict[str, str], given: argparse.Namespace) -> int:
    from tests.browser import pages, walker

    only = {name for name in given.only.split(",") if name}
    wanted = [one for one in pages.pages() if not only or one.name in only]
    given.out.mkdir(parents=True, exist_ok=True)
    driver = walker.open_chromium(folder / "chromium", given.width)
    try:
        person = walker.Walker(driver, address)
        for name in dict.fromkeys(one.person for one in wanted):
            person.sign_in(name, passwords[name])
            driver.execute_script(
                "localStorage.setItem('adminTheme', arguments[0])", '"dark"' if given.dark else '"light"'
            )
            for page in wanted:
                if page.person == name:
                    _picture(person, page, given)
    finally:
        driver.quit()
    if not only:
        _list(given.out, wanted)
    return len(wanted)


def _list(folder: Path, taken: list[Any]) -> None:
    """The pictures by the people whose pages they show, for a reader of the repository."""
    lines = [
        "# The pages of the panel",
        "",
        "Taken from demo data by `make screenshots`; people and schools are made up.",
    ]
    for name, readers in READERS.items():
        shown = [f"- [{one.name.replace('-', ' ')}]({one.name}.png)" for one in taken if one.person == name]
        lines += ["", f"## {readers}", "", *shown]
    (folder / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _picture(person: Any, page: Any, given: argparse.Namespace) -> None:
    driver = person.driver
    driver.set_window_size(given.width, 900)
    person.go(page.path)
    time.sleep(SETTLED)
    tall = driver.execute_script(HEIGHT)
    height = min(TALLEST, max(900, int(tall)))
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": given.width, "height": height, "deviceScaleFactor": 1, "mobile": False},
    )
    time.sleep(0.3)
    (given.out / f"{page.name}.png").write_bytes(smaller(driver.get_screenshot_as_png()))
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def smaller(png: bytes) -> bytes:
    """The same picture with 256 colours, when Pillow is there: a quarter of the size."""
    try:
        import io

        from PIL import Image
    except ImportError:
        return png
    made = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(256).save(made, "PNG", optimize=True)
    return made.getvalue()


if __name__ == "__main__":
    sys.exit(main())

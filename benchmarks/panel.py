"""The panel with a large record: `python -m demo.servers run --buffer-pool 2G -- python -m benchmarks.panel`.

Fills the configured databases with a demo, then with many issues, map rows and batches, and asks for every list and
record page of the panel as the people do: server time and statements of each, the median of several requests.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import django

PAGE_MS, PAGE_QUERIES, FRAGMENT_MS = 300, 40, 150
REQUESTS = 5
HEADING = "## The panel at scale"
DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Page:
    """One page as measured: milliseconds (median, worst, first view) and statements on all databases."""

    name: str
    url: str
    median: float
    worst: float
    first: float
    queries: int
    status: int = 200

    @property
    def limit(self) -> int:
        return FRAGMENT_MS if "/live/" in self.url else PAGE_MS

    @property
    def met(self) -> bool:
        return self.status in (200, 204) and self.median <= self.limit and self.queries <= PAGE_QUERIES


def main() -> int:
    wanted = _arguments()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "boukii_migration.settings")
    django.setup()
    from benchmarks import panel_fill, panel_pages

    if not wanted.filled:
        began = time.monotonic()
        panel_fill.fill(wanted)
        print(f"filled in {time.monotonic() - began:.0f} s", flush=True)
    pages = list(measured(wanted.only))
    print(table(pages))
    left = panel_pages.unmeasured([page.url for page in pages])
    if not wanted.only:
        print(f"Not measured: {', '.join(left) or 'none'}")
    if wanted.write:
        write(pages, left, wanted)
    return 0 if all(page.met for page in pages) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--issues", type=int, default=1_000_000)
    parser.add_argument("--findings", type=int, default=1_000_000)
    parser.add_argument("--map", type=int, default=10_000_000)
    parser.add_argument("--batches", type=int, default=20_000)
    parser.add_argument("--bookings", type=int, default=500)
    parser.add_argument("--filled", action="store_true", help="measure what the databases hold already")
    parser.add_argument("--only", default="", help="pages whose name or address holds this text")
    parser.add_argument("--note", default="", help="a sentence for the document, about the machine")
    parser.add_argument("--write", action="store_true", help="write the section of docs/benchmarks.md")
    return parser.parse_args()


def measured(only: str = "") -> Iterator[Page]:
    """Every page as the person sees it who may see most."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from benchmarks import panel_pages

    person = get_user_model().objects.create_superuser(f"bench{time.time_ns()}", password=None)
    client = Client(raise_request_exception=False, SERVER_NAME="localhost")
    client.force_login(person)
    asked: list[str] = []
    for name, url in panel_pages.addresses():
        if url not in asked:
            asked.append(url)
            if only in f"{name} {url}":
                yield _ask(client, name, url)
    for name, url in panel_pages.others(asked):
        if only in f"{name} {url}" and client.get(url).status_code == 200:
            yield _ask(client, name, url)


def _ask(client: Any, name: str, url: str) -> Page:
    """The first view makes everything that is remembered for a while; the others find it."""
    from django.core.cache import cache

    status = client.get(
        url
    ).status_code  # also what a process does once: reading templates, opening connections
    cache.clear()
    first, _queries = _once(client, url)
    found = [_once(client, url) for _request in range(REQUESTS)]
    times = [milliseconds for milliseconds, _queries in found]
    most = max(queries for _milliseconds, queries in found)
    return Page(name, url, statistics.median(times), max(times), first, most, status)


def _once(client: Any, url: str) -> tuple[float, int]:
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    with ExitStack() as stack:
        captured = [
            stack.enter_context(CaptureQueriesContext(connections[alias]))
            for alias in ("default", "legacy", "v5")
        ]
        began = time.perf_counter()
        client.get(url)
        taken = (time.perf_counter() - began) * 1000
    return taken, sum(len(one) for one in captured)


def table(pages: list[Page]) -> str:
    """The pages as a Markdown table, the slowest first."""
    rows = [
        f"| {page.name} | `{page.url}` | {page.median:.0f} | {page.worst:.0f} | {page.first:.0f} | {page.queries}"
        f" | {_verdict(page)} |"
        for page in sorted(pages, key=lambda page: -page.median)
    ]
    head = [
        "| page | address | median ms | worst ms | first ms | statements | |",
        "| --- | --- | ---: | ---: | ---: | ---: | --- |",
    ]
    return "\n".join([*head, *rows])


def _verdict(page: Page) -> str:
    if page.status not in (200, 204):
        return f"**answered {page.status}**"
    return "met" if page.met else "**not met**"


def write(pages: list[Page], left: list[str], wanted: argparse.Namespace) -> None:
    """Put the figures into their section of docs/benchmarks.md; the other sections stay."""
    before, _heading, mine = DOCUMENT.read_text(encoding="utf-8").partition(HEADING)
    after = "".join(mine.partition("\n## ")[1:])
    missed = [page.name for page in pages if not page.met]
    said = f"Not met: {', '.join(missed)}." if missed else f"All {len(pages)} are met."
    note = f"{wanted.note} " if wanted.note else ""
    size = (
        f"{wanted.issues:,} issues, {wanted.findings:,} findings of checks, {wanted.map:,} rows of the id map and"
        f" {wanted.batches:,} batches"
    )
    text = (
        f"{HEADING}\n\n`make bench-panel`, {date.today():%Y-%m-%d}, MariaDB, {os.cpu_count()} cores, {size}. {note}"
        f"Each page {REQUESTS} times after one visit; server time without the network, the statements of all three"
        " databases together. *first ms* is a view with"
        " nothing remembered, as the first person of a quarter of an hour has it. Wanted: pages at most"
        f" {PAGE_MS} ms and {PAGE_QUERIES} statements, live fragments at most {FRAGMENT_MS} ms (medians). {said}"
        f" Not measured, being steps of a form or in need of a state that the record has not: {', '.join(left) or 'none'}.\n\n"
        f"{table(pages)}\n"
    )
    DOCUMENT.write_text(f"{before.rstrip()}\n\n{text}{after}", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())

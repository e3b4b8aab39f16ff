"""The panel with a large record: `python -m demo.servers run --buffer-pool 2G -- python -m benchmarks.panel`.

Fills the configured databases with a demo, then with many issues, map rows and batches, and asks for every list and
record page of the panel as the people do: server time and statements of each, the slowest of several requests.
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
    """One page as measured: milliseconds (median and worst) and statements on all databases."""

    name: str
    url: str
    median: float
    worst: float
    queries: int

    @property
    def limit(self) -> int:
        return FRAGMENT_MS if "/live/" in self.url else PAGE_MS

    @property
    def met(self) -> bool:
        return self.median <= self.limit and self.queries <= PAGE_QUERIES


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--issues", type=int, default=1_000_000)
    parser.add_argument("--map", type=int, default=10_000_000)
    parser.add_argument("--batches", type=int, default=20_000)
    parser.add_argument("--bookings", type=int, default=500)
    parser.add_argument("--write", action="store_true", help="write the section of docs/benchmarks.md")
    wanted = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "boukii_migration.settings")
    django.setup()
    began = time.monotonic()
    fill(wanted)
    print(f"filled in {time.monotonic() - began:.0f} s", flush=True)
    pages = list(measured())
    print(table(pages))
    if wanted.write:
        write(pages, wanted)
    return 0 if all(page.met for page in pages) else 1


def fill(wanted: argparse.Namespace) -> None:
    """A demo that was moved for real, and rows of the same kinds in the asked numbers around it."""
    from django.core.management import call_command
    from django.db import connections

    from tracking.models import Run, Wave
    from tracking.triage import groups

    call_command("demo", bookings=wanted.bookings, serve=False, verbosity=0)
    run, wave = Run.objects.get(entity_type="bookings"), Wave.objects.get()
    with connections["default"].cursor() as cursor:
        cursor.execute(BATCHES.format(number=wanted.batches), [run.pk])
        cursor.execute(ISSUES.format(number=wanted.issues), [run.pk, wave.pk])
        for name in ("tracking_batch", "tracking_issue"):
            cursor.execute(f"ANALYZE TABLE {name}")
            cursor.fetchall()
    with connections["v5"].cursor() as cursor:
        for first in range(0, wanted.map, 1_000_000):
            cursor.execute(MAP.format(first=first + 1, last=min(first + 1_000_000, wanted.map)), [run.pk])
        cursor.execute("ANALYZE TABLE legacy_id_mappings")
        cursor.fetchall()
    groups.recount(wave)


BATCHES = (
    "INSERT INTO tracking_batch (run_id, segment, key_after, key_to, size, status, attempt, fence, worker, started_at,"
    " finished_at, seconds, rows_read, rows_written, rejected, unchanged, error)"
    " SELECT %s, '', seq * 500 + 100000000, seq * 500 + 100000500, 500, IF(seq %% 200 = 0, 'failed', 'done'), 1, 1, 'one:1',"
    " NOW() - INTERVAL 60000 - seq SECOND, NOW() - INTERVAL 59997 - seq SECOND, 3, 1700, 8000, seq %% 7, 0,"
    " IF(seq %% 200 = 0, 'OperationalError: lock wait', '') FROM seq_1_to_{number}"
)
ISSUES = (
    "INSERT INTO tracking_issue (wave_id, run_id, batch_id, entity_type, legacy_table, legacy_id, part, root_entity, root_id,"
    " school_id, stage, level, code, field, message, payload, amount, currency, state, occurrences, regressions, first_seen,"
    " last_seen)"
    " SELECT w.wave, %s, NULL, 'booking_user', 'booking_users2', 200000000 + seq, '', 'bookings', 200000000 + seq DIV 2, 10,"
    " 'transform', IF(seq %% 10 < 7, 'error', 'warning'), ELT(1 + seq %% 20, 'SUBGROUP_UNKNOWN', 'LINE_WITHOUT_DATE',"
    " 'CLIENT_UNKNOWN', 'TENANT_MISMATCH', 'CROSSES_MIDNIGHT', 'MIXED_CURRENCY', 'VOUCHER_UNKNOWN', 'MONITOR_UNKNOWN',"
    " 'LINE_RELINKED', 'ORPHAN_KEPT', 'PAST_UNPAID', 'NO_LINES', 'BOTH_REFERENCES', 'SPANS_SEASONS', 'LINE_WITHOUT_COURSE',"
    " 'BOOKING_REJECTED', 'CURRENCY_ASSUMED', 'PLACEHOLDER_CLIENT', 'VALUE_TOO_LONG', 'CONSTRAINT'), '', 'as it was found',"
    " '{{\"row\": {{\"id\": 1, \"price\": \"80.00\"}}}}', 80, 'CHF', IF(seq %% 9 = 0, 'resolved', 'open'), 1, 0, NOW(), NOW()"
    " FROM seq_1_to_{number}, (SELECT %s AS wave) w"
)
MAP = (
    "INSERT INTO legacy_id_mappings (entity_type, legacy_table, legacy_id, part, v5_table, v5_id, disposition, reason,"
    " school_id, source_hash, target_hash, run_id, batch_id, created_at, updated_at)"
    " SELECT 'booking_user', 'booking_users2', 300000000 + seq, '', 'booking_users', 300000000 + seq, 'migrated', '', 10,"
    " MD5(seq), MD5(seq), %s, 1, NOW(), NOW() FROM seq_{first}_to_{last}"
)


def measured() -> Iterator[Page]:
    """Every page as the person sees it who may see most."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    person = get_user_model().objects.create_superuser(f"bench{time.time_ns()}", password=None)
    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    for name, url in urls():
        yield _ask(client, name, url)


def urls() -> Iterator[tuple[str, str]]:
    """Lists and record pages of every registered model, the pages of the engine, and the live fragments."""
    from django.contrib import admin
    from django.urls import reverse

    yield "dashboard", reverse("admin:index")
    for part in ("progress", "details", "health", "workers"):
        yield f"dashboard, {part}", reverse(f"live:{part}")
    for model, page in admin.site._registry.items():
        if model._meta.app_label in ("tracking", "entities"):
            view = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            yield f"{model._meta.verbose_name_plural}", reverse(f"{view}_changelist")
            newest = page.get_queryset(_request()).order_by("-pk").values_list("pk", flat=True).first()
            if newest is not None:
                yield f"{model._meta.verbose_name}", reverse(f"{view}_change", args=[newest])
    yield from _more()


def _more() -> Iterator[tuple[str, str]]:
    from django.urls import reverse

    from tracking.models import Issue, Run

    run = Run.objects.get(entity_type="bookings")
    yield "run with its batches", reverse("admin:tracking_run_change", args=[run.pk])
    issue = Issue.objects.filter(
        entity_type="booking_user", level="error", legacy_id__lt=100_000_000
    ).order_by("-pk")[0]
    yield "issues of a code", reverse("admin:tracking_issue_changelist") + "?code__exact=SUBGROUP_UNKNOWN"
    yield "batches that failed", reverse("admin:tracking_batch_changelist") + "?status__exact=failed"
    for name, arguments in (
        ("admin:entities_record", [issue.pk]), ("trace", []), ("trace_record", ["booking_user", issue.legacy_id]),
        ("catalogue", []), ("catalogue_codes", []), ("catalogue_tables", []), ("catalogue_migration", ["bookings"]),
    ):  # fmt: skip
        yield name.removeprefix("admin:").replace("_", " "), _reverse(name, arguments)


def _reverse(name: str, arguments: list[Any]) -> str:
    from django.urls import NoReverseMatch, reverse

    for candidate in (name, f"engine:{name}"):
        try:
            return reverse(candidate, args=arguments)
        except NoReverseMatch:
            continue
    raise LookupError(f"no page is called {name}")


def _request() -> Any:
    from django.contrib.auth import get_user_model
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    request.user = get_user_model().objects.filter(is_superuser=True).first()
    return request


def _ask(client: Any, name: str, url: str) -> Page:
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    times, queries = [], 0
    client.get(url)
    for _ in range(REQUESTS):
        with ExitStack() as stack:
            captured = [
                stack.enter_context(CaptureQueriesContext(connections[alias]))
                for alias in ("default", "legacy", "v5")
            ]
            began = time.perf_counter()
            answer = client.get(url)
            times.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise AssertionError(f"{url} answered {answer.status_code}")
        queries = max(queries, sum(len(one) for one in captured))
    return Page(name, url, statistics.median(times), max(times), queries)


def table(pages: list[Page]) -> str:
    """The pages as a Markdown table, the slowest first."""
    rows = [
        f"| {page.name} | `{page.url}` | {page.median:.0f} | {page.worst:.0f} | {page.queries}"
        f" | {'met' if page.met else '**not met**'} |"
        for page in sorted(pages, key=lambda page: -page.median)
    ]
    head = [
        "| page | address | median ms | worst ms | statements | |",
        "| --- | --- | ---: | ---: | ---: | --- |",
    ]
    return "\n".join([*head, *rows])


def write(pages: list[Page], wanted: argparse.Namespace) -> None:
    """Put the figures into their section of docs/benchmarks.md."""
    kept = DOCUMENT.read_text(encoding="utf-8").split(HEADING)[0].rstrip()
    missed = [page.name for page in pages if not page.met]
    said = f"Not met: {', '.join(missed)}." if missed else "All are met."
    size = f"{wanted.issues:,} issues, {wanted.map:,} rows of the id map and {wanted.batches:,} batches"
    text = (
        f"{HEADING}\n\n`make bench-panel`, {date.today():%Y-%m-%d}, MariaDB, {size}. Each page {REQUESTS} times after one visit;"
        " server time without the network, the statements of all three databases together. Wanted: pages at most"
        f" {PAGE_MS} ms and {PAGE_QUERIES} statements, live fragments at most {FRAGMENT_MS} ms (medians). {said}\n\n"
        f"{table(pages)}\n"
    )
    DOCUMENT.write_text(f"{kept}\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())

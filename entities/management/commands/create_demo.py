"""Builds the demo databases named by the settings."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from demo.builder import ForeignTables, Report, build


class Command(BaseCommand):
    help = (
        "Drop and build the demo: a realistic, dirty legacy database and an empty V5 database. "
        "LEGACY_ADMIN_URL names a writable account when the configured one may only read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bookings", type=int, default=2000, help="how many bookings (200 to 500,000)")
        parser.add_argument("--seed", type=int, default=1, help="same seed, same content")
        parser.add_argument(
            "--today", default="2026-01-15", help="the day on which the data ends (YYYY-MM-DD)"
        )
        parser.add_argument("--no-dirt", action="store_true", help="a clean database, nothing planted")
        parser.add_argument("--planted", default="var/planted.json", help="where to write the planted list")
        parser.add_argument("--force", action="store_true", help="drop tables that are not the demo's, too")

    def handle(self, *args: Any, **options: Any) -> None:
        for alias in ("legacy", "v5"):
            connections[alias].close()
        try:
            report = build(
                os.environ.get("LEGACY_ADMIN_URL") or settings.LEGACY_DATABASE_URL,
                settings.V5_DATABASE_URL,
                bookings=options["bookings"],
                seed=options["seed"],
                today=options["today"],
                dirt=not options["no_dirt"],
                force=options["force"],
            )
        except (ForeignTables, ValueError) as error:
            raise CommandError(str(error)) from error
        self._record(report, Path(options["planted"]))

    def _record(self, report: Report, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(report.planted, ensure_ascii=False, indent=1), encoding="utf-8")
        self.stdout.write(
            f"Legacy: {sum(report.rows.values()):,} rows in {len(report.rows)} tables, "
            f"{report.rows['bookings2']:,} bookings, in {report.seconds:.1f} s. V5 is empty."
        )
        self.stdout.write(f"{len(report.planted)} planted items are listed in {path}.")

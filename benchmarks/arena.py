"""The place of the contest: one private MariaDB with the demo's legacy data and V5 up to the bookings' parents."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from demo import builder, servers

# The same for all contenders. The binary log is on, as in production (law 3), with whole rows; flushing is the
# server's default: every commit reaches the disk.
OPTIONS = (
    "--log-bin=binlog", "--server-id=1", "--binlog-format=ROW", "--innodb-flush-log-at-trx-commit=1", "--sync-binlog=0",
    "--innodb-log-file-size=1G", "--log-bin-trust-function-creators=1",
)  # fmt: skip
BUFFER_POOL = "2G"
LEGACY, V5, BASE, ENGINE, COPY = "bench_legacy", "bench_v5", "bench_base", "bench_engine", "bench_copy"
CUTOVER = "2026-01-15 00:00:00"  # the demo's today, so that every run decides alike
SOURCES = ("bookings2", "booking_users2", "vouchers_log")
MAP = "legacy_id_mappings"
ENTITIES = (
    "booking",
    "booking_user",
    "voucher_log",
    "payment",
    "v5_booking",
    "v5_booking_participant",
    "v5_payment",
)
TARGETS = (
    "v5_booking_payments", "v5_booking_participants", "v5_bookings", "payments", "vouchers_log", "booking_users", "bookings",
)  # fmt: skip
PARENTS = (
    "clients",
    "monitors",
    "courses",
    "course_dates",
    "course_groups",
    "course_subgroups",
    "vouchers",
    "seasons",
)


class Link:
    """The administrator's connection; statements name the schemas `{legacy}` and `{v5}`."""

    def __init__(self, socket: str) -> None:
        import MySQLdb

        self._link = MySQLdb.connect(unix_socket=socket, user="root", charset="utf8mb4", autocommit=True)

    def execute(self, sql: str, values: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        with self._link.cursor() as cursor:
            cursor.execute(sql.format(legacy=LEGACY, v5=V5), values or None)
            return list(cursor.fetchall())

    def number(self, sql: str) -> int:
        return int(self.execute(sql)[0][0] or 0)

    def columns(self, table: str, schema: str = V5) -> list[str]:
        """Column names in their order."""
        sql = f"SELECT column_name FROM information_schema.columns WHERE table_schema = '{schema}'"
        return [row[0] for row in self.execute(f"{sql} AND table_name = '{table}' ORDER BY ordinal_position")]

    def close(self) -> None:
        self._link.close()


class Arena:
    """A running server, its schemas, and what has to be the same before each contender starts."""

    def __init__(self, server: servers.PrivateMariaDB) -> None:
        self.server = server
        self.link = Link(server.socket)
        self.wave: Any = None

    def build(self, bookings: int) -> None:
        """Clean demo data (no planted dirt), an empty V5, and Django set up on both."""
        urls = self.server.create_schemas("bench")
        os.environ.update(urls, DJANGO_SETTINGS_MODULE="boukii_migration.settings", LOG_LEVEL="ERROR")
        builder.build(urls["LEGACY_ADMIN_URL"], urls["V5_DATABASE_URL"], bookings=bookings, dirt=False)
        import django

        django.setup()

    def move_parents(self) -> None:
        """Everything that bookings refer to, by the engine, and a copy of the map as it is then."""
        from django.core.management import call_command
        from django.utils import timezone

        from entities import registry
        from entities.operations import phases, request

        call_command("migrate", verbosity=0)
        call_command("prepare_v5", "--apply", "--approve-text-conversion", verbosity=0)
        self.wave = request.wave("Benchmark", [], request.cutover(CUTOVER[:10]), timezone.now())
        names = registry.of_phase(4)
        before = [*registry.of_phase(2), *registry.of_phase(3), *names[: names.index("bookings")]]
        runs = phases.runs_for(
            self.wave, [2, 3, 4], dry_run=False, resume=False, workers=1, only=before, write=_silent
        )
        phases.move(self.wave, runs, phases.How(inline=True), _silent)
        self._refuse_unfinished(runs)
        self.snapshot()

    @staticmethod
    def _refuse_unfinished(runs: list[Any]) -> None:
        for run in runs:
            run.refresh_from_db()
            if run.status != "completed":
                raise SystemExit(f"{run.entity_type} ended as {run.status}: {run.status_reason}")

    def snapshot(self) -> None:
        self.link.execute(f"CREATE DATABASE {BASE}")
        self.link.execute(f"CREATE TABLE {BASE}.{MAP} AS SELECT * FROM {V5}.{MAP}")

    def reset(self) -> None:
        """Empties what contenders write, puts the map back, and lets the server look at its indexes again."""
        # TRUNCATE refuses tables that others refer to; nothing is loaded while the checks are off.
        self.link.execute("SET foreign_key_checks = 0")
        for table in (*TARGETS, MAP):
            self.link.execute(f"TRUNCATE TABLE {V5}.{table}")
        self.link.execute("SET foreign_key_checks = 1")
        self.link.execute(f"INSERT INTO {V5}.{MAP} SELECT * FROM {BASE}.{MAP}")
        for table in (MAP, *TARGETS, *PARENTS):
            self.link.execute(f"ANALYZE TABLE {V5}.{table}")
        for table in SOURCES:
            self.link.execute(f"ANALYZE TABLE {LEGACY}.{table}")

    def keep(self, schema: str) -> None:
        """A copy of what the last contender wrote."""
        self.link.execute(f"CREATE OR REPLACE DATABASE {schema}")
        entities = ", ".join(f"'{entity}'" for entity in ENTITIES)
        for table in TARGETS:
            self.link.execute(f"CREATE TABLE {schema}.{table} AS SELECT * FROM {V5}.{table}")
        self.link.execute(
            f"CREATE TABLE {schema}.{MAP} AS SELECT * FROM {V5}.{MAP} WHERE entity_type IN ({entities})"
        )
        self.link.execute(
            f"ALTER TABLE {schema}.{MAP} ADD KEY (v5_table, v5_id), ADD KEY (entity_type, legacy_id, part)"
        )

    def rows_written(self) -> int:
        """Rows in the target tables and map entries of bookings."""
        targets = sum(self.link.number(f"SELECT COUNT(*) FROM {V5}.{table}") for table in TARGETS)
        after, before = (self.link.number(f"SELECT COUNT(*) FROM {schema}.{MAP}") for schema in (V5, BASE))
        return targets + after - before

    def lines(self) -> int:
        return self.link.number(f"SELECT COUNT(*) FROM {LEGACY}.booking_users2")

    def keep_a_quarter(self) -> None:
        """Deletes three quarters of the bookings from legacy, for the look at memory; the last thing to do."""
        cut = self.link.number(f"SELECT MAX(id) DIV 4 FROM {LEGACY}.bookings2")
        for table, column in (
            ("vouchers_log", "booking_id"),
            ("booking_users2", "booking2_id"),
            ("bookings2", "id"),
        ):
            self.link.execute(f"DELETE FROM {LEGACY}.{table} WHERE {column} > {cut}")


def _silent(_text: Any) -> None:
    pass


@contextmanager
def arena() -> Iterator[Arena]:
    """A private server for one contest; everything is gone afterwards."""
    with servers.mariadb(buffer_pool=BUFFER_POOL, options=OPTIONS) as server:
        yield Arena(server)

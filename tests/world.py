"""A world: a legacy database, a V5 database and the panel's own, private to one test.

Nothing is wrapped in a transaction: the engine commits for real, in threads and in processes.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from boukii_migration import databases
from entities.engine import ids
from tests.stores import Store, Urls

ROOT = Path(__file__).resolve().parent.parent
VARIABLE_OF = {"default": "DATABASE_URL", "legacy": "LEGACY_DATABASE_URL", "v5": "V5_DATABASE_URL"}
SECONDS_TO_END = 15


@dataclass(frozen=True)
class Outcome:
    """What a command did: exit code and both streams as text."""

    code: int
    out: str
    err: str

    def __bool__(self) -> bool:
        return self.code == 0


@dataclass
class World:
    """`env` are the variables a subprocess needs; `report` is what the demo planted, if any."""

    store: Store
    folder: Path
    env: Urls
    report: Any = None
    template: str = ""
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def backend(self) -> str:
        return self.store.backend

    @property
    def server(self) -> Any:
        """The private MariaDB, to be killed and restarted; None on SQLite."""
        return self.store.server

    @property
    def broker(self) -> Any:
        """The private Redis, to be killed and restarted; None on SQLite."""
        return self.store.broker

    def renew(self) -> None:
        """All three databases as they were when the test began, for a second try of the same."""
        connections.close_all()
        self.store.copy(self.template, self.folder)
        ids.forget()

    def legacy_sql(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Runs one statement on legacy with an account that may write; `%s` marks a parameter."""
        return self._sql("LEGACY_ADMIN_URL", sql, params)

    def v5_sql(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._sql("V5_DATABASE_URL", sql, params)

    def tracking_sql(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._sql("DATABASE_URL", sql, params)

    def _sql(self, variable: str, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
        if self.backend == "sqlite":
            sql = re.sub(r"%s", "?", sql).replace("%%", "%")
        elif not params:
            params = None  # type: ignore[assignment]
            sql = sql.replace("%%", "%")
        link = self.store.connect(self.env[variable])
        try:
            cursor = link.cursor()
            cursor.execute(sql, *([] if params is None else [tuple(params)]))
            rows = cursor.fetchall() if cursor.description else ()
            return [tuple(_plain(value) for value in row) for row in rows]
        finally:
            link.close()

    def run(self, *argv: object) -> Outcome:
        """A management command in this process: `world.run("run_phase", 2, "--inline")`."""
        out, err = io.StringIO(), io.StringIO()
        code = 0
        try:
            call_command(*(str(part) for part in argv), stdout=out, stderr=err)
        except CommandError as refusal:
            code = refusal.returncode
            err.write(str(refusal))
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else int(bool(leaving.code))
        return Outcome(code, out.getvalue(), err.getvalue())

    def spawn(self, *argv: object, **extra_env: str) -> subprocess.Popen[str]:
        """The same as a process of its own; whatever still runs is ended with the test."""
        return self.spawn_python("manage.py", *argv, **extra_env)

    def spawn_worker(self, name: str, *options: str, **extra_env: str) -> subprocess.Popen[str]:
        """A Celery worker with one process, so that killing its id kills the work."""
        return self.spawn_python(
            *("-m", "celery", "-A", "boukii_migration", "worker", "--pool=solo", "--concurrency=1"),
            *("--without-gossip", "--without-mingle", f"--hostname={name}@test", *options),
            **extra_env,
        )

    def spawn_python(self, *argv: object, **extra_env: str) -> subprocess.Popen[str]:
        log = (self.folder / f"process-{len(self.processes) + 1}.log").open("w")
        process = subprocess.Popen(
            [sys.executable, *(str(part) for part in argv)],
            cwd=ROOT,
            env={**os.environ, **self.env, **extra_env},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )
        log.close()
        self.processes.append(process)
        return process

    def said(self, process: subprocess.Popen[str]) -> str:
        """Everything the process has printed so far."""
        return (self.folder / f"process-{self.processes.index(process) + 1}.log").read_text(errors="replace")

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _plain(value: Any) -> Any:
    """Temporal values as ISO text, like the engine's, so that one test suits both backends."""
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"
    return str(value) if isinstance(value, date) else value  # a datetime is a date too


def folders(folder: Path) -> dict[str, Path]:
    names = {"IMAGE_ROOT": "images", "FORECAST_ROOT": "forecasts", "BACKUP_FOLDER": "backups"}
    return {name: folder / place for name, place in names.items()}


@contextmanager
def pointed_at(env: Urls, folder: Path) -> Iterator[None]:
    """Inside the block Django's aliases, the settings' URLs and folders and the queue are those of `env`."""
    urls = ("DATABASE_URL", "LEGACY_DATABASE_URL", "LEGACY_ADMIN_URL", "V5_DATABASE_URL")
    names = (*urls, *folders(folder))
    before = {name: getattr(settings, name) for name in names}
    _apply({**before, **{name: env[name] for name in urls if name in env}, **folders(folder)})
    _point_queue(env.get("CELERY_BROKER_URL", "memory://"))
    try:
        yield
    finally:
        _apply(before)
        _point_queue("memory://")


def _apply(values: dict[str, Any]) -> None:
    connections.close_all()
    for name, value in values.items():
        setattr(settings, name, value)
    fresh = connections.configure_settings(
        {alias: databases.connection(alias, values[variable]) for alias, variable in VARIABLE_OF.items()}
    )
    # Aliases that somebody added (the forecasts of dry runs) belong to the world that is left behind.
    for alias in set(connections.databases) | set(fresh):
        connections.databases.pop(alias, None)
        if hasattr(connections._connections, alias):
            del connections[alias]
    connections.databases.update(fresh)
    ids.forget()


def _point_queue(url: str) -> None:
    """Sends this process's messages elsewhere; Celery keeps pools that have to be forgotten."""
    from boukii_migration.celery import app
    from boukii_migration.queue import broker

    address, options = broker(url, visibility_timeout=3600)
    app.conf.broker_url = app.conf.broker_write_url = app.conf.broker_read_url = address
    app.conf.broker_transport_options = options
    app._after_fork()

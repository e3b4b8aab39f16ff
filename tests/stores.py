"""Where the databases of a world live: SQLite files or schemas of a private MariaDB.

A store builds each template once per session and gives a test a fresh copy of it in milliseconds.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from demo import servers

PARTS = {"DATABASE_URL": "tracking", "LEGACY_ADMIN_URL": "legacy", "V5_DATABASE_URL": "v5"}
Urls = dict[str, str]
Fill = Callable[[Urls], Any]


class Store:
    """Copies of three databases. `fill` gets the URLs of empty databases and returns what it wants kept."""

    backend = ""
    server: servers.PrivateMariaDB | None = None
    broker: servers.PrivateRedis | None = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: dict[str, Any] = {}

    def fresh(self, template: str, fill: Fill, folder: Path) -> tuple[Urls, Any]:
        """URLs of a copy that no earlier test has touched, and what `fill` returned for its template."""
        if template not in self.kept:
            self.kept[template] = self.build(template, fill)
        return self.copy(template, folder), self.kept[template]

    def panel_urls(self, folder: Path) -> Urls:
        """URLs of empty databases for tests that need no more than the panel's own tables."""
        raise NotImplementedError

    def build(self, template: str, fill: Fill) -> Any:
        raise NotImplementedError

    def copy(self, template: str, folder: Path) -> Urls:
        raise NotImplementedError

    def connect(self, url: str) -> Any:
        """A writable connection that commits every statement by itself."""
        raise NotImplementedError

    def close(self) -> None:
        """Ends what the store started."""


class SqliteStore(Store):
    backend = "sqlite"

    @staticmethod
    def urls(folder: Path) -> Urls:
        urls = {name: f"sqlite:///{folder / part}.sqlite3" for name, part in PARTS.items()}
        return urls | {
            "LEGACY_DATABASE_URL": urls["LEGACY_ADMIN_URL"],
            "CELERY_BROKER_URL": f"filesystem://{folder / 'broker'}",
        }

    def panel_urls(self, folder: Path) -> Urls:
        return self.urls(folder)

    def build(self, template: str, fill: Fill) -> Any:
        folder = self.folder / template
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        kept = fill(self.urls(folder))
        for file in folder.glob("*.sqlite3"):
            link = sqlite3.connect(file)
            link.execute("PRAGMA journal_mode=DELETE")  # folds the write-ahead log into the one file we copy
            link.close()
        return kept

    def copy(self, template: str, folder: Path) -> Urls:
        for file in (self.folder / template).glob("*.sqlite3"):
            shutil.copyfile(file, folder / file.name)
        return self.urls(folder)

    def connect(self, url: str) -> Any:
        return sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30, isolation_level=None)


class MariadbStore(Store):
    backend = "mariadb"
    # A commit has to survive the death of the server, but not of the machine: no disk flush per commit.
    options = ("--innodb-flush-log-at-trx-commit=2", "--skip-log-bin")

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._stack = ExitStack()
        self.server = self._stack.enter_context(servers.mariadb(buffer_pool="128M", options=self.options))
        self.broker = self._stack.enter_context(servers.redis())
        self.world_urls = self._urls("world")
        self._signatures: dict[str, dict[str, str]] = {}

    def _urls(self, prefix: str) -> Urls:
        assert self.server and self.broker
        return self.server.create_schemas(prefix) | {"CELERY_BROKER_URL": self.broker.url}

    def panel_urls(self, folder: Path) -> Urls:
        return self._urls("panel")

    def build(self, template: str, fill: Fill) -> Any:
        kept = fill(self._urls(template))
        for part in PARTS.values():
            self._signatures[f"{template}_{part}"] = self._read_signatures(f"{template}_{part}")
        return kept

    def copy(self, template: str, folder: Path) -> Urls:
        assert self.server and self.broker
        for part in PARTS.values():
            self._restore(f"{template}_{part}", f"world_{part}")
        self.broker.stop()
        self.broker.start()
        return dict(self.world_urls)

    def _read_signatures(self, schema: str) -> dict[str, str]:
        """Per table what tells a changed one: its statement (with the counter), its triggers, its content."""
        signatures: dict[str, str] = {}
        with self._cursor(schema) as cursor:
            cursor.execute("SHOW TABLES")
            tables = [name for (name,) in cursor.fetchall()]
            for table in tables:
                cursor.execute(f"SHOW CREATE TABLE `{table}`")
                signatures[table] = cursor.fetchone()[1]
            for table, action, timing, body in self._triggers(cursor, schema):
                signatures[table] += f"\n{timing} {action} {body}"
            if tables:
                cursor.execute("CHECKSUM TABLE " + ", ".join(f"`{table}`" for table in tables))
                for name, checksum in cursor.fetchall():
                    signatures[name.split(".", 1)[1]] += f"\n{checksum}"
        return signatures

    @staticmethod
    def _triggers(cursor: Any, schema: str) -> list[tuple[str, str, str, str]]:
        cursor.execute(
            "SELECT event_object_table, event_manipulation, action_timing, action_statement "
            "FROM information_schema.triggers WHERE trigger_schema = %s ORDER BY trigger_name",
            [schema],
        )
        return list(cursor.fetchall())

    def _restore(self, template: str, schema: str) -> None:
        """Makes `schema` equal to `template` again; touches only the tables that differ."""
        wanted, found = self._signatures[template], self._read_signatures(schema)
        with self._cursor(schema) as cursor:
            cursor.execute("SET SESSION foreign_key_checks=0, sql_mode='NO_AUTO_VALUE_ON_ZERO'")
            for table in found.keys() - wanted.keys():
                cursor.execute(f"DROP TABLE `{table}`")
            changed = [table for table in wanted if found.get(table) != wanted[table]]
            for table in changed:
                cursor.execute(f"DROP TABLE IF EXISTS `{table}`")
                cursor.execute(f"SHOW CREATE TABLE `{template}`.`{table}`")
                cursor.execute(cursor.fetchone()[1])
                cursor.execute(f"INSERT INTO `{table}` SELECT * FROM `{template}`.`{table}`")
            for number, (table, action, timing, body) in enumerate(self._triggers(cursor, template)):
                if table in changed:
                    cursor.execute(
                        f"CREATE TRIGGER restored_{number} {timing} {action} ON `{table}` FOR EACH ROW {body}"
                    )

    def _cursor(self, schema: str) -> _Cursor:
        assert self.server
        return _Cursor(self.server.connect(schema))

    def connect(self, url: str) -> Any:
        import environ
        import MySQLdb

        place = environ.Env.db_url_config(url)
        return MySQLdb.connect(
            host=place["HOST"],
            port=int(place["PORT"]),
            user=place["USER"],
            password=place["PASSWORD"],
            database=place["NAME"],
            charset="utf8mb4",
            autocommit=True,
            sql_mode="NO_AUTO_VALUE_ON_ZERO",  # lets a test plant zero dates
        )

    def close(self) -> None:
        self._stack.close()


class _Cursor:
    """A cursor that takes its connection with it when it goes."""

    def __init__(self, link: Any) -> None:
        self.link = link

    def __enter__(self) -> Any:
        return self.link.cursor()

    def __exit__(self, *_: object) -> None:
        self.link.close()

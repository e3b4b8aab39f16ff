"""SQLite: the online copy of one read transaction; writers are not held up."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.db import connections

from entities.engine import vendors
from entities.recovery import place
from entities.recovery.errors import BackupIsBad, RecoveryFailed
from entities.recovery.servers import aliases
from tracking.sentences import sentence

PAGES, CHUNK = 2_000, 1 << 20


class Snapshot:
    """A read transaction that stays open: the copy and the figures both come from it."""

    ending, method = ".sqlite3.gz", "copy"

    def __init__(self, alias: str) -> None:
        self.alias = f"{alias}_snapshot"
        self.values = connections[alias].settings_dict
        self.facts: dict[str, Any] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            link = self._stack.enter_context(aliases.own(self.alias, self.values))
            link.ensure_connection()
            with link.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute("SELECT COUNT(*) FROM sqlite_master")
                cursor.fetchone()
            if not vendors.of(link).tables(link):
                raise RecoveryFailed(
                    sentence(
                        "%(file)s has no table: there is nothing to back up.", file=str(self.values["NAME"])
                    )
                )
            self.facts = {"version": f"SQLite {sqlite3.sqlite_version}", "log_bin": False, "objects": objects(link),
                          "address": str(self.values["NAME"])}  # fmt: skip
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def tables(self) -> list[str]:
        found: list[str] = vendors.of(connections[self.alias]).tables(connections[self.alias])
        return found

    def needed(self) -> int:
        """The copy stands beside its compressed form for a moment."""
        return int(os.path.getsize(self.values["NAME"]) * 1.5)

    def dump(self, feed: Callable[[bytes], None], step: Callable[[int, int], None], spare: Path) -> None:
        """Copy into `spare` and hand the copy on."""
        raw = spare
        raw.unlink(missing_ok=True)
        try:
            raw.touch(mode=0o600)
            target = sqlite3.connect(raw)
            try:
                connections[self.alias].connection.backup(
                    target, pages=PAGES, progress=lambda _status, left, total: step(total - left, total)
                )
                target.execute("PRAGMA journal_mode=DELETE")
            finally:
                target.close()
            with raw.open("rb") as file:
                while content := file.read(CHUNK):
                    feed(content)
        except sqlite3.OperationalError as error:
            if "full" in str(error):
                raise RecoveryFailed(
                    sentence(
                        "The disk of %(folder)s is full: make room or point BACKUP_FOLDER elsewhere, "
                        "then take it again. Nothing was left behind.",
                        folder=str(raw.parent),
                    )
                ) from error
            raise RecoveryFailed(
                sentence("%(file)s cannot be copied: %(why)s", file=str(self.values["NAME"]), why=str(error))
            ) from error
        finally:
            raw.unlink(missing_ok=True)


def objects(connection: Any) -> dict[str, int]:
    """How many triggers and views the database has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT type, COUNT(*) FROM sqlite_master WHERE type IN ('trigger', 'view') GROUP BY type"
        )
        found = dict(cursor.fetchall())
    return {"triggers": found.get("trigger", 0), "views": found.get("view", 0)}


def beside(values: dict[str, Any]) -> dict[str, Any]:
    """Settings of a scratch file in the folder of backups."""
    return {**values, "NAME": str(place.folder() / "restore-test.sqlite3")}


class Scratch:
    """A file that a restore test makes, fills and removes. One that exists and is no leftover of a test is refused."""

    def __init__(self, values: dict[str, Any], alias: str) -> None:
        self.alias = alias
        self.path = Path(values["NAME"])
        self.values = {**values, "NAME": str(self.path)}
        self.place = str(self.path)
        self.mark = self.path.with_name(f".{self.path.name}.made-by-a-restore-test")
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        if self.path.exists() and not self.mark.exists():
            raise RecoveryFailed(
                sentence(
                    "%(file)s exists and no restore test made it: it is left alone. Name another "
                    "file in RESTORE_TEST_URL.",
                    file=str(self.path),
                )
            )
        self._remove()
        self.mark.touch()
        self._stack.callback(self._remove)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _remove(self) -> None:
        for ending in ("", "-wal", "-shm", "-journal"):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
        self.mark.unlink(missing_ok=True)

    def fill(self, content: Iterable[bytes]) -> None:
        with self.path.open("wb") as file:
            for piece in content:
                file.write(piece)
        link = self._stack.enter_context(aliases.own(self.alias, self.values))
        with link.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            if (said := cursor.fetchone()[0]) != "ok":
                raise BackupIsBad(sentence("The copy is damaged: %(said)s", said=said))

    def tables(self) -> list[str]:
        found: list[str] = vendors.of(connections[self.alias]).tables(connections[self.alias])
        return found

    def objects(self) -> dict[str, int]:
        return objects(connections[self.alias])

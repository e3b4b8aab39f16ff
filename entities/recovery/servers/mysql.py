"""MySQL 8 and MariaDB 10.6+: the server's own dump, and its client to put it back."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.db import DatabaseError, connections

from entities.engine import vendors
from entities.recovery.errors import BackupIsBad, RecoveryFailed
from entities.recovery.servers import aliases, binlog, tools
from tracking.sentences import sentence

CHUNK = 1 << 20
LOCK_WAIT, LOCK_TRIES, BEGIN_WAIT = 5, 6, 60  # seconds, times, seconds
LOCK_WAIT_OVER = 1205
BEGAN, COMPLETED = "-- Retrieving table structure", b"-- Dump completed"
MARK = "made_by_a_restore_test"
DEFINER = re.compile(rb"DEFINER=`[^`]*`@`[^`]*`")


class Snapshot:
    """One moment of a schema. The figures are read in the same moment that the dump shows: all tables are locked
    for reading while both begin, which takes less than a second, and are free while they go on.

    Whoever waits for that lock holds up others: it gives up after five seconds and tries again a little later.
    """

    ending, method = ".sql.gz", "dump"

    def __init__(self, alias: str) -> None:
        self.source, self.alias = alias, f"{alias}_snapshot"
        self.values = connections[alias].settings_dict
        self.facts: dict[str, Any] = {}
        self._stack, self._guard = ExitStack(), threading.Lock()
        self._lock: Any = None

    def __enter__(self) -> Self:
        try:
            link = self._stack.enter_context(
                aliases.own(self.alias, self.values, isolation_level="repeatable read")
            )
            self._stack.callback(self._unlock)
            names = vendors.of(link).tables(link)
            if not names:
                raise RecoveryFailed(
                    sentence(
                        "%(database)s has no table: there is nothing to back up.",
                        database=tools.address(self.values),
                    )
                )
            self._lock_all(names)
            with link.cursor() as cursor:
                cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
            self.facts = {
                **binlog.facts(link),
                "objects": objects(link),
                "address": tools.address(self.values),
            }
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _lock_all(self, names: list[str]) -> None:
        source: Any = connections[self.source]
        try:
            self._lock = source.get_new_connection(source.get_connection_params())
            cursor = self._lock.cursor()
            cursor.execute(f"SET SESSION lock_wait_timeout = {LOCK_WAIT}")
            for left in reversed(range(LOCK_TRIES)):
                try:
                    cursor.execute("LOCK TABLES " + ", ".join(f"`{name}` READ" for name in names))
                    return
                except source.Database.OperationalError as error:
                    if error.args[0] != LOCK_WAIT_OVER or not left:
                        raise
                    time.sleep(LOCK_WAIT)
        except source.Database.Error as error:
            self._unlock()
            raise RecoveryFailed(
                sentence(
                    "The tables of %(database)s cannot be locked for the moment in which a backup "
                    "begins (%(why)s): give the account LOCK TABLES, or try again when nothing large "
                    "runs.",
                    database=tools.address(self.values),
                    why=error.args[-1],
                )
            ) from error

    def _unlock(self) -> None:
        with self._guard:
            if self._lock is not None:
                self._lock.close()
                self._lock = None

    def tables(self) -> list[str]:
        found: list[str] = vendors.of(connections[self.alias]).tables(connections[self.alias])
        return found

    def needed(self) -> int:
        """Bytes on the disk, roughly: text of the rows, compressed."""
        with connections[self.alias].cursor() as cursor:
            cursor.execute(
                "SELECT SUM(data_length) FROM information_schema.tables WHERE table_schema = DATABASE()"
            )
            return int(cursor.fetchone()[0] or 0) // 2

    def dump(self, feed: Callable[[bytes], None], step: Callable[[int, int], None], spare: Path) -> None:
        """Run the dump to its end; RecoveryFailed with its last words when it complains or stops early."""
        program = tools.find("dump", self.facts["mariadb"])
        total, words = len(self.tables()), list[str]()
        with tools.login(self.values) as login:
            process = tools.start(
                [program, f"--defaults-extra-file={login}", *tools.dump_options(program, str(self.values["NAME"]))],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
            began = threading.Event()

            def listen() -> None:
                seen = 0
                for line in _lines(process.stderr):
                    if line.startswith(BEGAN):
                        seen += 1
                        step(min(seen, total), total)
                        if not began.is_set():
                            began.set()
                            login.unlink(missing_ok=True)
                            self._unlock()
                    elif not line.startswith("--"):
                        words.append(line)

            listener = threading.Thread(target=listen, daemon=True)
            alarm = threading.Timer(BEGIN_WAIT, lambda: None if began.is_set() else process.kill())
            listener.start()
            alarm.start()
            try:
                tail = _pump(process.stdout, feed)
                listener.join(BEGIN_WAIT)
                code = process.wait()
            finally:
                alarm.cancel()
                tools.end(process)
        if code or COMPLETED not in tail:
            raise RecoveryFailed(
                sentence(
                    "%(program)s did not come to its end (code %(code)s): %(said)s",
                    program=program.rpartition("/")[2],
                    code=code,
                    said=tools.last_words(words),
                )
            )


def _lines(stream: Any) -> Iterator[str]:
    for raw in stream:
        yield raw.decode(errors="replace").rstrip("\n")


def _pump(stream: Any, feed: Callable[[bytes], None]) -> bytes:
    """Hand on everything; returns the last bytes."""
    tail = b""
    while content := stream.read(CHUNK):
        feed(content)
        tail = (tail + content)[-200:]
    return tail


def objects(connection: Any) -> dict[str, int]:
    """How many triggers, routines and views the schema has."""
    found = {}
    with connection.cursor() as cursor:
        for name, column in (
            ("triggers", "trigger_schema"),
            ("routines", "routine_schema"),
            ("views", "table_schema"),
        ):
            cursor.execute(f"SELECT COUNT(*) FROM information_schema.{name} WHERE {column} = DATABASE()")
            found[name] = int(cursor.fetchone()[0])
    return found


def beside(values: dict[str, Any]) -> dict[str, Any]:
    """Settings of the scratch schema next to a database."""
    return {**values, "NAME": f"{values['NAME']}_restore_test"}


class Scratch:
    """A schema that a restore test makes, fills and drops. One that was there is used only when it is empty, or when
    a restore test left it behind."""

    def __init__(self, values: dict[str, Any], alias: str) -> None:
        self.alias, self.values, self.schema = alias, values, str(values["NAME"])
        self.place = tools.address(values)
        self._stack = ExitStack()
        self._kept = ""  # how an empty schema that was there before has to be made again

    def __enter__(self) -> Self:
        refuse_own(self.values)
        try:
            self._prepare()
            link = self._stack.enter_context(aliases.own(self.alias, self.values))
            self._stack.callback(self._forget)
            with link.cursor() as cursor:
                cursor.execute("SELECT VERSION()")
                self.mariadb = "MariaDB" in cursor.fetchone()[0]
        except DatabaseError as error:
            self._stack.close()
            raise RecoveryFailed(
                sentence(
                    "The scratch database %(database)s cannot be made (%(why)s): grant its account "
                    "everything on it, or name another one in RESTORE_TEST_URL.",
                    database=self.place,
                    why=error.args[-1],
                )
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _prepare(self) -> None:
        with self._server() as cursor:
            cursor.execute(
                "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata"
                " WHERE schema_name = %s", [self.schema],
            )  # fmt: skip
            row = cursor.fetchone()
            if row is not None:
                self._refuse_foreign(cursor)
                self._kept = f" CHARACTER SET {row[0]} COLLATE {row[1]}"
                cursor.execute(f"DROP DATABASE `{self.schema}`")
            cursor.execute(f"CREATE DATABASE `{self.schema}`{self._kept or ' CHARACTER SET utf8mb4'}")
            cursor.execute(f"CREATE TABLE `{self.schema}`.`{MARK}` (id INT PRIMARY KEY)")

    def _refuse_foreign(self, cursor: Any) -> None:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s", [self.schema]
        )
        names = {row[0] for row in cursor.fetchall()}
        if names and MARK not in names:
            raise RecoveryFailed(
                sentence(
                    "%(database)s exists and holds %(n)s tables that no restore test made: it is "
                    "left alone. Name an empty database in RESTORE_TEST_URL.",
                    database=self.place,
                    n=len(names),
                )
            )

    def _forget(self) -> None:
        with self._server() as cursor:
            cursor.execute(f"DROP DATABASE `{self.schema}`")
            if self._kept:
                cursor.execute(f"CREATE DATABASE `{self.schema}`{self._kept}")

    def _server(self) -> Any:
        """A cursor on the server without a schema."""
        return _Server(self.values)

    def tables(self) -> list[str]:
        link = connections[self.alias]
        return [name for name in vendors.of(link).tables(link) if name != MARK]

    def objects(self) -> dict[str, int]:
        return objects(connections[self.alias])

    def fill(self, content: Iterable[bytes]) -> None:
        """Feed the dump to the client; RecoveryFailed with its last words when it complains."""
        program = tools.find("client", self.mariadb)
        words: list[str] = []
        with tools.login(self.values) as login:
            process = tools.start(
                [program, f"--defaults-extra-file={login}", "--default-character-set=utf8mb4", self.schema],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            )  # fmt: skip
            listener = threading.Thread(target=lambda: words.extend(_lines(process.stderr)), daemon=True)
            listener.start()
            try:
                self._feed(process.stdin, content)
                listener.join(BEGIN_WAIT)
                code = process.wait()
            finally:
                tools.end(process)
        if code:
            raise BackupIsBad(
                sentence(
                    "The backup does not go into %(database)s (code %(code)s): %(said)s",
                    database=self.place,
                    code=code,
                    said=tools.last_words(words),
                )
            )

    @staticmethod
    def _feed(stdin: Any, content: Iterable[bytes]) -> None:
        try:
            for line in _statements(content):
                stdin.write(line)
            stdin.close()
        except BrokenPipeError:
            return  # the client says why


def _statements(content: Iterable[bytes]) -> Iterator[bytes]:
    """The dump without what another account may not do: who owns a trigger or a routine is not part of the test.

    A line of data begins with INSERT, and a dump spells line breaks inside of values.
    """
    rest = b""
    for piece in content:
        *lines, rest = (rest + piece).split(b"\n")
        yield from (_ownerless(line) + b"\n" for line in lines)
    yield _ownerless(rest)


def _ownerless(line: bytes) -> bytes:
    if line.startswith(b"/*M!999999"):  # MariaDB's sandbox marker, which other clients do not understand
        return b""
    return DEFINER.sub(b"", line) if line.startswith((b"/*!", b"CREATE DEFINER")) else line


class _Server:
    """A cursor of a connection without a schema, in autocommit; closed with the block."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def __enter__(self) -> Any:
        self._own = aliases.own("restore_test_server", {**self.values, "NAME": ""})
        self._cursor = self._own.__enter__().cursor()
        return self._cursor

    def __exit__(self, *error: Any) -> None:
        self._cursor.close()
        self._own.__exit__(None, None, None)


def refuse_own(values: dict[str, Any]) -> None:
    """A restore test never goes into a database that the panel works with."""
    wanted = tools.address(values)
    for alias in ("default", "legacy", "v5"):
        known = connections[alias].settings_dict
        if connections[alias].vendor == "mysql" and tools.address(known) == wanted:
            raise RecoveryFailed(
                sentence(
                    "RESTORE_TEST_URL names %(wanted)s, which is the panel's %(alias)s database: "
                    "name an empty one.",
                    wanted=wanted,
                    alias=alias,
                )
            )

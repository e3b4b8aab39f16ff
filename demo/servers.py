"""A private MariaDB and a private Redis that live as long as one command or one test session.

    python -m demo.servers run -- python manage.py demo --workers 2

starts both in a temporary folder on free ports, exports the URLs of `environment_of`, runs the
command and stops what it started, and nothing else. Needs Debian's mariadb-server and
redis-server; works as root and as an ordinary user.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

SECONDS_TO_START = 60
SECONDS_TO_STOP = 30
PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))


class ServerProblem(RuntimeError):
    """A private server cannot be started; the message says what is missing or what it last said."""


def program(*names: str) -> str:
    for name in names:
        found = shutil.which(name, path=PLACES)
        if found:
            return found
    raise ServerProblem(
        f"{names[0]} is not installed. On Debian: apt-get install mariadb-server redis-server"
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class _Server:
    """One child process that is started, killed, restarted and stopped by its own id."""

    name = "server"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def command(self) -> list[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def start(self) -> None:
        """Starts the server and waits until it answers; refuses with its last words if it ends instead."""
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C at the terminal is for the command, not for its servers
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - it only sets a flag of the new process
            )
        until = time.monotonic() + SECONDS_TO_START
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise ServerProblem(f"{self.name} did not start.\n{self.last_words()}")
            time.sleep(0.1)

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def kill(self) -> None:
        """As after a power cut: no clean shutdown."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def last_words(self) -> str:
        return (self.folder / "server.log").read_text(errors="replace")[-2000:]


def _end_with_parent() -> None:
    """Linux ends this server when whoever started it is killed, so that none is left behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class PrivateRedis(_Server):
    """A Redis without persistence, as a broker needs it."""

    name = "Redis"

    def command(self) -> list[str]:
        settings = {
            "port": self.port,
            "bind": "127.0.0.1",
            "save": "",
            "appendonly": "no",
            "dir": self.folder,
        }
        return [program("redis-server"), *(str(part) for k, v in settings.items() for part in (f"--{k}", v))]

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"


class PrivateMariaDB(_Server):
    """A MariaDB with its own data folder, socket and port, with accounts as production has them.

    `panel` owns the panel's schemas, `reader` may only SELECT, `writer` owns V5, `builder` may
    write legacy (for the demo and for tests that dirty it). `administer` runs SQL as root.
    """

    name = "MariaDB"
    accounts = ("panel", "reader", "writer", "builder")

    def __init__(self, folder: Path, *, buffer_pool: str = "256M", options: Sequence[str] = ()) -> None:
        super().__init__(folder)
        self.options = (f"--innodb-buffer-pool-size={buffer_pool}", *options)
        self.passwords = {account: secrets.token_hex(12) for account in self.accounts}
        self._as_root = ["--user=root"] if os.geteuid() == 0 else []

    @property
    def socket(self) -> str:
        return str(self.folder / "my.sock")

    def install(self) -> None:
        """Makes the data folder with its system tables and starts the server with its accounts."""
        made = subprocess.run(
            [
                program("mariadb-install-db", "mysql_install_db"),
                "--no-defaults",
                f"--datadir={self.folder / 'data'}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                *self._as_root,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise ServerProblem(f"mariadb-install-db failed.\n{(made.stdout + made.stderr)[-2000:]}")
        self.start()
        self.administer(
            *(f"CREATE USER '{a}'@'127.0.0.1' IDENTIFIED BY '{p}'" for a, p in self.passwords.items())
        )

    def command(self) -> list[str]:
        return [
            program("mariadbd", "mysqld"),
            "--no-defaults",
            f"--datadir={self.folder / 'data'}",
            f"--socket={self.socket}",
            f"--port={self.port}",
            f"--pid-file={self.folder / 'my.pid'}",
            f"--tmpdir={self.folder}",  # a server that starts deletes the temporary tables it finds in its own
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--local-infile=1",
            "--character-set-server=utf8mb4",
            "--collation-server=utf8mb4_unicode_ci",
            "--max-allowed-packet=256M",
            *self.options,
            *self._as_root,
        ]

    def answers(self) -> bool:
        import MySQLdb

        try:
            self.connect().close()
        except MySQLdb.Error:
            return False
        return True

    def connect(self, schema: str = "", **options: Any) -> Any:
        """A connection of the administrator, through the socket in the private folder."""
        import MySQLdb

        return MySQLdb.connect(
            unix_socket=self.socket, user="root", db=schema, charset="utf8mb4", autocommit=True, **options
        )

    def administer(self, *statements: str) -> None:
        link = self.connect()
        try:
            for statement in statements:
                with link.cursor() as cursor:
                    cursor.execute(statement)
        finally:
            link.close()

    def url(self, account: str, schema: str) -> str:
        return f"mysql://{account}:{self.passwords[account]}@127.0.0.1:{self.port}/{schema}"

    def create_schemas(self, prefix: str) -> dict[str, str]:
        """Makes `<prefix>_tracking`, `_legacy` and `_v5` empty, and returns their URLs by variable name."""
        tracking, legacy, v5 = (f"{prefix}_{part}" for part in ("tracking", "legacy", "v5"))
        for schema in (tracking, legacy, v5):
            self.administer(f"DROP DATABASE IF EXISTS `{schema}`", f"CREATE DATABASE `{schema}`")
        self.administer(
            f"GRANT ALL ON `{tracking}`.* TO 'panel'@'127.0.0.1'",
            f"GRANT SELECT ON `{legacy}`.* TO 'reader'@'127.0.0.1'",
            f"GRANT ALL ON `{legacy}`.* TO 'builder'@'127.0.0.1'",
            f"GRANT ALL ON `{v5}`.* TO 'writer'@'127.0.0.1'",
        )
        return {
            "DATABASE_URL": self.url("panel", tracking),
            "LEGACY_DATABASE_URL": self.url("reader", legacy),
            "LEGACY_ADMIN_URL": self.url("builder", legacy),
            "V5_DATABASE_URL": self.url("writer", v5),
        }


@contextmanager
def private_folder() -> Iterator[Path]:
    # Short on purpose: a socket's path may have about a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="boukii-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def mariadb(*, buffer_pool: str = "256M", options: Sequence[str] = ()) -> Iterator[PrivateMariaDB]:
    """A running private MariaDB; it and its data are gone afterwards."""
    with private_folder() as folder:
        server = PrivateMariaDB(folder, buffer_pool=buffer_pool, options=options)
        try:
            server.install()
            yield server
        finally:
            server.stop()


@contextmanager
def redis() -> Iterator[PrivateRedis]:
    """A running private Redis."""
    with private_folder() as folder:
        server = PrivateRedis(folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextmanager
def environment_of(*, buffer_pool: str = "256M", options: Sequence[str] = ()) -> Iterator[dict[str, str]]:
    """Both servers with empty schemas, as the variables that the settings read."""
    with ExitStack() as stack:
        database = stack.enter_context(mariadb(buffer_pool=buffer_pool, options=options))
        broker = stack.enter_context(redis())
        yield {**database.create_schemas("demo"), "CELERY_BROKER_URL": broker.url}


def run(command: Sequence[str], *, buffer_pool: str) -> int:
    """Runs `command` with both servers and returns its exit code; an interrupt still stops the servers."""

    def leave(number: int, _frame: Any) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    with environment_of(buffer_pool=buffer_pool) as urls:
        child = subprocess.Popen(command, env={**os.environ, **urls})
        try:
            return child.wait()
        except KeyboardInterrupt:
            return child.wait()  # the terminal has already told the command
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    ours, command = (
        (given[: given.index("--")], given[given.index("--") + 1 :]) if "--" in given else (given, [])
    )
    parser = argparse.ArgumentParser(
        prog="python -m demo.servers", usage="%(prog)s run [--buffer-pool SIZE] -- command …"
    )
    parser.add_argument("what", choices=["run"], help="run a command between start and stop of both servers")
    parser.add_argument("--buffer-pool", default="512M", help="InnoDB buffer pool, for example 1G")
    options = parser.parse_args(ours)
    if not command:
        parser.error("give the command to run after --")
    try:
        return run(command, buffer_pool=options.buffer_pool)
    except ServerProblem as problem:
        print(problem, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

"""The server's own programmes: how they are found, and how they get the password without a command line.

The password stands in an option file that only this account can read, and is gone as soon as the programme spoke.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from entities.recovery.errors import RecoveryFailed
from tracking.sentences import sentence

PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/bin", "/usr/local/bin", "/usr/local/mysql/bin"))
NAMES = {
    ("dump", True): ("mariadb-dump", "mysqldump"), ("dump", False): ("mysqldump", "mariadb-dump"),
    ("client", True): ("mariadb", "mysql"), ("client", False): ("mysql", "mariadb"),
    ("log", True): ("mariadb-binlog", "mysqlbinlog"), ("log", False): ("mysqlbinlog", "mariadb-binlog"),
}  # fmt: skip
WORDS_KEPT = 1000
PREFIX, LEFT_AFTER = "boukii-login-", 3600  # seconds


def find(kind: str, mariadb: bool) -> str:
    """The programme for a server of this family; RecoveryFailed where this machine has none."""
    for name in NAMES[(kind, mariadb)]:
        if found := shutil.which(name, path=PLACES):
            return found
    wanted = NAMES[(kind, mariadb)][0]
    package = "mariadb-client" if mariadb else "the MySQL client"
    raise RecoveryFailed(
        sentence(
            "%(wanted)s is not installed where this worker runs: install %(package)s there.",
            wanted=wanted,
            package=package,
        )
    )


@cache
def is_mariadbs(program: str) -> bool:
    """Whether the programme comes from MariaDB, whatever it is called."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=30)
    return "MariaDB" in said.stdout


def dump_options(program: str, schema: str) -> list[str]:
    """One consistent moment, everything that belongs to the schema, and nothing that needs more privileges."""
    own = [] if is_mariadbs(program) else ["--set-gtid-purged=OFF", "--column-statistics=0"]
    return [
        "--single-transaction", "--skip-lock-tables", "--quick", "--routines", "--triggers", "--hex-blob",
        "--default-character-set=utf8mb4", "--no-tablespaces", "--verbose", *own, schema,
    ]  # fmt: skip


@contextmanager
def login(values: dict[str, Any]) -> Iterator[Path]:
    """An option file with account and address, in a folder of its own; both are gone afterwards."""
    _forget_old()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))  # 0700
    try:
        path = folder / "login.cnf"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(_options(values))
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _forget_old() -> None:
    """Remove what a worker left that was killed before its programme spoke."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            found = left.stat()
            if found.st_uid == os.getuid() and time.time() - found.st_mtime > LEFT_AFTER:
                shutil.rmtree(left, ignore_errors=True)


def _options(values: dict[str, Any]) -> str:
    given = values.get("OPTIONS", {})
    host = str(values.get("HOST") or "")
    wanted: dict[str, Any] = {"user": values.get("USER"), "password": values.get("PASSWORD")}
    if host.startswith("/") or given.get("unix_socket"):
        wanted["socket"] = given.get("unix_socket") or host
    else:
        wanted |= {"host": host, "port": values.get("PORT") or 3306}
    wanted |= {
        f"ssl-{name}": value for name, value in (given.get("ssl") or {}).items() if isinstance(value, str)
    }
    lines = [f"{name}={_quoted(str(value))}" for name, value in wanted.items() if value]
    return "\n".join(["[client]", *lines, ""])


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def start(command: Sequence[str], **streams: Any) -> subprocess.Popen[bytes]:
    """Start a programme with an environment of its own: no home folder whose option file could interfere."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    return subprocess.Popen(list(command), env={**kept, "TZ": "UTC"}, **streams)


def end(process: subprocess.Popen[bytes]) -> None:
    """Make sure that it no longer runs."""
    if process.poll() is None:
        process.kill()
    process.wait()


def last_words(lines: Sequence[str]) -> str:
    """What the programme complained about, short."""
    return " ".join(line.strip() for line in lines if line.strip())[-WORDS_KEPT:] or "it did not say why"


def address(values: dict[str, Any]) -> str:
    """Server and schema without the account."""
    return f"{values.get('HOST') or 'localhost'}:{values.get('PORT') or 3306}/{values['NAME']}"

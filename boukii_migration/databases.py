"""From a database URL to Django's connection settings, the same for every place that needs them.

`connection("legacy", url)` promises a connection that cannot write: a SQLite file is opened
read-only, a MySQL session starts only read-only transactions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import environ

ALIASES = ("default", "legacy", "v5")

STRICT_MODE = (
    "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
    "NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO"
)
# Every session speaks UTC, so that a TIMESTAMP column reads the same on both sides of the migration.
WRITABLE_SESSION = f"SET SESSION sql_mode='{STRICT_MODE}', time_zone='+00:00'"
READ_ONLY_SESSION = "SET SESSION TRANSACTION READ ONLY; SET SESSION time_zone='+00:00'"
SQLITE_WRITABLE = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=30000; PRAGMA foreign_keys=ON"
)
SQLITE_READ_ONLY = "PRAGMA query_only=ON; PRAGMA busy_timeout=30000"
SECONDS_TO_WAIT_FOR_A_LOCK = 30
SECONDS_TO_CONNECT = 10


def connection(alias: str, url: str) -> dict[str, Any]:
    """Django's settings dictionary of `alias` for `url` (already checked by `environment`)."""
    parsed = environ.Env.db_url_config(url)
    if "sqlite" in parsed["ENGINE"]:
        return _sqlite(alias, parsed)
    return _mysql(alias, parsed)


def _sqlite(alias: str, parsed: dict[str, Any]) -> dict[str, Any]:
    path = Path(parsed["NAME"])
    options: dict[str, Any] = {"timeout": SECONDS_TO_WAIT_FOR_A_LOCK}
    if alias == "legacy":
        # mode=ro also refuses to create the file, so that a wrong path is an error and not an empty database.
        name: str | Path = f"file:{quote(str(path.absolute()))}?mode=ro"
        options["init_command"] = SQLITE_READ_ONLY
    else:
        name = path
        # IMMEDIATE takes the write lock at BEGIN: two workers wait for each other instead of failing later.
        options |= {"transaction_mode": "IMMEDIATE", "init_command": SQLITE_WRITABLE}
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": options, "TIME_ZONE": None}


def _mysql(alias: str, parsed: dict[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {
        "charset": "utf8mb4",
        "connect_timeout": SECONDS_TO_CONNECT,
        **parsed.get("OPTIONS", {}),
    }
    if alias == "legacy":
        options |= {"init_command": READ_ONLY_SESSION, "isolation_level": "repeatable read"}
    else:
        options |= {"init_command": WRITABLE_SESSION, "isolation_level": "read committed"}
    if alias == "v5":
        options["local_infile"] = 1
    parsed |= {
        "ENGINE": "django.db.backends.mysql",
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "TIME_ZONE": None,
    }
    return parsed


def target(url: str) -> tuple[str, str, str, str]:
    """What a URL points at, without the account: engine, host, port, database."""
    parsed = environ.Env.db_url_config(url)
    host = str(parsed.get("HOST") or "").lower()
    return (
        parsed["ENGINE"],
        "127.0.0.1" if host == "localhost" else host,
        str(parsed.get("PORT") or ("" if "sqlite" in parsed["ENGINE"] else 3306)),
        str(parsed["NAME"]),
    )

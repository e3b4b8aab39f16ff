"""The environment variables of the project: one table, read once, refused by name.

Every variable has a default for the embedded mode (three SQLite files and a broker made of
files under `var/`). `BOUKII_ENV=production` takes the defaults away: a variable that is not
optional must then be set.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
DATABASE_SCHEMES = ("sqlite", "mysql")
BROKER_SCHEMES = ("filesystem", "redis", "rediss", "memory")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class Malformed(ValueError):
    """The text of a variable cannot be used; the message never repeats the text, it may hold a password."""


@dataclass(frozen=True)
class Variable:
    """One environment variable: `default` counts outside production, `optional` ones may stay empty there."""

    name: str
    read: Callable[[str], Any]
    default: str
    example: str
    meaning: str
    optional: bool = False


def text(raw: str) -> str:
    return raw


def filled(raw: str) -> str:
    if not raw.strip():
        raise Malformed("it is empty")
    return raw


def boolean(raw: str) -> bool:
    word = raw.strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise Malformed("it is neither true nor false")


def positive_integer(raw: str) -> int:
    if not raw.strip().isdigit() or int(raw) == 0:
        raise Malformed("it is not a whole number above zero")
    return int(raw)


def words(raw: str) -> list[str]:
    return [word.strip() for word in raw.split(",") if word.strip()]


def one_of(*allowed: str) -> Callable[[str], str]:
    def read(raw: str) -> str:
        if raw not in allowed:
            raise Malformed(f"it is none of {', '.join(allowed)}")
        return raw

    return read


def database_url(raw: str) -> str:
    """`sqlite:////absolute/file` or `mysql://user:password@host:port/schema`."""
    try:
        parts = urlsplit(raw.strip())
        port = parts.port
    except ValueError:
        raise Malformed("it is not a database URL, or its port is not a number") from None
    if parts.scheme not in DATABASE_SCHEMES:
        raise Malformed(f"its scheme is none of {', '.join(DATABASE_SCHEMES)}")
    if not parts.path.strip("/"):
        raise Malformed("it names no database")
    if parts.scheme == "mysql" and not parts.hostname and "unix_socket=" not in parts.query:
        raise Malformed("it names no host")
    if parts.scheme == "sqlite" and (parts.netloc or port):
        raise Malformed(
            "a SQLite URL has three slashes before a relative path and four before an absolute one"
        )
    return raw.strip()


def broker_url(raw: str) -> str:
    """`redis://host:port/0`, or `filesystem:///absolute/folder` for a broker that needs no server."""
    try:
        parts = urlsplit(raw.strip())
        _ = parts.port
    except ValueError:
        raise Malformed("it is not a broker URL, or its port is not a number") from None
    if parts.scheme not in BROKER_SCHEMES:
        raise Malformed(f"its scheme is none of {', '.join(BROKER_SCHEMES)}")
    if parts.scheme.startswith("redis") and not parts.hostname:
        raise Malformed("it names no host")
    if parts.scheme == "filesystem" and not parts.path.strip("/"):
        raise Malformed("it names no folder")
    return raw.strip()


def web_address(raw: str) -> str:
    """Empty, or an http(s) address without credentials."""
    if raw and ("@" in raw or not raw.startswith(("http://", "https://"))):
        raise Malformed("it is no http or https address without credentials")
    return raw.rstrip("/")


def folder(raw: str) -> Path:
    return BASE_DIR / filled(raw)


def url_prefix(raw: str) -> str:
    if not raw.endswith("/"):
        raise Malformed("it does not end with a slash")
    return raw


VARIABLES: tuple[Variable, ...] = (
    Variable(
        "BOUKII_ENV",
        one_of("embedded", "production"),
        "embedded",
        "production",
        "`embedded` gives every variable a default; `production` makes every variable that is not "
        "optional mandatory and turns secure cookies on.",
        optional=True,
    ),
    Variable(
        "SECRET_KEY",
        filled,
        "embedded-default-not-for-production",
        "a-long-random-text",
        "Django's secret: signs sessions and forms. Keep it out of the repository.",
    ),
    Variable(
        "DEBUG",
        boolean,
        "false",
        "false",
        "Django's debug pages. Keeps every SQL statement in memory, so never switch it on for a worker.",
    ),
    Variable(
        "ALLOWED_HOSTS",
        words,
        "localhost,127.0.0.1,[::1]",
        "panel.example.org",
        "Host names under which the panel may be called, separated by commas.",
    ),
    Variable(
        "CSRF_TRUSTED_ORIGINS",
        words,
        "",
        "https://panel.example.org",
        "Origins that may send forms when the panel stands behind a proxy, separated by commas.",
        optional=True,
    ),
    Variable(
        "DATABASE_URL",
        database_url,
        f"sqlite:///{VAR_DIR / 'tracking.sqlite3'}",
        "mysql://panel:secret@db.example.org:3306/boukii_tracking",
        "Database of the panel: people, runs, issues, approvals, audit.",
    ),
    Variable(
        "LEGACY_DATABASE_URL",
        database_url,
        f"sqlite:///{VAR_DIR / 'legacy.sqlite3'}",
        "mysql://reader:secret@db.example.org:3306/boukii_legacy",
        "Legacy database. Give it an account that has SELECT only: it is read and never written.",
    ),
    Variable(
        "V5_DATABASE_URL",
        database_url,
        f"sqlite:///{VAR_DIR / 'v5.sqlite3'}",
        "mysql://writer:secret@db.example.org:3306/boukii_v5",
        "Target database. Needs SELECT, INSERT, UPDATE, DELETE, and CREATE, ALTER, DROP for `prepare_v5`.",
    ),
    Variable(
        "LEGACY_ADMIN_URL",
        database_url,
        "",
        "mysql://builder:secret@127.0.0.1:3306/demo_legacy",
        "Writable account for the legacy database of a demo. Only `create_demo` uses it.",
        optional=True,
    ),
    Variable(
        "CELERY_BROKER_URL",
        broker_url,
        f"filesystem://{VAR_DIR / 'broker'}",
        "redis://queue.example.org:6379/0",
        "Queue between the panel and the workers.",
    ),
    Variable(
        "CELERY_VISIBILITY_TIMEOUT",
        positive_integer,
        "3600",
        "3600",
        "Seconds after which Redis hands an unacknowledged task to another worker. Longer than any one task.",
    ),
    Variable(
        "LOG_LEVEL",
        one_of(*LOG_LEVELS),
        "INFO",
        "INFO",
        f"Lowest level that is logged: {', '.join(LOG_LEVELS)}.",
    ),
    Variable(
        "LOG_FORMAT",
        one_of("json", "console"),
        "json",
        "json",
        "`json` writes one JSON object per line, `console` lines for a person.",
    ),
    Variable(
        "IMAGE_ROOT",
        folder,
        "var/images",
        "/srv/boukii/images",
        "Folder in which images that legacy stores inside its tables become files (GR-16).",
    ),
    Variable(
        "IMAGE_URL",
        url_prefix,
        "/images/",
        "https://static.example.org/images/",
        "Address under which V5 serves that folder; ends with a slash.",
    ),
    Variable(
        "FORECAST_ROOT",
        folder,
        "var/forecasts",
        "/srv/boukii/forecasts",
        "Folder for the forecasts of dry runs; all workers and the panel need the same one.",
    ),
    Variable(
        "BACKUP_FOLDER",
        folder,
        "var/backups",
        "/srv/boukii/backups",
        "Folder in which the panel puts the backups it takes; all workers need the same one. Not on the disk of the "
        "databases.",
        optional=True,
    ),
    Variable(
        "RESTORE_TEST_URL",
        database_url,
        "",
        "mysql://tester:secret@spare.example.org:3306/boukii_restore_test",
        "Scratch database into which a backup is restored to prove that it can be; made and emptied by the test. "
        "Without it: beside V5, under its name with `_restore_test`.",
        optional=True,
    ),
    Variable(
        "HOOK_STOP_V5",
        text,
        "",
        "/srv/boukii/stop-v5",
        "Command of a runbook that stops the V5 application; gets the wave's name. Without it a person does it.",
        optional=True,
    ),
    Variable(
        "HOOK_START_LEGACY",
        text,
        "",
        "/srv/boukii/start-legacy",
        "Command of a runbook that starts the legacy application; gets the wave's name. Without it a person does it.",
        optional=True,
    ),
    Variable(
        "HOOK_ROUTE_BACK",
        text,
        "",
        "/srv/boukii/route-back",
        "Command of a runbook that routes the users back to legacy; gets the wave's name. Without it a person does it.",
        optional=True,
    ),
    Variable(
        "V5_COUNTRIES",
        text,
        "",
        "/srv/boukii/countries.json",
        'JSON file with V5\'s number of each country by ISO code: `{"CH": 41}`. '
        "Without it people's countries stay empty, flagged.",
        optional=True,
    ),
    Variable(
        "STAGING_URL",
        web_address,
        "",
        "https://staging.example.org",
        "Address of a staging copy of the V5 application, for probes (GET without credentials). Empty: by hand only.",
        optional=True,
    ),
    Variable(
        "LEGACY_APP_KEY",
        text,
        "",
        "base64:…",
        "Application key of the legacy platform, needed to read the fields it encrypted (Q-04).",
        optional=True,
    ),
    Variable(
        "V5_APP_KEY",
        text,
        "",
        "base64:…",
        "Application key of V5, needed to write those fields again (Q-04).",
        optional=True,
    ),
)


VARIABLES += tuple(
    Variable(name, positive_integer, default, default, meaning, optional=True)
    for name, default, meaning in (
        (
            "ALERT_ERROR_PERCENT",
            "5",
            "Failed records, in per cent of those looked at, above which a run raises an alert.",
        ),
        (
            "ALERT_MINIMUM_PACE",
            "5",
            "Records per second below which a run that moves records raises an alert.",
        ),
        (
            "ALERT_MAXIMUM_HOURS",
            "12",
            "Hours that one run may take; expected to take longer, it raises an alert.",
        ),
        (
            "ALERT_MEMORY_PERCENT",
            "90",
            "Memory in use on a worker's machine, in per cent, above which there is an alert.",
        ),
        (
            "CHECK_TIMEOUT",
            "300",
            "Seconds that one statement of a check may take; a check that hangs turns red.",
        ),
        (
            "RECHECK_HOURS",
            "24",
            "Hours after which the checks of a signed phase run again by themselves: a changed V5 row voids the signature.",
        ),
        (
            "ALERT_BACKUP_HOURS",
            "24",
            "Hours that the latest backup of V5 may be old while a production wave moves records.",
        ),
    )
)


def load(source: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Every variable's value, from `source` or from the process and a `.env` file beside `manage.py`.

    Raises ImproperlyConfigured with the name of the first variable that is missing or malformed
    and an example of a good value; the bad value itself is never shown.
    """
    if source is None:
        environ.Env.read_env(BASE_DIR / ".env")
        source = os.environ
    production = source.get("BOUKII_ENV", "embedded") == "production"
    return {variable.name: _value(variable, source, production) for variable in VARIABLES}


def _value(variable: Variable, source: Mapping[str, str], production: bool) -> Any:
    raw = source.get(variable.name, "")
    if raw == "":
        if production and not variable.optional:
            raise ImproperlyConfigured(
                f"{variable.name} is not set, and BOUKII_ENV=production has no defaults. "
                f"Example: {variable.name}={variable.example}"
            )
        raw = variable.default
    if raw == "" and variable.optional:
        return [] if variable.read is words else ""
    try:
        return variable.read(raw)
    except Malformed as fault:
        raise ImproperlyConfigured(
            f"{variable.name} is malformed: {fault}. Example: {variable.name}={variable.example}"
        ) from None

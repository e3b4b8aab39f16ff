"""The forecast database of a dry run: the same load, into a SQLite copy of the V5 tables instead of V5.

Later phases of the same dry run read V5 and the forecast together, so that a dry run of phases 2 to 4 on an
empty V5 forecasts the same dispositions and reasons as the real run (R-95). V5 is never written.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections

from entities.engine import schema
from entities.engine.lineage import LegacyArchive, LegacyIdMapping
from entities.engine.schema import LiveColumn

PREFIX = "forecast_"


def alias_of(name: str) -> str:
    """The database alias of a forecast; the database is opened on first use and created when it is missing."""
    alias = PREFIX + re.sub(r"\W", "_", name)
    if alias not in connections.settings:
        connections.settings[alias] = _configuration(path_of(name))
    if not schema.live(alias).tables:
        _create_tables(alias)
        schema.forget(alias)
    return alias


def path_of(name: str) -> Path:
    folder = Path(settings.FORECAST_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)}.sqlite3"


def discard(name: str) -> None:
    """Close and delete a forecast: its figures are in the tallies of its runs."""
    alias = PREFIX + re.sub(r"\W", "_", name)
    if alias in connections.settings:
        connections[alias].close()
    schema.forget(alias)
    for suffix in ("", "-wal", "-shm"):
        path_of(name).with_name(path_of(name).name + suffix).unlink(missing_ok=True)


def _configuration(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "ATOMIC_REQUESTS": False,
        "AUTOCOMMIT": True,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": False,
        "TIME_ZONE": None,
        "USER": "", "PASSWORD": "", "HOST": "", "PORT": "",
        "TEST": {"CHARSET": None, "COLLATION": None, "MIGRATE": False, "MIRROR": None, "NAME": None},
        "OPTIONS": {
            "timeout": 60,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
        },
    }  # fmt: skip


def _create_tables(alias: str) -> None:
    v5 = schema.live("v5")
    with connections[alias].cursor() as cursor:
        for model in apps.get_app_config("entities").get_models():
            table = model._meta.db_table
            if getattr(model, "database", "") == "v5" and table in v5.tables:
                columns = ", ".join(_column(column) for column in v5.columns(table).values())
                cursor.execute(f'CREATE TABLE IF NOT EXISTS "{table}" ({columns})')
        for statement in _indexes():
            cursor.execute(statement)


def _column(column: LiveColumn) -> str:
    if column.name == "id":
        return '"id" INTEGER PRIMARY KEY'
    declared = column.type if column.type != "enum" else "varchar"
    arguments = f"({column.arguments})" if column.arguments and column.type != "enum" else ""
    return f'"{column.name}" {declared}{arguments}'


def _indexes() -> list[str]:
    map_table, archive = LegacyIdMapping._meta.db_table, LegacyArchive._meta.db_table
    return [
        f"CREATE UNIQUE INDEX IF NOT EXISTS one_entry_per_part ON {map_table} (entity_type, legacy_id, part)",
        f"CREATE INDEX IF NOT EXISTS entry_of_target ON {map_table} (v5_table, v5_id)",
        f"CREATE INDEX IF NOT EXISTS archived_row ON {archive} (legacy_table, legacy_id)",
    ]

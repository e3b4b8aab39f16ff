"""SQLite: most of what a server can get wrong does not exist."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from django.db import DatabaseError

from tracking.sentences import sentence

OLDEST = (3, 35)


def version(connection: Any) -> tuple[str, bool]:
    """Product and version of the library, and whether that is new enough."""
    import sqlite3

    return f"SQLite {sqlite3.sqlite_version}", sqlite3.sqlite_version_info[:2] >= OLDEST


def missing_privileges(connection: Any) -> list[str]:
    """SQLite has no accounts: file and folder must be writable for this process."""
    file = os.path.abspath(str(connection.settings_dict["NAME"]))
    places = [place for place in (file, os.path.dirname(file)) if not os.access(place, os.W_OK)]
    return [f"write access to {os.path.basename(place)}" for place in places]


def write_privileges(connection: Any) -> list[str]:
    """SQLite has no accounts: the file must be opened read-only instead."""
    opened = str(connection.settings_dict["NAME"])
    return [] if "mode=ro" in opened else ["the file is not opened with mode=ro"]


def refuses_writing(error: DatabaseError) -> bool:
    """Did SQLite refuse because nothing may be written, and for no other reason?"""
    return "readonly" in str(error)


def is_read_only_session(connection: Any) -> bool:
    return _pragma(connection, "query_only") == 1


def strictness(connection: Any) -> list[str]:
    """SQLite never refuses a value by type; the engine's own validation does."""
    return []


def switched_off(connection: Any) -> list[str]:
    return [] if _pragma(connection, "foreign_keys") == 1 else ["foreign_keys is off"]


def binary_log(connection: Any) -> str:
    """No log to restore from, and none expected: a copy of the file is the backup."""
    return ""


def other_engines(connection: Any, tables: Iterable[str]) -> list[str]:
    return []


def bulk_load(connection: Any) -> str:
    return sentence("SQLite loads with prepared INSERTs")


def data_folder(connection: Any) -> str | None:
    return os.path.dirname(os.path.abspath(str(connection.settings_dict["NAME"])))


def days_between(first: str, last: str) -> str:
    return f"(JULIANDAY({last}) - JULIANDAY({first}))"


def _pragma(connection: Any, name: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        return cursor.fetchone()[0]

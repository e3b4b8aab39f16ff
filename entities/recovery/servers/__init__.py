"""What differs between MySQL/MariaDB and SQLite when a database is copied and put back.

snapshot(alias)                      a moment of the database: read by its `alias`, written out by `dump`
Scratch(...)                         a scratch database that is filled from such a file, and gone afterwards
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from django.db import connections

from boukii_migration import databases
from entities.recovery.errors import RecoveryFailed
from entities.recovery.servers import mysql, sqlite
from tracking.sentences import sentence

Step = Callable[[int, int], None]


class Snapshot(Protocol):
    """`alias` reads the database as it was at one moment; `facts` is what the server said of that moment."""

    alias: str
    facts: dict[str, Any]
    ending: str
    method: str

    def tables(self) -> list[str]: ...
    def needed(self) -> int: ...
    def dump(self, feed: Callable[[bytes], None], step: Step, spare: Path) -> None: ...


def snapshot(alias: str) -> AbstractContextManager[Snapshot]:
    """One moment of the database behind `alias`. Writers are held up for less than a second, or not at all."""
    found: AbstractContextManager[Snapshot] = _of(connections[alias]).Snapshot(alias)
    return found


def scratch(database: str, url: str, name: str) -> AbstractContextManager[Any]:
    """A scratch database for a backup of `database`: at `url` when it is given, else beside it.

    It has `alias`, `place` and `fill(pieces)`. Refuses a database that holds anything that no restore test put there.
    """
    made: AbstractContextManager[Any]
    if url:
        module = sqlite if url.startswith("sqlite:") else mysql
        made = module.Scratch(databases.connection("v5", url), name)
    else:
        module = _of(connections[database])
        made = module.Scratch(module.beside(connections[database].settings_dict), name)
    return made


def restores(method: str, url: str, database: str) -> None:
    """Refuse to put a backup into a database of the other kind."""
    vendor = "sqlite" if url.startswith("sqlite:") else "mysql" if url else connections[database].vendor
    if (method == sqlite.Snapshot.method) != (vendor == "sqlite"):
        raise RecoveryFailed(
            sentence(
                "A backup by %(method)s cannot be restored into %(server)s: correct RESTORE_TEST_URL.",
                method=method,
                server=vendor,
            )
        )


def _of(connection: Any) -> Any:
    return {"mysql": mysql, "sqlite": sqlite}[connection.vendor]

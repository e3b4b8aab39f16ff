"""Facts about a server that differ between MySQL/MariaDB and SQLite."""

from __future__ import annotations

from typing import Any

from entities.preflight.servers import mysql, sqlite


def of(connection: Any) -> Any:
    """The module for a Django connection; both offer the same functions."""
    return {"mysql": mysql, "sqlite": sqlite}[connection.vendor]

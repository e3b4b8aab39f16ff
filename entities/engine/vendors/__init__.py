"""What differs between MySQL/MariaDB and SQLite, one small module per vendor with the same functions."""

from __future__ import annotations

from typing import Any

from entities.engine.vendors import mysql, sqlite


def of(connection: Any) -> Any:
    """The vendor module for a Django connection; refuses vendors that were never tried."""
    modules = {"mysql": mysql, "sqlite": sqlite}
    if connection.vendor not in modules:
        raise NotImplementedError(
            f"database vendor {connection.vendor!r} is not supported: use MySQL or SQLite"
        )
    return modules[connection.vendor]

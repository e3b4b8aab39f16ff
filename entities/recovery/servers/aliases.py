"""Connections of a backup's own: beside those that the panel works with, and gone with the backup."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

from entities.engine import schema


@contextmanager
def own(alias: str, values: dict[str, Any], **options: Any) -> Iterator[Any]:
    """A Django connection under an alias of its own with the given settings and options."""
    given = copy.deepcopy(values)
    given["CONN_MAX_AGE"], given["OPTIONS"] = 0, {**given.get("OPTIONS", {}), **options}
    forget(alias)
    connections.databases[alias] = _full(given)
    try:
        yield connections[alias]
    finally:
        forget(alias)


def _full(values: dict[str, Any]) -> dict[str, Any]:
    configured: dict[str, Any] = connections.configure_settings({"default": values})["default"]
    return configured


def forget(alias: str) -> None:
    """Close and drop an alias, and what is known of its schema."""
    if hasattr(connections._connections, alias):  # type: ignore[attr-defined]
        connections[alias].close()
        del connections[alias]
    connections.databases.pop(alias, None)
    schema.forget(alias)

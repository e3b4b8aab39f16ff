"""System checks of the wiring. Whether two addresses lead to one server is asked by `preflight` (GR-01)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from boukii_migration import databases


def databases_are_different(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Refuses a configuration in which legacy is also a database that gets written."""
    panel = databases.target(settings.DATABASE_URL)
    legacy = databases.target(settings.LEGACY_DATABASE_URL)
    v5 = databases.target(settings.V5_DATABASE_URL)
    found: list[CheckMessage] = []
    if legacy == v5:
        found.append(
            Error(
                "LEGACY_DATABASE_URL and V5_DATABASE_URL point at the same database.",
                hint="The legacy database is never written. Point V5_DATABASE_URL at the V5 database.",
                id="boukii.E001",
            )
        )
    if panel == legacy:
        found.append(
            Error(
                "DATABASE_URL and LEGACY_DATABASE_URL point at the same database.",
                hint="The panel writes into DATABASE_URL. Give it a database of its own.",
                id="boukii.E002",
            )
        )
    if panel == v5:
        found.append(
            Warning(
                "DATABASE_URL and V5_DATABASE_URL point at the same database.",
                hint="Restoring a backup of V5 would also take back the record of the migration. "
                "Give the panel a database of its own.",
                id="boukii.W001",
            )
        )
    return found

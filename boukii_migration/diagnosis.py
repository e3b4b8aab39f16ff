"""Which database cannot be reached, in words that name the variable to correct."""

from __future__ import annotations

from django.db import connections
from django.db.utils import DatabaseError

from boukii_migration.logging import redact_text

VARIABLE_OF = {"default": "DATABASE_URL", "legacy": "LEGACY_DATABASE_URL", "v5": "V5_DATABASE_URL"}


def unreachable() -> list[str]:
    """One sentence per database that refuses a connection; empty if all three can be reached."""
    return [sentence for alias in VARIABLE_OF if (sentence := _refusal(alias))]


def _refusal(alias: str) -> str:
    try:
        connections[alias].ensure_connection()
    except DatabaseError as error:
        reason = redact_text(" ".join(str(part) for part in error.args))
        settings = connections[alias].settings_dict
        place = ":".join(str(part) for part in (settings["HOST"], settings["PORT"]) if part)
        where = f"{place}/{settings['NAME']}" if place else str(settings["NAME"])
        return f"{VARIABLE_OF[alias]} leads to {where}, which cannot be reached: {reason}"
    return ""

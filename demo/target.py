"""The rows a V5 database holds before any migration: part of the lookups, and the roles."""

from __future__ import annotations

from demo.database import Database
from demo.dictionary import Table

STAMP = "2025-08-01 06:00:00"
LANGUAGES = [("English", "en"), ("French", "fr"), ("German", "de"), ("Italian", "it"), ("Spanish", "es")]
SPORT_TYPES = ["Hiver", "Été", "Autres"]
SPORTS = [("Ski", 1), ("Snowboard", 1), ("Telemark", 1)]
ROLES = ["superadmin", "admin", "manager", "viewer", "monitor", "client"]


def seed_target(database: Database, tables: dict[str, Table]) -> None:
    """Ids start at 101, so that nothing works by the accident of equal ids (GR-05)."""
    stamps = (STAMP, STAMP)
    database.insert(
        "languages",
        ("id", "name", "code", "created_at", "updated_at"),
        [(101 + place, name, code, *stamps) for place, (name, code) in enumerate(LANGUAGES)],
    )
    database.insert(
        "sport_types",
        ("id", "name", "created_at", "updated_at"),
        [(101 + place, name, *stamps) for place, name in enumerate(SPORT_TYPES)],
    )
    sport_columns = [name for name in tables["sports"].column_names if name not in ("old_id", "deleted_at")]
    known = {"created_at": STAMP, "updated_at": STAMP}
    database.insert(
        "sports",
        sport_columns,
        [
            [
                {"id": 101 + place, "name": name, "sport_type": 100 + kind, **known}.get(
                    column, f"https://assets.boukii.example/{name.lower()}-{column}.png"
                )
                for column in sport_columns
            ]
            for place, (name, kind) in enumerate(SPORTS)
        ],
    )
    database.insert(
        "roles",
        ("id", "name", "guard_name", "created_at", "updated_at"),
        [(1 + place, name, "web", *stamps) for place, name in enumerate(ROLES)],
    )

"""The memory of the preparation: `legacy_preparation_steps` in V5, one row per step that was applied.

A row is written before its statement and dated after it. Data definition commits by itself on MySQL, so a
crash in between leaves an undated row and never a change that `--undo` does not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connections

from entities.engine import schema
from entities.preparation import servers
from entities.preparation.tables import STEPS


@dataclass(frozen=True)
class Recorded:
    name: str
    memo: str
    applied_at: str | None


def exists() -> bool:
    return STEPS.name in schema.live("v5").tables


def create() -> None:
    if exists():
        return
    with connections["v5"].cursor() as cursor:
        for statement in servers.of(connections["v5"]).create_table(STEPS):
            cursor.execute(statement)
    schema.forget("v5")


def drop() -> None:
    with connections["v5"].cursor() as cursor:
        for statement in servers.of(connections["v5"]).drop_table(STEPS.name):
            cursor.execute(statement)
    schema.forget("v5")


def all_steps() -> list[Recorded]:
    """Every recorded step, in the order in which they were applied."""
    if not exists():
        return []
    with connections["v5"].cursor() as cursor:
        cursor.execute(f"SELECT name, memo, applied_at FROM {STEPS.name} ORDER BY id")
        return [Recorded(name, memo or "", at and str(at)) for name, memo, at in cursor.fetchall()]


def begin(name: str, memo: str) -> None:
    """Announce a step; a step that a crash left undated keeps its first memo."""
    if any(step.name == name for step in all_steps()):
        return
    with connections["v5"].cursor() as cursor:
        cursor.execute(f"INSERT INTO {STEPS.name} (name, memo) VALUES (%s, %s)", [name, memo])


def finish(name: str, now: datetime) -> None:
    with connections["v5"].cursor() as cursor:
        cursor.execute(
            f"UPDATE {STEPS.name} SET applied_at = %s WHERE name = %s", [f"{now:%Y-%m-%d %H:%M:%S}", name]
        )


def forget(name: str) -> None:
    with connections["v5"].cursor() as cursor:
        cursor.execute(f"DELETE FROM {STEPS.name} WHERE name = %s", [name])

"""Planted dirt: every kind of bad data the rules name, each recorded with what must become of it."""

from __future__ import annotations

from typing import Any

from demo.world import World


def plant(world: World) -> list[dict[str, Any]]:
    return []

"""Temporary."""
from typing import Any
class World:
    def __init__(self, sink, **options): self.sink=sink
def populate(world: World, *, dirt: bool) -> list[dict[str, Any]]:
    return []

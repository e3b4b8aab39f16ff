"""Pages that need the engine; one file per page."""

from entities.admin import lineage

__all__ = ["lineage"]

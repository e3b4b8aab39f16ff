"""Pages that need the engine; one file per page."""

from entities.admin import lineage, record

__all__ = ["lineage", "record"]

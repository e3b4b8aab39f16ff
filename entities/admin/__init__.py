"""Pages that need the engine; one file per page."""

from entities.admin import lineage, record, rollback, rollback_archive

__all__ = ["lineage", "record", "rollback", "rollback_archive"]

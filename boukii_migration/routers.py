"""Which database a model lives in: its class attribute `database`, else `default`."""

from __future__ import annotations

from typing import Any

from django.db.models import Model


class LegacyIsReadOnly(RuntimeError):
    """The legacy database is read and never written."""


def database_of(model: type[Model]) -> str:
    name = getattr(model, "database", "default")
    return name if isinstance(name, str) else "default"  # a table may have a column of that name


class DatabaseRouter:
    """Reads and writes go to the model's own database; writes to `legacy` are refused."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return database_of(model)

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        if database_of(model) == "legacy":
            raise LegacyIsReadOnly(f"{model._meta.label} is a legacy table: it is read and never written.")
        return database_of(model)

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        return database_of(type(one)) == database_of(type(other))

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Only the panel's own tables are made by migrations; V5 is prepared by `prepare_v5`."""
        if db != "default":
            return False
        model = hints.get("model")
        return model is None or (database_of(model) == "default" and model._meta.managed)

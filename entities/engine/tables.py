"""What legacy and V5 tables have in common: where they live and what may not be done to them."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models


class LegacyIsReadOnly(RuntimeError):
    """Something tried to write the legacy database, which is never written (GR-02)."""


def _refuse(action: str) -> Any:
    def refused(self: Any, *args: Any, **kwargs: Any) -> NoReturn:
        raise LegacyIsReadOnly(
            f"{action} refused: the legacy database is never written. Correct the V5 side."
        )

    refused.__name__ = action
    return refused


WRITES = ("create", "bulk_create", "update", "bulk_update", "delete", "get_or_create", "update_or_create")


class ReadOnlyQuerySet(models.QuerySet):
    """A queryset without writes; blocking them on the manager alone would leave `.filter().update()`."""


for _name in (*WRITES, "_raw_delete", "_update", "_insert"):
    setattr(ReadOnlyQuerySet, _name, _refuse(_name))


class LegacyModel(models.Model):
    """A table of the legacy database.

    `aliases` are other spellings of the table's name seen in dumps, `sensitive` the columns that are
    masked, `possible_columns` those that some dumps have and the dictionary does not promise.
    """

    database = "legacy"
    aliases: tuple[str, ...] = ()
    sensitive: frozenset[str] = frozenset()
    possible_columns: frozenset[str] = frozenset()

    objects = ReadOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        managed = False

    save = _refuse("save")
    delete = _refuse("delete")


class V5Model(models.Model):
    """A table of the V5 database.

    `conditional` columns may be absent in a real database (GR-23); `added` ones come with `prepare_v5`.
    """

    database = "v5"
    conditional: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()

    class Meta:
        abstract = True
        managed = False


class DoubleAmountField(models.FloatField):
    """Money in a floating-point column: read as a decimal of `decimal_places` (GR-13)."""

    def __init__(self, *args: Any, max_digits: int = 15, decimal_places: int = 2, **kwargs: Any) -> None:
        self.max_digits, self.decimal_places = max_digits, decimal_places
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return (
            name,
            path,
            args,
            {**kwargs, "max_digits": self.max_digits, "decimal_places": self.decimal_places},
        )

"""Is a V5 row still what a run wrote? Its declared columns, hashed as the load hashed them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.apps import apps

from entities import registry
from entities.engine import source
from entities.engine.values import to_json


class Hasher:
    """Hash of a row of one mapping, from the row as it is read."""

    def __init__(self, mapping: Any) -> None:
        from entities.engine.validate import encoding_of

        self.encoding, self.mapping = encoding_of(mapping), mapping
        columns = {field.column: index for index, field in enumerate(mapping.target._meta.concrete_fields)}
        documents = {
            field.column
            for field in mapping.target._meta.concrete_fields
            if field.get_internal_type() == "JSONField"
        }
        self._steps = [
            (columns[name], encode, name in documents)
            for name, encode in zip(self.encoding.names, self.encoding.encoders, strict=True)
        ]

    def cells(self, row: Any) -> list[str | None]:
        return [encode(_document(row[at]) if document else row[at]) for at, encode, document in self._steps]

    def __call__(self, row: Any) -> str:
        return str(self.encoding.hash(self.cells(row)))


def _document(value: Any) -> Any:
    """Servers spell documents differently; what was written is compact, keys sorted."""
    return to_json(json.loads(value)) if isinstance(value, str) and value else value


@cache
def mappings_of(table: str) -> dict[str, list[Any]]:
    """The mappings that write a table, by entity type."""
    found: dict[str, list[Any]] = {}
    for migration in registry.everything():
        for mapping in migration.mappings:
            if mapping.table == table and mapping not in found.setdefault(mapping.entity, []):
                found[mapping.entity].append(mapping)
    return found


_hashers: dict[tuple[Any, Any], Hasher] = {}


def hasher(mapping: Any) -> Hasher:
    from entities.engine import schema

    key = (mapping, id(schema.live("v5")))
    if key not in _hashers:
        _hashers[key] = Hasher(mapping)
    return _hashers[key]


def is_as_written(table: str, entity: str, row: Any, target_hash: str) -> bool:
    """Whether one of the entity's mappings gives the hash that was kept; a row without a kept hash passes."""
    if not target_hash:
        return True
    for mapping in mappings_of(table).get(entity, ()):
        try:
            if hasher(mapping)(row) == target_hash:
                return True
        except ValueError:  # a value that the load would not have written
            continue
    return False


@cache
def model_of(table: str) -> Any:
    """The V5 model of a table; None for one that the dictionary does not know as a target."""
    for model in apps.get_app_config("entities").get_models():
        if model._meta.db_table == table and getattr(model, "database", "") == "v5":
            return model
    return None


def rows(table: str, column: str, ids: Iterable[int]) -> list[Any]:
    """V5 rows of a target table whose `column` is one of `ids`."""
    reader = source.of(model_of(table), "v5")
    wanted = ", ".join(map(str, sorted(set(ids)))) or "NULL"
    return reader.query(f"t.{column} IN ({wanted})", order="")

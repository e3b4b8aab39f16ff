"""Where a value may be looked up: columns of both databases, by their index, or within bounds where they have none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connections

from entities.engine import schema, source, vendors
from entities.operations.story import model_of

MOST_FOUND = 20
MOST_READ = 20_000


@dataclass(frozen=True)
class Place:
    """A column of a table of `legacy` or `v5`, and whether what it holds tells who somebody is."""

    database: str
    table: str
    column: str
    personal: bool = False

    def __str__(self) -> str:
        return f"{self.database}.{self.table}.{self.column}"


PERSON_TABLES = (("legacy", "users"), ("v5", "users"), ("v5", "clients"), ("v5", "monitors"))
EMAILS = tuple(Place(database, table, "email", personal=True) for database, table in PERSON_TABLES)
FIRST_NAMES = tuple(Place(database, table, "first_name", personal=True) for database, table in PERSON_TABLES)
LAST_NAMES = tuple(Place(database, table, "last_name", personal=True) for database, table in PERSON_TABLES)
CODES = (Place("legacy", "vouchers", "code"), Place("v5", "vouchers", "code"))
REFERENCES = (
    Place("v5", "v5_bookings", "booking_reference"),
    Place("v5", "v5_booking_payments", "payment_reference"),
    Place("v5", "v5_booking_payments", "gateway_reference"),
    Place("legacy", "bookings2", "payrexx_reference"),
    Place("legacy", "vouchers", "payrexx_reference"),
)
TITLES = (
    Place("legacy", "schools", "name"),
    Place("legacy", "stations", "name"),
    Place("legacy", "courses2", "name"),
    Place("legacy", "course_globals", "name_global"),
)


@dataclass(frozen=True)
class Looked:
    """Rows that hold a value; `partly` when only the newest rows of the table were read, `more` when there are more."""

    place: Place
    rows: list[Any]
    partly: bool = False
    more: bool = False


def look(
    place: Place, values: Sequence[str], also: tuple[str, Sequence[str]] | None = None, most: int = MOST_FOUND
) -> Looked:
    """Rows whose column is one of `values` (and whose other column is one of `also`).

    A column that leads an index is looked up in the whole table; of another one the newest rows are read,
    so that a request never goes through a big table.
    """
    table = source.of(model_of(place.database, place.table))
    if place.column not in schema.live(place.database).columns(table.table):
        return Looked(place, [])
    quote = vendors.of(table.connection).quote
    where = _among(quote(place.column), values)
    params: list[Any] = list(values)
    if also is not None:
        where += f" AND {_among(quote(also[0]), also[1])}"
        params += also[1]
    partly, order = False, ""  # in the order of the index: sorting by id may tempt a server to scan the table
    if place.column not in leading(place.database, table.table):
        first, partly = _newest(table)
        where = f"t.id >= %s AND {where}"
        params, order = [first, *params], "t.id"
    rows = table.query(where, params, order, most + 1)
    return Looked(place, rows[:most], partly, len(rows) > most)


def _among(column: str, values: Sequence[str]) -> str:
    return f"t.{column} IN ({', '.join(['%s'] * len(values))})"


def _newest(table: source.Source) -> tuple[int, bool]:
    """The id from which the newest rows begin, and whether there are older ones."""
    name = vendors.of(table.connection).quote(table.table)
    newest = f"SELECT id FROM {name} ORDER BY id DESC LIMIT {MOST_READ}"
    with table.connection.cursor() as cursor:
        cursor.execute(f"SELECT MIN(k.id), (SELECT MIN(id) FROM {name}) FROM ({newest}) k")
        first, oldest = cursor.fetchone()
    return int(first or 0), (oldest or 0) < (first or 0)


def leading(alias: str, table: str) -> frozenset[str]:
    """The columns of a live table with which an index begins."""
    settings = connections[alias].settings_dict
    return _leading(alias, str(settings["NAME"]), str(settings.get("PORT", "")), table)


@lru_cache(maxsize=512)
def _leading(alias: str, database: str, port: str, table: str) -> frozenset[str]:
    connection = connections[alias]
    found: frozenset[str] = vendors.of(connection).leading(connection, table)
    return found

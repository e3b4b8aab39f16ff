"""Legacy and V5 tables as they are read: plain rows, the same values on both vendors."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import connections, models

from entities.engine import schema, vendors
from entities.engine.errors import Refused
from entities.engine.tables import DoubleAmountField

SECRETS = frozenset(
    {
        "password",
        "payrexx_instance",
        "payrexx_key",
        "payrexx_transaction",
        "iban",
        "avs",
        "bank_details",
        "number",
        "cvv",
        "recover_token",
        "remember_token",
    }
)
TEMPORAL = (models.DateField, models.TimeField, models.DateTimeField)


_answers: ContextVar[dict[Any, Any] | None] = ContextVar("answers", default=None)


@contextmanager
def asked_once() -> Iterator[None]:
    """Within it the same question has the same answer and is asked once: for a page, which reads and never writes."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def remembered(*what: Any) -> dict[Any, Any] | None:
    """What a page remembers about something, to be read and added to; None where nothing is remembered."""
    answers = _answers.get()
    return None if answers is None else answers.setdefault(what, {})


def fetched(connection: Any, sql: str, params: Sequence[Any]) -> Sequence[Any]:
    """The rows of a query."""
    answers = remembered("rows", connection.alias)
    if answers is None:
        return _fetch(connection, sql, params)
    key = (sql, tuple(params))
    if key not in answers:
        answers[key] = _fetch(connection, sql, params)
    return answers[key]


def _fetch(connection: Any, sql: str, params: Sequence[Any]) -> Sequence[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        return cursor.fetchall()


class Source:
    """How to read one table through one alias.

    Rows are namedtuples with the dictionary's columns: int, Decimal (also for money in floats), str, None;
    temporal values are ISO text as stored. A column that the live table lacks reads as None.
    """

    def __init__(self, model: Any, alias: str | None = None) -> None:
        self.model, self.alias = model, alias or model.database
        self.dictionary_name: str = model._meta.db_table
        self.fields = model._meta.concrete_fields

    @property
    def connection(self) -> Any:
        return connections[self.alias]

    @cached_property
    def table(self) -> str:
        name = schema.live(self.alias).name_of(self.model)
        if name is None:
            raise Refused(
                f"{self.alias}: table {self.dictionary_name} is missing; run preflight and prepare_v5"
            )
        return name

    @cached_property
    def row_class(self) -> Any:
        base = namedtuple("Row", [field.column for field in self.fields])  # type: ignore[misc]  # noqa: PYI024
        hidden = frozenset(field.column for field in self.fields) & SECRETS
        return type(
            base.__name__, (base,), {"__slots__": (), "_table": self.dictionary_name, "_hidden": hidden}
        )

    @cached_property
    def select(self) -> str:
        live = schema.live(self.alias).columns(self.table)
        return ", ".join(self._expression(field, field.column in live) for field in self.fields)

    def _expression(self, field: Any, present: bool) -> str:
        vendor = vendors.of(self.connection)
        if not present:
            return "NULL"
        if isinstance(field, TEMPORAL):
            return str(vendor.text_of(field.column))
        return f"t.{vendor.quote(field.column)}"

    @cached_property
    def fixes(self) -> list[tuple[int, Callable[[Any], Any]]]:
        """Conversions for columns that the driver does not give as decimals."""
        sqlite = self.connection.vendor == "sqlite"
        wanted = [
            (index, field)
            for index, field in enumerate(self.fields)
            if isinstance(field, DoubleAmountField) or (sqlite and isinstance(field, models.DecimalField))
        ]
        return [(index, _to_decimal(field.decimal_places)) for index, field in wanted]

    def query(
        self, where: str = "", params: Sequence[Any] = (), order: str = "t.id", limit: int | None = None
    ) -> list[Any]:
        """All rows that fulfil `where` (SQL under the alias `t`), in order."""
        quote = vendors.of(self.connection).quote
        sql = f"SELECT {self.select} FROM {quote(self.table)} t"
        sql += f" WHERE {where}" if where else ""
        sql += f" ORDER BY {order}" if order else ""
        sql += f" LIMIT {int(limit)}" if limit else ""
        return self.rows(fetched(self.connection, sql, params))

    def rows(self, raw: Iterable[Sequence[Any]]) -> list[Any]:
        make, fixes = self.row_class._make, self.fixes
        if not fixes:
            return [make(row) for row in raw]
        return [make(self._fixed(row, fixes)) for row in raw]

    @staticmethod
    def _fixed(row: Sequence[Any], fixes: list[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
        values = list(row)
        for index, fix in fixes:
            if values[index] is not None:
                values[index] = fix(values[index])
        return values

    def within(self, column: str, ids: Iterable[int], extra: str = "") -> list[Any]:
        """Rows whose `column` is one of `ids`, ordered by id: one query per 10,000 ids."""
        found: list[Any] = []
        quoted = f"t.{vendors.of(self.connection).quote(column)}"
        for part in chunks(sorted(set(ids))):
            condition, params = one_of(quoted, part)
            found += self.query(f"{condition} AND {extra}" if extra else condition, params)
        return found


def _to_decimal(places: int) -> Callable[[Any], Decimal]:
    quantum = Decimal(1).scaleb(-places)

    def convert(value: Any) -> Decimal:
        return Decimal(str(value)).quantize(quantum)

    return convert


def chunks(ids: Sequence[Any], size: int = 10_000) -> Iterable[Sequence[Any]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def listed(ids: Sequence[Any]) -> tuple[str, list[Any]]:
    """(SQL, parameters) of an IN list. Integers are written out: thousands of parameters keep the driver busy."""
    if all(type(one) is int for one in ids):
        return ", ".join(map(str, ids)), []
    return ", ".join(["%s"] * len(ids)), list(ids)


def one_of(column: str, ids: Sequence[Any]) -> tuple[str, list[Any]]:
    """(SQL, parameters) of the condition that a column is one of these sorted ids, each named once.

    Numbers without a gap are a range, which costs the server half of what a list does.
    """
    return _condition(column, ids, len(ids))


def near(column: str, ids: Sequence[Any]) -> tuple[str, list[Any]]:
    """The same, for those who look themselves whether a row is wanted: the range may have a few gaps."""
    return _condition(column, ids, len(ids) * 3 // 2)


def _condition(column: str, ids: Sequence[Any], widest: int) -> tuple[str, list[Any]]:
    if len(ids) > 1 and type(ids[0]) is int and type(ids[-1]) is int and ids[-1] - ids[0] < widest:
        return f"{column} BETWEEN {ids[0]} AND {ids[-1]}", []
    marks, params = listed(ids)
    return f"{column} IN ({marks})", params


_sources: dict[tuple[Any, str], Source] = {}


def of(model: Any, alias: str | None = None) -> Source:
    """The reader of a table, kept for the life of the process; `forget` when an alias points elsewhere."""
    key = (model, alias or model.database)
    if key not in _sources:
        _sources[key] = Source(*key)
    return _sources[key]


def forget() -> None:
    _sources.clear()
    schema.forget()

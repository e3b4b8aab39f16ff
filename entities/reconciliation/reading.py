"""Reading either side for a check: plain SQL, the same values from both vendors, bounded in time."""

from __future__ import annotations

import re
import time
from collections import namedtuple
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.conf import settings
from django.db import connections

from entities.engine import source
from entities.engine.environment import Scope

LAST = 2**62
_TEXT = re.compile(r"TEXT\(([^()]*)\)")
CENT = Decimal("0.01")


class TooSlow(Exception):
    """A statement of a check took longer than CHECK_TIMEOUT."""


def money(value: Any) -> Decimal | None:
    """An amount with two places, rounded half up (R 1.5); None stays None."""
    return None if value is None else Decimal(str(value)).quantize(CENT, ROUND_HALF_UP)


def plain(value: Any) -> Any:
    """A driver's value as int, Decimal, ISO text or None."""
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value


class Reading:
    """Both sides as one check sees them, within the schools of a wave.

    SQL may hold `{keys}` (replaced by a condition on the driving key), `{scope}` (replaced by a condition on the
    school, `1 = 1` for all) and `TEXT(column)` for temporal columns, which some drivers cannot read as they are.
    Parameters are `%s`; a literal percent sign is `%%`. Legacy table names are those of the dictionary.
    """

    def __init__(self, scope: Scope | None = None, choices: Any = None, wave: Any = None) -> None:
        self.scope, self.choices, self.wave = scope or Scope(), choices, wave
        self.memory: dict[
            str, Any
        ] = {}  # what a check keeps between its steps, while it stays in this process

    def legacy(self, sql: str, params: Sequence[Any] = ()) -> list[Any]:
        return self.rows("legacy", sql, params)

    def v5(self, sql: str, params: Sequence[Any] = ()) -> list[Any]:
        return self.rows("v5", sql, params)

    def rows(self, alias: str, sql: str, params: Sequence[Any] = ()) -> list[Any]:
        """All rows of a statement as namedtuples of its column names; for ranges and groups, never whole tables."""
        connection = connections[alias]
        kind = "CHAR" if connection.vendor == "mysql" else "TEXT"
        sql = _TEXT.sub(rf"CAST(\1 AS {kind})", sql)
        with limited(connection), connection.cursor() as cursor:
            cursor.execute(sql, list(params))
            names = [column[0] for column in cursor.description]
            make = namedtuple("Row", names, rename=True)._make  # type: ignore[misc]  # noqa: PYI024
            return [make(map(plain, row)) for row in cursor.fetchall()]

    def within(self, alias: str, sql: str, ids: Iterable[Any], params: Sequence[Any] = ()) -> list[Any]:
        """Rows of a statement with `{ids}`, in portions of 10,000 ids; none for no ids."""
        found: list[Any] = []
        for some in source.chunks(sorted({one for one in ids if one is not None})):
            marks, values = source.listed(some)
            found += self.rows(alias, sql.replace("{ids}", marks), [*params, *values * sql.count("{ids}")])
        return found

    def scoped(self, school: str) -> str:
        """SQL that keeps rows whose school (an expression, a legacy id) is in the scope."""
        return self.scope.where(school) or "1 = 1"

    def entries(self, entity: str, legacy_ids: Iterable[int]) -> dict[int, list[Any]]:
        """Map entries of legacy records by legacy id: part, v5_table, v5_id, disposition, reason, school_id."""
        found: dict[int, list[Any]] = {}
        sql = ("SELECT legacy_id, part, v5_table, v5_id, disposition, reason, school_id, additional_data"
               " FROM legacy_id_mappings WHERE entity_type = %s AND legacy_id IN ({ids})")  # fmt: skip
        for row in self.within("v5", sql, legacy_ids, [entity]):
            found.setdefault(row.legacy_id, []).append(row)
        return found

    def origins(self, table: str, v5_ids: Iterable[int]) -> dict[int, list[Any]]:
        """Map entries behind V5 rows, by V5 id: entity_type, legacy_table, legacy_id, part, disposition, school_id.

        The entry that made the row (`migrated`, `split`, `synthesised`) stands before merged ones.
        """
        found: dict[int, list[Any]] = {}
        sql = ("SELECT v5_id, entity_type, legacy_table, legacy_id, part, disposition, reason, school_id,"
               " additional_data FROM legacy_id_mappings WHERE v5_table = %s AND v5_id IN ({ids})"
               " ORDER BY CASE disposition WHEN 'merged' THEN 1 ELSE 0 END, id")  # fmt: skip
        for row in self.within("v5", sql, v5_ids, [table]):
            found.setdefault(row.v5_id, []).append(row)
        return found

    def left_out(self, entity: str, *dispositions: str) -> Iterator[Any]:
        """Legacy ids with reason of an entity's entries of these dispositions (default: rejected, skipped), by key."""
        after = -LAST
        marks = ", ".join(["%s"] * len(dispositions or "ab"))
        while some := self.v5(
            "SELECT legacy_id, part, disposition, reason FROM legacy_id_mappings WHERE entity_type = %s AND legacy_id > %s"
            f" AND disposition IN ({marks}) ORDER BY legacy_id LIMIT 5000",
            [entity, after, *(dispositions or ("rejected", "skipped"))],
        ):  # fmt: skip
            yield from some
            after = some[-1].legacy_id

    def upto(self, alias: str, table: str, after: int, size: int, key: str = "id") -> int | None:
        """The key at the end of the next `size` rows; None when no row is left behind `after`."""
        sql = f"SELECT MAX({key}) AS upto FROM (SELECT {key} FROM {table} WHERE {key} > %s ORDER BY {key} LIMIT {size}) some"
        return self.rows(alias, sql, [after])[0].upto  # type: ignore[no-any-return]

    def highest(self, alias: str, table: str, key: str = "id") -> int:
        return self.rows(alias, f"SELECT MAX({key}) AS highest FROM {table}")[0].highest or 0


@contextmanager
def limited(connection: Any) -> Iterator[None]:
    """Stop a statement after CHECK_TIMEOUT seconds: a check that hangs must turn red and not wait for ever."""
    seconds = settings.CHECK_TIMEOUT
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        until = time.monotonic() + seconds
        connection.connection.set_progress_handler(lambda: time.monotonic() > until, 1_000_000)
        try:
            yield
        finally:
            connection.connection.set_progress_handler(None, 0)
        return
    # The session is the workers' own: what they load afterwards may take longer.
    if connection.mysql_is_mariadb:
        name, value = "max_statement_time", str(seconds)
    else:
        name, value = "max_execution_time", str(int(seconds * 1000))
    _set_session(connection, name, value)
    try:
        yield
    finally:
        if connection.is_usable():
            _set_session(connection, name, "DEFAULT")


def _set_session(connection: Any, name: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION {name} = {value}")

"""Technical integrity (reconciliation section 9)."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from entities.engine.schema import TEMPORAL_TYPES, TEXT_TYPES
from entities.reconciliation.check import Check, Kind, Looked, Seen, Severity
from entities.reconciliation.reading import Reading
from entities.reconciliation.tables import PerTable, with_id
from entities.rollback.references import REFERENCES

MAP_TABLES = frozenset({"legacy_id_mappings", "legacy_archive", "legacy_rollback_archive"})
LOST = "\ufffd"
SECRET_KEYS = re.compile(r'"(?:password|payrexx_transaction|iban)"\s*:\s*"[^"]|\$2[aby]\$\d\d\$', re.I)
CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
DATA_URI = re.compile(r"data:image/[a-z+.-]+;base64,", re.I)


class _Mapped(PerTable):
    """V5 tables of the map; findings carry the legacy record behind the row."""

    side = "v5"

    def tables(self, read: Reading) -> list[str]:
        rows = read.v5("SELECT v5_table FROM legacy_id_mappings WHERE v5_table IS NOT NULL GROUP BY v5_table")
        there = with_id(read, "v5")
        return sorted(
            row.v5_table for row in rows if row.v5_table in there and self.columns(read, row.v5_table)
        )

    def columns(self, read: Reading, table: str) -> list[str]:
        """The columns that the check is about; a table without one is left out."""
        raise NotImplementedError

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        counted = read.v5(
            "SELECT school_id, COUNT(DISTINCT v5_id) AS n FROM legacy_id_mappings WHERE v5_table = %s AND v5_id > %s"
            " AND v5_id <= %s GROUP BY school_id",
            [table, after, upto],
        )
        for row in counted:
            looked.examined(row.school_id, row.n)
        bad = list(self.bad(read, table, after, upto))
        origins = read.origins(table, {v5_id for v5_id, *_ in bad})
        for v5_id, column, message, value in bad:
            for one in origins.get(v5_id, ())[:1]:
                looked.find(
                    Seen(Kind.VIOLATION, one.school_id, one.entity_type, one.legacy_table, one.legacy_id, one.part, table,
                         v5_id, column, None, value, message)
                )  # fmt: skip

    def bad(self, read: Reading, table: str, after: int, upto: int) -> Iterable[tuple[int, str, str, Any]]:
        raise NotImplementedError

    @staticmethod
    def values(
        read: Reading, table: str, columns: list[str], after: int, upto: int, where: str = ""
    ) -> list[Any]:
        listed = ", ".join(columns)
        extra = f" AND ({where})" if where else ""
        return read.v5(f"SELECT id, {listed} FROM {table} WHERE id > %s AND id <= %s{extra}", [after, upto])


class Documents(_Mapped):
    id, title = "R-71", _("Documents in columns are well-formed and encoded once")
    how = _(
        "Every JSON value of our V5 rows is read: an object or a list, not a text and not single characters."
    )
    severity, phase, rule = Severity.B, 2, "R-71"

    def columns(self, read: Reading, table: str) -> list[str]:
        return _json_columns(table)

    def bad(self, read: Reading, table: str, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        columns = self.columns(read, table)
        for row in self.values(read, table, columns, after, upto):
            for column, value in zip(columns, row[1:], strict=True):
                if value is not None and (why := _document_fault(value, column)):
                    yield row.id, column, why, str(value)[:80]


def _document_fault(value: Any, column: str) -> str:
    try:
        read = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return "not a JSON document"
    if isinstance(read, str):
        return "encoded twice: the document is a text"
    if (
        isinstance(read, list)
        and len(read) > 3
        and all(isinstance(one, str) and len(one) == 1 for one in read)
    ):
        return "a list of single characters"
    if column == "discounts" and isinstance(read, list):
        days = [one.get("day") or one.get("date") for one in read if isinstance(one, dict)]
        if len(set(map(str, days))) < len(days):
            return "two discounts for one day"
    return ""


class Orphans(PerTable):
    id, title = "R-72", _("Every reference in V5 leads to a row")
    how = _("All references of the V5 dictionary, also those that the database does not enforce.")
    severity, phase, rule = Severity.B, 2, "R-72"
    side = "v5"

    def tables(self, read: Reading) -> list[str]:
        there = with_id(read, "v5")
        return sorted({table for table, _, parent in REFERENCES if table in there and parent in there})

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        columns = with_id(read, "v5")
        mine = [
            (column, parent)
            for child, column, parent in REFERENCES
            if child == table and column in columns[table] and parent in columns
        ]
        looked.examined(
            None, read.v5(f"SELECT COUNT(*) AS n FROM {table} WHERE id > %s AND id <= %s", [after, upto])[0].n
        )
        for column, parent in mine:
            bad = read.v5(
                f"SELECT c.id, c.{column} AS parent FROM {table} c LEFT JOIN {parent} p ON p.id = c.{column}"
                f" WHERE c.id > %s AND c.id <= %s AND c.{column} IS NOT NULL AND p.id IS NULL",
                [after, upto],
            )
            origins = read.origins(table, {row.id for row in bad})
            for row in bad:
                for one in origins.get(row.id, ())[:1]:
                    looked.find(
                        Seen(Kind.VIOLATION, one.school_id, one.entity_type, one.legacy_table, one.legacy_id, one.part,
                             table, row.id, column, None, row.parent, f"no such row of {parent}")
                    )  # fmt: skip


class Letters(_Mapped):
    id, title = "R-73", _("No letter was lost on the way")
    how = _("Texts in V5 with a question mark or a lost letter, where the legacy row has none.")
    severity, phase, rule = Severity.B, 2, "R-73"

    def columns(self, read: Reading, table: str) -> list[str]:
        found = with_id(read, "v5")[table]
        return [name for name, one in found.items() if one.type in TEXT_TYPES]

    def bad(self, read: Reading, table: str, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        columns = self.columns(read, table)
        suspicious = " OR ".join(f"{name} LIKE '%%?%%' OR {name} LIKE '%%{LOST}%%'" for name in columns)
        rows = self.values(read, table, columns, after, upto, suspicious)
        marks = _legacy_marks(read, table, {row.id for row in rows}) if rows else {}
        for row in rows:
            for column, value in zip(columns, row[1:], strict=True):
                if not value or not (LOST in str(value) or "?" in str(value)):
                    continue
                lost, asked = marks.get(row.id, (0, 0))
                if str(value).count(LOST) > lost or str(value).count("?") > asked:
                    yield row.id, column, "letters that the legacy row has were replaced", value


def _legacy_marks(read: Reading, table: str, ids: set[int]) -> dict[int, tuple[int, int]]:
    """(lost letters, question marks) in all texts of the legacy rows behind V5 rows; rows without one allow any."""
    origins = read.origins(table, ids)
    wanted: dict[str, set[int]] = defaultdict(set)
    for some in origins.values():
        for one in some:
            if one.legacy_table and one.legacy_id:
                wanted[one.legacy_table].add(one.legacy_id)
    counted = {name: _marks(read, name, keys) for name, keys in wanted.items()}
    found = {}
    for v5_id, some in origins.items():
        if any(one.disposition == "synthesised" for one in some):
            found[v5_id] = (0, 10**6)  # made from several rows: only lost letters tell
            continue
        pairs = [counted.get(one.legacy_table, {}).get(one.legacy_id, (0, 0)) for one in some]
        found[v5_id] = (max(one[0] for one in pairs), max(one[1] for one in pairs))
    return found


def _marks(read: Reading, table: str, ids: set[int]) -> dict[int, tuple[int, int]]:
    there = with_id(read, "legacy").get(table)
    if there is None:
        return {}
    texts = [name for name, one in there.items() if one.type in TEXT_TYPES | {"json"}]
    if not texts:
        return {}
    rows = read.within("legacy", f"SELECT id, {', '.join(texts)} FROM {table} WHERE id IN ({{ids}})", ids)
    return {
        row.id: (
            sum(str(one or "").count(LOST) for one in row[1:]),
            sum(str(one or "").count("?") for one in row[1:]),
        )
        for row in rows
    }


class _Moments(_Mapped):
    """Moments of V5 rows beside those of their legacy rows."""

    names: tuple[str, ...] = ()
    left: frozenset[str] = frozenset()  # V5 tables whose moments are made by a rule

    def columns(self, read: Reading, table: str) -> list[str]:
        if table in self.left:
            return []
        return [name for name in self.names if name in with_id(read, "v5")[table]]

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        columns = self.columns(read, table)
        entries = read.v5(
            "SELECT v5_id, entity_type, legacy_table, legacy_id, part, school_id FROM legacy_id_mappings"
            " WHERE v5_table = %s AND v5_id > %s AND v5_id <= %s AND disposition IN ('migrated', 'split')",
            [table, after, upto],
        )
        listed = ", ".join(f"TEXT({name}) AS {name}" for name in columns)
        stands = {
            row.id: row
            for row in read.v5(f"SELECT id, {listed} FROM {table} WHERE id > %s AND id <= %s", [after, upto])
        }
        merged = read.v5(
            "SELECT v5_id, legacy_table, legacy_id FROM legacy_id_mappings WHERE v5_table = %s AND v5_id > %s"
            " AND v5_id <= %s AND disposition = 'merged'",
            [table, after, upto],
        )
        sources = self.sources(read, [*entries, *merged], columns)
        others: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
        for one in merged:
            others[one.v5_id].append(sources.get((one.legacy_table, one.legacy_id), {}))
        for one in entries:
            there, came = stands.get(one.v5_id), sources.get((one.legacy_table, one.legacy_id))
            if there is None or came is None:
                continue
            looked.examined(one.school_id)
            for name in columns:
                stood = [
                    came,
                    *others[one.v5_id],
                ]  # the row stands for those that were merged into it as well
                if name in came and not any(
                    name in one and self.equal(one[name], getattr(there, name)) for one in stood
                ):
                    looked.find(
                        Seen(Kind.DIFFERS, one.school_id, one.entity_type, one.legacy_table, one.legacy_id, one.part, table,
                             one.v5_id, name, came[name], getattr(there, name))
                    )  # fmt: skip

    def sources(
        self, read: Reading, entries: list[Any], columns: list[str]
    ) -> dict[tuple[str, int], Mapping[str, Any]]:
        return _moments(read, entries, columns)

    @staticmethod
    def equal(came: Any, there: Any) -> bool:
        came, there = _moment(came), _moment(there)
        return bool(came == there)


def _moment(value: Any) -> str | None:
    """Without fractions; a zero or impossible date is none."""
    if not value or str(value).startswith("0000") or "-00" in str(value)[:10]:
        return None
    return str(value)[:19]


def _moments(
    read: Reading, entries: list[Any], columns: list[str]
) -> dict[tuple[str, int], Mapping[str, Any]]:
    wanted: dict[str, set[int]] = defaultdict(set)
    for one in entries:
        wanted[one.legacy_table].add(one.legacy_id)
    found: dict[tuple[str, int], Mapping[str, Any]] = {}
    for table, ids in wanted.items():
        there = [name for name in columns if name in with_id(read, "legacy").get(table, ())]
        if there:
            listed = ", ".join(f"TEXT({name}) AS {name}" for name in there)
            for row in read.within("legacy", f"SELECT id, {listed} FROM {table} WHERE id IN ({{ids}})", ids):
                found[(table, row.id)] = {name: getattr(row, name) for name in there}
    return found


class Written(_Moments):
    id, title = "R-74", _("When a record was made and last changed is kept")
    how = _("created_at and updated_at of every V5 row against its legacy row; empty stays empty.")
    severity, phase, rule = Severity.B, 2, "R-74"
    names = ("created_at", "updated_at")


class Deleted(_Moments):
    id, title = "R-75", _("Deleted stays deleted, alive stays alive")
    how = _("deleted_at of every V5 row against its legacy row, but for bookings and their lines.")
    severity, phase, rule = Severity.B, 2, "R-75"
    names = ("deleted_at",)

    def sources(
        self, read: Reading, entries: list[Any], columns: list[str]
    ) -> dict[tuple[str, int], Mapping[str, Any]]:
        """A date of a deleted course is deleted with it (decision "member deleted, date alive")."""
        found = super().sources(read, entries, columns)
        alive = {key[1] for key, one in found.items() if key[0] == "course_dates2" and not one["deleted_at"]}
        rows = read.within(
            "legacy",
            "SELECT d.id, TEXT(c.deleted_at) AS deleted_at FROM course_dates2 d JOIN courses2 c ON c.id = d.course2_id"
            " WHERE d.id IN ({ids}) AND c.deleted_at IS NOT NULL AND c.group_id IS NOT NULL",
            alive,
        )
        return found | {("course_dates2", row.id): {"deleted_at": row.deleted_at} for row in rows}

    left = frozenset({"bookings", "booking_users", "v5_bookings"})

    @staticmethod
    def equal(came: Any, there: Any) -> bool:
        """A mark instead of a moment (0 and 1 occur in legacy) says only whether the row is deleted."""
        if came and "-" not in str(came):
            return (there is not None) == (str(came) != "0")
        return _Moments.equal(came, there)


class Ranges(_Mapped):
    id, title = "R-76", _("Dates, prices and ages are within what can be")
    how = _(
        "Dates between 1900 and 2100, no negative prices, youngest not older than oldest, numeric coordinates."
    )
    severity, phase, rule = Severity.W, 2, "R-76"
    prices = frozenset(
        {"price", "price_total", "price_subtotal", "total_price", "base_price", "amount", "quantity"}
    )

    def columns(self, read: Reading, table: str) -> list[str]:
        found = with_id(read, "v5")[table]
        numbers = self.prices | {"age_min", "age_max", "latitude", "longitude"}
        return [
            name for name, one in found.items() if one.type in TEMPORAL_TYPES - {"time"} or name in numbers
        ]

    def bad(self, read: Reading, table: str, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        found, columns = with_id(read, "v5")[table], self.columns(read, table)
        listed = [
            f"TEXT({name}) AS {name}" if found[name].type in TEMPORAL_TYPES else name for name in columns
        ]
        for row in self.values(read, table, listed, after, upto):
            for name, value in zip(columns, row[1:], strict=True):
                if value not in (None, "") and (why := _range_fault(name, value, found[name].type)):
                    yield row.id, name, why, value
            ages = (getattr(row, "age_min", None), getattr(row, "age_max", None))
            if None not in ages and int(ages[0]) > int(ages[1]):
                yield row.id, "age_min", "youngest above oldest", ages[0]


def _range_fault(name: str, value: Any, kind: str) -> str:
    if kind in TEMPORAL_TYPES:
        return "" if "1900" <= str(value)[:4] <= "2100" else "a date that cannot be"
    if name in ("latitude", "longitude"):
        try:
            return "" if abs(float(value)) <= 180 else "no coordinate"
        except ValueError:
            return "no coordinate"
    if name in Ranges.prices:
        return "a negative price" if float(value) < 0 else ""
    return ""


class Secrets(_Mapped):
    id, title = "R-77", _("No password, card number or account number stands in a document")
    how = _("Documents of our V5 rows, the map's additional data and the archive are searched for them.")
    severity, phase, rule = Severity.B, 2, "R-77"

    def tables(self, read: Reading) -> list[str]:
        there = with_id(read, "v5")
        return [*super().tables(read), *sorted(MAP_TABLES & there.keys())]

    def columns(self, read: Reading, table: str) -> list[str]:
        if table in MAP_TABLES:
            return ["additional_data"] if table == "legacy_id_mappings" else ["payload"]
        return _json_columns(table)

    def slice(self, read: Reading, table: str, after: int, upto: int, looked: Looked) -> None:
        if table not in MAP_TABLES:
            super().slice(read, table, after, upto, looked)
            return
        (column,) = self.columns(read, table)
        rows = read.v5(
            f"SELECT id, {column} AS document FROM {table} WHERE id > %s AND id <= %s", [after, upto]
        )
        looked.examined(None, len(rows))
        for row in rows:
            if row.document and (why := _secret(str(row.document))):
                looked.find(
                    Seen(Kind.VIOLATION, None, v5_table=table, v5_id=row.id, field=column, message=why)
                )

    def bad(self, read: Reading, table: str, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        columns = self.columns(read, table)
        for row in self.values(read, table, columns, after, upto):
            for column, value in zip(columns, row[1:], strict=True):
                if value and (why := _secret(str(value))):
                    yield row.id, column, why, None


def _secret(text: str) -> str:
    if SECRET_KEYS.search(text):
        return "a password, a gateway transaction or an account number"
    for match in CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if digits[0] in "3456" and len(set(digits)) > 3 and _luhn(digits):
            return "what looks like a card number"
    return ""


def _luhn(digits: str) -> bool:
    doubled = [int(one) * (2 if place % 2 else 1) for place, one in enumerate(reversed(digits))]
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0


class Images(_Mapped):
    id, title = "R-79", _("Pictures are files, not texts in the database")
    how = _("No column of our V5 rows holds a picture as text.")
    severity, phase, rule = Severity.W, 2, "R-79"

    def columns(self, read: Reading, table: str) -> list[str]:
        found = with_id(read, "v5")[table]
        return [
            name for name, one in found.items() if name in ("image", "logo", "avatar", "file", "icon", "flag")
        ]

    def bad(self, read: Reading, table: str, after: int, upto: int) -> Iterator[tuple[int, str, str, Any]]:
        columns = self.columns(read, table)
        for row in self.values(read, table, columns, after, upto):
            for column, value in zip(columns, row[1:], strict=True):
                if value and DATA_URI.search(str(value)[:100]):
                    yield row.id, column, "a picture as text", None


def _json_columns(table: str) -> list[str]:
    """Columns of a V5 table that hold documents, by the dictionary (SQLite and MariaDB call them text)."""
    from django.apps import apps
    from django.db.models import JSONField

    for model in apps.get_app_config("entities").get_models():
        if model._meta.db_table == table and getattr(model, "database", "v5") == "v5":
            return [field.column for field in model._meta.concrete_fields if isinstance(field, JSONField)]
    return []


CHECKS: tuple[type[Check], ...] = (Documents, Orphans, Letters, Written, Deleted, Ranges, Secrets, Images)

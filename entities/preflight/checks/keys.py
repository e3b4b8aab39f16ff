"""Is there room for the ids, and is the target free of what would get in the way?"""

from __future__ import annotations

from django.db import connections
from django.utils.translation import gettext_noop as _

from entities.engine import schema, vendors
from entities.preflight import sql
from entities.preflight.check import Answer, Check, Finding, Scope, Severity
from entities.preparation import findings
from tracking.sentences import sentence

# One legacy row may become many (an absence one row per day, a line one row per date).
MOST_ROWS_PER_LEGACY_ROW = 10

# What V5 itself treats as one thing, without a constraint that says so: (table, columns).
NATURAL_KEYS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("languages", ("code",)),
    ("sport_types", ("name",)),
    ("sports", ("name", "sport_type")),
    ("service_type", ("name",)),
    ("stations", ("name", "country")),
    ("schools", ("slug",)),
    ("schools", ("name",)),
    ("users", ("email",)),
    ("seasons", ("school_id", "name")),
    ("school_users", ("school_id", "user_id")),
    ("clients_schools", ("client_id", "school_id")),
    ("clients_sports", ("client_id", "school_id", "sport_id")),
    ("clients_utilizers", ("main_id", "client_id")),
    ("monitors_schools", ("monitor_id", "school_id")),
    ("monitor_sports_degrees", ("monitor_id", "sport_id", "school_id")),
    ("vouchers", ("school_id", "code")),
)


class Capacity(Check):
    id = "P-20"
    title = _("The id columns have room")
    rule = "GR-05, GR-18, GR-23"

    def run(self, scope: Scope) -> Answer:
        legacy = sorted(schema.live("legacy").tables)
        most_rows = max((sql.number_of_rows("legacy", table) for table in legacy), default=0)
        largest = max(
            (findings.largest_id(table) for table in legacy if sql.present("legacy", f"{table}.id")),
            default=0,
        )
        found = [*self._ids(most_rows * MOST_ROWS_PER_LEGACY_ROW), *self._old_ids(largest)]
        if found:
            return self.found(_("a key column is too small"), found, _("widen the column before the load"))
        return self.ok(
            sentence(
                "room for %(times)s × the largest legacy table (%(n)s rows) everywhere",
                times=MOST_ROWS_PER_LEGACY_ROW,
                n=most_rows,
            )
        )

    def _ids(self, needed: int) -> list[str]:
        connection, found = connections["v5"], []
        for model in findings.models_of("v5"):
            table = model._meta.db_table
            column = schema.live("v5").columns(table).get("id")
            if column is None or column.type not in schema.INTEGER_TYPES:
                continue
            following = vendors.of(connection).next_id(connection, table)
            if following + needed > largest_value(column):
                found.append(
                    f"{table}.id ({column.type}): next id {following}, largest {largest_value(column)}"
                )
        return found

    def _old_ids(self, largest: int) -> list[str]:
        found = []
        for model in findings.models_of("v5"):
            column = schema.live("v5").columns(model._meta.db_table).get("old_id")
            if column is not None and largest > largest_value(column):
                found.append(
                    f"{model._meta.db_table}.old_id ({column.type}): the largest legacy id is {largest}"
                )
        return found


class NextIds(Check):
    id = "P-21"
    title = _("New bookings and vouchers are numbered above the legacy ones")
    rule = "GR-18"
    severity = Severity.INFO

    def run(self, scope: Scope) -> Answer:
        below = findings.ids_below_legacy()
        if below:
            return self.found(_("the load raises the next ids"), below)
        return self.ok(_("next ids are above every legacy id"))


class TargetRows(Check):
    id = "P-22"
    title = _("Rows that V5 holds already")
    rule = "GR-06"
    severity = Severity.INFO
    needs = ("v5",)

    def run(self, scope: Scope) -> Answer:
        rows = findings.rows_in_targets()
        if not rows:
            return self.ok(_("all target tables are empty"))
        listed = [Finding(f"{table} holds {number} rows", number) for table, number in rows.items()]
        return self.found(
            sentence("%(n)s tables hold rows; equal ones are matched by their natural key", n=len(rows)),
            listed,
        )


class TargetDuplicates(Check):
    id = "P-23"
    title = _("No duplicate natural keys in V5")
    rule = "GR-23"
    severity = Severity.ACKNOWLEDGE
    needs = ("v5",)

    def run(self, scope: Scope) -> Answer:
        found = []
        for table, columns in NATURAL_KEYS:
            if not sql.present("v5", *(f"{table}.{name}" for name in columns)):
                continue
            if number := self._duplicates(table, columns):
                found.append(
                    Finding(f"{table} ({', '.join(columns)}): {number} keys occur more than once", number)
                )
        if found:
            return self.found(
                _("V5 holds duplicates"), found, _("clean them up first: a match by key would be ambiguous")
            )
        return self.ok(_("every natural key occurs once"))

    def _duplicates(self, table: str, columns: tuple[str, ...]) -> int:
        live = schema.live("v5").columns(table)
        keys = [
            f"LOWER(TRIM({sql.quoted('v5', name)}))"
            if live[name].type in schema.TEXT_TYPES
            else sql.quoted("v5", name)
            for name in columns
        ]
        conditions = [f"{sql.quoted('v5', name)} IS NOT NULL" for name in columns]
        conditions += [
            f"{sql.quoted('v5', name)} <> ''" for name in columns if live[name].type in schema.TEXT_TYPES
        ]
        if "deleted_at" in live:
            conditions.append("deleted_at IS NULL")
        groups = (
            f"SELECT 1 FROM {sql.quoted('v5', table)} WHERE {' AND '.join(conditions)}"
            f" GROUP BY {', '.join(keys)} HAVING COUNT(*) > 1"
        )
        return int(sql.value("v5", f"SELECT COUNT(*) FROM ({groups}) AS duplicates"))


def largest_value(column: schema.LiveColumn) -> int:
    bits = schema.INTEGER_TYPES[column.type]
    return int(2**bits if column.unsigned else 2 ** (bits - 1)) - 1

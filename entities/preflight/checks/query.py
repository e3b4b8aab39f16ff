"""Data-quality checks that are one query: the rows of legacy that a rule has to treat specially."""

from __future__ import annotations

import string
from dataclasses import replace
from typing import Any

from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from entities.engine import schema
from entities.preflight import sql
from entities.preflight.check import MOST_IDS, Answer, Check, Finding, Scope, Severity, Verdict
from entities.preflight.schools import MOST_KEPT, InSchool, by_school
from entities.preflight.servers import of
from entities.preparation.encoding import live_name
from tracking.sentences import joined, sentence


class Query(Check):
    """`select` gives the ids of the rows in question as `id`; counted by the server, twenty ids are listed.

    Placeholders: `{table}` is a legacy table by its dictionary name, `{live:x}` says that the row with the
    alias x is not trashed, `{days:first,last}` is the number of days between two dates, `{today}` a date.
    The first table named is the one whose emptiness means "nothing to check".
    """

    needs = ("legacy",)
    severity = Severity.ACKNOWLEDGE

    def __init__(
        self,
        id: str,
        title: str,
        select: str,
        effect: str,
        rule: str = "",
        severity: Severity = Severity.ACKNOWLEDGE,
    ) -> None:
        self.id, self.title, self.select, self.effect = id, title, select, effect  # type: ignore[misc]
        self.rule, self.severity = rule, severity  # type: ignore[misc]

    def run(self, scope: Scope) -> Answer:
        select, tables = render(self.select)
        if not sql.has_rows("legacy", tables[0]):
            return Answer(Verdict.NOTHING, sentence("%(table)s has no rows", table=tables[0]))
        number = int(sql.value("legacy", f"SELECT COUNT(*) FROM ({select}) AS found"))
        if not number:
            return self.ok(_("none"))
        listed = sql.rows("legacy", f"SELECT id FROM ({select}) AS found ORDER BY id LIMIT {MOST_IDS}")
        ids = tuple(int(key) for (key,) in listed)
        answer = self.found(
            joined(": ", [str(number), sentence(self.effect)]), [Finding(tables[0], number, ids)]
        )
        return replace(answer, schools=by_school(tables[0], select, scope.totals))


def render(select: str) -> tuple[str, list[str]]:
    """The statement for this database and the live names of its tables; LookupError names missing ones."""
    tables: list[str] = []
    parts = []
    for text, name, argument, _conversion in string.Formatter().parse(select):
        parts.append(text)
        if name is not None:
            parts.append(_placeholder(name, argument or "", tables))
    return "".join(parts), tables


def _placeholder(name: str, argument: str, tables: list[str]) -> str:
    if name == "live":
        # Some dumps hold 0 or a zero date for "not deleted".
        return f"({argument}.deleted_at IS NULL OR {argument}.deleted_at LIKE '0%')"
    if name == "days":
        return str(of(connections["legacy"]).days_between(*argument.split(",")))
    if name == "today":
        return f"'{timezone.now():%Y-%m-%d}'"
    live = live_name(name)
    if live is None:
        raise LookupError(f"legacy has no table {name}")
    tables.append(live)
    return sql.quoted("legacy", live)


class Orphans(Check):
    """Every reference of legacy, whether or not its database enforces it."""

    id = "P-39"
    title = _("Legacy rows whose parent does not exist")
    rule = "R-72"
    severity = Severity.ACKNOWLEDGE
    needs = ("legacy",)

    def run(self, scope: Scope) -> Answer:
        from entities.preflight.relations import RELATIONS

        found, schools = list[Finding](), list[InSchool]()
        for child, column, parent in RELATIONS:
            if finding := _orphans(child, column, parent):
                found.append(finding)
                select, (table, _) = orphans_of(child, column, parent)
                schools += by_school(table, select, scope.totals)
        if not found:
            return self.ok(sentence("%(n)s relations, no orphan", n=len(RELATIONS)))
        number = sum(finding.count for finding in found)
        message = sentence(
            "%(n)s references lead nowhere; the rules of each entity say what becomes of the rows", n=number
        )
        return replace(self.found(message, found), schools=added_up(schools))


def orphans_of(child: str, column: str, parent: str) -> tuple[str, list[str]]:
    """The statement that gives the ids of the orphans of one relation, and the live names of its tables."""
    return render(
        f"SELECT c.id FROM {{{child}}} c LEFT JOIN {{{parent}}} p ON p.id = c.{column}"
        f" WHERE c.{column} IS NOT NULL AND p.id IS NULL"
    )


def added_up(found: list[InSchool]) -> tuple[InSchool, ...]:
    """One entry per table and school: a row with two faults counts once among the kept keys."""
    by_place: dict[tuple[str, int | None], InSchool] = {}
    for one in found:
        place = (one.table, one.school)
        before = by_place.get(place, replace(one, count=0, ids=()))
        ids = tuple(sorted({*before.ids, *one.ids}))[:MOST_KEPT]
        count = len(ids) if len(ids) < MOST_KEPT else before.count + one.count
        by_place[place] = replace(one, count=count, ids=ids)
    return tuple(by_place.values())


def _orphans(child: str, column: str, parent: str) -> Finding | None:
    select, (table, _) = orphans_of(child, column, parent)
    if column not in schema.live("legacy").columns(table):
        raise LookupError(f"legacy has no column {table}.{column}")
    number = int(sql.value("legacy", f"SELECT COUNT(*) FROM ({select}) AS found"))
    if not number:
        return None
    listed: list[tuple[Any, ...]] = sql.rows("legacy", f"{select} ORDER BY c.id LIMIT {MOST_IDS}")
    return Finding(f"{table}.{column} -> {parent}", number, tuple(int(key) for (key,) in listed))

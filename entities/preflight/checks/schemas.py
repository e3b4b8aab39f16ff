"""Do the live databases look as the migration expects them to?"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from django.utils.translation import gettext_noop as _

from entities.engine import schema
from entities.engine.lineage import LegacyArchive, LegacyIdMapping, RollbackArchive
from entities.preflight.check import Answer, Check, Finding, Scope, Severity
from entities.preparation import findings
from tracking.sentences import sentence


class LegacySchema(Check):
    id = "P-06"
    title = _("Every legacy table and column is known")
    rule = "GR-23"
    needs = ("legacy",)

    def run(self, scope: Scope) -> Answer:
        found = [*self._unknown_tables(), *self._differences()]
        if found:
            step = _("add what is unknown to the models and declare its fate, or exclude it with a reason")
            return self.found(_("the live schema differs from the models"), found, step)
        return self.ok(sentence("%(n)s tables, all columns as expected", n=len(schema.live("legacy").tables)))

    def _unknown_tables(self) -> Iterator[Finding]:
        known: set[str] = set()
        for model in findings.models_of("legacy"):
            known |= {model._meta.db_table, *model.aliases}
        for table in sorted(schema.live("legacy").tables - known):
            yield Finding(f"unknown table {table}")

    def _differences(self) -> Iterator[Finding]:
        live = schema.live("legacy")
        for model in findings.models_of("legacy"):
            spellings = [name for name in (model._meta.db_table, *model.aliases) if name in live.tables]
            if not spellings:
                yield Finding(f"missing table {model._meta.db_table}")
                continue
            if len(spellings) > 1:
                yield Finding(f"one table under several names: {', '.join(spellings)}")
            expected, present = columns_of(model), set(live.columns(spellings[0]))
            for name in sorted(expected - present - model.possible_columns):
                yield Finding(f"missing column {spellings[0]}.{name}")
            for name in sorted(present - expected - model.possible_columns):
                yield Finding(f"unknown column {spellings[0]}.{name}")


class V5Schema(Check):
    id = "P-07"
    title = _("Every V5 table and column that is written exists")
    rule = "GR-12, GR-23"
    needs = ("v5",)

    def run(self, scope: Scope) -> Answer:
        found = [item for model in self._written() for item in self._differences(model)]
        if found:
            step = _("check that V5_DATABASE_URL names a V5 database of the expected version")
            return self.found(_("the live schema differs from the models"), found, step)
        return self.ok(_("all tables and columns that are written are there"))

    def _written(self) -> list[Any]:
        # Their own check says whether they are there.
        return [
            model
            for model in findings.models_of("v5")
            if model not in (LegacyIdMapping, LegacyArchive, RollbackArchive)
        ]

    def _differences(self, model: Any) -> Iterator[Finding]:
        live, table = schema.live("v5"), model._meta.db_table
        if table not in live.tables:
            yield Finding(f"missing table {table}")
            return
        present, expected = live.columns(table), columns_of(model)
        for name in sorted(expected - set(present) - model.conditional - model.added):
            yield Finding(f"missing column {table}.{name}")
        for name in sorted(set(present) - expected):
            if not present[name].has_default:
                yield Finding(f"unknown column {table}.{name} has no default, so no row can be written")


class ColumnCoverage(Check):
    id = "R-08"
    title = _("Every legacy column is mapped, used, kept or excluded with a reason")
    rule = "R-08"
    needs = ("legacy",)

    def run(self, scope: Scope) -> Answer:
        # Imported here: declarations that cannot be read are an answer, not a broken command.
        coverage = import_module("entities.engine.coverage")
        gaps = [str(gap) for gap in coverage.gaps()]
        if gaps:
            return self.found(
                sentence("%(n)s columns have no fate", n=len(gaps)),
                gaps,
                _("declare each as mapped, input, kept or excluded"),
            )
        return self.ok(_("coverage is 100 %"))


class ConditionalColumns(Check):
    id = "P-08"
    title = _("V5 columns that only some databases have")
    rule = "GR-23"
    severity = Severity.INFO
    needs = ("v5",)

    def run(self, scope: Scope) -> Answer:
        absent = findings.absent_conditional_columns()
        return (
            self.found(sentence("%(n)s are absent and left out", n=len(absent)), absent)
            if absent
            else self.ok(_("all are there"))
        )


class SeasonTriggers(Check):
    id = "P-09"
    title = _("No trigger stands in the way of seasons")
    rule = "GR-23"
    severity = Severity.ACKNOWLEDGE
    needs = ("v5",)

    def run(self, scope: Scope) -> Answer:
        triggers = findings.season_triggers()
        if not triggers:
            return self.ok(_("seasons has no trigger"))
        return self.found(
            _("with the known triggers no season can be written with is_active = 1"),
            triggers,
            _(
                "migrate seasons as inactive (Q-14), drop the triggers before cut-over and put working ones back"
            ),
        )


class SignMismatches(Check):
    id = "P-10"
    title = _("References and their keys agree on the sign")
    rule = "GR-23"
    severity = Severity.INFO
    needs = ("v5",)

    def run(self, scope: Scope) -> Answer:
        pairs = findings.sign_mismatches()
        if not pairs:
            return self.ok(_("all agree"))
        return self.found(
            sentence(
                "%(n)s differ: the server cannot enforce them, the validation checks them", n=len(pairs)
            ),
            pairs,
        )


def columns_of(model: Any) -> set[str]:
    return {field.column for field in model._meta.concrete_fields}

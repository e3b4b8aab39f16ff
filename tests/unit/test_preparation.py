"""The declarations of the preparation: they say the same as the models, in both dialects."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import models

from entities import registry
from entities.bookings.v5 import V5BookingParticipant
from entities.engine.fields import Copy
from entities.engine.lineage import LegacyArchive, LegacyIdMapping, RollbackArchive
from entities.preparation.errors import said
from entities.preparation.findings import models_of
from entities.preparation.servers import mysql, sqlite
from entities.preparation.steps import CreateTable, declared, from_record
from entities.preparation.tables import ADDED, ARCHIVE, MAP, PARTICIPANTS, ROLLBACK, STEPS, Table
from entities.preparation.text_flow import FLOW

TABLES = {
    MAP: LegacyIdMapping, ARCHIVE: LegacyArchive, PARTICIPANTS: V5BookingParticipant, ROLLBACK: RollbackArchive,
}  # fmt: skip


@pytest.mark.parametrize(("table", "model"), TABLES.items(), ids=lambda item: getattr(item, "name", ""))
def test_a_created_table_has_the_columns_of_its_model(table: Table, model: Any) -> None:
    assert table.name == model._meta.db_table
    assert table.column_names == {field.column for field in model._meta.concrete_fields}
    nullable = {column.name for column in table.columns if column.nullable}
    assert nullable == {field.column for field in model._meta.concrete_fields if field.null}


def test_the_added_columns_are_those_that_the_models_promise() -> None:
    promised = {model._meta.db_table: set(model.added) for model in models_of("v5") if model.added}
    assert {table: {column.name for column in columns} for table, columns in ADDED.items()} == promised


def test_the_map_is_unique_by_record_and_part_and_found_by_its_target() -> None:
    assert MAP.unique == ("entity_type", "legacy_id", "part")
    assert ("v5_table", "v5_id") in MAP.indexes


@pytest.mark.parametrize("server", [mysql, sqlite], ids=["mysql", "sqlite"])
@pytest.mark.parametrize("table", [*TABLES, STEPS], ids=lambda table: table.name)
def test_names_of_keys_fit_every_server(server: Any, table: Table) -> None:
    names = [server.index_name(table.name, key) for key in (table.unique, *table.indexes) if key]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 64 for name in names)


def test_every_declared_step_is_found_again_by_its_recorded_name() -> None:
    assert [from_record(step.name, "") for step in declared()] == declared()
    assert len({step.name for step in declared()}) == len(declared())
    assert from_record("something from another version", "") is None


def test_a_recorded_conversion_knows_its_table_and_columns() -> None:
    step: Any = from_record("convert text of clients", '{"city": "`city` text"}')
    assert (step.table, step.columns) == ("clients", ("city",))


def test_the_steps_are_previewable_on_both_servers() -> None:
    create = next(step for step in declared() if isinstance(step, CreateTable))
    assert mysql.create_table(create.table)[0].startswith("CREATE TABLE `legacy_id_mappings`")
    assert len(sqlite.create_table(create.table)) == 1 + len(create.table.indexes)


@pytest.mark.parametrize(
    ("line", "converted"),
    [
        ("`a` varchar(10) DEFAULT NULL", "`a` varchar(10) {} DEFAULT NULL"),
        ("`a` text NOT NULL", "`a` text {} NOT NULL"),
        (
            "`a` varchar(3) CHARACTER SET latin1 COLLATE latin1_swedish_ci NOT NULL DEFAULT 'CHF'",
            "`a` varchar(3) {} NOT NULL DEFAULT 'CHF'",
        ),
        ("`a` text COLLATE latin1_german1_ci DEFAULT NULL", "`a` text {} DEFAULT NULL"),
        ("`a` enum('x','it''s )') NOT NULL DEFAULT 'x'", "`a` enum('x','it''s )') {} NOT NULL DEFAULT 'x'"),
        (
            "`a` varchar(9) DEFAULT ' COLLATE x' COMMENT 'CHARACTER SET y'",
            "`a` varchar(9) {} DEFAULT ' COLLATE x' COMMENT 'CHARACTER SET y'",
        ),
    ],
)
def test_a_conversion_changes_the_letters_and_nothing_else(line: str, converted: str) -> None:
    assert mysql.in_utf8mb4(line) == converted.format("CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")


def test_a_definition_that_is_not_understood_is_refused() -> None:
    with pytest.raises(ValueError, match="column a is not understood"):
        mysql.in_utf8mb4("`a` (strange")


def _column(name: str, database: str) -> models.Field:
    table, column = name.split(".")
    for model in apps.get_app_config("entities").get_models():
        if getattr(model, "database", "") == database and model._meta.db_table == table:
            return next(field for field in model._meta.concrete_fields if field.column == column)
    raise AssertionError(f"no table {table} in {database}")


@pytest.mark.parametrize("source", FLOW)
def test_text_flows_between_columns_that_exist(source: str) -> None:
    assert isinstance(_column(source, "legacy"), models.CharField | models.TextField)
    for target in FLOW[source]:
        assert isinstance(_column(target, "v5"), models.CharField | models.TextField)


def test_text_that_a_declaration_copies_is_scanned() -> None:
    copied = {pair for name in registry.MIGRATIONS for pair in _copied_text(name)}
    assert copied
    assert {pair for pair in copied if pair[1] not in FLOW.get(pair[0], ())} == set()


def _copied_text(name: str) -> list[tuple[str, str]]:
    try:
        migration = registry.get(name)
    except ModuleNotFoundError:
        return []
    pairs = []
    for mapping in migration.mappings:
        source, target = mapping.source._meta, mapping.target._meta
        for column, field in mapping.fields.items():
            if field.name == "password":  # a hash, or replaced by an unusable one: always ASCII
                continue
            if isinstance(field, Copy) and _is_text(source, field.source) and _is_text(target, column):
                pairs.append((f"{source.db_table}.{field.source}", f"{target.db_table}.{column}"))
    return pairs


def _is_text(meta: Any, column: str) -> bool:
    kinds = {field.column: field for field in meta.concrete_fields}
    return isinstance(kinds[column], models.CharField | models.TextField)


def test_a_server_is_quoted_without_the_values_of_records() -> None:
    error = Exception(
        "(1366, \"Incorrect string value: '\\xC5\\x81ukasz' for column `v5`.`clients`.`city`\")"
    )
    assert "ukasz" not in said(error)
    assert "`clients`.`city`" in said(error)
    assert (
        said(Exception("Duplicate entry 'a@b.ch' for key 'email'")) == "Duplicate entry '…' for key 'email'"
    )
